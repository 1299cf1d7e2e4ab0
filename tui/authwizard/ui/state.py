"""What is known of the run at this moment? One frozen value, folded from the engine's events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Literal

from authwizard.model.events import Event, Judged, Leading, Note, ProbeEnded, ProbeStarted, RunEnded, RunStarted
from authwizard.model.finding import Finding, Skip, Status
from authwizard.model.frozen import dataclass
from authwizard.model.options import RunOptions
from authwizard.model.run import Run, Verdict, step_status
from authwizard.ui.services import StepWords, Subject

Phase = Literal["idle", "running", "done", "cancelled", "failed"]

Place = int | Literal["verdict"]
"""Where the walk stands: a step's number (0 intake, 9 verification) or the verdict."""

PLACES: tuple[Place, ...] = (0, 1, 2, 3, 4, 5, 6, 7, 8, 9, "verdict")
"""The walk in order."""


@dataclass(frozen=True)
class Active:
    """A probe that is looking now. `since` is the app's clock in seconds."""

    purpose: str
    since: float


@dataclass(frozen=True)
class RunState:
    """A run as the screens show it. Times are seconds of the app's own clock."""

    run_id: int = 0
    subject: Subject = ""
    name: str = ""
    environment: str = ""
    request: str = ""
    options: RunOptions = field(default_factory=RunOptions)
    phase: Phase = "idle"
    started: float = 0.0
    ended: float = 0.0
    words: tuple[StepWords, ...] = ()
    findings: Mapping[str, Finding] = field(default_factory=dict)
    active: Mapping[str, Active] = field(default_factory=dict)
    verdict: Verdict | None = None
    """The leading verdict while the run goes on, the final one when it is done."""
    notes: tuple[str, ...] = ()
    run: Run | None = None
    problem: str = ""
    """Why the run ended without a verdict."""
    sent_given: bool = False
    """The user showed what their own program sends."""

    def seconds(self, now: float) -> float:
        """How long the run took, or takes so far."""
        return max(0.0, (now if self.phase == "running" else self.ended) - self.started)

    def step_words(self, number: int) -> StepWords | None:
        """The words of a step, where they are known."""
        return next((w for w in self.words if w.step.number == number), None)

    def step_findings(self, number: int) -> tuple[Finding, ...]:
        """What was found in a step so far."""
        return tuple(f for f in self.findings.values() if f.step == number)

    def step_mark(self, number: int) -> tuple[Status | None, Skip | None]:
        """A step's worst status so far; (None, None) while nothing of it is judged."""
        findings = self.step_findings(number)
        return step_status(findings) if findings else (None, None)

    @property
    def judged_steps(self) -> int:
        """How many of the eight steps have a finding."""
        return sum(1 for n in range(1, 9) if self.step_findings(n))

    @property
    def answer_status(self) -> str:
        """The HTTP status of the request under test (P0), "" while it is unknown."""
        tries = [e for e in self.run.exchanges if e.id in ("P0", "P0-again")] if self.run else []
        return str(tries[-1].status) if tries and tries[-1].status else ""


def folded(state: RunState, event: Event, now: float) -> RunState:
    """Return the state after an event; `now` is the app's clock."""
    match event:
        case RunStarted():
            return replace(state, phase="running")
        case ProbeStarted(probe, purpose):
            return replace(state, active={**state.active, probe: Active(purpose, now)})
        case ProbeEnded(probe):
            return replace(state, active={k: v for k, v in state.active.items() if k != probe})
        case Judged(finding):
            return replace(state, findings={**state.findings, finding.check: finding})
        case Leading(verdict):
            return replace(state, verdict=verdict)
        case Note(text):
            return replace(state, notes=(*state.notes, text))
        case RunEnded(run):
            return _done(state, run, now)


def _done(state: RunState, run: Run, now: float) -> RunState:
    findings = {f.check: f for step in run.steps for f in step.findings}
    return replace(
        state, phase="done", ended=now, active={}, findings=findings, verdict=run.verdict, run=run, notes=run.notes or state.notes,
        environment=run.environment or state.environment, request=run.request or state.request,
    )  # fmt: skip


def next_place(place: Place, by: int = 1) -> Place:
    """The place before or after in the walk; the ends stay where they are."""
    return PLACES[max(0, min(len(PLACES) - 1, PLACES.index(place) + by))]
