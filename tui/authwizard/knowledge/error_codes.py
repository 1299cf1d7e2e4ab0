"""What do the error codes of the standards say by themselves?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

Said = tuple[Literal["names_it", "hints"], tuple[str, ...]]
"""How sure the code is, and the causes it leaves, the likeliest first."""

_CLIENT = ("client_credentials_invalid", "client_unknown", "client_disabled", "client_auth_method_wrong", "client_credentials_missing")
_GRANT = ("refresh_token_invalid", "refresh_token_expired", "authorization_code_invalid", "authorization_code_reused", "token_revoked")

TOKEN_ENDPOINT: Mapping[str, Said] = {
    "invalid_client": ("hints", _CLIENT),
    "invalid_grant": ("hints", _GRANT),
    "unauthorized_client": ("hints", ("grant_not_allowed", "client_disabled", "client_unknown")),
    "unsupported_grant_type": ("hints", ("grant_not_allowed", "token_request_malformed")),
    "invalid_scope": ("hints", ("scope_unknown", "scope_not_granted", "scope_separator_wrong")),
    "invalid_target": ("names_it", ("audience_unknown",)),
    "interaction_required": ("hints", ("mfa_or_policy_required", "consent_or_policy_denied", "step_up_required")),
    "login_required": ("hints", ("mfa_or_policy_required", "session_expired")),
    "consent_required": ("hints", ("consent_or_policy_denied",)),
    "slow_down": ("names_it", ("rate_limited",)),
    "temporarily_unavailable": ("hints", ("auth_server_error",)),
}
"""RFC 6749 5.2, RFC 8707 2, RFC 8628 3.5, OpenID Connect Core 3.1.2.6: codes that only a token endpoint sends."""

CODES: Mapping[str, Said] = {
    **TOKEN_ENDPOINT,
    "insufficient_scope": ("names_it", ("insufficient_scope",)),
    "insufficient_user_authentication": ("names_it", ("step_up_required",)),
    "use_dpop_nonce": ("names_it", ("dpop_nonce_required",)),
    "invalid_dpop_proof": ("names_it", ("dpop_proof_invalid",)),
    "insufficient_claims": ("names_it", ("claims_challenge",)),
    "insufficient_authorization_details": ("names_it", ("insufficient_authorization_details",)),
    "expired_token": ("hints", ("token_expired", "device_code_expired")),
    "invalid_request": (
        "hints",
        ("authorization_header_malformed", "auth_scheme_wrong", "auth_scheme_missing", "duplicate_credentials", "token_malformed",
         "token_request_malformed"),
    ),
    "invalid_token": ("hints", ("token_rejected_unspecified", "token_expired", "token_revoked", "token_malformed", "signature_invalid")),
    "access_denied": ("hints", ("forbidden_by_policy", "consent_or_policy_denied", "token_rejected_unspecified")),
}  # fmt: skip
"""All codes: those above and RFC 6750 3.1, RFC 9449 7.1 and 8, RFC 9470 3, RFC 9396 12.

`invalid_request` and `access_denied` are sent by token endpoints as well; `expired_token` is RFC 8628's and used by some APIs.
"""

TOKEN_ENDPOINT_CODES = frozenset(TOKEN_ENDPOINT)

AT_TOKEN_ENDPOINT: Mapping[str, str] = {
    "token_expired": "refresh_token_expired",
    "token_revoked": "refresh_token_reused",
    "token_malformed": "refresh_token_invalid",
    "session_expired": "refresh_token_expired",
    "token_rejected_unspecified": "refresh_token_invalid",
    "api_key_invalid": "client_credentials_invalid",
}
"""What words about a token mean where no access token was handed in (there: a refresh token, mostly)."""
