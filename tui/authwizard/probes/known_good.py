"""Does a credential that is known to work get through on exactly this way (CHECKS S7-05)?"""

from __future__ import annotations

from dataclasses import replace

from authwizard.model.evidence import Absence, Baseline, CredentialSeen, KnownGoodCall, NotApplicable, NotTried, StoredSecrets, Unavailable
from authwizard.model.options import Cost
from authwizard.model.profile import Profile, host_header, origin_of
from authwizard.model.secret import Secret
from authwizard.probe import World, probe
from authwizard.probes.api_call import NOTHING_TO_COMPARE, Asked, Carried, send_as_user, users_request
from authwizard.probes.credential import composed_of, value_in
from authwizard.probes.masking import register
from authwizard.probes.request_text import without_secrets
from authwizard.probes.stored_secrets import stored_secrets
from authwizard.protocol.jose import inspect_token

_MADE_ANEW = frozenset({"dpop", "digest", "mtls"})
"""Kinds whose credential is more than a text that can be carried over to another request."""


@probe("known_good_call", purpose="Send the request with a credential known to work", cost=Cost.C2, when="asked")
async def known_good_call(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> KnownGoodCall | Absence:
    """The user's request, way and headers, with the credential of the profile named as known_good; only to that profile's own origins."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    other = next((p for p in world.others if p.name == world.profile.known_good), None) if world.profile.known_good else None
    if other is None:
        return NotApplicable("The profile names no other one whose credential is known to work here (known_good).")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    if not asked.safe:
        return NotTried(f"A {asked.method} may change data and is not repeated with another credential.")
    carries = await _credential_of(world, other, without_secrets(asked.url))
    if not isinstance(carries, Carried):
        return carries
    if credential.field_value == carries.value:
        return NotApplicable(f"The profile {other.name} holds the very same credential, so its answer would tell nothing.")
    purpose = f"The request with the credential of the profile {other.name}"
    seen = await send_as_user(world, stored, asked, carries, id="control", purpose=purpose)
    if isinstance(seen, Unavailable):
        return seen
    return KnownGoodCall(seen, other.name, inspect_token(carries.text.rpartition(" ")[2]))


def _way(profile: Profile) -> tuple[str, str, str]:
    """Return what can lead a request for one host to somebody else: a stranger's profile may name a trusted one as known_good."""
    return profile.network.proxy, profile.network.ca_bundle, host_header(profile)


async def _credential_of(world: World, other: Profile, url: str) -> Carried | NotApplicable | NotTried | Unavailable:
    """Put the other profile's credential together, where it may be sent to this address."""
    if origin_of(url) not in other.own_origins:
        return NotTried(f"The profile {other.name} is for another host than this request, so its credential is not sent there.")
    if _way(other) != _way(world.profile):
        return NotTried(
            f"This request goes through another proxy, trusts other certificates or names another Host than {other.name} does, so the "
            f"credential of {other.name}, which was not agreed to that way, is not sent."
        )
    if {world.profile.credential.kind, other.credential.kind} & _MADE_ANEW:
        return NotApplicable("A credential that is made anew for every request cannot be compared with another one here.")
    if world.control is None:
        return NotTried(world.control_problem or f"The secrets of the profile {other.name} are not at hand in this run.")
    held = await stored_secrets.look(replace(world, profile=other, vault=world.control))
    if not isinstance(held, StoredSecrets):
        return held if isinstance(held, (NotApplicable, NotTried, Unavailable)) else NotTried("Its secrets could not be read.")
    composed = composed_of(other, held)
    if composed.field_value is None:
        return Unavailable(
            f"The profile {other.name} has no credential stored.", f"Store it: authwizard store set {other.name} access_token."
        )
    register(world.redactor, "credential", Secret(composed.field_value))
    register(world.redactor, "credential", Secret(value_in(composed, other)))
    return Carried(composed.place, composed.name, Secret(composed.field_value))
