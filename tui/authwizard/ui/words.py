"""Which word and which glyph stands for a status, an owner, a confidence, a kind of verdict?"""

from __future__ import annotations

from collections.abc import Mapping

from authwizard.model.finding import Owner, Skip, Status
from authwizard.model.frozen import dataclass
from authwizard.model.run import Confidence, VerdictKind
from authwizard.ui.signs import UNICODE, Glyphs

OWNER_WORDS: Mapping[Owner, str] = {
    Owner.YOU: "YOUR TURN",
    Owner.YOUR_PROGRAM: "YOUR PROGRAM",
    Owner.API_OWNER: "THE API'S OWNER",
    Owner.AUTHORIZATION_SERVER_ADMIN: "THE AUTHORIZATION SERVER'S ADMIN",
    Owner.NETWORK: "THE NETWORK",
    Owner.NOBODY_CAN_TELL: "NOBODY CAN TELL FROM OUTSIDE",
}
"""Whose turn it is: the first line of every verdict."""

CONFIDENCE_WORDS: Mapping[Confidence, str] = {
    "confirmed": "confirmed",
    "proven": "proven",
    "very_likely": "very likely",
    "likely": "likely",
    "possible": "possible",
}
"""How sure a verdict is, from a repair that was seen to work down to a first guess."""

KIND_WORDS: Mapping[VerdictKind, str] = {
    "cause": "cause found",
    "cannot_tell": "cannot tell",
    "healthy": "healthy",
    "not_reproduced": "not reproduced",
    "could_not_look": "could not look",
}


@dataclass(frozen=True)
class Mark:
    """A status as it is shown: glyph and word together, and the style both have."""

    glyph: str
    word: str
    style: str


def mark(status: Status | None, skip: Skip | None = None, signs: Glyphs = UNICODE) -> Mark:
    """Return how a status is shown; None is a check that has not been judged yet."""
    match status:
        case None:
            return Mark(signs.waiting, "WAITING", "dim")
        case Status.PASS:
            return Mark(signs.passed, "PASS", "$success")
        case Status.WARN:
            return Mark(signs.warned, "WARN", "$warning")
        case Status.FAIL:
            return Mark(signs.failed, "FAIL", "bold $error")
        case Status.BLOCKED:
            return Mark(signs.blocked, "BLOCKED", "$accent")
        case Status.CRASHED:
            return Mark(signs.crashed, "CRASHED", "bold $error")
        case Status.SKIP:
            return Mark(signs.skipped, "NOT TRIED" if skip is not Skip.NOT_APPLICABLE else "N/A", "dim")
