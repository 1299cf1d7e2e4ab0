"""How is the practice platform written down as profiles (DESIGN section 4)?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authwizard.demo.environment import Environment
from authwizard.demo.holdings import Holdings
from authwizard.demo.resources import ENDPOINTS
from authwizard.demo.settings import LEEWAY, PlatformSettings
from authwizard.model.secret import Secret
from authwizard.protocol.toml_text import toml_document

Document = dict[str, Any]
HEAD = "# The practice platform of authwizard: made anew at every start, on this machine only.\n"


def demo_profile(prod: Environment, base_url: str, ntp_server: str, settings: PlatformSettings, held: Holdings) -> Document:
    """Return the profile `demo`, production in all its settings, before a fault changes it."""
    document = _common(prod, base_url, ntp_server, held, "production")
    if "oauth" in document and not settings.introspection:
        del document["oauth"]["introspection_url"]
    return document


def staging_profile(staging: Environment, base_url: str, ntp_server: str, held: Holdings) -> Document:
    """Return the profile `staging`, with nothing wrong in it."""
    plain = Holdings(scopes=held.scopes, api_key="none" if held.api_key == "none" else "own")
    return _common(staging, base_url, ntp_server, plain, "staging")


def merged(document: Mapping[str, Any], changes: Mapping[str, Any]) -> Document:
    """Return a document with changes laid over it: tables are merged, None takes a key out."""
    result = dict(document)
    for key, value in changes.items():
        if value is None:
            result.pop(key, None)
        elif isinstance(value, Mapping):
            result[key] = merged(result.get(key, {}), value)
        else:
            result[key] = value
    return result


def with_references(documents: Mapping[str, Document], secrets: Mapping[str, Mapping[str, Secret]]) -> dict[str, Document]:
    """Return the profiles with an `env:` reference for every secret they have."""
    return {
        name: merged(document, {"secrets": {field: f"env:{variable(name, field)}" for field in secrets[name]}})
        for name, document in documents.items()
    }


def variable(profile: str, field: str) -> str:
    """Return the environment variable that carries a secret while the platform is only served."""
    middle = "" if profile == "demo" else f"{profile.upper()}_"
    return f"AUTHWIZARD_DEMO_{middle}{field.upper()}"


def to_toml(documents: Mapping[str, Document]) -> str:
    """Write profiles as `profiles.toml` has them."""
    return HEAD + toml_document({"version": 1, "profile": documents})


def _common(source: Environment, base_url: str, ntp_server: str, held: Holdings, environment: str) -> Document:
    version = "v2" if held.api_key == "none" else "v3"
    document: Document = {
        "environment": environment,
        "base_url": base_url,
        "request": f"GET /{version}/organizations/current",
        "client": "curl",
        "credential": _credential(held),
    }
    if held.api_key == "none":
        document["oauth"] = _oauth(source, held)
        document["expect"] = {"issuer": source.auth.issuer, "audience": [source.audience], "leeway_seconds": LEEWAY}
    return document | {
        "network": {"proxy": "none", "ntp_server": ntp_server},
        "links": {"portal": "https://admin.company-x.test", "docs": "https://docs.company-x.test/authentication"},
        "endpoints": _endpoints(version),
    }


def _credential(held: Holdings) -> Document:
    if held.api_key != "none":
        return {"kind": "api_key", "header": "X-Api-Key"}
    return {"kind": "bearer", "header": "Authorization", "scheme": "Bearer"}


def _oauth(source: Environment, held: Holdings) -> Document:
    issuer = source.auth.issuer
    document: Document = {
        "issuer": issuer,
        "token_url": issuer + "/oauth/token",
        "introspection_url": issuer + "/oauth/introspect",
        "revocation_url": issuer + "/oauth/revoke",
        "client_id": source.client.id,
        "client_auth": "client_secret_basic",
        "grant": "client_credentials" if held.refresh_token == "none" else "refresh_token",
        "scopes": list(held.scopes),
        "audience": source.audience,
    }
    if held.private_key:
        document |= {"client_auth": "private_key_jwt", "key_id": source.client.key.kid, "assertion_alg": source.client.key.alg}
    return document


def _endpoints(version: str) -> list[Document]:
    # The row without scopes stays out: it is the request itself. `logs/*` becomes one log that can be called.
    return [{"request": f"{e.method} /{version}{e.path.replace('*', 'audit')}", "scopes": list(e.scopes)} for e in ENDPOINTS if e.scopes]
