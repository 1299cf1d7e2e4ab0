from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from authwizard.model.evidence import NotApplicable, Preflight
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import World
from authwizard.probes.cors import preflight, requested_headers

from .conftest import Server, reply

Serve = Callable[..., Awaitable[Server]]


def profile(url: str, request: str = "GET /x", **more: Any) -> Profile:
    more.setdefault("browser_origin", "https://app.example.com")
    return Profile("t", url, request, network=Network(timeout_seconds=2, proxy="none"), **more)


async def test_the_preflight_is_what_a_browser_sends(serve: Serve, make_world: Callable[..., World]) -> None:
    server = await serve(lambda r: reply(204 if r.method == "OPTIONS" else 401))
    world = make_world(profile(server.url, "GET /x?k={secret:api_key}&y=1", headers={"X-Tenant": "a", "User-Agent": "u", "Cookie": "c=1"}))
    seen = await preflight.look(world)
    assert isinstance(seen, Preflight)
    assert seen.preflight is not None
    assert seen.simple is not None
    assert (seen.preflight.status, seen.simple.status, seen.preflight.cost) == (204, 401, "C1")
    asking, simple = server.requests
    assert (asking.method, asking.target) == ("OPTIONS", "/x?y=1")
    assert asking.header("origin") == simple.header("origin") == "https://app.example.com"
    assert asking.header("access-control-request-method") == "GET"
    assert asking.header("access-control-request-headers") == "authorization,x-tenant"
    for request in server.requests:
        assert request.header("authorization") is None
        assert request.header("cookie") is None
    assert simple.method == "GET"


async def test_a_refused_preflight_is_the_end(serve: Serve, make_world: Callable[..., World]) -> None:
    server = await serve(lambda r: reply(401))
    seen = await preflight.look(make_world(profile(server.url, "POST /x")))
    assert isinstance(seen, Preflight)
    assert seen.simple is None
    assert [(r.method, r.header("access-control-request-method")) for r in server.requests] == [("OPTIONS", "POST")]


async def test_a_post_behind_a_passed_preflight_is_not_sent(serve: Serve, make_world: Callable[..., World]) -> None:
    server = await serve(lambda r: reply(204))
    seen = await preflight.look(make_world(profile(server.url, "POST /x")))
    assert isinstance(seen, Preflight)
    assert [r.method for r in server.requests] == ["OPTIONS"]


async def test_without_a_page_there_is_no_preflight(make_world: Callable[..., World]) -> None:
    assert isinstance(await preflight.look(make_world(profile("https://a.example", browser_origin=""))), NotApplicable)


def test_headers_a_browser_asks_leave_for() -> None:
    assert requested_headers(profile("https://a", credential=CredentialSpec(kind="api_key", header="X-API-Key"))) == "x-api-key"
    assert requested_headers(profile("https://a", credential=CredentialSpec(kind="api_key", query="k"))) == ""
