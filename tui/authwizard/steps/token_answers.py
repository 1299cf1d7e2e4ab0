"""What does a token endpoint's answer say, and may a byte fault of a client secret or refresh token be to blame? Pure."""

from __future__ import annotations

import re
from dataclasses import replace

from authwizard.knowledge.token_errors import cause_of_token_error, refuses_client
from authwizard.model.evidence import CredentialSeen, Discovery, SecretState, TokenGrant
from authwizard.model.finding import Argument, Grade, Group
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile
from authwizard.model.token import GUESS, HINT
from authwizard.steps.answers import explained
from authwizard.steps.clock_model import Now
from authwizard.steps.token_times import time_faults, times_of

TOKEN_ERROR_CAUSES = (
    "account_disabled", "account_locked", "audience_unknown", "auth_server_error", "authorization_code_invalid",
    "authorization_code_reused", "captcha_required", "client_assertion_invalid", "client_auth_method_wrong",
    "client_credentials_invalid", "client_credentials_missing", "client_disabled", "client_key_unknown", "client_secret_encoding",
    "client_secret_expired",
    "client_unknown", "clock_skew_client", "consent_or_policy_denied", "device_code_expired", "dpop_nonce_required",
    "dpop_proof_invalid", "dpop_required", "environment_mismatch", "grant_not_allowed", "ip_not_allowed", "mfa_or_policy_required",
    "mtls_certificate_expired", "mtls_certificate_mismatch", "mtls_certificate_missing", "pkce_mismatch", "rate_limited",
    "redirect_uri_mismatch", "refresh_client_mismatch", "refresh_scope_widened", "refresh_token_expired", "refresh_token_invalid",
    "refresh_token_missing", "refresh_token_reused", "scope_not_granted", "scope_unknown", "secret_id_instead_of_value", "session_expired",
    "sso_authorization_required", "tenant_mismatch", "token_endpoint_wrong", "token_expired", "token_request_malformed",
    "user_credentials_invalid", "waf_blocked", "wrong_authorization_server", "wrong_subject_type",
)  # fmt: skip
"""Every cause a refused token request can name."""
BYTE_CAUSES = (
    "whitespace_in_credential", "placeholder_value", "line_break_in_token", "invisible_characters", "non_ascii_in_token",
    "quotes_in_token", "wrapper_in_token", "token_response_pasted", "double_encoded_token", "url_encoded_token",
    "secret_id_instead_of_value", "client_id_secret_swapped",
)  # fmt: skip
"""What can be wrong with the text of a secret or an id."""
SHARED_STATE = frozenset({"client_disabled", "account_locked", "account_disabled", "mfa_or_policy_required", "ip_not_allowed"})
"""What the authorization server and the API may both refuse for."""
_KEY_NOT_FOUND = late_pattern(
    r"(?:unable|cannot|can't|could not|failed|no)\b.{0,30}\b(?:find|load|get|resolve|locate|match\w*)\b.{0,30}\b(?:key|kid|jwk|certificate)",
    re.IGNORECASE,
)
GUESSED = frozenset({"secret_id_instead_of_value", "client_id_secret_swapped"})
"""Told by shape alone, which an honest secret may have too."""


def arguments_of(grant: TokenGrant) -> tuple[Argument, ...]:
    """Return what a refused token request argues for; () for one that succeeded or was not answered."""
    if grant.answer.ok or grant.exchange.status is None:
        return ()
    if _blocked_in_front(grant):
        text = f"A firewall in front of the token endpoint answers {grant.exchange.status}: the request did not reach it."
        return (Argument("waf_blocked", Grade.S, Group.TOKEN_ENDPOINT, text),)
    found = cause_of_token_error(
        grant.answer, grant=grant.grant, client_auth=grant.client_auth, status=grant.exchange.status, content_type=grant.answer.content_type
    )
    arguments = tuple(Argument(cause, Grade(grade), Group.TOKEN_ENDPOINT, text) for cause, grade, text in found)
    return _about_the_key(grant, arguments) if grant.client_auth == "private_key_jwt" else arguments


def _blocked_in_front(grant: TokenGrant) -> bool:
    """Whether a bot or firewall page answered, and not a token endpoint (which answers with a code of its own)."""
    if grant.answer.error or grant.exchange.status not in (403, 406, 429, 503):
        return False
    return grant.exchange.header("cf-mitigated") is not None or "waf_blocked" in explained(grant.exchange).message.causes


def _about_the_key(grant: TokenGrant, arguments: tuple[Argument, ...]) -> tuple[Argument, ...]:
    """Where the words say that the assertion's key is not known, that is the cause, and the refused assertion its consequence."""
    general = next((a for a in arguments if a.cause == "client_assertion_invalid"), None)
    named = any(a.cause == "client_key_unknown" for a in arguments) or _KEY_NOT_FOUND.search(grant.answer.error_description)
    if general is None or not named:
        return arguments
    return (replace(general, cause="client_key_unknown"), replace(general, grade=Grade.M))


def issuer_unanswered(profile: Profile, discovery: Discovery | None) -> bool:
    """Whether no token could be fetched for the run because the issuer did not even say where its token endpoint is: no answer, or a 5xx."""
    oauth = profile.oauth
    if oauth is None or oauth.token_url or oauth.grant != "client_credentials" or discovery is None or discovery.metadata is not None:
        return False
    return bool(discovery.exchanges) and all(e.status is None or e.status >= 500 for e in discovery.exchanges)


def weighed(arguments: tuple[Argument, ...], *, renewal_needed: bool) -> tuple[Argument, ...]:
    """Lower what a refused token request says about a refusal by the API: a token in hand that has not expired needs no renewal.

    The state of the client or account itself stays strong, since the API may ask for it.
    """
    if renewal_needed:
        return arguments
    strong = (Grade.P, Grade.S)
    return tuple(replace(a, grade=Grade.M) if a.grade in strong and a.cause not in SHARED_STATE else a for a in arguments)


def renewal_is_needed(credential: CredentialSeen | None, now: Now) -> bool:
    """Whether the run needs a new token at all: none is stored, or the stored one is past its time."""
    if credential is None or credential.field_value is None or credential.fetched:
        return True
    return "expired" in time_faults(times_of(credential.token), now, 0)


def client_was_refused(grant: TokenGrant) -> bool:
    """Whether the token endpoint refused the client itself, not the grant or the scope (RFC 6749 5.2: 400 and 401 are both legal)."""
    return refuses_client(grant.answer)


def hygiene_arguments(what: str, state: SecretState, grade: Grade) -> tuple[Argument, ...]:
    """Return the byte faults of a secret as arguments of a grade; what is guessed from a shape is at most moderate."""
    found: dict[str, Argument] = {}
    for fault in state.faults:
        if fault.cause in BYTE_CAUSES:
            guessed = fault.cause in GUESSED or fault.part == GUESS
            fitting = Grade.W if fault.part == HINT else Grade.M if grade is Grade.S and guessed else grade
            found.setdefault(fault.cause, Argument(fault.cause, fitting, Group.LOCAL_BYTES, f"The stored {what}: {_told(fault.text)}"))
    return tuple(found.values())


def _told(text: str) -> str:
    plain = text.rstrip(".")
    return f"{plain[:1].lower()}{plain[1:]}."
