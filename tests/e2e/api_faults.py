"""The faults that are tried on every API that takes a JWT: how each is made, and which causes are true then."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from .cells import NAMED, OPEN, Cell, Setup
from .world import AUDIENCE, CLIENT_ID, CLIENT_SECRET, World

Make = Callable[[World, Setup], Setup]


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong with a request; `causes` are true then, `step` is the step of record."""

    name: str
    causes: tuple[str, ...]
    step: int | None
    make: Make


def with_token(setup: Setup, token: str) -> Setup:
    """Return a profile with another access token."""
    return replace(setup, secrets={**setup.secrets, "access_token": token})


def claims(**changes: Any) -> Make:
    """Return what puts a token with other claims in the place of the good one; times are seconds from now."""

    def make(world: World, setup: Setup) -> Setup:
        now = int(time.time())
        given = {k: now + v if k in ("exp", "iat", "nbf") else v for k, v in changes.items()}
        return with_token(setup, world.provider.token(**given))

    return make


def other_key(kid: str = "") -> Make:
    """Return what puts a token signed with another key, under a key id, in the place of the good one."""
    return lambda world, setup: with_token(setup, world.provider.token(key=world.other_key, kid=kid))


def text(token: str) -> Make:
    """Return what puts any text in the place of the good token."""
    return lambda _world, setup: with_token(setup, token)


def scheme(word: str) -> Make:
    """Return what spells the scheme in another way."""
    return lambda _world, setup: replace(setup, credential={**setup.credential, "scheme": word})


def nothing(_world: World, setup: Setup) -> Setup:
    """Break nothing."""
    return setup


def no_credential(_world: World, setup: Setup) -> Setup:
    """Take the token away, and what could get one."""
    return replace(setup, oauth={**setup.oauth, "grant": "authorization_code"}, secrets={})


def admin(_world: World, setup: Setup) -> Setup:
    """Ask for what needs a scope the token lacks."""
    return replace(setup, request=setup.request.replace("/me", "/admin"))


FAULTS = (
    Fault("healthy", (), None, nothing),
    Fault("no credential", ("credential_missing",), 1, no_credential),
    # A text that is no JWT may be damaged, another kind of credential, or an opaque token: all three are true of it.
    Fault("garbage", ("token_malformed", "wrong_token_kind", "opaque_token_no_audience"), 1, text("plainly-fake-garbage-0000000000")),
    Fault("expired", ("token_expired",), 2, claims(iat=-7800, exp=-7200)),
    Fault("not yet valid", ("token_not_yet_valid",), 2, claims(nbf=900)),
    Fault("wrong audience", ("audience_mismatch",), 3, claims(aud="https://other.example.test")),
    Fault("wrong issuer", ("issuer_mismatch",), 3, claims(iss="https://login.other.example.test")),
    Fault("bad signature", ("signature_invalid",), 3, other_key()),
    Fault("unknown key", ("signing_key_rotated", "signing_key_unknown"), 3, other_key("gone-key-0")),
    Fault("insufficient scope", ("insufficient_scope",), 5, admin),
    Fault("wrong scheme", ("auth_scheme_wrong",), 1, scheme("Token")),
    Fault("lowercase scheme", (), None, scheme("bearer")),
    Fault("revoked", ("token_revoked",), 7, claims(jti="revoked-0001")),
)
LOWERCASE_REFUSED = Fault("lowercase scheme", ("auth_scheme_case_rejected",), 1, scheme("bearer"))


@dataclass(frozen=True)
class Api:
    """An API of others: where it is, and how much its answers tell."""

    name: str
    base: Callable[[World], str]
    path: str = "/v2/me"
    left_open: tuple[str, ...] = ()
    """Faults whose cause this server's answers do not give away to who knows a URL and a token alone."""
    left_open_to_all: tuple[str, ...] = ()
    """Faults whose cause not even who knows everything can see."""
    case_sensitive: bool = False
    revokes: bool = True
    one_key: bool = False
    """It holds one key and never looks at the key id: a token of a replaced key is to it a wrong signature."""

    def fault(self, fault: Fault, known: str) -> Fault:
        """Return a fault as it is on this server."""
        if fault.name == "lowercase scheme" and self.case_sensitive:
            return LOWERCASE_REFUSED
        if fault.name == "unknown key" and self.one_key and known == "bare":
            return replace(fault, causes=(*fault.causes, "signature_invalid"))
        return fault


SILENT = ("garbage", "wrong audience", "wrong issuer", "bad signature", "unknown key", "revoked")
"""What a server that gives no reason leaves open. What the token itself shows (its times) and what can be tried (the scheme) it does not."""
NO_WORD_OF_SCOPE = ("insufficient scope",)
"""A 403 without the word scope: it may be any rule of the API."""

APIS = (
    Api("express-oauth2-jwt-bearer", lambda w: w.express["bearer"], revokes=False),
    Api("express-jwt", lambda w: w.express["jwt"], left_open=("unknown key",), left_open_to_all=NO_WORD_OF_SCOPE),
    Api("express-jwt in production", lambda w: w.express["jwt_quiet"], left_open=SILENT, left_open_to_all=NO_WORD_OF_SCOPE),
    Api("passport-jwt", lambda w: w.express["passport"], left_open=SILENT, left_open_to_all=NO_WORD_OF_SCOPE),
    Api("flask-jwt-extended", lambda w: w.flask, left_open_to_all=NO_WORD_OF_SCOPE, one_key=True, case_sensitive=True),
    Api("fastapi OAuth2PasswordBearer", lambda w: w.fastapi, left_open=SILENT, one_key=True),
    Api("fastapi HTTPBearer", lambda w: w.fastapi, "/http/v2/me", left_open=("revoked",), one_key=True),
    Api("simplejwt", lambda w: w.django["url"], "/jwt/v2/me", left_open=SILENT[:-1], left_open_to_all=NO_WORD_OF_SCOPE, one_key=True, case_sensitive=True),
)  # fmt: skip


def full(world: World, api: Api) -> Setup:
    """Return a profile that knows all a user can know: issuer, client, resource, expectations."""
    issuer = world.provider.issuer
    return Setup(
        api.base(world),
        f"GET {api.path}",
        oauth={"issuer": issuer, "client_id": CLIENT_ID, "client_auth": "client_secret_basic", "grant": "client_credentials",
               "scopes": ["read", "write"], "resource": AUDIENCE},
        expect={"audience": [AUDIENCE], "issuer": issuer},
        secrets={"access_token": world.provider.token(), "client_secret": CLIENT_SECRET},
    )  # fmt: skip


def bare(world: World, api: Api) -> Setup:
    """Return a profile that knows a URL and a token alone."""
    return Setup(api.base(world), f"GET {api.path}", secrets={"access_token": world.provider.token()})


KNOWN = {"full": full, "bare": bare}


def cell(api: Api, known: str, fault: Fault) -> Cell:
    """Return the cell of a fault on an API."""
    here = api.fault(fault, known)
    hidden = fault.name in api.left_open_to_all or (known == "bare" and fault.name in api.left_open)
    return Cell(
        api.name,
        fault.name,
        lambda world: here.make(world, KNOWN[known](world, api)),
        here.causes,
        OPEN if hidden else NAMED,
        here.step,
        known,
    )


CELLS = tuple(cell(api, known, fault) for api in APIS for known in KNOWN for fault in FAULTS if api.revokes or fault.name != "revoked")
