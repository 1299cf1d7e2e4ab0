"""What is in an access token, and by which tests does a server accept one (RFC 9068, RFC 7519)?"""

from __future__ import annotations

import json
import math
import secrets
from collections.abc import Mapping, Sequence
from typing import Any

from authwizard.demo.keys import SigningKey
from authwizard.demo.settings import LEEWAY, TOKEN_LIFETIME
from authwizard.demo.wording import Reason
from authwizard.model.frozen import dataclass

ACCESS_TOKEN_TYPE = "at+jwt"


@dataclass(frozen=True)
class Authority:
    """What a token is issued for: which client may do what, in whose name, where."""

    client_id: str
    subject: str
    scope: tuple[str, ...]
    audience: str


@dataclass(frozen=True)
class Validity:
    """When a token was issued, from when and for how long it counts (Unix seconds of the issuer's clock)."""

    issued_at: int
    not_before: int
    expires_at: int


def validity(issued_at: float, lifetime: int = TOKEN_LIFETIME, postponed: int = 0) -> Validity:
    """Return the times of a token issued then, which counts `postponed` seconds later."""
    issued = int(issued_at)
    return Validity(issued, issued + postponed, issued + postponed + lifetime)


def access_claims(issuer: str, authority: Authority, times: Validity) -> dict[str, Any]:
    """Return the claims of a new access token, `jti` fresh."""
    return {
        "iss": issuer,
        "sub": authority.subject,
        "aud": authority.audience,
        "client_id": authority.client_id,
        "scope": " ".join(authority.scope),
        "iat": times.issued_at,
        "nbf": times.not_before,
        "exp": times.expires_at,
        "jti": secrets.token_hex(12),
    }


class TokenRefusedError(Exception):
    """A token is not accepted; `reason` says which test it failed."""

    def __init__(self, reason: Reason, not_before: float = 0.0) -> None:
        super().__init__(reason.name)
        self.reason = reason
        self.not_before = not_before


def verified_claims(token: str, keys: Sequence[SigningKey]) -> dict[str, Any]:
    """Return the claims of a token that one of these keys signed; raises TokenRefusedError otherwise."""
    import jwt

    try:
        identity = jwt.get_unverified_header(token).get("kid")
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenRefusedError(Reason.MALFORMED) from None
    key = next((k for k in keys if k.kid == identity), None)
    if key is None:
        raise TokenRefusedError(Reason.UNKNOWN_KEY)
    return signed_claims(token, key)


def signed_claims(token: str, key: SigningKey) -> dict[str, Any]:
    """Return the claims of a JWT that this key signed, times untested; raises TokenRefusedError otherwise."""
    import jwt

    try:
        claims = json.loads(jwt.PyJWS().decode_complete(token, key.private.public_key(), algorithms=[key.alg])["payload"])
    except jwt.InvalidSignatureError:
        raise TokenRefusedError(Reason.BAD_SIGNATURE) from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise TokenRefusedError(Reason.MALFORMED) from None
    if not isinstance(claims, dict):
        raise TokenRefusedError(Reason.MALFORMED)
    return claims


def check_times(claims: Mapping[str, Any], now: float) -> None:
    """Refuse a token that does not count yet or any more by this clock."""
    if now >= _moment(claims, "exp") + LEEWAY:
        raise TokenRefusedError(Reason.EXPIRED)
    begins = max(_moment(claims, "nbf"), _moment(claims, "iat"))
    if now < begins - LEEWAY:
        raise TokenRefusedError(Reason.NOT_YET_VALID, begins)


def check_target(claims: Mapping[str, Any], issuer: str, audience: str) -> None:
    """Refuse a token of another issuer or for another audience."""
    if claims.get("iss") != issuer:
        raise TokenRefusedError(Reason.WRONG_ISSUER)
    named = claims.get("aud")
    if audience not in (named if isinstance(named, list) else [named]):
        raise TokenRefusedError(Reason.WRONG_AUDIENCE)


def scope_of(claims: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the scopes a token carries."""
    scope = claims.get("scope")
    return tuple(scope.split()) if isinstance(scope, str) else ()


def _moment(claims: Mapping[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
        raise TokenRefusedError(Reason.MALFORMED)
    return float(value)
