"""How a check is declared and run: a pure function whose parameters are the evidence it needs."""

from __future__ import annotations

import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import cast

from authwizard.model.evidence import Absence, NotApplicable, NotTried, Unavailable
from authwizard.model.finding import Argument, Detail, Facts, Finding, Grade, Group, Outcome, Skip, Status
from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Need:
    """One parameter: the class of evidence, and whether the function does without it (`X | None`)."""

    name: str
    kind: type
    optional: bool


@dataclass(frozen=True)
class Check:
    """A declared check. `title` states the good state; `causes` are those its arguments may name."""

    id: str
    step: int
    title: str
    looks_for: str
    causes: tuple[str, ...]
    sources: tuple[str, ...]
    judge: Callable[..., Outcome]
    needs: tuple[Need, ...]


def check(
    id: str, *, step: int, title: str, looks_for: str, causes: tuple[str, ...] = (), sources: tuple[str, ...] = ()
) -> Callable[[Callable[..., Outcome]], Check]:
    """Declare a check; what evidence it needs is read from the annotations of the function."""

    def declare(judge: Callable[..., Outcome]) -> Check:
        return Check(id, step, title, looks_for, causes, sources, judge, needs_of(judge))

    return declare


def needs_of(function: Callable[..., object], skip: tuple[str, ...] = ()) -> tuple[Need, ...]:
    """Read the evidence a function needs from its annotations; raises TypeError for one that is no class."""
    needs = []
    for name in function.__annotations__:
        if name == "return" or name in skip:
            continue
        joined = annotated(function, name)
        kinds = [one for one in joined if one is not types.NoneType]
        if len(kinds) != 1 or not isinstance(kinds[0], type):
            raise TypeError(f"{function.__qualname__}: parameter {name} must be one evidence class, or one with | None")
        needs.append(Need(name, kinds[0], types.NoneType in joined))
    return tuple(needs)


def annotated(function: Callable[..., object], name: str) -> tuple[object, ...]:
    """Return what `|` joins in the annotation of a parameter, or of "return"; None stands for what is no name of the function's module.

    Postponed annotations are read as text: to evaluate a thousand of them as types takes longer than a passive run.
    """
    annotation = function.__annotations__[name]
    if not isinstance(annotation, str):
        return typing.get_args(annotation) or (annotation,)
    names = cast("types.FunctionType", function).__globals__
    return tuple(types.NoneType if one == "None" else names.get(one) for one in annotation.split(" | "))


def run_check(declared: Check, evidence: Mapping[type, object]) -> Finding | None:
    """Judge, or return None while needed evidence is still missing.

    Absent evidence makes the finding `blocked` (Unavailable) or `skip` (NotTried, NotApplicable); an exception in the
    judge, or an argument for a cause that was not declared, makes it `crashed`: our bug, named so.
    """
    given: dict[str, object] = {}
    for need in declared.needs:
        value = evidence.get(need.kind)
        if isinstance(value, (Unavailable, NotTried, NotApplicable)):
            if not need.optional:
                return _finding(declared, _absent(value, declared.causes))
            value = None
        if value is None and not need.optional:
            return None
        given[need.name] = value
    try:
        outcome = declared.judge(**given)
        undeclared = {a.cause for a in outcome.arguments} - set(declared.causes)
        if undeclared:
            raise LookupError(f"argues for undeclared causes {sorted(undeclared)}")
    except Exception as error:  # noqa: BLE001 - the one broad except: a check's own bug must not end the run, nor pass for a finding
        return _finding(declared, _crashed(error))
    return _finding(declared, outcome)


def _finding(declared: Check, outcome: Outcome) -> Finding:
    return Finding(
        declared.id, declared.step, declared.title, outcome.status, outcome.summary, outcome.details, outcome.arguments,
        outcome.facts, outcome.skip, declared.sources,
    )  # fmt: skip


def _absent(value: Absence, causes: tuple[str, ...]) -> Outcome:
    if isinstance(value, Unavailable):
        # The reason why nothing could be seen may itself be the cause (a locked keyring), where the check declares it.
        named = (Argument(value.cause, Grade.S, Group.ENVIRONMENT, value.why),) if value.cause in causes else ()
        return replace(blocked(value.why, unblock=value.unblock), arguments=named)
    return Outcome(Status.SKIP, value.why, skip=Skip.NOT_TRIED if isinstance(value, NotTried) else Skip.NOT_APPLICABLE)


def _crashed(error: Exception) -> Outcome:
    # The exception's text may quote evidence, so only its kind and place are told.
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    place = f"{trace.tb_frame.f_code.co_name}, line {trace.tb_lineno}" if trace is not None else "?"
    return Outcome(Status.CRASHED, f"authwizard failed here itself ({type(error).__name__} in {place}); please report it.")


def passed(summary: str, *details: Detail, arguments: tuple[Argument, ...] = (), facts: Facts | None = None) -> Outcome:
    """The thing was observed and is right."""
    return Outcome(Status.PASS, summary, details, arguments, facts or {})


def warned(summary: str, *details: Detail, arguments: tuple[Argument, ...] = (), facts: Facts | None = None) -> Outcome:
    """Risky or suspicious, but it cannot by itself explain a 401 everywhere."""
    return Outcome(Status.WARN, summary, details, arguments, facts or {})


def failed(summary: str, *details: Detail, arguments: tuple[Argument, ...] = (), facts: Facts | None = None) -> Outcome:
    """Observed and wrong."""
    return Outcome(Status.FAIL, summary, details, arguments, facts or {})


def not_applicable(why: str, *details: Detail) -> Outcome:
    """There is nothing to judge here."""
    return Outcome(Status.SKIP, why, details, skip=Skip.NOT_APPLICABLE)


def not_tried(why: str, *details: Detail) -> Outcome:
    """It was not looked at, for the reason given."""
    return Outcome(Status.SKIP, why, details, skip=Skip.NOT_TRIED)


def blocked(why: str, *details: Detail, unblock: str = "") -> Outcome:
    """It was wanted and could not be seen; `unblock` says what would make it visible."""
    return Outcome(Status.BLOCKED, f"{why} {unblock}".strip(), details)


def with_facts(outcome: Outcome, **facts: str | float | bool) -> Outcome:
    """Return the outcome with further machine-read facts."""
    return replace(outcome, facts={**outcome.facts, **facts})
