"""Does every doubt have a next test?"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pytest
from each_row import for_each

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.next_tests import CONFIRMING, SEPARATING, NextTest, find_test, next_test
from authwizard.model.errors import UsageError

ALL = list(dict.fromkeys(test for _, test in (*SEPARATING, *CONFIRMING)))


def test_each_cause_has_one_confirming_test() -> None:
    counted = Counter(code for codes, _ in CONFIRMING for code in codes)
    assert counted == Counter(dict.fromkeys(catalogue(), 1))


def test_pairs_are_pairs_of_known_causes_and_unique() -> None:
    pairs = [frozenset(codes) for codes, _ in SEPARATING]
    assert all(len(pair) == 2 and pair <= set(catalogue()) for pair in pairs)
    assert len(set(pairs)) == len(pairs)


@for_each("test", ALL, ids=lambda t: t.text[:40])
def test_texts_and_hints_are_well_formed(test: NextTest) -> None:
    assert re.fullmatch(r"[A-Z][^!]{20,220}\.", test.text)
    assert re.fullmatch(r"I-0\d|S\d-\d\d|V-0\d|D\d|S-swap", test.probe)
    assert 0 <= test.cost <= 5
    assert (test.requests == 0) == (test.cost == 0)


def test_no_two_tests_share_their_words() -> None:
    assert [text for text, times in Counter(test.text for test in ALL).items() if times > 1] == []


@pytest.mark.parametrize(
    ("first", "second", "probe"),
    [
        ("authorization_stripped", "uniform_401", "S7-05"),
        ("token_revoked", "server_key_misconfigured", "S7-02"),
        ("audience_mismatch", "insufficient_scope", "S5-07"),
        ("signing_key_rotated", "jwks_stale_at_server", "S3-12"),
        ("token_expired", "clock_skew_client", "S6-01"),
        ("client_credentials_invalid", "client_auth_method_wrong", "S3-04"),
        ("waf_blocked", "ip_not_allowed", "I-04"),
        ("auth_scheme_case_rejected", "authorization_stripped", "D5"),
    ],
)
def test_the_pair_decides_in_either_order(first: str, second: str, probe: str) -> None:
    assert find_test(first, second) == find_test(second, first)
    assert find_test(first, second).probe == probe
    assert next_test(first, second) == find_test(first, second).text


def test_every_cause_is_told_from_the_one_it_looks_most_like() -> None:
    """Classes and circumstances apart, which are never the answer."""
    listed = {frozenset(codes) for codes, _ in SEPARATING}
    causes = {code: entry for code, entry in catalogue().items() if not entry.context_only}
    nearest = {code: next((c for c in entry.confused_with if c in causes), None) for code, entry in causes.items()}
    assert {code: other for code, other in nearest.items() if other is not None and frozenset({code, other}) not in listed} == {}


CONFUSED = {
    "authorization_stripped": "credential_location_wrong uniform_401 credential_missing edge_strips_authorization header_name_underscore",
    "token_revoked": "session_expired authorizer_cache cookie_overrides_token mtls_certificate_mismatch token_rejected_unspecified",
    "insufficient_scope": "forbidden_by_policy scope_not_granted step_up_required route_auth_config claims_challenge csrf_missing",
    "client_credentials_invalid": "client_auth_method_wrong client_disabled refresh_token_expired account_locked account_disabled",
    "token_expired": "clock_skew_client clock_skew_server clock_skew_issuer_api exp_wrong_unit cached_401 stale_token_sent",
    "signature_invalid": "jwks_stale_at_server server_key_misconfigured token_truncated third_party_token symmetric_key_encoding",
    "auth_scheme_wrong": "edge_auth_required netrc_override digest_required negotiate_required sigv4_required dpop_required",
    "replica_inconsistent": "rate_limited token_propagation_delay not_reproduced http_version_dependent",
}


def test_what_is_confused_most_has_a_test_of_its_own() -> None:
    listed = {frozenset(codes) for codes, _ in SEPARATING}
    assert [(c, r) for c, rivals in CONFUSED.items() for r in rivals.split() if frozenset({c, r}) not in listed] == []


def test_an_unlisted_pair_takes_the_cheaper_test() -> None:
    assert find_test("token_revoked", "keyring_unavailable") == find_test("keyring_unavailable")
    assert find_test("keyring_unavailable", "token_revoked") == find_test("keyring_unavailable")


def test_what_a_run_has_done_is_not_asked_for_again() -> None:
    clocks = next_test("token_expired", "clock_skew_client")
    assert "time server" in clocks
    assert next_test("token_expired", "clock_skew_client", {"S6-01"}) == find_test("token_expired").text
    assert next_test("token_expired", "clock_skew_client", {"S6-01", "S7-02"}) == "", "the rival has no other test"
    assert next_test("token_expired", "wrong_path_or_method", {"S7-02"}, even=False) == "", "a weak rival's own test decides nothing"
    assert next_test("token_expired", "wrong_path_or_method", {"S7-02"}) == find_test("wrong_path_or_method").text


def test_what_a_person_does_is_asked_for_whatever_was_judged() -> None:
    assert next_test("api_key_expired", None, {"S2-10"}) == find_test("api_key_expired").text


def test_a_locked_account_is_never_probed_again() -> None:
    assert all(test.cost == 0 for codes, test in SEPARATING if "account_locked" in codes and "rate_limited" not in codes)
    assert find_test("account_locked").cost == 0


def test_every_pair_of_causes_has_an_answer() -> None:
    assert all(next_test(a, b) for a, b in combinations(catalogue(), 2))


@pytest.mark.parametrize("pair", [("nonsense", None), ("token_expired", "nonsense")])
def test_an_unknown_cause_is_refused(pair: tuple[str, str | None]) -> None:
    with pytest.raises(UsageError, match="no cause called 'nonsense'"):
        next_test(*pair)
