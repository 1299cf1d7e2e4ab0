"""What a step means for the verdict, and the one next action."""

from __future__ import annotations

from dataclasses import replace

import pytest
from fake_services import BROKEN, EXPIRED, TITLES, cannot_tell_run, healthy_run, run_of, step_words

from authwizard.model.events import RunEnded
from authwizard.model.finding import Finding, Skip, Status
from authwizard.model.options import Cost, RunOptions
from authwizard.model.run import Remedy, Run, Sentence
from authwizard.ui.meaning import meaning, next_action, offers_further, offers_refresh, offers_reported
from authwizard.ui.state import RunState, folded


def title(code: str) -> str:
    return TITLES.get(code, code)


def done(run: Run, options: RunOptions | None = None) -> RunState:
    state = RunState(1, "prod", "prod", "staging", phase="running", options=options or RunOptions(), words=step_words())
    return folded(state, RunEnded(run), 1.0)


BROKEN_RUN = run_of(BROKEN, EXPIRED)


def test_the_step_of_the_cause_says_so() -> None:
    assert meaning(done(BROKEN_RUN), 2, title) == "The answer is found in this step: the access token has expired, proven."


@pytest.mark.parametrize(
    ("status", "skip", "words"),
    [
        (Status.PASS, None, "Nothing here explains"), (Status.WARN, None, "1 warning"), (Status.BLOCKED, None, "could not be seen"),
        (Status.CRASHED, None, "authwizard failed"), (Status.SKIP, Skip.NOT_TRIED, "Not tried"), (Status.SKIP, Skip.NOT_APPLICABLE, "Does not apply"),
    ],
)  # fmt: skip
def test_each_status_has_a_meaning(status: Status, skip: Skip | None, words: str) -> None:
    run = run_of([Finding("S6-01", 6, "t", status, "s", skip=skip)], EXPIRED)
    assert words in meaning(done(run), 6, title)


def test_a_failing_step_that_is_a_consequence_names_the_root() -> None:
    seen = replace(BROKEN[8], check="S3-99", step=3)
    run = run_of([seen], replace(EXPIRED, cause="environment_mismatch", mechanisms=("token_expired",), step=1))
    assert meaning(done(run), 3, title) == "A consequence, not the root: the token belongs to another environment."


def test_a_failing_step_that_is_among_the_reasons_is_no_riddle() -> None:
    """What stands under BECAUSE is not said to explain nothing."""
    seen = replace(BROKEN[8], check="S8-03", step=8, arguments=())
    run = run_of([seen], replace(EXPIRED, because=(Sentence("S8-03", "The server says so."),), step=2))
    assert meaning(done(run), 8, title) == "It speaks for the answer found in step 2: the access token has expired."
    assert "key w says why" in meaning(done(run_of([seen], replace(EXPIRED, because=(), step=2))), 8, title)


def test_a_failing_step_that_fails_next_says_so() -> None:
    seen = replace(BROKEN[8], check="S5-99", step=5)
    run = run_of([seen], replace(EXPIRED, cause="token_revoked", will_fail_next=("token_expired",), step=8))
    assert "fails next: the access token has expired" in meaning(done(run), 5, title)


def test_the_refresh_is_offered_where_only_leave_is_missing() -> None:
    assert next_action(done(BROKEN_RUN), 2).action == "app.refresh_token"
    assert not offers_refresh(done(BROKEN_RUN, RunOptions(allow_refresh=True)))
    assert not offers_refresh(done(healthy_run()))


def test_the_further_tests_are_offered_where_they_could_decide() -> None:
    plain = RunOptions(costs=frozenset({Cost.C0, Cost.C1, Cost.C2}))
    assert offers_further(done(cannot_tell_run(), plain))
    assert not offers_further(done(cannot_tell_run()))
    assert not offers_further(done(BROKEN_RUN, plain)), "a proven cause needs no further test"
    assert not offers_further(done(cannot_tell_run(), RunOptions(costs=frozenset({Cost.C0})))), "the user wanted nothing sent"


def test_a_success_asks_once_for_a_401_elsewhere() -> None:
    assert offers_reported(done(healthy_run()))
    assert not offers_reported(done(healthy_run(), RunOptions(reported_401=True)))
    assert ("a", "my program gets a 401 here") in next_action(done(healthy_run()), "verdict").others


def test_other_steps_walk_on_and_point_to_the_answer() -> None:
    action = next_action(done(BROKEN_RUN), 5)
    assert (action.label, action.action) == ("Next: 6 System time", "app.walk(1)")
    assert action.advice == "The answer is found in step 2 Expiration."


def test_a_failed_run_says_why_and_runs_again() -> None:
    action = next_action(RunState(1, phase="failed", problem="profiles.toml line 3: wrong."), 1)
    assert (action.advice, action.action) == ("profiles.toml line 3: wrong.", "app.rerun")


@pytest.mark.parametrize(
    ("status", "words"),
    [(Status.PASS, "Nothing is wrong here."), (Status.WARN, "1 warning: worth mending, but the request succeeds all the same.")],
)
def test_a_success_is_not_told_as_a_401_that_is_looked_for(status: Status, words: str) -> None:
    """There is no fix to copy either."""
    healthy = healthy_run().verdict
    state = done(run_of([Finding("S6-01", 6, "t", status, "s")], replace(healthy, remedy=Remedy("Nothing to mend."))))
    assert meaning(state, 6, title) == words
    assert "y" not in dict(next_action(state, "verdict").others)


def test_a_step_that_is_still_looked_at_draws_no_conclusion() -> None:
    state = replace(done(run_of([Finding("S6-01", 6, "t", Status.PASS, "s")], EXPIRED)), phase="running", verdict=None)
    assert meaning(state, 6, title) == "Nothing is wrong here so far."
