"""What a run is given before anything is looked at: the other profiles, and what the user brought along."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from authwizard.model.evidence.base import Evidence
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault, TokenSeen
from authwizard.model.vault import HeldElsewhere


@dataclass(frozen=True)
class OtherProfiles(Evidence):
    """The other saved profiles, without secrets."""

    profiles: tuple[Profile, ...] = ()


@dataclass(frozen=True)
class OtherSecrets(Evidence):
    """S3-03: secrets of the other profiles that were agreed to, by fingerprint alone."""

    held: tuple[HeldElsewhere, ...] = ()


@dataclass(frozen=True)
class SentHop:
    """A request of the user's program that was redirected onwards."""

    address: Secret
    authorized: bool
    """Whether it carried an Authorization header."""


@dataclass(frozen=True)
class Reported(Evidence):
    """What the user brought: the request their program sent and the answer it got, as far as they pasted it."""

    method: str = ""
    url: str = ""
    header_names: tuple[str, ...] = ()
    scheme: str | None = None
    """Scheme word of the pasted Authorization field; None = no such field."""
    credential_fingerprint: str = ""
    credential_masked: bool = False
    """The text was sanitised (HAR of a browser, hand-masked), so a missing credential proves nothing."""
    answer: Exchange | None = None
    source: str = ""
    address: Secret | None = None
    """The whole URL, which may hold a user name, a password or a key."""
    fields: tuple[tuple[str, Secret], ...] = field(default=(), repr=False)
    """The header fields with their values; they are compared in memory and shown masked."""
    fields_known: bool = True
    """False where the text tells of the request but not of its header fields (one line of a log)."""
    sanitised: bool = False
    """Whoever wrote the text may have left credentials out."""
    masked_names: tuple[str, ...] = ()
    """Fields whose value was masked by hand or by a tool."""
    body_bytes: int | None = None
    hops: tuple[SentHop, ...] = ()
    """The requests that were redirected to this one, the first one first."""


@dataclass(frozen=True)
class SentCredential:
    """The credential in the user's program's request, compared in memory with the one this profile sends."""

    place: Literal["header", "query", "cookie", "userinfo"]
    name: str
    scheme: str = ""
    same: bool | None = None
    """Whether the value behind the scheme is the one this profile sends; None = it was masked."""
    length: int = 0
    fingerprint: str = ""
    faults: tuple[TokenFault, ...] = ()
    """Faults of bytes and shape that the value this profile sends does not have."""
    token: TokenSeen | None = None
    stored_as: str = ""
    """Another secret of this profile that has this very value, e.g. refresh_token."""


@dataclass(frozen=True)
class SentRequest(Evidence):
    """S8-06: the request of the user's program, masked; `fields` are names and masked values in order."""

    source: str = ""
    method: str = ""
    url: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    fields_known: bool = True
    sanitised: bool = False
    masked_names: tuple[str, ...] = ()
    credentials: tuple[SentCredential, ...] = ()
    """Every credential in it, that of the Authorization header first; more than one is a fault of its own."""
    body_bytes: int | None = None
    hops: tuple[tuple[str, bool], ...] = ()
    """Masked addresses that redirected to this one, and whether Authorization was sent there."""
    cookies: tuple[str, ...] = ()
    """Names of its cookies."""
    agent: str = ""

    @property
    def silent(self) -> bool:
        """Whether a credential that is not in it may have been sent all the same."""
        return self.sanitised or not self.fields_known


@dataclass(frozen=True)
class PastedCode(Evidence):
    """A pasted token request that redeems an authorization code or a device code: it is sent once, and only with leave."""

    grant: str
    """As the request writes it, e.g. `urn:ietf:params:oauth:grant-type:device_code`."""
    members: tuple[tuple[str, str], ...] = ()
    """What else it sends that is no secret: `redirect_uri`."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    """`code`, `device_code`, `code_verifier`."""
