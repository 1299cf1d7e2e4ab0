"""Which credential does a request to the practice API carry, and is it good?"""

from __future__ import annotations

import base64
import binascii
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from typing import Any

from authwizard.demo.clock import Clock
from authwizard.demo.http_message import Request
from authwizard.demo.keys import SigningKey
from authwizard.demo.nonces import Nonces
from authwizard.demo.proofs import check_proof, digest_user
from authwizard.demo.settings import ApiSettings, HouseRule
from authwizard.demo.tokens import TokenRefusedError, check_target, check_times, scope_of, verified_claims
from authwizard.demo.wording import Reason, Refusal
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.secret import Secret

TOKEN68 = late_pattern(r"[A-Za-z0-9._~+/-]+=*")
"""What may stand behind `Bearer` (RFC 6750 2.1)."""


_RULES: Mapping[HouseRule, Reason] = {
    "step_up": Reason.WEAK_SIGN_IN, "claims": Reason.STALE_LOGIN, "person": Reason.NO_PERSON, "locked": Reason.LOCKED,
}  # fmt: skip


class RefusedError(Exception):
    """The request is not let through."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.reason.name)
        self.refusal = refusal


@dataclass(frozen=True)
class Acceptance:
    """What an API accepts: whose tokens, for whom, and which keys and logins (user name, password), with the scopes they carry.

    A key that carries none is one past its date: the API knows it still, and takes it no more.
    """

    issuer: str
    audience: str
    published: Callable[[], tuple[SigningKey, ...]]
    is_revoked: Callable[[object], bool]
    api_keys: Mapping[Secret, tuple[str, ...]]
    logins: Mapping[tuple[str, Secret], tuple[str, ...]]


@dataclass(frozen=True)
class Gate:
    """Lets a request through with its scopes, or raises RefusedError."""

    settings: ApiSettings
    clock: Clock
    accepts: Acceptance
    nonces: Nonces
    shown: dict[str, float] = field(default_factory=dict)
    """When each token was first shown, by a clock that nobody sets; kept only where tokens take time to become known."""

    def scopes_of(self, request: Request, version: str) -> tuple[str, ...]:
        """Return the scopes of the request's credential; raises RefusedError where it has none that is good."""
        takes_keys = version == "v3"
        fields = request.header_all("authorization")
        keys = request.header_all("x-api-key") if takes_keys else ()
        if len(fields) + len(keys) > 1:
            raise RefusedError(Refusal(Reason.SEVERAL, takes_api_keys=takes_keys))
        try:
            if keys:
                return self._by_api_key(keys[0])
            if self.settings.sessions and any("session=" in value for value in request.header_all("cookie")):
                raise TokenRefusedError(Reason.ENDED_SESSION)
            return self._by_scheme(fields, request)
        except TokenRefusedError as refused:
            refusal = Refusal(refused.reason, not_before=refused.not_before, takes_api_keys=takes_keys, nonce=self.nonces.new())
            raise RefusedError(refusal) from None

    def _by_scheme(self, fields: tuple[str, ...], request: Request) -> tuple[str, ...]:
        if self.settings.scheme == "Basic":
            return self._by_login(self._credentials(fields, "Basic"))
        if self.settings.scheme == "Digest":
            passwords = {user: password.reveal() for user, password in self.accepts.logins}
            user = digest_user(self._credentials(fields, "Digest"), request, passwords, self.nonces)
            return next(scopes for (name, _), scopes in self.accepts.logins.items() if name == user)
        if self.settings.bound_tokens and fields and fields[0].lower().startswith("dpop "):
            return self._by_token(self._credentials(fields, "DPoP"), request)
        return self._by_token(self._credentials(fields, "Bearer"), request)

    def _credentials(self, fields: tuple[str, ...], scheme: str) -> str:
        """Return what stands behind the scheme word; another scheme, or none, counts as no credential."""
        word, _, credentials = (fields[0] if fields else "").partition(" ")
        same = word.lower() == scheme.lower() if self.settings.any_case else word == scheme
        if not same or not credentials:
            raise TokenRefusedError(Reason.ABSENT)
        return credentials

    def _by_token(self, token: str, request: Request) -> tuple[str, ...]:
        if not TOKEN68.fullmatch(token):
            raise TokenRefusedError(Reason.MALFORMED)
        claims = verified_claims(token, self.accepts.published())
        check_target(claims, self.settings.trusted_issuer or self.accepts.issuer, self.accepts.audience)
        check_times(claims, self.clock.now())
        if self.accepts.is_revoked(claims.get("jti")):
            raise TokenRefusedError(Reason.SESSION_ENDED if self.settings.rule == "session" else Reason.REVOKED)
        if self.settings.bound_tokens:
            self._check_binding(token, claims.get("cnf"), request)
        self._by_house_rule(claims)
        self._learned(str(claims.get("jti")))
        return scope_of(claims)

    def _by_house_rule(self, claims: Mapping[str, Any]) -> None:
        """Refuse a good token for what this API asks of it besides."""
        of_an_application = claims.get("sub") == claims.get("client_id")
        reason = _RULES.get(self.settings.rule)
        if reason is not None and not (reason is Reason.NO_PERSON and not of_an_application):
            raise TokenRefusedError(reason)

    def _learned(self, token_id: str) -> None:
        if (
            self.settings.learning_seconds
            and time.monotonic() - self.shown.setdefault(token_id, time.monotonic()) < self.settings.learning_seconds
        ):
            raise TokenRefusedError(Reason.UNKNOWN_TOKEN)

    def _check_binding(self, token: str, bound: object, request: Request) -> None:
        """Hold a token to the key it names; no certificate is ever shown here, because nothing here speaks TLS."""
        if not isinstance(bound, dict):
            return
        if "x5t#S256" in bound:
            raise TokenRefusedError(Reason.NO_CERTIFICATE)
        proofs = request.header_all("dpop")
        if len(proofs) != 1:
            raise TokenRefusedError(Reason.NO_PROOF)
        url = f"http://{request.header('host') or ''}"
        check_proof(proofs[0], token, str(bound.get("jkt")), request, url, self.clock.now(), self.nonces)

    def _by_api_key(self, value: str) -> tuple[str, ...]:
        scopes = self.accepts.api_keys.get(Secret(value))
        if scopes is None:
            raise TokenRefusedError(Reason.BAD_API_KEY)
        if not scopes:
            raise TokenRefusedError(Reason.KEY_EXPIRED)
        return scopes

    def _by_login(self, encoded: str) -> tuple[str, ...]:
        try:
            pair = base64.b64decode(encoded, validate=True).decode("utf-8")
        except (binascii.Error, ValueError):
            raise TokenRefusedError(Reason.BAD_LOGIN) from None
        user, _, password = pair.partition(":")
        scopes = self.accepts.logins.get((user, Secret(password)))
        if scopes is None:
            raise TokenRefusedError(Reason.BAD_LOGIN)
        return scopes
