"""Does the request succeed with one thing more, or one thing less, beside its credential (CHECKS 13.1, S-swap)?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit, urlunsplit

from authwizard.model.evidence import (
    Absence,
    Anonymous,
    Baseline,
    CredentialSeen,
    LeanerCall,
    NotApplicable,
    NotTried,
    SecondCredentialCall,
    StoredSecrets,
    Unavailable,
)
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost
from authwizard.model.profile import Profile
from authwizard.probe import World, probe
from authwizard.probes.api_call import NOTHING_TO_COMPARE, Asked, carried, send_as_user, users_request
from authwizard.probes.request_text import fields_in
from authwizard.protocol.hop_by_hop import lists_header


@dataclass(frozen=True)
class Surplus:
    """One thing that may stand in the credential's way: the cause it tests, its name, and how to leave it out."""

    cause: str
    factor: str
    header: str = ""
    parameter: str = ""


@probe("second_credential_call", purpose="Send the second credential as well", cost=Cost.C2, when="asked")
async def second_credential_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets, anonymous: Anonymous | None
) -> SecondCredentialCall | Absence:  # fmt: skip
    """S1-15: P0 with `second_credential` in the header the answers name for it."""
    from authwizard.knowledge.places import named_places

    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    second = stored.get("second_credential").secret
    if second is None:
        return NotApplicable("No second credential is stored.")
    if "second_credential" in fields_in(" ".join((world.profile.url, *world.profile.headers.values()))):
        return NotApplicable("The request carries the second credential already.")
    seen = [e.exchange for e in (baseline, anonymous) if e is not None]
    place = next(iter(named_places(((e.response_headers, e.body) for e in seen), credential.name)), "")
    if not place:
        return NotTried("A second credential is stored, but nothing says in which header it goes; add it under headers in the profile.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    purpose = f"The request with the second credential in {place}"
    sent = await send_as_user(world, stored, asked, carried(credential), id="S-second", purpose=purpose, headers=((place, second),))
    return sent if isinstance(sent, Unavailable) else SecondCredentialCall(sent, place)


@probe("leaner_call", purpose="Send the request without what may be in the way", cost=Cost.C2, when="asked")
async def leaner_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets
) -> LeanerCall | Absence:  # fmt: skip
    """S1-17, S1-23: P0 without its Connection field, its cookies, or a second token in the address: the first of these that it has."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    surplus = next(surplus_of(world.profile, credential), None)
    if surplus is None:
        return NotApplicable("The request carries nothing that could stand in the credential's way.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    asked = replace(asked, url=without_parameter(asked.url, surplus.parameter)) if surplus.parameter else asked
    purpose = f"The request without its {surplus.factor}"
    left_out = frozenset({surplus.header}) if surplus.header else frozenset()
    sent = await send_as_user(world, stored, asked, carried(credential), id="S-leaner", purpose=purpose, without=left_out)
    return sent if isinstance(sent, Unavailable) else LeanerCall(sent, surplus.cause, surplus.factor)


def surplus_of(profile: Profile, credential: CredentialSeen) -> Iterator[Surplus]:
    """Yield what the profile sends that may stand in the credential's way, the likeliest first."""
    if credential.place == "header" and any(lists_header(profile.headers, name) for name in (credential.name,)):
        yield Surplus("connection_header_strips_authorization", "Connection field", header="connection")
    query = urlsplit(profile.url).query if "://" in profile.url else ""
    if credential.place == "header" and any(pair.partition("=")[0] == "access_token" for pair in query.split("&")):
        yield Surplus("duplicate_credentials", "second token, in the address", parameter="access_token")
    if credential.place != "cookie" and any(name.lower() == "cookie" for name in profile.headers):
        yield Surplus("cookie_overrides_token", "cookies", header="cookie")


def without_parameter(url: str, name: str) -> str:
    """Return a URL without a query parameter; every other one stays as it is."""
    parts = urlsplit(url)
    kept = [pair for pair in parts.query.split("&") if pair.partition("=")[0] != name]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept), parts.fragment))
