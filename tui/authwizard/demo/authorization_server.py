"""What does the practice authorization server answer: metadata, keys, tokens, introspection, revocation?"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from authwizard.demo.authorization_code import PRACTICE_USER, AuthorizationCodes
from authwizard.demo.clients import Client, ClientRegistry
from authwizard.demo.clock import Clock
from authwizard.demo.http_message import MAX_FIELDS, Request, Response, json_response
from authwizard.demo.keys import SigningKey
from authwizard.demo.ledger import REFRESH_LIFETIME, Ledger
from authwizard.demo.oauth_refusal import NO_STORE, OAuthRefusedError
from authwizard.demo.settings import AUTH_METHODS, GRANTS, SCOPES, TOKEN_LIFETIME
from authwizard.demo.tokens import (
    ACCESS_TOKEN_TYPE,
    Authority,
    TokenRefusedError,
    access_claims,
    check_times,
    validity,
    verified_claims,
)
from authwizard.model.secret import Secret

FORM = "application/x-www-form-urlencoded"


@dataclass
class AuthorizationServer:
    """One environment's authorization server; the call operator answers requests."""

    issuer: str
    clock: Clock
    client: Client
    key: SigningKey
    audiences: tuple[str, ...]
    """The APIs it issues tokens for; the first is the default."""
    introspection: bool = True
    ledger: Ledger = field(default_factory=Ledger)
    codes: AuthorizationCodes = field(default_factory=AuthorizationCodes)
    issued: deque[Secret] = field(default_factory=lambda: deque(maxlen=1000))
    """The tokens given out last, so that a test can look for them where they must not be."""

    def __post_init__(self) -> None:
        self._registry = ClientRegistry(self.client, (self.issuer, self.issuer + "/oauth/token"))
        self._routes: dict[str, dict[str, Callable[[Request], Response]]] = {
            "/.well-known/oauth-authorization-server": {"GET": self._metadata},
            "/.well-known/openid-configuration": {"GET": self._openid_metadata},
            "/.well-known/jwks.json": {"GET": self._jwks},
            "/oauth/authorize": {"GET": self._authorize},
            "/oauth/token": {"POST": self._token},
            "/oauth/revoke": {"POST": self._revoke},
        }
        if self.introspection:
            self._routes["/oauth/introspect"] = {"POST": self._introspect}

    async def __call__(self, request: Request) -> Response:
        """Answer one request."""
        methods = self._routes.get(request.path)
        if methods is None:
            return json_response(404, {"error": "not_found", "error_description": "There is nothing at this path."})
        answer = methods.get("GET" if request.method == "HEAD" else request.method)
        if answer is None:
            return json_response(405, {"error": "method_not_allowed"}, ("Allow", ", ".join(methods)))
        try:
            return answer(request)
        except OAuthRefusedError as refused:
            return refused.response()

    def sign_access_token(self, claims: Mapping[str, Any], key: SigningKey | None = None) -> str:
        """Return an access token with these claims, signed with the current key unless another is named."""
        return (key or self.key).sign(claims, ACCESS_TOKEN_TYPE)

    def is_revoked(self, jti: object) -> bool:
        """Tell the API whether a token was revoked."""
        return self.ledger.is_revoked(jti)

    # ── what everybody may read ──────────────────────────────────────────────────────────────────────────────────────

    def _document(self) -> dict[str, object]:
        offered = {"introspection_endpoint": self.issuer + "/oauth/introspect"} if self.introspection else {}
        return {
            "issuer": self.issuer,
            "authorization_endpoint": self.issuer + "/oauth/authorize",
            "token_endpoint": self.issuer + "/oauth/token",
            "jwks_uri": self.issuer + "/.well-known/jwks.json",
            **offered,
            "revocation_endpoint": self.issuer + "/oauth/revoke",
            "response_types_supported": ["code"],
            "grant_types_supported": list(GRANTS),
            "code_challenge_methods_supported": ["S256"],
            "scopes_supported": list(SCOPES),
            "token_endpoint_auth_methods_supported": [m for m in AUTH_METHODS if m in self.client.settings.auth_methods],
            "token_endpoint_auth_signing_alg_values_supported": [self.client.key.alg],
        }

    def _metadata(self, _request: Request) -> Response:
        return json_response(200, self._document())

    def _openid_metadata(self, _request: Request) -> Response:
        more = {"subject_types_supported": ["public"], "id_token_signing_alg_values_supported": [self.key.alg]}
        return json_response(200, {**self._document(), **more})

    def _jwks(self, _request: Request) -> Response:
        return json_response(200, {"keys": [self.key.jwk()]}, ("Cache-Control", "max-age=300"))

    # ── grants ───────────────────────────────────────────────────────────────────────────────────────────────────────

    def _authorize(self, request: Request) -> Response:
        query = _fields(request.target.partition("?")[2])
        if query.get("client_id") != self.client.id:
            raise OAuthRefusedError("invalid_request", "client_id names no client of this server.")
        authority = self._authority(query, self.client, PRACTICE_USER)
        return self.codes.redirect(query, authority, self.clock.now())

    def _token(self, request: Request) -> Response:
        form = _form(request)
        client = self._registry.authenticate(request, form, self.clock.now())
        grant = form.get("grant_type", "")
        if grant not in GRANTS:
            raise OAuthRefusedError(
                "unsupported_grant_type" if grant else "invalid_request", f"grant_type must be one of {', '.join(GRANTS)}."
            )
        if grant not in client.settings.grants:
            raise OAuthRefusedError("unauthorized_client", f"The client is not allowed to use the grant {grant}.")
        if grant == "client_credentials":
            return self._grant(self._authority(form, client, client.id))
        if grant == "authorization_code":
            authority = self.codes.redeem(form, client.id, self.clock.now())
            return self._grant(authority, renewable=True)
        return self._refresh(form, client)

    def _refresh(self, form: Mapping[str, str], client: Client) -> Response:
        known = self.ledger.refresh_record(form.get("refresh_token", ""))
        wanted = tuple(form.get("scope", "").split())
        if known is not None and set(wanted) - set(known.authority.scope):
            raise OAuthRefusedError("invalid_scope", "A refresh cannot widen the scope.")
        record = self.ledger.spend(form.get("refresh_token", ""), client.id, self.clock.now())
        held = record.authority
        return self._grant(
            Authority(held.client_id, held.subject, wanted or held.scope, held.audience), renewable=True, family=record.family
        )

    def _authority(self, form: Mapping[str, str], client: Client, subject: str) -> Authority:
        """Work out what may be granted: unknown scopes are an error, those the client may not have are left out."""
        wanted = form.get("scope", "").split() or client.settings.scopes
        unknown = [s for s in wanted if s not in SCOPES]
        granted = tuple(s for s in wanted if s in client.settings.scopes)
        if unknown or not granted:
            raise OAuthRefusedError("invalid_scope", "The requested scope is unknown or may not be granted to this client.")
        audience = form.get("audience") or form.get("resource") or self.audiences[0]
        if audience not in self.audiences:
            raise OAuthRefusedError("invalid_target", "No API is registered under the requested audience.")
        return Authority(client.id, subject, granted, audience)

    def _grant(self, authority: Authority, *, renewable: bool = False, family: str = "") -> Response:
        now = self.clock.now()
        claims = access_claims(self.issuer, authority, validity(now))
        token = self.sign_access_token(claims)
        self.issued.append(Secret(token))
        answer: dict[str, object] = {
            "access_token": token,
            "token_type": "Bearer",
            "expires_in": TOKEN_LIFETIME,
            "scope": " ".join(authority.scope),
        }
        if renewable:
            refresh, family = self.ledger.new_refresh_token(authority, now + REFRESH_LIFETIME, family)
            self.ledger.join_family(claims["jti"], family)
            self.issued.append(Secret(refresh))
            answer["refresh_token"] = refresh
        return json_response(200, answer, *NO_STORE)

    # ── questions about tokens ───────────────────────────────────────────────────────────────────────────────────────

    def _introspect(self, request: Request) -> Response:
        """Say what a token is good for (RFC 7662); of any token that is not good, only that."""
        form = _form(request)
        self._registry.authenticate(request, form, self.clock.now())
        token = form.get("token")
        if not token:
            raise OAuthRefusedError("invalid_request", "The parameter token is missing.")
        return json_response(200, self._introspected(token), *NO_STORE)

    def _introspected(self, token: str) -> dict[str, object]:
        record = self.ledger.refresh_record(token)
        if record is not None:
            if not self.ledger.refresh_is_good(record, self.clock.now()):
                return {"active": False}
            return {
                "active": True,
                "client_id": record.authority.client_id,
                "scope": " ".join(record.authority.scope),
                "exp": int(record.expires_at),
            }
        try:
            claims = verified_claims(token, (self.key,))
            check_times(claims, self.clock.now())
        except TokenRefusedError:
            return {"active": False}
        if self.is_revoked(claims.get("jti")):
            return {"active": False}
        return {"active": True, "token_type": "Bearer", **claims}

    def _revoke(self, request: Request) -> Response:
        """Revoke a token (RFC 7009); a token that is not known is as good as revoked."""
        form = _form(request)
        self._registry.authenticate(request, form, self.clock.now())
        token = form.get("token")
        if not token:
            raise OAuthRefusedError("invalid_request", "The parameter token is missing.")
        record = self.ledger.refresh_record(token)
        if record is not None:
            self.ledger.revoke_family(record.family)
            return Response(200)
        try:
            self.ledger.revoke_access_token(str(verified_claims(token, (self.key,)).get("jti")))
        except TokenRefusedError:
            return Response(200)
        return Response(200)


def _form(request: Request) -> dict[str, str]:
    kind = (request.header("content-type") or "").partition(";")[0].strip().lower()
    if kind != FORM:
        raise OAuthRefusedError("invalid_request", f"The body must be {FORM}.")
    try:
        return _fields(request.body.decode("utf-8"))
    except UnicodeDecodeError:
        raise OAuthRefusedError("invalid_request", "The body is not UTF-8.") from None


def _fields(text: str) -> dict[str, str]:
    """Read form or query fields; a field that comes twice is an error (RFC 6749 section 3.2)."""
    try:
        pairs = parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_FIELDS)
    except ValueError:
        raise OAuthRefusedError("invalid_request", "The request has too many parameters.") from None
    if len({name for name, _ in pairs}) != len(pairs):
        raise OAuthRefusedError("invalid_request", "A parameter comes more than once.")
    return dict(pairs)
