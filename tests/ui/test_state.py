"""The state of a run, folded from events."""

from __future__ import annotations

from fake_services import BROKEN, EXPIRED, events_of, run_of, step_words

from authwizard.model.events import Judged, Leading, ProbeEnded, ProbeStarted
from authwizard.model.finding import Status
from authwizard.ui.state import PLACES, RunState, folded, next_place


def test_a_whole_run_folds_to_its_run() -> None:
    run = run_of(BROKEN, EXPIRED)
    state = RunState(1, phase="running", words=step_words())
    for event in events_of(run):
        state = folded(state, event, 1.0)
    assert (state.phase, state.run, state.verdict) == ("done", run, EXPIRED)
    assert state.step_mark(2)[0] is Status.FAIL
    assert state.judged_steps == 8
    assert state.answer_status == "401"
    assert not state.active


def test_probes_are_active_until_they_end() -> None:
    state = folded(RunState(1), ProbeStarted("P0", "your request"), 3.0)
    assert state.active["P0"].purpose == "your request"
    assert state.active["P0"].since == 3.0
    assert not folded(state, ProbeEnded("P0", "seen"), 4.0).active


def test_a_check_judged_again_replaces_its_finding() -> None:
    first, second = BROKEN[0], BROKEN[1]
    state = folded(folded(RunState(1), Judged(first), 0), Judged(second), 0)
    state = folded(state, Judged(type(first)(first.check, 0, first.title, Status.WARN, "again")), 0)
    assert len(state.findings) == 2
    assert state.findings[first.check].summary == "again"


def test_the_leading_verdict_is_kept() -> None:
    assert folded(RunState(1), Leading(EXPIRED), 0).verdict is EXPIRED


def test_the_walk_has_ends() -> None:
    assert next_place(0, -1) == 0
    assert next_place("verdict") == "verdict"
    assert [next_place(p) for p in PLACES[:-1]] == list(PLACES[1:])


def test_the_time_stops_with_the_run() -> None:
    assert RunState(1, phase="running", started=10).seconds(12) == 2
    assert RunState(1, phase="cancelled", started=10, ended=11).seconds(99) == 1
