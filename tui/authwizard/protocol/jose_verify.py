"""Does a token's signature hold with the issuer's keys? (S3-13) Stricter than the library, and it never trusts the token's word.

The algorithm must be the key's own. Keys that the token itself brings (`jwk`, `jku`, `x5u`, `x5c`) are never used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field, replace
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.token import SignatureSeen
from authwizard.protocol.clean import safe_line
from authwizard.protocol.jose_keys import KeySetSeen, duplicate_ids, is_short_secret, misfit, read_keys, refusal, type_of
from authwizard.protocol.jose_text import read_base64url, read_json

MAX_LENGTH = 1_048_576
_PRIVATE = frozenset(("d", "p", "q", "dp", "dq", "qi", "oth"))
_MICROSOFT = ("https://sts.windows.net/", "https://login.microsoftonline.com/", "https://login.windows.net/")


@dataclass(frozen=True)
class _Signed:
    algorithm: str
    kid: str | None
    header: Mapping[str, Any]
    message: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    payload: bytes = field(repr=False)


def verify_signature(token: str, jwks: Mapping[str, Any]) -> SignatureSeen:
    """Verify a compact JWS with a JWK set, or with one JWK; never raises.

    A single JWK is the user's own secret or key: an HMAC key shorter than the hash is used then, and the answer says so.

    Returns:
        "verified"; "failed" where the token is malformed, unsigned, or no key makes its signature; "not_checked" where no
        key could be used. `why` is a sentence, `cause` the code it points to.
    """
    signed = _read(token)
    if isinstance(signed, SignatureSeen):
        return signed
    found = read_keys(jwks) if isinstance(jwks, Mapping) else KeySetSeen()
    if not found.keys:
        return _answer(signed, "not_checked", "The key set holds no key.")
    candidates = _candidates(signed, found)
    if isinstance(candidates, SignatureSeen):
        return candidates
    return _try(signed, candidates, found.lone)


def _read(token: str) -> _Signed | SignatureSeen:
    """Split and decode strictly: what a strict server refuses is not a signed token."""
    parts = token.split(".") if len(token) <= MAX_LENGTH else []
    seen = [read_base64url(part) for part in parts]
    if len(parts) != 3 or not parts[0]:
        return _malformed("The token does not have the three parts of a signed JWT.")
    for name, part in zip(("header", "payload", "signature"), seen, strict=True):
        if not part.clean:
            return _malformed(f"The {name} is not base64url.")
    header = read_json(seen[0].data)
    if header.problem or header.duplicates or not isinstance(header.value, dict):
        why = "names a member twice" if header.duplicates else header.problem or "is not a JSON object"
        return _malformed(f"The header {why}.")
    algorithm, kid = header.value.get("alg"), header.value.get("kid")
    if not isinstance(algorithm, str) or not isinstance(kid, str | None):
        return _malformed("The header's `alg` or `kid` is not text.")
    message = f"{parts[0]}.{parts[1]}".encode("ascii")
    signed = _Signed(algorithm, kid, header.value, message, seen[2].data, seen[1].data)
    return _header_refusal(signed) or signed


def _header_refusal(signed: _Signed) -> SignatureSeen | None:
    header = signed.header
    if signed.algorithm.lower() == "none":
        return _answer(signed, "failed", "The token is not signed (`alg` is none).", "alg_none_or_unsupported")
    if "crit" in header and header["crit"] != ["b64"]:
        return _answer(signed, "failed", "The header lists critical extensions that are not understood (`crit`, RFC 7515 4.1.11).")
    if header.get("b64") is False:
        return _answer(signed, "not_checked", "The payload is detached (`b64` is false): the signature covers a text that is not here.")
    if not type_of(signed.algorithm):
        why = f"The algorithm “{safe_line(signed.algorithm, 40)}” is not one of JOSE's."
        return _answer(signed, "failed", why, "alg_none_or_unsupported")
    if "nonce" in header and _issuer(signed).startswith(_MICROSOFT):
        why = "The header carries a nonce: the token is made for Microsoft Graph, and nobody else can verify it."
        return _answer(signed, "not_checked", why, "third_party_token")
    return None


def _candidates(signed: _Signed, found: KeySetSeen) -> tuple[Mapping[str, Any], ...] | SignatureSeen:
    """Choose keys by id; without an id in the token, every key that fits."""
    keys = found.keys
    if signed.kid is not None and not found.lone:
        if signed.kid in duplicate_ids(keys):
            return _answer(
                signed, "not_checked", "Several different keys of the set share the token's key id; which is meant is not decided."
            )
        named = tuple(key for key in keys if key.get("kid") == signed.kid) or tuple(key for key in keys if "kid" not in key)
        if not named:
            why = f"No key of the set has the token's key id “{safe_line(signed.kid, 100)}”."
            return _answer(signed, "not_checked", why, "signing_key_unknown")
        keys = named
    fitting = tuple(key for key in keys if not misfit(key, signed.algorithm))
    if fitting:
        return fitting
    why = misfit(keys[0], signed.algorithm) if len(keys) == 1 else f"none of the {len(keys)} keys is for {signed.algorithm}"
    return _answer(signed, "failed", f"The key is not for this signature: {why}.", "alg_mismatch")


def _try(signed: _Signed, keys: tuple[Mapping[str, Any], ...], lone: bool) -> SignatureSeen:
    allowed = [(key, refusal(key, signed.algorithm, lone)) for key in keys]
    usable = [key for key, why in allowed if not why]
    if not usable:
        return _answer(signed, "not_checked", f"The key may not be used: {allowed[0][1]}.")
    outcomes = [_verifies(signed, key) for key in usable]
    if True in outcomes:
        key = usable[outcomes.index(True)]
        return replace(_answer(signed, "verified", _verified_words(signed, key, len(usable), lone)), key_id=_kid_of(key))
    if all(outcome is None for outcome in outcomes):
        why = f"The key cannot be used: its numbers are no valid key, or {signed.algorithm} is not supported here."
        return _answer(signed, "not_checked", why)
    tried = f"any of the {len(usable)} keys that fit" if len(usable) > 1 else "the key"
    why = f"The signature does not verify with {tried}: the token was changed, or another key made it."
    return _answer(signed, "failed", why, "signature_invalid")


def _verifies(signed: _Signed, key: Mapping[str, Any]) -> bool | None:
    """Ask PyJWT; None where it cannot make a key of this. Its messages may hold the key and are never passed on."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from jwt import PyJWK
    from jwt.exceptions import PyJWTError

    name = "EdDSA" if signed.algorithm in ("Ed25519", "Ed448") else signed.algorithm
    try:
        public = {member: value for member, value in key.items() if member not in _PRIVATE}
        jwk = PyJWK({**public, "alg": name}, algorithm=name)
        return bool(jwk.Algorithm.verify(signed.message, jwk.Algorithm.prepare_key(jwk.key), signed.signature))
    except (PyJWTError, ValueError, TypeError, KeyError, UnsupportedAlgorithm):
        return None


def _verified_words(signed: _Signed, key: Mapping[str, Any], tried: int, lone: bool) -> str:
    kid = _kid_of(key)
    if signed.kid is None and tried > 1:
        return f"The signature verifies with key “{kid or 'without id'}”; the token names no key, so {tried} that fit were tried."
    if lone and is_short_secret(key, signed.algorithm):
        return "The signature verifies; the secret is shorter than RFC 7518 3.2 allows for this algorithm."
    if signed.kid is not None and kid and kid != signed.kid:
        return f"The signature verifies with the given key; its id is “{kid}”, the token names “{safe_line(signed.kid, 100)}”."
    return "The signature verifies" + (f" with key “{kid}”." if kid else ".")


def _kid_of(key: Mapping[str, Any]) -> str:
    kid = key.get("kid")
    return safe_line(kid, 100) if isinstance(kid, str) else ""


def _issuer(signed: _Signed) -> str:
    value = read_json(signed.payload).value
    return str(value.get("iss", "")) if isinstance(value, dict) else ""


def _malformed(why: str) -> SignatureSeen:
    return SignatureSeen("failed", why, "token_malformed")


def _answer(signed: _Signed, status: str, why: str, cause: str = "") -> SignatureSeen:
    kid, algorithm = safe_line(signed.kid or "", 100), safe_line(signed.algorithm, 40)
    if status == "verified":
        return SignatureSeen("verified", why, cause, kid, algorithm)
    return SignatureSeen("failed" if status == "failed" else "not_checked", why, cause, kid, algorithm)
