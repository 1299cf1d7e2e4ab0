"""Is the catalogue of causes complete, consistent and readable?"""

from __future__ import annotations

import re
import shlex
import tomllib
from collections import Counter
from dataclasses import replace

import pytest
from each_row import for_each

from authwizard.knowledge.causes import FAMILY_ORDER, catalogue, cause, family_rank
from authwizard.knowledge.placeholders import STAND_INS, fill_command, fill_text
from authwizard.knowledge.table_text import table_text
from authwizard.model.cause import Cause, RemedyWhere
from authwizard.model.errors import UsageError
from authwizard.model.finding import Owner

CODES = {
    "A": """credential_missing keyring_unavailable placeholder_value whitespace_in_credential line_break_in_token
        invisible_characters non_ascii_in_token quotes_in_token wrapper_in_token token_response_pasted double_encoded_token
        url_encoded_token standard_base64_token token_case_folded token_truncated token_concatenated basic_malformed basic_charset
        secret_id_instead_of_value client_id_secret_swapped session_token_missing user_credentials_invalid""",
    "B": """netrc_override credential_override_by_userinfo stale_env_value stale_token_sent proxy_in_path proxy_auth_required
        proxy_strips_authorization tls_interception duplicate_credentials cookie_overrides_token
        connection_header_strips_authorization""",
    "C": """network_unreachable dns_failure tls_failure wrong_base_url wrong_path_or_method plaintext_http
        redirect_drops_authorization login_redirect edge_auth_required waf_blocked ip_not_allowed edge_strips_authorization
        authorization_stripped authorization_replaced header_too_large header_name_underscore http_version_dependent cached_401
        cors_preflight_rejected cors_headers_missing_on_401""",
    "D": """auth_header_name_wrong auth_scheme_missing auth_scheme_duplicated auth_scheme_wrong auth_scheme_case_rejected
        credential_location_wrong second_credential_missing digest_required negotiate_required sigv4_required dpop_required
        digest_stale_nonce digest_algorithm_unsupported digest_uri_rewritten sigv4_malformed sigv4_scope_wrong
        request_signature_mismatch dpop_nonce_required dpop_proof_invalid mtls_certificate_missing mtls_certificate_mismatch
        mtls_certificate_expired csrf_missing cookie_session_expired authorization_header_malformed credential_kind_retired""",
    "E": """wrong_token_kind saml_not_jwt opaque_token_no_audience id_token_used refresh_token_used client_assertion_used
        wrong_token_type third_party_token token_malformed signature_length_wrong alg_none_or_unsupported alg_mismatch
        signature_invalid symmetric_key_encoding claim_missing""",
    "F": """environment_mismatch issuer_mismatch issuer_trailing_slash tenant_mismatch token_version_mismatch audience_mismatch
        audience_missing wrong_authorization_server signing_key_rotated jwks_stale_at_server jwks_unreachable_for_server
        server_key_misconfigured signing_key_unknown""",
    "G": """token_expired token_not_yet_valid exp_missing exp_wrong_type exp_wrong_unit token_too_old token_lifetime_too_short
        exp_expires_in_disagree clock_skew_client clock_skew_server clock_skew_issuer_api timezone_bug clock_unsynchronised
        token_lifetime_too_long""",
    "H": """token_revoked session_expired claims_challenge api_key_expired api_key_invalid account_locked captcha_required
        account_disabled mfa_or_policy_required sso_authorization_required token_propagation_delay authorizer_cache""",
    "I": """insufficient_scope scope_not_granted scope_separator_wrong scope_case_mismatch scope_unknown wrong_subject_type
        forbidden_by_policy step_up_required insufficient_authorization_details route_auth_config api_key_restricted""",
    "J": """client_credentials_invalid client_unknown client_disabled client_secret_expired client_auth_method_wrong
        client_secret_encoding client_assertion_invalid client_key_unknown grant_not_allowed audience_unknown token_endpoint_wrong
        token_request_malformed redirect_uri_mismatch pkce_mismatch device_code_expired authorization_code_reused
        consent_or_policy_denied refresh_token_missing refresh_token_expired refresh_token_reused refresh_token_invalid
        refresh_client_mismatch refresh_scope_widened rotation_not_persisted refresh_race rate_limited auth_server_error
        client_credentials_missing authorization_code_invalid""",
    "K": "replica_inconsistent gateway_rejected server_error upstream_401_relayed",
    "N": """soft_401 400_auth 404_masking not_reproduced endpoint_not_protected token_rejected_unspecified uniform_401""",
}
STEP_BY_FAMILY = {"A": 1, "B": 1, "C": 1, "D": 1, "E": 1, "F": 3, "G": 2, "H": 3, "I": 5, "J": 3, "K": 8, "N": 8}
OTHER_STEPS = {
    0: "network_unreachable dns_failure tls_failure login_redirect wrong_base_url plaintext_http soft_401 server_error",
    2: "session_expired claims_challenge api_key_expired",
    3: "secret_id_instead_of_value client_id_secret_swapped signature_invalid alg_mismatch symmetric_key_encoding",
    4: """refresh_token_missing refresh_token_expired refresh_token_reused refresh_token_invalid refresh_client_mismatch
        refresh_scope_widened rotation_not_persisted refresh_race""",
    6: "clock_skew_client clock_skew_server clock_skew_issuer_api clock_unsynchronised timezone_bug",
    7: "stale_env_value stale_token_sent token_revoked token_propagation_delay",
    8: """wrong_path_or_method cached_401 waf_blocked authorization_replaced server_key_misconfigured jwks_unreachable_for_server
        authorizer_cache""",
    9: "endpoint_not_protected",
}
CONTEXT_ONLY = {"soft_401", "400_auth", "404_masking", "proxy_in_path", "gateway_rejected", "clock_unsynchronised"}
COMMANDS_OF_AUTHWIZARD = {"check", "capture", "explain", "token", "cause", "profile", "compare", "store", "demo"}
STORED_FIELDS = {
    "access_token", "refresh_token", "id_token", "client_secret", "private_key", "api_key", "username", "password", "session_cookie",
    "shared_secret", "dpop_key", "second_credential",
}  # fmt: skip
WORDS_OF_THE_FIELD = """access_denied access_token acr_values assertion_audience at_hash auth_time authorization_details ca_bundle
    client_auth client_cert client_credentials client_id client_secret_post code_verifier consent_required expired_token expires_in
    id_token insufficient_claims insufficient_user_authentication interaction_required invalid_client invalid_dpop_proof invalid_grant
    invalid_request invalid_scope invalid_target key_id max_age offline_access private_key_jwt redirect_uri refresh_token
    scopes_supported slow_down temporarily_unavailable token_endpoint token_type trust_env unauthorized_client
    unsupported_grant_type use_dpop_nonce"""
HOSTILE = """a b;$(id)'"`|\\"""

each = for_each("entry", catalogue().values(), ids=list(catalogue()))


def _prose(entry: Cause) -> dict[str, str]:
    return {"title": entry.title, "explanation": entry.explanation, "recognised": entry.recognised, "remedy": entry.remedy}


def _sentences(text: str) -> list[str]:
    return re.split(r"(?<=[.;:])\s+", text)


def test_every_code_exists_and_no_other() -> None:
    assert set(catalogue()) == {code for codes in CODES.values() for code in codes.split()}
    assert len(catalogue()) == sum(len(codes.split()) for codes in CODES.values())


def test_families_are_those_of_the_taxonomy() -> None:
    assert {c.code: c.family for c in catalogue().values()} == {c: f for f, codes in CODES.items() for c in codes.split()}
    assert set(FAMILY_ORDER) == set(CODES)


def test_steps_of_record() -> None:
    expected = {code: STEP_BY_FAMILY[family] for family, codes in CODES.items() for code in codes.split()}
    expected.update({code: step for step, codes in OTHER_STEPS.items() for code in codes.split()})
    assert {c.code: c.step for c in catalogue().values()} == expected


def test_only_classes_and_circumstances_are_context() -> None:
    assert {c.code for c in catalogue().values() if c.context_only} == CONTEXT_ONLY


def test_every_owner_has_a_turn_somewhere() -> None:
    assert {c.owner for c in catalogue().values()} == set(Owner)


@each
def test_texts_are_there_and_brief(entry: Cause) -> None:
    assert 2 <= len(entry.title.split()) <= 7
    assert entry.title[0].isupper()
    assert not entry.title.endswith(".")
    assert 2 <= len(re.findall(r"[.](?:\s|$)", entry.explanation)) <= 4
    assert len(entry.explanation.split()) <= 75
    assert len(entry.recognised.split()) <= 60
    assert len(entry.remedy.split()) <= 65
    for name, text in _prose(entry).items():
        assert text.isascii(), name
        assert "!" not in text, name
        assert "  " not in text, name
        assert name == "title" or text.endswith("."), name


@each
def test_placeholders_stand_only_where_they_are_filled(entry: Cause) -> None:
    for text in (entry.title, entry.explanation, entry.recognised, *entry.sources):
        assert "{" not in text
    for name in re.findall(r"\{(\w*)\}", entry.remedy):
        assert name in STAND_INS
    for command in entry.commands:
        for name in re.findall(r"(?<![%$])\{(\w*)\}", command):
            assert name in STAND_INS


@each
def test_a_filled_remedy_has_no_placeholder_left(entry: Cause) -> None:
    for values in ({}, dict.fromkeys(STAND_INS, "x")):
        assert "{" not in fill_text(entry.remedy, values)


@each
def test_a_value_stays_one_word_in_every_command(entry: Cause) -> None:
    for command in entry.commands:
        unquoted = re.sub(r"'[^']*'|\"[^\"]*\"", "", command)
        assert all(unquoted.count("{" + name + "}") == command.count("{" + name + "}") for name in STAND_INS)
        if (filled := fill_command(command, dict.fromkeys(STAND_INS, HOSTILE))) != command:
            words = shlex.split(filled)
            assert sum(word.count(HOSTILE) for word in words) == sum(command.count("{" + name + "}") for name in STAND_INS)


@each
def test_commands_hold_no_secret_and_name_what_exists(entry: Cause) -> None:
    assert entry.commands
    for command in entry.commands:
        assert command == command.strip()
        assert "eyJ" not in command
        assert not re.search(r"Bearer (?!\$TOKEN)", command)
        for call in re.findall(r"(?:^|\| )authwizard (\S+)(.*)", command):
            assert call[0] in COMMANDS_OF_AUTHWIZARD | {"{profile}"}
            if call[0] == "store" and " set " in f"{call[1]} ":
                assert call[1].split()[-1] in STORED_FIELDS


ELSEWHERE = [(entry.code, one) for entry in catalogue().values() for one in entry.remedies]


STATED = {"renewal": ("client", "refresh", "sign_in"), "credential_place": ("env", "file", "keyring", "cmd", "op", "vault")}
"""Facts that a check states, and their values."""


@pytest.mark.parametrize(("code", "one"), ELSEWHERE, ids=lambda v: v if isinstance(v, str) else f"{v.fact}={v.value}")
def test_a_remedy_for_some_runs_is_held_to_the_same_rules(code: str, one: RemedyWhere) -> None:
    """It names only facts that a check states, and its commands and words keep what those of every cause keep."""
    entry = replace(catalogue()[code], remedy=one.remedy, commands=one.commands)
    assert one.value in STATED[one.fact]
    assert one.remedy != catalogue()[code].remedy
    for rule in (
        test_texts_are_there_and_brief, test_placeholders_stand_only_where_they_are_filled, test_a_value_stays_one_word_in_every_command,
        test_commands_hold_no_secret_and_name_what_exists, test_codes_in_the_prose_exist,
    ):  # fmt: skip
        rule.judge(entry)


@each
def test_sources_are_named(entry: Cause) -> None:
    assert entry.sources
    for source in entry.sources:
        assert re.fullmatch(r"RFC \d{4} (\d+(\.\d+)*|[A-Z])|https://\S+|(?!RFC )[A-Za-z].*[\w)]", source), source


@each
def test_neighbours_exist(entry: Cause) -> None:
    assert entry.confused_with
    assert len(set(entry.confused_with)) == len(entry.confused_with)
    assert set(entry.confused_with) <= set(catalogue()) - {entry.code}


@each
def test_codes_in_the_prose_exist(entry: Cause) -> None:
    for text in _prose(entry).values():
        for word in re.findall(r"\b[a-z]+(?:_[a-z0-9]+)+\b", re.sub(r"\{\w+\}", "", text)):
            assert word in catalogue() or word in WORDS_OF_THE_FIELD.split()


def test_no_two_causes_share_a_sentence() -> None:
    said = Counter(sentence for entry in catalogue().values() for text in _prose(entry).values() for sentence in _sentences(text))
    assert [sentence for sentence, times in said.items() if times > 1] == []


def test_an_unknown_code_names_its_neighbours() -> None:
    with pytest.raises(UsageError, match=r"no cause called 'token_expred'; did you mean token_expired"):
        cause("token_expred")


@pytest.mark.parametrize("spelling", ["Token-Expired", "TOKEN EXPIRED", " token_expired "])
def test_another_spelling_of_a_code_is_named(spelling: str) -> None:
    with pytest.raises(UsageError, match=r"did you mean token_expired\?"):
        cause(spelling)


def test_a_code_without_neighbours_points_to_the_list() -> None:
    with pytest.raises(UsageError, match="`authwizard cause` lists them all"):
        cause("xyzzy")


def test_a_cause_is_found_and_read_only() -> None:
    assert cause("token_expired").title == "The access token has expired"
    with pytest.raises(TypeError):
        catalogue()["x"] = cause("token_expired")  # type: ignore[index]


def test_families_rank_in_the_order_of_a_requests_life() -> None:
    ranks = [family_rank(code) for code in ("credential_missing", "netrc_override", "cached_401", "token_expired", "soft_401")]
    assert ranks == sorted(ranks)
    assert ranks[0] == 0
    assert ranks[-1] == len(FAMILY_ORDER) - 1


def test_each_cause_is_read_as_in_the_whole_file() -> None:
    """The catalogue parses the tables one by one, as they are asked for."""
    whole = tomllib.loads(table_text("causes"))["cause"]
    assert list(catalogue()) == list(whole)
    assert [(one.family, one.step, list(one.commands), len(one.remedies)) for one in catalogue().values()] == [
        (row["family"], row["step"], row["commands"], len(row.get("where", ()))) for row in whole.values()
    ]
    assert [_prose(one) for one in catalogue().values()] == [
        {name: " ".join(row[name].split()) for name in ("title", "explanation", "recognised", "remedy")} for row in whole.values()
    ]


def test_a_table_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(FileNotFoundError):
        table_text("nothing")
