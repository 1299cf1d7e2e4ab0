"""What can be set wrong on the practice platform? Plain data; a fault is a small change to it."""

from __future__ import annotations

import enum
from dataclasses import field
from typing import Literal

from authwizard.model.frozen import dataclass

API_AUDIENCE = "https://api.company-x.test"
"""The audience the production API accepts."""
REPORTS_AUDIENCE = "https://reports.company-x.test"
"""Another API of the same company, known to the same authorization server."""
PORTAL_ORIGIN = "https://portal.company-x.test"
"""The web application that may call the production API from a browser."""
SCOPES = ("read", "write", "admin", "devices:read", "devices:manage", "policies:read", "policies:write", "logs:read")
"""The scopes the authorization servers know."""
AUTH_METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt")
"""The ways of client authentication the authorization servers know."""
GRANTS = ("client_credentials", "refresh_token", "authorization_code")
"""The grants the authorization servers know."""

MINUTE = 60
HOUR = 3600
TOKEN_LIFETIME = HOUR
"""Seconds an access token lives, as Company X documents it."""
LEEWAY = 60
"""Seconds the practice servers forgive when they compare times."""


HouseRule = Literal["none", "step_up", "claims", "person", "session", "locked"]
"""A stronger sign-in; a login judged anew; a person's token; a session that still lives (of a revoked token); an account that is not locked."""


class Wording(enum.Enum):
    """How much an API tells about a refusal."""

    NAMED = "each reason in words of its own"
    VAGUE = "one sentence and a bare challenge for every token it refuses"
    MUTE = "one answer to everything, without a challenge"


@dataclass(frozen=True)
class ApiSettings:
    """How the production API behaves."""

    wording: Wording = Wording.NAMED
    scheme: Literal["Bearer", "Basic", "Digest"] = "Bearer"
    any_case: bool = True
    """Whether the scheme may be spelled in any case, as RFC 9110 11.1 wants it."""
    trusted_issuer: str = ""
    """The only issuer it accepts; "" = the authorization server of its own environment."""
    scope_refusal: Literal[401, 403] = 403
    refuses_everybody: bool = False
    """A rule inside the API that nobody outside can see."""
    rule: HouseRule = "none"
    """What it asks of a good token besides."""
    closed_path: str = ""
    """A path (after the version) whose gate was set up wrongly and refuses every token; "" = none."""
    public: bool = False
    preflight_needs_token: bool = False
    authenticates_first: bool = False
    """Whether a path that does not exist is refused with 401 before anybody looks whether it does."""
    learning_seconds: float = 0.0
    """How long after it was first shown a token stays unknown to the API, as where tokens are copied from server to server."""
    sessions: bool = False
    """Whether a session cookie, where one is sent, is looked at before the token."""
    bound_tokens: bool = False
    """Whether it holds tokens to the key they are bound to (RFC 9449, RFC 8705)."""
    header_limit: int = 0
    """Bytes of all header fields above which it answers 431; 0 = no limit."""
    letters_in_password: bool = False
    """Whether the login's password holds a letter beyond ASCII."""
    hourly_limit: int = 1000
    """Requests with a good credential in an hour; the next one is answered with 429."""


@dataclass(frozen=True)
class ClientSettings:
    """How the production profile's client is registered at its authorization server."""

    status: Literal["active", "disabled", "deleted", "secret_expired"] = "active"
    auth_methods: tuple[str, ...] = AUTH_METHODS
    grants: tuple[str, ...] = GRANTS
    scopes: tuple[str, ...] = SCOPES
    """What the client is granted at most."""


@dataclass(frozen=True)
class Clocks:
    """Seconds by which each of the platform's clocks is ahead of this machine."""

    api: float = 0.0
    auth: float = 0.0
    ntp: float = 0.0


@dataclass(frozen=True)
class PlatformSettings:
    """The whole platform; the defaults are a healthy one."""

    api: ApiSettings = field(default_factory=ApiSettings)
    client: ClientSettings = field(default_factory=ClientSettings)
    clocks: Clocks = field(default_factory=Clocks)
    front: Literal["api", "proxy", "relay", "moved", "cache"] = "api"
    """What answers at the profile's address: the API, a proxy that strips Authorization, one that passes everything on but what a
    Connection field names, a redirect to the API's new port, or a cache."""
    key_rotated: bool = False
    """Whether the key that signed the stored token is no longer published."""
    introspection: bool = True
