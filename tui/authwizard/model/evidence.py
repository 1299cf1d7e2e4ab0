"""What probes bring back: frozen evidence, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from authwizard.model.exchange import Exchange
from authwizard.model.oauth import AuthorizationServerMetadata, Introspected, PublishedKey, ResourceMetadata, TokenAnswer
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.model.token import SignatureSeen, TokenFault, TokenSeen
from authwizard.model.vault import HeldElsewhere


@dataclass(frozen=True)
class Unavailable:
    """A probe wanted to look and could not; checks that need it are `blocked`. `unblock` says what would help."""

    why: str
    unblock: str = ""
    cause: str = ""
    """A cause the failure itself names (network_unreachable, keyring_unavailable ...), for I-02 and S1-01."""


@dataclass(frozen=True)
class NotTried:
    """A probe was not sent: no consent, no budget, or it would not have changed the verdict."""

    why: str


@dataclass(frozen=True)
class NotApplicable:
    """There is nothing to look at here."""

    why: str


Absence = Unavailable | NotTried | NotApplicable


@dataclass(frozen=True)
class Evidence:
    """Base of everything a probe can bring back."""


# ── given before anything is looked at ───────────────────────────────────────────────────────────────────────────────


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


# ── C0 ───────────────────────────────────────────────────────────────────────────────────────────────────────────────


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


# ── exchanges with the API ───────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class ExchangeSeen(Evidence):
    """One probe request and its answer; `exchange.fault` is set where no answer came."""

    exchange: Exchange


@dataclass(frozen=True)
class Baseline(ExchangeSeen):
    """P0: the user's request with the real credential."""

    standin: str = ""
    """Why another request than the user's was sent (a GET instead of a POST), "" = it is the user's own."""
    nonce_asked: bool = False
    """Whether the API first refused the proof for want of a nonce of its own (RFC 9449 9); `exchange` is the second try then."""


@dataclass(frozen=True)
class Anonymous(ExchangeSeen):
    """D1: the same request with no credential at all."""


@dataclass(frozen=True)
class AnonymousAgain(ExchangeSeen):
    """D1 once more, to see which parts of an answer are volatile (13.2)."""


@dataclass(frozen=True)
class Garbage(ExchangeSeen):
    """D2: a legal but meaningless credential in the same place."""


@dataclass(frozen=True)
class Tampered(ExchangeSeen):
    """D3: the real JWT with one character in the middle of its signature changed."""


@dataclass(frozen=True)
class OddScheme(ExchangeSeen):
    """D4: an unregistered scheme."""


@dataclass(frozen=True)
class Respelled(ExchangeSeen):
    """D5: the real credential with the scheme spelled canonically (or lower case, to measure)."""

    scheme: str = "Bearer"


@dataclass(frozen=True)
class CleanedCall(ExchangeSeen):
    """S-swap: P0 with one byte or shape fault of the credential repaired; `cause` and `factor` name which."""

    cause: str = ""
    factor: str = ""


@dataclass(frozen=True)
class OtherSchemeCall(ExchangeSeen):
    """S-swap: the same secret under the scheme word or header name the server asks for."""

    cause: str = ""
    factor: str = ""


@dataclass(frozen=True)
class SecondCredentialCall(ExchangeSeen):
    """S-swap: P0 with the stored second credential beside the first, in the header `name`."""

    name: str = ""


@dataclass(frozen=True)
class LeanerCall(ExchangeSeen):
    """S-swap: P0 without one thing that may stand in the credential's way; `cause` and `factor` name which."""

    cause: str = ""
    factor: str = ""


@dataclass(frozen=True)
class OtherTokenCall(ExchangeSeen):
    """S-swap: P0 with the stored ID token in the access token's place."""


@dataclass(frozen=True)
class FreshNonceCall(ExchangeSeen):
    """S-swap: P0's Digest answer made anew for the nonce that P0's refusal brought."""


@dataclass(frozen=True)
class FinalUrlCall(ExchangeSeen):
    """S-swap: P0 sent straight to the last address of a redirect chain, where that is an origin of the profile."""


@dataclass(frozen=True)
class OriginCall(ExchangeSeen):
    """S-swap: P0 against origin_url, past the edge."""


@dataclass(frozen=True)
class DirectCall(ExchangeSeen):
    """S-swap: P0 without the client-side proxy."""


@dataclass(frozen=True)
class OtherVersionCall(ExchangeSeen):
    """S1-22: P0 once more with HTTP/2 offered; `exchange.http_version` tells what was spoken."""


@dataclass(frozen=True)
class Neighbours(Evidence):
    """I-04: other addresses of the same host, asked without a credential: the root and a static path."""

    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class FreshCall(ExchangeSeen):
    """P0 with the token of step 7."""


@dataclass(frozen=True)
class RefreshedCall(ExchangeSeen):
    """P0 with the token that the refresh brought."""


@dataclass(frozen=True)
class FreshCallAgain(ExchangeSeen):
    """S7-02: the new token once more, some seconds after it was refused; of a token fetched for this run, P0 once more."""


@dataclass(frozen=True)
class RefreshedCallAgain(ExchangeSeen):
    """S4-06: the refreshed token once more, some seconds after it was refused."""


@dataclass(frozen=True)
class KnownGoodCall(ExchangeSeen):
    """S7-05: the very request with the credential of another profile, which the user says works here."""

    profile: str = ""
    token: TokenSeen | None = None


@dataclass(frozen=True)
class PathCanary(ExchangeSeen):
    """S8-09: an invented path beside the user's, with the credential; `path` is that path.

    `anonymous`: the same without a credential; `method`: the user's own path with another, harmless method. None = not sent.
    """

    path: str = ""
    anonymous: Exchange | None = None
    method: Exchange | None = None


@dataclass(frozen=True)
class UncachedCall(ExchangeSeen):
    """S8-10: P0 past every cache on the way: a new query parameter and Cache-Control: no-cache."""


@dataclass(frozen=True)
class EmptyHeader(ExchangeSeen):
    """D6: an empty Authorization field; `bare`: the word Bearer alone."""

    bare: Exchange | None = None


@dataclass(frozen=True)
class ForeignToken(ExchangeSeen):
    """D7: a well-formed JWT of an issuer that does not exist, signed with a key nobody has."""


@dataclass(frozen=True)
class Repeats(Evidence):
    """I-05: P0 again, each on a new connection."""

    exchanges: tuple[Exchange, ...] = ()


@dataclass(frozen=True)
class RedirectChain(Evidence):
    """I-07: the hops after P0 answered 3xx, followed without the credential once the origin changed."""

    hops: tuple[Exchange, ...] = ()
    crosses_origin: bool = False
    final_url: str = ""
    drops_authorization: bool = False
    """Whether a client that follows redirects would lose the Authorization header on the way (1.6)."""


@dataclass(frozen=True)
class Preflight(Evidence):
    """S1-24: the CORS preflight and, where it passed, the request with Origin but no credential."""

    preflight: Exchange | None = None
    simple: Exchange | None = None


@dataclass(frozen=True)
class EndpointCalls(Evidence):
    """V-02: the endpoints of the scope table with the working token: (endpoint request, expected status, exchange)."""

    calls: tuple[tuple[str, int, Exchange], ...] = ()


@dataclass(frozen=True)
class WhoamiCall(ExchangeSeen):
    """S3-17: an endpoint that only needs a live token."""

    anonymous: Exchange | None = None
    """The same request without a credential, sent where the first one succeeded: a public endpoint proves nothing."""


@dataclass(frozen=True)
class OtherEndpoint:
    """Another endpoint of the same API, with the credential of P0; where that succeeds, also without any."""

    request: str
    exchange: Exchange
    anonymous: Exchange | None = None


@dataclass(frozen=True)
class OtherEndpoints(Evidence):
    """S5-07: the credential of P0 on other endpoints than the refused one."""

    calls: tuple[OtherEndpoint, ...] = ()


# ── the authorization server ─────────────────────────────────────────────────────────────────────────────────────────


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


# ── clocks ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class NetworkTime(Evidence):
    """S6-01: this machine against SNTP. `offset_seconds` > 0: the server is ahead; `error_seconds` half the best round trip."""

    server: str
    offset_seconds: float
    error_seconds: float
    samples: int = 1


@dataclass(frozen=True)
class RunClock(Evidence):
    """Unix seconds of this machine when the run began; the fallback where no other clock was seen."""

    now: float
    utc_offset_seconds: int | None = None
    """How far this machine's time zone is ahead of UTC, in seconds; None = not looked at."""
    monotonic: float | None = None
    """Seconds of a clock that nobody sets, read at the same moment; None where `now` was told by the user."""


@dataclass(frozen=True)
class ClockSync(Evidence):
    """S6-05: what this machine's own time service says; `synchronised` None = it did not say. `tool` is the command that was run."""

    tool: str
    synchronised: bool | None = None
    said: str = ""


@dataclass(frozen=True)
class ClockDrift(Evidence):
    """S6-07: how far the clock moved against one that nobody sets, since the run began. Seconds; > 0: it was put forward."""

    seconds: float
    elapsed_seconds: float


# ── the record of the run ────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class RecordScan(Evidence):
    """V-08: which secrets (by label, never by value) were found in what this run recorded; () = none."""

    labels: tuple[str, ...] = ()
    texts: int = 0
