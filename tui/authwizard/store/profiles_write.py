"""How is one profile of `profiles.toml` added, changed or removed without touching anything else in the file?

Only the lines of that profile are cut out, changed and put back: comments and the other profiles stay as they are, byte for byte.
The new text is read back before it replaces the file.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from authwizard.model.errors import ConfigError
from authwizard.model.profile import Profile
from authwizard.protocol.clean import safe_line
from authwizard.store.paths import locked, sweep, write_private
from authwizard.store.profile_toml import profile_toml
from authwizard.store.profiles import NAME, VERSION, decoded, parse_profiles, parse_toml
from authwizard.store.toml_lines import Statement, TomlLines, locate

_BOM = "\ufeff"


def save_profile(path: Path, profile: Profile) -> None:
    """Add a profile to a file (made where needed), or change the one of that name; a symbolic link's target is written.

    Raises ConfigError where the profile would not be read back as it is, StoreError where the file cannot be written.
    """
    if not NAME.fullmatch(profile.name):
        raise ConfigError(f"{safe_line(profile.name, 60)!r} cannot be a profile's name: use letters, digits, '.', '_' and '-'.")
    _refuse_left(path, profile.name)
    _rewrite(path, lambda text, source: _with_profile(text, profile, source))


def _refuse_left(path: Path, name: str) -> None:
    """Give no new profile the secrets of another one that a renaming or removal left in the store under its name."""
    from authwizard.store.unfinished import left_names

    if name in left_names(path):
        raise ConfigError(
            f"Secrets of another profile may be left in the store under the name {safe_line(name)}. Run first: authwizard store forget {safe_line(name)}"
        )


def remove_profile(path: Path, name: str) -> None:
    """Remove a profile and the comment lines that belong to it. Raises ConfigError where there is none of that name."""
    _rewrite(path, lambda text, source: _without_profile(text, name, source))


def _rewrite(path: Path, change: Callable[[str, str], str]) -> None:
    real = Path(os.path.realpath(path))
    source = safe_line(str(path))
    with locked(real):
        try:
            data, like = real.read_bytes(), real.stat()
        except FileNotFoundError:
            data, like = b"", None
        except OSError as exc:
            raise ConfigError(f"{source} cannot be read: {exc.strerror}.") from None
        bom = _BOM if data.startswith(_BOM.encode()) else ""
        text = change(decoded(data, source), source)
        write_private(real, (bom + text).encode(), like=like)
        sweep(real)


def _with_profile(text: str, profile: Profile, source: str) -> str:
    before = parse_toml(text, source)
    exists = profile.name in before.get("profile", {})
    new = _edited(text, profile, source) if exists else _appended(text, profile)
    _check(new, profile, before, source)
    return new


def _appended(text: str, profile: Profile) -> str:
    head = text or f"version = {VERSION}\n"
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if head.endswith("\n") else newline
    return head + gap + newline + profile_toml(profile).replace("\n", newline)


def _check(new: str, profile: Profile, before: dict[str, Any], source: str) -> None:
    """Refuse a text that does not say what was meant: this profile as it is, and every other one as it was."""
    try:
        now = tomllib.loads(new)["profile"]
        new.encode()
    except (tomllib.TOMLDecodeError, UnicodeEncodeError):
        now = {}
    others = {key: value for key, value in before.get("profile", {}).items() if key != profile.name}
    if {key: value for key, value in now.items() if key != profile.name} != others or profile.name not in now:
        raise ConfigError(f"{source}: profile {profile.name} is written in a way that authwizard does not edit. Change it by hand.")
    if parse_profiles(new, source)[profile.name] != profile:
        raise ConfigError(f"{source}: profile {profile.name} would not be read back as it is, so it was not written.")


def _edited(text: str, profile: Profile, source: str) -> str:
    from authwizard.store.profile_edit import edited

    spans = _spans(locate(text), profile.name, source)
    own = "".join(text[start:end] for start, end in spans)
    whole = own if own.endswith("\n") else own + "\n"
    changed = edited(whole, profile)
    if "\r\n" in own:
        changed = changed.replace("\r\n", "\n").replace("\n", "\r\n")
    first = spans[0][0]
    return text[:first] + (changed if whole == own else changed.rstrip("\r\n")) + _cut(text, spans, first)


def _without_profile(text: str, name: str, source: str) -> str:
    tables = parse_toml(text, source).get("profile", {})
    if name not in tables:
        raise ConfigError(f"{source}: there is no profile {safe_line(name, 60)}.")
    for other, table in tables.items():
        if other != name and table.get("known_good") == name:
            raise ConfigError(f"{source}: profile {safe_line(other)} names {safe_line(name)} as known_good. Change that first.")
    return _cut(text, [_with_comments(text, start, end) for start, end in _spans(locate(text), name, source)], 0)


def _cut(text: str, spans: list[tuple[int, int]], start: int) -> str:
    """Return the text from `start` on without the spans."""
    kept = ""
    for first, last in spans:
        kept += text[start:first]
        start = last
    return kept + text[start:]


def _spans(found: TomlLines, name: str, source: str) -> list[tuple[int, int]]:
    """Return the offsets of the lines of a profile, joined where nothing of another table lies between them."""
    spans: list[tuple[int, int]] = []
    inside = False
    for statement in found.statements:
        is_own = statement.path[:2] == ("profile", name)
        if statement.kind == "key" and is_own and not inside:
            raise ConfigError(
                f"{source}, line {found.line_at(statement.start)}: profile {name} is written with dotted keys or as an inline table, which "
                f"authwizard does not edit. Write it as [profile.{name}], or change it by hand."
            )
        if statement.kind != "key":
            if is_own and not inside:
                spans.append(_lines(found.text, statement))
            inside = is_own
        if inside:
            spans[-1] = (spans[-1][0], _lines(found.text, statement)[1])
    return spans


def _lines(text: str, statement: Statement) -> tuple[int, int]:
    """Return the offsets of the whole lines of a statement, line break included."""
    end = text.find("\n", statement.end)
    return text.rfind("\n", 0, statement.start) + 1, len(text) if end < 0 else end + 1


def _with_comments(text: str, start: int, end: int) -> tuple[int, int]:
    """Widen a span to the comment lines right above it and one empty line after it.

    A comment that opens the file stays; at the file's end the empty lines above go.
    """
    above = start
    while above:
        line = text.rfind("\n", 0, above - 1) + 1
        if not text[line:above].lstrip().startswith("#"):
            break
        above = line
    start = above or start
    after = text.find("\n", end) + 1
    if not text[end:].strip():
        last = len(text[:start].rstrip())
        return (text.index("\n", last) + 1 if last else start), len(text)
    return start, after if after and not text[end:after].strip() else end


def rename_profile(path: Path, old: str, new: str) -> None:
    """Give a profile another name where it stands, comments and all, and in the known_good of others.

    Raises ConfigError where there is no profile `old`, where `new` exists or cannot be a name, or where the file cannot be edited.
    """
    if not NAME.fullmatch(new):
        raise ConfigError(f"{safe_line(new, 60)!r} cannot be a profile's name: use letters, digits, '.', '_' and '-'.")
    _rewrite(path, lambda text, source: _renamed(text, old, new, source))


def _renamed(text: str, old: str, new: str, source: str) -> str:
    before = parse_profiles(text, source)
    if old not in before or new in before:
        raise ConfigError(f"{source}: there is no profile {safe_line(old, 60)}, or there is a profile {safe_line(new, 60)} already.")
    changed = _with_headers_renamed(text, old, new, source)
    for name, profile in before.items():
        if name != old and profile.known_good == old:
            changed = _edited(changed, replace(profile, known_good=new), source)
    wanted = {
        new if name == old else name: replace(
            profile, name=new if name == old else name, known_good=new if profile.known_good == old else profile.known_good
        )
        for name, profile in before.items()
    }
    if parse_profiles(changed, source) != wanted:
        raise ConfigError(f"{source}: profile {safe_line(old)} is written in a way that authwizard does not edit. Rename it by hand.")
    return changed


def _with_headers_renamed(text: str, old: str, new: str, source: str) -> str:
    """Write the new name into each table header of the profile."""
    found = locate(text)
    _spans(found, old, source)  # raises where the profile is written without headers
    name = re.compile(
        rf"(\[\s*(?:profile|\"profile\"|'profile')\s*\.\s*)(?:{re.escape(old)}|\"{re.escape(old)}\"|'{re.escape(old)}')(?=[\s.\]])"
    )
    written = new if re.fullmatch(r"[A-Za-z0-9_-]+", new) else f'"{new}"'
    pieces, at = [], 0
    for statement in found.statements:
        if statement.kind != "key" and statement.path[:2] == ("profile", old):
            start, end = _lines(text, statement)
            pieces += [text[at:start], name.sub(lambda header: header[1] + written, text[start:end], count=1)]
            at = end
    return "".join(pieces) + text[at:]
