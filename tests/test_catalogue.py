"""Do checks, steps, probes and causes fit together? Each rule fails for one wrong line in one declaration."""

from __future__ import annotations

import collections
from collections.abc import Iterable

import pytest

from authwizard.knowledge.causes import catalogue
from authwizard.model import evidence
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile
from authwizard.probes import PROBES
from authwizard.steps import CHECKS, MODULES, STEPS

GIVEN = {Profile, RunOptions, evidence.OtherProfiles, evidence.PastedCode, evidence.Reported}
"""What the engine has before anything is looked at."""

NUMBERS = {
    "I": range(1, 9),
    "S1": range(1, 28),
    "S2": range(1, 11),
    "S3": range(1, 18),
    "S4": range(1, 8),
    "S5": range(1, 10),
    "S6": range(1, 8),
    "S7": range(1, 6),
    "S8": range(1, 16),
    "V": range(1, 9),
}
"""The checks that a run cannot do without, by step."""
ROWS = range(1, 23)
"""The rows of the decision table. R6 decides R7 too: the same answers, with or without a sign that no credential arrived."""


def repeated(values: Iterable[str]) -> list[str]:
    return [value for value, count in collections.Counter(values).items() if count > 1]


def test_no_id_is_given_twice() -> None:
    assert repeated(check.id for check in CHECKS) == []
    assert repeated(probe.id for probe in PROBES) == []
    assert repeated(step.id for step in STEPS) == []


def test_the_ten_steps_stand_in_order() -> None:
    assert [step.number for step in STEPS] == list(range(10))


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.__name__.rpartition(".")[2])
def test_a_check_carries_the_number_of_its_step(module: object) -> None:
    checks, step = module.CHECKS, module.STEP  # type: ignore[attr-defined]
    assert checks
    assert {check.step for check in checks} == {step.number}


def test_the_checks_of_every_step_are_there() -> None:
    wanted = {f"{step}-{number:02d}" for step, numbers in NUMBERS.items() for number in numbers}
    wanted |= {f"R{row}" for row in ROWS if row != 7}
    assert wanted - {check.id for check in CHECKS} == set()


def test_every_check_says_what_it_looks_for() -> None:
    assert [check.id for check in CHECKS if not check.title or not check.looks_for] == []


def test_every_declared_cause_is_in_the_catalogue() -> None:
    unknown = {cause for check in CHECKS for cause in check.causes} - catalogue().keys()
    assert unknown == set()


def test_every_declared_cause_can_be_explained_and_fixed() -> None:
    causes = [catalogue()[cause] for cause in sorted({cause for check in CHECKS for cause in check.causes})]
    assert [cause.code for cause in causes if not (cause.explanation and cause.remedy and cause.sources)] == []


def test_evidence_comes_from_exactly_one_place() -> None:
    given = [kind.__name__ for kind in GIVEN]
    assert repeated([*given, *(probe.gives.__name__ for probe in PROBES)]) == []


def test_whatever_a_check_or_a_probe_needs_is_given() -> None:
    there = GIVEN | {probe.gives for probe in PROBES}
    missing = {f"{user.id}: {need.kind.__name__}" for user in (*CHECKS, *PROBES) for need in user.needs if need.kind not in there}
    assert missing == set()


def test_every_probe_serves_a_check() -> None:
    by_kind = {probe.gives: probe for probe in PROBES}
    reached = {need.kind for check in CHECKS for need in check.needs}
    waiting = list(reached)
    while waiting:
        giver = by_kind.get(waiting.pop())
        for need in giver.needs if giver else ():
            if need.kind not in reached:
                reached.add(need.kind)
                waiting.append(need.kind)
    assert [probe.id for probe in PROBES if probe.gives not in reached] == []


def test_no_probe_waits_for_itself() -> None:
    by_kind = {probe.gives: probe for probe in PROBES}

    def behind(kind: type, seen: tuple[type, ...]) -> None:
        assert kind not in seen, " -> ".join(k.__name__ for k in (*seen, kind))
        for need in by_kind[kind].needs if kind in by_kind else ():
            behind(need.kind, (*seen, kind))

    for probe in PROBES:
        behind(probe.gives, ())
