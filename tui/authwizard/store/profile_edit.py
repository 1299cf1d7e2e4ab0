"""How are the lines of one profile changed so that its comments and the order of its keys stay?

What is equal is not touched; a default that is written out stays; a key is removed only where its value went back to the default;
a new key goes below the last key of its table, a new table below the profile's last line.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from authwizard.model.profile import CredentialSpec, Endpoint, Expect, Links, Network, OAuth, Profile
from authwizard.store.profile_toml import TABLES, default_of, key_line, plain, section, sections
from authwizard.store.toml_lines import KeyPath, Statement, TomlLines, locate

if TYPE_CHECKING:
    from tomlkit.items import InlineTable

_CLASS_OF: Mapping[str, type] = {"credential": CredentialSpec, "oauth": OAuth, "expect": Expect, "network": Network, "links": Links}


@dataclass
class _Additions:
    """What has to be added once the lines that exist are changed: lines by table, and whole tables."""

    lines: dict[KeyPath, dict[str, Any]] = field(default_factory=dict)
    sections: str = ""


def edited(fragment: str, profile: Profile) -> str:
    """Change the lines of a profile; `fragment` holds nothing but them, in TABLES of their own, and ends with a line break."""
    import tomlkit

    document = tomlkit.parse(fragment)
    table: Any = document["profile"][profile.name]
    path: KeyPath = ("profile", profile.name)
    wanted, more = plain(profile), _Additions()
    for key in [key for key in table if key not in wanted]:
        _drop(table, key, Profile, (*path, key), more)
    for key, value in wanted.items():
        if key == "endpoints" and key in table:
            _edit_endpoints(table, value, (*path, key), more)
        elif key in TABLES and key in table:
            _edit_table(table[key], value, _CLASS_OF.get(key), (*path, key), more)
        elif key in table:
            _put(table, key, value)
        elif key in TABLES or key == "endpoints":
            more.sections += sections(profile.name, key, value)
        else:
            more.lines.setdefault(path, {})[key] = value
    return _with_additions(tomlkit.dumps(document), more)


def _edit_table(table: Any, wanted: Mapping[str, Any], cls: type | None, path: KeyPath, more: _Additions) -> None:
    from tomlkit.items import InlineTable

    for key in [key for key in table if key not in wanted]:
        _drop(table, key, cls, (*path, key), more)
    for key, value in wanted.items():
        if key in table:
            _put(table, key, value)
        elif isinstance(table, InlineTable):
            table.append(key, _inline(value) if isinstance(value, dict) else value)
        else:
            more.lines.setdefault(path, {})[key] = value


def _edit_endpoints(table: Any, rows: list[dict[str, Any]], path: KeyPath, more: _Additions) -> None:
    """Change the scope table row by row, so that comments stay with the rows that stay."""
    from tomlkit.items import AoT

    written = table["endpoints"]
    if not isinstance(written, AoT):  # a list of inline tables, on one line or several
        if _value(written) != rows:
            table["endpoints"] = [_inline(row) for row in rows]
        return
    for number, row in enumerate(rows[: len(written)]):
        _edit_table(written[number], row, Endpoint, (*path, number), more)
    if len(rows) > len(written):
        more.sections += sections(str(path[1]), "endpoints", rows[len(written) :])
    while len(written) > len(rows):
        del written[-1]


def _put(table: Any, key: str, value: Any) -> None:
    """Set a key where its value differs (the comment on its line stays)."""
    if _value(table[key]) != value:
        table[key] = _inline(value) if isinstance(value, dict) else value


def _drop(table: Any, key: str, cls: type | None, path: KeyPath, more: _Additions) -> None:
    """Remove a key, unless it writes its default out. A table is emptied, not removed: comments hang on it."""
    if cls is Profile and key in TABLES and key != "oauth":
        _edit_table(table[key], {}, _CLASS_OF.get(key), path, more)
        return
    default = _default(cls, key)
    if default is dataclasses.MISSING or _value(table[key]) != default:
        table.remove(key)


def _default(cls: type | None, key: str) -> Any:
    """Return the default of a field as a TOML value; MISSING where it cannot be written or there is none."""
    found = next((each for each in dataclasses.fields(cls) if each.name == key), None) if cls else None
    default = dataclasses.MISSING if found is None else default_of(found)
    return list(default) if isinstance(default, tuple) else default


def _inline(values: Mapping[str, Any]) -> InlineTable:
    """Make a `{ a = 1 }` table."""
    import tomlkit

    table = tomlkit.inline_table()
    for key, value in values.items():
        table.append(tomlkit.key(key), value)
    return table


def _value(written: Any) -> Any:
    """Return what a tomlkit item stands for, in plain values."""
    return written.unwrap() if hasattr(written, "unwrap") else written


def _with_additions(text: str, more: _Additions) -> str:
    """Put new lines below the last key of their tables, from the end of the text to its start; new tables at the end."""
    found = locate(text)
    inserts: list[tuple[int, str]] = []
    for path, values in more.lines.items():
        last = _last_of(found, path)
        if last is None:
            more.sections += section(path, values)
        else:
            inserts.append((_line_end(text, last.end), "".join(key_line(key, value) for key, value in values.items())))
    for offset, lines in sorted(inserts, reverse=True):
        text = text[:offset] + lines + text[offset:]
    return text.rstrip() + "\n" + more.sections


def _last_of(found: TomlLines, path: KeyPath) -> Statement | None:
    """Return the last statement below a table's header (the header itself where it is empty), None where it has none."""
    last: Statement | None = None
    inside = False
    for statement in found.statements:
        if statement.kind != "key":
            inside = statement.path == path
        if inside:
            last = statement
    return last


def _line_end(text: str, offset: int) -> int:
    end = text.find("\n", offset)
    return len(text) if end < 0 else end + 1
