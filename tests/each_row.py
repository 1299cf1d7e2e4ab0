"""One test for a whole table: cheaper by far than a test for each row, and as strict, since every row that fails is named."""

from __future__ import annotations

import inspect
import traceback
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest


def for_each(
    names: str | Sequence[str], rows: Iterable[Any], ids: Sequence[str] | Callable[[Any], object] | None = None
) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Let one test judge every row of a table, as `pytest.mark.parametrize` lets many do; for rows that share nothing that changes."""
    arguments = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    table = [tuple(row) if len(arguments) > 1 else (row,) for row in rows]
    if not all(len(row) == len(arguments) for row in table):
        raise ValueError(f"a row has not a value for each of {arguments}")

    def name_of(number: int, row: tuple[Any, ...]) -> str:
        if ids is None or callable(ids):
            return ", ".join(_short(value, ids(value) if ids else None) for value in row)
        return str(ids[number])

    def decorate(judge: Callable[..., None]) -> Callable[..., None]:
        def test(**fixtures: Any) -> None:
            assert table, "the table has no rows"
            failures = []
            for number, row in enumerate(table):
                try:
                    judge(**dict(zip(arguments, row, strict=True)), **fixtures)
                except (Exception, pytest.fail.Exception) as error:
                    failures.append(f"row {number} ({name_of(number, row)}){_where(judge, error)}")
            if failures:
                pytest.fail(f"{len(failures)} of {len(table)} rows:\n" + "\n".join(failures), pytrace=False)

        signature = inspect.signature(judge)
        if unknown := set(arguments) - set(signature.parameters):
            raise ValueError(f"{judge.__name__} takes no {', '.join(sorted(unknown))}")
        others = [parameter for name, parameter in signature.parameters.items() if name not in arguments]
        test.__signature__ = signature.replace(parameters=others)  # type: ignore[attr-defined]
        test.__name__, test.__qualname__, test.__doc__, test.__module__ = (
            judge.__name__,
            judge.__qualname__,
            judge.__doc__,
            judge.__module__,
        )
        test.judge = judge  # type: ignore[attr-defined]
        return test

    return decorate


def _short(value: Any, named: object) -> str:
    text = str(named) if named is not None else repr(value)
    return text if len(text) <= 60 else text[:59] + "…"


def _where(judge: Callable[..., None], error: BaseException) -> str:
    lines = [
        frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == judge.__code__.co_filename != __file__
    ]
    kind = "" if isinstance(error, AssertionError | pytest.fail.Exception) else f"{type(error).__name__}: "
    return f"{f', line {lines[-1]}' if lines else ''}: {kind}{error}"
