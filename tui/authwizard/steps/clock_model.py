"""Which clock says what, how sure is that, and which one stands alone? Pure arithmetic over what was seen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from authwizard.model.evidence import NetworkTime
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass

Role = Literal["client", "server", "issuer", "ntp"]
NAMES: dict[Role, str] = {
    "client": "this machine", "server": "the API", "issuer": "the authorization server", "ntp": "network time",
}  # fmt: skip
SANE_SINCE = 1_262_304_000.0
"""2010-01-01: a `Date` before it is a clock that was never set, not one that is off."""
DATE_RESOLUTION = 1.0
"""RFC 9110 5.6.7: an HTTP date counts whole seconds."""
MIN_TOLERANCE = 5.0
"""Clocks closer than this are taken to agree, whatever the leeway."""


@dataclass(frozen=True)
class Offset:
    """How far a clock is ahead of this machine's (negative: behind), and half the width of its error bar, in seconds."""

    seconds: float
    error: float
    source: str
    samples: int = 1


HERE = Offset(0.0, 0.0, "this machine")


@dataclass(frozen=True)
class Now:
    """The moment a token is judged at: Unix seconds, their error, whose clock; `local_only` where no other clock was seen."""

    seconds: float
    error: float
    whose: str
    local_only: bool = False


@dataclass(frozen=True)
class Clocks:
    """What each clock showed while this machine's showed `local` (Unix seconds)."""

    local: float
    server: Offset | None = None
    issuer: Offset | None = None
    ntp: Offset | None = None
    stated: float | None = None
    """The `Date` a pasted answer of the API bears: when that answer was given, by the API's own clock."""

    def offset(self, role: Role) -> Offset | None:
        """Return a clock's offset to this machine's."""
        return HERE if role == "client" else {"server": self.server, "issuer": self.issuer, "ntp": self.ntp}[role]

    @property
    def known(self) -> tuple[Role, ...]:
        """The clocks that were seen, this machine's first."""
        roles: tuple[Role, ...] = ("client", "ntp", "server", "issuer")
        return tuple(r for r in roles if self.offset(r) is not None)

    def now(self, role: Role) -> Now | None:
        """Return the moment by one clock, or None where that clock was not seen."""
        offset = self.offset(role)
        if offset is None:
            return None
        return Now(self.local + offset.seconds, offset.error, f"{NAMES[role]}'s clock" if role != "ntp" else "network time")

    @property
    def now_api(self) -> Now:
        """The moment at the API; where its clock was not seen by the next best: network time, the issuer's, this machine's."""
        server = self.now("server")
        if server is not None:
            return server
        if self.stated is not None:
            return Now(self.stated, DATE_RESOLUTION, "the API's clock when it gave the pasted answer")
        return self.now("ntp") or self.now("issuer") or Now(self.local, 0.0, "this machine's clock", local_only=True)


@dataclass(frozen=True)
class Majority:
    """Which clocks agree and which stand apart. `decided` is False where as many speak for one time as for another."""

    decided: bool
    off: frozenset[Role] = frozenset()
    reference: Role = "client"


def offset_of(exchange: Exchange | None) -> Offset | None:
    """Read an answer's `Date`: its offset to the middle of sending and receiving, error half the round trip plus one second.

    None where there is no answer, no usable `Date` (absent, unreadable, never set) or no local time. A cached answer's
    `Age` is added, since its `Date` is that of its making (RFC 9111 4.2.3).
    """
    if exchange is None or exchange.status is None or exchange.received_at <= 0:
        return None
    date = http_date(exchange)
    if date is None:
        return None
    middle = (exchange.sent_at + exchange.received_at) / 2
    trip = max(0.0, exchange.received_at - exchange.sent_at)
    cached = ", cached" if age_of(exchange) else ""
    return Offset(date + age_of(exchange) - middle, trip / 2 + DATE_RESOLUTION, f"Date of {exchange.id}{cached}")


def http_date(exchange: Exchange) -> float | None:
    """Return an answer's `Date` in Unix seconds, or None where it is absent, unreadable or of a clock that was never set."""
    from email.utils import parsedate_to_datetime

    try:
        seconds = parsedate_to_datetime(exchange.header("date") or "").timestamp()
    except (ValueError, OverflowError):
        return None
    return seconds if seconds >= SANE_SINCE else None


def age_of(exchange: Exchange) -> int:
    """Return how many seconds a cache has held this answer; 0 where it says nothing."""
    text = (exchange.header("age") or "").strip()
    return int(text) if text.isdecimal() and len(text) < 10 else 0


def best_offset(exchanges: Iterable[Exchange | None]) -> Offset | None:
    """Return the offset with the smallest error among the answers, uncached ones first."""
    seen = [(bool(age_of(e)), o) for e in exchanges if e is not None and (o := offset_of(e)) is not None]
    if not seen:
        return None
    best = min(seen, key=lambda pair: (pair[0], pair[1].error, pair[1].source))[1]
    return replace(best, samples=len(seen))


def read_clocks(local: float, api: Sequence[Exchange | None], issuer: Sequence[Exchange | None], network: NetworkTime | None) -> Clocks:
    """Put together what the answers of the API and of the authorization server and the time server show."""
    first = next((e for e in api if e is not None and e.status is not None and e.received_at > 0), None)
    moment = (first.sent_at + first.received_at) / 2 if first is not None else local
    ntp = Offset(network.offset_seconds, network.error_seconds, network.server, network.samples) if network is not None else None
    return Clocks(moment, best_offset(api), best_offset(issuer), ntp)


def tolerance(leeway: float) -> float:
    """Return how many seconds two clocks may differ before that matters."""
    return max(float(leeway), MIN_TOLERANCE)


def apart(one: Offset, other: Offset, limit: float) -> bool:
    """Tell whether two clocks differ by more than `limit` seconds even where both error bars are at their worst."""
    return abs(one.seconds - other.seconds) - one.error - other.error > limit


def majority(clocks: Clocks, limit: float) -> Majority:
    """Find the time most clocks agree on; network time counts for one and a half.

    So network time decides between two other clocks, and gives way to two that agree with each other.
    """
    support = {role: _support(clocks, role, limit) for role in clocks.known}
    order: tuple[Role, ...] = ("ntp", "client", "server", "issuer")
    best = max((r for r in order if r in support), key=lambda r: support[r])
    off = frozenset(r for r in clocks.known if apart(_at(clocks, r), _at(clocks, best), limit))
    if any(support[r] >= support[best] for r in off):
        return Majority(decided=False, off=frozenset(), reference=best)
    return Majority(decided=True, off=off, reference=best)


def _support(clocks: Clocks, role: Role, limit: float) -> float:
    near = [r for r in clocks.known if not apart(_at(clocks, r), _at(clocks, role), limit)]
    return sum(1.5 if r == "ntp" else 1.0 for r in near)


def _at(clocks: Clocks, role: Role) -> Offset:
    offset = clocks.offset(role)
    assert offset is not None
    return offset
