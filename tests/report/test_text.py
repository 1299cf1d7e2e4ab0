"""The report as plain text: the answer first, then the steps, then what to do; nothing is hidden and nothing runs over."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.finding import Code, Line, Owner, Skip, Status, Table
from authwizard.model.run import Remedy
from authwizard.report.text import MAX_LINES, WIDTH, render_text
from authwizard.report.words import OWNERS, headline, status_word

from .made_runs import FINDINGS, VERDICTS, finding, run, saying


@pytest.mark.parametrize("kind", VERDICTS)
def test_the_answer_is_the_first_thing_said(kind: str) -> None:
    lines = render_text(run(kind)).splitlines()
    assert lines[0].startswith("authwizard  prod  GET ")
    assert lines[2] == headline(VERDICTS[kind])
    assert VERDICTS[kind].summary.split(".")[0] in " ".join(lines[3:5])
    assert lines.index("What to do:") > 3


def test_everything_of_a_verdict_is_there() -> None:
    text = " ".join(render_text(run()).split())
    for part in (
        "Your turn (very likely)", "Cause: token_expired, found in step 2", "token_expired or token_revoked", "[S2-03]", "Against:",
        "disagree", "insufficient_scope", "[I-01, plaintext_http]", "signature_invalid: It verifies.", "Send a fresh token.",
        "authwizard check prod --allow refresh", "To hand to whoever owns the server", "7 API, 1 token, 3 verification, 4 other requests",
    ):  # fmt: skip
        assert part in text, part


def test_candidates_are_shown_where_no_cause_is_named() -> None:
    assert "uniform_401: All alike." in render_text(run("cannot_tell"))
    assert "netrc_override: An entry." in render_text(run("not_reproduced"))
    assert "Still possible" not in render_text(run("healthy"))


def test_each_step_has_a_line_with_its_status_in_words() -> None:
    text = render_text(run())
    for word in ("PASS", "FAIL", "WARN", "NOT TRIED", "N/A", "BLOCKED", "CRASHED"):
        assert word in text
    assert "Intake" in text
    assert "Verification" in text
    assert "(consequence of step 2)" in text, "another failing step is told apart from the one of record"


def test_what_several_checks_say_is_said_once() -> None:
    text = render_text(run())
    assert text.count("The request was not sent.") == 2, "once as the step's line, once with the checks"
    assert "R1 and 4 more checks" in text


def test_evidence_of_a_failed_check_is_shown() -> None:
    text = render_text(run())
    for part in ("exp: 2026-01-01  (2 h ago)", "plain: value", "hop  answer", "1    301", "HTTP/1.1 401 Unauthorized"):
        assert part in text


def test_a_line_that_a_table_says_too_is_written_once() -> None:
    table = Table(("moment", "UTC", "from now"), (("expires (exp)", "09:14", "2 h ago"), ("now", "11:14", "now")))
    lines = (Line("Expires", "09:14", None, "2 h ago"), Line("Now", "11:14", None, "by the API's clock"))
    steps = run().steps
    expired = finding("S2-03", 2, Status.FAIL, "It expired.", table, *lines)
    text = render_text(run(steps=(*steps[:2], replace(steps[2], findings=(expired,)), *steps[3:])))
    assert "expires (exp)  09:14  2 h ago" in text
    assert "Expires:" not in text
    assert "Now: 11:14  (by the API's clock)" in text


def test_what_to_do_is_not_said_again_as_the_test_that_decides() -> None:
    verdict = replace(VERDICTS["could_not_look"], remedy=Remedy("Paste the answer."), next_test="Paste the answer.")
    assert render_text(run(verdict=verdict)).count("Paste the answer.") == 1


def test_a_long_quotation_says_what_is_left_out() -> None:
    steps = run().steps
    long = finding("S8-03", 8, Status.FAIL, "words", Code("\n".join(map(str, range(100)))))
    text = render_text(run(steps=(*steps[:8], type(steps[8])(8, "debug", "t", "q", "w", (long,)), steps[9])))
    assert f"... and {100 - MAX_LINES} more lines" in text


def test_lines_keep_to_the_width_where_words_allow() -> None:
    quoted = {line.strip() for f in FINDINGS for d in f.details if isinstance(d, Code) for line in d.text.splitlines()}
    long = [line for line in render_text(run()).splitlines() if len(line) > WIDTH and line.strip() not in quoted and " " in line.strip()]
    assert [line for line in long if not line.startswith("Sent: ")] == []


def test_the_words_of_owners_and_statuses() -> None:
    assert set(OWNERS) == set(Owner)
    assert [status_word(Status.SKIP, s) for s in (Skip.NOT_TRIED, Skip.NOT_APPLICABLE)] == ["NOT TRIED", "N/A"]
    assert headline(VERDICTS["cannot_tell"]) == "Nobody can tell from outside (cannot tell)"
    assert headline(VERDICTS["healthy"]) == "Nothing to do: healthy"


@given(st.text(max_size=200))
def test_any_text_is_rendered(text: str) -> None:
    assert render_text(saying(text)).endswith("\n")
