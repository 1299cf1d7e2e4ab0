"""S8-09, S8-10: an invented path beside the user's, and the request past the caches."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.evidence import Baseline, NotApplicable, NotTried, PathCanary, UncachedCall
from authwizard.model.exchange import Exchange
from authwizard.model.options import RunOptions
from authwizard.model.profile import Network, Profile
from authwizard.probe import World
from authwizard.probes.canary import CACHE_BUSTER, invented, path_canary, uncached_call

from .conftest import Server, a_jwt, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = a_jwt()
THOROUGH = RunOptions(thorough=True, api_budget=40)


def p0(status: int = 401) -> Baseline:
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status))


def profile(server: Server, request: str = "GET /v2/devices?page=1", **more: Any) -> Profile:
    return Profile("t", server.url, request, network=Network(timeout_seconds=2, proxy="none"), **more)


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.test/v2/organizations/current", "https://a.test/v2/authwizard-no-such-path"),
        ("https://a.test/api/v1.0/x?k={secret:api_key}", "https://a.test/api/v1.0/authwizard-no-such-path?k={secret:api_key}"),
        ("https://a.test/users/7", "https://a.test/authwizard-no-such-path"),
        ("https://a.test", "https://a.test/authwizard-no-such-path"),
        ("https://u:p@a.test:8443/rest/{secret:api_key}/x", "https://u:p@a.test:8443/rest/authwizard-no-such-path"),
    ],
)
def test_the_invented_path_stays_within_the_interface(url: str, expected: str) -> None:
    assert invented(url) == expected


async def test_one_request_with_the_credential(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(404))
    seen = await path_canary.look(make_world(profile(server)), p0(), bearer(TOKEN), stored(access_token=TOKEN))
    assert isinstance(seen, PathCanary)
    assert (seen.exchange.status, seen.path, seen.anonymous, seen.method) == (404, "/v2/authwizard-no-such-path", None, None)
    assert [(r.method, r.path, r.header("authorization")) for r in server.requests] == [
        ("GET", "/v2/authwizard-no-such-path", f"Bearer {TOKEN}")
    ]
    assert TOKEN not in repr(seen)


async def test_thorough_asks_without_a_credential_and_a_posts_path_with_get(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(405 if r.path == "/v2/devices" else 401))
    world = make_world(profile(server, "POST /v2/devices"), options=THOROUGH)
    seen = await path_canary.look(world, p0(), bearer(TOKEN), stored(access_token=TOKEN))
    assert isinstance(seen, PathCanary)
    assert seen.anonymous is not None
    assert seen.method is not None
    assert (seen.anonymous.status, seen.method.status) == (401, 405)
    sent = [(r.method, r.path, r.header("authorization") is not None) for r in server.requests]
    bogus = "/v2/authwizard-no-such-path"
    assert sent == [("GET", bogus, True), ("GET", bogus, False), ("GET", "/v2/devices", True)], "nothing but GET is sent"


async def test_a_budget_that_ends_leaves_what_was_seen(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(404))
    world = make_world(profile(server), options=RunOptions(thorough=True, api_budget=1))
    seen = await path_canary.look(world, p0(), bearer(TOKEN), stored(access_token=TOKEN))
    assert isinstance(seen, PathCanary)
    assert (seen.exchange.status, seen.anonymous) == (404, None)


async def test_past_the_caches(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    seen = await uncached_call.look(make_world(profile(server)), p0(), bearer(TOKEN), stored(access_token=TOKEN))
    assert isinstance(seen, UncachedCall)
    sent = server.requests[0]
    assert sent.target.startswith(f"/v2/devices?page=1&{CACHE_BUSTER}=")
    assert (sent.header("cache-control"), sent.header("authorization")) == ("no-cache", f"Bearer {TOKEN}")


async def test_where_there_is_nothing_to_compare(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    for look in (path_canary.look, uncached_call.look):
        assert isinstance(await look(make_world(profile(server)), p0(200), bearer(TOKEN), stored()), NotApplicable)
    writing = make_world(profile(server, "POST /x"), options=RunOptions(allow_write=True))
    assert isinstance(await uncached_call.look(writing, p0(), bearer(TOKEN), stored()), NotApplicable)
    nothing = make_world(profile(server, ""))
    assert isinstance(await path_canary.look(nothing, p0(), bearer(TOKEN), stored()), NotApplicable)
    assert not server.requests


async def test_no_refused_login_is_spent_on_a_path_or_a_cache(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(404))
    login = bearer("dTpw", kind="basic", scheme="Basic")
    for look in (path_canary.look, uncached_call.look):
        assert isinstance(await look(make_world(profile(server)), p0(401), login, stored()), NotTried)
    assert not server.requests
    kept = Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=401, response_headers=(("Age", "9"),)))
    assert isinstance(await uncached_call.look(make_world(profile(server)), kept, login, stored()), UncachedCall)
    assert isinstance(await path_canary.look(make_world(profile(server)), p0(404), login, stored()), PathCanary)
