"""On which line of a TOML text is a key?

`tomllib` gives values without places. This walks a text that `tomllib` has accepted and notes where each key, table header and list
element starts, so that an error can name its line and an edit can touch one profile's lines alone. It checks nothing itself.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
from bisect import bisect_right
from dataclasses import field
from typing import Literal

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

KeyPath = tuple[str | int, ...]

_STRING = late_pattern(
    r'"""(?s:(?:\\.|(?!""").)*)"{3,5}' "|" r"'''(?s:.*?)'{3,5}" "|" r'"(?:\\.|[^"\\\n])*"' "|" r"'[^'\n]*'",
)
_BARE_KEY = late_pattern(r"[A-Za-z0-9_-]+")
_SCALAR = late_pattern(r"[^,\]}\n#]+")
_BLANK = late_pattern(r"[ \t]*")
_GAP = late_pattern(r"(?:[ \t\r\n]|#[^\n]*)*")


@dataclass(frozen=True)
class Statement:
    """A header or a `key = value` line. `start` and `end` are offsets: its first character and the one after its last."""

    kind: Literal["table", "element", "key"]
    path: KeyPath
    start: int
    end: int


@dataclasses.dataclass
class TomlLines:
    """What `locate` found: the statements in order, and the offset of every key path."""

    text: str
    statements: list[Statement] = field(default_factory=list)
    offsets: dict[KeyPath, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._newlines = [m.start() for m in re.finditer("\n", self.text)]

    def line_at(self, offset: int) -> int:
        """Return the line number (from 1) of an offset."""
        return bisect_right(self._newlines, offset - 1) + 1

    def line_of(self, path: KeyPath) -> int:
        """Return the line number of a key path, or of its nearest parent that is written; 1 where there is none."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.offsets:
                return self.line_at(self.offsets[path[:length]])
        return 1


def locate(text: str) -> TomlLines:
    """Note the places of all keys of a valid TOML text (behaviour on an invalid one is not defined)."""
    return _Walk(text).document()


class _Walk:
    """The walk: a position in the text, the table that is open, and the length of each list of tables."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.pos = 0
        self.found = TomlLines(text)
        self.table: KeyPath = ()
        self.lengths: dict[KeyPath, int] = {}

    def document(self) -> TomlLines:
        self._skip(_GAP)
        while self.pos < len(self.text):
            start = self.pos
            if self.text.startswith("[", self.pos):
                self._header(start)
            else:
                path = self._pair(self.table)
                self.found.statements.append(Statement("key", path, start, self.pos))
            self._skip(_GAP)
        return self.found

    def _header(self, start: int) -> None:
        is_list = self.text.startswith("[[", start)
        self.pos += 2 if is_list else 1
        path = self._resolve(self._key(), is_list=is_list)
        self.pos = self.text.index("]", self.pos) + (2 if is_list else 1)
        self.table = path
        self._note(path, start)
        self.found.statements.append(Statement("element" if is_list else "table", path, start, self.pos))

    def _resolve(self, keys: list[str], *, is_list: bool) -> KeyPath:
        """Turn a header's keys into a path: a list of tables on the way means its last element."""
        path: KeyPath = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if is_list and number == len(keys) - 1:
                self.lengths[path] = self.lengths.get(path, 0) + 1
            if path in self.lengths:
                path = (*path, self.lengths[path] - 1)
        return path

    def _pair(self, parent: KeyPath) -> KeyPath:
        start = self.pos
        path = (*parent, *self._key())
        self._note(path, start)
        self.pos = self.text.index("=", self.pos) + 1
        self._skip(_BLANK)
        self._value(path)
        return path

    def _key(self) -> list[str]:
        """Read a key, dotted or not, decoded."""
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            if bare := _BARE_KEY.match(self.text, self.pos):
                keys.append(bare.group())
                self.pos = bare.end()
            else:
                quoted = self._string()
                keys.append(str(tomllib.loads(f"k = {quoted}")["k"]))
            self._skip(_BLANK)
            if not self.text.startswith(".", self.pos):
                return keys
            self.pos += 1

    def _value(self, path: KeyPath) -> None:
        char = self.text[self.pos]
        if char in "\"'":
            self._string()
        elif char == "[":
            self._array(path)
        elif char == "{":
            self._inline_table(path)
        elif scalar := _SCALAR.match(self.text, self.pos):
            self.pos += len(scalar.group().rstrip())

    def _array(self, path: KeyPath) -> None:
        self.pos += 1
        self._skip(_GAP)
        number = 0
        while not self.text.startswith("]", self.pos):
            self._note((*path, number), self.pos)
            self._value((*path, number))
            number += 1
            self._separator()
        self.pos += 1

    def _inline_table(self, path: KeyPath) -> None:
        self.pos += 1
        self._skip(_GAP)
        while not self.text.startswith("}", self.pos):
            self._pair(path)
            self._separator()
        self.pos += 1

    def _separator(self) -> None:
        self._skip(_GAP)
        if self.text.startswith(",", self.pos):
            self.pos += 1
            self._skip(_GAP)

    def _string(self) -> str:
        found = _STRING.match(self.text, self.pos)
        if found is None:
            raise ValueError("locate() was given a text that is not valid TOML")
        self.pos = found.end()
        return found.group()

    def _skip(self, pattern: re.Pattern[str]) -> None:
        found = pattern.match(self.text, self.pos)
        self.pos = found.end() if found else self.pos

    def _note(self, path: KeyPath, offset: int) -> None:
        """Remember the first place of a path and of the tables on the way to it."""
        for length in range(1, len(path) + 1):
            self.found.offsets.setdefault(path[:length], offset)
