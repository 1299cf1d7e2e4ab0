"""What the API answered: to the request itself, and to those that differ from it in one thing."""

from __future__ import annotations

from authwizard.model.evidence.base import Evidence
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.token import TokenSeen


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
    """P0 with the token that the refresh brought. `spent_note` says why the refresh token that was used up is still kept."""

    spent_note: str = ""


@dataclass(frozen=True)
class FreshCallAgain(ExchangeSeen):
    """S7-02: the new token once more, some seconds after it was refused; of a token fetched for this run, P0 once more."""


@dataclass(frozen=True)
class RefreshedCallAgain(ExchangeSeen):
    """S4-06: the refreshed token once more, some seconds after it was refused. `spent_note` as of RefreshedCall."""

    spent_note: str = ""


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
