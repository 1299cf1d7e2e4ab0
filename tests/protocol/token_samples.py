"""What the tests of this package share: keys and tokens made at run time, and texts that break things."""

from __future__ import annotations

import base64
import functools
import json
import time
from typing import Any

from hypothesis import strategies as st

_PIECES = [
    *"aeyJ09.-_+/=%\\\"'`<>{}[]:;,& \t\r\n\x00\x1b\x7f\x85\u00a0\u200b\u202e\ufeff\ud800é服А",
    "Bearer ",
    "eyJhbGciOiJIUzI1NiJ9",
    "&amp;",
    "%2E",
]
NASTY = st.lists(st.sampled_from(_PIECES), max_size=60).map("".join)
"""Texts of the characters parsers trip over."""
ANY_TEXT = st.one_of(st.text(st.characters(), max_size=80), NASTY)


def part(value: Any) -> str:
    """Return the base64url of JSON, or of bytes."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


@functools.cache
def rsa_key(bits: int = 2048) -> Any:
    """Return an RSA key made once per test process."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def public_jwk(key: Any, **members: Any) -> dict[str, Any]:
    """Return the JWK of an RSA key's public half."""
    from jwt.algorithms import RSAAlgorithm

    return {**json.loads(RSAAlgorithm.to_jwk(key.public_key())), **members}


def rs256(claims: dict[str, Any] | None = None, **header: Any) -> str:
    """Return a signed access token that expires in an hour."""
    import jwt

    now = int(time.time())
    body = (
        {"iss": "https://as.example", "sub": "u1", "aud": "api", "iat": now, "exp": now + 3600, "scope": "read"}
        if claims is None
        else claims
    )
    return jwt.encode(body, rsa_key(), algorithm="RS256", headers={"kid": "k1", **header})
