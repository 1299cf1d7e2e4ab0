"""How does a client prove that it holds the key a token is bound to? A DPoP proof for one request (RFC 9449 section 4)."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import time
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from authwizard.model.evidence import Absence, DpopKey, NotApplicable, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.probe import Request, World, probe

AGAIN = "-again"
"""What is added to the id of a request that is sent a second time, with the nonce the first answer brought."""


@probe("dpop_key", purpose="Look at the DPoP key", cost=Cost.C0)
async def dpop_key(world: World, stored: StoredSecrets) -> DpopKey | Absence:
    """S1-27: only the thumbprint of the public half leaves here."""
    key = stored.get("dpop_key").secret
    if key is None:
        return NotApplicable("No DPoP key is stored.")
    try:
        return DpopKey(thumbprint(key))
    except ValueError as error:
        return DpopKey(problem=str(error))


async def proved(world: World, request: Request, stored: StoredSecrets, field_value: str | Secret) -> Exchange | Unavailable:
    """Send a request with a proof for the token in `field_value`; once more where the answer brings a nonce that the proof must hold.

    A server that wants nonces refuses the first proof by design (RFC 9449 8, 9), so one refusal of that kind proves nothing.
    Where no DPoP key is stored the request goes without a proof (S1-27 sees that).
    """
    first = with_proof(stored, request, field_value)
    if isinstance(first, Unavailable):
        return first
    seen = (await world.sender.send(first)).exchange
    nonce = nonce_asked(seen)
    if not nonce or first is request:
        return seen
    second = with_proof(stored, request, field_value, nonce=nonce)
    if isinstance(second, Unavailable):
        return second
    again = replace(second, id=f"{request.id}{AGAIN}", purpose=f"{request.purpose}, with the nonce the API asks for")
    return (await world.sender.send(again)).exchange


def nonce_asked(answer: Exchange) -> str:
    """Return the nonce that an answer refuses the proof for want of; "" where it asks for none (RFC 9449 9)."""
    nonce = (answer.header("dpop-nonce") or "").strip()
    if answer.status not in (400, 401) or not nonce or "<" in nonce:
        return ""
    said = (*answer.header_all("www-authenticate"), answer.body[:4096])
    return nonce if any("use_dpop_nonce" in text for text in said) else ""


def with_proof(stored: StoredSecrets, request: Request, field_value: str | Secret, *, nonce: str = "") -> Request | Unavailable:
    """Return the request with a proof for the token in `field_value`; as it was where no DPoP key is stored."""
    key = stored.get("dpop_key").secret
    if key is None:
        return request
    url = request.url.reveal() if isinstance(request.url, Secret) else request.url
    text = field_value.reveal() if isinstance(field_value, Secret) else field_value
    try:
        shown = proof(key, request.method, url, text.rpartition(" ")[2], nonce=nonce)
    except ValueError as error:
        return Unavailable(str(error), "Store the key the token is bound to as dpop_key.")
    return replace(request, headers=(*request.headers, ("DPoP", shown)))


def token_proof(world: World, stored: StoredSecrets, url: str, nonce: str = "") -> tuple[tuple[str, Secret], ...]:
    """Return the DPoP header of a token request, which has the new token bound to the key (RFC 9449 5); () for other kinds.

    A key of no use is told where the request to the API is made, so here it only leaves the header out.
    """
    key = stored.get("dpop_key").secret
    if world.profile.credential.kind != "dpop" or key is None:
        return ()
    try:
        return (("DPoP", proof(key, "POST", url, "", nonce=nonce)),)
    except ValueError:
        return ()


def proof(key: Secret, method: str, url: str, token: str, *, nonce: str = "") -> Secret:
    """Return the value of the DPoP header for a request with this access token, "" for a token request.

    `key` is a private key as PEM or JWK. Raises ValueError, with a sentence that quotes nothing, where it is of no use.
    """
    import jwt

    private, algorithm = _private_key(key)
    public = json.loads(algorithm_of(algorithm).to_jwk(private.public_key()))
    claims: dict[str, Any] = {"jti": secrets.token_urlsafe(16), "htm": method, "htu": _without_query(url), "iat": int(time.time())}
    if token:
        claims["ath"] = _hash(token)
    if nonce:
        claims["nonce"] = nonce
    jwk = {name: public[name] for name in ("kty", "crv", "x", "y", "n", "e") if name in public}
    return Secret(jwt.encode(claims, private, algorithm=algorithm, headers={"typ": "dpop+jwt", "jwk": jwk}))


def thumbprint(key: Secret) -> str:
    """Return the thumbprint of a DPoP key's public half, as a token's `cnf.jkt` has it (RFC 7638, RFC 9449 6.1).

    Raises ValueError, with a sentence that quotes nothing, for a key of no use.
    """
    private, algorithm = _private_key(key)
    public = json.loads(algorithm_of(algorithm).to_jwk(private.public_key()))
    members = {name: public[name] for name in ("crv", "e", "kty", "n", "x", "y") if name in public}
    return _b64(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())


def algorithm_of(name: str) -> Any:
    """Return PyJWT's implementation of a JWS algorithm."""
    import jwt

    return jwt.get_algorithm_by_name(name)


def _private_key(key: Secret) -> tuple[Any, str]:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

    loaded = _loaded(key)
    if isinstance(loaded, EllipticCurvePrivateKey):
        return loaded, {"secp256r1": "ES256", "secp384r1": "ES384", "secp521r1": "ES512"}.get(loaded.curve.name, "ES256")
    if isinstance(loaded, RSAPrivateKey):
        return loaded, "PS256"
    if isinstance(loaded, Ed25519PrivateKey):
        return loaded, "EdDSA"
    raise ValueError("The DPoP key is no private EC, RSA or Ed25519 key.")


def _loaded(key: Secret) -> object:
    import jwt
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    text = key.reveal().strip()
    try:
        if text.startswith("{"):
            return jwt.PyJWK.from_json(text).key
        return load_pem_private_key(text.encode("utf-8", "surrogateescape"), None)
    except (ValueError, TypeError, UnsupportedAlgorithm, jwt.PyJWTError):
        raise ValueError("The DPoP key cannot be read: it must be a private key as PEM without passphrase, or as JWK.") from None


def _without_query(url: str) -> str:
    parts = urlsplit(url)
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def _hash(token: str) -> str:
    return _b64(hashlib.sha256(token.encode("utf-8", "surrogateescape")).digest())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
