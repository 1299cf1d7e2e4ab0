"""A whole run, as every renderer shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from authwizard.model.exchange import Exchange
from authwizard.model.finding import Finding, Owner, Skip, Status
from authwizard.model.frozen import dataclass

VerdictKind = Literal["cause", "cannot_tell", "healthy", "not_reproduced", "could_not_look"]
Confidence = Literal["confirmed", "proven", "very_likely", "likely", "possible"]


@dataclass(frozen=True)
class Sentence:
    """A sentence of the verdict and the check it comes from."""

    check: str
    text: str


@dataclass(frozen=True)
class Candidate:
    """A cause that is still possible, with its score."""

    cause: str
    score: int
    text: str = ""


@dataclass(frozen=True)
class Warned:
    """A cause that does not explain the answer now but would bite later."""

    cause: str
    check: str
    text: str


@dataclass(frozen=True)
class RuledOut:
    """A cause that was excluded, and by what."""

    cause: str
    text: str


@dataclass(frozen=True)
class Remedy:
    """What to do next: prose and commands (redacted)."""

    text: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Verdict:
    """The one answer of a run (DESIGN 3, CHECKS 16)."""

    kind: VerdictKind
    cause: str | None
    owner: Owner
    confidence: Confidence | None
    step: int | None
    summary: str
    because: tuple[Sentence, ...] = ()
    against: tuple[Sentence, ...] = ()
    contradictions: tuple[str, ...] = ()
    mechanisms: tuple[str, ...] = ()
    will_fail_next: tuple[str, ...] = ()
    candidates: tuple[Candidate, ...] = ()
    tie_with: str | None = None
    warnings: tuple[Warned, ...] = ()
    ruled_out: tuple[RuledOut, ...] = ()
    next_test: str = ""
    remedy: Remedy = field(default_factory=lambda: Remedy(""))
    server_log_request: str = ""

    @property
    def ruled_out_by_reason(self) -> Mapping[str, tuple[str, ...]]:
        """Each reason why something is ruled out, once, with the codes of all causes it rules out."""
        reasons: dict[str, tuple[str, ...]] = {}
        for one in self.ruled_out:
            reasons[one.text] = (*reasons.get(one.text, ()), one.cause)
        return reasons

    @property
    def exit_status(self) -> int:
        """The process exit status this verdict stands for (DESIGN 3)."""
        return {"healthy": 0, "cause": 1, "cannot_tell": 3, "could_not_look": 4, "not_reproduced": 5}[self.kind]


@dataclass(frozen=True)
class StepSeen:
    """A step and its findings. 0 = intake, 1 to 8, 9 = verification."""

    number: int
    id: str
    title: str
    question: str
    why: str
    findings: tuple[Finding, ...] = ()

    @property
    def status(self) -> Status:
        """The worst of its findings: crashed, fail, warn, blocked, skip (not tried), pass, skip (does not apply)."""
        return step_status(self.findings)[0]

    @property
    def skip(self) -> Skip | None:
        """Which kind of skip, where the status is skip."""
        return step_status(self.findings)[1]


def step_status(findings: tuple[Finding, ...]) -> tuple[Status, Skip | None]:
    """Return the status of a step with these findings, and the kind of skip."""
    order: tuple[tuple[Status, Skip | None], ...] = (
        (Status.CRASHED, None), (Status.FAIL, None), (Status.WARN, None), (Status.BLOCKED, None),
        (Status.SKIP, Skip.NOT_TRIED), (Status.PASS, None), (Status.SKIP, Skip.NOT_APPLICABLE),
    )  # fmt: skip
    seen = {(f.status, f.skip if f.status is Status.SKIP else None) for f in findings}
    return next((pair for pair in order if pair in seen), (Status.SKIP, Skip.NOT_TRIED))


@dataclass(frozen=True)
class RequestCount:
    """Requests sent, by what they count against (CHECKS 0, DESIGN 5.5)."""

    api: int = 0
    token: int = 0
    verification: int = 0
    other: int = 0


@dataclass(frozen=True)
class Responder:
    """The component that wrote the answer, as far as its marks tell."""

    name: str
    confidence: Confidence | None = None
    logs: str = ""


@dataclass(frozen=True)
class Run:
    """Everything one run saw and concluded; holds no secret."""

    profile: str
    environment: str
    request: str
    started_at: str
    duration_ms: int
    requests: RequestCount
    verdict: Verdict
    steps: tuple[StepSeen, ...]
    exchanges: tuple[Exchange, ...] = ()
    responder: Responder | None = None
    notes: tuple[str, ...] = ()
    facts: Mapping[str, str] = field(default_factory=dict)

    def step(self, number: int) -> StepSeen:
        """Return a step by its number (0 to 9)."""
        return next(s for s in self.steps if s.number == number)
