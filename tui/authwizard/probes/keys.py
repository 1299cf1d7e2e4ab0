"""Which keys does the issuer publish, and does the credential's signature hold with them (CHECKS S3-12, S3-13)?"""

from __future__ import annotations

import asyncio
import base64
import binascii

from authwizard.model.evidence import (
    Absence,
    CredentialSeen,
    Discovery,
    KeySet,
    NotApplicable,
    OtherKeySets,
    StoredSecrets,
    TokenEndpoint,
)
from authwizard.model.options import Cost
from authwizard.model.profile import Profile, origin_of
from authwizard.model.secret import Secret
from authwizard.model.token import SignatureSeen
from authwizard.probe import Halted, Request, World, probe
from authwizard.probes.discovery import discover, endpoints_of
from authwizard.probes.limits import decode_body
from authwizard.protocol.jose import verify_signature
from authwizard.protocol.oauth import read_jwks
from authwizard.protocol.scheme import without_scheme
from authwizard.protocol.token_wrap import bare_token

_MAX_OTHERS = 8


@probe("key_set", purpose="Read the issuer's keys and verify the signature", cost=Cost.C1)
async def key_set(
    world: World, credential: CredentialSeen, stored: StoredSecrets, endpoint: TokenEndpoint | None, discovery: Discovery | None
) -> KeySet | Absence:
    """S3-12, S3-13: never with a key that the token brings itself; HS* only with the shared secret the user stored."""
    secret = stored.get("shared_secret").secret
    if secret is not None and _algorithm(credential).startswith("HS"):
        return KeySet("", signature=await asyncio.to_thread(symmetric, _token(credential), secret))
    if endpoint is None or not endpoint.jwks_url:
        return _nowhere(world, discovery)
    keys = await fetch_keys(world, endpoint.jwks_url, "jwks")
    if not keys.keys or not _algorithm(credential):
        return keys
    # the first signature loads a library, which screens would wait for
    signature = await asyncio.to_thread(verify_signature, _token(credential), keys.document)
    return KeySet(keys.url, keys.keys, keys.exchange, signature, "", keys.document)


@probe("other_key_sets", purpose="Look for the key at the issuers of other profiles", cost=Cost.C1, when="asked")
async def other_key_sets(world: World, credential: CredentialSeen, keys: KeySet | None) -> OtherKeySets | Absence:
    """S3-12: whose key signed the token, where the own issuer does not publish it."""
    kid = str(credential.token.header.get("kid") or "") if credential.token is not None else ""
    if not kid:
        return NotApplicable("The credential names no key.")
    if keys is not None and kid in {key.kid for key in keys.keys}:
        return NotApplicable("The issuer publishes the token's key itself.")
    own = keys.url if keys is not None else ""
    others = [p for p in world.others if p.oauth is not None and (p.oauth.jwks_url or p.oauth.issuer) and p.oauth.jwks_url != own][
        :_MAX_OTHERS
    ]
    if not others:
        return NotApplicable("No other profile names an issuer.")
    found = await asyncio.gather(*(_keys_of(world, other, number) for number, other in enumerate(others, 1)))
    return OtherKeySets(tuple(one for one in found if one is not None))


async def fetch_keys(world: World, url: str, id: str) -> KeySet:
    """Read a key set; what stands against it is told in `problem`."""
    answer = await world.sender.send(
        Request(id, "The issuer's key set", Cost.C1, "metadata", "GET", url, (("Accept", "application/json"),))
    )
    seen = answer.exchange
    if seen.status is None:
        return KeySet(url, exchange=seen, problem=seen.fault.text if seen.fault else "The key set gave no answer.")
    if not seen.ok:
        return KeySet(url, exchange=seen, problem=f"The address of the key set answered {seen.status}.")
    try:
        document, shown = read_jwks(decode_body(answer.raw, seen.header("content-type") or ""))
    except ValueError as error:
        return KeySet(url, exchange=seen, problem=f"The key set cannot be read. {error}")
    return KeySet(url, shown, seen, problem="" if shown else "The key set holds no key.", document=document)


def symmetric(token: str, secret: Secret) -> SignatureSeen:
    """Verify an HS* signature with a shared secret, as text and, where that fails, as the base64 it may be (S3-14)."""
    text = secret.reveal()
    plain = verify_signature(token, _oct(text.encode("utf-8", "surrogateescape")))
    if plain.status == "verified":
        return plain
    try:
        decoded = base64.b64decode(
            text.strip() + "=" * (-len(text.strip()) % 4), altchars=b"-_" if set("-_") & set(text) else None, validate=True
        )
    except (binascii.Error, ValueError):
        return plain
    seen = verify_signature(token, _oct(decoded))
    if seen.status != "verified":
        return plain
    why = "The signature holds only with the bytes that the stored secret is the base64 of."
    return SignatureSeen("verified", why, "symmetric_key_encoding", seen.key_id, seen.algorithm)


def _oct(key: bytes) -> dict[str, str]:
    return {"kty": "oct", "k": base64.urlsafe_b64encode(key).rstrip(b"=").decode()}


async def _keys_of(world: World, other: Profile, number: int) -> tuple[str, str, tuple[str, ...]] | None:
    """The key ids of another profile's issuer; None where it cannot be asked."""
    oauth = other.oauth
    assert oauth is not None
    try:
        url = oauth.jwks_url or endpoints_of(oauth, await discover(world, oauth.issuer, f"other-{number}-discovery")).jwks_url
        if not url:
            return None
        keys = await fetch_keys(world, url, f"other-{number}-jwks")
    except Halted:
        return None
    return (other.name, oauth.issuer, tuple(key.kid for key in keys.keys)) if keys.keys else None


def _nowhere(world: World, discovery: Discovery | None) -> KeySet | NotApplicable:
    oauth = world.profile.oauth
    metadata = discovery.metadata if discovery is not None else None
    if oauth is None:
        return NotApplicable("The profile names no issuer whose keys could be read.")
    if metadata is not None and metadata.jwks_uri and origin_of(metadata.jwks_uri) != origin_of(oauth.issuer):
        elsewhere = (
            f"The issuer keeps its keys at another origin ({metadata.jwks_uri}); name that as jwks_url in the profile to have it asked."
        )
        return KeySet(metadata.jwks_uri, problem=elsewhere)
    return NotApplicable("Where the issuer's keys are is not known; name jwks_url (or issuer) in the profile.")


def _algorithm(credential: CredentialSeen) -> str:
    seen = credential.token
    return (
        str(seen.header.get("alg") or "").upper() if seen is not None and seen.kind == "jws" and credential.field_value is not None else ""
    )


def _token(credential: CredentialSeen) -> str:
    """The token inside the field value: what stands around it is the business of step 1."""
    assert credential.field_value is not None
    return bare_token(without_scheme(credential.field_value.reveal()))
