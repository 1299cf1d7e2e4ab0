"""Which texts does a text hold once its escapes are read? Percent, JSON, HTML escapes and folding, each with the way back."""

from __future__ import annotations

import bisect
import functools
import re
from collections.abc import Callable
from dataclasses import field

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

_PERCENT = late_pattern(r"(?:%[0-9A-Fa-f]{2})+")
_BACKSLASH = late_pattern(
    r"\\u[dD][89abAB][0-9A-Fa-f]{2}\\u[dD][c-fC-F][0-9A-Fa-f]{2}"  # a surrogate pair is one character
    r"|\\(?:u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8}|x[0-9A-Fa-f]{2}|[^uUx])",
    re.DOTALL,
)
_ENTITY = late_pattern(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z]{2,8});")
_SPACE = late_pattern(r"\s+")
_SHORT = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", "0": "\0"}


@dataclass(frozen=True)
class View:
    """A text with one kind of escape read. `pieces` are (start here, start there, length here, length there)."""

    text: str
    folded: bool = False
    """All white space is removed, so that only long spellings may be looked for."""
    parent: View | None = None
    make: Callable[[], list[tuple[int, int, int, int]]] | None = None
    _pieces: list[tuple[int, int, int, int]] = field(default_factory=list)

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Translate a span of this view into one of the text that was read first."""
        if self.parent is None or self.make is None:
            return start, end
        if not self._pieces:
            self._pieces.extend(self.make())
        return self.parent.span(self._there(start)[0], self._there(end - 1)[1])

    def _there(self, index: int) -> tuple[int, int]:
        here, there, length, original = self._pieces[bisect.bisect_right(self._pieces, (index, 1 << 62)) - 1]
        if length == original:
            return there + index - here, there + index - here + 1
        return there, there + original


def views_of(text: str) -> tuple[View, ...]:
    """Return the text and every view of it that differs: each kind of escape, the usual pairs of them, and these unfolded."""
    raw = View(text)
    percent, backslash, entity = _percent(raw), _backslash(raw), _entity(raw)
    pairs = (_percent(percent), _backslash(backslash), _percent(backslash), _entity(backslash), _backslash(entity), _percent(entity))
    views = [view for view in (raw, percent, backslash, entity, *pairs) if view]
    return (*views, *(folded for view in (raw, backslash, entity, pairs[4]) if view and (folded := _folded(view))))


def _percent(parent: View | None) -> View | None:
    return _decoded(parent, "%", _PERCENT, _read_percent)


def _backslash(parent: View | None) -> View | None:
    return _decoded(parent, "\\", _BACKSLASH, _read_backslash)


def _entity(parent: View | None) -> View | None:
    return _decoded(parent, "&", _ENTITY, lambda match: _unescape(match.group()))


@functools.lru_cache(maxsize=1024)
def _unescape(entity: str) -> str:
    import html  # its table of names is large, and most texts hold none

    return html.unescape(entity)


def _folded(parent: View) -> View | None:
    joined = "".join(parent.text.split())
    if joined == parent.text:
        return None
    return View(joined, True, parent, lambda: _pieces_of(parent.text, _SPACE, lambda _: ""))


def _decoded(parent: View | None, sign: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], str]) -> View | None:
    if parent is None or sign not in parent.text:
        return None
    text = pattern.sub(read, parent.text)
    return View(text, False, parent, lambda: _pieces_of(parent.text, pattern, read)) if text != parent.text else None


def _pieces_of(text: str, pattern: re.Pattern[str], read: Callable[[re.Match[str]], str]) -> list[tuple[int, int, int, int]]:
    pieces: list[tuple[int, int, int, int]] = []
    here = there = 0
    for match in pattern.finditer(text):
        plain = match.start() - there
        if plain:
            pieces.append((here, there, plain, plain))
        here += plain
        shown = len(read(match))
        if shown:
            # a length that differs from the original marks the piece as one that is replaced as a whole
            pieces.append((here, match.start(), shown, match.end() - match.start()))
        here += shown
        there = match.end()
    if there < len(text):
        pieces.append((here, there, len(text) - there, len(text) - there))
    return pieces


def _read_percent(match: re.Match[str]) -> str:
    data = bytes.fromhex(match.group().replace("%", ""))
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")  # as header values and bytes of files are shown


def _read_backslash(match: re.Match[str]) -> str:
    escape = match.group()[1:]
    if len(escape) == 11:
        return chr(0x10000 + ((int(escape[1:5], 16) - 0xD800) << 10) + int(escape[7:], 16) - 0xDC00)
    if len(escape) > 1:
        code = int(escape[1:], 16)
        return chr(code) if code <= 0x10FFFF else "\ufffd"
    return _SHORT.get(escape, escape)
