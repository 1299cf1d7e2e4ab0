from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.evidence import Baseline, NotApplicable, RedirectChain, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import World
from authwizard.probes.baseline import baseline
from authwizard.probes.redirects import _drops, redirects

from .conftest import Seen, Server, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = "tok-" + "aB3" * 15


def profile(server: Server, **more: Any) -> Profile:
    return Profile("t", server.url, "GET /x", network=Network(timeout_seconds=2, proxy="none"), **more)


async def chain(world: World, **secrets: str) -> Any:
    p0 = await baseline.look(world, bearer(TOKEN), stored(**secrets))
    assert isinstance(p0, Baseline)
    return await redirects.look(world, p0, bearer(TOKEN), stored(**secrets))


async def test_within_one_origin_the_credential_goes_along(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200) if r.path == "/x/" else reply(308, headers={"Location": "/x/"}))
    seen = await chain(make_world(profile(server)))
    assert isinstance(seen, RedirectChain)
    assert [e.status for e in seen.hops] == [200]
    assert (seen.crosses_origin, seen.drops_authorization, seen.final_url) == (False, False, server.url + "/x/")
    assert [r.header("authorization") for r in server.requests] == [f"Bearer {TOKEN}"] * 2


async def test_another_origin_never_gets_the_credential(serve: Serve, make_world: Make) -> None:
    back = await serve(lambda r: reply(200))
    foreign = await serve(lambda r: reply(302, headers={"Location": own.url + "/y"}))
    own = await serve(lambda r: reply(302, headers={"Location": foreign.url + "/login"}) if r.path == "/x" else reply(200))
    world = make_world(profile(own, headers={"X-Tenant": "acme", "Cookie": "sid=1"}))
    seen = await chain(world)
    assert isinstance(seen, RedirectChain)
    assert [e.status for e in seen.hops] == [302, 200]
    assert (seen.crosses_origin, seen.drops_authorization) == (True, True)
    assert foreign.requests[0].header("authorization") is None
    assert foreign.requests[0].header("cookie") is None
    assert foreign.requests[0].header("x-tenant") is None
    # Back at the first origin a client that followed would no longer have it either.
    assert own.requests[1].header("authorization") is None
    assert not back.requests


async def test_redirects_within_a_foreign_origin_are_followed_without_the_credential(serve: Serve, make_world: Make) -> None:
    foreign = await serve(lambda r: reply(200) if r.path == "/b" else reply(302, headers={"Location": "/b"}))
    own = await serve(lambda r: reply(302, headers={"Location": foreign.url + "/a"}))
    seen = await chain(make_world(profile(own)))
    assert isinstance(seen, RedirectChain)
    assert [e.status for e in seen.hops] == [302, 200]
    assert [r.header("authorization") for r in foreign.requests] == [None, None]


async def test_five_hops_are_the_end(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(302, headers={"Location": r.target + "x"}))
    seen = await chain(make_world(profile(server)))
    assert isinstance(seen, RedirectChain)
    assert len(seen.hops) == 5
    assert len(server.requests) == 6


async def test_a_circle_is_gone_round_once(serve: Serve, make_world: Make) -> None:
    """A second round tells nothing that the first did not."""
    server = await serve(lambda r: reply(302, headers={"Location": "/y" if r.path == "/x" else "/x"}))
    seen = await chain(make_world(profile(server)))
    assert isinstance(seen, RedirectChain)
    assert [e.url for e in seen.hops] == [server.url + "/y"]
    assert (seen.final_url, len(server.requests)) == (server.url + "/x", 2)
    alone = await serve(lambda r: reply(302, headers={"Location": "/x"}))
    itself = await chain(make_world(profile(alone)))
    assert isinstance(itself, RedirectChain)
    assert (len(itself.hops), itself.final_url) == (1, alone.url + "/x")


async def test_plain_http_elsewhere_is_not_asked(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(302, headers={"Location": "http://other.example/x"}))
    seen = await chain(make_world(profile(server)))
    assert isinstance(seen, Unavailable)
    assert "http://other.example/x" in seen.why


async def test_a_server_elsewhere_does_not_lead_to_this_machine(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    moved = exchange_to(server.url + "/admin")
    world = make_world(Profile("t", "https://api.example.com", "GET /x", network=Network(timeout_seconds=2, proxy="none")))
    seen = await redirects.look(world, Baseline(moved), bearer(TOKEN), stored())
    assert isinstance(seen, Unavailable)
    assert "this machine" in seen.why
    assert not server.requests


def exchange_to(location: str) -> Exchange:
    return Exchange("P0", "", Cost.C2, "api", "GET", "https://api.example.com/x", status=302, response_headers=(("Location", location),))


@pytest.mark.parametrize("status", [200, 401, 304])
async def test_no_redirect_no_chain(serve: Serve, make_world: Make, status: int) -> None:
    server = await serve(lambda r: reply(status))
    assert isinstance(await chain(make_world(profile(server))), NotApplicable)


@pytest.mark.parametrize("location", ["http://[bad", "javascript:alert(1)", "mailto:a@b"])
async def test_a_location_that_leads_nowhere(serve: Serve, make_world: Make, location: str) -> None:
    server = await serve(lambda r: reply(302, headers={"Location": location}))
    assert isinstance(await chain(make_world(profile(server))), NotApplicable)


async def test_a_masked_parameter_is_left_out_and_the_key_put_in_again(serve: Serve, make_world: Make) -> None:
    def handle(request: Seen) -> bytes:
        return reply(302, headers={"Location": request.target.replace("/x", "/y")}) if request.path == "/x" else reply(200)

    server = await serve(handle)
    world = make_world(profile(server, credential=CredentialSpec(kind="api_key", query="key")))
    key = bearer("k3y-value-99", kind="api_key", name="key", place="query", scheme="")
    p0 = await baseline.look(world, key, stored())
    assert isinstance(p0, Baseline)
    seen = await redirects.look(world, p0, key, stored())
    assert isinstance(seen, RedirectChain)
    assert [r.target for r in server.requests] == ["/x?key=k3y-value-99", "/y?key=k3y-value-99"]
    assert "k3y-value-99" not in repr(seen)


async def test_a_post_is_not_sent_again(make_world: Make, serve: Serve) -> None:
    server = await serve(lambda r: reply(307, headers={"Location": "/y"}) if r.path == "/x" else reply(200))
    world = make_world(profile(server), options=RunOptions(allow_write=True))
    url = server.url + "/x"
    for status, asked in ((307, []), (303, ["GET"])):
        p0 = Baseline(Exchange("P0", "", "C5", "api", "POST", url, status=status, response_headers=(("Location", "/y"),)))
        await redirects.look(world, p0, bearer(TOKEN), stored())
        assert [r.method for r in server.requests] == asked


@pytest.mark.parametrize(
    ("before", "after", "drops"),
    [
        ("http://a.example/x", "https://a.example/x", False), ("https://a.example/x", "http://a.example/x", True),
        ("https://www.a.example/", "https://a.example/", True), ("https://a.example/", "https://a.example:8443/", True),
        ("http://a.example:8080/", "https://a.example/", True), ("https://a.example/x", "https://a.example/y", False),
    ],
)  # fmt: skip
def test_when_clients_drop_the_header(before: str, after: str, drops: bool) -> None:
    assert _drops(before, after) is drops
