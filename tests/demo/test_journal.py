"""Does the journal keep what a test needs, no more, and no secret?"""

from __future__ import annotations

from authwizard.demo import journal
from authwizard.demo.journal import Journal


def test_old_entries_are_forgotten() -> None:
    kept = Journal()
    for number in range(journal.KEPT + 5):
        kept.record("api", 1, "GET", f"/{number}", 200, None)
    assert len(kept.entries) == journal.KEPT
    assert kept.entries[0].path == "/5"


def test_credentials_are_named_and_paths_made_harmless() -> None:
    kept = Journal()
    kept.record("api", 1, "GET", "/\x1b[2J" + "x" * 500, 401, "Bearer " + "a" * 50)
    kept.record("api", 1, "GET", "/", 401, "Basic dTpw")
    kept.record("api", 1, "GET", "/", 401, None)
    long, short, absent = kept.entries
    assert "\x1b" not in long.path
    assert len(long.path) < 300
    assert (long.authorization, len(long.fingerprint)) == (True, 9)
    assert (short.authorization, short.fingerprint) == (True, "")
    assert (absent.authorization, absent.fingerprint) == (False, "")
