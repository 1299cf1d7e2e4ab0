from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CleanedCall,
    CredentialSeen,
    FreshCall,
    FreshNonceCall,
    FreshToken,
    NotApplicable,
    NotTried,
    OtherSchemeCall,
    RefreshedCall,
    RefreshedToken,
    Respelled,
)
from authwizard.model.exchange import Exchange
from authwizard.model.oauth import TokenAnswer
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.model.secret import Secret
from authwizard.probe import World
from authwizard.probes.credential import credential
from authwizard.probes.swaps import cleaned_call, fresh_call, fresh_nonce_call, other_scheme_call, refreshed_call, respelled

from .conftest import Server, a_jwt, bearer, dpop_key, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = a_jwt()


def profile(server: Server, request: str = "GET /x", **spec: Any) -> Profile:
    return Profile("t", server.url, request, credential=CredentialSpec(**spec), network=Network(timeout_seconds=2, proxy="none"))


def p0(status: int | None = 401, body: str = "", challenge: str = "") -> Baseline:
    fields = (("WWW-Authenticate", challenge),) if challenge else ()
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status, body=body, response_headers=fields))


async def swap(look: Any, world: World, baseline: Baseline, anonymous: bool = False, digest: bool = False, **secrets: str) -> Any:
    held = stored(**secrets)
    seen = await credential.look(world, held, None)
    assert isinstance(seen, CredentialSeen)
    if digest:
        return await look(world, baseline, seen, held)
    return await (look(world, baseline, seen, held, None, None) if anonymous else look(world, baseline, seen, held, None))


@pytest.mark.parametrize(
    ("value", "cause", "sent"),
    [
        ("{t}\n", "whitespace_in_credential", "Bearer {t}"),
        ('"{t}"', "quotes_in_token", "Bearer {t}"),
        ("Bearer {t}", "auth_scheme_duplicated", "Bearer {t}"),
        ("\ufeff{t}", "invisible_characters", "Bearer {t}"),
        ('{{"access_token": "{t}", "token_type": "Bearer"}}', "token_response_pasted", "Bearer {t}"),
    ],
)
async def test_the_cleaned_credential_goes_out(serve: Serve, make_world: Make, value: str, cause: str, sent: str) -> None:
    server = await serve(lambda r: reply(200))
    seen = await swap(cleaned_call.look, make_world(profile(server)), p0(), access_token=value.format(t=TOKEN))
    assert isinstance(seen, CleanedCall)
    assert (seen.cause, seen.exchange.status) == (cause, 200)
    assert seen.factor
    assert server.requests[0].header("authorization") == sent.format(t=TOKEN)
    assert TOKEN not in repr(seen)


@pytest.mark.parametrize("value", ["{t}", "tok en"])
async def test_basic_and_sound_credentials_are_never_cleaned(serve: Serve, make_world: Make, value: str) -> None:
    server = await serve(lambda r: reply(200))
    basic = await swap(cleaned_call.look, make_world(profile(server, kind="basic")), p0(), username="ann", password=' "pass\n')
    assert isinstance(basic, NotApplicable)
    if value == "{t}":
        assert isinstance(await swap(cleaned_call.look, make_world(profile(server)), p0(), access_token=TOKEN), NotApplicable)
    assert not server.requests


async def test_after_a_success_nothing_is_swapped(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server, scheme="bearer", header="Authentication"))
    for look in (cleaned_call.look, respelled.look):
        assert isinstance(await swap(look, world, p0(200), access_token=f'"{TOKEN}"'), NotApplicable)
    assert isinstance(await swap(other_scheme_call.look, world, p0(200), anonymous=True, access_token=TOKEN), NotApplicable)
    assert not server.requests


@pytest.mark.parametrize(("spelled", "sent"), [("bearer", "Bearer"), ("BEARER", "Bearer"), ("Bearer", None)])
async def test_the_canonical_spelling(serve: Serve, make_world: Make, spelled: str, sent: str | None) -> None:
    server = await serve(lambda r: reply(200))
    seen = await swap(respelled.look, make_world(profile(server, scheme=spelled)), p0(), access_token=TOKEN)
    if sent is None:
        assert isinstance(seen, NotApplicable)
        return
    assert isinstance(seen, Respelled)
    assert (seen.scheme, seen.exchange.id) == (sent, "D5")
    assert server.requests[0].header("authorization") == f"{sent} {TOKEN}"


@pytest.mark.parametrize(
    ("spec", "baseline", "cause", "header", "sent"),
    [
        ({"header": "Authentication"}, p0(), "auth_header_name_wrong", "authorization", "Bearer {t}"),
        ({"header": "X_Auth_Token", "scheme": ""}, p0(), "header_name_underscore", "x-auth-token", "{t}"),
        ({"scheme": ""}, p0(), "auth_scheme_missing", "authorization", "Bearer {t}"),
        ({}, p0(challenge='Token realm="api"'), "auth_scheme_wrong", "authorization", "Token {t}"),
        ({"scheme": "Token"}, p0(challenge='Bearer realm="api"'), "auth_scheme_wrong", "authorization", "Bearer {t}"),
        ({"scheme": "JWT"}, p0(), "auth_scheme_wrong", "authorization", "Bearer {t}"),
        ({}, p0(body='{"message": "No API key found in header X-API-Key"}'), "credential_location_wrong", "x-api-key", "{t}"),
    ],
)  # fmt: skip
async def test_the_way_the_server_asks_for(
    serve: Serve, make_world: Make, spec: dict[str, Any], baseline: Baseline, cause: str, header: str, sent: str
) -> None:
    server = await serve(lambda r: reply(200))
    seen = await swap(other_scheme_call.look, make_world(profile(server, **spec)), baseline, anonymous=True, access_token=TOKEN)
    assert isinstance(seen, OtherSchemeCall)
    assert seen.cause == cause
    assert server.requests[0].header(header) == sent.format(t=TOKEN)
    if header != "authorization":
        assert server.requests[0].header("authorization") is None
    assert TOKEN not in repr(seen)


@pytest.mark.parametrize(
    ("spec", "challenge"),
    [({}, 'Bearer error="invalid_token"'), ({"scheme": "Token"}, "Token"), ({}, 'Basic realm="r"'), ({}, 'Digest realm="r"'), ({}, "")],
)
async def test_nothing_else_to_try(serve: Serve, make_world: Make, spec: dict[str, Any], challenge: str) -> None:
    server = await serve(lambda r: reply(200))
    seen = await swap(
        other_scheme_call.look, make_world(profile(server, **spec)), p0(challenge=challenge), anonymous=True, access_token=TOKEN
    )
    assert isinstance(seen, NotApplicable)
    assert not server.requests


async def test_a_user_name_and_password_go_under_no_other_scheme(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server, kind="basic"))
    seen = await swap(other_scheme_call.look, world, p0(challenge="Bearer"), anonymous=True, username="ann", password="pass-w0rd")
    assert isinstance(seen, NotApplicable)
    assert not server.requests


async def test_the_challenge_of_the_anonymous_answer_counts_too(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    held = stored(access_token=TOKEN)
    world = make_world(profile(server))
    seen = await credential.look(world, held, None)
    found = await other_scheme_call.look(world, p0(), seen, held, Anonymous(p0(challenge="JWT").exchange), None)
    assert isinstance(found, OtherSchemeCall)
    assert server.requests[0].header("authorization") == f"JWT {TOKEN}"


def grant(kind: Any, token: str | None = "new-" + "Zq9" * 15, **more: Any) -> Any:
    answer = TokenAnswer(token is not None, 200, access_token=Secret(token) if token else None)
    return kind(Exchange("token", "", "C4", "token", "POST", "", status=200), answer, "client_credentials", "none", **more)


async def test_the_request_with_a_new_token(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server, scheme="bearer"))
    fresh = await fresh_call.look(world, bearer(TOKEN), stored(), grant(FreshToken))
    refreshed = await refreshed_call.look(world, stored(), grant(RefreshedToken))
    assert isinstance(fresh, FreshCall)
    assert isinstance(refreshed, RefreshedCall)
    assert [r.header("authorization") for r in server.requests] == ["bearer new-" + "Zq9" * 15] * 2
    assert "Zq9Zq9" not in repr((fresh, refreshed))


async def test_where_a_new_token_proves_nothing(serve: Serve, make_world: Make) -> None:
    from dataclasses import replace

    server = await serve(lambda r: reply(200))
    world = make_world(profile(server))
    assert isinstance(await fresh_call.look(world, replace(bearer(TOKEN), fetched=True), stored(), grant(FreshToken)), NotApplicable)
    assert isinstance(await fresh_call.look(world, bearer(TOKEN), stored(), grant(FreshToken, same_as_stored=True)), NotApplicable)
    assert isinstance(await fresh_call.look(world, bearer(TOKEN), stored(), grant(FreshToken, None)), NotApplicable)
    assert isinstance(
        await fresh_call.look(make_world(profile(server, kind="basic")), bearer(TOKEN), stored(), grant(FreshToken)), NotApplicable
    )
    post = make_world(profile(server, "POST /x"))
    assert isinstance(await fresh_call.look(post, bearer(TOKEN), stored(), grant(FreshToken)), NotTried)
    assert not server.requests


# ── Digest's next nonce, and a bound token under DPoP ────────────────────────────────────────────────────────────────

STALE = 'Digest realm="r", nonce="n-2", qop="auth", stale=true'


async def test_a_stale_nonce_is_answered_once_with_the_new_one(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401, headers={"WWW-Authenticate": STALE}))
    seen = await swap(fresh_nonce_call.look, make_world(profile(server, kind="digest")), p0(challenge=STALE), digest=True, **LOGIN)
    assert isinstance(seen, FreshNonceCall)
    assert len(server.requests) == 1
    assert 'nonce="n-2"' in (server.requests[0].header("authorization") or "")
    assert LOGIN["password"] not in repr(seen)


LOGIN = {"username": "ann", "password": "pass-w0rd-9"}


@pytest.mark.parametrize(
    ("challenge", "secrets", "gives"),
    [
        ('Digest realm="r", nonce="n"', LOGIN, NotApplicable),
        ('Digest realm="r", nonce="n", stale=false', LOGIN, NotApplicable),
        ("Basic realm=r, stale=true", LOGIN, NotApplicable),
        ('Digest realm="r", nonce="n", stale=true, algorithm=SHA3-256', LOGIN, NotApplicable),
        (STALE, {"username": "ann"}, NotTried),
    ],
)
async def test_no_other_refusal_of_a_login_is_tried_again(
    serve: Serve, make_world: Make, challenge: str, secrets: dict[str, str], gives: type
) -> None:
    server = await serve(lambda r: reply(200))
    seen = await swap(fresh_nonce_call.look, make_world(profile(server, kind="digest")), p0(challenge=challenge), digest=True, **secrets)
    assert isinstance(seen, gives)
    assert not server.requests


def bound_jwt() -> str:
    return a_jwt(cnf={"jkt": "k" * 43})


async def test_a_bound_token_is_tried_with_its_proof(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200 if r.header("dpop") else 401))
    key, token = dpop_key(), bound_jwt()
    seen = await swap(other_scheme_call.look, make_world(profile(server)), p0(), anonymous=True, access_token=token, dpop_key=key)
    assert isinstance(seen, OtherSchemeCall)
    assert (seen.cause, seen.exchange.status) == ("dpop_required", 200)
    assert server.requests[0].header("authorization") == f"DPoP {token}"
    asked = await swap(
        other_scheme_call.look,
        make_world(profile(server)),
        p0(challenge="DPoP algs=ES256"),
        anonymous=True,
        access_token=TOKEN,
        dpop_key=key,
    )
    assert isinstance(asked, OtherSchemeCall)
    assert asked.cause == "dpop_required"


async def test_without_the_key_no_proof_is_tried(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    seen = await swap(other_scheme_call.look, make_world(profile(server)), p0(), anonymous=True, access_token=bound_jwt())
    assert isinstance(seen, NotApplicable)
    assert not server.requests


async def test_a_key_in_the_address_is_tried_in_the_header_the_answer_names(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server, kind="api_key", query="key"))
    names_it = p0(body='{"message": "API key required in header X-Api-Key"}')
    seen = await swap(other_scheme_call.look, world, names_it, anonymous=True, api_key=TOKEN)
    assert isinstance(seen, OtherSchemeCall)
    assert (seen.cause, server.requests[0].header("x-api-key"), server.requests[0].target) == ("credential_location_wrong", TOKEN, "/x")
