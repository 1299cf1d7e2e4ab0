"""Does a value read from TOML have the type that a frozen dataclass declares, and what does the dataclass look like then?

A small converter of our own: the messages of the usual libraries name neither line nor meaning, and loading one costs more than
reading the file. It knows the types that the model uses, and no others.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import math
import types
from collections.abc import Callable, Hashable, Mapping
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from authwizard.store.profile_errors import BadField, did_you_mean
from authwizard.store.toml_lines import KeyPath

T = TypeVar("T")
Unknown = Callable[[type, str], str]
"""Words the sentence about a key that a dataclass does not have."""


class Reader:
    """Converts tables to dataclasses. `shorthand`: classes that may be written as one text, with the field it fills."""

    def __init__(self, unknown: Unknown, shorthand: Mapping[type, str] | None = None) -> None:
        self._unknown = unknown
        self._shorthand = shorthand or {}

    def build(self, cls: type[T], table: object, path: KeyPath, **given: object) -> T:
        """Make a `cls` from a TOML table; `given` are fields that are not in the file. Raises BadField."""
        if isinstance(table, str) and cls in self._shorthand:
            table = {self._shorthand[cls]: table}
        if not isinstance(table, dict):
            raise BadField(path, "must be a table")
        hints = _hints(cls)  # type: ignore[arg-type]  # mypy does not see that a class is hashable
        values: dict[str, object] = {}
        for key, value in table.items():
            if key not in hints or key in given:
                raise BadField((*path, key), self._unknown(cls, key))
            values[key] = self._value(hints[key], value, (*path, key))
        for field in dataclasses.fields(cls):  # type: ignore[arg-type]  # every class of the model is a dataclass
            if field.name not in values and field.name not in given and _required(field):
                raise BadField(path, f"{field.name} is missing")
        return cls(**values, **given)

    def _value(self, hint: Any, value: object, path: KeyPath) -> object:
        origin = get_origin(hint)
        if origin is Literal:
            return _choice(get_args(hint), value, path)
        if origin in (types.UnionType, Union):
            return self._value(next(arg for arg in get_args(hint) if arg is not type(None)), value, path)
        if origin is tuple:
            if not isinstance(value, list):
                raise BadField(path, 'must be a list, e.g. ["one", "two"]' if get_args(hint)[0] is str else "must be a list of tables")
            return tuple(self._value(get_args(hint)[0], item, (*path, number)) for number, item in enumerate(value))
        if origin is Mapping:
            if not isinstance(value, dict):
                raise BadField(path, "must be a table")
            return {key: self._value(get_args(hint)[1], item, (*path, key)) for key, item in value.items()}
        if dataclasses.is_dataclass(hint) and isinstance(hint, type):
            return self.build(hint, value, path)
        return _plain(hint, value, path)


@functools.cache
def _hints(cls: Hashable) -> dict[str, Any]:
    return get_type_hints(cls)


def _required(field: dataclasses.Field[Any]) -> bool:
    return field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING


def _choice(allowed: tuple[str, ...], value: object, path: KeyPath) -> object:
    if isinstance(value, str) and value in allowed:
        return value
    hint = did_you_mean(value, allowed) if isinstance(value, str) else ""
    raise BadField(path, f"must be one of {', '.join(filter(None, allowed))}{hint}")


def _plain(hint: type, value: object, path: KeyPath) -> object:
    """Check one of the plain types; TOML's own are exact, except that a whole number may stand for a float."""
    if hint is str and isinstance(value, str):
        return _text(value, path)
    if hint is bool and isinstance(value, bool):
        return value
    if hint is int and isinstance(value, int) and not isinstance(value, bool):
        return value
    if hint is float and isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        return value
    if hint is dt.date and isinstance(value, dt.date) and not isinstance(value, dt.datetime):
        return value
    raise BadField(path, f"must be {_WORDS[hint]}")


_WORDS: Mapping[type, str] = {
    str: "text in quotes",
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    dt.date: "a date, e.g. 2026-01-31 (without quotes)",
}


def _text(value: str, path: KeyPath) -> str:
    if any(char < " " or char == "\x7f" for char in value):
        raise BadField(path, "holds a line break or another control character")
    return value
