"""How does the API answer a credential that cannot be right? The differential probes (CHECKS 13.1)."""

from __future__ import annotations

import base64
import binascii
import json
import secrets
from typing import TypeVar

from authwizard.model.evidence import (
    Absence,
    CredentialSeen,
    EmptyHeader,
    ExchangeSeen,
    ForeignToken,
    Garbage,
    NotApplicable,
    OddScheme,
    Tampered,
)
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.probe import Halted, World, probe
from authwizard.probes.api_call import Asked, Carried, compose_anonymous, harmless_request

GARBAGE = "authwizard-probe"
"""A legal token68 that is plainly no token and names nobody."""

_Seen = TypeVar("_Seen", bound=ExchangeSeen)


@probe("garbage", purpose="Send a meaningless credential", cost=Cost.C3, when="asked")
async def garbage(world: World, credential: CredentialSeen) -> Garbage | Absence:
    """D2: is the place of the credential read at all, and what does "unreadable" look like?

    For basic and digest a Bearer value, never another user name or password (CHECKS 0).
    """
    if credential.kind == "mtls":
        return NotApplicable("The credential is the certificate of the connection, so no place takes a meaningless one.")
    return await _invalid(world, garbage_for(credential), Garbage, "D2", "A meaningless credential in the same place")


@probe("tampered", purpose="Send the token with one character of its signature changed", cost=Cost.C3, when="asked")
async def tampered(world: World, credential: CredentialSeen) -> Tampered | Absence:
    """D3: does the API get as far as the signature?"""
    named_a_user = credential.kind in ("basic", "digest") or credential.scheme.lower() in ("basic", "digest")
    if named_a_user or credential.field_value is None or credential.token is None or credential.token.kind != "jws":
        return NotApplicable("The credential is no signed JWT.")
    changed = tamper_field(credential.field_value)
    if changed is None:
        return NotApplicable("The token has no signature that could be changed.")
    carries = Carried(credential.place, credential.name, changed)
    return await _invalid(world, carries, Tampered, "D3", "The token with one character of its signature changed")


@probe("odd_scheme", purpose="Send a scheme that nobody has registered", cost=Cost.C3, when="asked")
async def odd_scheme(world: World, credential: CredentialSeen) -> OddScheme | Absence:
    """D4: is the scheme looked at apart from the value?"""
    if credential.place != "header" or credential.kind == "mtls":
        return NotApplicable("The credential is not sent in a header, so it has no scheme.")
    carries = Carried("header", "Authorization", "Authwizard-Probe x")
    return await _invalid(world, carries, OddScheme, "D4", "A scheme that does not exist")


@probe("empty_header", purpose="Send an empty credential", cost=Cost.C3, when="asked")
async def empty_header(world: World, credential: CredentialSeen) -> EmptyHeader | Absence:
    """D6: is the field itself noticed, whatever stands in it? First an empty field, then the word Bearer alone."""
    if credential.place != "header" or credential.name.lower() != "authorization":
        return NotApplicable("The credential is not sent in the Authorization header.")
    empty = await _invalid(world, Carried("header", "Authorization", ""), EmptyHeader, "D6", "An empty Authorization field")
    if not isinstance(empty, EmptyHeader):
        return empty
    try:
        bare = await _invalid(world, Carried("header", "Authorization", "Bearer"), ExchangeSeen, "D6b", "The word Bearer alone")
    except Halted:
        return empty
    return EmptyHeader(empty.exchange, bare.exchange) if isinstance(bare, ExchangeSeen) else empty


@probe("foreign_token", purpose="Send a token of an issuer that does not exist", cost=Cost.C3, when="asked")
async def foreign_token(world: World, credential: CredentialSeen) -> ForeignToken | Absence:
    """D7: does any well-formed JWT get the same answer? It names nobody, has expired, and was signed by no key."""
    token = credential.token
    if token is None or token.kind != "jws" or credential.field_value is None:
        return NotApplicable("The credential is no signed JWT.")
    front = f"{credential.scheme} " if credential.scheme and credential.place == "header" else ""
    made = Secret(front + foreign_jwt(str(token.header.get("alg", "RS256")), typ=token.header.get("typ")))
    return await _invalid(
        world, Carried(credential.place, credential.name, made), ForeignToken, "D7", "A token of an issuer that does not exist"
    )


def foreign_jwt(algorithm: str, typ: object = None) -> str:
    """Return a well-formed JWT that no key signed: issuer under .invalid (RFC 6761 6.4), expired, without a subject."""
    header = {"alg": algorithm, "kid": GARBAGE} | ({"typ": typ} if isinstance(typ, str) else {})
    claims = {"iss": "https://authwizard.invalid", "aud": "https://authwizard.invalid", "iat": 1_600_000_000, "exp": 1_600_000_600}
    size = {"RS": 256, "PS": 256, "ES256": 64, "ES384": 96, "ES512": 132, "HS256": 32, "HS384": 48, "HS512": 64}
    length = size.get(algorithm, size.get(algorithm[:2], 64))
    parts = (json.dumps(header).encode(), json.dumps(claims).encode(), secrets.token_bytes(length))
    return ".".join(base64.urlsafe_b64encode(part).rstrip(b"=").decode() for part in parts)


def garbage_for(credential: CredentialSeen) -> Carried:
    """Return the meaningless credential: for keys and cookies in their own place, else as the field that RFC 6750 names.

    A bearer profile may name a wrong header or scheme; whether the right one is seen is just what is asked here.
    """
    if credential.kind == "api_key" and credential.place == "header":
        return Carried("header", credential.name, f"{credential.scheme} {GARBAGE}".lstrip())
    if credential.place == "cookie" and not credential.name and credential.field_value is not None:
        return Carried("cookie", "", meaningless_cookies(credential.field_value.reveal()))
    if credential.kind in ("api_key", "cookie"):
        return Carried(credential.place, credential.name, GARBAGE)
    return Carried("header", "Authorization", f"{'DPoP' if credential.kind == 'dpop' else 'Bearer'} {GARBAGE}")


def meaningless_cookies(cookies: str) -> str:
    """Return a whole cookie string with every value replaced; the names tell nobody apart."""
    pairs = [pair.partition("=") for pair in cookies.split(";") if pair.strip()]
    return "; ".join(f"{name.strip()}={GARBAGE}" if is_ else GARBAGE for name, is_, _ in pairs)


def tamper(token: str) -> str | None:
    """Change one character in the middle of a JWS's signature; None where there is none.

    The decoded bytes differ and the text stays canonical base64url: the last character of a signature has aliases that
    decode to the same bytes, and a non-canonical one fails as malformed instead of wrongly signed (CHECKS 13.1).
    """
    head, dot, signature = token.rpartition(".")
    if not dot or head.count(".") != 1 or len(signature) < 4 or not _canonical(signature):
        return None
    middle = len(signature) // 2
    other = "B" if signature[middle] == "A" else "A"
    return f"{head}.{signature[:middle]}{other}{signature[middle + 1 :]}"


def tamper_field(field_value: Secret) -> Secret | None:
    """Tamper with the token at the end of a field value, leaving the scheme as it is."""
    front, blank, token = field_value.reveal().rpartition(" ")
    changed = tamper(token)
    return Secret(front + blank + changed) if changed is not None else None


def _canonical(text: str) -> bool:
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return False
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode() == text


async def _invalid(world: World, carries: Carried, gives: type[_Seen], id: str, purpose: str) -> _Seen | Absence:
    asked = harmless_request(world.profile)
    if not isinstance(asked, Asked):
        return asked
    request = compose_anonymous(world, asked, carries, id=id, purpose=purpose, cost=Cost.C3)
    return gives((await world.sender.send(request)).exchange)
