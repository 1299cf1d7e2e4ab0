"""What does a profile look like in `profiles.toml`? Only what differs from the defaults is written."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from authwizard.model.profile import Profile, Reference
from authwizard.protocol.toml_text import toml_key, toml_value
from authwizard.store.toml_lines import KeyPath

TABLES = ("credential", "oauth", "expect", "network", "secrets", "links")
"""The tables of a profile, in the order in which they are written; `endpoints` comes last."""

_FIRST = ("environment", "base_url", "request", "headers")


def plain(profile: Profile) -> dict[str, Any]:
    """Return a profile as plain TOML values (dict, list, str, numbers, dates): what is not a default, in the file's order."""
    whole = _changed(profile)
    del whole["name"]
    if profile.secrets:
        whole["secrets"] = {name: _reference(reference) for name, reference in profile.secrets.items()}
    if profile.oauth is None:
        whole.pop("oauth", None)
    order = [*_FIRST, *(key for key in whole if key not in (*_FIRST, *TABLES, "endpoints")), *TABLES, "endpoints"]
    return {key: whole[key] for key in order if key in whole}


def profile_toml(profile: Profile) -> str:
    """Write a profile as the TOML text of its tables, `[profile.NAME]` first."""
    values = plain(profile)
    own = {key: value for key, value in values.items() if key not in (*TABLES, "endpoints")}
    text = section(("profile", profile.name), own)
    for key in (*TABLES, "endpoints"):
        if key in values:
            text += sections(profile.name, key, values[key])
    return text.removeprefix("\n")


def sections(name: str, key: str, value: Any) -> str:
    """Write one table of a profile, or the rows of its `endpoints`."""
    path = ("profile", name, key)
    if key == "endpoints":
        return "".join(section(path, row, element=True) for row in value)
    return section(path, value)


def section(path: KeyPath, values: Mapping[str, Any], *, element: bool = False) -> str:
    """Write a table with its header, an empty line above it."""
    name = toml_key(*path)
    header = f"[[{name}]]" if element else f"[{name}]"
    return f"\n{header}\n" + "".join(key_line(key, value) for key, value in values.items())


def key_line(key: str, value: Any) -> str:
    """Write one `key = value` line."""
    return f"{toml_key(key)} = {toml_value(value)}\n"


def _changed(thing: Any) -> dict[str, Any]:
    """Return the fields of a dataclass that differ from their defaults, as plain values; nested ones likewise."""
    found: dict[str, Any] = {}
    for each in dataclasses.fields(thing):
        value = getattr(thing, each.name)
        if value is not None and value != default_of(each):
            found[each.name] = _plain(value)
    return found


def default_of(field: dataclasses.Field[Any]) -> Any:
    """Return a field's default; MISSING where it has none."""
    return field.default if field.default_factory is dataclasses.MISSING else field.default_factory()


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _changed(value)
    if isinstance(value, tuple):
        return [_plain(each) for each in value]
    if isinstance(value, Mapping):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _reference(reference: Reference) -> str | dict[str, Any]:
    """Write a reference as text where it has nothing but its text."""
    changed = _changed(reference)
    return reference.ref if set(changed) == {"ref"} else changed
