"""What a large window has room for beside a step: the causes that were ruled out, and the requests in order."""

from __future__ import annotations

import time
from collections.abc import Callable

from textual.content import Content

from authwizard.model.exchange import Exchange
from authwizard.ui import text
from authwizard.ui.signs import elapsed
from authwizard.ui.state import RunState
from authwizard.ui.widgets.rows import Rows


class AsidePane(Rows):
    """A pane whose rows depend on its height too."""

    def on_resize(self) -> None:
        """Draw for the new height."""
        self.redraw(layout=False)


class RuledOutPane(AsidePane):
    """The causes the run excluded, one row each."""

    def __init__(self, cause_title: Callable[[str], str]) -> None:
        super().__init__()
        self._cause_title = cause_title
        self._state = RunState()

    def show(self, state: RunState) -> None:
        """Show a run."""
        if state.verdict is not self._state.verdict or state.run_id != self._state.run_id:
            self._state = state
            self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw as many as there is room for."""
        rows = [text.rule("RULED OUT", width, self.signs.rule, "bold $secondary")]
        ruled_out = self._state.verdict.ruled_out if self._state.verdict else ()
        room = max(1, self.content_size.height - 1)
        shown = ruled_out if len(ruled_out) <= room else ruled_out[: room - 1]
        rows += [text.row((f"{self.signs.failed} {text.fit(self._cause_title(item.cause), width - 2)}", "dim")) for item in shown]
        if len(shown) < len(ruled_out):
            rows.append(text.row((f"  and {len(ruled_out) - len(shown)} more: key w", "dim")))
        return rows if ruled_out else [*rows, text.row(("Nothing yet.", "dim"))]


class RequestsPane(AsidePane):
    """The requests of the run on a common time line, or what is being waited for."""

    def __init__(self) -> None:
        super().__init__()
        self._state = RunState()

    def show(self, state: RunState) -> None:
        """Show a run."""
        if state.active != self._state.active or state.run is not self._state.run or state.run_id != self._state.run_id:
            self._state = state
            self.redraw(layout=False)

    def draw(self, width: int) -> list[Content]:
        """Draw the requests, the first ones where there is not room for all."""
        rows = [text.rule("REQUESTS", width, self.signs.rule, "bold $secondary", self._counts())]
        room = max(1, self.content_size.height - 1)
        if self._state.run is None:
            now = time.monotonic()
            waits = [(a.purpose, elapsed(max(0.0, now - a.since))) for a in self._state.active.values()]
            return rows + [text.row((text.fit(f"{p}", width - 9), "dim"), " ", (t, "dim")) for p, t in waits[:room]]
        exchanges = self._state.run.exchanges
        rows += [self._exchange(e, exchanges, width) for e in exchanges[: room if len(exchanges) <= room else room - 1]]
        if len(exchanges) > room:
            rows.append(text.row((f"and {len(exchanges) - room + 1} more: key d", "dim")))
        return rows

    def _counts(self) -> str:
        run = self._state.run
        if run is None:
            return ""
        sent = run.requests
        named = (("api", sent.api), ("token", sent.token), ("verification", sent.verification), ("other", sent.other))
        return ", ".join(f"{n} {name}" for name, n in named if n)

    def _exchange(self, exchange: Exchange, every: tuple[Exchange, ...], width: int) -> Content:
        status = str(exchange.status) if exchange.status else "none"
        head = f"{text.fit(exchange.id, 4)} {text.fit(exchange.purpose, max(8, width // 2 - 6))} "
        style = "$success" if exchange.ok else "$warning" if exchange.status is None else ""
        room = width - len(head) - 6
        return text.row((head, "dim"), (text.fit(status, 5), style), (self._bar(exchange, every, room), "$primary"))

    def _bar(self, exchange: Exchange, every: tuple[Exchange, ...], room: int) -> str:
        timed = [e for e in every if e.sent_at and e.received_at]
        if room < 4 or exchange not in timed:
            return ""
        start, end = min(e.sent_at for e in timed), max(e.received_at for e in timed)
        scale = room / max(end - start, 0.001)
        offset = min(room - 1, int((exchange.sent_at - start) * scale))
        length = max(1, min(room - offset, round((exchange.received_at - exchange.sent_at) * scale)))
        return " " * offset + self.signs.full * length
