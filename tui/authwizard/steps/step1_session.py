"""Which cookies carry a session, by their usual names?"""

from __future__ import annotations

import re

SESSION_COOKIE = re.compile(
    r"(?:^|[-_.])(?:sess(?:ion)?(?:id)?|sid|connect\.sid|jsessionid|phpsessid|auth|token|jwt)(?:$|[-_.])", re.IGNORECASE
)
