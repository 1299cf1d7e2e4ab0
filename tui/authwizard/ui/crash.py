"""How does the wizard say that it failed itself, without showing a value?

A traceback with local variables, and an exception's own text, can hold a token. So only kinds and places are told.
"""

from __future__ import annotations

import traceback
from pathlib import Path

from textual.worker import WorkerFailed

from authwizard.model.errors import AuthwizardError


def place_of(error: BaseException) -> str:
    """Return an exception's kind and where it was raised: `TypeError in walk, app.py line 12`."""
    frames = traceback.extract_tb(error.__traceback__)
    if not frames:
        return type(error).__name__
    last = frames[-1]
    return f"{type(error).__name__} in {last.name}, {Path(last.filename).name} line {last.lineno}"


def sentence_of(error: BaseException) -> str:
    """Return what to tell of a failure: an expected one in its own words, any other by its kind and place alone."""
    if isinstance(error, AuthwizardError):
        return str(error)
    return f"authwizard failed here itself ({place_of(error)}); please report it."


def report_of(error: BaseException | None) -> str:
    """Return a crash as text for the terminal: the kind and the calls that led there; no values, no source lines."""
    lines = ["authwizard failed itself. Nothing was written. Please report these lines; they hold no value of yours:", ""]
    for number, link in enumerate(_chain(error)):
        lines.append(f"{'caused by ' if number else ''}{type(link).__module__}.{type(link).__name__}")
        lines += [f"  {Path(f.filename).name}:{f.lineno} {f.name}" for f in traceback.extract_tb(link.__traceback__)]
    return "\n".join(lines)


def _chain(error: BaseException | None) -> list[BaseException]:
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.error if isinstance(error, WorkerFailed) else error.__cause__ or error.__context__
    return links
