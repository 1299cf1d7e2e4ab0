"""S7-05: another profile's credential goes on exactly this request, and nowhere else."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from authwizard.model.evidence import Baseline, KnownGoodCall, NotApplicable, NotTried, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.options import RunOptions
from authwizard.model.profile import CredentialSpec, Network, Profile
from authwizard.probe import World
from authwizard.probes.known_good import known_good_call

from .conftest import MemoryVault, Server, a_jwt, bearer, reply, stored

Serve = Callable[..., Awaitable[Server]]
Make = Callable[..., World]
OWN, GOOD = a_jwt(), "good-" + "Xy7" * 15


def p0(status: int = 401) -> Baseline:
    return Baseline(Exchange("P0", "", "C2", "api", "GET", "", status=status))


def pair(server: Server, request: str = "GET /v2/x?y=1", **more: Any) -> tuple[Profile, Profile]:
    network = Network(timeout_seconds=2, proxy="none")
    mine = Profile("mine", server.url, request, headers={"X-Tenant": "acme"}, known_good="theirs", network=network)
    theirs = Profile("theirs", server.url, "GET /elsewhere", headers={"X-Other": "1"}, network=network)
    return mine, replace(theirs, **more)


def world_of(make_world: Make, profiles: tuple[Profile, Profile], secrets: dict[str, str] | None = None, **more: Any) -> World:
    control = MemoryVault({"access_token": GOOD} if secrets is None else secrets)
    return make_world(profiles[0], others=(profiles[1],), control=control, **more)


async def test_the_same_request_with_the_other_credential(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200, f"you sent {r.header('authorization')}"))
    seen = await known_good_call.look(world_of(make_world, pair(server)), p0(), bearer(OWN), stored(access_token=OWN))
    assert isinstance(seen, KnownGoodCall)
    sent = server.requests[0]
    assert (sent.target, sent.header("authorization")) == ("/v2/x?y=1", f"Bearer {GOOD}")
    assert (sent.header("x-tenant"), sent.header("x-other")) == ("acme", None)
    assert (seen.profile, seen.exchange.id) == ("theirs", "control")
    assert "Xy7Xy7" not in repr(seen)


async def test_a_key_in_another_header_takes_the_place_of_the_token(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    profiles = pair(server, credential=CredentialSpec(kind="api_key", header="X-Api-Key"))
    await known_good_call.look(world_of(make_world, profiles, {"api_key": GOOD}), p0(), bearer(OWN), stored(access_token=OWN))
    assert (server.requests[0].header("x-api-key"), server.requests[0].header("authorization")) == (GOOD, None)


@pytest.mark.parametrize(
    ("changes", "secrets", "expected"),
    [
        ({"base_url": "https://other.example.test"}, None, NotTried),
        ({"credential": CredentialSpec(kind="dpop")}, None, NotApplicable),
        ({}, {}, Unavailable),
        ({}, {"access_token": OWN}, NotApplicable),
        ({"name": "someone"}, None, NotApplicable),
    ],
)
async def test_where_it_would_prove_nothing_or_go_astray(
    serve: Serve, make_world: Make, changes: dict[str, Any], secrets: dict[str, str] | None, expected: type
) -> None:
    server = await serve(lambda r: reply(200))
    profiles = pair(server, **changes)
    seen = await known_good_call.look(world_of(make_world, profiles, secrets), p0(), bearer(OWN), stored(access_token=OWN))
    assert isinstance(seen, expected)
    assert not server.requests


@pytest.mark.parametrize(
    "own", [{"network": Network(proxy="http://127.0.0.1:9")}, {"network": Network(ca_bundle="x.pem")}, {"headers": {"host": "x"}}]
)
async def test_another_way_to_the_same_host_was_not_agreed_to_for_that_credential(
    serve: Serve, make_world: Make, own: dict[str, Any]
) -> None:
    server = await serve(lambda r: reply(200))
    mine, theirs = pair(server)
    world = world_of(make_world, (replace(mine, **own), theirs))
    seen = await known_good_call.look(world, p0(), bearer(OWN), stored(access_token=OWN))
    assert isinstance(seen, NotTried)
    assert "another proxy" in seen.why
    assert not server.requests


async def test_after_a_success_for_a_write_and_without_agreement_nothing_is_sent(serve: Serve, make_world: Make) -> None:
    server = await serve(lambda r: reply(200))
    profiles = pair(server)
    assert isinstance(await known_good_call.look(world_of(make_world, profiles), p0(200), bearer(OWN), stored()), NotApplicable)
    writing = world_of(make_world, pair(server, "POST /v2/x"), options=RunOptions(allow_write=True))
    assert isinstance(await known_good_call.look(writing, p0(), bearer(OWN), stored()), NotTried)
    strange = make_world(profiles[0], others=(profiles[1],), control_problem="The profile theirs has not been agreed to.")
    seen = await known_good_call.look(strange, p0(), bearer(OWN), stored())
    assert seen == NotTried("The profile theirs has not been agreed to.")
    assert not server.requests
