"""What is asked before secrets are stored: where, on a machine without a keyring, and the passphrase of the encrypted file."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any, Literal

from textual.app import ComposeResult
from textual.screen import Screen

from authwizard.model.secret import Secret
from authwizard.ui.screens.dialog import Dialog
from authwizard.ui.services import Services, StoreQuestion
from authwizard.ui.widgets.choice_list import Choice
from authwizard.ui.widgets.inputs import SecretInput
from authwizard.ui.widgets.paragraphs import Para, Paragraphs

Ask = Callable[[Screen[Any]], Awaitable[Any]]
SHORTEST = 8
"""Characters of a new passphrase; the store refuses fewer, too."""


class KeepingScreen(Dialog[Literal["file", "memory", "references"]]):
    """There is no keyring: where should secrets be kept? Asked once; the answer is written to settings.toml."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            "Where should secrets be kept?",
            [Para(problem), Para("Nothing is ever stored unencrypted.")],
            [
                Choice("file", "In an encrypted file", "A passphrase of yours opens it, once each time authwizard is started."),
                Choice("memory", "In memory", "Gone when authwizard ends; nothing is written."),
                Choice(
                    "references", "Nowhere: write references", "env:NAME, file:PATH or a command in the profile, instead of each secret."
                ),
            ],
        )

    def result_of(self, choice: str) -> Literal["file", "memory", "references"]:
        """Return the choice."""
        return "file" if choice == "file" else "memory" if choice == "memory" else "references"


class UnusableScreen(Dialog[Literal["retry", "memory", "file", "references"]]):
    """There is a keyring, and it is locked, does not answer or refuses: what now? Nothing is stored elsewhere unless it is chosen here."""

    def __init__(self, problem: str) -> None:
        super().__init__(
            "The keyring cannot be used now",
            [Para(problem, "$warning"), Para("Nothing is stored anywhere else unless you choose it here.")],
            [
                Choice("retry", "Try again", "Once it is unlocked, or its password window is answered."),
                Choice("memory", "Keep it in memory", "Until the wizard closes. The keyring stays the place for secrets."),
                Choice(
                    "file", "In an encrypted file from now on", "What the keyring holds stays there: authwizard store move brings it over."
                ),
                Choice("references", "Write references", "Back to the form: env:NAME, file:PATH or a command beside each secret."),
            ],
        )

    def result_of(self, choice: str) -> Literal["retry", "memory", "file", "references"]:
        """Return the choice."""
        return "retry" if choice == "retry" else "memory" if choice == "memory" else "file" if choice == "file" else "references"


class PassphraseScreen(Dialog[Secret]):
    """Takes the passphrase of the encrypted file, masked; a new one twice."""

    AUTO_FOCUS = "#passphrase"

    def __init__(self, *, new: bool, problem: str = "") -> None:
        text = (
            "Secrets are kept in an encrypted file. Its passphrase cannot be recovered; without it they are lost."
            if new
            else "The secrets are in an encrypted file; its passphrase opens it until authwizard ends."
        )
        paragraphs = [Para(text), *([Para(problem, "$error")] if problem else [])]
        title = "Choose a passphrase" if new else "Passphrase"
        super().__init__(title, paragraphs, [Choice("ok", "Go on"), Choice("cancel", "Cancel")])
        self._new = new

    def compose_more(self) -> ComposeResult:
        """Lay out the fields."""
        yield SecretInput(placeholder=f"at least {SHORTEST} characters" if self._new else "not shown", id="passphrase")
        if self._new:
            yield SecretInput(placeholder="the same again", id="again")
        yield Paragraphs(id="missing")

    def _fields(self) -> list[SecretInput]:
        return list(self.query(SecretInput))

    def action_field(self, by: int) -> None:
        """Go to the field before or after, and to the choices past the last."""
        fields = self._fields()
        here = next((number for number, field in enumerate(fields) if field.has_focus), 0) + by
        self.set_focus(fields[max(0, here)] if here < len(fields) else self.query_one("#choices"))

    def may_choose(self, choice: str) -> bool:
        """Go on only with a passphrase that is there, and a new one that is long enough and was typed twice alike."""
        fields = self._fields()
        first = fields[0].secret
        good = len(first) >= SHORTEST and fields[-1].secret == first if self._new else bool(first)
        if choice == "cancel" or good:
            return True
        short = not first or (self._new and len(first) < SHORTEST)
        missing = (
            f"It needs at least {SHORTEST} characters." if short and self._new else "It is empty." if short else "The two are not alike."
        )
        self.query_one("#missing", Paragraphs).set([Para(missing, "$error")])
        wrong = fields[0] if short else fields[-1]
        wrong.add_class("-wrong")
        wrong.focus()
        return False

    def result_of(self, choice: str) -> Secret | None:
        """Return the passphrase."""
        return self._fields()[0].secret if choice == "ok" else None


async def ready_to_keep(services: Services, ask: Ask) -> Literal["", "store", "memory"]:
    """Ask what must be known before secrets are stored, and return where they go; "" where the user went back, or it failed and was told."""
    question = await services.store_question("")
    while question == "unusable":
        answer = await ask(UnusableScreen(services.keyring_problem()))
        if answer == "memory":
            return "memory"
        if answer in (None, "references") or (answer == "file" and not await _chosen(services, ask, "file")):
            return ""
        question = await services.store_question("")
    if question == "choose":
        choice = await ask(KeepingScreen(services.keyring_problem()))
        if choice is None or not await _chosen(services, ask, choice):
            return ""
        question = await services.store_question("")
    if question == "references":
        return ""
    return "store" if await opened(services, ask, question) else ""


async def _chosen(services: Services, ask: Ask, choice: Literal["file", "memory", "references"]) -> bool:
    """Have a choice written down; False where that failed, which was told."""
    from authwizard.ui.screens.dialog import Notice

    problem = await services.choose_store(choice)
    if problem:
        await ask(Notice("The choice was not kept", [problem]))
    return not problem


async def opened(services: Services, ask: Ask, question: StoreQuestion) -> bool:
    """Ask for the passphrase until it opens the file, where it is needed; False where the user gives none."""
    problem = ""
    while question in ("passphrase", "new_passphrase"):
        given = await ask(PassphraseScreen(new=question == "new_passphrase", problem=problem))
        if given is None:
            return False
        problem = await services.unlock_store(given)
        if not problem:
            return True
    return True
