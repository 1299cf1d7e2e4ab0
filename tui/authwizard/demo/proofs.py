"""Does a request prove what its credential needs proven: a Digest answer (RFC 7616), or the key a token is bound to (RFC 9449)?"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

from authwizard.demo.http_message import Request
from authwizard.demo.nonces import Nonces
from authwizard.demo.settings import LEEWAY
from authwizard.demo.tokens import TokenRefusedError
from authwizard.demo.wording import REALM, Reason
from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.digest import Login, field_value

_PARAMETER = late_pattern(r'(\w+)=(?:"((?:[^"\\]|\\.)*)"|([^,\s]+))')


def digest_user(credentials: str, request: Request, passwords: Mapping[str, str], nonces: Nonces) -> str:
    """Return the user name of a right answer to a Digest challenge; raises TokenRefusedError."""
    sent = {m[1].lower(): m[2] if m[2] is not None else m[3] for m in _PARAMETER.finditer(credentials)}
    user, nonce = sent.get("username", ""), sent.get("nonce", "")
    if user not in passwords or not nonces.own(nonce) or sent.get("uri") != request.target:
        raise TokenRefusedError(Reason.BAD_LOGIN)
    challenge = {"realm": REALM, "nonce": nonce, "algorithm": "SHA-256", "qop": "auth"}
    right = field_value(challenge, request.method, request.target, Login(user, passwords[user], sent.get("cnonce", "")))
    if not hmac.compare_digest(sent.get("response", "").encode(), _PARAMETER.search(right[right.index("response=") :])[2].encode()):  # type: ignore[index]
        raise TokenRefusedError(Reason.BAD_LOGIN)
    if not nonces.fresh(nonce):
        raise TokenRefusedError(Reason.STALE_NONCE)
    return user


def check_proof(proof: str, token: str, thumbprint: str, request: Request, url: str, now: float, nonces: Nonces) -> None:
    """Refuse a request whose DPoP proof does not show the key with this thumbprint, for this request, token and nonce (RFC 9449 4.3)."""
    import jwt

    try:
        header = jwt.get_unverified_header(proof)
        key = jwt.PyJWK(header["jwk"], algorithm="ES256")
        claims: dict[str, Any] = jwt.decode(proof, key.key, algorithms=["ES256"], options={"verify_iat": False})
    except (jwt.PyJWTError, KeyError, ValueError, TypeError):
        raise TokenRefusedError(Reason.NO_PROOF) from None
    wanted = (request.method, url + request.path, _b64(hashlib.sha256(token.encode()).digest()))
    timely = isinstance(claims.get("iat"), int) and abs(now - claims["iat"]) <= LEEWAY
    if (claims.get("htm"), claims.get("htu"), claims.get("ath")) != wanted or not timely or _thumbprint(header["jwk"]) != thumbprint:
        raise TokenRefusedError(Reason.NO_PROOF)
    if not nonces.fresh(str(claims.get("nonce", ""))):
        raise TokenRefusedError(Reason.NO_NONCE)


def _thumbprint(jwk: Mapping[str, Any]) -> str:
    members = {name: jwk.get(name) for name in ("crv", "kty", "x", "y")}
    return _b64(hashlib.sha256(json.dumps(members, sort_keys=True, separators=(",", ":")).encode()).digest())


def _b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
