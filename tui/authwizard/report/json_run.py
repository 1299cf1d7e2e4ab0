"""A run as JSON in the published schema `authwizard.run/1` (run.schema.json in this folder)."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from importlib import resources
from typing import Any

from authwizard import __version__
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Code, Detail, Finding, Line, Table
from authwizard.model.run import Run, StepSeen, Verdict


def render_json(run: Run) -> str:
    """Return one run as JSON text ending in a newline."""
    return json.dumps(run_object(run), ensure_ascii=False, indent=1) + "\n"


def render_json_runs(runs: Sequence[Run]) -> str:
    """Return several runs (`--all`) as one JSON document."""
    return json.dumps({"schema": "authwizard.runs/1", "runs": [run_object(r) for r in runs]}, ensure_ascii=False, indent=1) + "\n"


def schema() -> dict[str, Any]:
    """Return the published JSON Schema of a run."""
    text = resources.files("authwizard.report").joinpath("run.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def run_object(run: Run) -> dict[str, Any]:
    """Return a run as the JSON object of DESIGN section 3."""
    return {
        "schema": "authwizard.run/1",
        "version": __version__,
        "profile": {"name": run.profile, "environment": run.environment, "request": run.request},
        "started_at": run.started_at,
        "duration_ms": run.duration_ms,
        "requests": dataclasses.asdict(run.requests),
        "verdict": _verdict(run.verdict),
        "responder": None if run.responder is None else {"name": run.responder.name, "confidence": run.responder.confidence},
        "steps": [_step(step) for step in run.steps],
        "exchanges": [_exchange(exchange) for exchange in run.exchanges],
    }


def _verdict(verdict: Verdict) -> dict[str, Any]:
    return {
        "kind": verdict.kind,
        "cause": verdict.cause,
        "owner": verdict.owner.value,
        "confidence": verdict.confidence,
        "step": verdict.step,
        "summary": verdict.summary,
        "because": [dataclasses.asdict(s) for s in verdict.because],
        "against": [dataclasses.asdict(s) for s in verdict.against],
        "contradictions": list(verdict.contradictions),
        "mechanisms": list(verdict.mechanisms),
        "will_fail_next": list(verdict.will_fail_next),
        "candidates": [{"cause": c.cause, "score": c.score, "text": c.text} for c in verdict.candidates],
        "tie_with": verdict.tie_with,
        "warnings": [dataclasses.asdict(w) for w in verdict.warnings],
        "ruled_out": [dataclasses.asdict(r) for r in verdict.ruled_out],
        "next_test": verdict.next_test,
        "remedy": {"text": verdict.remedy.text, "commands": list(verdict.remedy.commands)},
        "server_log_request": verdict.server_log_request,
    }


def _step(step: StepSeen) -> dict[str, Any]:
    return {
        "number": step.number,
        "id": step.id,
        "title": step.title,
        "status": step.status.value,
        "skip": step.skip.value if step.skip else None,
        "checks": [_check(finding) for finding in step.findings],
    }


def _check(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.check,
        "title": finding.title,
        "status": finding.status.value,
        "skip": finding.skip.value if finding.skip else None,
        "summary": finding.summary,
        "details": [_detail(d) for d in finding.details],
        "causes": list(finding.causes),
        "sources": list(finding.sources),
    }


def _detail(detail: Detail) -> dict[str, Any]:
    if isinstance(detail, Line):
        mark = detail.mark.value if detail.mark else None
        return {"type": "line", "label": detail.label, "value": detail.value, "status": mark, "note": detail.note}
    if isinstance(detail, Table):
        return {"type": "table", "title": detail.title, "columns": list(detail.columns), "rows": [list(row) for row in detail.rows]}
    assert isinstance(detail, Code)
    return {"type": "code", "title": detail.title, "text": detail.text}


def _exchange(exchange: Exchange) -> dict[str, Any]:
    import datetime as dt

    answer: dict[str, Any] | None = None
    if exchange.status is not None:
        answer = {"status": exchange.status, "headers": [list(h) for h in exchange.response_headers], "body": exchange.body}
    return {
        "id": exchange.id,
        "purpose": exchange.purpose,
        "cost": exchange.cost,
        "target": exchange.target,
        "request": {"method": exchange.method, "url": exchange.url, "headers": [list(h) for h in exchange.request_headers]},
        "response": answer,
        "fault": None if exchange.fault is None else {"layer": exchange.fault.layer, "text": exchange.fault.text},
        "timing_ms": dict(exchange.timing_ms),
        "sent_at": dt.datetime.fromtimestamp(exchange.sent_at, dt.UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
