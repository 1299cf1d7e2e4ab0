"""Keys and tokens, made at run time."""

from __future__ import annotations

import base64
import functools
import json
import secrets
from dataclasses import dataclass
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

HOUR = 3600.0
MINUTE = 60.0


@dataclass(frozen=True)
class Key:
    """A signing key."""

    kid: str
    private: rsa.RSAPrivateKey
    alg: str = "RS256"

    @property
    def jwk(self) -> dict[str, Any]:
        public: dict[str, Any] = jwt.algorithms.RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        public.pop("key_ops", None)
        return {**public, "kid": self.kid, "alg": self.alg, "use": "sig"}

    @property
    def pem(self) -> str:
        return self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()

    def sign(self, claims: dict[str, Any], typ: str = "at+jwt", **header: Any) -> str:
        return jwt.encode(claims, self.private, self.alg, {"kid": self.kid, "typ": typ, **header})


@functools.cache
def key(name: str) -> Key:
    """Return the process's key of that name: making one costs a tenth of a second."""
    return Key(f"{name}-{secrets.token_hex(4)}", rsa.generate_private_key(65537, 2048))


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def with_claims(token: str, **changes: Any) -> str:
    """Change the payload and leave the signature as it is."""
    head, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    return f"{head}.{b64(json.dumps({**claims, **changes}).encode())}.{signature}"


def unsigned(token: str) -> str:
    """The same token with `alg: none` and no signature."""
    return f"{b64(json.dumps({'alg': 'none', 'typ': 'JWT'}).encode())}.{token.split('.')[1]}."


def encrypted() -> str:
    """A five-part JWE as an authorization server issues it for its own use (`alg: dir`, RFC 7516 7.1)."""
    head = b64(json.dumps({"alg": "dir", "enc": "A256GCM", "iss": "https://tenant.auth.example"}).encode())
    return f"{head}..{b64(secrets.token_bytes(12))}.{b64(secrets.token_bytes(180))}.{b64(secrets.token_bytes(16))}"


def opaque(front: str = "") -> str:
    return front + secrets.token_urlsafe(32)
