"""Which client sends a token request, and has it proven that (RFC 6749 section 2.3, RFC 7523 section 3)?"""

from __future__ import annotations

import base64
import binascii
import dataclasses
from collections.abc import Mapping
from dataclasses import field
from typing import Any
from urllib.parse import unquote_plus

from authwizard.demo.http_message import Request
from authwizard.demo.keys import SigningKey
from authwizard.demo.oauth_refusal import OAuthRefusedError
from authwizard.demo.settings import LEEWAY, ClientSettings
from authwizard.demo.tokens import TokenRefusedError, signed_claims
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
FAILED = "Client authentication failed."
REFUSED_ASSERTION = "Client authentication failed: the client assertion is not acceptable."


@dataclass(frozen=True)
class Client:
    """A registered client."""

    id: str
    secret: Secret
    key: SigningKey
    settings: ClientSettings


@dataclasses.dataclass
class ClientRegistry:
    """The clients of one authorization server, and the assertions it has already seen."""

    client: Client
    audiences: tuple[str, ...]
    """What a client assertion may name as its audience: the issuer and the token endpoint."""
    _seen_assertions: set[str] = field(default_factory=set)

    def authenticate(self, request: Request, form: Mapping[str, str], now: float) -> Client:
        """Return the client that sent the request; raises OAuthRefusedError."""
        header = request.header("authorization")
        ways = [header is not None, "client_secret" in form, "client_assertion" in form]
        if sum(ways) > 1:
            raise OAuthRefusedError("invalid_request", "The request uses more than one way of client authentication.")
        if header is not None:
            return self._by_header(header)
        if "client_assertion" in form:
            return self._by_assertion(form, now)
        if "client_secret" not in form:
            raise OAuthRefusedError("invalid_client", "The request carries no client authentication.")
        return self._by_secret(form.get("client_id", ""), Secret(form["client_secret"]), "client_secret_post")

    def _by_header(self, value: str) -> Client:
        scheme, _, encoded = value.partition(" ")
        try:
            pair = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            pair = ""
        identity, found, secret = pair.partition(":")
        if scheme.lower() != "basic" or not found:
            raise OAuthRefusedError("invalid_client", FAILED, by_header=True)
        # Both halves are form-encoded before they are joined (RFC 6749 2.3.1).
        return self._by_secret(unquote_plus(identity), Secret(unquote_plus(secret)), "client_secret_basic")

    def _by_secret(self, identity: str, secret: Secret, method: str) -> Client:
        by_header = method == "client_secret_basic"
        client = self._known(identity, by_header=by_header)
        if method not in client.settings.auth_methods or secret != client.secret:
            raise OAuthRefusedError("invalid_client", FAILED, by_header=by_header)
        if client.settings.status == "secret_expired":
            raise OAuthRefusedError("invalid_client", "The client secret has expired.", by_header=by_header)
        return self._active(client, by_header=by_header)

    def _by_assertion(self, form: Mapping[str, str], now: float) -> Client:
        claims = self._assertion_claims(form)
        client = self._known(str(claims.get("sub", "")))
        named = form.get("client_id", client.id)
        if "private_key_jwt" not in client.settings.auth_methods or not claims.get("iss") == claims.get("sub") == named:
            raise OAuthRefusedError("invalid_client", FAILED)
        self._check_assertion(claims, now)
        return self._active(client)

    def _assertion_claims(self, form: Mapping[str, str]) -> dict[str, Any]:
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise OAuthRefusedError("invalid_request", f"client_assertion_type must be {ASSERTION_TYPE}.")
        try:
            return signed_claims(form["client_assertion"], self.client.key)
        except TokenRefusedError:
            raise OAuthRefusedError("invalid_client", REFUSED_ASSERTION) from None

    def _check_assertion(self, claims: Mapping[str, Any], now: float) -> None:
        """Test times, audience and single use by the server's clock (RFC 7523 section 3, items 3, 4, 5 and 7)."""
        audience = claims.get("aud")
        named = audience if isinstance(audience, list) else [audience]
        expires, begins, issued = (claims.get(name, default) for name, default in (("exp", 0), ("nbf", now), ("iat", now)))
        timely = (
            all(isinstance(t, (int, float)) for t in (expires, begins, issued))
            and now - LEEWAY < expires
            and max(begins, issued) < now + LEEWAY
        )
        identity = str(claims.get("jti", ""))
        if not timely or not set(map(str, named)) & set(self.audiences) or not identity or identity in self._seen_assertions:
            raise OAuthRefusedError("invalid_client", REFUSED_ASSERTION)
        self._seen_assertions.add(identity)

    def _known(self, identity: str, *, by_header: bool = False) -> Client:
        if self.client.settings.status == "deleted":
            raise OAuthRefusedError("invalid_client", "No client with this client_id is registered.", by_header=by_header)
        if identity != self.client.id:
            raise OAuthRefusedError("invalid_client", FAILED, by_header=by_header)
        return self.client

    def _active(self, client: Client, *, by_header: bool = False) -> Client:
        if client.settings.status == "disabled":
            raise OAuthRefusedError("invalid_client", "The client is disabled.", by_header=by_header)
        return client
