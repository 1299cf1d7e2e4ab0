"""S1-13: the stored ID token in the access token's place, where the platform may want it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from authwizard.model.evidence import Baseline, CredentialSeen, NotApplicable, NotTried, OtherTokenCall
from authwizard.model.exchange import Exchange
from authwizard.model.profile import Network, Profile
from authwizard.probe import World
from authwizard.probes.credential import credential
from authwizard.probes.other_token import other_token_call

from .conftest import Server, a_jwt, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
ACCESS, IDENTITY = a_jwt(token_use="access"), a_jwt(token_use="id")
COGNITO = (("x-amzn-ErrorType", "UnauthorizedException"),)


def p0(status: int = 401, headers: tuple[tuple[str, str], ...] = COGNITO) -> Baseline:
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status, response_headers=headers))


def profile(server: Server, request: str = "GET /x") -> Profile:
    return Profile("t", server.url, request, network=Network(timeout_seconds=2, proxy="none"))


async def seen_with(world: World, baseline: Baseline, **secrets: str) -> object:
    held = stored(**secrets)
    sent = await credential.look(world, held, None)
    assert isinstance(sent, CredentialSeen)
    return await other_token_call.look(world, baseline, sent, held)


@pytest.mark.parametrize("headers", [COGNITO, (("x-goog-iap-generated-response", "true"),), (("Server", "Google Frontend"),)])
async def test_the_id_token_goes_out_where_it_may_be_wanted(serve: Serve, make_world: Make, headers: tuple[tuple[str, str], ...]) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server))
    seen = await seen_with(world, p0(headers=headers), access_token=ACCESS, id_token=IDENTITY)
    assert isinstance(seen, OtherTokenCall)
    assert server.requests[0].header("authorization") == f"Bearer {IDENTITY}"
    assert IDENTITY not in repr(world.sender.exchanges)


@pytest.mark.parametrize(
    ("baseline", "secrets"),
    [
        (p0(), {"access_token": ACCESS}),
        (p0(), {"access_token": IDENTITY, "id_token": IDENTITY}),
        (p0(), {"authorization": f"Bearer {ACCESS}", "id_token": IDENTITY}),
        (p0(headers=(("Server", "nginx"),)), {"access_token": ACCESS, "id_token": IDENTITY}),
        (p0(200), {"access_token": ACCESS, "id_token": IDENTITY}),
        (p0(404), {"access_token": ACCESS, "id_token": IDENTITY}),
    ],
)
async def test_nowhere_else(serve: Serve, make_world: Make, baseline: Baseline, secrets: dict[str, str]) -> None:
    server = await serve(lambda r: reply(200))
    assert isinstance(await seen_with(make_world(profile(server)), baseline, **secrets), NotApplicable)
    assert not server.requests


async def test_nothing_that_writes_is_sent_again(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    world = make_world(profile(server, "POST /x"))
    assert isinstance(await seen_with(world, p0(), access_token=ACCESS, id_token=IDENTITY), NotTried)
    assert not server.requests
