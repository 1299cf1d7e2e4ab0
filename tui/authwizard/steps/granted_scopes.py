"""What may the holder of a token do, and which claim or answer says so? Pure reading, every dialect of the field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from authwizard.model.evidence import CredentialSeen, Introspection, MintedForRun
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile

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


def granted_to(
    profile: Profile, credential: CredentialSeen, minted: MintedForRun | None, introspection: Introspection | None
) -> tuple[Grants, ...] | None:  # fmt: skip
    """Return everything the stored token grants, by source; None where nothing says what it grants.

    A token answer without `scope` means "as requested" (RFC 6749 5.1), so it is not "none".
    """
    found: list[Grants] = []
    readable = credential.token is not None and credential.token.readable
    if credential.token is not None and readable:
        found += of_claims(credential.token.claims)
    if credential.fetched and minted is not None:
        asked = profile.oauth.scopes if profile.oauth is not None else ()
        scope = minted.answer.scope if minted.answer.scope is not None else " ".join(asked) if not readable else ""
        found += [Grants("token answer", split(scope))] if scope else []
    if introspection is not None and introspection.result.active and introspection.result.members.get("scope"):
        found.append(Grants("introspection", split(introspection.result.members["scope"])))
    return tuple(found) if found or readable else None
