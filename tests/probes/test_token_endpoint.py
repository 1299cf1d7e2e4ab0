from __future__ import annotations

import base64
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote_plus

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from authwizard.model.evidence import (
    ClientAuthVariants,
    Discovery,
    FreshToken,
    Introspection,
    KeySet,
    MintedForRun,
    NotApplicable,
    NotTried,
    PastedCode,
    SecretState,
    StoredSecrets,
    TokenEndpoint,
    Unavailable,
)
from authwizard.model.oauth import AuthorizationServerMetadata
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import CredentialSpec, Network, OAuth, Profile, Reference
from authwizard.model.secret import Secret
from authwizard.probe import Halted, World
from authwizard.probes.introspection import introspection
from authwizard.probes.token_endpoint import client_auth_variants, fresh_token, minted_for_run

from .conftest import Seen, Server, bearer, dpop_key, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
SECRET = "s3cret+va/lue=="
NEW = "new-" + "Zq9" * 15


def tokens(**members: Any) -> bytes:
    body = {"access_token": NEW, "token_type": "Bearer", "expires_in": 3600, **members}
    return reply(200, json.dumps(body), {"Content-Type": "application/json", "Cache-Control": "no-store"})


def refused(error: str = "invalid_client", status: int = 401) -> bytes:
    return reply(status, json.dumps({"error": error}), {"Content-Type": "application/json"})


def profile(server: Server, **oauth: Any) -> Profile:
    oauth = {"token_url": server.url + "/token", "client_id": "cid", **oauth}
    return Profile("t", "https://api.example.com", "GET /x", oauth=OAuth(**oauth), network=Network(timeout_seconds=2, proxy="none"))


def form(request: Seen) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode()).items()}


def endpoint(server: Server) -> TokenEndpoint:
    return TokenEndpoint(server.url + "/token", server.url + "/introspect")


# ── minting ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_a_token_is_fetched_where_none_is_stored(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens(scope="read"))
    world = make_world(profile(server, scopes=("read", "write"), audience="https://api", client_auth="client_secret_post"))
    seen = await minted_for_run.look(world, stored(client_secret=SECRET))
    assert isinstance(seen, MintedForRun)
    assert seen.answer.access_token is not None
    assert (seen.answer.access_token.reveal(), seen.grant, seen.client_auth, seen.exchange.cost) == (
        NEW,
        "client_credentials",
        "client_secret_post",
        "C4",
    )
    assert form(server.requests[0]) == {
        "grant_type": "client_credentials", "scope": "read write", "audience": "https://api", "client_id": "cid", "client_secret": SECRET,
    }  # fmt: skip
    record = repr(world.sender.exchanges)
    assert NEW not in record
    assert SECRET not in record
    assert quote_plus(SECRET) not in record
    assert seen.token is not None


@pytest.mark.parametrize(
    ("change", "secrets"),
    [
        ({}, stored(access_token="abc", client_secret=SECRET)),
        ({}, stored(authorization="Bearer abc", client_secret=SECRET)),
        ({}, StoredSecrets({"access_token": SecretState("access_token", "unavailable", why="locked")})),
        ({"secrets": {"access_token": Reference("env:X")}}, stored(client_secret=SECRET)),
        ({"credential": CredentialSpec(kind="basic")}, stored(client_secret=SECRET)),
        ({"oauth": None}, stored(client_secret=SECRET)),
        ({"oauth": OAuth(token_url="https://a/t", client_id="c", grant="authorization_code")}, stored(client_secret=SECRET)),
        ({"oauth": OAuth(token_url="https://a/t")}, stored(client_secret=SECRET)),
    ],
)  # fmt: skip
async def test_where_no_token_is_fetched_for_the_run(
    serve: Serve, make_world: Make, change: dict[str, Any], secrets: StoredSecrets
) -> None:
    server = await serve(lambda r: tokens())
    seen = await minted_for_run.look(make_world(replace(profile(server), **change)), secrets)
    assert isinstance(seen, NotApplicable)
    assert not server.requests


async def test_the_token_endpoint_is_discovered_on_the_issuers_own_origin(serve: Serve, make_world: Make) -> None:
    elsewhere = await serve(lambda r: tokens())

    def handle(request: Seen) -> bytes:
        if request.method == "POST":
            return tokens()
        return reply(200, json.dumps({"issuer": server.url, "token_endpoint": target}))

    server = await serve(handle)
    target = server.url + "/oauth/token"
    given = profile(server, token_url="", issuer=server.url)
    assert isinstance(await minted_for_run.look(make_world(given), stored(client_secret=SECRET)), MintedForRun)
    target = elsewhere.url + "/oauth/token"
    assert isinstance(await minted_for_run.look(make_world(given), stored(client_secret=SECRET)), Unavailable)
    assert not elsewhere.requests


async def test_a_missing_secret_is_named_and_nothing_sent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    seen = await minted_for_run.look(make_world(profile(server)), stored())
    assert isinstance(seen, Unavailable)
    assert seen.cause == "client_credentials_missing"
    locked = StoredSecrets({"client_secret": SecretState("client_secret", "unavailable", why="The keyring is locked.")})
    seen = await minted_for_run.look(make_world(profile(server)), locked)
    assert isinstance(seen, Unavailable)
    assert (seen.cause, "locked" in seen.why) == ("keyring_unavailable", True)
    assert not server.requests


# ── fresh token ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_basic_is_form_encoded_as_the_standard_says(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    seen = await fresh_token.look(make_world(profile(server)), stored(client_secret=SECRET), endpoint(server), None, None, None)
    assert isinstance(seen, FreshToken)
    pair = base64.b64decode((server.requests[0].header("authorization") or "").removeprefix("Basic ")).decode()
    assert pair == f"cid:{quote_plus(SECRET)}"
    assert seen.same_as_stored is False


async def test_a_secret_that_the_token_endpoint_repeats_is_masked_in_what_it_says(serve: Serve, make_world: Make) -> None:
    said = {
        "error": f"invalid_client {SECRET}",
        "error_description": f"no client has {SECRET}",
        "error_uri": f"https://a.example/?s={SECRET}",
    }
    pair = base64.b64encode(f"cid:{SECRET}".encode()).decode()
    server = await serve(lambda r: reply(401, json.dumps({**said, "suberror": pair}), {"Content-Type": "application/json"}))
    world = make_world(profile(server, client_auth="client_secret_post"))
    world.redactor.add("client_secret", Secret(SECRET))
    world.redactor.add_pair("cid", Secret(SECRET), "client_secret")
    seen = await fresh_token.look(world, stored(client_secret=SECRET), endpoint(server), None, None, None)
    assert isinstance(seen, FreshToken)
    told = repr(seen.answer)
    assert (SECRET in told, pair in told) == (False, False)
    assert seen.answer.error_description.startswith("no client has <client secret")


async def test_the_token_of_the_run_is_not_fetched_twice(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    world = make_world(profile(server))
    minted = await minted_for_run.look(world, stored(client_secret=SECRET))
    assert isinstance(minted, MintedForRun)
    seen = await fresh_token.look(world, stored(client_secret=SECRET), endpoint(server), minted, None, None)
    assert isinstance(seen, FreshToken)
    assert seen.exchange is minted.exchange
    assert len(server.requests) == 1


async def test_the_same_token_once_more_is_noticed(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    seen = await fresh_token.look(
        make_world(profile(server)), stored(client_secret=SECRET, access_token=NEW + "\n"), endpoint(server), None, None, None
    )
    assert isinstance(seen, FreshToken)
    assert seen.same_as_stored


async def test_the_new_tokens_signature_is_verified_with_the_keys_that_were_read(serve: Serve, make_world: Make) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    document = {"keys": [{**json.loads(jwt.get_algorithm_by_name("ES256").to_jwk(key.public_key())), "kid": "k1"}]}
    value = jwt.encode({"iss": "x"}, key, algorithm="ES256", headers={"kid": "k1"})
    server = await serve(lambda r: tokens(access_token=value))
    seen = await fresh_token.look(
        make_world(profile(server)), stored(client_secret=SECRET), endpoint(server), None, KeySet("u", document=document), None
    )
    assert isinstance(seen, FreshToken)
    assert seen.signature is not None
    assert seen.signature.status == "verified"


async def test_grants_that_need_a_person(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    world = make_world(profile(server, grant="authorization_code"))
    assert isinstance(await fresh_token.look(world, stored(client_secret=SECRET), endpoint(server), None, None, None), NotApplicable)
    assert isinstance(
        await fresh_token.look(make_world(replace(profile(server), oauth=None)), stored(), endpoint(server), None, None, None),
        NotApplicable,
    )
    assert not server.requests


CODE, VERIFIER = "code-" + "qR7" * 12, "verifier-" + "tU5" * 14
PASTED = PastedCode(
    "authorization_code", (("redirect_uri", "http://127.0.0.1:9/cb"),), {"code": Secret(CODE), "code_verifier": Secret(VERIFIER)}
)


async def test_a_pasted_code_is_redeemed_once_and_only_with_leave(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(400, '{"error": "invalid_client"}', {"Content-Type": "application/json"}))
    given = profile(server, grant="authorization_code", scopes=())
    without = await fresh_token.look(make_world(given), stored(client_secret=SECRET), endpoint(server), None, None, PASTED)
    assert isinstance(without, NotTried)
    assert not server.requests
    world = make_world(given, options=RunOptions(allow_refresh=True))
    seen = await fresh_token.look(world, stored(client_secret=SECRET), endpoint(server), None, None, PASTED)
    assert isinstance(seen, FreshToken)
    assert (seen.grant, seen.exchange.cost) == ("authorization_code", "C5")
    assert form(server.requests[0]) == {
        "grant_type": "authorization_code", "redirect_uri": "http://127.0.0.1:9/cb", "code": CODE, "code_verifier": VERIFIER,
        **{name: value for name, value in form(server.requests[0]).items() if name in ("audience", "resource")},
    }  # fmt: skip
    assert CODE not in repr(world.sender.exchanges) + repr(seen)
    again = await client_auth_variants.look(world, stored(client_secret=SECRET), seen, None)
    assert isinstance(again, NotApplicable)
    assert len(server.requests) == 1


async def test_private_key_jwt(serve: Serve, make_world: Make) -> None:
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()).decode()
    server = await serve(lambda r: tokens())
    given = profile(server, client_auth="private_key_jwt", assertion_alg="ES256", key_id="kid-1")
    world = make_world(given)
    await fresh_token.look(world, stored(private_key=pem), endpoint(server), None, None, None)
    assertion = form(server.requests[0])["client_assertion"]
    claims = jwt.decode(assertion, key.public_key(), algorithms=["ES256"], audience=server.url + "/token")
    assert (claims["iss"], claims["sub"]) == ("cid", "cid")
    assert jwt.get_unverified_header(assertion)["kid"] == "kid-1"
    assert assertion not in repr(world.sender.exchanges)
    broken = await fresh_token.look(make_world(given), stored(private_key="n0t-a-key"), endpoint(server), None, None, None)
    assert isinstance(broken, Unavailable)
    assert broken.cause == "client_assertion_invalid"
    assert "n0t-a-key" not in repr(broken)
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_a_refusal_is_evidence(serve: Serve, make_world: Make, status: int) -> None:
    server = await serve(lambda r: reply(status, "<html>nothing here</html>"))
    seen = await fresh_token.look(make_world(profile(server)), stored(client_secret=SECRET), endpoint(server), None, None, None)
    assert isinstance(seen, FreshToken)
    assert (seen.answer.ok, seen.answer.status, seen.answer.is_json, seen.token) == (False, status, False, None)


async def test_no_answer_is_evidence(make_world: Make, serve: Serve, unused_tcp_port: int) -> None:
    server = await serve(lambda r: tokens())
    given = profile(server, token_url=f"http://127.0.0.1:{unused_tcp_port}/t")
    seen = await fresh_token.look(
        make_world(given), stored(client_secret=SECRET), TokenEndpoint(f"http://127.0.0.1:{unused_tcp_port}/t"), None, None, None
    )
    assert isinstance(seen, FreshToken)
    assert seen.exchange.fault is not None
    assert (seen.answer.ok, seen.answer.status) == (False, None)


async def test_token_requests_need_consent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    world = make_world(profile(server), options=RunOptions(costs=frozenset({Cost.C0, Cost.C1, Cost.C2})))
    with pytest.raises(Halted, match="C4"):
        await fresh_token.look(world, stored(client_secret=SECRET), endpoint(server), None, None, None)
    assert not server.requests


async def test_a_secret_whose_bytes_no_form_can_carry_is_not_quoted(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    for method in ("client_secret_basic", "client_secret_post"):
        seen = await fresh_token.look(
            make_world(profile(server, client_auth=method)), stored(client_secret="s3cret\udcf6x"), endpoint(server), None, None, None
        )
        assert isinstance(seen, Unavailable)
        assert "s3cret" not in repr(seen)


# ── other ways to identify ───────────────────────────────────────────────────────────────────────────────────────────


async def variants(world: World, server: Server, secret: str = SECRET, offered: tuple[str, ...] | None = None) -> Any:
    held = stored(client_secret=secret)
    fresh = await fresh_token.look(world, held, endpoint(server), None, None, None)
    assert isinstance(fresh, FreshToken)
    metadata = Discovery("i", AuthorizationServerMetadata(token_endpoint_auth_methods_supported=offered)) if offered is not None else None
    return await client_auth_variants.look(world, held, fresh, metadata)


async def test_after_invalid_client_the_other_encoding_and_then_the_form(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens() if b"client_secret" in r.body else refused())
    seen = await variants(make_world(profile(server)), server)
    assert isinstance(seen, ClientAuthVariants)
    assert [t.answer.ok for t in seen.tries] == [False, True]
    assert [t.client_auth for t in seen.tries] == ["client_secret_basic", "client_secret_post"]
    assert len(seen.labels) == 2
    second = base64.b64decode((server.requests[1].header("authorization") or "").removeprefix("Basic ")).decode()
    assert second == f"cid:{SECRET}"
    assert len(server.requests) == 3


async def test_a_success_ends_the_tries(serve: Serve, make_world: Make) -> None:
    plain = "Basic " + base64.b64encode(f"cid:{SECRET}".encode()).decode()
    server = await serve(lambda r: tokens() if r.header("authorization") == plain else refused())
    seen = await variants(make_world(profile(server)), server)
    assert [t.answer.ok for t in seen.tries] == [True]
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    ("method", "secret", "offered", "tried"),
    [
        ("client_secret_basic", "plain-secret", None, ["client_secret_post"]),
        ("client_secret_post", SECRET, None, ["client_secret_basic"]),
        ("client_secret_basic", "plain-secret", ("client_secret_basic",), []),
        ("client_secret_post", SECRET, ("client_secret_basic",), ["client_secret_basic"]),
        ("none", SECRET, None, []),
    ],
)
async def test_which_ways_are_tried(
    serve: Serve, make_world: Make, method: str, secret: str, offered: tuple[str, ...] | None, tried: list[str]
) -> None:
    server = await serve(lambda r: refused())
    seen = await variants(make_world(profile(server, client_auth=method)), server, secret, offered)
    assert [t.client_auth for t in seen.tries] == tried if tried else isinstance(seen, NotApplicable)
    assert len(server.requests) == 1 + len(tried)


@pytest.mark.parametrize("answer", [tokens(), refused("invalid_scope", 400), reply(500)])
async def test_other_answers_ask_for_no_other_way(serve: Serve, make_world: Make, answer: bytes) -> None:
    server = await serve(lambda r: answer)
    assert isinstance(await variants(make_world(profile(server)), server), NotApplicable)
    assert len(server.requests) == 1


async def test_the_tries_stop_at_429_and_at_the_budget(serve: Serve, make_world: Make) -> None:
    answers = iter([refused(), reply(429), tokens()])
    server = await serve(lambda r: next(answers))
    seen = await variants(make_world(profile(server)), server)
    assert [t.answer.status for t in seen.tries] == [429]
    assert len(server.requests) == 2
    server = await serve(lambda r: refused())
    seen = await variants(make_world(profile(server), options=RunOptions(token_budget=2)), server)
    assert (len(seen.tries), len(server.requests)) == (1, 2)


# ── introspection ────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_the_token_is_asked_about_by_the_client(serve: Serve, make_world: Make) -> None:
    token = "tok-" + "aB3" * 15
    server = await serve(lambda r: reply(200, json.dumps({"active": True, "scope": "read", "exp": 7})))
    world = make_world(profile(server, introspection_url=server.url + "/introspect"))
    seen = await introspection.look(world, bearer(token), stored(client_secret=SECRET), endpoint(server))
    assert isinstance(seen, Introspection)
    assert (seen.result.active, seen.result.members["scope"]) == (True, "read")
    assert form(server.requests[0]) == {"token": token, "token_type_hint": "access_token"}
    assert (server.requests[0].header("authorization") or "").startswith("Basic ")
    assert seen.exchange.target == "token"
    assert token not in repr(seen)


@pytest.mark.parametrize(("status", "body"), [(401, "{}"), (200, "[]"), (200, '{"active": "yes"}'), (500, "")])
async def test_an_answer_that_is_none(serve: Serve, make_world: Make, status: int, body: str) -> None:
    server = await serve(lambda r: reply(status, body))
    seen = await introspection.look(make_world(profile(server)), bearer("abc"), stored(client_secret=SECRET), endpoint(server))
    assert isinstance(seen, Introspection)
    assert seen.result.active is None


async def test_where_nothing_can_be_asked(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply())
    world = make_world(profile(server))
    assert isinstance(
        await introspection.look(world, bearer("abc"), stored(client_secret=SECRET), TokenEndpoint(server.url)), NotApplicable
    )
    key = bearer("abc", kind="api_key")
    assert isinstance(await introspection.look(world, key, stored(client_secret=SECRET), endpoint(server)), NotApplicable)
    assert isinstance(await introspection.look(world, bearer("abc"), stored(), endpoint(server)), Unavailable)
    assert not server.requests


# ── tokens bound to a key ────────────────────────────────────────────────────────────────────────────────────────────


def for_dpop(server: Server, **oauth: Any) -> Profile:
    return replace(profile(server, **oauth), credential=CredentialSpec(kind="dpop"))


@pytest.mark.parametrize("wants_nonce", [False, True])
async def test_a_new_token_is_bound_to_the_key(serve: Serve, make_world: Make, wants_nonce: bool) -> None:
    def handle(request: Seen) -> bytes:
        claims = jwt.decode(request.header("dpop") or "", options={"verify_signature": False})
        if wants_nonce and claims.get("nonce") != "n-1":
            return reply(400, '{"error": "use_dpop_nonce"}', {"Content-Type": "application/json", "DPoP-Nonce": "n-1"})
        return tokens(token_type="DPoP")

    server = await serve(handle)
    world = make_world(for_dpop(server))
    seen = await minted_for_run.look(world, stored(client_secret=SECRET, dpop_key=dpop_key()))
    assert isinstance(seen, MintedForRun)
    assert (seen.answer.ok, seen.answer.token_type, len(server.requests)) == (True, "DPoP", 2 if wants_nonce else 1)
    claims = jwt.decode(server.requests[-1].header("dpop") or "", options={"verify_signature": False})
    assert (claims["htm"], claims["htu"], "ath" in claims) == ("POST", server.url + "/token", False)


async def test_a_refused_client_is_no_reason_to_try_again(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: refused())
    seen = await minted_for_run.look(make_world(for_dpop(server)), stored(client_secret=SECRET, dpop_key=dpop_key()))
    assert isinstance(seen, MintedForRun)
    assert len(server.requests) == 1


async def test_without_the_key_no_token_is_fetched_for_dpop(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    seen = await minted_for_run.look(make_world(for_dpop(server)), stored(client_secret=SECRET))
    assert isinstance(seen, NotApplicable)
    assert not server.requests


async def test_other_kinds_send_no_proof(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: tokens())
    await minted_for_run.look(make_world(profile(server)), stored(client_secret=SECRET, dpop_key=dpop_key()))
    assert server.requests[0].header("dpop") is None


async def test_a_token_that_introspection_repeats_is_masked(serve: Serve, make_world: Make) -> None:
    server = await serve(
        lambda r: reply(200, json.dumps({"active": True, "exp": 7, "hint": [f"saw {NEW}"]}), {"Content-Type": "application/json"})
    )
    world = make_world(profile(server))
    world.redactor.add("access_token", Secret(NEW))
    seen = await introspection.look(world, bearer(NEW), stored(client_secret=SECRET), endpoint(server))
    assert isinstance(seen, Introspection)
    assert (seen.result.active, seen.result.members["exp"]) == (True, 7)
    assert NEW not in repr(seen.result)
