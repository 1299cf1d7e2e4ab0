"""The line on top: product, profile, request, the answer's status, the time it took."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.content import Content

from authwizard.ui import text
from authwizard.ui.signs import elapsed
from authwizard.ui.widgets.rows import Rows

if TYPE_CHECKING:
    from authwizard.ui.state import RunState


class HeaderLine(Rows):
    """One row, always; what does not fit is cut in the request."""

    def __init__(self, title: str = "") -> None:
        super().__init__()
        self._title = title
        self._state: RunState | None = None

    def show(self, state: RunState) -> None:
        """Show a run."""
        self._state = state
        self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw the row."""
        state = self._state
        left: list[text.Part] = [(" authwizard", "bold $primary"), "  "]
        if state is None or (not state.name and not state.request):
            return [text.row(*left, (text.fit(self._title, max(0, width - 13)), "dim"))]
        time_word = elapsed(state.seconds(time.monotonic())) if state.phase != "idle" else ""
        status = state.answer_status
        right = "   ".join(part for part in (_phase(state), time_word) if part)
        used = 13 + cell_len(state.name) + 2 + (len(status) + 2 if status else 0) + cell_len(right) + 3
        request = text.fit(short_request(state.request), max(0, width - used))
        style = "$success" if status.startswith("2") else "bold $error"
        shown: list[text.Part] = [*left, (state.name, "bold"), "  ", request]
        if status:
            shown += ["  ", (status, style)]
        return [text.row(*shown, "  ", (right, "dim"), " ")]


def short_request(request: str) -> str:
    """Return a request without the scheme of its URL: `GET api.example.com/v2/orders`."""
    method, _, url = request.partition(" ")
    return f"{method} {url.partition('://')[2] or url}" if url else request


def _phase(state: RunState) -> str:
    return {"running": "running", "cancelled": "cancelled", "failed": "failed"}.get(state.phase, "")
