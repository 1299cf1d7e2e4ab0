"""Which tokens of an authorization server are spent, revoked or still good?"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from authwizard.demo.oauth_refusal import OAuthRefusedError
from authwizard.demo.settings import HOUR
from authwizard.demo.tokens import Authority

REFRESH_LIFETIME = 30 * 24 * HOUR
"""Seconds an unused refresh token lives."""


@dataclass
class RefreshRecord:
    """A refresh token as the server remembers it. `family` joins all tokens that go back to one sign-in."""

    authority: Authority
    expires_at: float
    family: str
    used: bool = False
    revoked: bool = False


class Ledger:
    """The memory of one authorization server: refresh tokens, and which access tokens were revoked."""

    def __init__(self) -> None:
        self._refresh: dict[str, RefreshRecord] = {}
        self._family_of: dict[str, str] = {}
        self._dead_families: set[str] = set()
        self._dead_tokens: set[str] = set()

    def new_refresh_token(self, authority: Authority, expires_at: float, family: str = "") -> tuple[str, str]:
        """Return a new refresh token and its family; a family is begun where none is given."""
        token = "cxr_" + secrets.token_urlsafe(32)
        family = family or secrets.token_hex(8)
        self._refresh[token] = RefreshRecord(authority, expires_at, family)
        return token, family

    def spend(self, token: str, client_id: str, now: float) -> RefreshRecord:
        """Use a refresh token, once; raises OAuthRefusedError.

        A token that comes a second time was stolen or kept by mistake: the whole family dies (RFC 9700 4.14.2).
        """
        record = self._refresh.get(token)
        if record is None:
            raise OAuthRefusedError("invalid_grant", "The refresh token is not known.")
        if record.authority.client_id != client_id:
            raise OAuthRefusedError("invalid_grant", "The refresh token was issued to another client.")
        if record.used:
            self._dead_families.add(record.family)
            raise OAuthRefusedError("invalid_grant", "The refresh token was already used; all tokens of this sign-in are revoked.")
        if record.revoked or record.family in self._dead_families:
            raise OAuthRefusedError("invalid_grant", "The refresh token has been revoked.")
        if now >= record.expires_at:
            raise OAuthRefusedError("invalid_grant", "The refresh token has expired.")
        record.used = True
        return record

    def refresh_record(self, token: str) -> RefreshRecord | None:
        """Return what is remembered of a refresh token, or None."""
        return self._refresh.get(token)

    def refresh_is_good(self, record: RefreshRecord, now: float) -> bool:
        """Tell whether a refresh token could be used now."""
        return not (record.used or record.revoked or record.family in self._dead_families or now >= record.expires_at)

    def join_family(self, jti: str, family: str) -> None:
        """Remember that an access token goes back to a sign-in, and dies with it."""
        self._family_of[jti] = family

    def revoke_access_token(self, jti: str) -> None:
        """Revoke one access token."""
        self._dead_tokens.add(jti)

    def revoke_family(self, family: str) -> None:
        """Revoke everything that goes back to one sign-in."""
        self._dead_families.add(family)

    def is_revoked(self, jti: object) -> bool:
        """Tell whether an access token was revoked, by itself or with its family."""
        return isinstance(jti, str) and (jti in self._dead_tokens or self._family_of.get(jti, "") in self._dead_families)
