"""The lowest layer of the app: which screens there are, and how one gets from place to place."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App
from textual.binding import Binding, BindingType
from textual.reactive import var
from textual.screen import Screen

from authwizard.ui import theme
from authwizard.ui.signs import glyphs

if TYPE_CHECKING:
    from authwizard.ui.services import Recognised, Services
    from authwizard.ui.state import Place, RunState


def place_name(place: Place) -> str:
    """The name a place's screen is installed under."""
    return "verdict" if place == "verdict" else f"step-{place}"


def _home() -> Screen[Any]:
    from authwizard.ui.screens.home import HomeScreen

    return HomeScreen()


def _opening() -> Screen[Any]:
    from authwizard.ui.screens.opening import OpeningScreen

    return OpeningScreen()


def _step(number: int) -> Screen[Any]:
    from authwizard.ui.screens.step import StepScreen

    return StepScreen(number)


def _verdict() -> Screen[Any]:
    from authwizard.ui.screens.verdict import VerdictScreen

    return VerdictScreen()


class PlacesApp(App[int]):
    """Screens, made when they are first shown and kept; one of them in front, dialogs above it."""

    TITLE = "authwizard"
    CSS_PATH = "authwizard.tcss"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (80, "-normal"), (110, "-wide")]  # noqa: RUF012 - Textual declares it so
    VERTICAL_BREAKPOINTS = [(0, "-short"), (20, "-regular"), (34, "-tall")]  # noqa: RUF012 - Textual declares it so
    SCREENS: ClassVar[dict[str, Callable[[], Screen[Any]]]] = {
        "home": _home,
        **{place_name(number): partial(_step, number) for number in range(10)},
        "verdict": _verdict,
    }

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("q", "quit", "Quit", id="quit", show=False),
        Binding("question_mark", "help", "Help", id="help", show=False),
    ]

    run_state: var[RunState | None] = var(None, init=False)
    """The run as it stands, None before the first; every screen draws from it."""

    def __init__(self, services: Services, start: str | Recognised | None = None) -> None:
        super().__init__()
        self.services = services
        self.signs = glyphs()
        self._start = start
        self._moved = False
        for each in (theme.DARK, theme.LIGHT):
            self.register_theme(each)
        # Set without its watcher: a theme that changes later makes Textual read all style sheets twice before the first frame.
        self.set_reactive(App.theme, theme.DARK.name)
        self.stylesheet.set_variables(self.get_css_variables())

    def get_default_screen(self) -> Screen[Any]:
        """Compose one screen for the first frame: Home, or the frame of a run where one begins at once."""
        if self.signs.enter == "Enter":
            self.add_class("-ascii")
        return _home() if self._start is None else _opening()

    @property
    def state(self) -> RunState:
        """The run as it stands, an idle one before the first."""
        from authwizard.ui.state import RunState

        return self.run_state or RunState()

    @state.setter
    def state(self, state: RunState) -> None:
        self.run_state = state

    def watch_run_state(self, state: RunState) -> None:
        """Redraw the place that is shown."""
        from authwizard.ui.screens.place import PlaceScreen

        for screen in self.screen_stack:
            if isinstance(screen, PlaceScreen) and screen.is_mounted:
                screen.show(state)

    def action_go(self, place: Place) -> None:
        """Go to a place of the walk, as the user asked."""
        if self.state.run_id:
            self._moved = True
            self.show_place(place)

    def action_walk(self, by: int) -> None:
        """Go to the place before or after."""
        from authwizard.ui.screens.place import PlaceScreen
        from authwizard.ui.state import next_place

        if isinstance(self.screen, PlaceScreen):
            self.action_go(next_place(self.screen.place, by))

    def action_home(self) -> None:
        """Go to the profiles."""
        self._moved = True
        if self._start is not None:
            self._show_screen("home")
            return
        # Home is the lowest screen then: what is in front of it goes away, no second Home is made.
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def show_place(self, place: Place) -> None:
        """Show a place, without noting that the user moved."""
        self._show_screen(place_name(place))

    def _show_screen(self, name: str) -> None:
        # The last news of a run may come when the wizard is being left and its screens are gone. A dialog in front is the user's
        # business: the place below it is not changed behind their back.
        if not self.screen_stack or self.screen.is_modal:
            return
        if len(self.screen_stack) == 1:
            self.push_screen(name)
        else:
            self.switch_screen(name)

    def notice(self, title: str, sentence: str) -> None:
        """Show one sentence until it was read."""
        from authwizard.ui.screens.dialog import Notice

        self.push_screen(Notice(title, [sentence]))

    async def tell(self, title: str, sentence: str) -> None:
        """Show one sentence and wait until it was read; only within a worker."""
        from authwizard.ui.screens.dialog import Notice

        await self.push_screen_wait(Notice(title, [sentence]))
