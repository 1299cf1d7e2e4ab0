"""When does a token say it was made, begins and ends to be valid? Its time claims, read leniently and never trusted."""

from __future__ import annotations

import math
from typing import Any, Literal

from authwizard.model.frozen import dataclass
from authwizard.model.token import TokenSeen
from authwizard.steps.clock_model import Now

Unit = Literal["relative", "seconds", "milliseconds", "microseconds", "nanoseconds"]
DIVISOR: dict[Unit, float] = {"relative": 1, "seconds": 1, "milliseconds": 1e3, "microseconds": 1e6, "nanoseconds": 1e9}
TimeFault = Literal["expired", "not_yet", "future_iat"]


@dataclass(frozen=True)
class TokenTimes:
    """The time claims of a token in Unix seconds as they stand there; None where absent or no number."""

    exp: float | None = None
    nbf: float | None = None
    iat: float | None = None
    auth_time: float | None = None


def number(value: Any) -> float | None:
    """Return a claim's value as a NumericDate (RFC 7519 2): a finite JSON number; None for anything else, `true` included."""
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    try:
        read = float(value)
    except OverflowError:
        return None
    return read if math.isfinite(read) else None


def lenient_number(value: Any) -> float | None:
    """Return what a tolerant library reads: a number, or a string of digits."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return float(value.strip()[:30])
    return number(value)


def unit_of(seconds: float) -> Unit:
    """Return the unit a date's size speaks for: seconds reach to the year 2099, shorter numbers are a span and no date."""
    size = abs(seconds)
    if size < 1e9:
        return "relative"
    if size < 1e11:
        return "seconds"
    if size < 1e14:
        return "milliseconds"
    return "microseconds" if size < 1e17 else "nanoseconds"


def times_of(token: TokenSeen | None) -> TokenTimes:
    """Read the time claims of a token; all None where its claims cannot be read."""
    if token is None or not token.readable:
        return TokenTimes()
    claims = token.claims
    return TokenTimes(*(lenient_number(claims.get(name)) for name in ("exp", "nbf", "iat", "auth_time")))


def time_faults(times: TokenTimes, now: Now, leeway: float) -> frozenset[TimeFault]:
    """Return what a server with this clock and leeway would find wrong with a token's times.

    `iat` has no leeway here: RFC 7519 gives it no meaning for validity, and libraries that check it do so to the second.
    """
    faults: set[TimeFault] = set()
    if times.exp is not None and times.exp < 1e11 and times.exp - now.seconds <= -leeway:
        faults.add("expired")
    if times.nbf is not None and times.nbf < 1e11 and times.nbf - now.seconds > leeway:
        faults.add("not_yet")
    if times.iat is not None and times.iat < 1e11 and times.iat - now.seconds > 1 + now.error:
        faults.add("future_iat")
    return frozenset(faults)
