"""A profile: one environment's settings, as `profiles.toml` writes them (never a secret)."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Mapping
from dataclasses import field
from typing import Literal
from urllib.parse import urlsplit

from authwizard.model.frozen import dataclass

Environment = Literal["development", "staging", "production", "other"]
Client = Literal["curl", "requests", "httpx", "dotnet", "fetch", "java", "go", "postman", "other"]
CredentialKind = Literal["bearer", "basic", "api_key", "digest", "dpop", "mtls", "cookie"]
ClientAuth = Literal["client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", "none"]
Grant = Literal["client_credentials", "refresh_token", "authorization_code", "device_code"]

SECRET_FIELDS = (
    "access_token", "refresh_token", "id_token", "client_secret", "private_key", "api_key", "username", "password",
    "session_cookie", "shared_secret", "dpop_key", "second_credential", "authorization",
)  # fmt: skip
"""The names a secret can have: keys of `[profile.NAME.secrets]` and of the store."""

SECRET_OF_KIND: Mapping[str, tuple[str, ...]] = {
    "bearer": ("access_token",),
    "dpop": ("access_token", "dpop_key"),
    "api_key": ("api_key",),
    "basic": ("username", "password"),
    "digest": ("username", "password"),
    "cookie": ("session_cookie",),
    "mtls": (),
}
"""Which secrets make the credential of each kind."""


@dataclass(frozen=True)
class CredentialSpec:
    """Where and how the API's credential is sent. At most one of header, query, cookie is the place."""

    kind: CredentialKind = "bearer"
    header: str = ""
    query: str = ""
    cookie: str = ""
    scheme: str | None = None
    """As the user's program spells it; None = the kind's canonical scheme, "" = the bare value."""
    charset: Literal["utf-8", "latin-1"] = "utf-8"

    @property
    def place(self) -> Literal["header", "query", "cookie"]:
        """Which part of the request carries the credential."""
        return "query" if self.query else "cookie" if self.cookie or self.kind == "cookie" else "header"

    @property
    def name(self) -> str:
        """The header, query parameter or cookie name; `Authorization` unless set."""
        return self.query or self.cookie or self.header or "Authorization"

    @property
    def scheme_word(self) -> str:
        """The scheme that is sent: as written, else the canonical one of the kind, "" for a bare value."""
        if self.scheme is not None:
            return self.scheme
        return {"bearer": "Bearer", "basic": "Basic", "digest": "Digest", "dpop": "DPoP"}.get(self.kind, "")


@dataclass(frozen=True)
class OAuth:
    """The authorization server and the client, as far as the profile names them; "" = unknown, discovery may fill it."""

    issuer: str = ""
    token_url: str = ""
    jwks_url: str = ""
    introspection_url: str = ""
    revocation_url: str = ""
    client_id: str = ""
    client_auth: ClientAuth = "client_secret_basic"
    key_id: str = ""
    assertion_alg: str = "RS256"
    assertion_audience: str = ""
    grant: Grant = "client_credentials"
    scopes: tuple[str, ...] = ()
    audience: str = ""
    resource: str = ""


@dataclass(frozen=True)
class Expect:
    """What the API is known to accept; empty = unknown."""

    issuer: str = ""
    audience: tuple[str, ...] = ()
    type: str = ""
    leeway_seconds: int = 60


@dataclass(frozen=True)
class Network:
    """How requests leave this machine."""

    timeout_seconds: float = 10
    ca_bundle: str = ""
    client_cert: str = ""
    proxy: str = "env"
    ntp_server: str = "pool.ntp.org"
    request_ids: bool = True


@dataclass(frozen=True)
class Reference:
    """Where a secret is: `keyring:SERVICE/USER`, `env:NAME`, `file:PATH`, `op://..`, `vault:..` or a command."""

    ref: str = ""
    cmd: tuple[str, ...] = ()
    created: dt.date | None = None
    rotate_days: int | None = None

    @property
    def scheme(self) -> str:
        """`keyring`, `env`, `file`, `op`, `vault` or `cmd`."""
        return "cmd" if self.cmd else self.ref.partition(":")[0]


@dataclass(frozen=True)
class Links:
    """Pages shown in remedies."""

    portal: str = ""
    docs: str = ""
    support: str = ""


@dataclass(frozen=True)
class Endpoint:
    """A row of the scope table: any of `scopes` suffices; "a b" inside one string means both."""

    request: str
    scopes: tuple[str, ...] = ()
    expect: int = 200


@dataclass(frozen=True)
class Profile:
    """One environment's settings. `request` is "METHOD /path"; urls may hold `{secret:FIELD}`."""

    name: str
    base_url: str
    request: str
    environment: Environment = "other"
    headers: Mapping[str, str] = field(default_factory=dict)
    probe: str = ""
    whoami: str = ""
    origin_url: str = ""
    browser_origin: str = ""
    client: Client = "other"
    known_good: str = ""
    credential: CredentialSpec = field(default_factory=CredentialSpec)
    oauth: OAuth | None = None
    expect: Expect = field(default_factory=Expect)
    network: Network = field(default_factory=Network)
    secrets: Mapping[str, Reference] = field(default_factory=dict)
    links: Links = field(default_factory=Links)
    endpoints: tuple[Endpoint, ...] = ()

    @property
    def method(self) -> str:
        """The HTTP method of `request`, upper case; GET where none is written."""
        word, _, rest = self.request.strip().partition(" ")
        return word.upper() if rest and word.isalpha() else "GET"

    @property
    def target(self) -> str:
        """The path and query of `request`, or an absolute URL where one is written there."""
        word, _, rest = self.request.strip().partition(" ")
        return rest.strip() if rest and word.isalpha() else self.request.strip()

    @property
    def url(self) -> str:
        """The URL the failing request goes to (may hold `{secret:FIELD}`)."""
        return self.url_of(self.target)

    def url_of(self, target: str) -> str:
        """Join a path of this API to base_url; an absolute URL stays as it is."""
        if target.startswith(("http://", "https://")):
            return target
        return self.base_url.strip().rstrip("/") + "/" + target.lstrip("/")

    @property
    def own_origins(self) -> frozenset[str]:
        """The origins that may get the API's credential: those of base_url and origin_url."""
        return frozenset(o for o in (origin_of(self.base_url), origin_of(self.origin_url)) if o)

    @property
    def auth_origins(self) -> frozenset[str]:
        """The origins that may get the authorization server's credentials.

        Those of the configured endpoints, and the issuer's own where an endpoint has to be discovered.
        """
        if self.oauth is None:
            return frozenset()
        urls = [self.oauth.token_url, self.oauth.introspection_url, self.oauth.revocation_url]
        if not all(urls):
            urls.append(self.oauth.issuer)
        return frozenset(o for o in map(origin_of, urls) if o)


def wanted_fields(profile: Profile) -> list[str]:
    """Return the secrets without which a profile has no credential: by its kind, and by its client."""
    fields = list(SECRET_OF_KIND[profile.credential.kind])
    if profile.oauth is not None and profile.oauth.client_auth.startswith("client_secret"):
        fields.append("client_secret")
        if profile.oauth.grant == "client_credentials" and "access_token" in fields:
            fields.remove("access_token")
    return fields


def host_header(profile: Profile) -> str:
    """Return the Host that a profile's own headers name, lower case; "" = the one of the address.

    Where many sites share an address (a CDN), it decides which of them gets the request.
    """
    return next((value.strip().lower() for name, value in profile.headers.items() if name.strip().lower() == "host"), "")


def origin_of(url: str) -> str:
    """Return `scheme://host:port` of a URL, lower case with the port always written; "" where it has none."""
    try:
        parts = urlsplit(url.strip())
        port = parts.port or {"http": 80, "https": 443}.get(parts.scheme, 0)
    except ValueError:
        return ""
    if not parts.hostname or not port:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname.lower()
    return f"{parts.scheme.lower()}://{host}:{port}"


def is_loopback(url: str) -> bool:
    """Tell whether a URL's host is this machine (`localhost` and names under it, 127.0.0.0/8, `::1`)."""
    try:
        host = (urlsplit(url.strip()).hostname or "").rstrip(".")
    except ValueError:
        return False
    return host == "localhost" or host.endswith(".localhost") or is_loopback_address(host)


def is_loopback_address(host: str) -> bool:
    """Tell whether a host is written as a loopback address; a name such as `127.example.com` is none."""
    try:
        return ipaddress.ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False
