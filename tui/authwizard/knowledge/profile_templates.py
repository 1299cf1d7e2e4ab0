"""What do profiles of the usual kinds have in common? The defaults of `profile add --template NAME` and of a new form."""

from __future__ import annotations

from collections.abc import Mapping

from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Template:
    """One usual kind of profile: `fields` are defaults of options, `wants` groups of options of which one each is needed."""

    words: str
    fields: Mapping[str, str]
    wants: tuple[tuple[str, ...], ...] = ()


_SERVER = (("issuer", "token_url"), ("client_id",))
TEMPLATES: Mapping[str, Template] = {
    "bearer": Template("a token that somebody gave you", {"kind": "bearer"}),
    "api-key": Template("a key in the header X-API-Key", {"kind": "api_key", "header": "X-API-Key"}),
    "basic": Template("a user name and password", {"kind": "basic"}),
    "oidc-client-credentials": Template(
        "a program that fetches its own tokens with id and secret",
        {"kind": "bearer", "grant": "client_credentials", "client_auth": "client_secret_basic"}, _SERVER,
    ),
    "oidc-private-key": Template(
        "a program that fetches its own tokens with a signed assertion",
        {"kind": "bearer", "grant": "client_credentials", "client_auth": "private_key_jwt"}, _SERVER,
    ),
    "oidc-refresh-token": Template(
        "a person's sign-in that is renewed with a refresh token",
        {"kind": "bearer", "grant": "refresh_token", "client_auth": "none"}, _SERVER,
    ),
}  # fmt: skip
DEFAULTS: Mapping[str, str] = {"kind": "bearer", "header": "", "grant": "client_credentials", "client_auth": "client_secret_basic"}
"""Of the options that a template can set."""
