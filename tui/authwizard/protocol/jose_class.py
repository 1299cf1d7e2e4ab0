"""Which class of token is a JWT: access, ID, refresh token, DPoP proof, client assertion, logout token? (S1-12, S1-13)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Literal

from authwizard.model.frozen import dataclass
from authwizard.model.token import TokenFault, TokenSeen

TokenClass = Literal["access", "id", "refresh", "dpop_proof", "client_assertion", "logout", "security_event", "unknown"]

_TYPES: Mapping[str, TokenClass] = {
    "at+jwt": "access", "dpop+jwt": "dpop_proof", "logout+jwt": "logout", "secevent+jwt": "security_event",
    "client-authentication+jwt": "client_assertion",
}  # fmt: skip
"""The `typ` header of each class (RFC 9068 2.1, RFC 9449 4.2, OIDC Back-Channel Logout 2.4, RFC 8417 2.3)."""
_NAMES: Mapping[TokenClass, str] = {
    "dpop_proof": "a DPoP proof", "logout": "a logout token", "security_event": "a security event token", "refresh": "a refresh token",
    "client_assertion": "a client assertion",
}  # fmt: skip
_MICROSOFT = ("https://sts.windows.net/", "https://login.microsoftonline.com/", "https://login.windows.net/")


@dataclass(frozen=True)
class ClassSeen:
    """A token's class and the members that tell it; `certain` where one of them has no other meaning."""

    name: TokenClass
    signs: tuple[str, ...] = ()
    certain: bool = False


def token_class(seen: TokenSeen) -> ClassSeen:
    """Tell what a readable JWT is for, from its `typ`, its claims and nothing else.

    An ID token is reported here and never as a fault of the token: it is a good token, and Cognito, IAP and Cloud Run take it.
    """
    return class_of(seen.header, seen.claims)


def class_of(header: Mapping[str, Any], claims: Mapping[str, Any]) -> ClassSeen:
    """As `token_class`, for a header and claims."""
    typ = str(header.get("typ", "")).lower().removeprefix("application/")
    if typ in _TYPES:
        return ClassSeen(_TYPES[typ], (f"typ {typ}",), certain=True)
    if "htm" in claims and "htu" in claims:
        return ClassSeen("dpop_proof", ("htm", "htu"), certain=True)
    by_use = _by_use(claims)
    if by_use:
        return by_use
    id_signs = tuple(name for name in ("at_hash", "c_hash", "nonce", "auth_time") if name in claims)
    access_signs = tuple(name for name in ("scope", "scp", "client_id", "roles", "permissions") if name in claims)
    if id_signs and not access_signs:
        return ClassSeen("id", id_signs, certain="at_hash" in id_signs or "c_hash" in id_signs)
    if access_signs:
        return ClassSeen("access", access_signs)
    issuer = claims.get("iss")
    if issuer and issuer == claims.get("sub") and "jti" in claims:
        return ClassSeen("client_assertion", ("iss equals sub", "jti"))
    return ClassSeen("unknown")


def class_faults(header: Mapping[str, Any], claims: Mapping[str, Any]) -> Iterator[TokenFault]:
    """Name the classes no API takes as an access token, and a token only Microsoft Graph can verify."""
    seen = class_of(header, claims)
    name = _NAMES.get(seen.name, "")
    signs = " and ".join(seen.signs)
    if seen.name == "refresh":
        yield TokenFault("refresh_token_used", f"This is {name} ({signs}); APIs take access tokens.", "payload")
    elif seen.name == "client_assertion":
        if not seen.certain:
            return  # a self-issued access token has the same claims (Google service accounts)
        yield TokenFault("client_assertion_used", f"This is {name} ({signs}), made for the token endpoint.", "payload")
    elif name:
        yield TokenFault("wrong_token_type", f"This is {name} ({signs}), not an access token.", "header")
    if "nonce" in header and str(claims.get("iss", "")).startswith(_MICROSOFT):
        text = "The header carries a nonce: the token is made for Microsoft Graph, and nobody else can verify it."
        yield TokenFault("third_party_token", text, "header")


def _by_use(claims: Mapping[str, Any]) -> ClassSeen | None:
    """Keycloak writes the class into the claim `typ`, Cognito into `token_use`."""
    typ, use = str(claims.get("typ", "")).lower(), str(claims.get("token_use", "")).lower()
    if typ in ("refresh", "offline"):
        return ClassSeen("refresh", (f"typ {claims['typ']}",), certain=True)
    if typ == "id" or use == "id":
        return ClassSeen("id", ("typ ID" if typ == "id" else "token_use id",), certain=True)
    if typ == "bearer" or use == "access":
        return ClassSeen("access", ("typ Bearer" if typ == "bearer" else "token_use access",), certain=True)
    if typ == "logout":
        return ClassSeen("logout", ("typ Logout",), certain=True)
    return None
