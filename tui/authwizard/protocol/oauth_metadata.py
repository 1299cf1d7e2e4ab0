"""Where does a server publish its metadata, and what does it say? (RFC 8414, OpenID Connect Discovery, RFC 9728)"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import SplitResult, urlsplit

from authwizard.model.late_pattern import late_pattern
from authwizard.model.oauth import AuthorizationServerMetadata, PublishedKey, ResourceMetadata
from authwizard.protocol.clean import safe_line

Difference = Literal["", "trailing_slash", "scheme", "case", "host", "port", "tenant", "realm", "version", "path"]
_ENTRA = late_pattern(r"(?i)^(?:login\.microsoftonline\.com|sts\.windows\.net)$")
_GUID = late_pattern(r"(?i)^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$")
MAX_KEYS = 200


def authorization_server_urls(issuer: str) -> tuple[str, ...]:
    """Return where an issuer's metadata may be, in the order to ask: RFC 8414 (path inserted), then OpenID Connect (path appended)."""
    parts = urlsplit(issuer.strip())
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    urls = (
        f"{origin}/.well-known/oauth-authorization-server{path}",
        f"{origin}{path}/.well-known/openid-configuration",
        f"{origin}/.well-known/openid-configuration{path}",
    )
    return tuple(dict.fromkeys(urls))


def resource_metadata_urls(resource: str) -> tuple[str, ...]:
    """Return where an API's RFC 9728 metadata may be: path inserted, then the origin's own."""
    parts = urlsplit(resource.strip())
    origin, path = f"{parts.scheme}://{parts.netloc}", parts.path.rstrip("/")
    base = f"{origin}/.well-known/oauth-protected-resource"
    return tuple(dict.fromkeys((f"{base}{path}", base)))


def read_metadata(body: str) -> AuthorizationServerMetadata:
    """Read authorization server metadata; raises ValueError where the text is no such document."""
    members = _object(body)
    if not isinstance(members.get("issuer"), str):
        raise ValueError("The document names no issuer, so it is no authorization server metadata.")
    return AuthorizationServerMetadata(
        issuer=_text(members, "issuer"),
        token_endpoint=_text(members, "token_endpoint"),
        jwks_uri=_text(members, "jwks_uri"),
        introspection_endpoint=_text(members, "introspection_endpoint"),
        revocation_endpoint=_text(members, "revocation_endpoint"),
        userinfo_endpoint=_text(members, "userinfo_endpoint"),
        grant_types_supported=_texts(members, "grant_types_supported"),
        token_endpoint_auth_methods_supported=_texts(members, "token_endpoint_auth_methods_supported"),
        scopes_supported=_texts(members, "scopes_supported"),
        code_challenge_methods_supported=_texts(members, "code_challenge_methods_supported"),
        dpop_signing_alg_values_supported=_texts(members, "dpop_signing_alg_values_supported"),
        device_authorization_endpoint=_text(members, "device_authorization_endpoint"),
        require_pushed_authorization_requests=members.get("require_pushed_authorization_requests") is True,
        mtls_endpoint_aliases=_aliases(members.get("mtls_endpoint_aliases")),
    )


def read_resource_metadata(body: str) -> ResourceMetadata:
    """Read protected resource metadata; raises ValueError where the text is no such document."""
    members = _object(body)
    if not isinstance(members.get("resource"), str):
        raise ValueError("The document names no resource, so it is no protected resource metadata.")
    return ResourceMetadata(
        _text(members, "resource"), _texts(members, "authorization_servers"), _texts(members, "scopes_supported"),
        _texts(members, "bearer_methods_supported"), _text(members, "jwks_uri"),
    )  # fmt: skip


def read_jwks(body: str) -> tuple[Mapping[str, Any], tuple[PublishedKey, ...]]:
    """Read a key set (RFC 7517 5): the raw object for verification and what may be shown of each key; raises ValueError."""
    members = _object(body)
    keys = members.get("keys")
    if not isinstance(keys, list):
        raise ValueError("The document has no list of keys, so it is no key set.")
    shown = tuple(
        PublishedKey(*(_text(key, name) for name in ("kid", "kty", "alg", "use"))) for key in keys[:MAX_KEYS] if isinstance(key, dict)
    )
    return {"keys": keys[:MAX_KEYS]}, shown


def issuer_difference(one: str, other: str) -> Difference:
    """Classify how two issuers differ; "" where they are the same string (RFC 8414 3.3 compares them exactly)."""
    if one == other:
        return ""
    if one.rstrip("/") == other.rstrip("/"):
        return "trailing_slash"
    try:
        a, b = urlsplit(one.rstrip("/")), urlsplit(other.rstrip("/"))
        ports = (a.port, b.port)
    except ValueError:
        return "path"
    return _difference(a, b, ports)


def _difference(a: SplitResult, b: SplitResult, ports: tuple[int | None, int | None]) -> Difference:
    hosts = ((a.hostname or ""), (b.hostname or ""))
    if a.geturl().lower() == b.geturl().lower():
        return "case"
    if all(_ENTRA.match(h) for h in hosts):
        return _entra(a, b)
    if hosts[0] != hosts[1]:
        return "host"
    if a.scheme.lower() != b.scheme.lower() and a.path == b.path:
        return "scheme"
    if ports[0] != ports[1]:
        return "port"
    if "/realms/" in a.path and "/realms/" in b.path:
        return "realm"
    return "path"


def _entra(a: SplitResult, b: SplitResult) -> Difference:
    tenants = [next((p for p in s.path.split("/") if _GUID.match(p)), s.path.strip("/").partition("/")[0]) for s in (a, b)]
    return "version" if tenants[0].lower() == tenants[1].lower() else "tenant"


def _object(body: str) -> dict[str, Any]:
    try:
        loaded = json.loads(body)
    except (ValueError, RecursionError):
        raise ValueError("The document is no JSON.") from None
    if not isinstance(loaded, dict):
        raise ValueError("The document is no JSON object.")
    return loaded


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return safe_line(value)[:2000] if isinstance(value, str) else ""


def _aliases(value: object) -> Mapping[str, str]:
    if not isinstance(value, dict):
        return {}
    return {safe_line(str(name))[:100]: _text(value, name) for name in list(value)[:20] if _text(value, name)}


def _texts(members: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = members.get(name)
    return tuple(safe_line(v)[:300] for v in value[:200] if isinstance(v, str)) if isinstance(value, list) else ()
