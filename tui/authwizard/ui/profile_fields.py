"""Which fields does the profile form have, in which section, and what is to be written there?

Secrets are no fields: they have inputs of their own, and a reference (`ref_FIELD`) among the texts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

from authwizard.knowledge.profile_templates import DEFAULTS, TEMPLATES
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_OF_KIND, CredentialKind

SECTIONS = ("base", "credential", "oauth", "expectations", "network", "endpoints")


@dataclass(frozen=True)
class Field:
    """One field of the form: its key, the section it stands in, its label and what to write there."""

    key: str
    section: str
    label: str
    hint: str
    values: tuple[str, ...] = ()
    """The fixed values it can have, () for free text."""
    url: bool = False
    required: bool = False


FIELDS: tuple[Field, ...] = (
    Field("name", "base", "name", "A short name: letters, digits, dot, dash, underscore.", required=True),
    Field("environment", "base", "environment", "Production asks before anything that has consequences.",
          ("other", "development", "staging", "production")),
    Field("base_url", "base", "base URL", "Where the API is, e.g. https://api.example.com", url=True, required=True),
    Field("request", "base", "request", "The request that fails, e.g. GET /v2/orders", required=True),
    Field("template", "base", "begin from", "", tuple(TEMPLATES)),
    Field("probe", "base", "harmless request", "Sent for tests where the request changes data, e.g. GET /v2/me"),
    Field("whoami", "base", "who-am-I request", "Any endpoint that only needs a live token, e.g. GET /userinfo"),
    Field("headers", "base", "further headers", "Not secrets, e.g. X-Tenant: acme; Accept: application/json"),
    Field("origin_url", "base", "origin URL", "The same API behind its edge or gateway, where you can reach it.", url=True),
    Field("browser_origin", "base", "browser origin", "Checks the CORS preflight for a page from here, e.g. https://app.example.com", url=True),
    Field("client", "base", "your client", "What your program sends with: clients differ in what they do to a header.",
          ("other", "curl", "requests", "httpx", "dotnet", "fetch", "java", "go", "postman")),
    Field("known_good", "base", "known good profile", "A profile of the same API whose credential works on this request."),
    Field("kind", "credential", "kind", "What the API takes as a credential.",
          ("bearer", "basic", "api_key", "digest", "dpop", "mtls", "cookie")),
    Field("place", "credential", "sent in", "Which part of the request carries it.", ("header", "query", "cookie")),
    Field("place_name", "credential", "under the name", "Name of the header, query parameter or cookie; empty = Authorization."),
    Field("scheme", "credential", "scheme word", "As your program spells it; empty = the usual word, none = the bare value."),
    Field("charset", "credential", "character set", "For Basic and Digest with letters outside ASCII.", ("utf-8", "latin-1")),
    Field("issuer", "oauth", "issuer", "The authorization server; its discovery document fills in the rest.", url=True),
    Field("token_url", "oauth", "token URL", "Empty = from discovery.", url=True),
    Field("client_id", "oauth", "client id", "The identifier of your client."),
    Field("client_auth", "oauth", "client sends", "How the client proves itself at the token endpoint.",
          ("client_secret_basic", "client_secret_post", "private_key_jwt", "tls_client_auth", "none")),
    Field("grant", "oauth", "grant", "How you get your tokens.",
          ("client_credentials", "refresh_token", "authorization_code", "device_code")),
    Field("scopes", "oauth", "scopes", "Separated by spaces, e.g. read write"),
    Field("audience", "oauth", "audience", "Where the server wants one in the token request."),
    Field("resource", "oauth", "resource", "RFC 8707 resource, where the server wants one."),
    Field("jwks_url", "oauth", "key set URL", "Empty = from discovery.", url=True),
    Field("introspection_url", "oauth", "introspection URL", "Empty = from discovery.", url=True),
    Field("revocation_url", "oauth", "revocation URL", "Empty = from discovery.", url=True),
    Field("key_id", "oauth", "key id", "For private_key_jwt: the kid the server knows your key by."),
    Field("assertion_alg", "oauth", "assertion algorithm", "For private_key_jwt, e.g. RS256 or ES256."),
    Field("assertion_audience", "oauth", "assertion audience", "For private_key_jwt; empty = the token endpoint."),
    Field("expect_issuer", "expectations", "issuer", "The iss the API is known to accept."),
    Field("expect_audience", "expectations", "audience", "The aud values the API is known to accept, separated by spaces."),
    Field("expect_type", "expectations", "token type", "The typ the API wants, e.g. at+jwt; empty = unknown."),
    Field("leeway_seconds", "expectations", "leeway, seconds", "By how much clocks may differ, usually 60."),
    Field("timeout_seconds", "network", "time limit, seconds", "For one request."),
    Field("ca_bundle", "network", "CA bundle", "A PEM file of your own certificate authority; empty = the system's."),
    Field("client_cert", "network", "client certificate", "A PEM file with certificate and key, for mutual TLS."),
    Field("proxy", "network", "proxy", "env = from the environment, none, or a URL."),
    Field("ntp_server", "network", "time server", "For step 6; none switches the query off."),
    Field("request_ids", "network", "request ids", "Send X-Request-Id and traceparent, so that logs can be matched.", ("yes", "no")),
)  # fmt: skip

OAUTH_SECRETS: Mapping[str, tuple[str, ...]] = {
    "client_auth": ("client_secret",),
    "grant": ("refresh_token",),
    "assertion_audience": ("private_key",),
}
"""The secrets of the authorization server's side, each below the field it belongs to."""
ENDPOINTS_HINT = "One a line, e.g. GET /v2/devices needs read or devices:read and devices:list expects 200"
ENDPOINT = late_pattern(r"(?P<request>[A-Z]+ \S+)(?: needs (?P<scopes>.+?))?(?: expects (?P<status>[1-5]\d\d))?\Z")
"""One line of the scope table, as the form writes and reads it."""


def template_values(name: str) -> dict[str, str]:
    """Return the values of fields that a template sets."""
    fields = {**DEFAULTS, **TEMPLATES[name].fields}
    return {
        "kind": fields["kind"],
        "place": "header",
        "place_name": fields["header"],
        "grant": fields["grant"],
        "client_auth": fields["client_auth"],
    }


def secrets_after(key: str, kind: str) -> tuple[str, ...]:
    """Return the secret fields that stand below a field, given the kind of the credential."""
    if key == "charset":
        return (*SECRET_OF_KIND.get(cast("CredentialKind", kind), ()), "second_credential")
    return OAUTH_SECRETS.get(key, ())


def section_of(key: str) -> str:
    """Return the section a field, a reference or the scope table stands in."""
    if key == "endpoints":
        return "endpoints"
    if key.startswith("ref_"):
        return "oauth" if any(key[4:] in fields for fields in OAUTH_SECRETS.values()) else "credential"
    return next(f.section for f in FIELDS if f.key == key)
