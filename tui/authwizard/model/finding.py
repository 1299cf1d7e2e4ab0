"""What a check says: a status, its evidence, and arguments for and against causes."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import field

from authwizard.model.frozen import dataclass


class Status(enum.StrEnum):
    """How a check or step ended (DESIGN: pass, warn, fail, skip, blocked, crashed)."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    SKIP = "skip"
    BLOCKED = "blocked"
    CRASHED = "crashed"


class Skip(enum.StrEnum):
    """Why a check was skipped."""

    NOT_TRIED = "not_tried"
    NOT_APPLICABLE = "not_applicable"


class Grade(enum.StrEnum):
    """The strength of an argument: proof, strong, moderate, weak; X = against. `points` as CHECKS 13.4."""

    P = "P"
    S = "S"
    M = "M"
    W = "W"
    XP = "XP"
    XS = "XS"
    XM = "XM"

    @property
    def points(self) -> int:
        """What the argument adds to its cause's score."""
        return {"P": 1000, "S": 60, "M": 30, "W": 8, "XP": -1000, "XS": -60, "XM": -25}[self.value]

    @property
    def against(self) -> bool:
        """Whether the argument speaks against its cause."""
        return self.value.startswith("X")


class Group(enum.StrEnum):
    """Where an argument comes from: of one group only the strongest counts (CHECKS 13.4)."""

    LOCAL_CLAIMS = "local-claims"
    LOCAL_BYTES = "local-bytes"
    SERVER_MESSAGE = "server-message"
    RESPONSE_CLASS = "response-class"
    TIME = "time"
    METADATA = "metadata"
    CROSS_PROFILE = "cross-profile"
    SWAP = "swap"
    TOKEN_ENDPOINT = "token-endpoint"
    INTROSPECTION = "introspection"
    ENVIRONMENT = "environment"
    SENT = "sent"
    """What the user's own program was seen to send."""


class Owner(enum.StrEnum):
    """Whose turn it is."""

    YOU = "you"
    YOUR_PROGRAM = "your_program"
    API_OWNER = "api_owner"
    AUTHORIZATION_SERVER_ADMIN = "authorization_server_admin"
    NETWORK = "network"
    NOBODY_CAN_TELL = "nobody_can_tell"


@dataclass(frozen=True)
class Argument:
    """One item for or against a cause: a sentence that needs no other context to be understood."""

    cause: str
    grade: Grade
    group: Group
    text: str
    factor: str = ""
    """For group SWAP: the one factor that was changed (its own evidence group each)."""
    provenance: str = ""
    """Where an expectation came from: user, metadata, discovery, token, server message, other profile."""
    owner: Owner | None = None
    """Overrides the cause's owner."""
    on_local_clock: bool = False
    """The argument rests on this machine's clock alone (dominance rule of clock_skew_client)."""


@dataclass(frozen=True)
class Line:
    """A line of evidence: label, value, and an optional judgement mark (a Status) with a short word."""

    label: str
    value: str
    mark: Status | None = None
    note: str = ""
    against: str = ""
    """What the value was compared with; the wizard marks the part in which it differs."""


@dataclass(frozen=True)
class Table:
    """Evidence in columns: header row and rows of the same length."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""
    compared: tuple[int, int] | None = None
    """Two columns whose values should be alike; the wizard marks the part in which they differ."""


@dataclass(frozen=True)
class Span:
    """A stretch from `start` to `end` on the line of a `Scale`; with `at`, a point whose error reaches from `start` to `end`."""

    start: float
    end: float
    at: float | None = None

    @classmethod
    def point(cls, at: float, error: float = 0.0) -> Span:
        """Return a point with an error to both sides."""
        return cls(at - error, at + error, at)


@dataclass(frozen=True)
class Scale(Table):
    """A table each row of which is also a stretch on one common line: the wizard draws it to scale, a report writes the table."""

    spans: tuple[Span, ...] = ()
    """One for each row, all in one unit."""
    beside: tuple[int, ...] = (-1,)
    """The columns that stand beside the drawing; the first column is its label."""


@dataclass(frozen=True)
class Code:
    """A text shown as it is: a header, a command, a response."""

    text: str
    title: str = ""


Detail = Line | Table | Code
LOOKED_FOR = "Looked for"
"""The words before the good state of a check that did not pass."""


Facts = Mapping[str, str | float | bool]
"""Machine-read marks of a finding, for the verdict and the remedy's placeholders."""


@dataclass(frozen=True)
class Outcome:
    """What a check function returns; `check.py` adds the check's id, step and title and makes a Finding."""

    status: Status
    summary: str
    details: tuple[Detail, ...] = ()
    arguments: tuple[Argument, ...] = ()
    facts: Facts = field(default_factory=dict)
    skip: Skip | None = None


@dataclass(frozen=True)
class Finding:
    """A check's result. `facts` are machine-read marks for the verdict (e.g. I-03: triage), not shown as such."""

    check: str
    step: int
    title: str
    status: Status
    summary: str
    details: tuple[Detail, ...] = ()
    arguments: tuple[Argument, ...] = ()
    facts: Facts = field(default_factory=dict)
    skip: Skip | None = None
    sources: tuple[str, ...] = ()

    @property
    def heading(self) -> str:
        """What a person reads first: the good state where the check passes, else the finding's own sentence.

        A title states the good state, so that it would say the opposite of what was found beside the word FAIL.
        """
        return self.title if self.status is Status.PASS or not self.summary else self.summary

    @property
    def below_heading(self) -> str:
        """What stands below the heading: of a check that passes how, else the good state it looked for."""
        if self.status is Status.PASS:
            return self.summary
        return f"{LOOKED_FOR}: {self.title}." if self.summary else ""

    @property
    def causes(self) -> tuple[str, ...]:
        """The causes this finding speaks for, each once, in order."""
        return tuple(dict.fromkeys(a.cause for a in self.arguments if not a.grade.against))
