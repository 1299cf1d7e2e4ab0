"""Was the new token only too new? The same request once more, some seconds later (CHECKS S7-02, S4-06)."""

from __future__ import annotations

import asyncio
import time

from authwizard.model.evidence import (
    Absence,
    Baseline,
    CredentialSeen,
    FreshCall,
    FreshCallAgain,
    FreshToken,
    NotApplicable,
    NotTried,
    RefreshedCall,
    RefreshedCallAgain,
    RefreshedToken,
    StoredSecrets,
    Unavailable,
)
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.probe import World, probe
from authwizard.probes.api_call import Asked, Carried, carried, send_as_user, users_request
from authwizard.probes.credential import carried_token
from authwizard.protocol.clean import safe_line

PROPAGATION_SECONDS = 5.0
"""How long servers that copy their tokens to each other are given; counted from the first answer, so other probes use the time."""
NO_NEW_TOKEN = NotApplicable("There is no new token that could be sent a second time.")


@probe("fresh_call_again", purpose="Send the request with the new token once more", cost=Cost.C2, when="asked")
async def fresh_call_again(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, fresh: FreshToken | None, call: FreshCall | None
) -> FreshCallAgain | Absence:
    """The token of step 7, or the one that was fetched for this run and sent as P0."""
    if credential.fetched:
        first, carries = baseline.exchange, carried(credential)
    elif call is not None and fresh is not None and fresh.answer.access_token is not None:
        first, carries = call.exchange, carried_token(world.profile, fresh.answer.access_token)
    else:
        return NO_NEW_TOKEN
    seen = await _again(world, stored, first, carries, "S-fresh.2", "The request with the new token once more, some seconds later")
    return FreshCallAgain(seen) if isinstance(seen, Exchange) else seen


@probe("refreshed_call_again", purpose="Send the request with the refreshed token once more", cost=Cost.C2, when="asked")
async def refreshed_call_again(
    world: World, stored: StoredSecrets, refreshed: RefreshedToken, call: RefreshedCall
) -> RefreshedCallAgain | Absence:  # fmt: skip
    """The token that the refresh brought."""
    token = refreshed.answer.access_token
    carries = carried_token(world.profile, token) if token is not None else None
    name = "The request with the refreshed token once more, some seconds later"
    seen = await _again(world, stored, call.exchange, carries, "S-refreshed.2", name)
    if not isinstance(seen, Exchange):
        return seen
    return RefreshedCallAgain(seen, safe_line(await world.vault.accepted(renewed=True)) if seen.ok else "")


async def _again(
    world: World, stored: StoredSecrets, first: Exchange, carries: Carried | None, id: str, purpose: str
) -> Exchange | NotApplicable | NotTried | Unavailable:
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    if not asked.safe:
        return NotTried(f"A {asked.method} is not repeated.")
    if carries is None:
        return NO_NEW_TOKEN
    await asyncio.sleep(max(0.0, PROPAGATION_SECONDS - (time.time() - first.received_at)) if first.received_at else PROPAGATION_SECONDS)
    return await send_as_user(world, stored, asked, carries, id=id, purpose=purpose, new_connection=True)
