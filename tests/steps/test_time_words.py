"""Moments and spans in words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.steps.time_words import ahead_or_behind, compared_with, duration, utc


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0, "0 s"), (0.4, "0 s"), (45, "45 s"), (-45, "45 s"), (60, "1 min"), (7980, "2 h 13 min"), (3600, "1 h"), (90061, "1 d 1 h"),
     (86400 * 3 + 5, "3 d"), (1.8e12, "57,077 years")],
)  # fmt: skip
def test_a_span_has_its_two_largest_units(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_a_moment_no_calendar_holds_is_still_shown() -> None:
    assert utc(1_800_000_000) == "2027-01-15 08:00:00 UTC"
    assert "after 1970" in utc(1e18)


@pytest.mark.parametrize(("seconds", "words"), [(660, "11 min ahead"), (-3, "3 s behind"), (0.2, "no difference")])
def test_a_clock_is_ahead_or_behind(seconds: float, words: str) -> None:
    assert ahead_or_behind(seconds) == words


@given(st.floats())
def test_any_number_has_words(seconds: float) -> None:
    assert duration(seconds)
    assert utc(seconds)


@pytest.mark.parametrize(
    ("seconds", "words"), [(660, "11 min ahead of the API's"), (-3, "3 s behind the API's"), (0.2, "level with the API's")]
)
def test_a_clock_beside_another(seconds: float, words: str) -> None:
    assert compared_with(seconds, "the API's") == words
