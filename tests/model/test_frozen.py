"""Frozen dataclasses with shared methods behave as those of the standard library do."""

from __future__ import annotations

import copy
import dataclasses
import pickle
from collections.abc import Callable
from dataclasses import field
from typing import Any

import pytest

from authwizard.model import frozen


def family(dataclass: Callable[..., Any]) -> dict[str, Any]:
    """The same classes, declared by one decorator or the other."""

    @dataclass(frozen=True)
    class Plain:
        """Two fields, one with a default."""

        first: int
        second: str = "b"

    @dataclass(frozen=True)
    class Made(Plain):
        """A field that is made anew for each, one that is not compared, one that is not shown."""

        many: dict[str, int] = field(default_factory=dict)
        aside: int = field(default=0, compare=False)
        hidden: str = field(default="", repr=False)

    @dataclass(frozen=True)
    class Bare(Plain):
        """No field of its own."""

    @dataclass(frozen=True, repr=False)
    class Silent:
        """One that holds a secret."""

        secret: str

        def __repr__(self) -> str:
            return "Silent()"

    @dataclass(frozen=True)
    class Table:
        """A table that is compared and not hashed."""

        rows: dict[str, int] = field(default_factory=dict, hash=False)

    @dataclass(frozen=True)
    class Own:
        """One with a comparison of its own."""

        value: int

        def __eq__(self, other: object) -> bool:
            return isinstance(other, Own) and self.value % 10 == other.value % 10

        def __hash__(self) -> int:
            return self.value % 10

    return {one.__name__: one for one in (Plain, Made, Bare, Silent, Table, Own)}


OURS, THEIRS = family(frozen.dataclass), family(dataclasses.dataclass)


def both(use: Callable[[dict[str, Any]], Any]) -> tuple[Any, Any]:
    return use(OURS), use(THEIRS)


@pytest.mark.parametrize(
    "use",
    [
        lambda of: repr(of["Plain"](1)),
        lambda of: repr(of["Made"](1, "c", {"x": 1}, aside=2, hidden="h")),
        lambda of: repr(of["Made"](1, many={})),
        lambda of: repr(of["Bare"](1, second="z")),
        lambda of: repr(of["Silent"]("s")),
        lambda of: of["Plain"](1) == of["Plain"](1, "b"),
        lambda of: of["Plain"](1) == of["Plain"](2),
        lambda of: of["Plain"](1) == of["Bare"](1),
        lambda of: of["Plain"](1) == 1,
        lambda of: of["Made"](1, aside=1) == of["Made"](1, aside=2),
        lambda of: of["Own"](3) == of["Own"](13),
        lambda of: hash(of["Plain"](1)) == hash(of["Plain"](1, "b")) != hash(of["Plain"](2)),
        lambda of: hash(of["Own"](13)),
        lambda of: hash(of["Table"]({"x": 1})) == hash(of["Table"]()),
        lambda of: of["Table"]({"x": 1}) == of["Table"](),
        lambda of: len({of["Plain"](1), of["Plain"](1), of["Bare"](1)}),
        lambda of: dataclasses.asdict(of["Made"](1)),
        lambda of: dataclasses.astuple(dataclasses.replace(of["Made"](1, aside=4), first=9)),
        lambda of: [(one.name, one.repr, one.compare, one.hash) for one in dataclasses.fields(of["Made"])],
        lambda of: of["Made"].__match_args__,
        lambda of: of["Made"](1).many is of["Made"](1).many,
        lambda of: vars(copy.deepcopy(of["Made"](1, many={"x": 1}))),
        lambda of: vars(of["Made"](1)),
    ],
)  # fmt: skip
def test_it_is_used_as_one_of_the_standard_library(use: Callable[[dict[str, Any]], Any]) -> None:
    ours, theirs = both(use)
    assert ours == theirs


@pytest.mark.parametrize(
    "use",
    [
        lambda of: of["Plain"](),
        lambda of: of["Plain"](1, "b", 3),
        lambda of: of["Plain"](1, first=2),
        lambda of: of["Plain"](1, third=3),
        lambda of: of["Plain"](third=3),
        lambda of: of["Made"](second="c"),
        lambda of: hash(of["Made"](1)),  # a dict has no hash
        lambda of: setattr(of["Plain"](1), "first", 2),
        lambda of: setattr(of["Plain"](1), "other", 2),
        lambda of: setattr(of["Bare"](1), "first", 2),
        lambda of: delattr(of["Plain"](1), "first"),
        lambda of: dataclasses.replace(of["Plain"](1), third=3),
    ],
)
def test_it_refuses_what_one_of_the_standard_library_refuses(use: Callable[[dict[str, Any]], Any]) -> None:
    for of in (OURS, THEIRS):
        with pytest.raises((TypeError, dataclasses.FrozenInstanceError)) as refused:
            use(of)
        assert refused.type in (TypeError, dataclasses.FrozenInstanceError)


@pytest.mark.parametrize(
    ("given", "named", "said"),
    [
        ((), {}, "misses first"),
        ((1, "b", 3), {}, "takes at most 2 arguments, 3 were given"),
        ((1,), {"first": 2}, "was given first twice"),
        ((1,), {"third": 3}, "has no third"),
    ],
)
def test_wrong_arguments_are_named(given: tuple[Any, ...], named: dict[str, Any], said: str) -> None:
    with pytest.raises(TypeError, match=f"Plain {said}"):
        OURS["Plain"](*given, **named)


@frozen.dataclass(frozen=True)
class Kept:
    """One that pickle can find."""

    value: int


def test_it_survives_pickling() -> None:
    assert pickle.loads(pickle.dumps(Kept(4))) == Kept(4)
    with pytest.raises(dataclasses.FrozenInstanceError):
        pickle.loads(pickle.dumps(Kept(4))).value = 5


def test_one_that_holds_itself_is_shown() -> None:
    holder: list[Any] = []
    made = OURS["Plain"](holder)
    holder.append(made)
    assert "first=[...]" in repr(made)
