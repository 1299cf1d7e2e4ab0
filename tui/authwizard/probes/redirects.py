"""Where do the API's redirects lead, and what would a client lose on the way (CHECKS I-07, 1.6)?"""

from __future__ import annotations

import itertools
from urllib.parse import urljoin, urlsplit, urlunsplit

from authwizard.model.evidence import Absence, Baseline, CredentialSeen, NotApplicable, RedirectChain, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost
from authwizard.model.profile import Profile, is_loopback, origin_of
from authwizard.probe import Halted, Request, World, probe
from authwizard.probes.api_call import SAFE_METHODS, Asked, Carried, carried, send_as_user

MAX_HOPS = 5
_BECOMES_GET = frozenset({301, 302, 303})


@dataclass(frozen=True)
class Hop:
    """The next address of a chain, the method it would be asked with, and whether it is still the first origin."""

    url: str
    method: str
    same_origin: bool


@probe("redirects", purpose="Follow redirects hop by hop", cost=Cost.C1)
async def redirects(world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets) -> RedirectChain | Absence:
    """I-07: up to five hops, with the credential only while the origin is the first one, anonymously after; a circle is gone round once."""
    hop = next_hop(baseline.exchange, Hop(baseline.exchange.url, baseline.exchange.method, same_origin=True))
    if hop is None:
        return NotApplicable("The API did not answer with a redirect.")
    carries = carried(credential)
    hops: list[Exchange] = []
    addresses = [baseline.exchange.url]
    asked = {(baseline.exchange.method, baseline.exchange.url)}
    while hop is not None and len(hops) < MAX_HOPS and (not hops or (hop.method, hop.url) not in asked):
        last = hop
        asked.add((last.method, last.url))
        addresses.append(last.url)
        seen = await _follow(world, stored, last, carries, len(hops) + 1)
        if isinstance(seen, str) and not hops:
            return Unavailable(f"The API redirects to {last.url}, which was not followed: {seen}")
        if isinstance(seen, str):
            break
        hops.append(seen)
        hop = next_hop(seen, last)
    final = hop.url if hop is not None else addresses[-1]
    return RedirectChain(tuple(hops), _crosses(addresses), final, _loses_authorization(world.profile, addresses))


def next_hop(seen: Exchange, at: Hop) -> Hop | None:
    """Return where an answer redirects to, None where it does not. Relative locations are resolved (RFC 9110 10.2.2)."""
    location = seen.header("location")
    if seen.status is None or not 300 <= seen.status < 400 or not location:
        return None
    try:
        url = _without_masks(urljoin(at.url, location))
    except ValueError:
        return None
    if not origin_of(url):
        return None
    method = "GET" if seen.status in _BECOMES_GET and at.method not in SAFE_METHODS else at.method
    return Hop(url, method, at.same_origin and origin_of(url) == origin_of(at.url))


async def _follow(world: World, stored: StoredSecrets, hop: Hop, carries: Carried | None, number: int) -> Exchange | str:
    """Ask for the next address, or say why it may not be asked."""
    if hop.method not in SAFE_METHODS:
        return f"a {hop.method} is not sent a second time."
    if is_loopback(hop.url) and not is_loopback(world.profile.base_url):
        return "it leads to this machine, where a server elsewhere has no business."
    if "<" in hop.url:
        return "part of its address is masked."
    id, purpose = f"P0-hop{number}", f"Redirect {number}"
    try:
        if hop.same_origin and Cost.C2 in world.options.costs:
            seen = await send_as_user(world, stored, Asked(hop.method, hop.url), carries, id=id, purpose=purpose)
            return seen.why if isinstance(seen, Unavailable) else seen
        request = Request(id, f"{purpose}, without the credential", Cost.C1, "api", hop.method, hop.url)
        return (await world.sender.send(request)).exchange
    except Halted as halted:
        return str(halted)


def _without_masks(url: str) -> str:
    """Drop what cannot be sent again: the fragment, and parameters that were masked when the answer was recorded."""
    parts = urlsplit(url)
    kept = [p for p in parts.query.split("&") if p and "<" not in p]
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "&".join(kept), ""))


def _crosses(addresses: list[str]) -> bool:
    return len({origin_of(a) for a in addresses}) > 1


def _loses_authorization(profile: Profile, addresses: list[str]) -> bool:
    """Rule 1.6: most clients drop Authorization where host or port changes, but for http to https on the same host."""
    in_authorization = profile.credential.place == "header" and profile.credential.name.lower() == "authorization"
    return in_authorization and any(_drops(a, b) for a, b in itertools.pairwise(addresses))


def _drops(before: str, after: str) -> bool:
    one, two = origin_of(before), origin_of(after)
    upgraded = one.startswith("http:") and one.endswith(":80") and two == f"https{one[4:-3]}:443"
    return one != two and not upgraded
