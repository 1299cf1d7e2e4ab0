from __future__ import annotations

import asyncio
import base64
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, CredentialSeen, NotApplicable, NotTried, Repeats, Unavailable
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.model.secret import Secret
from authwizard.probe import Halted, World
from authwizard.probes import baseline as probes

from .conftest import MemoryVault, Seen, Server, bearer, dpop_key, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = "tok-" + "aB3" * 15


def profile(server: Server, request: str = "GET /v1/me", **more: Any) -> Profile:
    return Profile("t", server.url, request, network=Network(timeout_seconds=2, proxy="none"), **more)


async def test_p0_is_the_users_request_and_d1_is_the_same_without_credential(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200 if r.header("authorization") else 401))
    world = make_world(profile(server, headers={"X-Tenant": "acme", "Cookie": "sid=1", "X-Sub": "{secret:second_credential}"}))
    seen = await probes.baseline.look(world, bearer(TOKEN), stored(second_credential="sub-key-77"))
    none = await probes.anonymous.look(world)
    assert isinstance(seen, Baseline)
    assert (seen.exchange.id, seen.exchange.status, seen.exchange.cost, seen.standin) == ("P0", 200, "C2", "")
    assert isinstance(none, Anonymous)
    assert (none.exchange.id, none.exchange.status, none.exchange.cost) == ("D1", 401, "C1")
    first, second = server.requests
    assert (first.target, second.target) == ("/v1/me", "/v1/me")
    assert [first.header(n) for n in ("Authorization", "Cookie", "X-Tenant", "X-Sub")] == [f"Bearer {TOKEN}", "sid=1", "acme", "sub-key-77"]
    assert [second.header(n) for n in ("Authorization", "Cookie", "X-Tenant", "X-Sub")] == [None, None, "acme", None]
    assert "sub-key-77" not in repr(seen)


@pytest.mark.parametrize(
    ("spec", "credential", "found"),
    [
        (
            CredentialSpec(kind="api_key", header="X-API-Key"),
            bearer("k3y-value", name="X-API-Key", scheme="", kind="api_key"),
            ("x-api-key", "k3y-value"),
        ),
        (
            CredentialSpec(kind="cookie", cookie="sid"),
            bearer("c00kie", name="sid", scheme="", kind="cookie", place="cookie"),
            ("cookie", "a=b; sid=c00kie"),
        ),
    ],
)
async def test_other_places(
    serve: Serve, make_world: Make, spec: CredentialSpec, credential: CredentialSeen, found: tuple[str, str]
) -> None:
    server = await serve(lambda r: reply())
    world = make_world(profile(server, credential=spec, headers={"Cookie": "a=b"}))
    await probes.baseline.look(world, credential, stored())
    await probes.anonymous.look(world)
    assert server.requests[0].header(found[0]) == found[1]
    assert server.requests[1].header("x-api-key") is None
    assert server.requests[1].header("cookie") is None


async def test_a_key_in_the_query_is_escaped_masked_and_dropped(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401, f"path was {r.target}"))
    spec = CredentialSpec(kind="api_key", query="key")
    credential = bearer("k3y+va/lue==99", name="key", scheme="", kind="api_key", place="query")
    world = make_world(profile(server, "GET /v1/me?x=1", credential=spec))
    seen = await probes.baseline.look(world, credential, stored())
    await probes.anonymous.look(world)
    assert server.requests[0].target == "/v1/me?x=1&key=k3y%2Bva%2Flue%3D%3D99"
    assert server.requests[1].target == "/v1/me?x=1"
    assert isinstance(seen, Baseline)
    assert "k3y" not in repr(seen.exchange)


async def test_a_secret_in_the_request_itself(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    world = make_world(profile(server, "GET /v1/me?key={secret:api_key}&y=2"))
    credential = bearer(TOKEN)
    seen = await probes.baseline.look(world, credential, stored(api_key="s3cr3t-value"))
    await probes.anonymous.look(world)
    assert [r.target for r in server.requests] == ["/v1/me?key=s3cr3t-value&y=2", "/v1/me?y=2"]
    assert isinstance(seen, Baseline)
    assert "s3cr3t-value" not in repr(seen)
    missing = await probes.baseline.look(world, credential, stored())
    assert isinstance(missing, Unavailable)
    assert "api_key" in missing.why


async def test_a_user_name_and_password_in_the_address_win_over_the_header(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    given = replace(profile(server), base_url=server.url.replace("://", "://{secret:username}:{secret:password}@"))
    world = make_world(given)
    await probes.baseline.look(world, bearer(TOKEN), stored(username="ann@x", password="pass:w0rd/9"))
    await probes.anonymous.look(world)
    first, second = server.requests
    assert first.header("authorization") == "Basic " + base64.b64encode(b"ann@x:pass:w0rd/9").decode()
    assert second.header("authorization") is None
    record = repr(world.sender.exchanges)
    assert "w0rd" not in record
    assert TOKEN not in record


async def test_a_request_that_changes_data_needs_leave(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    bare = profile(server, "POST /v1/orders")
    assert isinstance(await probes.baseline.look(make_world(bare), bearer(TOKEN), stored()), NotTried)
    assert isinstance(await probes.anonymous.look(make_world(bare)), NotTried)
    assert not server.requests
    for more in ({"probe": "GET /v1/me"}, {"whoami": "/v1/me"}):
        seen = await probes.baseline.look(make_world(replace(bare, **more)), bearer(TOKEN), stored())
        assert isinstance(seen, Baseline)
        assert "POST" in seen.standin
        none = await probes.anonymous.look(make_world(replace(bare, **more)))
        assert isinstance(none, Anonymous)
    assert {(r.method, r.target) for r in server.requests} == {("GET", "/v1/me")}
    server.requests.clear()
    foreign = await probes.baseline.look(make_world(replace(bare, whoami="GET https://issuer.example/userinfo")), bearer(TOKEN), stored())
    assert isinstance(foreign, NotTried)
    world = make_world(bare, options=RunOptions(allow_write=True))
    seen = await probes.baseline.look(world, bearer(TOKEN), stored())
    assert isinstance(seen, Baseline)
    assert (seen.exchange.cost, seen.standin) == ("C5", "")
    assert [r.method for r in server.requests] == ["POST"]
    assert isinstance(await probes.repeats.look(world, seen, bearer(TOKEN), stored()), NotTried)
    assert isinstance(await probes.anonymous.look(world), NotTried)


async def test_without_a_credential_nothing_is_sent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    credential = CredentialSeen("bearer", "header", "Authorization", "Bearer", None, missing="No access token is stored.")
    seen = await probes.baseline.look(make_world(profile(server)), credential, stored())
    assert seen == Unavailable("No access token is stored.")
    assert not server.requests


async def test_the_second_anonymous_request_is_the_same(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    world = make_world(profile(server))
    await probes.anonymous.look(world)
    again = await probes.anonymous_again.look(world)
    assert isinstance(again, AnonymousAgain)
    one, two = server.requests
    assert (one.method, one.target, [n for n, _ in one.headers]) == (two.method, two.target, [n for n, _ in two.headers])


def _baseline(status: int = 401) -> Baseline:
    from authwizard.model.exchange import Exchange

    return Baseline(Exchange("P0", "", "C2", "api", "GET", "https://x.example/", status=status))


async def test_repeats_use_new_connections(serve: Serve, make_world: Make) -> None:
    statuses = iter([200, 401])
    server = await serve(lambda r: reply(next(statuses)))
    seen = await probes.repeats.look(make_world(profile(server)), _baseline(), bearer(TOKEN), stored())
    assert isinstance(seen, Repeats)
    assert [e.status for e in seen.exchanges] == [200, 401]
    assert [r.connection for r in server.requests] == [1, 2]
    assert {e.target for e in seen.exchanges} == {"api"}


async def test_sometimes_takes_twenty_samples_that_are_counted_apart(
    serve: Serve, make_world: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float) -> None:
        pauses.append(seconds)
        await sleep(0)

    monkeypatch.setattr(probes.asyncio, "sleep", note)
    server = await serve(lambda r: reply())
    world = make_world(profile(server), options=RunOptions(sometimes=True, reported_401=True))
    seen = await probes.repeats.look(world, _baseline(200), bearer(TOKEN), stored())
    assert isinstance(seen, Repeats)
    assert len(seen.exchanges) == 20
    assert pauses.count(1.0) == 20
    assert world.sender.counts.api == 0  # type: ignore[attr-defined]
    assert world.sender.counts.verification == 20  # type: ignore[attr-defined]


async def test_repeats_stop_at_429_and_keep_what_they_saw(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(429))
    world = make_world(profile(server))
    seen = await probes.repeats.look(world, _baseline(), bearer(TOKEN), stored())
    assert isinstance(seen, Repeats)
    assert len(seen.exchanges) == 1
    with pytest.raises(Halted):
        await probes.repeats.look(world, _baseline(), bearer(TOKEN), stored())
    assert len(server.requests) == 1


@pytest.mark.parametrize("kind", ["dpop", "digest"])
async def test_single_use_credentials_are_not_repeated(serve: Serve, make_world: Make, kind: str) -> None:
    server = await serve(lambda r: reply())
    seen = await probes.repeats.look(make_world(profile(server)), _baseline(), bearer(TOKEN, kind=kind), stored())
    assert isinstance(seen, NotApplicable)
    assert not server.requests


# ── kinds that need more than a field value ──────────────────────────────────────────────────────────────────────────


async def test_digest_answers_the_challenge_once(serve: Serve, make_world: Make) -> None:
    def handle(request: Seen) -> bytes:
        if (request.header("authorization") or "").startswith("Digest "):
            return reply(200)
        return reply(401, headers={"WWW-Authenticate": 'Digest realm="r", nonce="n0nce", qop="auth", algorithm=SHA-256'})

    server = await serve(handle)
    world = make_world(profile(server, credential=CredentialSpec(kind="digest")))
    credential = CredentialSeen("digest", "header", "Authorization", "Digest", Secret('Digest username="ann"'))
    seen = await probes.baseline.look(world, credential, stored(username="ann", password="pass-w0rd-9"))
    assert isinstance(seen, Baseline)
    assert (seen.exchange.status, len(server.requests)) == (200, 2)
    assert server.requests[0].header("authorization") is None
    sent = server.requests[1].header("authorization") or ""
    assert 'username="ann"' in sent
    assert 'uri="/v1/me"' in sent
    assert "pass-w0rd-9" not in sent
    response = sent.partition('response="')[2].partition('"')[0]
    assert len(response) == 64
    assert response not in repr(world.sender.exchanges)


@pytest.mark.parametrize(
    "challenge",
    [
        "Digest",
        "Digest realm=",
        'Digest realm="r", nonce="n", algorithm=SHA3-256',
        'Digest realm="r", nonce="n", qop="auth-int"',
        "Basic",
    ],
)
async def test_a_digest_challenge_nobody_can_answer_leaves_the_refusal(serve: Serve, make_world: Make, challenge: str) -> None:
    server = await serve(lambda r: reply(401, headers={"WWW-Authenticate": challenge}))
    world = make_world(profile(server, credential=CredentialSpec(kind="digest")))
    credential = CredentialSeen("digest", "header", "Authorization", "Digest", Secret('Digest username="ann"'))
    seen = await probes.baseline.look(world, credential, stored(username="ann", password="pass-w0rd-9"))
    assert isinstance(seen, Baseline)
    assert seen.exchange.status == 401
    assert all(r.header("authorization") is None for r in server.requests)


async def test_digest_answers_the_first_algorithm_it_knows_and_guesses_no_second_time(serve: Serve, make_world: Make) -> None:
    offered = 'Digest realm="r", nonce="a", algorithm=SHA3-256, Digest realm="r", nonce="b", qop="auth", algorithm=SHA-512-256'
    server = await serve(lambda r: reply(401, headers={"WWW-Authenticate": offered}))
    world = make_world(profile(server, credential=CredentialSpec(kind="digest")))
    credential = CredentialSeen("digest", "header", "Authorization", "Digest", Secret('Digest username="ann"'))
    await probes.baseline.look(world, credential, stored(username="ann", password="pass-w0rd-9"))
    sent = [r.header("authorization") for r in server.requests]
    assert len(sent) == 2
    assert sent[0] is None
    assert 'nonce="b"' in (sent[1] or "")


@pytest.mark.parametrize("satisfied", [True, False])
async def test_dpop_takes_up_the_servers_nonce_once(serve: Serve, make_world: Make, satisfied: bool) -> None:
    import jwt

    def handle(request: Seen) -> bytes:
        proof = request.header("dpop") or ""
        claims = jwt.decode(proof, options={"verify_signature": False})
        if satisfied and claims.get("nonce") == "n-1":
            return reply(200)
        return reply(401, headers={"WWW-Authenticate": 'DPoP error="use_dpop_nonce"', "DPoP-Nonce": "n-1"})

    server = await serve(handle)
    world = make_world(profile(server, credential=CredentialSpec(kind="dpop")))
    seen = await probes.baseline.look(world, bearer(TOKEN, scheme="DPoP", kind="dpop"), stored(dpop_key=dpop_key()))
    assert isinstance(seen, Baseline)
    assert (seen.exchange.status, seen.nonce_asked, len(server.requests)) == (200 if satisfied else 401, True, 2)
    assert [e.id for e in world.sender.exchanges] == ["P0", "P0-again"]
    claims = [jwt.decode(r.header("dpop") or "", options={"verify_signature": False}) for r in server.requests]
    assert "nonce" not in claims[0]
    assert claims[1]["nonce"] == "n-1"
    assert claims[0]["jti"] != claims[1]["jti"]


@pytest.mark.parametrize("headers", [{"DPoP-Nonce": "n-1"}, {"WWW-Authenticate": 'DPoP error="use_dpop_nonce"'}, {}])
async def test_another_refusal_of_a_proof_is_not_tried_again(serve: Serve, make_world: Make, headers: dict[str, str]) -> None:
    server = await serve(lambda r: reply(401, headers=headers))
    world = make_world(profile(server, credential=CredentialSpec(kind="dpop")))
    seen = await probes.baseline.look(world, bearer(TOKEN, scheme="DPoP", kind="dpop"), stored(dpop_key=dpop_key()))
    assert isinstance(seen, Baseline)
    assert (seen.nonce_asked, len(server.requests)) == (False, 1)


async def test_cookies_go_out_as_they_are_stored(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply())
    world = make_world(profile(server, credential=CredentialSpec(kind="cookie", cookie="sid"), headers={"Cookie": "lang=en"}))
    await probes.baseline.look(world, bearer("s3ss10n-value", kind="cookie", name="sid", scheme="", place="cookie"), stored())
    whole = make_world(profile(server, credential=CredentialSpec(kind="cookie")))
    await probes.baseline.look(whole, bearer("sid=s3ss10n-value; csrf=x", kind="cookie", name="", scheme="", place="cookie"), stored())
    await probes.anonymous.look(whole)
    assert [r.header("cookie") for r in server.requests] == ["lang=en; sid=s3ss10n-value", "sid=s3ss10n-value; csrf=x", None]


async def test_a_credential_that_is_not_whole_is_not_sent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply())
    world = make_world(profile(server, credential=CredentialSpec(kind="dpop")))
    partial = replace(bearer(TOKEN, scheme="DPoP", kind="dpop"), missing="No DPoP key is stored for t.")
    seen = await probes.baseline.look(world, partial, stored())
    assert isinstance(seen, Unavailable)
    assert "DPoP key" in seen.why
    assert not server.requests


async def test_dpop_sends_a_proof_for_this_request(serve: Serve, make_world: Make) -> None:
    import hashlib

    import jwt
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    pem = dpop_key()
    key: Any = load_pem_private_key(pem.encode(), None)
    server = await serve(lambda r: reply())
    world = make_world(profile(server, "GET /v1/me?x=1", credential=CredentialSpec(kind="dpop")), options=RunOptions())
    await probes.baseline.look(world, bearer(TOKEN, scheme="DPoP", kind="dpop"), stored(dpop_key=pem))
    sent = server.requests[0]
    proof = sent.header("DPoP") or ""
    header = jwt.get_unverified_header(proof)
    claims = jwt.decode(proof, key.public_key(), algorithms=["ES256"])
    assert header["typ"] == "dpop+jwt"
    assert set(header["jwk"]) == {"kty", "crv", "x", "y"}
    assert (claims["htm"], claims["htu"]) == ("GET", server.url + "/v1/me")
    assert claims["ath"] == base64.urlsafe_b64encode(hashlib.sha256(TOKEN.encode()).digest()).rstrip(b"=").decode()
    assert sent.header("authorization") == f"DPoP {TOKEN}"
    assert proof not in repr(world.sender.exchanges)


async def test_a_dpop_key_of_no_use_is_named_and_not_quoted(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply())
    world = make_world(profile(server, credential=CredentialSpec(kind="dpop")))
    seen = await probes.baseline.look(world, bearer(TOKEN, kind="dpop"), stored(dpop_key="n0t-a-key-at-all"))
    assert isinstance(seen, Unavailable)
    assert "n0t-a-key" not in repr(seen)
    assert not server.requests


async def test_passive_runs_send_nothing(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply())
    world = make_world(profile(server), options=RunOptions(costs=frozenset({Cost.C0})))
    for look in (probes.baseline.look(world, bearer(TOKEN), stored()), probes.anonymous.look(world)):
        with pytest.raises(Halted):
            await look
    assert not server.requests


@pytest.mark.parametrize(
    ("status", "credential", "told"),
    [
        (200, bearer(TOKEN), ["accepted"]),
        (401, bearer(TOKEN), []),
        (200, replace(bearer(TOKEN), fetched=True), []),
        (200, replace(bearer(TOKEN), whole=True), []),
        (200, bearer(TOKEN, kind="api_key", scheme=""), []),
    ],
)
async def test_a_success_with_the_stored_access_token_is_told_to_the_vault(
    serve: Serve, make_world: Make, status: int, credential: CredentialSeen, told: list[str]
) -> None:
    server = await serve(lambda r: reply(status))
    vault = MemoryVault()
    await probes.baseline.look(make_world(profile(server), vault=vault), credential, stored())
    assert vault.log == told
