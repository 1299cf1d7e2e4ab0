"""Does an answer find in memory what judging it needs, once it was read ahead?"""

from __future__ import annotations

import subprocess
import sys

JUDGE = """
import pkgutil
from authwizard.knowledge.read_tables import read_tables
read_tables()
def refuse(*_):
    raise AssertionError("a table is read while an answer is judged")
pkgutil.get_data = refuse
from authwizard.knowledge.causes import cause
from authwizard.knowledge.clients import clients
from authwizard.knowledge.explanation import explain
from authwizard.knowledge.token_errors import tables
explain(403, (("Server", "envoy"),), '{"error": "insufficient_scope", "message": "jwt expired"}')
cause("token_expired"), clients(), tables()
"""


def test_no_table_is_read_twice() -> None:
    done = subprocess.run([sys.executable, "-c", JUDGE], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
