"""What is seen on this machine: stored secrets, the credential they make, variables and files, the client certificate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Literal

from authwizard.model.evidence.base import Evidence
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault, TokenSeen


@dataclass(frozen=True)
class SecretState:
    """One secret field of the profile: whether it is there, its shape, its byte faults; never its value in a text."""

    field: str
    status: Literal["present", "absent", "unavailable"]
    source: str = ""
    why: str = ""
    length: int = 0
    fingerprint: str = ""
    faults: tuple[TokenFault, ...] = ()
    secret: Secret | None = None
    obtained_at: float | None = None
    """Unix seconds when a token was fetched or stored, where its place keeps that; with `expires_in` the age of an opaque token."""
    expires_in: int | None = None
    """Seconds the authorization server said the token lives (RFC 6749 5.1)."""
    note: str = ""
    """What must be known of a value that is there: others can read its file, or it may be spent."""


@dataclass(frozen=True)
class StoredSecrets(Evidence):
    """All secret fields this profile may use."""

    fields: Mapping[str, SecretState] = field(default_factory=dict)

    def get(self, name: str) -> SecretState:
        """Return a field's state; absent where it was never asked for."""
        return self.fields.get(name) or SecretState(name, "absent")


@dataclass(frozen=True)
class CredentialSeen(Evidence):
    """The credential exactly as P0 sends it (DESIGN 4 "What is sent"), with the byte and shape faults of its text."""

    kind: str
    place: Literal["header", "query", "cookie"]
    name: str
    scheme: str
    """The scheme word as it goes out ("" = bare value); read from the composed value, so doubled schemes show in faults."""
    field_value: Secret | None
    """The whole header field value (or query/cookie value); None = nothing can be sent."""
    token: TokenSeen | None = None
    """The secret read as a token, where the kind is bearer or dpop (or the value is one)."""
    length: int = 0
    fingerprint: str = ""
    faults: tuple[TokenFault, ...] = ()
    """Cause codes with position: placeholder, whitespace, line break, quotes, scheme missing or doubled, header name ..."""
    unsendable: str = ""
    """Why no client may send the value as it is (RFC 9110 5.5), with position; "" = it can be sent."""
    fetched: bool = False
    """True where no token was stored and one was minted for this run."""
    missing: str = ""
    """Why there is no credential (field_value None), or why it is not whole: a DPoP token without its key."""
    source: str = ""
    key_prefix: str = ""
    """The public, provider-defined start of the value (`sk_test_`, `ghp_` ...) where it has a known one; never more of it."""
    checksum_ok: bool | None = None
    """Whether the checksum some providers build into a token fits (GitHub); None = the value has none."""
    parameters: Mapping[str, str] = field(default_factory=dict)
    """The public parameters of a value that is a list of them (Digest, SigV4, HMAC); what proves knowledge is only counted."""
    whole: bool = False
    """Whether the stored secret is the whole field value, made elsewhere (`secrets.authorization`)."""


@dataclass(frozen=True)
class DpopKey(Evidence):
    """S1-27: the key the stored token should be bound to, by the thumbprint of its public half (RFC 7638); never its key."""

    thumbprint: str = ""
    problem: str = ""
    """Why no proof can be made with it, as a sentence."""


@dataclass(frozen=True)
class OtherValue:
    """A place outside the store that holds another value of this credential, by its name; the value itself is not kept.

    `expires` is Unix seconds of a JWT's `exp`, None where the value says none. `older` where it is a token of the stored one's issuer that
    was issued before it.
    """

    place: str
    field: str
    fingerprint: str = ""
    expires: float | None = None
    older: bool = False

    def telling(self, now: float) -> bool:
        """Whether the value is known to be a worse one: it has expired, or the stored one came after it."""
        return self.older or (self.expires is not None and self.expires < now)


@dataclass(frozen=True)
class ClientEnvironment(Evidence):
    """What of this machine may change the user's request (I-06); names and presence only, never values."""

    proxy_variables: tuple[str, ...] = ()
    no_proxy_cidr: bool = False
    request_method_set: bool = False
    netrc_hosts: tuple[str, ...] = ()
    """Hosts of API or authorization server with a netrc entry ("default" for the default entry)."""
    netrc_path: str = ""
    netrc_same: bool = False
    """Whether the entry for the API holds the very user name and password that this profile sends."""
    curlrc: bool = False
    curlrc_options: tuple[str, ...] = ()
    """Options in .curlrc that change what curl sends, by name (`header Authorization`, `netrc`, `user`)."""
    ca_variables: tuple[str, ...] = ()
    in_container: bool = False
    other_values: tuple[OtherValue, ...] = ()
    """Variables and files that look like this credential and hold another value."""
    same_places: tuple[str, ...] = ()
    """Places that hold the stored value as well."""
    cautions: tuple[tuple[str, str], ...] = ()
    """What some readers make of those places: a cause and a sentence each."""
    proxied: bool = False
    """Whether a request to the API from here goes through a proxy of the environment."""
    exempt_by_block: bool = False
    """Whether only a network in CIDR form exempts the API's host from the proxy."""
    login_beyond_ascii: bool = False
    """Whether the user name or password holds letters beyond ASCII, which clients encode in two ways."""
    files: tuple[str, ...] = ()
    """The files that were read, by their names."""

    @property
    def differing_variables(self) -> tuple[str, ...]:
        """The places with another value, by name."""
        return tuple(value.place for value in self.other_values)


@dataclass(frozen=True)
class ClientCertificate(Evidence):
    """S3-08: the certificate of network.client_cert as its file has it; times in Unix seconds, never its key."""

    path: str
    subject: str = ""
    issuer: str = ""
    not_before: float = 0.0
    not_after: float = 0.0
    thumbprint: str = ""
    """base64url of the SHA-256 of the certificate: what `cnf.x5t#S256` of a bound token holds (RFC 8705 3.1)."""
    key_fits: bool | None = None
    """Whether the private key in the file belongs to the certificate; None where there is none that can be read."""
    chain: int = 0
    """How many certificates of issuers stand behind it in the file."""
    problem: str = ""
    """Why it cannot be presented, as a sentence; "" where nothing stands against it."""
