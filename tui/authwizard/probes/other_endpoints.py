"""Is the same credential accepted elsewhere in this API (CHECKS S5-07)? A refusal there as well is about the token, else about the endpoint."""

from __future__ import annotations

import asyncio

from authwizard.model.evidence import (
    Absence,
    Baseline,
    CredentialSeen,
    NotApplicable,
    OtherEndpoint,
    OtherEndpoints,
    StoredSecrets,
    Unavailable,
    WhoamiCall,
)
from authwizard.model.options import Cost
from authwizard.model.profile import Endpoint, Profile, origin_of
from authwizard.probe import World, probe
from authwizard.probes.api_call import NOTHING_TO_COMPARE, Asked, carried, send_as_user
from authwizard.probes.request_text import split_request
from authwizard.probes.verification import can_be_called, control

MOST = 2
"""Endpoints that are asked besides the refused one; more would add requests, not certainty."""


@probe("other_endpoints", purpose="Send the credential to other endpoints", cost=Cost.C2, when="asked")
async def other_endpoints(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, whoami: WhoamiCall | None
) -> OtherEndpoints | Absence:
    """S5-07: up to two rows of the scope table and the whoami endpoint, each success followed by the same without a credential."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    asked_already = _of_whoami(world.profile, whoami)
    rows = _others(world.profile)
    if not rows and not asked_already:
        return NotApplicable("The profile names no other endpoint of this API that can be read ([[endpoints]], whoami).")
    if credential.field_value is None:
        return Unavailable(credential.missing or "There is no credential to send.")
    seen = await asyncio.gather(*(_call(world, stored, credential, row, number) for number, row in enumerate(rows, 1)))
    calls = tuple(one for one in seen if isinstance(one, OtherEndpoint))
    missing = next((one for one in seen if isinstance(one, Unavailable)), None)
    if not calls and not asked_already and missing is not None:
        return missing
    return OtherEndpoints((*calls, *asked_already))


def _others(profile: Profile) -> list[Endpoint]:
    """The rows to ask: readable, of this API, another path than the refused one; those that need other scopes come first."""
    own = _path(profile, profile.target)
    needed = next((row.scopes for row in profile.endpoints if _path(profile, split_request(row.request)[1]) == own), ())
    rows = [
        row for row in profile.endpoints
        if can_be_called(row) and (path := _path(profile, split_request(row.request)[1])) and path != own
    ]  # fmt: skip
    return sorted(rows, key=lambda row: row.scopes == needed)[:MOST]


def _path(profile: Profile, target: str) -> str:
    """The address without its query; "" where it is none of this API's own."""
    url = profile.url_of(target).partition("?")[0].rstrip("/")
    return url if origin_of(url) in profile.own_origins else ""


def _of_whoami(profile: Profile, whoami: WhoamiCall | None) -> tuple[OtherEndpoint, ...]:
    """The whoami endpoint, where it is one of this API and another than the refused request."""
    if whoami is None or not _path(profile, split_request(profile.whoami)[1]):
        return ()
    if _path(profile, split_request(profile.whoami)[1]) == _path(profile, profile.target):
        return ()
    return (OtherEndpoint(profile.whoami, whoami.exchange, whoami.anonymous),)


async def _call(
    world: World, stored: StoredSecrets, credential: CredentialSeen, row: Endpoint, number: int
) -> OtherEndpoint | Unavailable:  # fmt: skip
    method, target = split_request(row.request)
    asked = Asked(method, world.profile.url_of(target))
    seen = await send_as_user(world, stored, asked, carried(credential), id=f"E{number}", purpose=row.request, target="verification")
    if isinstance(seen, Unavailable):
        return seen
    return OtherEndpoint(row.request, seen, await control(world, asked, f"E{number}-none") if seen.ok else None)
