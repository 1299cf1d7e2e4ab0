"""Which of the published keys may verify a token, and why may another not? (RFC 7517 4, RFC 7518 3, RFC 8725 3.1 to 3.5)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.oauth import PublishedKey
from authwizard.protocol.clean import safe_line
from authwizard.protocol.jose_text import read_base64url

MAX_KEYS = 500
_CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521", "ES256K": "secp256k1"}
_HASH_BYTES = {"HS256": 32, "HS384": 48, "HS512": 64}
_EDWARDS = ("EdDSA", "Ed25519", "Ed448")
_PEM = late_pattern(rb"-----BEGIN |^ssh-(?:rsa|ed25519|dss) |^ecdsa-sha2-")
_ROCA_PRIMES = (11, 13, 17, 19, 37, 53, 61, 71, 73, 79, 97, 103, 107, 109, 127, 151, 157)
"""Primes by which the moduli of the Infineon library give themselves away (CVE-2017-15361)."""


@dataclass(frozen=True)
class KeySetSeen:
    """The keys of a JWK set, or one key handed over alone (`lone`), which is the user's own word."""

    keys: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)
    lone: bool = False


def read_keys(jwks: Mapping[str, Any]) -> KeySetSeen:
    """Read a JWK set (RFC 7517 5) or a single JWK; what is no object in it is passed over."""
    keys = jwks.get("keys")
    if isinstance(keys, (list, tuple)):
        return KeySetSeen(tuple(key for key in keys[:MAX_KEYS] if isinstance(key, Mapping)))
    return KeySetSeen((jwks,), lone=True) if "kty" in jwks else KeySetSeen()


def published_keys(jwks: Mapping[str, Any]) -> tuple[PublishedKey, ...]:
    """Return the keys of a set without their material, as they are shown."""
    return tuple(PublishedKey(*(_text(key, name) for name in ("kid", "kty", "alg", "use"))) for key in read_keys(jwks).keys)


def misfit(key: Mapping[str, Any], algorithm: str) -> str:
    """Say why a key is not one for this algorithm, as a clause; "" where it is. The key's own word counts, not the token's."""
    kty = key.get("kty")
    wanted = type_of(algorithm)
    if kty != wanted:
        return f"it is of type {_text(key, 'kty') or 'unknown'}, and {algorithm} needs {wanted}"
    own = key.get("alg")
    if own is not None and own != algorithm and not (own in _EDWARDS and algorithm in _EDWARDS):
        return f"it is for {_text(key, 'alg')}, and the token says {algorithm}"
    curve = _CURVES.get(algorithm)
    if curve and key.get("crv") != curve:
        return f"its curve is {_text(key, 'crv') or 'not named'}, and {algorithm} needs {curve}"
    return ""


def refusal(key: Mapping[str, Any], algorithm: str, lone: bool) -> str:
    """Say why a key that fits may not be used to verify, as a clause; "" where it may."""
    if key.get("use", "sig") != "sig":
        return f"its use is “{_text(key, 'use')}”, not “sig”"
    operations = key.get("key_ops")
    if operations is not None and not (isinstance(operations, (list, tuple)) and "verify" in operations):
        return "its key operations do not allow verifying"
    if key.get("kty") == "RSA":
        return _rsa_refusal(key)
    return _secret_refusal(key, algorithm, lone) if key.get("kty") == "oct" else ""


def is_short_secret(key: Mapping[str, Any], algorithm: str) -> bool:
    """Tell whether an HMAC key is shorter than the hash, which RFC 7518 3.2 forbids and servers accept."""
    return len(read_base64url(str(key.get("k", ""))).data) < _HASH_BYTES.get(algorithm, 0)


def type_of(algorithm: str) -> str:
    """Return the key type an algorithm needs; "" for an unknown one."""
    types = {"HS": "oct", "RS": "RSA", "PS": "RSA", "ES": "EC", "Ed": "OKP", "ML": "AKP"}
    return types.get(algorithm[:2], "")


def duplicate_ids(keys: tuple[Mapping[str, Any], ...]) -> frozenset[str]:
    """Return the key ids that different keys of a set share: which one is meant is not decided."""
    seen: dict[str, Mapping[str, Any]] = {}
    return frozenset(kid for key in keys if (kid := _kid(key)) and seen.setdefault(kid, key) != key)


def _kid(key: Mapping[str, Any]) -> str:
    kid = key.get("kid")
    return kid if isinstance(kid, str) else ""


def _text(key: Mapping[str, Any], name: str) -> str:
    value = key.get(name, "")
    return safe_line(value, 200) if isinstance(value, str) else ""


def _number(key: Mapping[str, Any], name: str) -> int:
    value = key.get(name)
    return int.from_bytes(read_base64url(value[:8192]).data) if isinstance(value, str) else 0


def _rsa_refusal(key: Mapping[str, Any]) -> str:
    modulus, exponent = _number(key, "n"), _number(key, "e")
    if modulus.bit_length() < 2048:
        return f"it has {modulus.bit_length()} bits, and RSA signatures need 2048 (RFC 7518 3.3)"
    if exponent < 3 or exponent % 2 == 0:
        return f"its public exponent is {exponent if exponent < 3 else 'even'}, so anyone could sign"
    if all(modulus % prime in set(_powers(prime)) for prime in _ROCA_PRIMES):
        return "it was made by a library whose keys can be broken (CVE-2017-15361)"
    return ""


def _powers(prime: int) -> Iterator[int]:
    """The residues 65537 generates modulo a prime."""
    value = 1
    for _ in range(prime):
        yield value
        value = value * 65537 % prime


def _secret_refusal(key: Mapping[str, Any], algorithm: str, lone: bool) -> str:
    secret = read_base64url(str(key.get("k", ""))).data
    if not secret:
        return "it is empty"
    if _PEM.search(secret):
        return "it is a public key, which is no secret"
    if not lone and is_short_secret(key, algorithm):
        return f"it has {len(secret)} bytes, and {algorithm} needs {_HASH_BYTES.get(algorithm)} (RFC 7518 3.2)"
    return ""
