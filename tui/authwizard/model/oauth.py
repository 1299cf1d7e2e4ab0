"""What an authorization server said: token answers, metadata, key sets, introspection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from authwizard.model.frozen import dataclass
from authwizard.model.secret import Secret


@dataclass(frozen=True)
class TokenAnswer:
    """A token endpoint's answer (RFC 6749 5.1, 5.2); texts neutralised, token values as Secret."""

    ok: bool
    status: int | None = None
    content_type: str = ""
    is_json: bool = False
    access_token: Secret | None = None
    refresh_token: Secret | None = None
    id_token: Secret | None = None
    token_type: str = ""
    expires_in: int | None = None
    scope: str | None = None
    """None = the member is absent, which means "as requested" (RFC 6749 5.1)."""
    error: str = ""
    error_description: str = ""
    error_uri: str = ""
    error_codes: tuple[str, ...] = ()
    """Vendor numbers found in the answer, e.g. AADSTS7000215."""
    suberror: str = ""
    """A further code beside `error`: `suberror` of Microsoft Entra, `error_subtype` of Google."""


@dataclass(frozen=True)
class AuthorizationServerMetadata:
    """RFC 8414 or OpenID Connect discovery metadata, as far as it is used; "" or () where absent."""

    issuer: str = ""
    token_endpoint: str = ""
    jwks_uri: str = ""
    introspection_endpoint: str = ""
    revocation_endpoint: str = ""
    userinfo_endpoint: str = ""
    grant_types_supported: tuple[str, ...] = ()
    token_endpoint_auth_methods_supported: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] = ()
    code_challenge_methods_supported: tuple[str, ...] = ()
    dpop_signing_alg_values_supported: tuple[str, ...] = ()
    device_authorization_endpoint: str = ""
    require_pushed_authorization_requests: bool = False
    mtls_endpoint_aliases: Mapping[str, str] = field(default_factory=dict)
    """Endpoints for clients with a certificate, by the name of the endpoint they stand for (RFC 8705 5)."""


@dataclass(frozen=True)
class ResourceMetadata:
    """RFC 9728 protected resource metadata, as far as it is used."""

    resource: str = ""
    authorization_servers: tuple[str, ...] = ()
    scopes_supported: tuple[str, ...] = ()
    bearer_methods_supported: tuple[str, ...] = ()
    jwks_uri: str = ""


@dataclass(frozen=True)
class PublishedKey:
    """One key of a JWKS, without its material."""

    kid: str = ""
    kty: str = ""
    alg: str = ""
    use: str = ""


@dataclass(frozen=True)
class Introspected:
    """An introspection answer (RFC 7662 2.2): `active` None where the endpoint did not answer the question."""

    active: bool | None
    members: Mapping[str, Any] = field(default_factory=dict)
    error: str = ""
