"""S5-07: which other endpoints get the credential, and that a success is followed by the same without one."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from authwizard.model.evidence import Baseline, CredentialSeen, NotApplicable, OtherEndpoints, Unavailable, WhoamiCall
from authwizard.model.exchange import Exchange
from authwizard.model.profile import Endpoint, Network, Profile
from authwizard.probe import World
from authwizard.probes.other_endpoints import other_endpoints

from .conftest import Server, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = "tok-" + "aB3" * 15
ROWS = (
    Endpoint("GET /x", ("admin",)), Endpoint("GET /same", ("admin",)), Endpoint("GET /a", ("read",)), Endpoint("POST /danger", ("write",)),
    Endpoint("GET /c/{id}", ("read",)), Endpoint("GET /b", ()),
)  # fmt: skip


def profile(server: Server, rows: tuple[Endpoint, ...] = ROWS, **more: Any) -> Profile:
    return Profile("t", server.url, "GET /x?page=2", endpoints=rows, network=Network(timeout_seconds=2, proxy="none"), **more)


def p0(status: int = 401) -> Baseline:
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status))


async def test_two_other_rows_are_asked_those_of_other_scopes_first(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200 if r.header("authorization") else 401))
    world = make_world(profile(server))
    seen = await other_endpoints.look(world, p0(), bearer(TOKEN), stored(), None)
    assert isinstance(seen, OtherEndpoints)
    assert [(c.request, c.exchange.status, c.anonymous.status if c.anonymous else None) for c in seen.calls] == [
        ("GET /a", 200, 401), ("GET /b", 200, 401),
    ]  # fmt: skip
    assert sorted((r.target, r.header("authorization") or "") for r in server.requests) == [
        ("/a", ""), ("/a", f"Bearer {TOKEN}"), ("/b", ""), ("/b", f"Bearer {TOKEN}"),
    ]  # fmt: skip
    assert {r.method for r in server.requests} == {"GET"}
    assert world.sender.counts.api == 0  # type: ignore[attr-defined]


async def test_a_refusal_needs_no_control(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    seen = await other_endpoints.look(make_world(profile(server)), p0(), bearer(TOKEN), stored(), None)
    assert isinstance(seen, OtherEndpoints)
    assert [c.anonymous for c in seen.calls] == [None, None]
    assert len(server.requests) == 2


async def test_a_whoami_that_was_asked_counts_without_a_further_request(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(401))
    whoami = WhoamiCall(p0(200).exchange, p0(401).exchange)
    seen = await other_endpoints.look(make_world(profile(server, (), whoami="GET /me")), p0(), bearer(TOKEN), stored(), whoami)
    assert isinstance(seen, OtherEndpoints)
    assert [(c.request, c.exchange.status) for c in seen.calls] == [("GET /me", 200)]
    elsewhere = make_world(profile(server, (), whoami="GET https://other.example/me"))
    assert isinstance(await other_endpoints.look(elsewhere, p0(), bearer(TOKEN), stored(), whoami), NotApplicable)
    assert not server.requests


async def test_where_there_is_nothing_to_ask(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    foreign = await serve(lambda r: reply(200))
    for rows in ((), (Endpoint("GET /x"),), (Endpoint("POST /danger"),), (Endpoint(f"GET {foreign.url}/b"),)):
        seen = await other_endpoints.look(make_world(profile(server, rows)), p0(), bearer(TOKEN), stored(), None)
        assert isinstance(seen, NotApplicable), rows
    assert isinstance(await other_endpoints.look(make_world(profile(server)), p0(200), bearer(TOKEN), stored(), None), NotApplicable)
    nothing = CredentialSeen("bearer", "header", "Authorization", "", None, missing="No access token is stored.")
    assert isinstance(await other_endpoints.look(make_world(profile(server)), p0(), nothing, stored(), None), Unavailable)
    assert not server.requests
    assert not foreign.requests
