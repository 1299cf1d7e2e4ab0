"""Does the same request succeed another way: past the proxy, past the edge, at the redirect's end? One factor changed each."""

from __future__ import annotations

from importlib.util import find_spec
from urllib.parse import urlsplit, urlunsplit

from authwizard.model.evidence import (
    Absence,
    Baseline,
    CredentialSeen,
    DirectCall,
    FinalUrlCall,
    NotApplicable,
    NotTried,
    OriginCall,
    OtherVersionCall,
    RedirectChain,
    StoredSecrets,
    Unavailable,
)
from authwizard.model.options import Cost
from authwizard.model.profile import Profile, origin_of
from authwizard.probe import World, probe
from authwizard.probes.api_call import NOTHING_TO_COMPARE, Asked, carried, send_as_user, users_request
from authwizard.probes.proxies import proxy_for
from authwizard.probes.request_text import without_secrets


@probe("final_url_call", purpose="Send the request to the last address of the redirects", cost=Cost.C2, when="asked")
async def final_url_call(
    world: World, baseline: Baseline, chain: RedirectChain, credential: CredentialSeen, stored: StoredSecrets
) -> FinalUrlCall | Absence:
    """I-07: the same request, sent straight to where the redirects lead, if that is an origin of the profile."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    if not chain.crosses_origin:
        return NotApplicable("The redirects stay on one origin, so clients keep the credential.")
    if origin_of(chain.final_url) not in world.profile.own_origins:
        return NotTried(f"{origin_of(chain.final_url)} is none of the profile's own origins, so no credential is sent there.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    final = Asked(asked.method, chain.final_url)
    seen = await send_as_user(world, stored, final, carried(credential), id="S-final", purpose="The request to the redirects' last address")
    return seen if isinstance(seen, Unavailable) else FinalUrlCall(seen)


@probe("origin_call", purpose="Send the request past the edge", cost=Cost.C2, when="asked")
async def origin_call(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> OriginCall | Absence:
    """I-08: the same request to origin_url, with the Host of the API."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    if not world.profile.origin_url:
        return NotApplicable("The profile names no origin_url.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    at_origin = Asked(asked.method, behind_edge(world.profile, asked.url))
    named = any(name.lower() == "host" for name in world.profile.headers)
    host = () if named else (("Host", urlsplit(without_secrets(asked.url)).netloc),)
    seen = await send_as_user(
        world, stored, at_origin, carried(credential), id="S-origin", purpose="The request straight to the origin", headers=host
    )
    return seen if isinstance(seen, Unavailable) else OriginCall(seen)


@probe("direct_call", purpose="Send the request past the proxy", cost=Cost.C2, when="asked")
async def direct_call(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> DirectCall | Absence:
    """I-08: the same request without the proxy of this machine."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    if not proxy_for(without_secrets(asked.url), world.profile.network.proxy, world.environ):
        return NotApplicable("No proxy is used for this address.")
    seen = await send_as_user(
        world, stored, asked, carried(credential), id="S-direct", purpose="The request without the proxy", direct=True
    )
    return seen if isinstance(seen, Unavailable) else DirectCall(seen)


@probe("other_version_call", purpose="Send the request over HTTP/2", cost=Cost.C2, when="asked")
async def other_version_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets
) -> OtherVersionCall | Absence:  # fmt: skip
    """S1-22: the same request with HTTP/2 offered in the TLS handshake. The library for it (h2) is no part of the product."""
    if find_spec("h2") is None:
        return NotTried("HTTP/2 needs the Python package h2, which is not installed; only HTTP/1.1 was spoken.")
    if credential.kind in ("dpop", "digest") or credential.whole:
        return NotApplicable("A credential that is made anew for every request answers differently by design.")
    asked = users_request(world.profile, world.options)
    if not isinstance(asked, Asked):
        return asked
    if not asked.safe:
        return NotTried(f"A {asked.method} is not sent a second time.")
    if not without_secrets(asked.url).lower().startswith("https:"):
        return NotApplicable("HTTP/2 is agreed on inside TLS, and this address uses none.")
    purpose = "The request over HTTP/2"
    seen = await send_as_user(world, stored, asked, carried(credential), id="S-http2", purpose=purpose, http2=True)
    return seen if isinstance(seen, Unavailable) else OtherVersionCall(seen)


def behind_edge(profile: Profile, url: str) -> str:
    """Return the address of the same resource at origin_url: its scheme, host and port, and a path in front where it has one."""
    target, origin = urlsplit(url), urlsplit(profile.origin_url.strip())
    front = origin.path.rstrip("/")
    path = target.path if not front or target.path.startswith(f"{front}/") else front + target.path
    return urlunsplit((origin.scheme, origin.netloc, path, target.query, ""))
