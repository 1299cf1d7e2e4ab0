"""The questions before and around a run: trust, consent, a request that changes data, what cannot be undone, a 401 elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from textual.app import ComposeResult

from authwizard.model.options import Cost, RunOptions
from authwizard.ui.screens.dialog import Dialog
from authwizard.ui.services import RunPlan, TrustItem
from authwizard.ui.signs import count
from authwizard.ui.widgets.choice_list import Choice
from authwizard.ui.widgets.inputs import SettingInput
from authwizard.ui.widgets.paragraphs import BLANK, Para

PLAIN_CALL = frozenset({Cost.C0, Cost.C1, Cost.C2})
EVERYTHING = PLAIN_CALL | {Cost.C3, Cost.C4}


class TrustScreen(Dialog[bool]):
    """Each reference of a profile with the host it would go to; nothing is read before the user agreed."""

    def __init__(self, name: str, items: Sequence[TrustItem]) -> None:
        text = [
            Para(
                "This profile came from elsewhere, or it, or what a command of it runs, was changed outside the wizard. Before a run, its "
                "secrets are read and sent as follows."
            ),
            BLANK,
        ]
        width = max((len(i.reference) for i in items), default=0)
        for item in items:
            text.append(Para(f"{item.reference:<{min(width, 30)}}  goes to  {item.goes_to}", "bold", 2))
            if item.why:
                text.append(Para(item.why, "dim", 4))
        choices = [
            Choice("no", "Do not run it", "Nothing is read, nothing is sent."),
            Choice("yes", "These are right: trust this profile", "Asked again only when one of them changes."),
        ]
        super().__init__(f"Trust the profile {name}?", text, choices)

    def result_of(self, choice: str) -> bool:
        """Return whether the user agreed."""
        return choice == "yes"


class ConsentScreen(Dialog[frozenset[Cost]]):
    """What the run will send and read, in numbers; the answer is the cost classes that may be used."""

    def __init__(self, title: str, plan: RunPlan, *, intro: str = "", remembered: bool = True) -> None:
        super().__init__(title, _sent(plan, intro, remembered=remembered), _consent_choices(plan))

    def result_of(self, choice: str) -> frozenset[Cost] | None:
        """Return the cost classes, None for Cancel."""
        return {
            "all": EVERYTHING, "no-invalid": EVERYTHING - {Cost.C3}, "plain": PLAIN_CALL, "nothing": frozenset({Cost.C0}),
        }.get(choice)  # fmt: skip


def _sent(plan: RunPlan, intro: str, *, remembered: bool) -> list[Para]:
    text = [Para(intro), BLANK] if intro else []
    text += [Para(f"To {plan.api_host}, at most", "bold"), Para(f"{count(plan.with_token, 'request')} with your credential", "", 2)]
    if plan.invalid:
        text.append(Para(f"{count(plan.invalid, 'request')} with an invalid token: names no user, may show in its security log", "", 2))
    if plan.token_requests:
        text += [
            Para(f"To {plan.auth_host or 'the authorization server'}, at most", "bold"),
            Para(f"{count(plan.token_requests, 'token request')} with your client's credentials", "", 2),
        ]
    if plan.anonymous:
        text.append(Para(f"Without any credential: {count(plan.anonymous, 'request')} (discovery, keys, time)", "dim"))
    if plan.files:
        text.append(Para("Read on this machine: " + ", ".join(plan.files)))
    text.append(Para("Nothing is refreshed, changed or deleted.", "dim"))
    if plan.production:
        text.append(Para("Production: invalid tokens and token requests are asked for each run.", "$warning"))
    elif remembered:
        text.append(Para("Asked once for this profile and its hosts.", "dim"))
    return text


def _consent_choices(plan: RunPlan) -> list[Choice]:
    choices = [Choice("all", "Run all of it")]
    if plan.invalid:
        choices.append(Choice("no-invalid", "Run without the invalid tokens"))
    if plan.token_requests or plan.invalid:
        choices.append(Choice("plain", "Plain call only: no invalid tokens, no token requests"))
    return [*choices, Choice("nothing", "Send nothing, look at local facts"), Choice("cancel", "Cancel")]


class MethodScreen(Dialog[Literal["stand_in", "send", "local"]]):
    """The request changes data: send it once, use a harmless one, or do not send it."""

    def __init__(self, plan: RunPlan) -> None:
        method = plan.changes_data.partition(" ")[0]
        text = [
            Para(plan.changes_data, "bold"),
            Para(
                "If its credential is accepted, the server will act on it. A test with an invalid token can too, where the server does not check."
            ),
        ]
        choices = [Choice("local", "Do not send it", "Only what needs no call is looked at.")]
        if plan.stand_in:
            choices.insert(0, Choice("stand_in", f"Send {plan.stand_in} instead", "Same host and credential, changes nothing."))
        choices.append(Choice("send", f"Send the {method} once, as it is", "It may create, change or delete data. It is not repeated."))
        super().__init__(f"{method} may change data", text, choices)

    def result_of(self, choice: str) -> Literal["stand_in", "send", "local"] | None:
        """Return what to do."""
        return "stand_in" if choice == "stand_in" else "send" if choice == "send" else "local" if choice == "local" else None


class HazardScreen(Dialog[bool]):
    """Something that cannot be undone: names the consequence, starts on Cancel, in production the profile's name is typed."""

    def __init__(self, title: str, consequence: Sequence[str], doing: str, *, typed_name: str = "") -> None:
        super().__init__(title, [Para(c) for c in consequence], [Choice("cancel", "Cancel"), Choice("do", doing)])
        self._typed_name = typed_name

    def compose_more(self) -> ComposeResult:
        """Ask for the profile's name, in production."""
        if self._typed_name:
            yield SettingInput(placeholder=f"Production: type {self._typed_name} here to go on", id="typed")

    def action_field(self, by: int) -> None:
        """Leave the field."""
        self.query_one("#choices").focus()

    def result_of(self, choice: str) -> bool:
        """Return whether to do it."""
        return choice == "do"

    def may_choose(self, choice: str) -> bool:
        """Allow it only where the name was typed."""
        for field in self.query("#typed").results(SettingInput):
            if choice == "do" and field.value.strip() != self._typed_name:
                field.focus()
                return False
        return True


REFRESH_CONSEQUENCE = (
    (
        "The stored refresh token is sent to the authorization server once. It may be worthless from that moment on (rotation), and using a "
        "copy of it afterwards may end the whole session."
    ),
    (
        "The new tokens are written to your store before anything else is done with them. A program of yours that holds its own copy of "
        "the old refresh token must be given the new one."
    ),
)
"""What spending a refresh token means, before it is spent."""


Reported = Literal["paste", "capture", "always", "sometimes", "no"]


class ReportedScreen(Dialog[Reported]):
    """The request succeeds from here: did the user's own program get a 401, and can it be seen what it sent?"""

    def __init__(self, *, known: bool = False) -> None:
        """Ask; `known` where the user has said already that their program gets a 401."""
        text = [
            Para("The request works from here. If your own program gets a 401 for it, the two send something different, or the server does "
                 "not always answer the same."),
        ]  # fmt: skip
        choices = [
            Choice("paste", "Paste what it sent", "A curl command, curl -v text, a browser's HAR, or its log: compared field by field."),
            Choice("capture", "Catch what it sends", "Says how to let your program call a port of this machine once."),
            Choice("always", "It always gets one", "Runs again and looks at what may differ between this request and your program's."),
            Choice("sometimes", "It gets one now and then", "Runs again with more samples of the same request."),
            Choice("no", "Close" if known else "No, it does not"),
        ]
        title = "What does your program send?" if known else "Did your program get a 401 here?"
        super().__init__(title, text, [c for c in choices if not (known and c.id == "always")])

    def result_of(self, choice: str) -> Reported:
        """Return the answer."""
        return choice if choice in ("paste", "capture", "always", "sometimes") else "no"  # type: ignore[return-value]


def with_method(options: RunOptions, answer: Literal["stand_in", "send", "local"]) -> RunOptions:
    """Return the options after the question about a method that changes data."""
    if answer == "send":
        return replace(options, allow_write=True)
    return replace(options, costs=options.costs & {Cost.C0, Cost.C1, Cost.C4}) if answer == "local" else options
