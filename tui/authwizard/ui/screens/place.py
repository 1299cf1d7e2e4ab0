"""The base of every screen of a run: header, rail, keys, and the way from place to place."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.css.query import NoMatches
from textual.screen import Screen

from authwizard.ui.meaning import Next, next_action
from authwizard.ui.messages import PlaceChosen
from authwizard.ui.state import Place, RunState
from authwizard.ui.widgets.header import HeaderLine
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.rail import Rail, Strip

if TYPE_CHECKING:
    from authwizard.ui.app import AuthwizardApp

KEYS = (
    ("1-8", "step", ""), ("n/b", "walk", "app.walk(1)"), ("r", "rerun", "app.rerun"),
    ("d", "detail", "app.exchange"), ("w", "why", "app.why"), ("e", "report", "app.report"), ("p", "home", "app.home"),
    ("c", "compare", "app.compare"), ("?", "help", "app.help"), ("q", "quit", "app.quit"),
)  # fmt: skip
"""The line at the bottom of each screen of a run."""


class PlaceScreen(Screen[None]):
    """A place of the walk. It draws the app's state and holds none of its own."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(str(n), f"app.go({n})", f"Step {n}", id=f"place-{n}", show=False) for n in range(10)),
        Binding("v", "app.go('verdict')", "Verdict", id="place-verdict", show=False),
        Binding("n,right", "app.walk(1)", "Next", id="next", show=False),
        Binding("b,left", "app.walk(-1)", "Back", id="back", show=False),
        Binding("enter", "next_action", "Next action", id="act", show=False),
        Binding("r,R", "app.rerun", "Run again", id="rerun", show=False),
        Binding("d", "app.exchange", "Exchanges", id="exchange", show=False),
        Binding("w", "app.why", "Why not the others", id="why", show=False),
        Binding("c", "app.compare", "Compare", id="compare", show=False),
        Binding("e", "app.report", "Report", id="report", show=False),
        Binding("p", "app.home", "Profiles", id="profiles", show=False),
        Binding("y", "app.copy_fix", "Copy the fix", id="copy", show=False),
        Binding("a", "app.reported", "My program gets a 401 here", id="reported", show=False),
        Binding("s", "app.save_pasted", "Save as a profile", id="save", show=False),
        Binding("escape", "app.cancel_run", "Cancel the run", id="cancel", show=False),
        Binding("up", "scroll_body(-1)", "Up", show=False),
        Binding("down", "scroll_body(1)", "Down", show=False),
        Binding("pageup", "scroll_body(-8)", "Page up", show=False),
        Binding("pagedown,space", "scroll_body(8)", "Page down", show=False),
        Binding("home", "scroll_body(-100000)", "Top", show=False),
        Binding("end", "scroll_body(100000)", "End", show=False),
    ]

    def __init__(self, place: Place) -> None:
        super().__init__(classes="place")
        self.place: Place = place
        self._next = Next("", "", "")
        self._shown: RunState | None = None

    @property
    def wizard(self) -> AuthwizardApp:
        """The app, by its own type."""
        return cast("AuthwizardApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out header, rail, body and keys."""
        yield HeaderLine()
        yield Strip(self.place, id="strip")
        with Horizontal(id="middle"):
            yield Rail(self.place, id="rail")
            with Vertical(id="side"):
                yield from self.compose_body()
        yield KeyLine(KEYS)

    def compose_body(self) -> ComposeResult:
        """Lay out what is right of the rail."""
        raise NotImplementedError

    def on_mount(self) -> None:
        """Draw the state as it is."""
        self.show(self.wizard.state)

    def on_screen_resume(self) -> None:
        """Draw what happened while another screen was in front."""
        if self.is_mounted:
            self.show(self.wizard.state)

    def show(self, state: RunState) -> None:
        """Draw a state: the frame here, the body in `show_body`."""
        if state is self._shown:
            return
        self._next = next_action(state, self.place)
        for part in (*self.query(HeaderLine), *self.query(Rail)):
            part.show(state)
        # A screen that is being built or taken down has not all its parts; whole, it is drawn by `on_mount`.
        with suppress(NoMatches):
            self.show_body(state, self._next)
            self._shown = state

    def show_body(self, state: RunState, action: Next) -> None:
        """Draw the body."""
        raise NotImplementedError

    def tick(self) -> None:
        """Draw the time that passes while a run goes on."""
        for part in (*self.query(HeaderLine), *self.query(Rail)):
            part.redraw(layout=False)

    async def action_next_action(self) -> None:
        """Do what the NEXT line names."""
        if self._next.action:
            await self.run_action(self._next.action)

    def action_scroll_body(self, rows: int) -> None:
        """Scroll the body's own pane."""
        pane = self.query_one("#body")
        pane.scroll_relative(y=rows, animate=False)

    def on_place_chosen(self, message: PlaceChosen) -> None:
        """Go where the rail was clicked."""
        self.wizard.action_go(message.place)
