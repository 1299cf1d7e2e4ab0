"""Renderers of one Run: text, JSON, Markdown; and the export that refuses to write a secret."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from authwizard.model.run import Run
from authwizard.report.json_run import render_json
from authwizard.report.markdown import render_markdown
from authwizard.report.text import render_text

RENDERERS: Mapping[str, Callable[[Run], str]] = {"text": render_text, "json": render_json, "markdown": render_markdown}
"""Every format a run can be written in."""

__all__ = ["RENDERERS", "render_json", "render_markdown", "render_text"]
