"""A run as Markdown, for a ticket."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from authwizard.model.finding import Detail, Line, Status, Table
from authwizard.model.late_pattern import late_pattern
from authwizard.model.run import Run
from authwizard.report.words import GLYPHS, deciding_test, headline, open_causes, ruled_out, status_word, step_line, told_once

SPECIAL = str.maketrans({c: f"\\{c}" for c in "\\`*_[]<>|#~!&$"})
LINKISH = late_pattern(
    r"(?:\b(?:https?|ftp|wss?)://|\bwww\.|\b(?:mailto|xmpp):)(?:\S*[^\s.,;:!?)\]}'\"]|\S+)|\S*@\S+|(?<!\w)#\d+\b|\bGH-\d+\b", re.IGNORECASE
)
"""What the renderers of code hosts turn into a link or a call to a person by itself: addresses, mail, @name, #number."""
AT_START = late_pattern(r"(?:[-+=]|\d+(?=[.)]))")
"""What begins a list, a rule or a heading's underline where it stands first in a line."""


def render_markdown(run: Run) -> str:
    """Return the run as Markdown; every text from outside is escaped, so it cannot become a link, an image or HTML."""
    verdict = run.verdict
    lines = [f"# {escape(headline(verdict))}", "", escape(verdict.summary), ""]
    request = code(run.request) if run.request else "none"
    lines += [f"- Profile: {escape(run.profile)} ({run.environment})", f"- Request: {request}", f"- Verdict: {verdict.kind}"]
    if verdict.cause:
        lines.append(f"- Cause: {code(verdict.cause)}" + (f" (step {verdict.step})" if verdict.step is not None else ""))
    if verdict.tie_with:
        lines.append(f"- Or: {code(verdict.tie_with)}")
    if run.responder is not None:
        lines.append(f"- Answered by: {escape(run.responder.name)}")
    lines += _section("Because", (f"{s.text} ({s.check})" for s in verdict.because))
    lines += _section("Against", (f"{s.text} ({s.check})" for s in verdict.against))
    lines += _section("Observations that disagree", verdict.contradictions)
    lines += _section("Still possible", (f"{c.cause}: {c.text}" for c in open_causes(verdict)))
    lines += _section("Will fail next", verdict.will_fail_next)
    lines += _section("Warnings", (f"{w.text} ({w.check}, {w.cause})" for w in verdict.warnings))
    lines += _section("Ruled out", ruled_out(verdict))
    lines += ["", "## What to do", "", escape(verdict.remedy.text)]
    lines += [line for command in verdict.remedy.commands for line in ("", *_fence(command))]
    if deciding := deciding_test(verdict):
        lines += ["", "## What would decide it", "", escape(deciding)]
    if verdict.server_log_request:
        lines += ["", "## For whoever owns the server", "", *_fence(verdict.server_log_request)]
    lines += ["", "## Steps", "", "| | Step | Found |", "|---|---|---|"]
    lines += [
        f"| {GLYPHS[s.status]} {status_word(s.status, s.skip)} | {s.number} {cell(s.title)} | {cell(step_line(s, verdict.step))} |"
        for s in run.steps
    ]
    lines += _evidence(run)
    sent = run.requests
    lines += [
        "",
        f"Sent: {sent.api} API, {sent.token} token, {sent.verification} verification, {sent.other} other requests; started {run.started_at}.",
    ]
    return "\n".join(lines) + "\n"


def escape(text: str) -> str:
    """Return a text that Markdown shows as it is, on one line; what would become a link by itself is shown as code."""
    return _inline(text, code)


def cell(text: str) -> str:
    """Return a text for a table's cell, where even code may hold no bare pipe."""
    return _inline(text, lambda part: code(part).replace("|", "\\|"))


def _inline(text: str, link: Callable[[str], str]) -> str:
    flat = " ".join(text.split())
    parts, end = [], 0
    for match in LINKISH.finditer(flat):
        parts += [flat[end : match.start()].translate(SPECIAL), link(match.group())]
        end = match.end()
    shown = "".join([*parts, flat[end:].translate(SPECIAL)])
    first = AT_START.match(shown)
    if first is None:
        return shown
    place = first.end() if first.group().isdigit() else 0
    return f"{shown[:place]}\\{shown[place:]}"


def code(text: str) -> str:
    """Return a text as inline code, with a fence longer than any run of backquotes in it."""
    fence = "`"
    while fence in text:
        fence += "`"
    flat = " ".join(text.split())
    pad = " " if flat.startswith("`") or flat.endswith("`") else ""
    return f"{fence}{pad}{flat}{pad}{fence}"


def _fence(text: str) -> list[str]:
    fence = "```"
    while fence in text:
        fence += "`"
    return [fence, *text.splitlines(), fence]


def _section(title: str, items: Iterable[str]) -> list[str]:
    entries = [f"- {escape(item)}" for item in items]
    return ["", f"## {title}", "", *entries] if entries else []


def _evidence(run: Run) -> list[str]:
    lines = []
    for step in run.steps:
        telling = [f for f in step.findings if f.status is not Status.SKIP and (f.details or f.status is not Status.PASS)]
        for checks, finding in told_once(telling):
            lines += ["", f"### {GLYPHS[finding.status]} {checks}: {escape(finding.heading)}", "", escape(finding.below_heading)]
            lines += [line for detail in finding.details for line in _detail(detail)]
    return ["", "## Evidence", *lines] if lines else []


def _detail(detail: Detail) -> list[str]:
    if isinstance(detail, Line):
        return [f"- {escape(detail.label)}: {escape(detail.value)}" + (f" ({escape(detail.note)})" if detail.note else "")]
    if isinstance(detail, Table):
        head = ["", "| " + " | ".join(cell(c) for c in detail.columns) + " |", "|" + "---|" * len(detail.columns)]
        return [*head, *("| " + " | ".join(cell(value) for value in row) + " |" for row in detail.rows), ""]
    return ["", *_fence(detail.text), ""]
