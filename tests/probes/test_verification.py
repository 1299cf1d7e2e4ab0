from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.evidence import (
    Baseline,
    CredentialSeen,
    EndpointCalls,
    FreshCall,
    FreshToken,
    NotApplicable,
    NotTried,
    Unavailable,
    WhoamiCall,
)
from authwizard.model.exchange import Exchange
from authwizard.model.oauth import TokenAnswer
from authwizard.model.profile import Endpoint, Network, OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.probe import Halted, World
from authwizard.probes.verification import endpoints, whoami_call

from .conftest import Server, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN, NEW = "tok-" + "aB3" * 15, "new-" + "Zq9" * 15


def profile(server: Server, *rows: str, **more: Any) -> Profile:
    table = tuple(Endpoint(row, expect=200 + n) for n, row in enumerate(rows))
    return Profile("t", server.url, "GET /x", endpoints=table, network=Network(timeout_seconds=2, proxy="none"), **more)


def call(kind: Any, status: int) -> Any:
    return kind(Exchange("x", "", "C2", "api", "GET", "", status=status))


async def look(world: World, baseline: Baseline, fresh: FreshToken | None = None, fresh_call: FreshCall | None = None) -> Any:
    return await endpoints.look(world, baseline, bearer(TOKEN), stored(), fresh, fresh_call, None, None)


async def test_the_rows_that_can_be_read_are_called_with_what_works(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(403 if r.path == "/b" else 200))
    world = make_world(profile(server, "GET /a", "POST /danger", "/b?x=1", "DELETE /danger", "GET /c/{id}", "HEAD /danger"))
    seen = await look(world, call(Baseline, 200))
    assert isinstance(seen, EndpointCalls)
    assert [(r, e, x.status) for r, e, x in seen.calls] == [("GET /a", 200, 200), ("/b?x=1", 202, 403)]
    assert {(r.method, r.target) for r in server.requests} == {("GET", "/a"), ("GET", "/b?x=1")}
    assert {r.header("authorization") for r in server.requests} == {f"Bearer {TOKEN}"}
    assert {x.target for _, _, x in seen.calls} == {"verification"}
    assert world.sender.counts.api == 0  # type: ignore[attr-defined]


async def test_a_new_token_is_used_where_the_stored_one_fails(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    fresh = FreshToken(call(Baseline, 200).exchange, TokenAnswer(True, 200, access_token=Secret(NEW)), "client_credentials", "none")
    world = make_world(profile(server, "GET /a"))
    seen = await look(world, call(Baseline, 401), fresh, call(FreshCall, 200))
    assert isinstance(seen, EndpointCalls)
    assert server.requests[0].header("authorization") == f"Bearer {NEW}"
    server.requests.clear()
    for working in ((fresh, call(FreshCall, 401)), (fresh, None), (None, None)):
        assert isinstance(await look(world, call(Baseline, 401), *working), NotTried)
    assert not server.requests


async def test_at_most_four_at_a_time(serve: Serve, make_world: Make) -> None:
    inside = most = 0
    full = asyncio.Event()

    async def answer() -> bytes:
        nonlocal inside, most
        inside += 1
        most = max(most, inside)
        if inside == 4:
            full.set()
        await asyncio.wait_for(full.wait(), 20)
        await asyncio.sleep(0.02)  # in which a fifth would come
        inside -= 1
        return reply()

    server = await serve(lambda r: answer())
    await look(make_world(profile(server, *(f"GET /{n}" for n in range(9)))), call(Baseline, 200))
    assert most == 4


async def test_a_foreign_row_is_left_out(serve: Serve, make_world: Make) -> None:
    foreign = await serve(lambda r: reply(200))
    server = await serve(lambda r: reply(200))
    seen = await look(make_world(profile(server, "GET /a", f"GET {foreign.url}/b")), call(Baseline, 200))
    assert isinstance(seen, EndpointCalls)
    assert [r for r, _, _ in seen.calls] == ["GET /a"]
    assert not foreign.requests
    alone = await look(make_world(profile(server, f"GET {foreign.url}/b")), call(Baseline, 200))
    assert isinstance(alone, NotTried)


async def test_an_empty_table(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    assert isinstance(await look(make_world(profile(server, "POST /a")), call(Baseline, 200)), NotApplicable)


async def test_whoami_asks_with_the_credential_of_p0(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    seen = await whoami_call.look(make_world(profile(server, whoami="GET /me")), bearer(TOKEN), stored())
    assert isinstance(seen, WhoamiCall)
    assert (server.requests[0].target, server.requests[0].header("authorization")) == ("/me", f"Bearer {TOKEN}")


async def test_a_whoami_that_accepts_is_asked_once_more_without_a_credential(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200 if r.header("authorization") else 401))
    world = make_world(profile(server, whoami="GET /me"))
    seen = await whoami_call.look(world, bearer(TOKEN), stored())
    assert isinstance(seen, WhoamiCall)
    assert seen.anonymous is not None
    assert (seen.exchange.status, seen.anonymous.status) == (200, 401)
    assert [r.header("authorization") for r in server.requests] == [f"Bearer {TOKEN}", None]
    refusing = await serve(lambda r: reply(401))
    refused = await whoami_call.look(make_world(profile(refusing, whoami="GET /me")), bearer(TOKEN), stored())
    assert isinstance(refused, WhoamiCall)
    assert (refused.anonymous, len(refusing.requests)) == (None, 1)


async def test_whoami_at_the_authorization_server_is_its_own_origin_and_elsewhere_is_none(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    issuer = await serve(lambda r: reply(200))
    away = f"GET {issuer.url}/userinfo"
    seen = await whoami_call.look(make_world(profile(server, whoami=away, oauth=OAuth(issuer=issuer.url))), bearer(TOKEN), stored())
    assert isinstance(seen, WhoamiCall)
    assert issuer.requests[0].header("authorization") == f"Bearer {TOKEN}"
    with pytest.raises(Halted):
        await whoami_call.look(make_world(profile(server, whoami=away)), bearer(TOKEN), stored())
    assert [r.header("authorization") for r in issuer.requests] == [f"Bearer {TOKEN}", None]


async def test_where_whoami_cannot_be_asked(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    assert isinstance(await whoami_call.look(make_world(profile(server)), bearer(TOKEN), stored()), NotApplicable)
    assert isinstance(await whoami_call.look(make_world(profile(server, whoami="POST /me")), bearer(TOKEN), stored()), NotTried)
    nothing = CredentialSeen("bearer", "header", "Authorization", "", None, missing="No access token is stored.")
    assert isinstance(await whoami_call.look(make_world(profile(server, whoami="/me")), nothing, stored()), Unavailable)
    assert not server.requests
