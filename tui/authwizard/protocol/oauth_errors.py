"""Which cause does a refused token request name? (RFC 6749 5.2; numbers of vendors are sure, their words are not)"""

from __future__ import annotations

import re

from authwizard.model.oauth import TokenAnswer

Named = tuple[str, str, str]
"""A cause, the grade of the evidence, and the sentence."""

BY_NUMBER: dict[str, tuple[str, str]] = {
    "AADSTS7000222": ("client_secret_expired", "S"),
    "AADSTS7000215": ("client_credentials_invalid", "S"),
    "AADSTS700016": ("client_unknown", "M"),
    "AADSTS500011": ("audience_unknown", "S"),
    "AADSTS50076": ("mfa_or_policy_required", "S"),
    "AADSTS53003": ("mfa_or_policy_required", "S"),
    "AADSTS50053": ("account_locked", "S"),
    "AADSTS700082": ("refresh_token_expired", "S"),
    "AADSTS70008": ("refresh_token_expired", "S"),
    "AADSTS65001": ("consent_or_policy_denied", "S"),
}
"""learn.microsoft.com, Microsoft Entra authentication error codes."""

BY_CODE: dict[str, tuple[str, str]] = {
    "invalid_client": ("client_credentials_invalid", "S"),
    "unauthorized_client": ("grant_not_allowed", "S"),
    "invalid_scope": ("scope_unknown", "S"),
    "invalid_target": ("audience_unknown", "S"),
    "invalid_request": ("token_request_malformed", "S"),
    "access_denied": ("consent_or_policy_denied", "S"),
    "interaction_required": ("mfa_or_policy_required", "S"),
    "login_required": ("mfa_or_policy_required", "S"),
    "invalid_dpop_proof": ("dpop_proof_invalid", "S"),
    "use_dpop_nonce": ("dpop_nonce_required", "S"),
    "slow_down": ("rate_limited", "S"),
    "temporarily_unavailable": ("auth_server_error", "S"),
    "server_error": ("auth_server_error", "S"),
    "expired_token": ("device_code_expired", "S"),
}

STANDARD = frozenset({"invalid_grant", "unsupported_grant_type", *BY_CODE})
"""Error codes that only an authorization server writes."""

CLIENT_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"no client (authentication|credentials)|client (authentication|credentials) (is |are )?(missing|required)",
        "client_credentials_missing",
        "S",
    ),
    (r"secret.{0,30}expired|expired.{0,30}secret", "client_secret_expired", "S"),
    (r"disabled|deactivated|suspended|inactive client|client is not (active|enabled)", "client_disabled", "S"),
    (r"revoked|deleted", "client_unknown", "M"),
    (r"no (such )?client (with|of|by)|client.{0,40}(is |was )?(not registered|unregistered)", "client_unknown", "S"),
    (r"(unknown|no such|not found|no matching|unregistered) (oauth )?(client|application)", "client_unknown", "M"),
    (r"(client|application).{0,60}(not found|unknown|does not exist|no_matching)", "client_unknown", "M"),
    (
        r"(authentication )?method.{0,40}(not (allowed|supported|permitted|registered)|mismatch|unsupported)|unsupported (client )?authentication",
        "client_auth_method_wrong",
        "M",
    ),
    (r"locked", "account_locked", "M"),
)
REFRESH_WORDS: tuple[tuple[str, str, str], ...] = (
    (r"reuse|already (been )?used|stale token|was used before|replay|used more than once", "refresh_token_reused", "S"),
    (r"invalid or expired|expired or (invalid|revoked)|expired, revoked|invalid, expired", "refresh_token_invalid", "M"),
    (r"expired|token is not active|session not active|offline user session not found|inactive", "refresh_token_expired", "S"),
    (r"revoked", "refresh_token_reused", "M"),
    (r"(issued to|belongs to|different|another) (an?other |a different )?client", "refresh_client_mismatch", "S"),
)
ASSERTION_WORDS: tuple[tuple[str, str, str], ...] = (
    (
        r"(unknown|no matching|not find|not found).{0,30}(key|kid)|(key|kid).{0,30}(unknown|not found|not registered)",
        "client_key_unknown",
        "M",
    ),
)


def cause_of_token_error(answer: TokenAnswer, *, grant: str, client_auth: str, status: int | None, content_type: str) -> tuple[Named, ...]:
    """Return what a refused token request names, the strongest first; () for a success or where no answer came."""
    if status is None or answer.ok:
        return ()
    said = _said(answer, status)
    for number in answer.error_codes:
        if number in BY_NUMBER:
            cause, grade = BY_NUMBER[number]
            return ((cause, grade, f"{said} {number} names it."),)
    if status in (404, 405) and answer.error not in STANDARD:
        return (("token_endpoint_wrong", "S", f"{said} There is no token endpoint at this address."),)
    if status == 429:
        return (("rate_limited", "S", f"{said} Too many requests were made."),)
    if status >= 500:
        return (("auth_server_error", "S", f"{said} The authorization server itself failed."),)
    if not answer.error:
        return _without_code(answer, status, content_type, said)
    if answer.error == "invalid_grant":
        return (_grant(answer, grant, said),)
    if answer.error == "invalid_client":
        return _client(answer, client_auth, said)
    if answer.error == "invalid_scope" and grant == "refresh_token":
        return (("refresh_scope_widened", "S", f"{said} A refresh cannot ask for more than was granted."),)
    if answer.error == "invalid_request":
        return (_request(answer, said),)
    if answer.error == "unsupported_grant_type":
        return (("grant_not_allowed", "S", f"{said} The server does not offer this grant."), ("token_request_malformed", "W", said))
    if answer.error in BY_CODE:
        cause, grade = BY_CODE[answer.error]
        return ((cause, grade, said),)
    words = _by_words(answer.error_description, CLIENT_WORDS)
    return ((words[0], "M", said),) if words else (("token_request_malformed", "W", said),)


def _said(answer: TokenAnswer, status: int) -> str:
    code = f" {answer.error}" if answer.error else ""
    words = f' ("{answer.error_description[:160]}")' if answer.error_description else ""
    return f"The token endpoint answers {status}{code}{words}."


def _without_code(answer: TokenAnswer, status: int, content_type: str, said: str) -> tuple[Named, ...]:
    if status in (404, 405) or 300 <= status < 400 or content_type == "text/html" or status < 300:
        return (("token_endpoint_wrong", "S", f"{said} This is not how a token endpoint answers."),)
    words = _by_words(answer.error_description, CLIENT_WORDS)
    if words:
        return ((words[0], "M", said),)
    if status in (400, 401, 403):
        return (("client_credentials_invalid", "M" if status == 401 else "W", f"{said} It names no error."),)
    return (("token_endpoint_wrong", "M", f"{said} This is not how a token endpoint answers."),)


def _client(answer: TokenAnswer, client_auth: str, said: str) -> tuple[Named, ...]:
    words = _by_words(answer.error_description, (*ASSERTION_WORDS, *CLIENT_WORDS) if client_auth == "private_key_jwt" else CLIENT_WORDS)
    general = "client_assertion_invalid" if client_auth == "private_key_jwt" else "client_credentials_invalid"
    if words is None:
        return ((general, "S", f"{said} It refuses this client's authentication."),)
    cause, grade = words
    return (
        ((cause, grade, said),)
        if grade == "S"
        else ((general, "S", f"{said} It refuses this client's authentication."), (cause, grade, said))
    )


def _grant(answer: TokenAnswer, grant: str, said: str) -> Named:
    if grant == "authorization_code":
        return ("authorization_code_invalid", "S", said)
    if grant == "password":
        return ("user_credentials_invalid", "S", said)
    if grant != "refresh_token":
        return ("client_credentials_invalid", "M", said)
    words = _by_words(answer.error_description, REFRESH_WORDS)
    if words is None:
        return ("refresh_token_invalid", "M", f"{said} The code covers an expired, revoked, reused and foreign refresh token alike.")
    return (words[0], words[1], said)


def _request(answer: TokenAnswer, said: str) -> Named:
    missing = _by_words(answer.error_description, CLIENT_WORDS[:1]) or (
        ("client_credentials_missing", "S")
        if re.search(r"no client authentication mechanism provided", answer.error_description, re.IGNORECASE)
        else None
    )
    return (
        (missing[0], missing[1], f"{said} The server saw no client authentication.") if missing else ("token_request_malformed", "S", said)
    )


def _by_words(text: str, rows: tuple[tuple[str, str, str], ...]) -> tuple[str, str] | None:
    return next(((cause, grade) for pattern, cause, grade in rows if re.search(pattern, text, re.IGNORECASE)), None)
