"""The requests of a run and their answers, one at a time, as they were recorded: redacted."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen

from authwizard.model.exchange import Exchange
from authwizard.model.run import Run
from authwizard.ui import text
from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import Para, Paragraphs
from authwizard.ui.widgets.rows import Rows

BODY_ROWS = 200
"""Rows of a body that are drawn; the record itself is bounded where it is made."""


class ExchangeView(Rows):
    """One request and its answer."""

    def __init__(self) -> None:
        super().__init__()
        self._exchange: Exchange | None = None

    def show(self, exchange: Exchange | None) -> None:
        """Show an exchange."""
        self._exchange = exchange
        self.redraw()

    def draw(self, width: int) -> list[Content]:
        """Draw request, answer and body."""
        seen = self._exchange
        if seen is None:
            return [text.row(("No request was sent.", "dim"))]
        rows = [text.rule(seen.purpose, width, self.signs.rule, "bold $primary", self._times(seen))]
        rows += text.block(f"{seen.method} {seen.url}", width, style="bold")
        rows += self._headers(seen.request_headers, width)
        rows.append(Content())
        if seen.fault is not None:
            return [
                *rows,
                text.row((f"{self.signs.failed} NO ANSWER", "bold $error"), f"  {seen.fault.layer}"),
                *text.block(seen.fault.text, width),
            ]
        rows.append(text.row((f"{seen.http_version or 'HTTP'} {seen.status}", "bold $success" if seen.ok else "bold $error")))
        rows += self._headers(seen.response_headers, width)
        rows.append(Content())
        return rows + text.block(seen.body or "(no body)", width, most=BODY_ROWS, style="" if seen.body else "dim")

    def _times(self, seen: Exchange) -> str:
        total = seen.timing_ms.get("total")
        return ", ".join(part for part in (seen.cost, f"{total} ms" if total is not None else "", seen.peer) if part)

    def _headers(self, headers: tuple[tuple[str, str], ...], width: int) -> list[Content]:
        rows: list[Content] = []
        for name, value in headers:
            column = min(len(name) + 2, max(8, width // 2))
            for number, line in enumerate(text.wrap(value, width - column, 6)):
                rows.append(text.row((text.fit(f"{name}: " if number == 0 else "", column), "$secondary"), line))
        return rows


class ExchangeScreen(ModalScreen[None]):
    """A list of the exchanges, the marked one below it."""

    AUTO_FOCUS = "#exchanges"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,d", "leave", "Close", show=False),
        Binding("pageup", "scroll_view(-8)", "Page up", show=False, priority=True),
        Binding("pagedown,space", "scroll_view(8)", "Page down", show=False, priority=True),
    ]

    def __init__(self, run: Run | None) -> None:
        super().__init__()
        self._exchanges = run.exchanges if run else ()

    def compose(self) -> ComposeResult:
        """Lay out list, exchange and keys."""
        with Vertical(classes="full"):
            yield Paragraphs([Para("Requests and answers: credentials are shown by length and fingerprint", "bold $primary")])
            with Pane(id="exchange-list"):
                yield ChoiceList([_choice(n, e) for n, e in enumerate(self._exchanges)], id="exchanges")
            with Pane(id="exchange-view"):
                yield ExchangeView()
            yield KeyLine((("up/down", "choose", ""), ("PgUp/PgDn", "scroll", ""), ("Esc", "close", "screen.leave")))

    def on_mount(self) -> None:
        """Show the first exchange."""
        self.query_one(ExchangeView).show(self._exchanges[0] if self._exchanges else None)

    def on_choice_list_marked(self, message: ChoiceList.Marked) -> None:
        """Show the marked exchange."""
        self.query_one(ExchangeView).show(self._exchanges[int(message.id)])
        self.query_one("#exchange-view").scroll_home(animate=False)

    def action_leave(self) -> None:
        """Close."""
        self.dismiss(None)

    def action_scroll_view(self, rows: int) -> None:
        """Scroll the exchange."""
        self.query_one("#exchange-view").scroll_relative(y=rows, animate=False)


def _choice(number: int, exchange: Exchange) -> Choice:
    status = str(exchange.status) if exchange.status else exchange.fault.layer if exchange.fault else "no answer"
    style = "$success" if exchange.ok else "bold $error" if exchange.status in (401, 403) else "$warning"
    path = exchange.url.partition("://")[2] or exchange.url
    return Choice(
        str(number),
        text.row(
            (text.fit(exchange.id, 8), "dim"),
            " ",
            (text.fit(status, 7), style),
            " ",
            text.fit(exchange.purpose, 28),
            "  ",
            (f"{exchange.method} {path}", "dim"),
        ),
    )
