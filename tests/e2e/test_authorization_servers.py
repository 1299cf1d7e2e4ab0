"""Two authorization servers that nobody here wrote, oidc-provider and django-oauth-toolkit: their token endpoints, and tokens only they can read."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from .api_faults import APIS, full, scheme, with_token
from .cells import NAMED, OPEN, Cell, Setup
from .conftest import Ran
from .world import CLIENT_ID, CLIENT_SECRET, World, pem

pytestmark = pytest.mark.services

API = APIS[0]
Make = Callable[[World], Setup]
RENEW = ("--allow", "refresh")
WRONG = "plainly-fake-but-another-one-000000"


def cell(server: str, fault: str, make: Make, *causes: str, allowed: tuple[str, ...] = NAMED, step: int | None = None, **more: str) -> Cell:
    return Cell(server, fault, make, causes, allowed, step, **more)


# ── oidc-provider: the token request of a client ─────────────────────────────────────────────────────────────────────


def minting(**oauth: Any) -> Make:
    """Return a profile without an access token: the run fetches one, with these changes to the client."""
    return minting_with(CLIENT_SECRET, **oauth)


def minting_with(secret: str, **oauth: Any) -> Make:
    def make(world: World) -> Setup:
        setup = full(world, API)
        return replace(setup, oauth={**setup.oauth, **oauth}, secrets={"client_secret": secret})

    return make


def not_granted(world: World) -> Setup:
    """Ask for a scope the client may not have, and for what needs it."""
    return replace(minting(scopes=["read", "admin"])(world), request="GET /v2/admin")


def with_key(**oauth: Any) -> Make:
    """Return a profile whose client signs an assertion (private_key_jwt)."""

    def make(world: World) -> Setup:
        setup = full(world, API)
        told = {"client_id": "e2e-key", "client_auth": "private_key_jwt", "key_id": "client-key-1", **oauth}
        return replace(setup, oauth={**setup.oauth, **told}, secrets={"private_key": world.client_pem})

    return make


def with_foreign_key(world: World) -> Setup:
    return replace(with_key()(world), secrets={"private_key": pem(world.other_key)})


def living_token(secret: str) -> Make:
    """Return a profile with a good access token and this client secret."""
    return lambda world: replace(full(world, API), secrets={"access_token": world.provider.token(), "client_secret": secret})


OIDC = "oidc-provider"
ASSERTION = ("client_assertion_invalid", "client_credentials_invalid")
TOKEN_REQUESTS = (
    cell(OIDC, "fetches a token", minting()),
    cell(OIDC, "secret with % + : & and a blank", minting_with("plainly fake%e2e+secret:&0000000000", client_id="e2e-odd")),
    cell(OIDC, "private_key_jwt", with_key()),
    # oidc-provider takes a secret in the header and in the body alike, whatever the client is registered for.
    cell(OIDC, "secret in the body", minting(client_id="e2e-post", client_auth="client_secret_post")),
    cell(OIDC, "secret of a body in the header", minting(client_id="e2e-post")),
    cell(OIDC, "secret of a header in the body", minting(client_auth="client_secret_post")),
    cell(OIDC, "wrong secret", minting_with(WRONG), "client_credentials_invalid", step=3),
    cell(OIDC, "wrong secret, living token", living_token(WRONG), warns="client_credentials_invalid"),
    # One answer to both: a client that does not exist is a refused id and secret, too.
    cell(OIDC, "unknown client", minting(client_id="e2e-nobody"), "client_credentials_invalid", "client_unknown", step=3),
    cell(OIDC, "secret with a line end", minting_with(CLIENT_SECRET + "\n"), "whitespace_in_credential", step=3),
    # Unknown scopes are dropped without a word: what the API then misses was never asked for.
    cell(OIDC, "unknown scope beside a good one", minting(scopes=["read", "wirte"]), warns="S5-04"),
    cell(OIDC, "scope misspelt", minting(scopes=["raed"]), "insufficient_scope", step=5),
    cell(OIDC, "scope asked for and not granted", not_granted, "scope_not_granted", step=5),
    cell(OIDC, "unknown resource", minting(resource="https://other.example.test"), "audience_unknown", step=3),
    cell(OIDC, "grant not allowed", minting(client_id="e2e-person"), "grant_not_allowed", step=3),
    cell(OIDC, "token URL is none", lambda w: minting(token_url=f"{w.provider.issuer}/tokens")(w), "token_endpoint_wrong", step=3),
    # `client authentication failed`, and no word on whether it is the key, its id or the assertion's audience.
    cell(OIDC, "key of nobody", with_foreign_key, "client_key_unknown", *ASSERTION, allowed=OPEN, step=3),
    cell(OIDC, "unknown key id", with_key(key_id="gone-key-0"), "client_key_unknown", *ASSERTION, allowed=OPEN, step=3),
    cell(OIDC, "assertion for another", with_key(assertion_audience="https://other.example.test"), *ASSERTION, allowed=OPEN, step=3),
    cell(OIDC, "DPoP demanded of the client", minting(client_id="e2e-dpop"), "dpop_required", allowed=OPEN),
)


# ── oidc-provider: renewal ───────────────────────────────────────────────────────────────────────────────────────────


def renewing(state: str, client: str = "e2e-person", secret: str = CLIENT_SECRET, **oauth: Any) -> Make:
    """Return a profile whose access token is over and whose refresh token, of this client, is in a state."""

    def make(world: World) -> Setup:
        setup = full(world, API)
        now = int(time.time())
        told = {**setup.oauth, "client_id": "e2e-person", "grant": "refresh_token", **oauth}
        secrets = {
            "access_token": world.provider.token(iat=now - 7800, exp=now - 7200, client_id="e2e-person", sub="user-1"),
            "refresh_token": world.provider.seed("refresh", state, client),
            "client_secret": secret,
        }
        return replace(setup, oauth=told, secrets=secrets, in_files=("access_token", "refresh_token"), options=RENEW)

    return make


REFUSED = ("refresh_token_invalid",)
"""oidc-provider says `invalid_grant` and no more, whatever is wrong with a refresh token: that it is refused is all there is to know."""
RENEWALS = (
    cell(OIDC, "access token over, renewed", renewing("living"), "token_expired", step=2),
    cell(OIDC, "refresh token expired", renewing("expired"), "refresh_token_expired", *REFUSED, allowed=OPEN, step=4),
    cell(OIDC, "refresh token used before", renewing("used"), "refresh_token_reused", *REFUSED, allowed=OPEN, step=4),
    cell(OIDC, "refresh token revoked", renewing("revoked"), "token_revoked", *REFUSED, allowed=OPEN, step=4),
    cell(
        OIDC,
        "refresh token of another client",
        renewing("living", "e2e-other-person"),
        "refresh_client_mismatch",
        *REFUSED,
        allowed=OPEN,
        step=4,
    ),
    cell(OIDC, "renewal with a wrong secret", renewing("living", secret=WRONG), "client_credentials_invalid", step=3),
    # A renewal asks for no scope (RFC 6749 6: it gets what was granted), so a profile that wants more does no harm.
    cell(OIDC, "renewal of more than was granted", renewing("living", scopes=["read", "admin"]), "token_expired", step=2),
)


# ── oidc-provider: opaque tokens at its own API, and tokens bound to a key ───────────────────────────────────────────


def userinfo(state: str, **changes: Any) -> Make:
    """Return a profile of the provider's userinfo with an opaque token in a state; its client may introspect."""

    def make(world: World) -> Setup:
        oauth = {
            "issuer": world.provider.issuer,
            "client_id": CLIENT_ID,
            "client_auth": "client_secret_basic",
            "grant": "authorization_code",
        }
        token = world.provider.seed("opaque", state)
        return Setup(
            world.provider.issuer, "GET /me", oauth=oauth, secrets={"access_token": token, "client_secret": CLIENT_SECRET}, **changes
        )

    return make


def withdrawn(world: World) -> Setup:
    setup = userinfo("living")(world)
    return with_token(setup, world.provider.revoke(setup.secrets["access_token"]))


def device_code(world: World) -> Setup:
    """The code that a token is asked for with, sent as if it were the token."""
    return with_token(userinfo("living")(world), world.provider.device_code())


def no_sign_in(world: World) -> Setup:
    setup = userinfo("living")(world)
    oauth = {**setup.oauth, "client_id": "e2e-device", "grant": "device_code", "scopes": ["openid"]}
    return replace(setup, oauth=oauth, secrets={"client_secret": CLIENT_SECRET})


def bound(kind: str, **claims: Any) -> Make:
    """Return a profile with a token that is bound to the profile's DPoP key, sent as this kind of credential."""

    def make(world: World) -> Setup:
        setup = replace(full(world, API), base=world.express["dpop"], credential={"kind": kind})
        token = world.provider.token(cnf={"jkt": world.dpop_thumbprint}, **claims)
        return replace(setup, secrets={**setup.secrets, "access_token": token, "dpop_key": pem(world.dpop_key)})

    return make


def bound_to_another_key(world: World) -> Setup:
    setup = bound("dpop")(world)
    return replace(setup, secrets={**setup.secrets, "dpop_key": pem(world.other_key)})


NOT_ITS_OWN = ("token_malformed", "wrong_token_kind", "token_revoked")
"""What is true of a text that the server does not know as a token: it never was one, or is none any more."""
OPAQUE = (
    cell(f"{OIDC} userinfo", "healthy", userinfo("living")),
    cell(f"{OIDC} userinfo", "healthy, lowercase", lambda w: scheme("bearer")(w, userinfo("living")(w))),
    cell(
        f"{OIDC} userinfo",
        "garbage",
        lambda w: with_token(userinfo("living")(w), "plainly-fake-garbage-0000000000"),
        "token_malformed",
        "wrong_token_kind",
        "token_revoked",
        allowed=OPEN,
    ),
    # An opaque token that is no longer active has expired or was withdrawn; neither the API nor introspection says which.
    cell(f"{OIDC} userinfo", "expired", userinfo("expired"), "token_expired", allowed=OPEN),
    cell(f"{OIDC} userinfo", "revoked", userinfo("revoked"), "token_revoked", allowed=OPEN),
    cell(f"{OIDC} userinfo", "revoked at the revocation endpoint", withdrawn, "token_revoked", allowed=OPEN),
    cell(f"{OIDC} userinfo", "device code sent as a token", device_code, *NOT_ITS_OWN, allowed=OPEN),
    cell(f"{OIDC} userinfo", "device flow not begun", no_sign_in, "credential_missing", step=1),
    cell(f"{OIDC} userinfo", "wrong scheme", lambda w: scheme("Token")(w, userinfo("living")(w)), "auth_scheme_wrong", step=1),
    cell("express DPoP", "healthy", bound("dpop")),
    cell("express DPoP", "bound token sent as Bearer", bound("bearer"), "dpop_required", step=1),
    cell(
        "express DPoP",
        "proof with another key",
        bound_to_another_key,
        "dpop_proof_invalid",
        allowed=OPEN,
        step=1,
    ),
    cell("express DPoP", "expired", bound("dpop", exp=1_700_000_000, iat=1_699_990_000), "token_expired", step=2),
    cell("express DPoP", "wrong audience", bound("dpop", aud="https://other.example.test"), "audience_mismatch", step=3),
)


# ── django-oauth-toolkit: its tokens, its token endpoint ─────────────────────────────────────────────────────────────

DJANGO = "django-oauth-toolkit"


def django(token: str, known: str = "full", path: str = "/v2/me", **changes: Any) -> Make:
    """Return a profile of the Django API with a token of a state, or "" for none, or any other text."""

    def make(world: World) -> Setup:
        told = world.django
        oauth = {
            "token_url": f"{told['url']}/o/token/", "introspection_url": f"{told['url']}/o/introspect/", "client_id": CLIENT_ID,
            "client_auth": "client_secret_basic", "grant": "client_credentials", "scopes": ["read", "write"],
        }  # fmt: skip
        secrets = {"client_secret": CLIENT_SECRET} if known == "full" else {}
        if token:
            secrets["access_token"] = told["tokens"].get(token, token)
        setup = Setup(told["url"], f"GET {path}", oauth=oauth if known == "full" else {}, secrets=secrets)
        more = {name: changes[name] for name in ("secret",) if name in changes}
        if more:
            setup = replace(setup, secrets={**setup.secrets, "client_secret": more["secret"]})
        return replace(setup, oauth={**setup.oauth, **{k: v for k, v in changes.items() if k != "secret"}})

    return make


def django_elsewhere(path: str) -> Make:
    return lambda world: django("", token_url=world.django["url"] + path)(world)


def django_renewing(token: str, **oauth: Any) -> Make:
    def make(world: World) -> Setup:
        setup = django("expired", client_id="e2e-person", grant="refresh_token", **oauth)(world)
        secrets = {**setup.secrets, "refresh_token": world.django["tokens"][token]}
        return replace(setup, secrets=secrets, in_files=("access_token", "refresh_token"), options=RENEW)

    return make


def django_unknown_refresh(world: World) -> Setup:
    setup = django_renewing("refresh")(world)
    return replace(setup, secrets={**setup.secrets, "refresh_token": "plainly-fake-refresh-0000"})


def django_scheme(word: str) -> Make:
    return lambda world: scheme(word)(world, django("living")(world))


DJANGO_CELLS = (
    cell(DJANGO, "healthy", django("living")),
    cell(DJANGO, "healthy", django("living", "bare"), known="bare"),
    cell(DJANGO, "fetches a token", django("")),
    cell(DJANGO, "secret in the body", django("", client_auth="client_secret_post")),
    cell(DJANGO, "no credential", django("", "bare"), "credential_missing", step=1, known="bare"),
    cell(DJANGO, "garbage", django("plainly-fake-garbage-0000000000"), *NOT_ITS_OWN, allowed=OPEN),
    cell(DJANGO, "garbage", django("plainly-fake-garbage-0000000000", "bare"), *NOT_ITS_OWN, allowed=OPEN, known="bare"),
    cell(DJANGO, "expired", django("expired"), "token_expired", step=2),
    cell(DJANGO, "expired", django("expired", "bare"), "token_expired", step=2, known="bare"),
    cell(DJANGO, "insufficient scope", django("living", path="/v2/admin"), "insufficient_scope", allowed=OPEN, step=5),
    cell(DJANGO, "insufficient scope", django("living", "bare", path="/v2/admin"), "insufficient_scope", allowed=OPEN, step=5, known="bare"),
    cell(DJANGO, "wrong scheme", django_scheme("Token"), "auth_scheme_wrong", step=1),
    cell(DJANGO, "wrong secret", django("", secret=WRONG), "client_credentials_invalid", step=3),
    cell(DJANGO, "wrong secret, living token", django("living", secret=WRONG), warns="client_credentials_invalid"),
    cell(DJANGO, "unknown client", django("", client_id="e2e-nobody"), "client_credentials_invalid", "client_unknown", step=3),
    cell(DJANGO, "token URL without the last slash", django_elsewhere("/o/token"), "token_endpoint_wrong", step=3),
    cell(DJANGO, "unknown scope", django("", scopes=["raed"]), "scope_unknown", step=5),
    cell(DJANGO, "grant not allowed", django("", client_id="e2e-person"), "grant_not_allowed", step=3),
    cell(DJANGO, "access token over, renewed", django_renewing("refresh"), "token_expired", step=2),
    cell(DJANGO, "refresh token revoked", django_renewing("refresh-revoked"), "refresh_token_reused", "refresh_token_invalid", step=4),
    cell(DJANGO, "refresh token unknown", django_unknown_refresh, "refresh_token_invalid", step=4),
)  # fmt: skip


CELLS = TOKEN_REQUESTS + RENEWALS + OPAQUE + DJANGO_CELLS


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_verdict_fits_the_fault(cell: Cell, hold: Callable[[Cell], Ran]) -> None:
    hold(cell)


def test_a_renewed_refresh_token_is_kept_where_the_old_one_was(world: World, check: Callable[[Setup], Ran], tmp_path: Path) -> None:
    setup = renewing("living")(world)
    ran = check(setup)
    assert ran.verdict["confidence"] == "confirmed"
    kept = (tmp_path / "refresh_token").read_text()
    assert kept != setup.secrets["refresh_token"]
    assert (tmp_path / "access_token").read_text() != setup.secrets["access_token"]
    again = check(replace(setup, secrets={**setup.secrets, "refresh_token": kept}))
    assert again.verdict["cause"] == "token_expired", "the successor that was kept is the one that works"
    assert json.dumps(again.run).count(kept) == 0
