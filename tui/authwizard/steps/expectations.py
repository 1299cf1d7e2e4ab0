"""What issuer and audience is the API said to accept, and who says so? Strongest word first (CHECKS section 2). Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from authwizard.knowledge import explain
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import Discovery, ExchangeSeen, ResourceMetadataSeen
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Group
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.steps.differential import accepts

Provenance = Literal["user", "metadata", "discovery", "server message"]

GROUPS: dict[Provenance, Group] = {
    "user": Group.LOCAL_CLAIMS, "metadata": Group.METADATA, "discovery": Group.METADATA, "server message": Group.SERVER_MESSAGE,
}  # fmt: skip
"""The evidence group of a comparison with an expectation: one fact must not count twice."""


@dataclass(frozen=True)
class Expected:
    """Values of which one is accepted. `source` is who says so, `label` the same for a line of evidence.

    `firm`: said of the API itself, not of a token request.
    """

    values: tuple[str, ...]
    provenance: Provenance
    source: str
    label: str
    firm: bool = True


def issuers(
    profile: Profile, resource: ResourceMetadataSeen | None, discovery: Discovery | None, words: Explanation | None
) -> tuple[Expected, ...]:
    """Return what is known of the accepted issuer.

    `oauth.issuer` of the profile counts only where its discovery document was not found: that document has the exact string.
    """
    servers = resource.metadata.authorization_servers if resource is not None else ()
    published = discovery.metadata.issuer if discovery is not None and discovery.metadata is not None else ""
    configured = profile.oauth.issuer if profile.oauth is not None and not published else ""
    return _known(
        Expected((profile.expect.issuer,), "user", "the profile (expect.issuer)", "profile"),
        Expected(servers, "metadata", "the API's own metadata", "API metadata"),
        Expected((published,), "discovery", "the authorization server's metadata", "issuer metadata", firm=False),
        Expected((configured,), "user", "the profile (oauth.issuer)", "profile, oauth", firm=False),
        Expected(_named(words, "issuer"), "server message", "the API's refusal", "API's words"),
    )


def audiences(profile: Profile, resource: ResourceMetadataSeen | None, words: Explanation | None) -> tuple[Expected, ...]:
    """Return what is known of the accepted audience; what token requests ask for comes after what the API says."""
    asked = (profile.oauth.audience, profile.oauth.resource) if profile.oauth is not None else ()
    identifier = resource.metadata.resource if resource is not None else ""
    return _known(
        Expected(profile.expect.audience, "user", "the profile (expect.audience)", "profile"),
        Expected((identifier,), "metadata", "the API's own metadata", "API metadata"),
        Expected(asked, "user", "the profile's token request (oauth.audience)", "token request", firm=False),
        Expected(_named(words, "audience"), "server message", "the API's refusal", "API's words"),
    )


def words_of(seen: ExchangeSeen | Exchange | None) -> Explanation | None:
    """Explain a refusal by its own words; None where there is no answer or it is a success."""
    exchange = seen.exchange if isinstance(seen, ExchangeSeen) else seen
    if exchange is None or exchange.status is None or accepts(exchange):
        return None
    return explain(exchange.status, exchange.response_headers, exchange.body)


def names(words: Explanation | None, *causes: str) -> bool:
    """Tell whether the server's words name one of these causes without doubt."""
    return words is not None and words.firm and words.cause in causes


def _known(*said: Expected) -> tuple[Expected, ...]:
    trimmed = (Expected(tuple(v for v in e.values if v.strip()), e.provenance, e.source, e.label, e.firm) for e in said)
    return tuple(e for e in trimmed if e.values)


def _named(words: Explanation | None, name: str) -> tuple[str, ...]:
    found = words.message.expected if words is not None else ()
    return tuple(part for kind, value in found if kind == name for part in _alternatives(value))


def _alternatives(value: str) -> Iterable[str]:
    """Take the values apart that jsonwebtoken joins with " or "; what follows white space is no part of one."""
    return (words[0].strip("'\",;[]") for part in value.split(" or ") if (words := part.split()))
