"""Is the relation between roots and mechanisms sound?"""

from __future__ import annotations

from graphlib import TopologicalSorter
from typing import get_args

from each_row import for_each

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.dominance import (
    BYTE_FAULTS,
    CLOCKS,
    FAMILY_A,
    FAMILY_D,
    FAMILY_J,
    NOT_REACHED,
    RULES,
    SHOWN_TOGETHER,
    Condition,
    dominated_by,
    dominates,
    shown_together,
)


def _family(letter: str) -> set[str]:
    return {c.code for c in catalogue().values() if c.family == letter}


def test_only_known_codes_and_conditions() -> None:
    for rule in RULES:
        assert rule.roots | rule.mechanisms <= set(catalogue())
        assert rule.roots
        assert rule.mechanisms
        assert rule.condition in get_args(Condition)
    assert set().union(*SHOWN_TOGETHER) <= set(catalogue())


def test_the_relation_has_no_cycle() -> None:
    graph = {code: dominated_by(code) for code in catalogue()}
    assert list(TopologicalSorter(graph).static_order())


def test_no_cause_explains_itself() -> None:
    assert not any(code in dominated_by(code) for code in catalogue())


def test_the_families_spelled_out_are_complete() -> None:
    assert _family("A") == FAMILY_A
    assert _family("D") == FAMILY_D
    assert _family("J") == FAMILY_J
    assert FAMILY_A > BYTE_FAULTS


def test_what_a_gate_in_front_explains_is_everything_about_the_credential() -> None:
    judged = _family("A") | _family("D") | _family("E") | _family("F") | _family("G") | _family("H") | _family("I")
    untouched = {"credential_missing", "keyring_unavailable", "timezone_bug", "clock_unsynchronised"} | CLOCKS
    others = {"stale_env_value", "stale_token_sent", "authorization_stripped", "token_rejected_unspecified", "uniform_401"}
    assert (judged - untouched) | others == NOT_REACHED
    for gate in ("waf_blocked", "edge_auth_required", "proxy_auth_required"):
        assert dominated_by(gate) >= NOT_REACHED


@for_each(
    ("root", "mechanism", "condition"),
    [
        ("environment_mismatch", "issuer_mismatch", "always"),
        ("environment_mismatch", "signing_key_unknown", "always"),
        ("id_token_used", "audience_mismatch", "always"),
        ("third_party_token", "signature_invalid", "always"),
        ("netrc_override", "authorization_stripped", "always"),
        ("netrc_override", "edge_auth_required", "realm_is_api"),
        ("credential_override_by_userinfo", "edge_auth_required", "realm_is_api"),
        ("header_name_underscore", "authorization_stripped", "always"),
        ("auth_scheme_case_rejected", "authorization_stripped", "always"),
        ("line_break_in_token", "token_truncated", "always"),
        ("whitespace_in_credential", "client_credentials_invalid", "always"),
        ("token_truncated", "signature_invalid", "always"),
        ("clock_skew_client", "token_expired", "only_local_clock"),
        ("clock_skew_client", "dpop_proof_invalid", "always"),
        ("clock_skew_server", "client_key_unknown", "always"),
        ("clock_skew_server", "token_expired", "alive_by_reference_clock"),
        ("clock_skew_issuer_api", "token_not_yet_valid", "always"),
        ("timezone_bug", "clock_skew_server", "always"),
        ("exp_wrong_unit", "token_expired", "always"),
        ("issuer_trailing_slash", "issuer_mismatch", "always"),
        ("digest_stale_nonce", "auth_scheme_wrong", "always"),
        ("scope_separator_wrong", "scope_unknown", "always"),
        ("scope_not_granted", "insufficient_scope", "always"),
        ("refresh_token_used", "token_malformed", "always"),
        ("exp_missing", "claim_missing", "always"),
        ("auth_scheme_missing", "authorization_header_malformed", "a_or_d_strong"),
        ("placeholder_value", "authorization_header_malformed", "a_or_d_strong"),
        ("stale_env_value", "environment_mismatch", "always"),
        ("client_secret_expired", "client_credentials_invalid", "always"),
        ("refresh_token_expired", "token_expired", "renewal_failed"),
        ("client_credentials_invalid", "credential_missing", "renewal_failed"),
        ("refresh_token_reused", "token_revoked", "always"),
        ("waf_blocked", "token_expired", "always"),
        ("proxy_auth_required", "insufficient_scope", "always"),
        ("token_expired", "clock_skew_client", None),
        ("waf_blocked", "credential_missing", None),
        ("edge_auth_required", "clock_skew_client", None),
        ("jwks_stale_at_server", "replica_inconsistent", None),
        ("auth_scheme_wrong", "auth_scheme_wrong", None),
        ("no_such_cause", "token_expired", None),
    ],
)
def test_what_explains_what(root: str, mechanism: str, condition: str | None) -> None:
    assert dominates(root, mechanism) == condition
    assert (mechanism in dominated_by(root)) == (condition is not None)


def test_one_story_in_either_order() -> None:
    assert shown_together("replica_inconsistent", "jwks_stale_at_server")
    assert shown_together("jwks_stale_at_server", "replica_inconsistent")
    assert not shown_together("jwks_stale_at_server", "token_expired")
