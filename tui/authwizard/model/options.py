"""What a run was told: what it may do, what the user saw, how long it may take."""

from __future__ import annotations

import enum

from authwizard.model.frozen import dataclass


class Cost(enum.StrEnum):
    """Cost class of a request (CHECKS 0): C0 passive ... C5 state-changing."""

    C0 = "C0"
    C1 = "C1"
    C2 = "C2"
    C3 = "C3"
    C4 = "C4"
    C5 = "C5"


@dataclass(frozen=True)
class RunOptions:
    """The user's choices for one run."""

    costs: frozenset[Cost] = frozenset({Cost.C0, Cost.C1, Cost.C2, Cost.C3, Cost.C4})
    """Cost classes consented to; C5 is governed by the three `allow_*` fields."""
    allow_refresh: bool = False
    allow_write: bool = False
    allow_http: bool = False
    thorough: bool = False
    reported_401: bool = False
    """The user's program got a 401 here (also set by `--sent`, `--sometimes` and a pasted 401)."""
    sometimes: bool = False
    timeout_seconds: float | None = None
    api_budget: int = 12
    token_budget: int = 3
    now: float | None = None
    """Unix seconds to judge at where nothing is sent (`--passive`, pasted answers); None = the time of the run."""
    practice: str = ""
    """The fault of the practice platform that is looked at; nothing of its profile is saved."""
    without_credential: bool = False
    """What was pasted has no credential: the request without one is the user's request."""

    @property
    def passive(self) -> bool:
        """Whether nothing at all may be sent."""
        return self.costs <= {Cost.C0}
