"""Clocks: offsets with honest error bars, and the majority that decides which one is off."""

from __future__ import annotations

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.evidence import NetworkTime
from authwizard.steps.clock_model import HERE, Clocks, Offset, apart, best_offset, http_date, majority, offset_of, read_clocks, tolerance

from .evidence_of_first_steps import NOW, exchange

LIMIT = tolerance(60)


def at(seconds: float, error: float = 1.0) -> Offset:
    return Offset(seconds, error, "test")


def test_the_offset_is_measured_at_the_middle_of_the_round_trip() -> None:
    offset = offset_of(exchange(401, off=30, trip=4.0))
    assert offset is not None
    assert offset.seconds == pytest.approx(30, abs=0.01)
    assert offset.error == pytest.approx(3.0)


def test_a_cached_answer_is_corrected_by_its_age() -> None:
    offset = offset_of(exchange(401, off=-50, headers=(("Age", "50"),)))
    assert offset is not None
    assert offset.seconds == pytest.approx(0, abs=0.01)


@pytest.mark.parametrize("value", ["", "yesterday", "Thu, 01 Jan 1970 00:00:00 GMT", "0", "Sat, 99 Foo 2026 00:00:00 GMT"])
def test_a_date_that_is_no_clock_is_none(value: str) -> None:
    seen = exchange(401, headers=(("Date", value),))
    assert http_date(seen) is None
    assert offset_of(seen) is None


def test_no_answer_tells_no_time() -> None:
    assert offset_of(exchange(fault="connect")) is None
    assert offset_of(None) is None
    assert best_offset([None, exchange(401)]) is None


def test_the_best_sample_is_uncached_and_quick() -> None:
    slow, quick = exchange(401, off=10, trip=3.0), exchange(401, id="D1", off=10, trip=0.1)
    cached = exchange(401, id="C", off=0, trip=0.01, headers=(("Age", "10"),))
    best = best_offset([slow, cached, quick])
    assert best is not None
    assert (best.source, best.samples) == ("Date of D1", 3)


def test_the_moment_judged_at_is_that_of_the_api_when_its_clock_was_seen() -> None:
    clocks = read_clocks(NOW - 500, [exchange(401, off=660)], [], None)
    assert clocks.now_api.seconds == pytest.approx(NOW + 660, abs=0.01)
    assert not clocks.now_api.local_only


def test_without_any_other_clock_the_moment_is_local_and_says_so() -> None:
    now = read_clocks(NOW, [], [], None).now_api
    assert (now.seconds, now.local_only, now.whose) == (NOW, True, "this machine's clock")


def test_network_time_stands_in_for_the_apis_clock() -> None:
    now = read_clocks(NOW, [], [], NetworkTime("time.test", 660, 0.02)).now_api
    assert (now.seconds, now.local_only) == (NOW + 660, False)


@for_each(
    ("clocks", "decided", "off"),
    [
        (Clocks(NOW, at(660), at(660), at(660, 0.01)), True, {"client"}),
        (Clocks(NOW, at(660), at(660), None), True, {"client"}),
        (Clocks(NOW, at(7200), at(0), at(0, 0.01)), True, {"server"}),
        (Clocks(NOW, at(7200), at(0), None), True, {"server"}),
        (Clocks(NOW, at(0), at(660), at(0, 0.01)), True, {"issuer"}),
        (Clocks(NOW, at(0), at(660), None), True, {"issuer"}),
        (Clocks(NOW, at(660), at(660), at(0, 0.01)), True, {"server", "issuer"}),
        (Clocks(NOW, at(0), at(0), at(660, 0.01)), True, {"ntp"}),
        (Clocks(NOW, at(0), None, at(660, 0.01)), True, {"ntp"}),
        (Clocks(NOW, None, None, at(660, 0.01)), True, {"client"}),
        (Clocks(NOW, at(660), None, None), False, set()),
        (Clocks(NOW, at(660), at(-660), None), False, set()),
        (Clocks(NOW, at(60), at(-1), at(0.5)), True, set()),
        (Clocks(NOW), True, set()),
    ],
)
def test_the_majority_names_the_clock_that_stands_alone(clocks: Clocks, decided: bool, off: set[str]) -> None:
    vote = majority(clocks, LIMIT)
    assert (vote.decided, set(vote.off)) == (decided, off)


def test_error_bars_are_given_the_benefit_of_the_doubt() -> None:
    assert not apart(at(61.5, 1.0), at(0, 1.0), 60)
    assert apart(at(62.5, 1.0), at(0, 1.0), 60)


offsets = st.none() | st.builds(at, st.floats(-1e5, 1e5), st.floats(0.01, 5))


@given(st.builds(Clocks, st.just(NOW), offsets, offsets, offsets), st.floats(5, 300))
def test_the_reference_is_never_among_those_that_are_off(clocks: Clocks, limit: float) -> None:
    vote = majority(clocks, limit)
    assert vote.reference in clocks.known
    assert vote.reference not in vote.off
    assert vote.off <= set(clocks.known)
    if not vote.decided:
        assert not vote.off


@given(st.floats(-1e6, 1e6), st.floats(0, 30))
def test_a_shift_of_this_machine_never_blames_a_server(shift: float, trip: float) -> None:
    clocks = read_clocks(NOW, [exchange(401, off=shift, trip=trip)], [exchange(200, off=shift, trip=trip)], NetworkTime("t", shift, 0.1))
    assert majority(clocks, LIMIT).off <= {"client"}


def test_this_machine_is_the_base() -> None:
    assert Clocks(NOW).offset("client") is HERE
