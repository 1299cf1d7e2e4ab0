"""Renderers of runs: text, JSON, Markdown, HTML, JUnit; and the export that refuses to write a secret."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import cast

from authwizard.model.run import Run


def _later(module: str, name: str) -> Callable[..., str]:
    """A renderer whose module is loaded when it is first used: a run is written in one format, seldom in all."""

    def render(what: Run | Sequence[Run]) -> str:
        return cast("str", getattr(importlib.import_module(f"authwizard.report.{module}"), name)(what))

    return render


render_text = _later("text", "render_text")
render_json = _later("json_run", "render_json")
render_markdown = _later("markdown", "render_markdown")
render_html = _later("html_page", "render_html")
render_junit = _later("junit", "render_junit")
RENDERERS: Mapping[str, Callable[[Run], str]] = {
    "text": render_text, "json": render_json, "markdown": render_markdown, "html": render_html, "junit": render_junit,
}  # fmt: skip
"""Every format a run can be written in."""
TOGETHER: Mapping[str, Callable[[Sequence[Run]], str]] = {
    "json": _later("json_run", "render_json_runs"), "html": _later("html_page", "render_html_runs"), "junit": _later("junit", "render_junit_runs"),
}  # fmt: skip
"""The formats in which several runs are one document; in the others they follow one another."""


def render_runs(runs: Sequence[Run], form: str) -> str:
    """Return several runs in a format."""
    together = TOGETHER.get(form)
    return together(runs) if together is not None else "\n".join(RENDERERS[form](run) for run in runs)


__all__ = ["RENDERERS", "render_html", "render_json", "render_junit", "render_markdown", "render_runs", "render_text"]
