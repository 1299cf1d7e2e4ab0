"""What does the authorization server publish about itself, and which of its endpoints are used (CHECKS S3-02, DESIGN 4)?"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from authwizard.model.evidence import (
    Absence,
    Anonymous,
    Baseline,
    Discovery,
    NotApplicable,
    ResourceMetadataSeen,
    TokenEndpoint,
    Unavailable,
)
from authwizard.model.exchange import Exchange
from authwizard.model.oauth import AuthorizationServerMetadata
from authwizard.model.options import Cost
from authwizard.model.profile import OAuth, origin_of
from authwizard.probe import Answer, Request, World, probe
from authwizard.probes.limits import decode_body
from authwizard.probes.request_text import without_secrets
from authwizard.protocol.challenge import challenge_fields, parse_challenges
from authwizard.protocol.oauth import authorization_server_urls, read_metadata, read_resource_metadata, resource_metadata_urls


@probe("discovery", purpose="Read the authorization server's metadata", cost=Cost.C1)
async def discovery(world: World) -> Discovery | Absence:
    """S3-02: metadata of the configured issuer (RFC 8414, OpenID Connect Discovery)."""
    issuer = world.profile.oauth.issuer.strip() if world.profile.oauth else ""
    if not issuer:
        return NotApplicable("The profile names no issuer.")
    return await discover(world, issuer)


@probe("token_endpoint_of", purpose="Settle where tokens come from", cost=Cost.C0)
async def token_endpoint_of(world: World, discovery: Discovery | None) -> TokenEndpoint | Absence:
    """The profile's own endpoints, else those discovered on the issuer's own origin."""
    if world.profile.oauth is None:
        return NotApplicable("The profile names no authorization server.")
    found = endpoints_of(world.profile.oauth, discovery)
    if found.url or found.introspection_url or found.jwks_url:
        return found
    tried = f" {discovery.problem}" if discovery is not None and discovery.problem else ""
    return Unavailable(f"The authorization server's endpoints are not known.{tried}", "Name token_url (or issuer) in the profile.")


@probe("resource_metadata", purpose="Read the API's own metadata", cost=Cost.C1, when="asked")
async def resource_metadata(world: World, baseline: Baseline | None, anonymous: Anonymous | None) -> ResourceMetadataSeen | Absence:
    """S8-07: RFC 9728 metadata, from where the challenge says if that is the API's own origin, else from the well-known place."""
    resource = without_secrets(world.profile.url).partition("?")[0]
    named = [u for seen in (baseline, anonymous) if seen is not None for u in _named_metadata(seen.exchange)]
    own = [u for u in named if origin_of(u) in world.profile.own_origins]
    for number, url in enumerate(dict.fromkeys((*own, *resource_metadata_urls(resource))), 1):
        answer = await world.sender.send(_get(f"resource-metadata-{number}", "Metadata of the API (RFC 9728)", url))
        if not answer.exchange.ok:
            continue
        try:
            return ResourceMetadataSeen(read_resource_metadata(_text(answer)), url)
        except ValueError:
            continue
    return NotApplicable("The API publishes no metadata of its own (RFC 9728).")


async def discover(world: World, issuer: str, id: str = "discovery") -> Discovery:
    """Ask all well-known places of an issuer at once; the document that names this very issuer wins, else the first one."""
    urls = authorization_server_urls(issuer)
    requests = [_get(f"{id}-{n}", "Metadata of the authorization server", url) for n, url in enumerate(urls, 1)]
    answers = await asyncio.gather(*(world.sender.send(request) for request in requests))
    exchanges = tuple(answer.exchange for answer in answers)
    read = [(url, metadata) for url, answer in zip(urls, answers, strict=True) if (metadata := _read(answer)) is not None]
    if not read:
        return Discovery(issuer, None, "", exchanges, _problem(exchanges))
    url, metadata = next((pair for pair in read if pair[1].issuer == issuer), read[0])
    return Discovery(issuer, metadata, url, exchanges)


def endpoints_of(oauth: OAuth, discovery: Discovery | None) -> TokenEndpoint:
    """Return the endpoints to use. A discovered one elsewhere than on the issuer's own origin is not used (DESIGN 4)."""
    metadata = discovery.metadata if discovery is not None and discovery.metadata is not None else AuthorizationServerMetadata()

    def own(url: str) -> str:
        return url if url and origin_of(url) == origin_of(oauth.issuer) else ""

    # A client with a certificate uses the endpoint that asks for one, where there is such (RFC 8705 5).
    alias = metadata.mtls_endpoint_aliases.get("token_endpoint", "") if oauth.client_auth == "tls_client_auth" else ""
    return TokenEndpoint(
        url=oauth.token_url or own(alias) or own(metadata.token_endpoint),
        introspection_url=oauth.introspection_url or own(metadata.introspection_endpoint),
        jwks_url=oauth.jwks_url or own(metadata.jwks_uri),
        provenance="user" if oauth.token_url else "discovery",
    )


async def find_token_url(world: World) -> str:
    """Return the token endpoint for a request that cannot wait for the discovery probe; "" where none is known."""
    oauth = world.profile.oauth
    if oauth is None:
        return ""
    if oauth.token_url or not oauth.issuer:
        return oauth.token_url
    return endpoints_of(oauth, await discover(world, oauth.issuer.strip(), "discovery-mint")).url


def _named_metadata(exchange: Exchange) -> tuple[str, ...]:
    try:
        challenges = parse_challenges(challenge_fields(exchange.response_headers))
    except ValueError:
        return ()
    return tuple(c.params["resource_metadata"] for c in challenges if "resource_metadata" in c.params)


def _get(id: str, purpose: str, url: str) -> Request:
    return Request(id, purpose, Cost.C1, "metadata", "GET", url, (("Accept", "application/json"),))


def _text(answer: Answer) -> str:
    return decode_body(answer.raw, answer.exchange.header("content-type") or "")


def _read(answer: Answer) -> AuthorizationServerMetadata | None:
    if not answer.exchange.ok:
        return None
    try:
        return read_metadata(_text(answer))
    except ValueError:
        return None


def _problem(exchanges: Sequence[Exchange]) -> str:
    fault = next((e.fault for e in exchanges if e.fault is not None), None)
    if fault is not None:
        return f"Its metadata could not be read: {fault.text}"
    statuses = ", ".join(dict.fromkeys(str(e.status) for e in exchanges))
    return f"It publishes no metadata that can be read (answers: {statuses})."
