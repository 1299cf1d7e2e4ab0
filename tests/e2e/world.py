"""The servers of the end-to-end tests as one world: each is started when a test first asks for it, and ends with the session."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
import urllib.parse
import urllib.request
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from .chronyd import start_chronyd
from .launch import Launcher
from .nginx import start_nginx

AUDIENCE = "https://api.example.test"
CLIENT_ID = "e2e-client"
CLIENT_SECRET = "plainly-fake-e2e-secret-000000000000"


def new_key() -> Any:
    """Make an RSA key."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def pem(key: Any) -> str:
    """Return a private key as text."""
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

    return str(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode())


@dataclass(frozen=True)
class Provider:
    """A running oidc-provider."""

    issuer: str
    jwk: dict[str, Any]
    seeded: str

    def token(self, *, key: Any = None, kid: str = "", **changes: Any) -> str:
        """Sign an access token as the provider would, with changed claims (None leaves one out), another key or key id."""
        import jwt

        now = int(time.time())
        claims = {
            "iss": self.issuer, "sub": CLIENT_ID, "aud": AUDIENCE, "client_id": CLIENT_ID, "iat": now - 30, "exp": now + 600,
            "scope": "read write", "jti": base64.urlsafe_b64encode(os.urandom(12)).decode(), "token_type": "access", "user_id": 1,
        }  # fmt: skip
        claims = {name: value for name, value in {**claims, **changes}.items() if value is not None}
        signing = key if key is not None else jwt.PyJWK(self.jwk).key
        return jwt.encode(claims, signing, algorithm="RS256", headers={"kid": kid or self.jwk["kid"], "typ": "at+jwt"})

    def seed(self, kind: str, state: str, client: str = "e2e-person") -> str:
        """Return a token ("refresh" or "opaque") that the provider keeps, in a state: living, expired, used, revoked."""
        asked = urllib.parse.urlencode({"kind": kind, "state": state, "client": client})
        with urllib.request.urlopen(f"{self.seeded}?{asked}", timeout=20) as answer:
            return str(answer.read().decode())

    def revoke(self, token: str) -> str:
        """Withdraw a token at the revocation endpoint (RFC 7009), and return it."""
        body = urllib.parse.urlencode({"token": token, "client_id": "e2e-person", "client_secret": CLIENT_SECRET}).encode()
        with urllib.request.urlopen(f"{self.issuer}/token/revocation", body, timeout=20) as answer:
            assert answer.status == 200
        return token

    def device_code(self) -> str:
        """Begin a device flow (RFC 8628) that nobody confirms; return the code a client would ask with."""
        body = urllib.parse.urlencode({"client_id": "e2e-device", "client_secret": CLIENT_SECRET, "scope": "openid"}).encode()
        with urllib.request.urlopen(f"{self.issuer}/device/auth", body, timeout=20) as answer:
            return str(json.load(answer)["device_code"])


class World:
    """All servers. An attribute starts what it names."""

    def __init__(self, folder: Path) -> None:
        self.launcher = Launcher(folder)
        self.folder = folder

    @cached_property
    def provider(self) -> Provider:
        return self.provider_at(0)

    @cache  # noqa: B019 - a world lives as long as its session
    def provider_at(self, shift: int) -> Provider:
        """Start an oidc-provider whose clock is off by seconds."""
        public = {k: v for k, v in self.client_jwk.items() if k in ("kty", "n", "e", "kid", "use", "alg")}
        told = self.launcher.node("provider.mjs", "0", AUDIENCE, json.dumps(public), shift=shift)
        return Provider(told["issuer"], told["jwk"], told["seeded"])

    @cached_property
    def other_key(self) -> Any:
        """A key that is nobody's."""
        return new_key()

    @cached_property
    def client_key(self) -> Any:
        return new_key()

    @property
    def client_pem(self) -> str:
        """The private key of the client that authenticates with private_key_jwt."""
        return pem(self.client_key)

    @cached_property
    def dpop_key(self) -> Any:
        """A key that tokens are bound to."""
        from cryptography.hazmat.primitives.asymmetric import ec

        return ec.generate_private_key(ec.SECP256R1())

    @property
    def dpop_thumbprint(self) -> str:
        """What a bound token names its key by (RFC 7638)."""
        from jwt.algorithms import ECAlgorithm

        jwk = json.loads(ECAlgorithm.to_jwk(self.dpop_key.public_key()))
        text = json.dumps({name: jwk[name] for name in ("crv", "kty", "x", "y")}, separators=(",", ":"), sort_keys=True)
        return base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode().rstrip("=")

    @cached_property
    def client_jwk(self) -> dict[str, Any]:
        """The key of the client that authenticates with private_key_jwt."""
        from jwt.algorithms import RSAAlgorithm

        return {**json.loads(RSAAlgorithm.to_jwk(self.client_key)), "kid": "client-key-1", "use": "sig", "alg": "RS256"}

    @cached_property
    def express(self) -> dict[str, str]:
        return self.express_at(0)

    @cache  # noqa: B019 - a world lives as long as its session
    def express_at(self, shift: int, issuer: str = "") -> dict[str, str]:
        """Start the Express APIs with a clock off by seconds, for tokens of an issuer."""
        return self.launcher.node("api.mjs", issuer or self.provider.issuer, AUDIENCE, shift=shift)

    @cached_property
    def flask(self) -> str:
        return str(self.launcher.python("flask_app.py", given(self.provider))["url"])

    @cached_property
    def fastapi(self) -> str:
        return self.fastapi_for(self.provider)

    def fastapi_for(self, provider: Provider) -> str:
        """Start the FastAPI APIs for tokens of a provider."""
        return str(self.launcher.python("fastapi_app.py", given(provider))["url"])

    @cached_property
    def django(self) -> dict[str, Any]:
        return self.launcher.python("django_app.py", given(self.provider) | {"folder": str(self.folder)})

    @cache  # noqa: B019 - a world lives as long as its session
    def time_server(self, shift: int = 0) -> str:
        """Start a chronyd that serves this machine's time, off by seconds; return its host and port."""
        return start_chronyd(self.launcher, self.folder, shift)

    @cached_property
    def hops(self) -> dict[str, str]:
        """nginx in front of the Express APIs, once a way to spoil a request; by name."""
        return start_nginx(self.launcher, self.folder, self.express["bearer"], self.express["key"], self.provider.issuer)


def given(provider: Provider) -> dict[str, Any]:
    """Return what the Python servers need to know of an authorization server."""
    public = {name: value for name, value in provider.jwk.items() if name in ("kty", "n", "e", "kid", "use", "alg")}
    return {"issuer": provider.issuer, "audience": AUDIENCE, "jwk": public}
