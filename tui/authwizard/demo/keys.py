"""With which keys do the practice servers and clients sign? Made anew at every start, never stored."""

from __future__ import annotations

import functools
import secrets
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

Algorithm = Literal["ES256", "RS256"]


@dataclass(frozen=True)
class SigningKey:
    """A private key with the id and the algorithm it is published under."""

    kid: str
    alg: Algorithm
    private: EllipticCurvePrivateKey | RSAPrivateKey

    def sign(self, claims: Mapping[str, Any], typ: str) -> str:
        """Return a signed JWT with this key's id in its header."""
        import jwt

        return jwt.encode(dict(claims), self.private, algorithm=self.alg, headers={"kid": self.kid, "typ": typ})

    def jwk(self) -> dict[str, Any]:
        """Return the public key as a JWK (RFC 7517 section 4)."""
        from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
        from jwt.algorithms import ECAlgorithm, RSAAlgorithm

        if isinstance(self.private, EllipticCurvePrivateKey):
            public = ECAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        else:
            public = RSAAlgorithm.to_jwk(self.private.public_key(), as_dict=True)
        return {**public, "kid": self.kid, "use": "sig", "alg": self.alg}

    def pem(self) -> Secret:
        """Return the private key as unencrypted PKCS #8 in PEM, for the profile that signs with it."""
        from cryptography.hazmat.primitives import serialization

        encoded = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )  # fmt: skip
        return Secret(encoded.decode("ascii"))


def new_key(label: str, alg: Algorithm = "ES256") -> SigningKey:
    """Make a key whose id begins with `label`."""
    from cryptography.hazmat.primitives.asymmetric import ec

    private = ec.generate_private_key(ec.SECP256R1()) if alg == "ES256" else _rsa_key()
    return SigningKey(f"{label}-{secrets.token_hex(4)}", alg, private)


@functools.cache
def _rsa_key() -> RSAPrivateKey:
    # Up to a tenth of a second, so every platform of this process has the same one.
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, 2048)
