"""A run as plain text: the accessible twin of the wizard, for a terminal and for reading aloud."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable

from authwizard.model.finding import Detail, Finding, Line, Status, Table
from authwizard.model.run import Run, Verdict
from authwizard.report.words import GLYPHS, deciding_test, headline, open_causes, ruled_out, status_word, step_line, step_name, told_once

WIDTH = 100
MAX_LINES = 20
"""Lines of a quoted text that are shown; the JSON report has all of them."""


def render_text(run: Run) -> str:
    """Return the whole run: the answer first, its evidence second, the next action last."""
    return "\n".join([*_answer(run), "", *_steps(run), "", *_next(run.verdict), *_foot(run)]) + "\n"


def _answer(run: Run) -> list[str]:
    verdict = run.verdict
    lines = [f"authwizard  {run.profile}  {run.request}".rstrip(), "", headline(verdict), *_wrap(verdict.summary, "")]
    if verdict.cause:
        lines.append(f"Cause: {verdict.cause}" + (f", found in step {verdict.step}" if verdict.step is not None else ""))
    if verdict.tie_with:
        lines.append(f"It is one of two: {verdict.cause} or {verdict.tie_with}.")
    lines += _section("Because", (f"{s.text} [{s.check}]" for s in verdict.because))
    lines += _section("Against", (f"{s.text} [{s.check}]" for s in verdict.against))
    lines += _section("These observations disagree", verdict.contradictions)
    lines += _section("Still possible", (f"{c.cause}: {c.text}" if c.text else c.cause for c in open_causes(verdict)))
    lines += _section("Will fail next", verdict.will_fail_next)
    lines += _section("Warnings", (f"{w.text} [{w.check}, {w.cause}]" for w in verdict.warnings))
    lines += _section("Ruled out", ruled_out(verdict))
    return lines


def _section(title: str, items: Iterable[str]) -> list[str]:
    entries = list(items)
    if not entries:
        return []
    return ["", f"{title}:", *(line for entry in entries for line in _wrap(entry, "  - ", "    "))]


def _steps(run: Run) -> list[str]:
    lines = []
    for step in run.steps:
        lines.append(f"{GLYPHS[step.status]} {status_word(step.status, step.skip):<9} {step_name(step)}")
        lines += _wrap(step_line(step, run.verdict.step), "              ")
        telling = [f for f in step.findings if f.status in (Status.FAIL, Status.WARN, Status.BLOCKED, Status.CRASHED)]
        for checks, finding in told_once(telling):
            lines += _finding(checks, finding)
    return lines


def _finding(checks: str, finding: Finding) -> list[str]:
    mark = f"{GLYPHS[finding.status]} {checks}:"
    return [
        *_wrap(f"{mark} {finding.summary}", "              ", "                "),
        *(line for d in finding.details if not _in_a_table(d, finding) for line in _detail(d)),
    ]


def _in_a_table(detail: Detail, finding: Finding) -> bool:
    """Tell whether a line says only what a row of the same finding's table says too."""
    if not isinstance(detail, Line) or not detail.note:
        return False
    rows = [row for table in finding.details if isinstance(table, Table) for row in table.rows]
    return any(detail.value in row and detail.note in row for row in rows)


def _detail(detail: Detail) -> list[str]:
    pad = " " * 18
    if isinstance(detail, Line):
        note = f"  ({detail.note})" if detail.note else ""
        return _wrap(f"{detail.label}: {detail.value}{note}", pad, pad + "  ")
    if isinstance(detail, Table):
        rows = [[" ".join(cell.split()) for cell in row] for row in (detail.columns, *detail.rows)]
        widths = [max(len(row[i]) for row in rows) for i in range(len(detail.columns))]
        return [pad + "  ".join(cell.ljust(w) for cell, w in zip(row, widths, strict=True)).rstrip() for row in rows]
    shown = detail.text.splitlines()
    left = len(shown) - MAX_LINES
    return [pad + line for line in [*shown[:MAX_LINES], *([f"... and {left} more lines"] if left > 0 else [])]]


def _next(verdict: Verdict) -> list[str]:
    lines = ["What to do:", *_wrap(verdict.remedy.text, "  "), *(f"    {command}" for command in verdict.remedy.commands)]
    if deciding := deciding_test(verdict):
        lines += ["", "What would decide it:", *_wrap(deciding, "  ")]
    if verdict.server_log_request:
        lines += ["", "To hand to whoever owns the server:"]
        lines += [line for part in verdict.server_log_request.splitlines() for line in _wrap(part, "  ")]
    return lines


def _foot(run: Run) -> list[str]:
    sent = run.requests
    return [
        "",
        f"Sent: {sent.api} API, {sent.token} token, {sent.verification} verification, {sent.other} other requests in {run.duration_ms / 1000:.1f} s.",
        f"Started {run.started_at}. No secret is in this text.",
    ]


def _wrap(text: str, first: str, rest: str | None = None) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=first if rest is None else rest, break_long_words=False, break_on_hyphens=False
    ) or [first.rstrip()]
