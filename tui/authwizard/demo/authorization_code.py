"""How does a person sign in at the practice authorization server? One practice user, always signed in, always agreeing.

The authorization code grant with PKCE (RFC 6749 section 4.1, RFC 7636); redirect addresses are loopback ones only (RFC 8252 7.3).
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from authwizard.demo.http_message import Response
from authwizard.demo.oauth_refusal import OAuthRefusedError
from authwizard.demo.tokens import Authority

CODE_LIFETIME = 60
"""Seconds between the redirect and the token request."""
PRACTICE_USER = "user_practice"


@dataclass
class _Code:
    authority: Authority
    redirect_uri: str
    challenge: str
    expires_at: float


class AuthorizationCodes:
    """The codes one authorization server has given out."""

    def __init__(self) -> None:
        self._codes: dict[str, _Code] = {}

    def redirect(self, query: Mapping[str, str], authority: Authority, now: float) -> Response:
        """Answer an authorization request with a redirect that carries a code, or the error a client can be told.

        Raises OAuthRefusedError where the redirect address itself cannot be trusted: nothing is sent there then.
        """
        target = query.get("redirect_uri", "")
        if not _is_loopback(target):
            raise OAuthRefusedError("invalid_request", "redirect_uri must be an http address on 127.0.0.1 or localhost.")
        answer = {"state": query["state"]} if "state" in query else {}
        if query.get("response_type") != "code":
            answer["error"] = "unsupported_response_type"
        elif query.get("code_challenge_method", "S256") != "S256":
            answer |= {"error": "invalid_request", "error_description": "code_challenge_method must be S256."}
        else:
            answer["code"] = secrets.token_urlsafe(24)
            self._codes[answer["code"]] = _Code(authority, target, query.get("code_challenge", ""), now + CODE_LIFETIME)
        joint = "&" if urlsplit(target).query else "?"
        return Response(302, (("Location", f"{target}{joint}{urlencode(answer)}"), ("Cache-Control", "no-store")))

    def redeem(self, form: Mapping[str, str], client_id: str, now: float) -> Authority:
        """Return what a code stands for, once; raises OAuthRefusedError."""
        code = self._codes.pop(form.get("code", ""), None)
        if code is None or code.authority.client_id != client_id or now >= code.expires_at:
            raise OAuthRefusedError("invalid_grant", "The authorization code is unknown, was used, or has expired.")
        if form.get("redirect_uri") != code.redirect_uri:
            raise OAuthRefusedError("invalid_grant", "redirect_uri differs from the one of the authorization request.")
        if code.challenge and _s256(form.get("code_verifier", "")) != code.challenge:
            raise OAuthRefusedError("invalid_grant", "code_verifier does not match the code_challenge.")
        return code.authority


def _s256(verifier: str) -> str:
    digest = hashlib.sha256(verifier.encode("utf-8", "surrogatepass")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def _is_loopback(target: str) -> bool:
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    safe = target.isascii() and target.isprintable() and " " not in target
    return safe and parts.scheme == "http" and parts.hostname in ("127.0.0.1", "localhost") and not parts.fragment
