"""A wrong clock at the API, at the authorization server or here: libfaketime makes it, chronyd knows the time, step 6 must say whose it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from .api_faults import APIS, full, with_token
from .cells import NAMED, OPEN, Cell, Setup
from .conftest import Ran
from .launch import free_ports
from .world import World, pem

pytestmark = pytest.mark.services

Make = Callable[[World], Setup]
API = APIS[0]
HOUR = 3600


def at_api(shift: int, **claims: int) -> Make:
    """Return a good token, with these further times from now, at an API whose clock is off."""

    def make(world: World) -> Setup:
        now = int(time.time())
        token = world.provider.token(**{name: now + seconds for name, seconds in claims.items()})
        return with_token(replace(full(world, API), base=world.express_at(shift)["bearer"]), token)

    return make


def at_issuer(shift: int) -> Make:
    """Return a profile whose authorization server's clock is off, while the API's is right; the token is fetched."""

    def make(world: World) -> Setup:
        issuer = world.provider_at(shift).issuer
        setup = replace(full(world, API), base=world.express_at(0, issuer)["bearer"])
        secrets = {"client_secret": setup.secrets["client_secret"]}
        return replace(setup, oauth={**setup.oauth, "issuer": issuer}, expect={**setup.expect, "issuer": issuer}, secrets=secrets)

    return make


def at_issuer_before_pyjwt(world: World) -> Setup:
    """PyJWT refuses a token that was issued in the future, were it by a second."""
    provider = world.provider_at(HOUR)
    return replace(at_issuer(HOUR)(world), base=world.fastapi_for(provider), request="GET /http/v2/me")


def signing(make: Make) -> Make:
    """Return the same with a client that signs an assertion, which carries this machine's time."""

    def signed(world: World) -> Setup:
        setup = make(world)
        told = {"client_id": "e2e-key", "client_auth": "private_key_jwt", "key_id": "client-key-1"}
        return replace(setup, oauth={**setup.oauth, **told}, secrets={"private_key": world.client_pem})

    return signed


def here(shift: int, make: Make) -> Make:
    """Return the same on a machine whose clock is off."""
    return lambda world: replace(make(world), shift=shift)


def proving(world: World) -> Setup:
    """A token bound to a key: each proof carries this machine's time."""
    setup = replace(full(world, API), base=world.express["dpop"], credential={"kind": "dpop"})
    token = world.provider.token(cnf={"jkt": world.dpop_thumbprint})
    return replace(setup, secrets={**setup.secrets, "access_token": token, "dpop_key": pem(world.dpop_key)})


def good(world: World) -> Setup:
    return full(world, API)


def asking(make: Make, shift: int = 0) -> Make:
    """Return the same with a time server, which may be wrong itself."""
    return lambda world: replace(make(world), network={"ntp_server": world.time_server(shift)})


def asking_nobody(world: World) -> Setup:
    (closed,) = free_ports(1)
    return replace(good(world), network={"ntp_server": f"127.0.0.1:{closed}"})


def cell(fault: str, make: Make, *causes: str, allowed: tuple[str, ...] = NAMED, step: int | None = None, **more: Any) -> Cell:
    return Cell("clocks", fault, make, causes, allowed, step, **more)


CELLS = (
    cell("all right", asking(good)),
    cell("API an hour ahead", asking(at_api(HOUR)), "clock_skew_server", step=6),
    cell("API an hour ahead, no time server", at_api(HOUR), "clock_skew_server", allowed=OPEN, step=6),
    cell("API an hour behind, token with nbf", asking(at_api(-HOUR, nbf=-30)), "clock_skew_server", step=6),
    cell("API an hour behind, token without nbf", asking(at_api(-HOUR)), warns="clock_skew_server"),
    cell("issuer an hour behind", asking(at_issuer(-HOUR)), "clock_skew_issuer_api", step=6),
    cell("issuer an hour ahead, nobody looks at iat", asking(at_issuer(HOUR)), warns="clock_skew_issuer_api"),
    cell("issuer an hour ahead, PyJWT looks at iat", asking(at_issuer_before_pyjwt), "clock_skew_issuer_api", step=6),
    cell("issuer an hour ahead, signed assertion", asking(signing(at_issuer(HOUR))), "clock_skew_issuer_api", step=6),
    cell("issuer an hour behind, signed assertion", asking(signing(at_issuer(-HOUR))), "clock_skew_issuer_api", step=6),
    cell("this machine an hour ahead, good token", here(HOUR, asking(good)), warns="clock_skew_client"),
    cell("this machine an hour behind, good token", here(-HOUR, asking(good)), warns="clock_skew_client"),
    # oidc-provider takes an assertion from the future, as RFC 7523 3 leaves to it.
    cell("this machine an hour ahead, signed assertion", here(HOUR, asking(signing(good))), warns="clock_skew_client"),
    cell("this machine an hour behind, signed assertion", here(-HOUR, asking(signing(good))), "clock_skew_client", step=6),
    cell("this machine an hour behind, no time server", here(-HOUR, signing(good)), "clock_skew_client", step=6),
    cell("this machine an hour ahead, DPoP proof", here(HOUR, asking(proving)), "clock_skew_client", step=6),
    cell("this machine an hour ahead, token over", here(HOUR, asking(at_api(0, iat=-7800, exp=-7200))), "token_expired", step=2),
    cell("this machine an hour behind, token over", here(-HOUR, asking(at_api(0, iat=-7800, exp=-7200))), "token_expired", step=2),
    cell("time server an hour ahead", asking(good, HOUR)),
    cell("time server an hour ahead, token over", asking(at_api(0, iat=-7800, exp=-7200), HOUR), "token_expired", step=2),
    cell("time server silent", asking_nobody),
)


@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_the_clock_that_is_wrong_is_named_and_no_other(cell: Cell, hold: Callable[[Cell], Ran]) -> None:
    hold(cell)
