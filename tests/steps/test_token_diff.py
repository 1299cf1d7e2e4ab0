"""What two tokens differ in."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.steps.token_diff import differences, table

from .made_evidence import AUDIENCE, NOW, opaque, token


def test_two_tokens_of_one_origin_differ_in_nothing() -> None:
    assert differences(token(), token({"iat": NOW, "exp": NOW + 9, "jti": "other", "nbf": NOW}, {"kid": "key-2"})) == ()


@for_each(
    ("first", "second", "header_1", "header_2", "name", "tells"),
    [
        ({"iss": "a"}, {"iss": "b"}, {}, {}, "issuer", True),
        ({"aud": "x"}, {"aud": AUDIENCE}, {}, {}, "audience", True),
        ({"aud": [AUDIENCE, "x"]}, {"aud": AUDIENCE}, {}, {}, "audience", False),
        ({"aud": None}, {"aud": AUDIENCE}, {}, {}, "audience", True),
        ({"scope": "read"}, {"scope": "read write"}, {}, {}, "scope", True),
        ({"scope": "read write"}, {"scope": "read"}, {}, {}, "scope", False),
        ({"client_id": "a"}, {"client_id": "b"}, {}, {}, "client", True),
        ({"tid": "a"}, {"tid": "b"}, {}, {}, "tenant", True),
        ({"sub": "a"}, {"sub": "b"}, {}, {}, "subject", True),
        ({"ver": "1.0"}, {"ver": "2.0"}, {}, {}, "version", True),
        ({}, {}, {"typ": "JWT"}, {"typ": "at+jwt"}, "type", True),
        ({}, {}, {"alg": "ES256"}, {"alg": "RS256"}, "algorithm", True),
        ({"cnf": {"jkt": "x"}}, {}, {}, {}, "binding", True),
        ({}, {"cnf": {"jkt": "x"}}, {}, {}, "binding", False),
        ({"exp": None}, {}, {}, {}, "expiry", True),
        ({}, {"department": "sales"}, {}, {}, "claims", True),
    ],
)
def test_one_attribute(
    first: dict[str, Any], second: dict[str, Any], header_1: dict[str, Any], header_2: dict[str, Any], name: str, tells: bool
) -> None:
    found = differences(token(first, header_1), token(second, header_2))
    assert [(d.name, d.tells) for d in found] == [(name, tells)]


def test_lists_in_another_order_are_the_same() -> None:
    assert differences(token({"aud": ["a", "b"], "scope": "x y"}), token({"aud": ["b", "a"], "scope": "y x"})) == ()


def test_kinds() -> None:
    assert [d.name for d in differences(opaque(), token())] == ["kind"]
    assert differences(opaque(), opaque()) == ()
    assert differences(None, token()) == ()


def test_the_subject_is_never_shown() -> None:
    rows = table(token({"sub": "private-a"}), token({"sub": "private-b"}), NOW)
    told = str(rows) + str(differences(token({"sub": "private-a"}), token({"sub": "private-b"})))
    assert "private" not in told
    assert next(r for r in rows if r.name == "sub").same is False


def test_times_are_spans() -> None:
    rows = {r.name: r for r in table(token({"iat": NOW - 7200, "exp": NOW - 3600}), token({"iat": NOW - 5, "exp": NOW + 3600}), NOW)}
    assert (rows["issued"].first, rows["issued"].second) == ("2 h ago", "5 s ago")
    assert (rows["expires"].first, rows["expires"].second) == ("1 h ago", "in 1 h")
    assert rows["lives"].first == "1 h"


@pytest.mark.parametrize("out_by", [-2, -1, 0, 1, 2])
def test_a_token_just_made_is_so_by_clocks_of_whole_seconds(out_by: int) -> None:
    row = next(r for r in table(token({"iat": NOW - 7200}), token({"iat": NOW + out_by}), NOW) if r.name == "issued")
    assert row.second == "just now"


@given(st.dictionaries(st.sampled_from(["iss", "aud", "scope", "client_id", "tid", "sub", "ver", "cnf", "exp", "iat"]),
                       st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.lists(st.text(max_size=3), max_size=2)))  # fmt: skip
def test_odd_claims_break_nothing(claims: dict[str, Any]) -> None:
    odd = token({**claims, "jti": "x"})
    assert differences(odd, odd) == ()
    assert all(row.same for row in table(odd, odd, NOW))
    assert {d.name for d in differences(odd, token())} == {d.name for d in differences(token(), odd)}
