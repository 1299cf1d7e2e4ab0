"""What a cell of the table "server x fault" is, how it is run and how its verdict is judged."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from .world import World

LOUD = {"likely", "very_likely", "proven", "confirmed"}
"""The confidences at which a wrong cause is worse than none."""
NAMED = ("right",)
"""The server's answer and what the profile knows decide: the cause must be named."""
OPEN = ("right", "honest")
"""Nothing within reach decides: the verdict may say so, with the true cause among its candidates."""


@dataclass(frozen=True)
class Setup:
    """One profile, as a user saves it, and the secrets it refers to."""

    base: str
    request: str = "GET /v2/me"
    credential: Mapping[str, str] = field(default_factory=dict)
    oauth: Mapping[str, Any] = field(default_factory=dict)
    expect: Mapping[str, Any] = field(default_factory=dict)
    network: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    in_files: tuple[str, ...] = ()
    """Secrets that are kept in files of their own, where a successor can be written back."""
    options: tuple[str, ...] = ()
    shift: int = 0
    """By how many seconds the clock of this machine is wrong."""

    def text(self, folder: Path) -> str:
        """Return profiles.toml; every secret is a reference to the environment, or to a file of the folder."""
        tables: dict[str, Mapping[str, Any]] = {
            "": {"environment": "production", "base_url": self.base, "request": self.request, **self.more},
            ".credential": {"kind": "bearer", **self.credential},
            ".oauth": self.oauth,
            ".expect": self.expect,
            ".network": {"ntp_server": "none", "proxy": "none", **self.network},
            ".secrets": {name: f"file:{folder / name}" if name in self.in_files else f"env:{variable(name)}" for name in self.secrets},
            ".headers": self.headers,
        }
        lines = ["version = 1"]
        for name, members in tables.items():
            lines.append(f"[profile.prod{name}]")
            lines += [f"{key} = {json.dumps(value)}" for key, value in members.items()]
        return "\n".join(lines) + "\n"


def variable(secret: str) -> str:
    """Return the environment variable a secret comes from."""
    return f"E2E_{secret.upper()}"


@dataclass(frozen=True)
class Cell:
    """One fault on one server, and what is true of it."""

    server: str
    fault: str
    make: Callable[[World], Setup]
    causes: tuple[str, ...]
    """The causes that are true, () where nothing is broken."""
    allowed: tuple[str, ...] = NAMED
    step: int | None = None
    """The step of record; None where it is not checked."""
    known: str = "full"
    """What the profile knows: "full" (issuer, client, expectations) or "bare" (a URL and a token alone)."""
    warns: str = ""
    """A cause that must be warned of, or a check that must warn."""
    waits_for: str = ""
    """Why the cell cannot be right yet."""

    def __str__(self) -> str:
        return f"{self.server}-{self.fault}-{self.known}".replace(" ", "_")


@dataclass(frozen=True)
class Outcome:
    """How a verdict stands to the truth: right, honest (it cannot tell, and names the truth among its candidates), or wrong."""

    word: str
    said: str

    def __str__(self) -> str:
        return f"{self.word}: {self.said}"


def judge(verdict: Mapping[str, Any], causes: tuple[str, ...]) -> Outcome:
    """Hold a verdict against the causes that are true; none is true where nothing is broken."""
    said = f"{verdict['cause'] or verdict['kind']}{' ' + verdict['confidence'] if verdict['confidence'] else ''}"
    if not causes:
        return Outcome("right" if verdict["kind"] == "healthy" else "wrong", said)
    if verdict["kind"] in ("cause", "could_not_look") and verdict["cause"] in causes:
        return Outcome("right", said)
    # "One of these two" names no cause: it is as open as "cannot tell".
    tied = verdict["tie_with"] in causes and verdict["confidence"] not in LOUD
    if tied:
        return Outcome("honest", f"{verdict['cause']} or {verdict['tie_with']}")
    candidates = {c["cause"] for c in verdict["candidates"]}
    return Outcome("honest" if verdict["kind"] == "cannot_tell" and candidates & set(causes) else "wrong", said)
