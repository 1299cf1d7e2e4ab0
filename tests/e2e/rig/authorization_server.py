"""An authorization server with knobs: discovery, keys, tokens, introspection, revocation, rotation (RFC 8414, 6749, 7662, 7009)."""

from __future__ import annotations

import base64
import binascii
import secrets
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote_plus

import jwt
from e2e.rig.tokens import HOUR, Key, key, opaque
from e2e.rig.wire import Answer, Asked, Server, as_json

NO_STORE = ("Cache-Control", "no-store")
MINUTE_OLD = 60.0


class Refused(Exception):
    """An OAuth error answer."""

    def __init__(self, status: int, error: str, description: str = "", **more: Any) -> None:
        super().__init__(error)
        self.answer = as_json(status, {"error": error, **({"error_description": description} if description else {}), **more}, NO_STORE)


@dataclass
class Client:
    """A registered client."""

    id: str
    secret: str = ""
    methods: tuple[str, ...] = ("client_secret_basic", "client_secret_post")
    grants: tuple[str, ...] = ("client_credentials", "refresh_token")
    scopes: tuple[str, ...] = ("read", "write")
    disabled: bool = False
    keys: tuple[Key, ...] = ()
    decodes_basic: bool = True
    """Undoes the form-encoding of id and secret in Basic (RFC 6749 2.3.1); half of the servers do not."""


@dataclass
class Settings:
    """What can be turned."""

    clock: float = 0.0
    lifetime: float = HOUR
    rotates: bool = True
    style: str = "rfc"
    """rfc, or entra for its own numbers and words."""
    words: dict[str, str] = field(default_factory=dict)
    """Descriptions instead of the usual ones, by error code."""
    slash: str = ""
    """What the issuer in tokens has at its end that the metadata has not."""
    scope_in_answer: bool = True
    dpop_bound: bool = False


class AuthorizationServer:
    """One authorization server; `signs` is its key in use, `published` what its key set holds."""

    def __init__(self, name: str, product: str = "auth") -> None:
        self.name = name
        self.server = Server(self._answer, product)
        self.settings = Settings()
        self.signs = key(f"{name}-signing")
        self.published = [self.signs]
        self.client = Client(f"{name}-client", f"plainly-fake-{secrets.token_hex(12)}")
        self.audience = f"https://api.{name}.example"
        self.revoked: set[str] = set()
        self.refresh_tokens: dict[str, str] = {}
        """Refresh token to its state: live, spent, expired."""
        self.issued: list[str] = []
        self.more_claims: dict[str, Any] = {}
        """Further claims of every token from now on."""

    @property
    def issuer(self) -> str:
        return self.server.url

    def now(self) -> float:
        return time.time() + self.settings.clock

    def claims(self, age: float = MINUTE_OLD, **changes: Any) -> dict[str, Any]:
        """The claims of an access token that was issued `age` seconds ago (RFC 9068 2.2); None takes a claim out."""
        issued = int(self.now() - age)
        usual = {
            "iss": self.issuer + self.settings.slash, "sub": self.client.id, "aud": self.audience, "client_id": self.client.id,
            "iat": issued, "exp": int(issued + self.settings.lifetime), "scope": "read", "jti": secrets.token_hex(8), **self.more_claims,
        }  # fmt: skip
        return {name: value for name, value in {**usual, **changes}.items() if value is not None}

    def token(self, age: float = MINUTE_OLD, *, by: Key | None = None, typ: str = "at+jwt", **changes: Any) -> str:
        token = (by or self.signs).sign(self.claims(age, **changes), typ)
        self.issued.append(token)
        return token

    def refresh_token(self, state: str = "live") -> str:
        token = opaque("rt_")
        self.refresh_tokens[token] = state
        self.issued.append(token)
        return token

    def active(self, token: str) -> bool:
        """Whether introspection would call it active."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.PyJWTError:
            return False
        return token not in self.revoked and claims.get("exp", self.now() + 1) > self.now() and str(claims["iss"]).startswith(self.issuer)

    # ── endpoints ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _answer(self, asked: Asked) -> Answer:
        if asked.path in ("/.well-known/oauth-authorization-server", "/.well-known/openid-configuration"):
            return as_json(200, self._metadata())
        if asked.path == "/jwks":
            return as_json(200, {"keys": [k.jwk for k in self.published]})
        posts = {"/token": self._token, "/introspect": self._introspect, "/revoke": self._revoke}
        if asked.path not in posts:
            return Answer(
                404, [("Content-Type", "text/html")], b"<html><head><title>404 Not Found</title></head><body>Not Found</body></html>"
            )
        if asked.method != "POST":
            return as_json(405, {"error": "invalid_request", "error_description": "POST is required"}, ("Allow", "POST"))
        try:
            return posts[asked.path](asked)
        except Refused as refused:
            return refused.answer

    def _metadata(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer, "token_endpoint": f"{self.issuer}/token", "jwks_uri": f"{self.issuer}/jwks",
            "introspection_endpoint": f"{self.issuer}/introspect", "revocation_endpoint": f"{self.issuer}/revoke",
            "authorization_endpoint": f"{self.issuer}/authorize", "response_types_supported": ["code"],
            "grant_types_supported": ["client_credentials", "refresh_token", "authorization_code"],
            "token_endpoint_auth_methods_supported": list(self.client.methods), "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"], "scopes_supported": ["read", "write"],
        }  # fmt: skip

    def _token(self, asked: Asked) -> Answer:
        client = self._authenticated(asked)
        form = asked.form
        grant = form.get("grant_type", "")
        if grant not in ("client_credentials", "refresh_token"):
            raise Refused(400, "unsupported_grant_type")
        if grant not in client.grants:
            raise self._refusal(400, "unauthorized_client", "The client is not authorized for this grant type")
        renewed = self._spend(form.get("refresh_token", "")) if grant == "refresh_token" else {}
        scope = form.get("scope", "") or "read"
        unknown = [s for s in scope.split(" ") if s not in client.scopes]
        if unknown:
            raise self._refusal(400, "invalid_scope", "The requested scope is invalid, unknown, or malformed")
        access = self.token(0, scope=scope)
        answer = {"access_token": access, "token_type": "Bearer", "expires_in": int(self.settings.lifetime), **renewed}
        if self.settings.scope_in_answer:
            answer["scope"] = scope
        return as_json(200, answer, NO_STORE)

    def _spend(self, token: str) -> dict[str, str]:
        state = self.refresh_tokens.get(token, "unknown")
        if state != "live":
            usual = {"expired": "Token is expired", "spent": "Refresh token already used", "unknown": "Invalid refresh token"}
            raise self._refusal(400, "invalid_grant", usual[state])
        if not self.settings.rotates:
            return {}
        self.refresh_tokens[token] = "spent"
        return {"refresh_token": self.refresh_token()}

    def _introspect(self, asked: Asked) -> Answer:
        self._authenticated(asked)
        token = asked.form.get("token", "")
        if not self.active(token):
            return as_json(200, {"active": False})
        return as_json(200, {"active": True, **jwt.decode(token, options={"verify_signature": False})})

    def _revoke(self, asked: Asked) -> Answer:
        self._authenticated(asked)
        self.revoked.add(asked.form.get("token", ""))
        return Answer(200)

    # ── client authentication ────────────────────────────────────────────────────────────────────────────────────────

    def _authenticated(self, asked: Asked) -> Client:
        client, form = self.client, asked.form
        method, name, secret = self._presented(asked)
        if method == "none":
            raise self._refusal(401, "invalid_client", "Client authentication failed: no credentials were sent")
        if name != client.id:
            raise self._refusal(401, "invalid_client", "Client not found", 700016)
        if client.disabled:
            raise self._refusal(401, "invalid_client", "The client is disabled", 7000112)
        if method not in client.methods:
            raise self._refusal(401, "invalid_client", f"Client authentication method {method} is not allowed for this client")
        if method == "private_key_jwt":
            self._check_assertion(form.get("client_assertion", ""))
        elif secret != client.secret:
            raise self._refusal(401, "invalid_client", "Invalid client secret", 7000215)
        return client

    def _presented(self, asked: Asked) -> tuple[str, str, str]:
        form = asked.form
        scheme, _, value = asked.header("authorization").partition(" ")
        if scheme.lower() == "basic":
            try:
                name, _, secret = base64.b64decode(value).decode().partition(":")
            except (binascii.Error, UnicodeDecodeError):
                raise Refused(400, "invalid_request", "The Authorization header cannot be read") from None
            undo = unquote_plus if self.client.decodes_basic else str
            return "client_secret_basic", undo(name), undo(secret)
        if "client_assertion" in form:
            return "private_key_jwt", form.get("client_id") or _issuer_of(form["client_assertion"]), ""
        if "client_secret" in form:
            return "client_secret_post", form.get("client_id", ""), form["client_secret"]
        return "none", form.get("client_id", ""), ""

    def _check_assertion(self, assertion: str) -> None:
        known = {k.kid: k for k in self.client.keys}
        head = jwt.get_unverified_header(assertion)
        if head.get("kid") not in known:
            raise self._refusal(401, "invalid_client", f"No key with kid '{head.get('kid')}' is registered for this client", 700027)
        public = known[head["kid"]].private.public_key()
        options = {"verify_exp": False, "verify_iat": False, "verify_nbf": False, "verify_aud": False}
        claims = jwt.decode(assertion, public, ["RS256"], options=options)
        if claims["exp"] < self.now():
            raise self._refusal(401, "invalid_client", "Client assertion is expired: exp is in the past", 700024)
        if max(claims.get("iat", 0), claims.get("nbf", 0)) > self.now() + 60:
            raise self._refusal(401, "invalid_client", "Client assertion is not yet valid: iat is in the future", 700024)

    def _refusal(self, status: int, error: str, description: str, number: int = 0) -> Refused:
        text = self.settings.words.get(error, description)
        fields = {"error_codes": [number]} if number and self.settings.style == "entra" else {}
        return Refused(status, error, f"AADSTS{number}: {text}" if fields else text, **fields)


def _issuer_of(assertion: str) -> str:
    try:
        return str(jwt.decode(assertion, options={"verify_signature": False}).get("iss", ""))
    except jwt.PyJWTError:
        return ""
