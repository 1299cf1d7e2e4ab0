"""The report as JUnit: the verdict decides whether the suite is red, and nothing a server says breaks the document."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.report.junit import render_junit, render_junit_runs

from .made_runs import FINDINGS, VERDICTS, run, saying


def suites(text: str) -> list[ET.Element]:
    root = ET.fromstring(text)
    assert root.tag == "testsuites"
    return list(root)


def outcome(case: ET.Element) -> str:
    return next((child.tag for child in case if child.tag != "system-out"), "passed")


@pytest.mark.parametrize("kind", VERDICTS)
def test_the_first_case_is_the_verdict(kind: str) -> None:
    case = suites(render_junit(run(kind)))[0][0]
    assert case.get("name") == "verdict"
    wanted = {"healthy": "passed", "could_not_look": "error"}.get(VERDICTS[kind].kind, "failure")
    assert outcome(case) == wanted
    if wanted != "passed":
        assert case[0].get("type") == (VERDICTS[kind].cause or VERDICTS[kind].kind)
        assert VERDICTS[kind].summary in str(case[0].get("message"))


def test_each_check_is_a_case_and_the_counts_are_right() -> None:
    suite = suites(render_junit(run()))[0]
    assert suite.get("tests") == str(len(suite)) == str(len(FINDINGS) + 1)
    cases = {str(case.get("name")).split()[0]: outcome(case) for case in suite}
    assert cases == {
        "verdict": "failure", "I-03": "passed", "S2-03": "failure", "S3-05": "passed", "S4-03": "skipped", "S5-02": "skipped", "S6-01": "skipped",
        "S7-01": "error", **{f"R{n}": "skipped" for n in range(1, 6)}, "V-01": "failure",
    }  # fmt: skip
    assert (suite.get("failures"), suite.get("errors"), suite.get("skipped")) == ("3", "1", "8")


def test_what_could_not_be_seen_and_what_was_not_tried_say_so() -> None:
    said = {str(c.get("name")).split()[0]: c[0].get("message") for c in suites(render_junit(run()))[0] if outcome(c) == "skipped"}
    assert said["S6-01"] == "BLOCKED: No answer of the time server."
    assert said["S4-03"] == "NOT TRIED: Not without leave."
    assert said["S5-02"] == "N/A: No table."


def test_a_warning_is_said_and_a_healthy_run_is_green() -> None:
    suite = suites(render_junit(run("healthy")))[0]
    assert suite.get("failures") == "0", "the exit status is 0, so the pipeline's suite is green"
    said = {str(c.get("name")).split()[0]: c.findtext("system-out") for c in suite}
    assert str(said["S3-05"]).startswith("WARN: The secret is due.")
    assert str(said["S2-03"]).startswith("FAIL: The token ended 2 h ago.")


def test_several_runs_are_one_document() -> None:
    names = [suite.get("name") for suite in suites(render_junit_runs((run(), run("healthy", profile="staging"))))]
    assert names == ["authwizard prod", "authwizard staging"]


@given(st.text(max_size=80) | st.sampled_from(("]]>", "<failure/>", "&amp;", "\x00\x1b[2J", "\ufffe", "\ud800")))
def test_any_text_leaves_the_document_whole(text: str) -> None:
    made = render_junit(saying(text))
    suite = suites(made)[0]
    assert suite.get("tests") == str(len(suite)) == "11"
    assert not any(ord(c) < 32 and c not in "\t\n" for c in made)
