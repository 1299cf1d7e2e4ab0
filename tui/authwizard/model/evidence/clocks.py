"""What time it is, by whom; and whether the record of the run gives a secret away."""

from __future__ import annotations

from authwizard.model.evidence.base import Evidence
from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class NetworkTime(Evidence):
    """S6-01: this machine against SNTP. `offset_seconds` > 0: the server is ahead; `error_seconds` half the best round trip."""

    server: str
    offset_seconds: float
    error_seconds: float
    samples: int = 1


@dataclass(frozen=True)
class RunClock(Evidence):
    """Unix seconds of this machine when the run began; the fallback where no other clock was seen."""

    now: float
    utc_offset_seconds: int | None = None
    """How far this machine's time zone is ahead of UTC, in seconds; None = not looked at."""
    monotonic: float | None = None
    """Seconds of a clock that nobody sets, read at the same moment; None where `now` was told by the user."""


@dataclass(frozen=True)
class ClockSync(Evidence):
    """S6-05: what this machine's own time service says; `synchronised` None = it did not say. `tool` is the command that was run."""

    tool: str
    synchronised: bool | None = None
    said: str = ""


@dataclass(frozen=True)
class ClockDrift(Evidence):
    """S6-07: how far the clock moved against one that nobody sets, since the run began. Seconds; > 0: it was put forward."""

    seconds: float
    elapsed_seconds: float


@dataclass(frozen=True)
class RecordScan(Evidence):
    """V-08: which secrets (by label, never by value) were found in what this run recorded; () = none."""

    labels: tuple[str, ...] = ()
    texts: int = 0
