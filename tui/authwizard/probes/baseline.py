"""What does the API answer to the user's request, to the same request with no credential, and to the same again?"""

from __future__ import annotations

import asyncio

from authwizard.model.evidence import (
    Absence,
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    NotApplicable,
    NotTried,
    Repeats,
    StoredSecrets,
    Unavailable,
)
from authwizard.model.exchange import Exchange, Target
from authwizard.model.options import Cost
from authwizard.probe import Halted, World, probe
from authwizard.probes.api_call import Asked, carried, compose_anonymous, harmless_request, send_as_user, users_request
from authwizard.probes.dpop import AGAIN

REPEATS = 2
SAMPLES = 20
"""A failure that shows in one answer of five is seen by three samples only every second time (CHECKS 13.1)."""
PAUSE = 1.0
"""Seconds between samples where the user says "sometimes", so that they meet more than one moment."""


@probe("baseline", purpose="Send the request with the credential", cost=Cost.C2)
async def baseline(world: World, credential: CredentialSeen, stored: StoredSecrets) -> Baseline | Absence:
    """P0: what the user's program sends, or a harmless stand-in for a request that may change data."""
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    if credential.missing:
        return NotApplicable(credential.missing) if world.options.without_credential else Unavailable(credential.missing)
    seen = await send_as_user(world, stored, asked, carried(credential), id="P0", purpose="The request with its credential")
    if isinstance(seen, Unavailable):
        return seen
    if seen.ok and credential.kind in ("bearer", "dpop") and not (credential.fetched or credential.whole):
        # An earlier run may have renewed it and not have seen it work. Where removing fails, the next success tries again.
        await world.vault.accepted(renewed=False)
    return Baseline(seen, asked.standin, nonce_asked=seen.id.endswith(AGAIN))


@probe("anonymous", purpose="Send the request without a credential", cost=Cost.C1)
async def anonymous(world: World) -> Anonymous | Absence:
    """D1: what "nothing seen" looks like."""
    seen = await _without_credential(world, "D1")
    return Anonymous(seen) if isinstance(seen, Exchange) else seen


@probe("anonymous_again", purpose="Send the request without a credential once more", cost=Cost.C1, when="asked")
async def anonymous_again(world: World) -> AnonymousAgain | Absence:
    """D1 a second time: what differs between the two is volatile (CHECKS 13.2)."""
    seen = await _without_credential(world, "D1b")
    return AnonymousAgain(seen) if isinstance(seen, Exchange) else seen


@probe("repeats", purpose="Send the request again on new connections", cost=Cost.C2, when="asked")
async def repeats(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> Repeats | Absence:
    """I-05: does the answer stay the same? Twice more, or twenty times a second apart where it fails only now and then."""
    if credential.kind in ("dpop", "digest") or credential.parameters:
        return NotApplicable("A credential that is made anew for every request answers differently by design.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked) or not asked.safe:
        return NotTried(f"A {baseline.exchange.method} is not repeated.")
    number, pause, target = _samples(world)
    seen: list[Exchange] = []
    for turn in range(number):
        if pause:
            await asyncio.sleep(pause)
        try:
            one = await send_as_user(
                world,
                stored,
                asked,
                carried(credential),
                id=f"P0.{turn + 2}",
                purpose="The same request again",
                target=target,
                new_connection=True,
            )
        except Halted:
            if not seen:
                raise
            break
        if isinstance(one, Unavailable):
            return one
        seen.append(one)
    return Repeats(tuple(seen))


def _samples(world: World) -> tuple[int, float, Target]:
    """How many, how far apart, and what they count against: the samples of `--sometimes` are counted apart (DESIGN 5.5)."""
    if world.options.sometimes:
        return SAMPLES, PAUSE, "verification"
    return REPEATS, PAUSE if world.options.thorough else 0.0, "api"


async def _without_credential(world: World, id: str) -> Exchange | NotTried | NotApplicable:
    asked = harmless_request(world.profile)
    if not isinstance(asked, Asked):
        return asked
    request = compose_anonymous(world, asked, id=id, purpose="The request without any credential")
    return (await world.sender.send(request)).exchange
