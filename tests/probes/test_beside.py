"""One thing more or less beside the credential: the second credential, cookies, Connection, a second token in the address."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from authwizard.model.evidence import Baseline, LeanerCall, NotApplicable, NotTried, SecondCredentialCall
from authwizard.model.exchange import Exchange
from authwizard.model.options import RunOptions
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import World
from authwizard.probes.beside import leaner_call, second_credential_call

from .conftest import Server, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
TOKEN = "tok-" + "aB3" * 15
KEY = "second-k3y-plainly-fake"


def profile(server: Server, request: str = "GET /x", **more: Any) -> Profile:
    return Profile("t", server.url, request, network=Network(timeout_seconds=2, proxy="none"), **more)


def p0(status: int = 401, body: str = "", challenge: str = "") -> Baseline:
    fields = (("WWW-Authenticate", challenge),) if challenge else ()
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status, body=body, response_headers=fields))


@pytest.mark.parametrize(
    ("answer", "place"),
    [
        (p0(body='{"statusCode":401,"message":"Access denied due to missing subscription key. Make sure to include subscription key."}'),
         "Ocp-Apim-Subscription-Key"),
        (p0(body='{"message":"No API key found in request"}'), "apikey"),
        (p0(body='{"error":"send your key in X-Api-Key"}'), "X-Api-Key"),
        (p0(challenge='ApiKey realm="x", in="header", name="X-Acme-Id"'), "X-Acme-Id"),
    ],
)  # fmt: skip
async def test_the_second_credential_goes_where_the_answer_wants_it(serve: Serve, make_world: Make, answer: Baseline, place: str) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server))
    seen = await second_credential_call.look(world, answer, bearer(TOKEN), stored(second_credential=KEY), None)
    assert isinstance(seen, SecondCredentialCall)
    assert (seen.name, seen.exchange.status) == (place, 200)
    assert (server.requests[0].header(place), server.requests[0].header("authorization")) == (KEY, f"Bearer {TOKEN}")
    assert KEY not in repr(world.sender.exchanges)


async def test_no_second_credential_no_place_or_already_there(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    names_it = p0(body="No API key found in request")
    held = stored(second_credential=KEY)
    world = make_world(profile(server))
    assert isinstance(await second_credential_call.look(world, p0(200), bearer(TOKEN), held, None), NotApplicable)
    assert isinstance(await second_credential_call.look(world, names_it, bearer(TOKEN), stored(), None), NotApplicable)
    assert isinstance(await second_credential_call.look(world, p0(body="no"), bearer(TOKEN), held, None), NotTried)
    sent = make_world(profile(server, headers={"apikey": "{secret:second_credential}"}))
    assert isinstance(await second_credential_call.look(sent, names_it, bearer(TOKEN), held, None), NotApplicable)
    writes = make_world(profile(server, "POST /x"))
    assert isinstance(await second_credential_call.look(writes, names_it, bearer(TOKEN), held, None), NotTried)
    assert not server.requests


@pytest.mark.parametrize(
    ("given", "cause", "gone"),
    [
        ({"headers": {"Cookie": "session=abc; lang=en", "X-T": "1"}}, "cookie_overrides_token", "cookie"),
        ({"headers": {"Connection": "close, Authorization"}}, "connection_header_strips_authorization", "connection"),
        ({"headers": {"connection": "X-Api-Key"}, "credential": CredentialSpec(kind="api_key", header="X-Api-Key")},
         "connection_header_strips_authorization", "connection"),
    ],
)  # fmt: skip
async def test_what_is_in_the_way_is_left_out(serve: Serve, make_world: Make, given: dict[str, Any], cause: str, gone: str) -> None:
    server = await serve(lambda r: reply(200))
    name = "X-Api-Key" if "credential" in given else "Authorization"
    credential = bearer(TOKEN, name=name, scheme="" if name == "X-Api-Key" else "Bearer")
    seen = await leaner_call.look(make_world(profile(server, **given)), p0(), credential, stored())
    assert isinstance(seen, LeanerCall)
    assert (seen.cause, seen.exchange.status) == (cause, 200)
    assert gone not in {n.lower() for n, _ in server.requests[0].headers} - {"connection"}
    assert TOKEN in (server.requests[0].header(name) or "")
    assert "authorization" not in (server.requests[0].header("connection") or "").lower()


async def test_a_second_token_in_the_address_is_left_out(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server, "GET /x?a=1&access_token={secret:access_token}&b=2"))
    seen = await leaner_call.look(world, p0(400), bearer(TOKEN), stored(access_token=TOKEN))
    assert isinstance(seen, LeanerCall)
    assert (seen.cause, server.requests[0].target) == ("duplicate_credentials", "/x?a=1&b=2")


@pytest.mark.parametrize("given", [{}, {"headers": {"Connection": "keep-alive, X-Trace"}}, {"request": "GET /x?token_type=a"}])
async def test_a_plain_request_has_nothing_to_leave_out(serve: Serve, make_world: Make, given: dict[str, Any]) -> None:
    server = await serve(lambda r: reply(200))
    assert isinstance(await leaner_call.look(make_world(profile(server, **given)), p0(), bearer(TOKEN), stored()), NotApplicable)
    noisy = make_world(profile(server, headers={"Cookie": "session=1"}))
    assert isinstance(await leaner_call.look(noisy, p0(200), bearer(TOKEN), stored()), NotApplicable)
    own = bearer("v", kind="cookie", name="sid", scheme="", place="cookie")
    assert isinstance(await leaner_call.look(noisy, p0(), own, stored()), NotApplicable)
    assert not server.requests


async def test_nothing_that_writes_is_sent_again_without_leave(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    given = profile(server, "POST /x", headers={"Cookie": "session=1"})
    assert isinstance(await leaner_call.look(make_world(given), p0(), bearer(TOKEN), stored()), NotTried)
    assert not server.requests
    allowed = make_world(given, options=RunOptions(allow_write=True))
    assert isinstance(await leaner_call.look(allowed, p0(), bearer(TOKEN), stored()), LeanerCall)
