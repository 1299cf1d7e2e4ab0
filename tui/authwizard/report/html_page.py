"""A run as one self-contained HTML page, for a ticket's attachment: no script, nothing loaded from anywhere, readable in print."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from authwizard.model.exchange import Exchange
from authwizard.model.finding import Detail, Finding, Line, Status, Table
from authwizard.model.late_pattern import late_pattern
from authwizard.model.run import Run, StepSeen, Verdict
from authwizard.report.page_style import STYLE
from authwizard.report.words import GLYPHS, deciding_test, headline, open_causes, ruled_out, status_word, step_line, step_name, told_once

POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
"""Whatever a server managed to write into its answer, a browser loads and runs nothing of it."""
_CONTROL = late_pattern("[^\t\n\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render_html(run: Run) -> str:
    """Return one run as an HTML page."""
    return render_html_runs((run,))


def render_html_runs(runs: Sequence[Run]) -> str:
    """Return several runs (`--all`) as one HTML page, with links to each where there are several."""
    title = f"authwizard: {', '.join(run.profile for run in runs)}"
    links = "".join(
        f'<li><a href="#run{n}">{text(run.profile)}</a> {text(headline(run.verdict))}</li>' for n, run in enumerate(runs) if len(runs) > 1
    )
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="referrer" content="no-referrer">',
        f"<title>{text(title)}</title><style>{STYLE}</style></head><body>",
        f"<nav><ul>{links}</ul></nav>" if links else "",
        *(line for n, run in enumerate(runs) for line in _run(run, n)),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


def text(value: str) -> str:
    """Return a text that HTML shows as it is; what no document may hold (control characters, lone surrogates) becomes U+FFFD."""
    return escape(_CONTROL.sub("\ufffd", value), quote=True)


def _run(run: Run, number: int) -> list[str]:
    sent = run.requests
    counts = f"{sent.api} API, {sent.token} token, {sent.verification} verification, {sent.other} other requests"
    time = f"{run.duration_ms / 1000:.1f} s. Started {text(run.started_at)}"
    return [
        f'<main id="run{number}">',
        *_answer(run),
        *_next(run.verdict),
        "<h2>Steps</h2>",
        *(line for step in run.steps for line in _step(step, run.verdict.step)),
        *_exchanges(run.exchanges),
        f"<footer><p>Sent: {counts} in {time}. No secret is in this page.</p></footer>",
        "</main>",
    ]


def _answer(run: Run) -> list[str]:
    verdict = run.verdict
    facts = [("Profile", f"{run.profile} ({run.environment})"), ("Request", run.request or "none")]
    if verdict.cause:
        facts.append(("Cause", verdict.cause + (f", found in step {verdict.step}" if verdict.step is not None else "")))
    if verdict.tie_with:
        facts.append(("Or", verdict.tie_with))
    if run.responder is not None:
        facts.append(("Answered by", run.responder.name))
    return [
        f'<header class="{verdict.kind}"><h1>{text(headline(verdict))}</h1><p class="summary">{text(verdict.summary)}</p></header>',
        "<dl>" + "".join(f"<dt>{text(name)}</dt><dd>{text(value)}</dd>" for name, value in facts) + "</dl>",
        *_section("Because", (f"{s.text} [{s.check}]" for s in verdict.because)),
        *_section("Against", (f"{s.text} [{s.check}]" for s in verdict.against)),
        *_section("These observations disagree", verdict.contradictions),
        *_section("Still possible", (f"{c.cause}: {c.text}" if c.text else c.cause for c in open_causes(verdict))),
        *_section("Will fail next", verdict.will_fail_next),
        *_section("Warnings", (f"{w.text} [{w.check}, {w.cause}]" for w in verdict.warnings)),
        *_section("Ruled out", ruled_out(verdict), folded=True),
    ]


def _section(title: str, items: Iterable[str], *, folded: bool = False) -> list[str]:
    entries = "".join(f"<li>{text(item)}</li>" for item in items)
    if not entries:
        return []
    if folded:
        return [f"<details><summary>{title}</summary><ul>{entries}</ul></details>"]
    return [f"<h2>{title}</h2><ul>{entries}</ul>"]


def _next(verdict: Verdict) -> list[str]:
    commands = "".join(f"<pre>{text(command)}</pre>" for command in verdict.remedy.commands)
    lines = [f"<h2>What to do</h2><p>{text(verdict.remedy.text)}</p>{commands}"]
    if deciding := deciding_test(verdict):
        lines.append(f"<h2>What would decide it</h2><p>{text(deciding)}</p>")
    if verdict.server_log_request:
        lines.append(f"<h2>For whoever owns the server</h2><pre>{text(verdict.server_log_request)}</pre>")
    return lines


def _step(step: StepSeen, record: int | None) -> list[str]:
    shown = [f for f in step.findings if f.status is not Status.SKIP]
    status = f'<span class="status {step.status.value}">{GLYPHS[step.status]} {status_word(step.status, step.skip)}</span>'
    opened = " open" if step.number == record else ""
    return [
        f"<details{opened}><summary>{status} <b>{text(step_name(step))}</b> {text(step_line(step, record))}</summary>",
        f"<p>{text(step.question)} {text(step.why)}</p>",
        *(line for checks, finding in told_once(shown) for line in _finding(checks, finding)),
        "</details>",
    ]


def _finding(checks: str, finding: Finding) -> list[str]:
    status = f'<span class="status {finding.status.value}">{GLYPHS[finding.status]} {status_word(finding.status, finding.skip)}</span>'
    sources = f'<p class="sources">{text("; ".join(finding.sources))}</p>' if finding.sources else ""
    return [
        f"<section><h3>{status} {text(checks)}: {text(finding.heading)}</h3><p>{text(finding.below_heading)}</p>",
        *(_detail(detail) for detail in finding.details),
        f"{sources}</section>",
    ]


def _detail(detail: Detail) -> str:
    if isinstance(detail, Line):
        note = f" <i>({text(detail.note)})</i>" if detail.note else ""
        return f'<p class="line">{text(detail.label)}: <code>{text(detail.value)}</code>{note}</p>'
    if isinstance(detail, Table):
        head = "".join(f"<th>{text(column)}</th>" for column in detail.columns)
        body = "".join("<tr>" + "".join(f"<td>{text(cell)}</td>" for cell in row) + "</tr>" for row in detail.rows)
        caption = f"<caption>{text(detail.title)}</caption>" if detail.title else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
    return f"<pre>{text(detail.text)}</pre>"


def _exchanges(exchanges: Sequence[Exchange]) -> list[str]:
    if not exchanges:
        return []
    return ["<h2>Requests and answers</h2>", *(line for exchange in exchanges for line in _exchange(exchange))]


def _exchange(exchange: Exchange) -> list[str]:
    fault = exchange.fault.text if exchange.fault is not None else "no answer"
    outcome = str(exchange.status) if exchange.status is not None else fault
    request = [f"{exchange.method} {exchange.url}", *(f"{name}: {value}" for name, value in exchange.request_headers)]
    answer = [outcome, *(f"{name}: {value}" for name, value in exchange.response_headers), "", exchange.body]
    return [
        f"<details><summary><b>{text(exchange.id)}</b> {text(exchange.purpose)}: {text(outcome)}</summary>",
        f"<pre>{text(chr(10).join(request))}</pre><pre>{text(chr(10).join(answer).rstrip())}</pre></details>",
    ]
