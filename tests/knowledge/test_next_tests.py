"""Does every doubt have a next test?"""

from __future__ import annotations

import re
from collections import Counter
from itertools import combinations

import pytest

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.next_tests import CONFIRMING, SEPARATING, NextTest, find_test, next_test
from authwizard.model.errors import UsageError

ALL = [test for _, test in (*SEPARATING, *CONFIRMING)]


def test_each_cause_has_one_confirming_test() -> None:
    counted = Counter(code for codes, _ in CONFIRMING for code in codes)
    assert counted == Counter(dict.fromkeys(catalogue(), 1))


def test_pairs_are_pairs_of_known_causes_and_unique() -> None:
    pairs = [frozenset(codes) for codes, _ in SEPARATING]
    assert all(len(pair) == 2 and pair <= set(catalogue()) for pair in pairs)
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("test", ALL, ids=lambda t: t.text[:40])
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


def test_an_unlisted_pair_takes_the_cheaper_test() -> None:
    assert find_test("token_revoked", "keyring_unavailable") == find_test("keyring_unavailable")
    assert find_test("keyring_unavailable", "token_revoked") == find_test("keyring_unavailable")


def test_a_locked_account_is_never_probed_again() -> None:
    assert all(test.cost == 0 for codes, test in SEPARATING if "account_locked" in codes and "rate_limited" not in codes)
    assert find_test("account_locked").cost == 0


def test_every_pair_of_causes_has_an_answer() -> None:
    assert all(next_test(a, b) for a, b in combinations(catalogue(), 2))


@pytest.mark.parametrize("pair", [("nonsense", None), ("token_expired", "nonsense")])
def test_an_unknown_cause_is_refused(pair: tuple[str, str | None]) -> None:
    with pytest.raises(UsageError, match="no cause called 'nonsense'"):
        next_test(*pair)
