"""How a probe is declared: an async function that looks once, returns evidence, and judges nothing."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import field
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar

from authwizard.check import Need, annotated, needs_of
from authwizard.model.evidence import Absence, Evidence
from authwizard.model.exchange import Exchange, Target
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.model.vault import OtherVaults, SecretVault

if TYPE_CHECKING:
    from authwizard.protocol.redaction import Redactor

T = TypeVar("T")
FINISHING = "authwizard-finishing"
"""The name of the threads that run what must not be stopped."""


@dataclass(frozen=True)
class Request:
    """One request to send. Texts that hold a secret are `Secret`; plain `str` may be recorded as it is (after redaction)."""

    id: str
    purpose: str
    cost: Cost
    target: Target
    method: str
    url: str | Secret
    headers: tuple[tuple[str, str | Secret], ...] = ()
    body: bytes | Secret | None = None
    direct: bool = False
    """Bypass the profile's proxy (only the swap DirectCall)."""
    new_connection: bool = False
    certificate: bool = True
    """Whether the profile's client certificate may be shown; without it where the certificate itself is the credential."""
    http2: bool = False
    """Offer HTTP/2 (needs the package h2); the server chooses."""
    at_once: Callable[[int, tuple[tuple[str, str], ...], bytes], Awaitable[None]] | None = None
    """Awaited with status, header fields and raw body before anything is recorded: what must be kept is kept first."""


@dataclass(frozen=True)
class Answer:
    """What came back: the redacted record, and the raw body (at most 1 MiB) for the probe that asked, never kept in evidence."""

    exchange: Exchange
    raw: bytes = b""
    sent: bool = True
    """False where it is certain that no byte of the request left this machine (a refresh token was not spent)."""


class Halted(Exception):
    """Sending stopped for this run: budget spent, 429, lock-out words, two 5xx, time over. The text is one sentence."""


class Sender(Protocol):
    """The one door to the network: limits, proxies, TLS, budget, consent and recording are its business."""

    async def send(self, request: Request) -> Answer:
        """Send one request without following redirects.

        Transport trouble comes back as `exchange.fault`, never as an exception; raises Halted where the budget or a stop
        rule forbids the request.
        """
        ...

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges of the run so far, in the order they were sent."""
        ...


@dataclass(frozen=True)
class World:
    """What a probe may touch: the profile's secrets, the network, and this run's choices."""

    profile: Profile
    options: RunOptions
    vault: SecretVault
    sender: Sender
    redactor: Redactor
    others: tuple[Profile, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    home: str = ""
    install_key: bytes | None = None
    directory: str = ""
    """The working directory, whose `.env` is compared (I-06); "" = none is read."""
    control: SecretVault | None = None
    """The secrets of the profile named as known_good (S7-05); None = there is none, or `control_problem` says why not."""
    control_problem: str = ""
    elsewhere: OtherVaults | None = None
    """What may be known of the other profiles' secrets (S3-03); None = nothing."""
    base: str = ""
    """The directory of the profiles file, where relative paths of the profile start; "" = the working directory."""


@dataclass(frozen=True)
class Probe:
    """A declared probe. `when`: "first" runs as soon as its evidence is there; "asked" only when the verdict wants it."""

    id: str
    purpose: str
    cost: Cost
    when: Literal["first", "asked"]
    look: Callable[..., Awaitable[Evidence | Absence]]
    gives: type
    needs: tuple[Need, ...]
    finish: bool
    """Once begun it is awaited to its end even when the run is cancelled (a refresh must be kept)."""


def probe(
    id: str, *, purpose: str, cost: Cost, when: Literal["first", "asked"] = "first", finish: bool = False
) -> Callable[[Callable[..., Awaitable[Evidence | Absence]]], Probe]:
    """Declare a probe: first parameter `world: World`, the others are the evidence it needs, the return annotation names its own.

    The return annotation is `EvidenceClass | Absence` (or members of Absence). Raises TypeError where it names not exactly one class.
    """

    def declare(look: Callable[..., Awaitable[Evidence | Absence]]) -> Probe:
        members = [m for m in annotated(look, "return") if isinstance(m, type) and issubclass(m, Evidence)]
        if len(members) != 1:
            raise TypeError(f"{look.__qualname__}: the return annotation must name exactly one evidence class")
        return Probe(id, purpose, cost, when, look, members[0], needs_of(look, skip=("world",)), finish)

    return declare


async def to_its_end(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Await work that nothing may stop once it has begun (a refresh spends a token, and its successor must be kept).

    It runs in an event loop of its own, on a thread that the process waits for: neither a cancelled task nor a loop that closes, as
    on Ctrl-C or when the wizard is left, ends it. Cancelling stops the waiting alone.
    """
    answer: Future[T] = Future()
    answer.set_running_or_notify_cancel()

    def run() -> None:
        try:
            answer.set_result(asyncio.run(work()))
        except BaseException as error:  # noqa: BLE001 - handed on to who waits, whatever it is
            answer.set_exception(error)

    threading.Thread(target=run, name=FINISHING).start()
    return await asyncio.wrap_future(answer)
