"""What the engine tells while it runs; a screen or a progress line shows it."""

from __future__ import annotations

from typing import Literal

from authwizard.model.finding import Finding
from authwizard.model.frozen import dataclass
from authwizard.model.run import Run, Verdict


@dataclass(frozen=True)
class RunStarted:
    """The run begins; `planned` names the probes of the first phase."""

    profile: str
    planned: tuple[str, ...]


@dataclass(frozen=True)
class ProbeStarted:
    """A probe begins to look; `purpose` is a short phrase for a person."""

    probe: str
    purpose: str


@dataclass(frozen=True)
class ProbeEnded:
    """A probe ended; `why` is set where it brought no evidence."""

    probe: str
    outcome: Literal["seen", "unavailable", "not_tried", "not_applicable"]
    why: str = ""


@dataclass(frozen=True)
class Judged:
    """A check came to a finding (again, where new evidence arrived)."""

    finding: Finding


@dataclass(frozen=True)
class Leading:
    """The verdict as it stands; it can still change until RunEnded."""

    verdict: Verdict


@dataclass(frozen=True)
class Note:
    """One sentence about the run itself (second phase begins, budget spent ...)."""

    text: str


@dataclass(frozen=True)
class RunEnded:
    """The run is complete."""

    run: Run


Event = RunStarted | ProbeStarted | ProbeEnded | Judged | Leading | Note | RunEnded
