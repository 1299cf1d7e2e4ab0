"""An API with knobs: what it trusts, how it looks at a credential, and in whose words it refuses."""

from __future__ import annotations

import base64
import binascii
import hashlib
import itertools
import json
import secrets
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import jwt
from e2e.rig.authorization_server import AuthorizationServer
from e2e.rig.styles import STYLES, Case, Why
from e2e.rig.tokens import Key
from e2e.rig.wire import Answer, Asked, Fields, Server, as_json

Mode = Literal["bearer", "basic", "api_key", "digest", "cookie"]


class Refusal(Exception):
    """The API refuses, for this reason or with this very answer."""

    def __init__(self, why: Why | None = None, answer: Answer | None = None, when: float = 0.0) -> None:
        super().__init__(why)
        self.why, self.answer, self.when = why, answer, when


@dataclass
class ApiSettings:
    """What can be turned."""

    style: str = "express"
    mode: Mode = "bearer"
    clock: float = 0.0
    leeway: float | None = None
    issuers: tuple[str, ...] = ()
    audience: str = ""
    known_keys: Callable[[], list[Key]] = list
    keys_unreachable: bool = False
    any_case: bool | None = None
    header: str = "Authorization"
    limit: int = 16384
    """Bytes of all header fields."""
    introspects: bool = False
    scopes: dict[str, str] = field(default_factory=dict)
    """Path to the scope it needs."""
    scope_status: int | None = None
    """Another status than the style's where a scope is missing."""
    hides: bool = False
    """404 instead of 401 and 403 (as GitHub does)."""
    rule: Callable[[dict[str, Any]], bool] = lambda claims: True
    unknown_paths: Literal["404", "401"] = "404"
    preflight: Literal["open", "401", "none"] = "open"
    origin: str = ""
    """The origin CORS allows."""
    canonical_slash: bool = False
    """308 from /x to /x/."""
    login_at: str = ""
    """Where callers without a credential are sent (302), "" = nowhere."""
    volatile: bool = False
    """Request id and time in every body."""
    open_to_all: bool = False
    """Reads the claims and does not verify the signature."""
    override: Answer | None = None
    """What every request with a credential gets."""
    login: tuple[str, str] = ("", "")
    api_key: str = ""
    api_key_words: str = "API key is missing: send it in the X-API-Key header"
    nonces: Literal["good", "stale"] = "good"
    cnf: bool = True


class Api:
    """One API. `paths` exist; `/v2/me` is the usual one."""

    def __init__(self, auth: AuthorizationServer) -> None:
        self.auth = auth
        self.settings = ApiSettings()
        self.settings.issuers = ()
        self.settings.audience = auth.audience
        self.settings.known_keys = lambda: list(auth.published)
        self.paths = {"/v2/me", "/v2/devices", "/v2/items"}
        self.server = Server(self.answer)
        self.denied: dict[str, int] = {}
        """How many more requests with a token are refused."""
        self.denied_once = False
        """Whether each token is refused at its first use."""
        self._turn = itertools.count()
        self.replicas: list[ApiSettings] = []

    def now(self) -> float:
        return time.time() + self.settings.clock

    def split(self, **changes: Any) -> None:
        """Have two replicas answer in turn; the first one differs by these settings."""
        self.replicas = [replace(self.settings, **changes), self.settings]

    def answer(self, asked: Asked) -> Answer:
        # Only requests that carry something are dealt out in turn, so that the first one meets the replica with the fault.
        turn = self.replicas and asked.header(self.settings.header)
        settings = self.replicas[next(self._turn) % len(self.replicas)] if turn else self.settings
        answer = self._answered(asked, settings)
        product = STYLES[settings.style].product
        if product and not answer.header("server"):
            answer.fields.append(("Server", product))
        return _with_ids(answer) if settings.volatile else answer

    def _answered(self, asked: Asked, s: ApiSettings) -> Answer:
        if sum(len(k) + len(v) + 4 for k, v in asked.fields) > s.limit:
            return Answer(431, [("Content-Type", "text/plain")], b"Request Header Fields Too Large")
        if asked.method == "OPTIONS" and s.preflight == "open":
            return Answer(204, _cors(s))
        if s.canonical_slash and not asked.path.endswith("/"):
            return Answer(308, [("Location", f"{asked.path}/")])
        path = asked.path.rstrip("/") or "/"
        if path not in self.paths and s.unknown_paths == "404":
            return as_json(404, {"message": "Not Found"})
        try:
            if path not in self.paths:
                raise Refusal(Why.ABSENT)
            claims = self._admitted(asked, s)
            self._permitted(path, claims, s)
        except Refusal as refusal:
            answer = refusal.answer or self._refused(refusal, asked, s)
            answer.fields.extend(_cors(s) if s.origin else [])
            return answer
        return as_json(200, {"id": 7, "name": "Alice"}, *(_cors(s) if s.origin else []))

    def _refused(self, refusal: Refusal, asked: Asked, s: ApiSettings) -> Answer:
        assert refusal.why is not None
        if s.hides and refusal.why in (Why.ABSENT, Why.SCOPE, Why.SCHEME):
            return as_json(404, {"message": "Not Found"})
        path = asked.path.rstrip("/")
        issuer = s.issuers[0] if s.issuers else self.auth.issuer
        case = Case(refusal.why, asked.path, asked.header("host"), refusal.when or self.now(), s.audience, issuer, s.scopes.get(path, ""))
        answer = STYLES[s.style].render(case)
        if refusal.why is Why.SCOPE and s.scope_status:
            answer.status = s.scope_status
        return answer

    # ── authentication ───────────────────────────────────────────────────────────────────────────────────────────────

    def _admitted(self, asked: Asked, s: ApiSettings) -> dict[str, Any]:
        """Return the claims of the caller, or raise Refusal."""
        if s.mode == "basic":
            return self._login(asked, s)
        if s.mode == "digest":
            return self._digest(asked, s)
        if s.mode == "api_key":
            return self._api_key(asked, s)
        places = [*asked.all(s.header), *([asked.query["access_token"]] if "access_token" in asked.query else [])]
        if not places and s.login_at:
            raise Refusal(answer=Answer(302, [("Location", s.login_at), ("Content-Type", "text/html")]))
        if not places or not places[0]:
            raise Refusal(Why.ABSENT)
        if len(places) > 1:
            raise Refusal(Why.SEVERAL)
        if s.override is not None:
            raise Refusal(answer=replace(s.override, fields=list(s.override.fields)))
        token = places[0] if s.header != "Authorization" else self._token_of(places[0], s)
        claims = self._verified(token, s)
        self._bound(asked, claims, s)
        if self.denied.setdefault(token, int(self.denied_once)):
            self.denied[token] -= 1
            raise Refusal(Why.HIDDEN)
        return claims

    def _token_of(self, value: str, s: ApiSettings) -> str:
        style = STYLES[s.style]
        any_case = style.any_case if s.any_case is None else s.any_case
        scheme, blank, token = value.partition(" ")
        if (scheme.lower() if any_case else scheme) != ("bearer" if any_case else "Bearer"):
            raise Refusal(style.other_scheme)
        if not blank or not token:
            raise Refusal(style.other_scheme if style.other_scheme is not Why.ABSENT or not blank else Why.MALFORMED)
        if " " in token:
            raise Refusal(Why.SCHEME if s.style in ("express", "drf") else Why.MALFORMED)
        return token

    def _verified(self, token: str, s: ApiSettings) -> dict[str, Any]:
        try:
            head = jwt.get_unverified_header(token)
            claims: dict[str, Any] = jwt.decode(token, options={"verify_signature": False})
            assert isinstance(head, dict)
        except (jwt.PyJWTError, UnicodeError, ValueError):
            raise Refusal(Why.MALFORMED) from None
        if s.open_to_all:
            return claims
        leeway = STYLES[s.style].leeway if s.leeway is None else s.leeway
        now = time.time() + s.clock
        found: dict[Why, bool] = {
            Why.ALG: head.get("alg") != "RS256",
            Why.KEY: head.get("kid") not in {k.kid for k in s.known_keys()},
            Why.SIGNATURE: not _signed(token, head, s.known_keys()),
            Why.NOT_YET: max(claims.get("nbf", 0), claims.get("iat", 0)) > now + leeway,
            Why.EXPIRED: "exp" in claims and claims["exp"] <= now - leeway,
            Why.AUDIENCE: s.audience not in _listed(claims.get("aud")),
            Why.ISSUER: claims.get("iss") not in (s.issuers or (self.auth.issuer,)),
        }
        if s.keys_unreachable:
            raise Refusal(Why.KEYS_UNREACHABLE)
        for why in STYLES[s.style].order:
            if found[why]:
                raise Refusal(why, when=float(claims.get("exp" if why is Why.EXPIRED else "nbf", 0) or 0))
        if s.introspects and not self.auth.active(token):
            raise Refusal(Why.REVOKED)
        if not s.rule(claims):
            raise Refusal(Why.HIDDEN)
        return claims

    def _bound(self, asked: Asked, claims: dict[str, Any], s: ApiSettings) -> None:
        """Tokens bound to a key (`cnf`, RFC 9449 and 8705) are worth nothing without it."""
        bound = claims.get("cnf", {}) if s.cnf else {}
        if "jkt" in bound and not asked.header("dpop"):
            said = 'DPoP algs="ES256 RS256", error="invalid_token", error_description="The access token is bound to a key; use the DPoP scheme"'
            raise Refusal(answer=as_json(401, {"error": "invalid_token"}, ("WWW-Authenticate", said)))
        if "x5t#S256" in bound:
            said = 'Bearer error="invalid_token", error_description="The client certificate that the access token is bound to was not presented"'
            raise Refusal(answer=as_json(401, {"error": "invalid_token"}, ("WWW-Authenticate", said)))

    def _permitted(self, path: str, claims: dict[str, Any], s: ApiSettings) -> None:
        needed = s.scopes.get(path)
        if needed and needed not in str(claims.get("scope", "")).split():
            raise Refusal(Why.SCOPE)

    # ── other mechanisms ─────────────────────────────────────────────────────────────────────────────────────────────

    def _login(self, asked: Asked, s: ApiSettings) -> dict[str, Any]:
        asking = ("WWW-Authenticate", 'Basic realm="api", charset="UTF-8"')
        scheme, _, value = asked.header("authorization").partition(" ")
        if scheme.lower() != "basic":
            raise Refusal(answer=as_json(401, {"message": "Authentication required"}, asking))
        try:
            user, _, password = base64.b64decode(value, validate=True).decode("utf-8").partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user, password = "", ""
        if (user, password) != s.login:
            raise Refusal(answer=as_json(401, {"message": "Unauthorized"}, asking))
        return {}

    def _digest(self, asked: Asked, s: ApiSettings) -> dict[str, Any]:
        scheme, _, value = asked.header("authorization").partition(" ")
        nonce = secrets.token_hex(16)
        stale = ", stale=true" if scheme.lower() == "digest" else ""
        asking = ("WWW-Authenticate", f'Digest realm="api", nonce="{nonce}", qop="auth", algorithm=SHA-256{stale}')
        given = {k.strip(): v.strip().strip('"') for k, _, v in (part.partition("=") for part in value.split(","))}
        if not stale or s.nonces == "stale" or not _digest_right(given, asked, s.login):
            raise Refusal(answer=as_json(401, {"message": "Unauthorized"}, asking))
        return {}

    def _api_key(self, asked: Asked, s: ApiSettings) -> dict[str, Any]:
        key = asked.header(s.header)
        if not key:
            raise Refusal(answer=as_json(401, {"message": s.api_key_words}))
        if key != s.api_key:
            raise Refusal(answer=as_json(401, {"message": "Invalid API key"}))
        return {}


def _digest_right(given: dict[str, str], asked: Asked, login: tuple[str, str]) -> bool:
    """RFC 7616 3.4.1."""

    def h(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    one, two = h(f"{login[0]}:api:{login[1]}"), h(f"{asked.method}:{asked.target}")
    return given.get("response") == h(":".join((one, given.get("nonce", ""), given.get("nc", ""), given.get("cnonce", ""), "auth", two)))


def _signed(token: str, head: dict[str, Any], keys: list[Key]) -> bool:
    known = next((k for k in keys if k.kid == head.get("kid")), None)
    if known is None:
        return False
    try:
        jwt.api_jws.decode(token, known.private.public_key(), [known.alg])
    except jwt.PyJWTError:
        return False
    return True


def _listed(audience: Any) -> list[str]:
    return audience if isinstance(audience, list) else [audience]


def _cors(s: ApiSettings) -> Fields:
    return [("Access-Control-Allow-Origin", s.origin), ("Access-Control-Allow-Headers", "authorization")] if s.origin else []


def _with_ids(answer: Answer) -> Answer:
    if answer.header("content-type") != "application/json":
        return answer
    document = json.loads(answer.body)
    document |= {"requestId": str(uuid.uuid4()), "timestamp": time.strftime("%Y-%m-%dT%H:%M:%S") + f".{time.time_ns() % 1000000:06d}Z"}
    return Answer(answer.status, answer.fields, json.dumps(document).encode())
