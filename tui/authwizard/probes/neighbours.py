"""Who answers at other addresses of the same host (CHECKS I-04)?"""

from __future__ import annotations

import asyncio
from urllib.parse import urlsplit

from authwizard.model.evidence import Absence, Neighbours, NotApplicable
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.probe import Halted, Request, World, probe
from authwizard.probes.request_text import without_secrets

PATHS = ("/", "/favicon.ico")
"""The root, and a file that nearly every server has or refuses in its own words."""


@probe("neighbours", purpose="Ask other addresses of the host", cost=Cost.C1, when="asked")
async def neighbours(world: World) -> Neighbours | Absence:
    """I-04: without any credential, to see whether the component that refuses is the one that answers everything else."""
    parts = urlsplit(without_secrets(world.profile.url))
    if not parts.hostname:
        return NotApplicable("The profile names no host that could be asked.")
    urls = [f"{parts.scheme}://{parts.netloc}{path}" for path in PATHS if path != parts.path]
    seen = await asyncio.gather(*(_ask(world, url, number) for number, url in enumerate(urls, 1)))
    return Neighbours(tuple(one for one in seen if one is not None))


async def _ask(world: World, url: str, number: int) -> Exchange | None:
    request = Request(f"I4-{number}", "Another address of the host", Cost.C1, "api", "GET", url)
    try:
        return (await world.sender.send(request)).exchange
    except Halted:
        return None
