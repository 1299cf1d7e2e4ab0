"""No regular expression of the package repeats what is repeated already: such a one takes exponential time on a hostile text."""

from __future__ import annotations

import importlib
import itertools
import pkgutil
import re
import re._parser as parser  # type: ignore[import-not-found]
import time
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import authwizard
from authwizard.importers.shell_words import split
from authwizard.knowledge.messages import read_message
from authwizard.model.late_pattern import late_pattern

MANY = 12
"""Repetitions from which on trying all ways to share a text takes long."""


def repeats(operation: tuple[Any, Any]) -> bool:
    name, argument = operation
    return str(name) in ("MAX_REPEAT", "MIN_REPEAT") and argument[1] > MANY


def nullable(operation: tuple[Any, Any]) -> bool:
    name, argument = operation
    if str(name) in ("MAX_REPEAT", "MIN_REPEAT"):
        return argument[0] == 0 or all(map(nullable, argument[2]))
    return str(name) in ("AT", "ASSERT", "ASSERT_NOT")


def ways(items: list[tuple[Any, Any]]) -> list[list[tuple[Any, Any]]]:
    """The sequences that a pattern stands for, groups and alternatives written out."""
    parts = []
    for name, argument in items:
        if str(name) == "SUBPATTERN":
            parts.append(ways(list(argument[3])))
        elif str(name) == "BRANCH":
            parts.append([way for branch in argument[1] for way in ways(list(branch))])
        else:
            parts.append([[(name, argument)]])
    return [list(itertools.chain(*choice)) for choice in itertools.islice(itertools.product(*parts), 200)]


def inner(name: str, argument: Any) -> Iterator[Any]:
    match name:
        case "MAX_REPEAT" | "MIN_REPEAT":
            yield argument[2]
        case "SUBPATTERN":
            yield argument[3]
        case "BRANCH":
            yield from argument[1]
        case "ASSERT" | "ASSERT_NOT":
            yield argument[1]


def explodes(sequence: Any) -> bool:
    """Whether a repetition consists of nothing but another one and what may be absent."""
    for name, argument in sequence:
        if repeats((name, argument)):
            for way in ways(list(argument[2])):
                if any(repeats(one) and all(nullable(other) for other in way if other is not one) for one in way):
                    return True
        if any(explodes(part) for part in inner(str(name), argument)):
            return True
    return False


def texts_of(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from texts_of(one)


def patterns_in(value: object) -> Iterator[Any]:
    """The patterns that a name of a module stands for, also in a table; each is compiled, so that none is wrong unseen."""
    if isinstance(value, (re.Pattern, late_pattern)):
        yield value
    elif isinstance(value, (tuple, list, Mapping)):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from patterns_in(one)


def patterns() -> Iterator[tuple[str, str, int]]:
    for module in pkgutil.walk_packages(authwizard.__path__, "authwizard."):
        if not module.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(module.name)).items():
                for pattern in patterns_in(value):
                    if isinstance(pattern.pattern, str):
                        yield f"{module.name}.{name}", pattern.pattern, pattern.flags & (re.IGNORECASE | re.VERBOSE)
    for path in sorted(Path(authwizard.__path__[0], "knowledge").glob("messages*.toml")):
        for stack in tomllib.loads(path.read_text(encoding="utf-8"))["stack"]:
            yield from ((f"{path.name} {row[3]}", row[3], 0) for row in stack["rows"])


def test_no_pattern_repeats_a_repetition() -> None:
    found = list(patterns())
    assert len(found) > 500
    assert [where for where, pattern, flags in found if explodes(parser.parse(pattern, flags))] == []


@pytest.mark.parametrize("pattern", ["(?:a+)+b", "[a-z]+(?:-?[a-z]+)*", "(?:x|[a-z]*)*", r"(?:\s*\w*)*$"])
def test_the_search_knows_patterns_that_explode(pattern: str) -> None:
    assert explodes(parser.parse(pattern))


@pytest.mark.parametrize("text", ["a" * 79 + "+", "aB3" * 25 + "--x", ("aB3" * 20 + "_-") + "q"])
def test_a_long_word_in_an_answer_is_read_at_once(text: str) -> None:
    began = time.process_time()
    read_message(401, (), text)
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    "text", ["curl " + "a" * 50_000, "curl https://a/?" + "&b" * 25_000, "curl a" + "\n" * 50_000 + "-x", "curl " + '"a"' * 20_000]
)
def test_a_long_command_is_split_at_once(text: str) -> None:
    began = time.process_time()
    assert split(text)[0] == "curl"
    assert time.process_time() - began < 1
