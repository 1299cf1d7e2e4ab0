"""What several tests make: tokens with keys of their own."""

from __future__ import annotations

from typing import Any


def make_jwt(claims: dict[str, Any]) -> str:
    """Return a signed token of these claims, with a key made now."""
    import jwt
    from cryptography.hazmat.primitives.asymmetric import ec

    return jwt.encode(claims, ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", headers={"kid": "test-key"})
