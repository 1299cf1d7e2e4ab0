"""What is asked before a run, in which order, and what comes of each answer: without a screen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from fake_services import LOCAL_ONLY, PROFILE, Script, services
from textual.screen import Screen

from authwizard.model.options import Cost, RunOptions
from authwizard.ui.flow import options_for
from authwizard.ui.screens.asking import EVERYTHING, PLAIN_CALL, ConsentScreen, HazardScreen, MethodScreen, TrustScreen
from authwizard.ui.services import Recognised, RunPlan, Subject, TrustItem

ITEMS = (TrustItem("env:PROD_TOKEN", "api.example.com", "new"),)
PLAN = RunPlan("api.example.com", 9, 3, 3, "auth.example.com", 4)
PASTED = Recognised("curl", "A curl command.", replace(PROFILE, name=""))


class Person:
    """Answers dialogs with choices by their ids, and notes which dialogs came."""

    def __init__(self, *choices: str | None) -> None:
        self.choices = list(choices)
        self.asked: list[type] = []

    async def __call__(self, dialog: Screen[Any]) -> Any:
        self.asked.append(type(dialog))
        choice = self.choices.pop(0)
        return None if choice is None else dialog.result_of(choice)  # type: ignore[attr-defined]


async def outcome(script: Script, person: Person, subject: Subject = "prod", *, further: bool = False, **options: Any) -> RunOptions | None:
    result = await options_for(services(script), person, subject, RunOptions(**options), further=further)
    assert not person.choices, "every answer was asked for"
    return result


async def test_nothing_is_asked_where_all_is_known() -> None:
    person = Person()
    assert await outcome(Script(consented=True), person) == RunOptions()
    assert not person.asked


async def test_trust_comes_first_and_without_it_nothing_happens() -> None:
    script, person = Script(trust=ITEMS), Person("no")
    assert await outcome(script, person) is None
    assert person.asked == [TrustScreen]
    assert not script.asked("trust")
    assert not script.asked("plan")


async def test_trust_is_remembered() -> None:
    script = Script(trust=ITEMS)
    assert await outcome(script, Person("yes", "all")) == RunOptions()
    assert script.asked("trust") == ["prod"]


async def test_what_changed_while_trust_was_asked_for_is_asked_about_again() -> None:
    """The profiles file may be written by another program between the question and the answer: what nobody saw is not agreed to."""
    script = Script(trust=ITEMS)

    class Slow(Person):
        async def __call__(self, dialog: Screen[Any]) -> Any:
            if self.asked == []:
                script.trust = (TrustItem("file:~/.ssh/id_ed25519", "evil.example.net", "new"),)
            return await super().__call__(dialog)

    person = Slow("yes", "no")
    assert await outcome(script, person) is None
    assert person.asked == [TrustScreen, TrustScreen]
    assert not script.asked("trust")


@pytest.mark.parametrize(
    ("choice", "costs"),
    [
        ("all", EVERYTHING),
        ("no-invalid", EVERYTHING - {Cost.C3}),
        ("plain", PLAIN_CALL),
        ("nothing", LOCAL_ONLY),
        ("cancel", None),
        (None, None),
    ],
)
async def test_the_consent_decides_what_may_be_sent(choice: str | None, costs: frozenset[Cost] | None) -> None:
    script, person = Script(), Person(choice)
    options = await outcome(script, person)
    assert (options.costs if options else None) == costs
    assert bool(script.asked("remember_consent")) == (costs == EVERYTHING), "half a consent is not remembered as a whole one"


async def test_production_starts_the_plain_call_at_once_and_asks_for_the_rest_each_time() -> None:
    script, person = Script(consented=True, plan=replace(PLAN, production=True)), Person()
    options = await outcome(script, person)
    assert options is not None
    assert options.costs == PLAIN_CALL
    person = Person("all")
    options = await outcome(script, person, further=True)
    assert options is not None
    assert options.costs == EVERYTHING
    assert person.asked == [ConsentScreen]


async def test_the_practice_platform_asks_nothing() -> None:
    script = Script(demo=True, trust=ITEMS, plan=replace(PLAN, changes_data="POST x", plain_http=True))
    assert await outcome(script, Person()) == RunOptions()


async def test_a_pasted_request_is_asked_for_and_not_remembered() -> None:
    script = Script(consented=True)
    person = Person("all")
    assert await outcome(script, person, PASTED) == RunOptions()
    assert person.asked == [ConsentScreen]
    assert not script.asked("remember_consent")


async def test_what_sends_nothing_asks_nothing() -> None:
    script = Script()
    assert await outcome(script, Person(), PASTED, costs=LOCAL_ONLY, reported_401=True) == RunOptions(costs=LOCAL_ONLY, reported_401=True)
    assert not script.asked("plan")


@pytest.mark.parametrize(
    ("choice", "write", "costs"),
    [("stand_in", False, EVERYTHING), ("local", False, frozenset({Cost.C0, Cost.C1, Cost.C4})), ("send", True, EVERYTHING)],
)
async def test_a_method_that_changes_data_is_asked_for(choice: str, write: bool, costs: frozenset[Cost]) -> None:
    script = Script(consented=True, plan=replace(PLAN, changes_data="POST api.example.com/v2/orders", stand_in="GET /v2/me"))
    person = Person(choice)
    options = await outcome(script, person)
    assert person.asked == [MethodScreen]
    assert options is not None
    assert (options.allow_write, options.costs) == (write, costs)
    assert await outcome(script, Person(None)) is None


@pytest.mark.parametrize(("choice", "allowed"), [("cancel", False), ("do", True), (None, False)])
async def test_plain_http_is_refused_unless_it_is_wanted(choice: str | None, allowed: bool) -> None:
    person = Person(choice)
    options = await outcome(Script(consented=True, plan=replace(PLAN, plain_http=True)), person)
    assert person.asked == [HazardScreen]
    assert options is not None
    assert options.allow_http is allowed
