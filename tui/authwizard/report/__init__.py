"""Renderers of runs: text, JSON, Markdown, HTML, JUnit; and the export that refuses to write a secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from authwizard.model.run import Run
from authwizard.report.html_page import render_html, render_html_runs
from authwizard.report.json_run import render_json, render_json_runs
from authwizard.report.junit import render_junit, render_junit_runs
from authwizard.report.markdown import render_markdown
from authwizard.report.text import render_text

RENDERERS: Mapping[str, Callable[[Run], str]] = {
    "text": render_text, "json": render_json, "markdown": render_markdown, "html": render_html, "junit": render_junit,
}  # fmt: skip
"""Every format a run can be written in."""
TOGETHER: Mapping[str, Callable[[Sequence[Run]], str]] = {"json": render_json_runs, "html": render_html_runs, "junit": render_junit_runs}
"""The formats in which several runs are one document; in the others they follow one another."""


def render_runs(runs: Sequence[Run], form: str) -> str:
    """Return several runs in a format."""
    together = TOGETHER.get(form)
    return together(runs) if together is not None else "\n".join(RENDERERS[form](run) for run in runs)


__all__ = ["RENDERERS", "render_html", "render_json", "render_junit", "render_markdown", "render_runs", "render_text"]
