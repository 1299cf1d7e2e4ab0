"""The time claims of a token, read leniently."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.steps.clock_model import Now
from authwizard.steps.token_times import TokenTimes, lenient_number, number, time_faults, times_of, unit_of

from .evidence_of_first_steps import NOW, jws, opaque


@pytest.mark.parametrize(
    ("value", "strict", "lenient"),
    [(5, 5.0, 5.0), (5.5, 5.5, 5.5), (True, None, None), ("1700000000", None, 1.7e9), ("2026-01-01", None, None), (None, None, None),
     (float("nan"), None, None), (float("inf"), None, None), (10**400, None, None), ([], None, None), ("٣", None, None)],
)  # fmt: skip
def test_only_finite_numbers_are_dates(value: Any, strict: float | None, lenient: float | None) -> None:
    assert number(value) == strict
    assert lenient_number(value) == lenient


@pytest.mark.parametrize(
    ("size", "unit"),
    [(3600, "relative"), (0, "relative"), (1e9, "seconds"), (1.8e9, "seconds"), (1.8e12, "milliseconds"), (1.8e15, "microseconds"), (1.8e18, "nanoseconds")],
)  # fmt: skip
def test_the_unit_follows_from_the_size(size: float, unit: str) -> None:
    assert unit_of(size) == unit


def test_claims_of_an_unreadable_token_have_no_times() -> None:
    assert times_of(None) == TokenTimes()
    assert times_of(opaque()) == TokenTimes()
    assert times_of(jws({"exp": NOW, "iat": "x", "nbf": 1})) == TokenTimes(exp=NOW, nbf=1.0)


@pytest.mark.parametrize(
    ("times", "faults"),
    [
        (TokenTimes(exp=NOW - 60), {"expired"}),
        (TokenTimes(exp=NOW - 59), set()),
        (TokenTimes(nbf=NOW + 61), {"not_yet"}),
        (TokenTimes(nbf=NOW + 60), set()),
        (TokenTimes(iat=NOW + 4), {"future_iat"}),
        (TokenTimes(iat=NOW + 2), set()),
        (TokenTimes(exp=NOW * 1000, iat=NOW), set()),
    ],
)
def test_what_a_server_would_find_wrong(times: TokenTimes, faults: set[str]) -> None:
    assert time_faults(times, Now(NOW, 1.0, "the API's clock"), 60) == faults


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_claim_can_be_read(value: Any) -> None:
    seen = times_of(jws({"exp": value, "sub": "x"}))
    assert seen.exp is None or isinstance(seen.exp, float)
    if seen.exp is not None:
        unit_of(seen.exp)
