"""What may the holder of a token do, and which claim or answer says so? Pure reading, every dialect of the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

CLAIMS = ("scope", "scp", "scopes", "roles", "permissions", "authorities", "groups", "cognito:groups", "entitlements")
"""Top-level claims that grant something: RFC 8693 4.2, RFC 9068 2.2.3, Entra (scp, roles), Auth0 (permissions), Cognito."""
NOT_IN_ACCESS_TOKENS = frozenset({"openid", "profile", "email", "address", "phone", "offline_access"})
"""Scopes of OpenID Connect that ask the authorization server for something and are often absent from the token itself."""


@dataclass(frozen=True)
class Grants:
    """Names granted by one source; `source` is a phrase such as "claim scope" or "token response"."""

    source: str
    names: tuple[str, ...]


def of_claims(claims: Mapping[str, Any]) -> tuple[Grants, ...]:
    """Read every claim that grants something, including Keycloak's nested roles."""
    found = [Grants(f"claim {name}", split(claims[name])) for name in CLAIMS if name in claims]
    realm = claims.get("realm_access")
    if isinstance(realm, Mapping):
        found.append(Grants("claim realm_access.roles", split(realm.get("roles"))))
    clients = claims.get("resource_access")
    if isinstance(clients, Mapping):
        for client, access in clients.items():
            if isinstance(access, Mapping):
                found.append(Grants(f"claim resource_access.{client}.roles", split(access.get("roles"))))
    return tuple(grants for grants in found if grants.names)


def split(value: Any) -> tuple[str, ...]:
    """Split a scope member: a text at white space (at commas where there is none), a list item by item."""
    if isinstance(value, str):
        parts = value.split()
        if len(parts) == 1 and "," in parts[0]:
            parts = [part.strip() for part in parts[0].split(",")]
        return tuple(dict.fromkeys(part for part in parts if part))
    if isinstance(value, (list, tuple)):
        return tuple(dict.fromkeys(part for item in value if isinstance(item, str) for part in item.split()))
    return ()


def union(grants: Iterable[Grants]) -> frozenset[str]:
    """Return all granted names."""
    return frozenset(name for one in grants for name in one.names)
