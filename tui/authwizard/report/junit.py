"""A run as JUnit XML, for a pipeline: the verdict is the first test case, each check one of its own.

The verdict alone decides whether a suite is red, as the exit status does: a check that finds fault with something a healthy request does
not stumble over (a client secret that will be needed later) is passed with its sentence in the output. What could not be looked at is
`skipped`, a fault of authwizard's own is an `error`. (No standard defines the format; element and attribute names are those of Apache
Ant's JUnit task, which every pipeline reads.)
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from authwizard.model.finding import Code, Finding, Line, Status, Table
from authwizard.model.late_pattern import late_pattern
from authwizard.model.run import Run, StepSeen, Verdict
from authwizard.report.words import headline, status_word, step_name

_CONTROL = late_pattern("[^\t\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML 1.0 section 2.2 lets no document hold, and what no terminal should be sent."""


def render_junit(run: Run) -> str:
    """Return one run as a JUnit document."""
    return render_junit_runs((run,))


def render_junit_runs(runs: Sequence[Run]) -> str:
    """Return several runs (`--all`) as one JUnit document with a suite each."""
    suites = ET.Element("testsuites", name="authwizard")
    for run in runs:
        suites.append(_suite(run))
    ET.indent(suites, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suites, encoding="unicode") + "\n"


def _suite(run: Run) -> ET.Element:
    suite = ET.Element("testsuite", name=_text(f"authwizard {run.profile}"), timestamp=run.started_at.removesuffix("Z"))
    cases = [_verdict_case(run), *(_case(run, step, finding) for step in run.steps for finding in step.findings)]
    suite.extend(cases)
    suite.set("tests", str(len(cases)))
    for name, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(name, str(sum(case.find(tag) is not None for case in cases)))
    suite.set("time", f"{run.duration_ms / 1000:.3f}")
    return suite


def _verdict_case(run: Run) -> ET.Element:
    verdict = run.verdict
    case = ET.Element("testcase", classname=_text(f"authwizard.{run.profile}"), name="verdict", time=f"{run.duration_ms / 1000:.3f}")
    if verdict.kind == "healthy":
        _output(case, verdict.summary)
        return case
    tag = "error" if verdict.kind == "could_not_look" else "failure"
    outcome = ET.SubElement(case, tag, type=verdict.cause or verdict.kind, message=_text(f"{headline(verdict)}: {verdict.summary}"))
    outcome.text = _text("\n".join(_lines(run, verdict)))
    return case


def _lines(run: Run, verdict: Verdict) -> list[str]:
    told = [run.request, verdict.summary, *(f"because: {s.text} [{s.check}]" for s in verdict.because)]
    told += [f"against: {s.text} [{s.check}]" for s in verdict.against]
    told += [f"still possible: {c.cause}" for c in verdict.candidates if c.cause != verdict.cause]
    told += [f"what to do: {verdict.remedy.text}", *(f"  {command}" for command in verdict.remedy.commands)]
    told += [f"what would decide it: {verdict.next_test}"] if verdict.next_test else []
    return [line for line in told if line]


def _case(run: Run, step: StepSeen, finding: Finding) -> ET.Element:
    case = ET.Element(
        "testcase", classname=_text(f"authwizard.{run.profile}.{step_name(step)}"), name=_text(f"{finding.check} {finding.title}"), time="0"
    )
    word = status_word(finding.status, finding.skip)
    if finding.status is Status.CRASHED:
        ET.SubElement(case, "error", type="crashed", message=_text(finding.summary))
    elif finding.status in (Status.SKIP, Status.BLOCKED):
        ET.SubElement(case, "skipped", message=_text(f"{word}: {finding.summary}"))
    elif finding.status is Status.FAIL and run.verdict.kind != "healthy":
        outcome = ET.SubElement(case, "failure", type=next(iter(finding.causes), "failed"), message=_text(finding.summary))
        outcome.text = _text("\n".join(_evidence(finding)))
    elif finding.status is not Status.PASS:
        _output(case, "\n".join((f"{word}: {finding.summary}", *_evidence(finding))))
    return case


def _evidence(finding: Finding) -> list[str]:
    lines: list[str] = []
    for detail in finding.details:
        if isinstance(detail, Line):
            lines.append(f"{detail.label}: {detail.value}" + (f" ({detail.note})" if detail.note else ""))
        elif isinstance(detail, Table):
            lines += [" | ".join(row) for row in (detail.columns, *detail.rows)]
        elif isinstance(detail, Code):
            lines.append(detail.text)
    return lines


def _output(case: ET.Element, said: str) -> None:
    ET.SubElement(case, "system-out").text = _text(said)


def _text(value: str) -> str:
    return _CONTROL.sub("\ufffd", value)
