"""Does access work everywhere? The endpoints of the scope table, and one that only needs a live token (CHECKS 12, S3-17)."""

from __future__ import annotations

import asyncio

from authwizard.model.evidence import (
    Absence,
    Baseline,
    CredentialSeen,
    EndpointCalls,
    FreshCall,
    FreshToken,
    NotApplicable,
    NotTried,
    RefreshedCall,
    RefreshedToken,
    StoredSecrets,
    Unavailable,
    WhoamiCall,
)
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.model.profile import Endpoint
from authwizard.probe import Halted, World, probe
from authwizard.probes.api_call import SAFE_METHODS, Asked, Carried, carried, compose_anonymous, send_as_user
from authwizard.probes.credential import carried_token
from authwizard.probes.request_text import fields_in, split_request

_CALLED = frozenset({"GET"})


@probe("endpoints", purpose="Call the endpoints of the scope table", cost=Cost.C2, when="asked")
async def endpoints(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, fresh: FreshToken | None,
    fresh_call: FreshCall | None, refreshed: RefreshedToken | None, refreshed_call: RefreshedCall | None,
) -> EndpointCalls | Absence:  # fmt: skip
    """V-02: each row that can be read with GET, with a credential that works."""
    rows = [row for row in world.profile.endpoints if can_be_called(row)]
    if not rows:
        return NotApplicable("The profile's scope table names no endpoint that can be read.")
    carries = _working(world, baseline, credential, fresh, fresh_call, refreshed, refreshed_call)
    if carries is None:
        return NotTried("No credential succeeds on the request itself, so the other endpoints were not called.")
    seen = await asyncio.gather(*(_call(world, stored, row, carries, number) for number, row in enumerate(rows, 1)))
    calls = tuple((row.request, row.expect, one) for row, one in zip(rows, seen, strict=True) if isinstance(one, Exchange))
    if not calls:
        return next(one for one in seen if not isinstance(one, Exchange))
    return EndpointCalls(calls)


@probe("whoami_call", purpose="Ask an endpoint that only needs a live token", cost=Cost.C2, when="asked")
async def whoami_call(world: World, credential: CredentialSeen, stored: StoredSecrets) -> WhoamiCall | Absence:
    """S3-17: the very credential of P0 there, because the answer tells whether that one is alive."""
    method, target = split_request(world.profile.whoami)
    if not target:
        return NotApplicable("The profile names no whoami endpoint.")
    if method not in SAFE_METHODS:
        return NotTried(f"The whoami request is a {method}, which may change data.")
    if credential.field_value is None:
        return Unavailable(credential.missing or "There is no credential to send.")
    asked = Asked(method, world.profile.url_of(target))
    seen = await send_as_user(world, stored, asked, carried(credential), id="whoami", purpose="An endpoint that only needs a live token")
    if isinstance(seen, Unavailable):
        return seen
    return WhoamiCall(seen, await control(world, asked, "whoami-none") if seen.ok else None)


async def control(world: World, asked: Asked, id: str) -> Exchange | None:
    """Send a request that succeeded once more without a credential: does it need one at all? None where it may not be sent."""
    request = compose_anonymous(world, asked, id=id, purpose="The same without a credential", target="verification")
    try:
        return (await world.sender.send(request)).exchange
    except Halted:
        return None


def can_be_called(row: Endpoint) -> bool:
    """GET alone, and no path with a template's place in it (`/devices/{id}`)."""
    method, target = split_request(row.request)
    return method in _CALLED and target.count("{") == len(fields_in(target))


def _working(
    world: World, baseline: Baseline, credential: CredentialSeen, fresh: FreshToken | None, fresh_call: FreshCall | None,
    refreshed: RefreshedToken | None, refreshed_call: RefreshedCall | None,
) -> Carried | None:  # fmt: skip
    """The stored credential where P0 succeeded, else the first new token the API accepted."""
    if baseline.exchange.ok:
        return carried(credential)
    for call, grant in ((refreshed_call, refreshed), (fresh_call, fresh)):
        if call is not None and call.exchange.ok and grant is not None and grant.answer.access_token is not None:
            return carried_token(world.profile, grant.answer.access_token)
    return None


async def _call(world: World, stored: StoredSecrets, row: Endpoint, carries: Carried, number: int) -> Exchange | NotTried | Unavailable:
    method, target = split_request(row.request)
    asked = Asked(method, world.profile.url_of(target))
    try:
        return await send_as_user(world, stored, asked, carries, id=f"V{number}", purpose=row.request, target="verification")
    except Halted as halted:
        return NotTried(str(halted))
