"""Which commands does the palette offer? All that keys do, in words."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand

from authwizard.ui import meaning
from authwizard.ui.signs import STEP_NAMES

if TYPE_CHECKING:
    from authwizard.ui.app import AuthwizardApp


def commands(app: AuthwizardApp) -> Iterator[SystemCommand]:
    """Yield the commands that make sense now; titles are fixed texts, never something from outside."""
    yield SystemCommand("Help", "Keys and words", app.action_help)
    yield SystemCommand("Profiles", "The box for a curl command, and the saved profiles", app.action_home)
    yield SystemCommand("New profile", "Make a profile", partial(app.edit_profile, None))
    yield SystemCommand("Import a profile", "From curl, .env, HAR, Postman, OpenAPI or an export, with a preview", app.import_profile)
    if not app.state.run_id:
        return
    for number, name in STEP_NAMES.items():
        yield SystemCommand(f"Go to {number} {name}", "A screen of the run", partial(app.action_go, number))
    yield SystemCommand("Go to the verdict", "Whose turn it is, and what to do", partial(app.action_go, "verdict"))
    yield SystemCommand("Run again", "The same run once more", app.action_rerun)
    yield SystemCommand("Cancel the run", "What was found stays readable", app.action_cancel_run)
    yield SystemCommand("Requests and answers", "What was sent and what came back, redacted", app.action_exchange)
    yield SystemCommand("Why not the others", "The causes that were not chosen, each with its reason", app.action_why)
    yield SystemCommand("Compare", "With the run before, a saved run or another profile", app.action_compare)
    yield SystemCommand("Write a report", "Markdown, text, HTML, JSON or JUnit, without secrets", app.action_report)
    if meaning.offers_reported(app.state):
        yield SystemCommand("My program gets a 401 here", "Paste what it sends, and compare", app.action_reported)
    yield SystemCommand("Copy the fix", "What to do, as text; no secret is in it", app.action_copy_fix)
