"""Home: the box that takes whatever is at hand, and the saved profiles with their last verdict."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import Screen

from authwizard.ui import text
from authwizard.ui.signs import ASCII, Glyphs, ago
from authwizard.ui.widgets.choice_list import Choice, ChoiceList
from authwizard.ui.widgets.header import HeaderLine
from authwizard.ui.widgets.key_line import KeyLine
from authwizard.ui.widgets.pane import Pane
from authwizard.ui.widgets.paragraphs import BLANK, Para, Paragraphs

if TYPE_CHECKING:
    from authwizard.ui.app import AuthwizardApp
    from authwizard.ui.messages import DoorText, ProfilesRead
    from authwizard.ui.services import ProfileCard, Recognised
    from authwizard.ui.widgets.door import DoorBox

KEYS = (
    ("enter", "run", ""), ("Tab", "box/list", ""), ("n", "new", "screen.new_profile"), ("i", "import", "screen.import_profile"),
    ("e", "edit", "screen.edit_profile"), ("m", "more", "screen.more"), ("x", "remove", "screen.remove_profile"), ("c", "compare", "screen.compare_profile"),
    ("?", "help", "app.help"), ("q", "quit", "app.quit"),
)  # fmt: skip

BOX_KEYS = (
    ("enter", "look at it", ""), ("Esc", "to the list, with its keys", ""), ("Ctrl+P", "all commands", ""), ("Ctrl+Q", "quit", "app.quit"),
)  # fmt: skip
"""In the box letters are text."""

ENVIRONMENTS = ("production", "staging", "development", "other")

USUAL = "Enter looks at it. Nothing is stored, and secrets show as dots."

NEW, IMPORT = "\0new", "\0import"
"""Ids of the rows that make a new profile; no profile can be called so."""


class HomeScreen(Screen[None]):
    """The one door and the profiles."""

    AUTO_FOCUS = ""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "new_profile", "New profile", id="new-profile", show=False),
        Binding("i", "import_profile", "Import a profile", id="import-profile", show=False),
        Binding("e", "edit_profile", "Edit the profile", id="edit-profile", show=False),
        Binding("m", "more", "More", id="more", show=False),
        Binding("x", "remove_profile", "Remove the profile", id="remove-profile", show=False),
        Binding("c", "compare_profile", "Compare with another profile", id="compare-profile", show=False),
        Binding("v", "app.go('verdict')", "Back to the run", id="back-to-run", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._cards: tuple[ProfileCard, ...] = ()
        self._mark_next = ""

    @property
    def wizard(self) -> AuthwizardApp:
        """The app, by its own type."""
        return cast("AuthwizardApp", self.app)

    def compose(self) -> ComposeResult:
        """Lay out box and list."""
        yield HeaderLine("says why an API answers 401, proves it, and says what to do next")
        with Vertical(id="door-pane"):
            yield Paragraphs([Para("Paste what you have", "bold $primary")])
            yield Vertical(id="door-place")
            yield Paragraphs([Para(USUAL, "dim")], id="door-note")
        with Pane(id="profiles-pane"):
            yield Paragraphs([Para("Profiles", "bold $primary")], id="profiles-head")
            yield ChoiceList(id="profiles")
            yield Paragraphs(id="profiles-note")
        yield KeyLine(KEYS)

    def on_mount(self) -> None:
        """Set the box in and have the profiles read once the first frame stands."""
        self.call_after_refresh(self._complete)

    async def _complete(self) -> None:
        from authwizard.ui.widgets.door import DoorBox

        dot = "*" if self.wizard.signs is ASCII else "•"
        box = DoorBox("a curl command, curl -v output, a HAR, a raw response, a token or a URL", dot=dot, id="door")
        await self.query_one("#door-place").mount(box)
        if self.wizard.state.run_id:
            # Who comes from a run may press a key of the list before the profiles are read: it must not go into the box.
            self.query_one("#profiles").focus()
        else:
            box.focus()
        self.wizard.read_profiles()

    @property
    def _door(self) -> DoorBox:
        return cast("DoorBox", self.query_one("#door"))

    def on_screen_resume(self) -> None:
        """Read the profiles again: a run or a form may have changed them."""
        if self.is_mounted and (self._cards or self.wizard.state.run_id):
            self.wizard.read_profiles()

    def on_descendant_focus(self, event: events.DescendantFocus) -> None:
        """Show the keys that work where the cursor is."""
        self.query_one(KeyLine).show(BOX_KEYS if event.widget.id == "door" else KEYS)

    def show_profiles(self, message: ProfilesRead) -> None:
        """Show the profiles that were read; before the box is there nothing is shown yet, and they are read again then."""
        if not self.query("#door"):
            return
        first = not self._cards
        self._cards = message.cards
        profiles = self.query_one("#profiles", ChoiceList)
        profiles.set_choices(self._choices())
        if self._mark_next in {card.name for card in self._cards}:
            profiles.mark(self._mark_next)
            self._mark_next = ""
        self.query_one("#profiles-note", Paragraphs).set(self._note(message.problem))
        if first and self._cards and not self._door.text:
            self.query_one("#profiles").focus()

    def mark_next(self, name: str) -> None:
        """Mark this profile once it is among those that are read."""
        self._mark_next = name

    def _note(self, problem: str) -> list[Para]:
        note = self._about_profiles(problem)
        return [*note, BLANK, Para("The run is still there: v goes back to it from the list.", "dim")] if self.wizard.state.run_id else note

    def _about_profiles(self, problem: str) -> list[Para]:
        if problem:
            return [BLANK, Para(problem, "$error")]
        if self.wizard.services.demo:
            return [BLANK, Para("This is the practice platform: everything runs on this machine, nothing is stored.", "dim")]
        if self._cards:
            return []
        return [
            BLANK,
            Para("There are no profiles yet. Paste the curl command that gets the 401 above, or make a profile: Tab, then Enter."),
            Para("Nothing at hand? Quit and type: authwizard demo. It is a practice platform on this machine, with faults to find.", "dim"),
        ]

    def _choices(self) -> list[Choice]:
        choices: list[Choice] = []
        known = [c for c in self._cards if c.environment in ENVIRONMENTS[:-1]]
        for environment in ENVIRONMENTS:
            cards = [c for c in self._cards if (c.environment == environment if environment != "other" else c not in known)]
            if cards:
                choices += [Choice(None, environment), *(self._card(c) for c in cards)]
        return [*choices, Choice(NEW, "New profile"), Choice(IMPORT, "Import a profile: curl, .env, HAR, Postman, OpenAPI, an export")]

    def _card(self, card: ProfileCard) -> Choice:
        width = min(24, max(len(c.name) for c in self._cards))
        signs = self.wizard.signs
        name = (text.fit(card.name, width), "bold")
        due = [(f"  {signs.warned} rotate {age.field}", "$warning") for age in card.ages if age.due]
        label = text.row(name, "  ", _last(card, signs, self.wizard.services.cause_title), *due)
        return Choice(card.name, label, f" {signs.separator} ".join((_address(card), *_remarks(card))))

    def marked_profile(self) -> str | None:
        """The name of the marked profile, None where none is."""
        marked = self.query_one("#profiles", ChoiceList).marked
        return marked if marked not in (NEW, IMPORT) else None

    def on_door_text(self, message: DoorText) -> None:
        """Look at what was handed in."""
        message.stop()
        self.wizard.look_at(message.text)

    def on_choice_list_chosen(self, message: ChoiceList.Chosen) -> None:
        """Run the profile, or make a new one."""
        message.stop()
        if message.id == NEW:
            self.action_new_profile()
        elif message.id == IMPORT:
            self.action_import_profile()
        else:
            self.wizard.begin(message.id)

    def on_paste(self, event: events.Paste) -> None:
        """A paste anywhere on this screen goes into the box."""
        event.stop()
        box = self._door
        box.focus()
        box.take(event.text)

    def answer(self, recognised: Recognised) -> None:
        """Forget what was handed in: a run works with it now. Or say below the box why it could not be used."""
        if not recognised.problem:
            self._door.empty()
        note = Para(recognised.problem, "$warning", most=3) if recognised.problem else Para(USUAL, "dim")
        self.query_one("#door-note", Paragraphs).set([note])

    def action_new_profile(self) -> None:
        """Make a profile."""
        self.wizard.edit_profile(None)

    def action_import_profile(self) -> None:
        """Make a profile of a file or a paste."""
        self.wizard.import_profile()

    def action_edit_profile(self) -> None:
        """Edit the marked profile."""
        if (name := self.marked_profile()) is not None:
            self.wizard.edit_profile(name)

    def action_more(self) -> None:
        """Show what else can be done with the marked profile."""
        card = next((c for c in self._cards if c.name == self.marked_profile()), None)
        if card is not None:
            self.wizard.more_of_profile(card, [other.name for other in self._cards if other is not card])

    def action_remove_profile(self) -> None:
        """Remove the marked profile, after a question."""
        if (name := self.marked_profile()) is not None:
            self.wizard.remove_profile(name)

    def action_compare_profile(self) -> None:
        """Put the marked profile and another one side by side."""
        name = self.marked_profile()
        others = [card.name for card in self._cards if card.name != name]
        if name is not None and others:
            self.wizard.compare_profile(name, others)
        elif name is not None:
            self.notify("There is no other profile to compare with.", markup=False)


def _address(card: ProfileCard) -> str:
    method, _, path = card.request.partition(" ")
    host = card.url.partition("://")[2].partition("/")[0]
    return f"{method} {host}{path}" if path.startswith("/") else card.request


def _last(card: ProfileCard, signs: Glyphs, cause_title: Callable[[str], str]) -> Content:
    from authwizard.model.finding import Status
    from authwizard.ui.words import KIND_WORDS, mark

    last = card.last
    if last is None:
        return text.row((f"{signs.waiting} not run yet", "dim"))
    shown = mark({"healthy": Status.PASS, "cause": Status.FAIL}.get(last.kind, Status.BLOCKED), signs=signs)
    words = cause_title(last.cause) if last.cause else KIND_WORDS[last.kind]
    return text.row((f"{shown.glyph} {words}", shown.style), (f"  {ago(time.time() - last.at)}", "dim"))


def _remarks(card: ProfileCard) -> Sequence[str]:
    remarks = [f"{a.field} {a.text}" for a in card.ages]
    return [
        *(["not trusted yet: Enter shows what it would read"] if card.trust else []),
        *([card.cut_short] if card.cut_short else []),
        *remarks,
    ]
