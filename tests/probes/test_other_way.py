from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.evidence import (
    Baseline,
    DirectCall,
    FinalUrlCall,
    NotApplicable,
    NotTried,
    OriginCall,
    OtherVersionCall,
    RedirectChain,
)
from authwizard.model.exchange import Exchange
from authwizard.model.profile import Network, Profile
from authwizard.probe import World
from authwizard.probes.other_way import behind_edge, direct_call, final_url_call, origin_call, other_version_call

from .conftest import Server, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = "tok-" + "aB3" * 15
P0 = Baseline(Exchange("P0", "", "C2", "api", "GET", "https://x.example/", status=401))


def profile(server: Server, **more: Any) -> Profile:
    return Profile(
        "t", server.url, more.pop("request", "GET /x?y=1"), network=Network(timeout_seconds=2, proxy=more.pop("proxy", "none")), **more
    )


async def test_the_final_address_gets_the_credential_only_where_it_is_the_profiles_own(serve: Serve, make_world: Make) -> None:
    api = await serve(lambda r: reply(302))
    own = await serve(lambda r: reply(200))
    foreign = await serve(lambda r: reply(200))
    world = make_world(profile(api, origin_url=own.url))
    crossing = RedirectChain((), crosses_origin=True, final_url=own.url + "/y")
    seen = await final_url_call.look(world, P0, crossing, bearer(TOKEN), stored())
    assert isinstance(seen, FinalUrlCall)
    assert [(r.target, r.header("authorization")) for r in own.requests] == [("/y", f"Bearer {TOKEN}")]
    abroad = RedirectChain((), crosses_origin=True, final_url=foreign.url + "/y")
    assert isinstance(await final_url_call.look(world, P0, abroad, bearer(TOKEN), stored()), NotTried)
    assert not foreign.requests
    staying = RedirectChain((), crosses_origin=False, final_url=api.url + "/y")
    assert isinstance(await final_url_call.look(world, P0, staying, bearer(TOKEN), stored()), NotApplicable)
    assert not api.requests


async def test_the_origin_is_asked_with_the_host_of_the_api(serve: Serve, make_world: Make) -> None:
    api = await serve(lambda r: reply(401))
    origin = await serve(lambda r: reply(200))
    seen = await origin_call.look(make_world(profile(api, origin_url=origin.url)), P0, bearer(TOKEN), stored())
    assert isinstance(seen, OriginCall)
    request = origin.requests[0]
    assert (request.target, request.header("host"), request.header("authorization")) == (
        "/x?y=1",
        api.url.removeprefix("http://"),
        f"Bearer {TOKEN}",
    )
    assert not api.requests
    assert isinstance(await origin_call.look(make_world(profile(api)), P0, bearer(TOKEN), stored()), NotApplicable)


@pytest.mark.parametrize(
    ("origin", "url", "there"),
    [
        ("https://o.example", "https://a.example/v1/x?y=1", "https://o.example/v1/x?y=1"),
        ("https://o.example:8443/v1/", "https://a.example/v1/x", "https://o.example:8443/v1/x"),
        ("https://o.example/internal", "https://a.example/x", "https://o.example/internal/x"),
    ],
)
def test_the_same_resource_behind_the_edge(origin: str, url: str, there: str) -> None:
    assert behind_edge(Profile("t", "https://a.example", "GET /", origin_url=origin), url) == there


async def test_past_the_proxy(serve: Serve, make_world: Make) -> None:
    proxy = await serve(lambda r: reply(401))
    api = await serve(lambda r: reply(200))
    world = make_world(profile(api, proxy=proxy.url))
    seen = await direct_call.look(world, P0, bearer(TOKEN), stored())
    assert isinstance(seen, DirectCall)
    assert (seen.exchange.status, len(proxy.requests), len(api.requests)) == (200, 0, 1)
    none = await direct_call.look(make_world(profile(api)), P0, bearer(TOKEN), stored())
    assert isinstance(none, NotApplicable)
    by_environment = make_world(profile(api, proxy="env"), environ={"HTTP_PROXY": proxy.url})
    assert isinstance(await direct_call.look(by_environment, P0, bearer(TOKEN), stored()), DirectCall)
    exempt = make_world(profile(api, proxy="env"), environ={"HTTP_PROXY": proxy.url, "NO_PROXY": "127.0.0.1"})
    assert isinstance(await direct_call.look(exempt, P0, bearer(TOKEN), stored()), NotApplicable)


async def test_a_request_that_changes_data_is_not_sent_another_way_without_leave(serve: Serve, make_world: Make) -> None:
    api = await serve(lambda r: reply(200))
    world = make_world(profile(api, request="POST /x", origin_url=api.url, proxy=api.url))
    crossing = RedirectChain((), crosses_origin=True, final_url=api.url + "/y")
    assert isinstance(await final_url_call.look(world, P0, crossing, bearer(TOKEN), stored()), NotTried)
    assert isinstance(await origin_call.look(world, P0, bearer(TOKEN), stored()), NotTried)
    assert isinstance(await direct_call.look(world, P0, bearer(TOKEN), stored()), NotTried)
    assert not api.requests


async def test_over_http2_only_with_its_package_and_inside_tls(serve: Serve, make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    api = await serve(lambda r: reply(200))
    world = make_world(profile(api))
    monkeypatch.setattr("authwizard.probes.other_way.find_spec", lambda name: None)
    without = await other_version_call.look(world, P0, bearer(TOKEN), stored())
    assert isinstance(without, NotTried)
    assert "h2, which is not installed" in without.why
    monkeypatch.setattr("authwizard.probes.other_way.find_spec", lambda name: object())
    assert isinstance(await other_version_call.look(world, P0, bearer(TOKEN), stored()), NotApplicable)
    assert isinstance(await other_version_call.look(world, P0, bearer(TOKEN, kind="dpop"), stored()), NotApplicable)
    writes = make_world(profile(api, request="POST /x"))
    assert isinstance(await other_version_call.look(writes, P0, bearer(TOKEN), stored()), NotTried)
    assert not api.requests


async def test_over_http2_offers_it_on_a_connection_of_its_own(make_world: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    import httpx

    offered: list[bool] = []

    class Transport(httpx.AsyncBaseTransport):
        def __init__(self, *, http2: bool = False, **more: object) -> None:
            offered.append(http2)

        async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, extensions={"http_version": b"HTTP/2"}, stream=httpx.ByteStream(b""))

    monkeypatch.setattr("authwizard.probes.other_way.find_spec", lambda name: object())
    monkeypatch.setattr(httpx, "AsyncHTTPTransport", Transport)
    given = Profile("t", "https://api.example.com", "GET /x", network=Network(timeout_seconds=2, proxy="none"))
    seen = await other_version_call.look(make_world(given), P0, bearer(TOKEN), stored())
    assert isinstance(seen, OtherVersionCall)
    assert (seen.exchange.http_version, offered) == ("HTTP/2", [True])
