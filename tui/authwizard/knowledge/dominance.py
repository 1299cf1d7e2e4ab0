"""Which cause explains which other one away? The root is shown, the other becomes its mechanism.

The relation is direct; a reader follows it from mechanism to mechanism. Where the server's words name a mechanism, they count
for the root as well, since the root is what made the server say them.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

from authwizard.model.frozen import dataclass

Condition = Literal["always", "only_local_clock", "alive_by_reference_clock", "renewal_failed", "realm_is_api", "a_or_d_strong"]
"""When a rule holds.

always                    whenever both causes are listed
only_local_clock          all that speaks for the mechanism rests on this machine's clock
alive_by_reference_clock  by a time server or the issuer's clock the token has not expired, beyond the leeway
renewal_failed            the profile's own renewal was tried in this run and failed
realm_is_api              the challenge's realm is the API's own, not that of a gate in front of it
a_or_d_strong             the root (of family A or D) has a strong argument or a proof
"""


@dataclass(frozen=True)
class Rule:
    """Each of `roots` explains each of `mechanisms` (never itself) where the condition holds."""

    roots: frozenset[str]
    mechanisms: frozenset[str]
    condition: Condition = "always"


def _codes(text: str) -> frozenset[str]:
    return frozenset(text.split())


BYTE_FAULTS = _codes(
    "placeholder_value whitespace_in_credential line_break_in_token invisible_characters non_ascii_in_token quotes_in_token"
    " wrapper_in_token token_response_pasted double_encoded_token url_encoded_token standard_base64_token token_case_folded"
    " token_truncated token_concatenated"
)
"""What is wrong with the stored text itself, whatever it stands for."""

FAMILY_A = BYTE_FAULTS | _codes(
    "credential_missing keyring_unavailable basic_malformed basic_charset secret_id_instead_of_value client_id_secret_swapped"
    " session_token_missing user_credentials_invalid"
)

FAMILY_D = _codes(
    "auth_header_name_wrong auth_scheme_missing auth_scheme_duplicated auth_scheme_wrong auth_scheme_case_rejected"
    " credential_location_wrong second_credential_missing digest_required negotiate_required sigv4_required dpop_required"
    " digest_stale_nonce digest_algorithm_unsupported digest_uri_rewritten sigv4_malformed sigv4_scope_wrong"
    " request_signature_mismatch dpop_nonce_required dpop_proof_invalid mtls_certificate_missing mtls_certificate_mismatch"
    " mtls_certificate_expired csrf_missing cookie_session_expired authorization_header_malformed credential_kind_retired"
)

FAMILY_J = _codes(
    "client_credentials_invalid client_unknown client_disabled client_secret_expired client_auth_method_wrong"
    " client_secret_encoding client_assertion_invalid client_key_unknown grant_not_allowed audience_unknown token_endpoint_wrong"
    " token_request_malformed redirect_uri_mismatch pkce_mismatch device_code_expired authorization_code_reused"
    " consent_or_policy_denied refresh_token_missing refresh_token_expired refresh_token_reused refresh_token_invalid"
    " refresh_client_mismatch refresh_scope_widened rotation_not_persisted refresh_race rate_limited auth_server_error"
    " client_credentials_missing authorization_code_invalid"
)

CLOCKS = _codes("clock_skew_client clock_skew_server clock_skew_issuer_api")

# Facts about the store and the clocks stay facts, whoever answered; all else about the credential was not even looked at.
NOT_REACHED = (
    (FAMILY_A - _codes("credential_missing keyring_unavailable"))
    | FAMILY_D
    | _codes(
        "stale_env_value stale_token_sent authorization_stripped"
        " wrong_token_kind saml_not_jwt opaque_token_no_audience id_token_used refresh_token_used client_assertion_used"
        " wrong_token_type third_party_token token_malformed signature_length_wrong alg_none_or_unsupported alg_mismatch"
        " signature_invalid symmetric_key_encoding claim_missing"
        " environment_mismatch issuer_mismatch issuer_trailing_slash tenant_mismatch token_version_mismatch audience_mismatch"
        " audience_missing wrong_authorization_server signing_key_rotated jwks_stale_at_server jwks_unreachable_for_server"
        " server_key_misconfigured signing_key_unknown"
        " token_expired token_not_yet_valid exp_missing exp_wrong_type exp_wrong_unit token_too_old token_lifetime_too_short"
        " exp_expires_in_disagree token_lifetime_too_long"
        " token_revoked session_expired claims_challenge api_key_expired api_key_invalid account_locked captcha_required"
        " account_disabled mfa_or_policy_required sso_authorization_required token_propagation_delay authorizer_cache"
        " insufficient_scope scope_not_granted scope_separator_wrong scope_case_mismatch scope_unknown wrong_subject_type"
        " forbidden_by_policy step_up_required insufficient_authorization_details route_auth_config api_key_restricted"
        " token_rejected_unspecified uniform_401"
    )
)
"""Everything about the credential that a component in front of the API never let the API judge."""

RULES: tuple[Rule, ...] = (
    # Somebody in front answered.
    Rule(_codes("waf_blocked edge_auth_required proxy_auth_required"), NOT_REACHED),
    # A cache answered with what somebody else got: nothing in it is about what was sent now.
    Rule(
        _codes("cached_401"),
        _codes("authorization_stripped auth_scheme_wrong credential_location_wrong token_rejected_unspecified uniform_401"),
    ),
    # The request carried something else than meant, or lost it.
    Rule(_codes("netrc_override credential_override_by_userinfo"), _codes("auth_scheme_wrong authorization_stripped")),
    Rule(_codes("netrc_override credential_override_by_userinfo"), _codes("edge_auth_required"), "realm_is_api"),
    Rule(
        _codes(
            "redirect_drops_authorization connection_header_strips_authorization proxy_strips_authorization"
            " edge_strips_authorization header_name_underscore credential_location_wrong second_credential_missing"
            " auth_scheme_missing auth_scheme_duplicated auth_scheme_wrong auth_scheme_case_rejected"
        ),
        _codes("authorization_stripped"),
    ),
    Rule(_codes("stale_env_value stale_token_sent"), _codes("token_expired token_revoked environment_mismatch")),
    Rule(
        _codes(
            "dpop_required digest_required digest_stale_nonce digest_algorithm_unsupported digest_uri_rewritten"
            " negotiate_required sigv4_required edge_auth_required"
        ),
        _codes("auth_scheme_wrong"),
    ),
    Rule(_codes("mtls_certificate_missing mtls_certificate_mismatch mtls_certificate_expired"), _codes("tls_failure credential_missing")),
    # The stored text is damaged, or something else than its field says.
    Rule(BYTE_FAULTS, _codes("token_malformed token_truncated signature_invalid client_credentials_invalid client_secret_encoding")),
    Rule(_codes("secret_id_instead_of_value client_id_secret_swapped"), _codes("client_credentials_invalid client_unknown")),
    Rule(_codes("basic_malformed basic_charset"), _codes("user_credentials_invalid")),
    Rule(_codes("session_token_missing"), _codes("request_signature_mismatch")),
    Rule(FAMILY_A | FAMILY_D, _codes("authorization_header_malformed"), "a_or_d_strong"),
    # It is another token than the API wants.
    Rule(
        _codes("refresh_token_used id_token_used client_assertion_used"),
        _codes("wrong_token_type audience_mismatch token_malformed"),
    ),
    Rule(_codes("opaque_token_no_audience"), _codes("token_malformed audience_mismatch")),
    Rule(_codes("third_party_token"), _codes("signature_invalid audience_mismatch")),
    Rule(
        _codes("environment_mismatch"),
        _codes(
            "issuer_mismatch audience_mismatch tenant_mismatch signing_key_rotated client_unknown wrong_authorization_server api_key_invalid"
            " alg_mismatch"
        ),
    ),
    Rule(_codes("issuer_trailing_slash tenant_mismatch token_version_mismatch"), _codes("issuer_mismatch")),
    Rule(
        _codes("signing_key_rotated jwks_stale_at_server environment_mismatch issuer_mismatch server_key_misconfigured"),
        _codes("signing_key_unknown"),
    ),
    # A server that holds one key never looks at the key id: to it a replaced key is a wrong signature (PyJWT, Flask-JWT-Extended).
    Rule(_codes("signing_key_rotated"), _codes("signature_invalid")),
    Rule(_codes("exp_missing audience_missing"), _codes("claim_missing")),
    # A server that ends a session revokes its tokens: where its words name the session, that is the reason.
    Rule(_codes("session_expired"), _codes("token_revoked")),
    # Time.
    Rule(_codes("timezone_bug"), CLOCKS | _codes("exp_wrong_unit")),
    Rule(_codes("exp_wrong_unit"), _codes("token_expired")),
    Rule(_codes("clock_skew_client"), _codes("token_expired"), "only_local_clock"),
    Rule(_codes("clock_skew_client"), _codes("dpop_proof_invalid request_signature_mismatch")),
    Rule(CLOCKS, _codes("client_assertion_invalid client_key_unknown")),
    Rule(_codes("clock_skew_issuer_api clock_skew_server"), _codes("token_not_yet_valid")),
    Rule(_codes("clock_skew_issuer_api clock_skew_server"), _codes("token_expired"), "alive_by_reference_clock"),
    # Permission.
    Rule(_codes("scope_separator_wrong scope_case_mismatch"), _codes("scope_unknown scope_not_granted")),
    Rule(_codes("scope_not_granted"), _codes("insufficient_scope")),
    # The token endpoint.
    Rule(
        _codes("client_secret_expired client_disabled client_auth_method_wrong client_secret_encoding"),
        _codes("client_credentials_invalid"),
    ),
    Rule(_codes("client_key_unknown"), _codes("client_assertion_invalid")),
    Rule(_codes("refresh_token_reused"), _codes("token_revoked")),
    Rule(FAMILY_J, _codes("token_expired credential_missing"), "renewal_failed"),
)

SHOWN_TOGETHER: tuple[tuple[str, str], ...] = (("replica_inconsistent", "jwks_stale_at_server"),)
"""Pairs that are one story and neither explains the other away: what is wrong, which heads the answer, and why it is so."""


def dominates(root: str, mechanism: str) -> Condition | None:
    """Return when `root` explains `mechanism`, or None where it never does. An unconditional rule wins over another."""
    return _relation().get((root, mechanism))


def dominated_by(root: str) -> frozenset[str]:
    """Return the causes that `root` explains directly, on whatever condition."""
    return frozenset(below for above, below in _relation() if above == root)


def shown_together(first: str, second: str) -> bool:
    """Tell whether two causes belong to one story, so that they are no tie."""
    return (first, second) in SHOWN_TOGETHER or (second, first) in SHOWN_TOGETHER


@lru_cache(maxsize=1)
def _relation() -> dict[tuple[str, str], Condition]:
    relation: dict[tuple[str, str], Condition] = {}
    for rule in sorted(RULES, key=lambda r: r.condition != "always"):
        for root in rule.roots:
            for mechanism in rule.mechanisms - {root}:
                relation.setdefault((root, mechanism), rule.condition)
    return relation
