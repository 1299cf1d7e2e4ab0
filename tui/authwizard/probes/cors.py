"""Would a browser be let through? The CORS preflight and the request after it (Fetch standard, CHECKS S1-24)."""

from __future__ import annotations

from dataclasses import replace

from authwizard.model.evidence import Absence, NotApplicable, Preflight
from authwizard.model.options import Cost
from authwizard.model.profile import Profile
from authwizard.probe import Request, World, probe
from authwizard.probes.api_call import Asked, compose_anonymous, harmless_request
from authwizard.probes.request_text import without_secrets

_SAFELISTED = frozenset({"accept", "accept-language", "content-language", "content-type", "user-agent", "cookie", "host", "origin"})
"""Headers a browser asks no leave for, or does not let a page set."""


@probe("preflight", purpose="Ask as a browser would", cost=Cost.C1)
async def preflight(world: World) -> Preflight | Absence:
    """S1-24: OPTIONS with the origin of the page; where it passes, the request with Origin and no credential."""
    origin = world.profile.browser_origin
    if not origin:
        return NotApplicable("The profile names no browser_origin.")
    asking = (await world.sender.send(_options(world.profile, origin))).exchange
    simple = harmless_request(world.profile)
    if not asking.ok or not isinstance(simple, Asked):
        return Preflight(asking, None)
    request = compose_anonymous(world, simple, id="CORS-get", purpose="The request of a page, without the credential")
    return Preflight(asking, (await world.sender.send(replace(request, headers=(*request.headers, ("Origin", origin))))).exchange)


def requested_headers(profile: Profile) -> str:
    """Return Access-Control-Request-Headers as a browser spells it: lower case, sorted, comma-separated."""
    names = {n.lower() for n in profile.headers}
    if profile.credential.place == "header":
        names.add(profile.credential.name.lower())
    return ",".join(sorted(names - _SAFELISTED))


def _options(profile: Profile, origin: str) -> Request:
    headers = (
        ("Origin", origin),
        ("Access-Control-Request-Method", profile.method),
        *((("Access-Control-Request-Headers", requested_headers(profile)),) if requested_headers(profile) else ()),
    )
    url = without_secrets(profile.url, profile.credential.query)
    return Request("CORS", "The preflight of a browser", Cost.C1, "api", "OPTIONS", url, headers)
