"""nginx between the user and an API: what it does to a request is told from what the API says, and a good hop is not blamed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from .api_faults import APIS, full, scheme, with_token
from .cells import NAMED, OPEN, Cell, Setup
from .conftest import Ran
from .world import World

pytestmark = pytest.mark.services

API = APIS[0]
KEY = "plainly-fake-api-key-0000000000"


def through(hop: str, **changes: Any) -> Callable[[World], Setup]:
    """Return what sends a good request through a hop."""
    return lambda world: replace(full(world, API), base=world.hops[hop], **changes)


def lowercase(hop: str) -> Callable[[World], Setup]:
    return lambda world: scheme("bearer")(world, through(hop)(world))


def behind(hop: str) -> Callable[[World], Setup]:
    """Return what sends a good request through a hop, with the API's own address known."""
    return lambda world: replace(through(hop)(world), more={"origin_url": world.express["bearer"]})


def key(hop: str) -> Callable[[World], Setup]:
    """Return what sends an API key in a header whose name has underscores."""
    return lambda world: Setup(world.hops[hop], credential={"kind": "api_key", "header": "X_Auth_Token"}, secrets={"api_key": KEY})


def long_token(world: World) -> Setup:
    setup = through("takes short headers")(world)
    return with_token(setup, world.provider.token(groups=[f"group-{n:04}" for n in range(200)]))


def no_listener(world: World) -> Setup:
    return replace(full(world, API), base="http://127.0.0.1:1")


def token_request(world: World) -> Setup:
    setup = through("plain")(world)
    url = f"{world.hops['strips from token requests']}/token"
    return replace(setup, oauth={**setup.oauth, "token_url": url}, secrets={k: v for k, v in setup.secrets.items() if k != "access_token"})


def cell(
    fault: str, make: Callable[[World], Setup], *causes: str, allowed: tuple[str, ...] = NAMED, step: int | None = None, **more: str
) -> Cell:
    return Cell("nginx", fault, make, causes, allowed, step, **more)


CELLS = (
    cell("a good hop", through("plain")),
    cell("strips the header", through("strips"), "authorization_stripped", step=1),
    cell("strips the header, origin known", behind("strips"), "edge_strips_authorization", step=1),
    cell("replaces the header", through("replaces"), "authorization_replaced", "authorization_stripped", allowed=OPEN),
    cell("wants a capital B", lowercase("wants a capital B"), "auth_scheme_case_rejected", step=1),
    cell("takes any spelling", lowercase("plain"), warns="S1-05"),
    cell("redirects to another port", through("redirects elsewhere"), "redirect_drops_authorization", step=1),
    cell("redirects to itself", through("redirects to itself")),
    cell("caches a 401", through("caches a 401"), "cached_401", step=8),
    cell("caches a 401 unseen", through("caches a 401 unseen"), "cached_401", step=8),
    cell("asks for Basic", through("asks for Basic"), "edge_auth_required", step=1),
    cell("drops a header with underscores", key("drops underscores"), "header_name_underscore", step=1),
    cell("keeps a header with underscores", key("keeps underscores")),
    cell("takes short headers", long_token, "header_too_large", step=1),
    cell("denies everyone", through("denies everyone"), "ip_not_allowed", "forbidden_by_policy", allowed=OPEN),
    cell("has lost its API", through("has lost its API"), "server_error"),
    cell("is not there", no_listener, "network_unreachable"),
    cell("strips from token requests", token_request, "authorization_stripped", step=3),
)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_verdict_fits_what_the_hop_does(cell: Cell, hold: Callable[[Cell], Ran]) -> None:
    hold(cell)
