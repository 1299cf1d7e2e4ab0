"""Evidence, or the reason why there is none: it could not be seen, was not tried, or there is nothing to look at."""

from __future__ import annotations

from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Unavailable:
    """A probe wanted to look and could not; checks that need it are `blocked`. `unblock` says what would help."""

    why: str
    unblock: str = ""
    cause: str = ""
    """A cause the failure itself names (network_unreachable, keyring_unavailable ...), for I-02 and S1-01."""


@dataclass(frozen=True)
class NotTried:
    """A probe was not sent: no consent, no budget, or it would not have changed the verdict."""

    why: str


@dataclass(frozen=True)
class NotApplicable:
    """There is nothing to look at here."""

    why: str


Absence = Unavailable | NotTried | NotApplicable


@dataclass(frozen=True)
class Evidence:
    """Base of everything a probe can bring back."""
