"""Is it the address, or a cache? The request with another path, another method, or past every cache (CHECKS S8-09, S8-10)."""

from __future__ import annotations

import re
import secrets
from urllib.parse import urlsplit, urlunsplit

from authwizard.model.evidence import (
    Absence,
    Baseline,
    CredentialSeen,
    NotApplicable,
    NotTried,
    PathCanary,
    StoredSecrets,
    Unavailable,
    UncachedCall,
)
from authwizard.model.exchange import Exchange
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import Cost
from authwizard.probe import Halted, World, probe
from authwizard.probes.api_call import (
    NO_REQUEST,
    NOTHING_TO_COMPARE,
    SAFE_METHODS,
    Asked,
    carried,
    compose_anonymous,
    harmless_request,
    send_as_user,
    users_request,
)
from authwizard.probes.request_text import add_parameter, fields_in

INVENTED = "authwizard-no-such-path"
_FRONT = late_pattern(r"v\d[\w.-]*|api|rest|services?", re.IGNORECASE)
"""First segments of a path that name the interface and no resource: the invented one goes behind them."""
CACHE_BUSTER = "authwizard_nocache"
LOGINS = frozenset({"basic", "digest"})
ONE_MORE_LOGIN = NotTried("Every further request with this user name and password may count as a failed login, so none is spent on this.")
"""Accounts are locked after a number of refused logins (CHECKS 0)."""


@probe("path_canary", purpose="Send the request to an invented path", cost=Cost.C2, when="asked")
async def path_canary(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> PathCanary | Absence:
    """An unknown path with the credential; with `--thorough` also without one, and a POST's own path with GET."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    if not world.profile.request:
        return NO_REQUEST
    if _counts_as_login(credential, baseline):
        return ONE_MORE_LOGIN
    asked = harmless_request(world.profile)
    # The path alone is wanted, and GET on a path that does not exist changes nothing.
    bogus = Asked("GET", invented(asked.url if isinstance(asked, Asked) else world.profile.url))
    seen = await send_as_user(world, stored, bogus, carried(credential), id="canary", purpose="An invented path with the credential")
    if isinstance(seen, Unavailable):
        return seen
    more = await _more(world, credential, stored, bogus) if world.options.thorough else (None, None)
    return PathCanary(seen, urlsplit(bogus.url).path, *more)


async def _more(
    world: World, credential: CredentialSeen, stored: StoredSecrets, bogus: Asked
) -> tuple[Exchange | None, Exchange | None]:  # fmt: skip
    try:
        request = compose_anonymous(world, bogus, id="canary-D1", purpose="An invented path without a credential")
        anonymous = (await world.sender.send(request)).exchange
        if world.profile.method in SAFE_METHODS:
            return anonymous, None
        own = Asked("GET", world.profile.url)
        method = await send_as_user(world, stored, own, carried(credential), id="canary-GET", purpose="The user's path with GET")
    except Halted:
        return None, None
    return anonymous, method if isinstance(method, Exchange) else None


@probe("uncached_call", purpose="Send the request past the caches", cost=Cost.C2, when="asked")
async def uncached_call(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> UncachedCall | Absence:
    """S8-10: a query parameter no cache has seen, and Cache-Control: no-cache."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    if not asked.safe:
        return NotApplicable(f"A {asked.method} is not answered by caches.")
    if _counts_as_login(credential, baseline):
        return ONE_MORE_LOGIN
    past = Asked(asked.method, add_parameter(asked.url, CACHE_BUSTER, secrets.token_hex(4)))
    seen = await send_as_user(
        world, stored, past, carried(credential), id="S-nocache", purpose="The request past the caches",
        headers=(("Cache-Control", "no-cache"), ("Pragma", "no-cache")),
    )  # fmt: skip
    return seen if isinstance(seen, Unavailable) else UncachedCall(seen)


def _counts_as_login(credential: CredentialSeen, baseline: Baseline) -> bool:
    """Whether the server has refused a user name and password itself; a cache that answered in its place has counted nothing."""
    refused = baseline.exchange.status in (401, 403)
    return credential.kind in LOGINS and refused and baseline.exchange.header("age") is None


def invented(url: str) -> str:
    """Return an address of the same host and interface, with the same query, under a path that nothing answers."""
    parts = urlsplit(url)
    front = []
    for segment in parts.path.split("/")[1:]:
        if fields_in(segment) or not _FRONT.fullmatch(segment):
            break
        front.append(segment)
    return urlunsplit((parts.scheme, parts.netloc, "/".join(["", *front, INVENTED]), parts.query, ""))
