"""Which secrets does the practice profile hold, and how did they come to be wrong? Plain data, made into secrets at start."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import field
from typing import Literal

from authwizard.demo.damage import intact
from authwizard.demo.settings import MINUTE
from authwizard.model.frozen import dataclass

REQUESTED_SCOPES = ("read", "write", "logs:read")
"""What the practice profiles ask for."""


@dataclass(frozen=True)
class StoredToken:
    """How the stored access token was made and what became of it. Times in seconds of the authorization server's clock."""

    environment: Literal["prod", "staging"] = "prod"
    age: int = 5 * MINUTE
    postponed: int = 0
    """How long after its issue it begins to count (`nbf`)."""
    audience: str = ""
    """"" = the audience of its environment's API."""
    issuer_host: str = ""
    """The host its `iss` names instead of 127.0.0.1; "" = no other."""
    revoked: bool = False
    bound_to: Literal["", "key", "certificate"] = ""
    """What it says it is bound to (`cnf`); the key is stored as dpop_key, the certificate is nowhere."""
    groups: int = 0
    """How many groups it lists, as directories of large companies do."""
    damage: Callable[[str], str] = intact


@dataclass(frozen=True)
class Holdings:
    """The secrets of the practice profile `demo`."""

    access_token: StoredToken | Literal["refresh_token"] | None = field(default_factory=StoredToken)
    """Made as told; the refresh token's value by mistake; or none."""
    refresh_token: Literal["none", "live", "expired", "used"] = "none"
    client_secret: Literal["right", "wrong", "padded", "none"] = "right"
    """`padded`: the right one with a blank behind it."""
    private_key: bool = False
    """Whether the client signs assertions instead of sending its secret."""
    api_key: Literal["none", "own", "staging", "unknown", "expired"] = "none"
    login: bool = False
    """Whether a user name and a password are stored."""
    kept_digest: bool = False
    """Whether a Digest value is stored as it was sent an hour ago."""
    session: bool = False
    """Whether the cookie of a session that has ended is stored."""
    scopes: tuple[str, ...] = REQUESTED_SCOPES
    """What the profile asks the authorization server for."""
