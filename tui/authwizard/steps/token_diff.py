"""In what do two tokens differ, and which of these differences could make the second one acceptable where the first was not? Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.token import TokenSeen
from authwizard.steps import granted_scopes, identity
from authwizard.steps.time_words import duration
from authwizard.steps.token_times import TokenTimes, times_of

KIND_WORDS = {
    "jws": "JWT", "jws_json": "JWT in JSON form", "jwe": "encrypted JWT (JWE)", "saml": "SAML assertion", "paseto": "PASETO",
    "opaque": "opaque text", "uuid": "UUID", "hex": "hexadecimal text", "api_key": "API key", "cookie": "cookie", "macaroon": "macaroon",
    "empty": "nothing",
}  # fmt: skip

CLOCK_STEP = 2.0
"""Seconds that two clocks differ by reading alone: Date and iat are whole seconds (RFC 9110 5.6.7)."""

COVERED = frozenset(
    {
        "iss", "aud", "sub", "exp", "nbf", "iat", "jti", "client_id", "azp", "appid", "cid", "tid", "ver", "typ", "cnf", "realm_access",
        "resource_access", "nonce", "at_hash", "c_hash", "s_hash", "auth_time", "sid", "session_state", "uti", "rh", "aio",
        *granted_scopes.CLAIMS,
    }
)  # fmt: skip
"""Claims that are compared by themselves, or that belong to one token or one login alone."""


@dataclass(frozen=True)
class Difference:
    """One attribute in which two tokens differ, as a person reads it; "" where a token lacks it.

    `tells`: the second token has something the first has not, so this could explain why only the second is accepted.
    """

    name: str
    first: str
    second: str
    tells: bool


@dataclass(frozen=True)
class Row:
    """One line of the comparison table."""

    name: str
    first: str
    second: str
    same: bool


def differences(first: TokenSeen | None, second: TokenSeen | None) -> tuple[Difference, ...]:
    """Return what differs beyond the instance (times, ids, signature): what a token of the same origin would share."""
    if first is None or second is None:
        return ()
    if not (first.readable and second.readable):
        if first.kind == second.kind or first.readable == second.readable:
            return ()
        return (Difference("kind", KIND_WORDS[first.kind], KIND_WORDS[second.kind], tells=True),)
    a, b = first.claims, second.claims
    found = [
        _unequal("issuer", _text(a.get("iss")), _text(b.get("iss"))),
        _set("audience", identity.audience_of(a), identity.audience_of(b)),
        _set("scope", _scopes(first), _scopes(second)),
        _unequal("client", identity.client_of(a), identity.client_of(b), known=True),
        _unequal("tenant", _text(a.get("tid")), _text(b.get("tid")), known=True),
        _unequal("subject", _text(a.get("sub")), _text(b.get("sub")), known=True, hidden=True),
        _unequal("version", _text(a.get("ver")), _text(b.get("ver"))),
        _unequal("type", _text(first.header.get("typ")).lower(), _text(second.header.get("typ")).lower()),
        _unequal("algorithm", _text(first.header.get("alg")), _text(second.header.get("alg"))),
        _unequal("expiry", _end(a), _end(b), tells="exp" in b),
        _set("claims", _own_claims(a, b), _own_claims(b, a)),
        _unequal("binding", _binding(first), _binding(second), tells=bool(_binding(first)) and not _binding(second)),
    ]
    return tuple(difference for difference in found if difference is not None)


def table(first: TokenSeen, second: TokenSeen, now: float) -> tuple[Row, ...]:
    """Return the claim by claim comparison: values, times as durations from `now`, the subject hidden."""
    a, b = first.claims, second.claims
    one, other = times_of(first), times_of(second)
    pairs = [
        ("kind", KIND_WORDS[first.kind], KIND_WORDS[second.kind]),
        ("iss", _text(a.get("iss")), _text(b.get("iss"))),
        ("aud", ", ".join(identity.audience_of(a)), ", ".join(identity.audience_of(b))),
        ("scope", " ".join(_scopes(first)), " ".join(_scopes(second))),
        ("client", identity.client_of(a), identity.client_of(b)),
        ("kid", _text(first.header.get("kid")), _text(second.header.get("kid"))),
        ("alg", _text(first.header.get("alg")), _text(second.header.get("alg"))),
        ("typ", _text(first.header.get("typ")), _text(second.header.get("typ"))),
        ("tid", _text(a.get("tid")), _text(b.get("tid"))),
        ("ver", _text(a.get("ver")), _text(b.get("ver"))),
        ("bound to a key", _binding(first), _binding(second)),
        ("issued", _issued(one, now), _issued(other, now)),
        ("expires", _expires(one, now), _expires(other, now)),
        ("lives", _lifetime(one), _lifetime(other)),
    ]
    rows = [Row(name, x or "-", y or "-", x == y) for name, x, y in pairs if x or y]
    subject_a, subject_b = _text(a.get("sub")), _text(b.get("sub"))
    if subject_a or subject_b:
        same = subject_a == subject_b
        rows.insert(5, Row("sub", "hidden" if subject_a else "-", ("the same" if same else "another one") if subject_b else "-", same))
    return tuple(rows)


def _unequal(
    name: str, first: str, second: str, *, known: bool = False, hidden: bool = False, tells: bool = True
) -> Difference | None:  # fmt: skip
    """Two texts that differ; `known`: only where both tokens have one."""
    if first == second or (known and not (first and second)):
        return None
    return Difference(name, "hidden", "another one", tells) if hidden else Difference(name, first, second, tells)


def _set(name: str, first: tuple[str, ...], second: tuple[str, ...]) -> Difference | None:
    if set(first) == set(second):
        return None
    return Difference(name, " ".join(first), " ".join(second), tells=bool(set(second) - set(first)))


def _end(claims: Mapping[str, Any]) -> str:
    return "an end" if "exp" in claims else ""


def _own_claims(claims: Mapping[str, Any], other: Mapping[str, Any]) -> tuple[str, ...]:
    """Names of claims that the other token does not have at all; what the other attributes cover is left to them."""
    return tuple(sorted(n for n in claims.keys() - other.keys() if n not in COVERED and not n.startswith("xms_")))[:5]


def _scopes(token: TokenSeen) -> tuple[str, ...]:
    return tuple(sorted(granted_scopes.union(granted_scopes.of_claims(token.claims))))


def _binding(token: TokenSeen) -> str:
    """Return the members of the confirmation claim (RFC 7800): jkt for DPoP, x5t#S256 for a client certificate."""
    confirmation = token.claims.get("cnf")
    return ", ".join(sorted(str(name) for name in confirmation)) if isinstance(confirmation, dict) else ""


def _text(value: Any) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)


def _issued(times: TokenTimes, now: float) -> str:
    if times.iat is None:
        return ""
    if abs(now - times.iat) <= CLOCK_STEP:
        return "just now"
    return f"{duration(now - times.iat)} ago" if times.iat <= now else f"{duration(times.iat - now)} from now"


def _expires(times: TokenTimes, now: float) -> str:
    if times.exp is None:
        return ""
    return f"{duration(now - times.exp)} ago" if times.exp <= now else f"in {duration(times.exp - now)}"


def _lifetime(times: TokenTimes) -> str:
    return duration(times.exp - times.iat) if times.exp is not None and times.iat is not None else ""
