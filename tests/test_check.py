"""A check says by its annotations what evidence it needs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from authwizard.check import Need, check, needs_of
from authwizard.model.evidence import Absence, Baseline, FreshToken, NotTried
from authwizard.model.finding import Outcome
from authwizard.model.options import Cost
from authwizard.probe import World, probe


def wants(baseline: Baseline, *, fresh: FreshToken | None) -> Outcome: ...


def wants_words(words: "tuple[str, ...]") -> Outcome: ...  # noqa: UP037


def wants_two(either: Baseline | FreshToken) -> Outcome: ...


def wants_what_is_not_there(other: Nowhere) -> Outcome: ...  # type: ignore[name-defined]  # noqa: F821


async def looks(world: World, baseline: Baseline) -> FreshToken | NotTried: ...


async def brings_two(world: World) -> Baseline | FreshToken | Absence: ...


async def brings_none(world: World) -> Absence: ...


def test_parameters_are_the_evidence_and_none_allows_to_do_without() -> None:
    assert needs_of(wants) == (Need("baseline", Baseline, optional=False), Need("fresh", FreshToken, optional=True))
    assert check("X-01", step=1, title="", looks_for="")(wants).needs == needs_of(wants)


@pytest.mark.parametrize("function", [wants_words, wants_two, wants_what_is_not_there])
def test_what_is_no_evidence_class_is_refused_where_it_is_declared(function: Callable[..., Outcome]) -> None:
    with pytest.raises(TypeError, match="must be one evidence class"):
        check("X-01", step=1, title="", looks_for="")(function)


def test_a_probe_names_what_it_gives_and_needs() -> None:
    declared = probe("x", purpose="", cost=Cost.C0)(looks)
    assert declared.gives is FreshToken
    assert declared.needs == (Need("baseline", Baseline, optional=False),)


def test_annotations_that_are_types_already_count_as_well() -> None:
    def made(world: World, fresh: FreshToken) -> None: ...

    made.__annotations__ = {"fresh": FreshToken | None, "return": Baseline | NotTried}
    declared = probe("x", purpose="", cost=Cost.C0)(made)  # type: ignore[arg-type]
    assert (declared.gives, declared.needs) == (Baseline, (Need("fresh", FreshToken, optional=True),))


@pytest.mark.parametrize("look", [brings_two, brings_none])
def test_a_probe_gives_exactly_one_kind_of_evidence(look: Callable[..., object]) -> None:
    with pytest.raises(TypeError, match="exactly one evidence class"):
        probe("x", purpose="", cost=Cost.C0)(look)  # type: ignore[arg-type]
