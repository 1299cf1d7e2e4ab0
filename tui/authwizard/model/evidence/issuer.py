"""What the authorization server says: its metadata, its keys, its answers to token requests, its word on a token."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from authwizard.model.evidence.base import Evidence
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.oauth import AuthorizationServerMetadata, Introspected, PublishedKey, ResourceMetadata, TokenAnswer
from authwizard.model.token import SignatureSeen, TokenSeen


@dataclass(frozen=True)
class Discovery(Evidence):
    """S3-02: metadata of the configured issuer; `metadata` None where no document was found."""

    issuer: str
    metadata: AuthorizationServerMetadata | None = None
    url: str = ""
    exchanges: tuple[Exchange, ...] = ()
    problem: str = ""


@dataclass(frozen=True)
class ResourceMetadataSeen(Evidence):
    """RFC 9728 metadata of the API, where its challenge names it or the well-known place has it."""

    metadata: ResourceMetadata
    url: str = ""


@dataclass(frozen=True)
class TokenEndpoint(Evidence):
    """Where token requests go and whose word that is: user, discovery."""

    url: str
    introspection_url: str = ""
    jwks_url: str = ""
    provenance: str = "user"


@dataclass(frozen=True)
class KeySet(Evidence):
    """S3-12: the issuer's published keys, and the verification of the credential's signature with them."""

    url: str
    keys: tuple[PublishedKey, ...] = ()
    exchange: Exchange | None = None
    signature: SignatureSeen | None = None
    problem: str = ""
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    """The key set itself, for the signatures of tokens that come later in the run."""


@dataclass(frozen=True)
class OtherKeySets(Evidence):
    """Key ids published by the issuers of other profiles: (profile name, issuer, key ids)."""

    sets: tuple[tuple[str, str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class TokenGrant(Evidence):
    """One token request and its answer."""

    exchange: Exchange
    answer: TokenAnswer
    grant: str
    client_auth: str
    token: TokenSeen | None = None
    signature: SignatureSeen | None = None
    """The new token's signature against the published keys, where these were read."""


@dataclass(frozen=True)
class MintedForRun(TokenGrant):
    """The token request made before P0 because no access token is stored and the grant is client_credentials."""


@dataclass(frozen=True)
class FreshToken(TokenGrant):
    """S7-01, S3-05: a new token of the same client, grant, scope and audience (the same POST as MintedForRun where that ran)."""

    same_as_stored: bool = False


@dataclass(frozen=True)
class ClientAuthVariants(Evidence):
    """S3-04: further ways of client authentication tried after invalid_client."""

    tries: tuple[TokenGrant, ...] = ()
    labels: tuple[str, ...] = ()


@dataclass(frozen=True)
class RefreshedToken(TokenGrant):
    """S4-03: the refresh, sent once. `kept_in` names the place its tokens were written to; `keep_problem` why not.

    `keep_note` says what must be known of a new token that is safe, but not in its place yet.
    """

    rotated: bool = False
    kept_in: str = ""
    keep_problem: str = ""
    keep_note: str = ""
    unknown_outcome: bool = False


@dataclass(frozen=True)
class Introspection(Evidence):
    """S3-16: what the authorization server says of the stored access token."""

    exchange: Exchange
    result: Introspected
