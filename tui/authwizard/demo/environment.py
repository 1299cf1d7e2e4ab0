"""What belongs to one environment of Company X: an authorization server, an API, a client and its secrets."""

from __future__ import annotations

import secrets
from typing import Literal

from authwizard.demo.api import Api
from authwizard.demo.authorization_server import AuthorizationServer
from authwizard.demo.clients import Client
from authwizard.demo.clock import Clock
from authwizard.demo.credentials import Acceptance, Gate
from authwizard.demo.keys import Algorithm, SigningKey, new_key
from authwizard.demo.nonces import Nonces
from authwizard.demo.resources import Organization
from authwizard.demo.settings import API_AUDIENCE, REPORTS_AUDIENCE, ApiSettings, ClientSettings, PlatformSettings
from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret

Name = Literal["prod", "staging"]
AUDIENCES: dict[Name, tuple[str, ...]] = {
    "prod": (API_AUDIENCE, REPORTS_AUDIENCE),
    "staging": ("https://api.staging.company-x.test",),
}
CLIENT_IDS: dict[Name, str] = {"prod": "portal-sync", "staging": "portal-sync-staging"}
ALGORITHMS: dict[Name, Algorithm] = {"prod": "ES256", "staging": "RS256"}
KEY_PREFIXES: dict[Name, str] = {"prod": "cx_live_", "staging": "cx_test_"}
"""How an API key tells its environment, the usual way."""
KEY_SCOPES = ("read", "write", "logs:read")
"""What an API key or a login may do."""


@dataclass(frozen=True)
class Environment:
    """One environment, built and ready to be served."""

    name: Name
    auth: AuthorizationServer
    api: Api
    client: Client
    api_key: Secret
    expired_key: Secret
    padded_secret: Secret
    """The client's secret with a blank behind it, as a careless copy leaves it."""
    login: tuple[str, Secret]
    former_key: SigningKey
    """The key that signed before the current one; never published."""

    @property
    def audience(self) -> str:
        """The audience of this environment's API."""
        return self.auth.audiences[0]


def new_secret(prefix: str = "") -> Secret:
    """Make a secret value of 32 letters, digits, `-` and `_` behind its prefix."""
    return Secret(prefix + secrets.token_urlsafe(24))


def build(name: Name, issuer: str, settings: PlatformSettings) -> Environment:
    """Build an environment; what is set wrong concerns production alone, only the clocks concern both."""
    prod = name == "prod"
    api_settings = settings.api if prod else ApiSettings()
    client_settings = settings.client if prod else ClientSettings()
    api_clock, auth_clock = Clock(settings.clocks.api), Clock(settings.clocks.auth)
    text = secrets.token_urlsafe(24)
    client = Client(CLIENT_IDS[name], Secret(text), new_key(f"{CLIENT_IDS[name]}-client"), client_settings)
    offered = settings.introspection or not prod
    auth = AuthorizationServer(issuer, auth_clock, client, new_key(name, ALGORITHMS[name]), AUDIENCES[name], offered)
    password = new_secret("sch\u00f6n-" if api_settings.letters_in_password else "")
    api_key, expired_key, login = new_secret(KEY_PREFIXES[name]), new_secret(KEY_PREFIXES[name]), (f"svc-{CLIENT_IDS[name]}", password)
    keys = {api_key: KEY_SCOPES, expired_key: ()}
    accepts = Acceptance(issuer, AUDIENCES[name][0], lambda: (auth.key,), auth.is_revoked, keys, {login: KEY_SCOPES})
    api = Api(Gate(api_settings, api_clock, accepts, Nonces(api_clock)), Organization(api_clock, name))
    return Environment(name, auth, api, client, api_key, expired_key, Secret(text + " "), login, new_key(name))
