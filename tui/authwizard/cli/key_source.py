"""Where do the keys come from that a token is verified with: an address, or an issuer's published metadata?"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authwizard.model.errors import UsageError
from authwizard.model.options import RunOptions
from authwizard.model.profile import OAuth, Profile, is_loopback, origin_of
from authwizard.protocol.clean import safe_line

if TYPE_CHECKING:
    from authwizard.probe import World


def fetch(jwks_url: str, issuer: str) -> tuple[Mapping[str, Any] | None, str]:
    """Read a key set over https (plain http on this machine alone).

    Returns:
        The key set and "", or None and why there is none, as a sentence.

    Raises:
        UsageError: where the address may not be asked.
    """
    url = jwks_url or issuer
    if not url.lower().startswith("https://") and not (url.lower().startswith("http://") and is_loopback(url)):
        raise UsageError("Keys are read over https alone (plain http on this machine): whoever could change them could sign any token.")
    return asyncio.run(_fetch(jwks_url, issuer))


async def _fetch(jwks_url: str, issuer: str) -> tuple[Mapping[str, Any] | None, str]:
    from authwizard.probe import Halted, World
    from authwizard.probes.http_client import HttpSender
    from authwizard.probes.keys import fetch_keys
    from authwizard.protocol.redaction import Redactor
    from authwizard.store.vault import Vault

    profile = Profile("token", "", "", oauth=OAuth(issuer=issuer, jwks_url=jwks_url))
    redactor, options = Redactor(), RunOptions()
    sender = HttpSender(profile, options, redactor, environ=os.environ)
    # no store: keys are public, and nothing secret is read or sent for them
    world = World(profile, options, Vault(profile, None, base=Path()), sender, redactor)
    try:
        url = jwks_url or await _published(world, issuer)
        seen = await fetch_keys(world, url, "jwks")
        return (seen.document, "") if seen.keys else (None, seen.problem)
    except (Halted, _NotPublishedError) as reason:
        return None, str(reason)
    finally:
        await sender.aclose()


class _NotPublishedError(Exception):
    """The issuer does not say where its keys are; the text is one sentence."""


async def _published(world: World, issuer: str) -> str:
    """Return where an issuer publishes its keys: on its own origin, as a document may name any address."""
    from authwizard.probes.discovery import discover

    found = await discover(world, issuer)
    if found.metadata is None:
        raise _NotPublishedError(found.problem)
    url = found.metadata.jwks_uri
    if not url:
        raise _NotPublishedError("The issuer's metadata does not say where its keys are.")
    if origin_of(url) != origin_of(issuer):
        raise _NotPublishedError(f"The issuer keeps its keys at another origin; to have that asked, give --jwks {safe_line(url, 300)}")
    return url
