"""Help: the keys, the words, and what is easily believed and wrong."""

from __future__ import annotations

from authwizard.ui.screens.dialog import Notice
from authwizard.ui.signs import Glyphs
from authwizard.ui.widgets.paragraphs import BLANK, Para

_KEYS = (
    ("1 to 8", "the steps; 0 intake, 9 verification, v verdict"),
    ("n  b", "next and back through the walk, also the right and left arrow"),
    ("Enter", "the action the NEXT line names"),
    ("up down", "scroll the panels, also PgUp and PgDn"),
    ("f", "every check of a step whole, or the telling ones first and the others in brief"),
    ("r", "run again"),
    ("Esc", "cancel the run; closes a dialog"),
    ("d", "the requests and answers, redacted"),
    ("w", "why not the other causes"),
    ("c", "compare with the run before, a saved run or another profile; on Home two profiles"),
    ("e", "write a report"),
    ("a", "after a success: your program gets a 401 here; paste what it sends"),
    ("s", "after a paste: save it as a profile"),
    ("y", "copy the fix; secrets are never copied"),
    ("m", "on Home: copy, rename or export the profile; its secrets' ages"),
    ("i", "on Home: import a profile from a file or a paste, with a preview"),
    ("p", "profiles and the box for a curl command"),
    ("Ctrl+P", "all of these as commands, and the colour themes"),
    ("q", "quit"),
)

_BELIEFS = (
    (
        'A lower-case "bearer" is not wrong in itself: scheme names ignore case (RFC 9110 11.1). Some servers refuse it all the same, and '
        "step 1 measures that."
    ),
    "A 401 does not always mean that the token is bad: the header may never have arrived, or another component answered. Step 8 compares.",
    "A 403 is no 401: the server knows who you are, and step 5 says what is missing.",
    "An opaque token is no fault. Only the authorization server can look inside it (introspection).",
)


class HelpScreen(Notice):
    """Keys and words."""

    def __init__(self, signs: Glyphs) -> None:
        super().__init__("Help", [])
        self._paragraphs = [
            *(Para(words, indent=10, label=key) for key, words in _KEYS),
            BLANK,
            Para("What the marks mean", "bold $secondary"),
            Para("looked at and right", indent=13, label=f"{signs.passed} PASS"),
            Para("risky; cannot explain the 401 alone", indent=13, label=f"{signs.warned} WARN"),
            Para("looked at and wrong", indent=13, label=f"{signs.failed} FAIL"),
            Para("wanted to look and could not; says what would help", indent=13, label=f"{signs.blocked} BLOCKED"),
            Para("not looked at, with the reason", indent=13, label=f"{signs.skipped} NOT TRIED"),
            Para("does not apply to this request", indent=13, label=f"{signs.skipped} N/A"),
            Para("authwizard itself failed here", indent=13, label=f"{signs.crashed} CRASHED"),
            BLANK,
            Para("Easily believed", "bold $secondary"),
            *(Para(belief, indent=0) for belief in _BELIEFS),
            BLANK,
            Para("Without a screen: authwizard check PROFILE says the same in plain text.", "dim"),
        ]
