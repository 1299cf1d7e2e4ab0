"""How does text become rows of a given width, without ever being read as markup?

Everything shown passes `plain` or one of the row functions here: control characters are written out (a second belt: the
model's texts are safe already), and the result is `Content`, which no widget parses again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.cells import cell_len, chop_cells
from textual.content import Content

from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe, safe_line

Part = str | Content | tuple[str, str]
"""A piece of a row: plain text, text with a style, or Content."""

CUT = "…"
"""The sign for what was left out; one cell."""

_WORDS = late_pattern(r"\S+\s*|\s+")


def plain(text: str, style: str = "") -> Content:
    """Return text as literal content, control characters written out; line feeds stay."""
    return Content.styled(safe(text).expandtabs(4), style)


def row(*parts: Part) -> Content:
    """Join pieces of one line into content; no piece is read as markup."""
    cleaned: list[str | Content | tuple[str, str]] = []
    for part in parts:
        match part:
            case Content():
                cleaned.append(part)
            case str():
                cleaned.append(safe_line(part))
            case (text, style):
                cleaned.append((safe_line(text), style))
    return Content.assemble(*cleaned)


def fit(text: str, width: int) -> str:
    """Return text cut or padded to exactly `width` cells."""
    short = shortened(safe_line(text), width)
    return short + " " * (width - cell_len(short))


def shortened(line: str, width: int) -> str:
    """Return a line of at most `width` cells, its end replaced by `CUT` where it is longer."""
    if len(line) <= width * 2 and cell_len(line) <= width:
        return line
    return _first_cells(line, width - 1).rstrip() + CUT if width > 1 else CUT[:width]


def _first_cells(line: str, width: int) -> str:
    return chop_cells(line[: width * 2], width)[0] if line else ""


def wrap(text: str, width: int, most: int = 0) -> list[str]:
    """Break text into rows of at most `width` cells, at spaces where there are any.

    Args:
        text: Any text; its line feeds begin new rows, tabs become spaces.
        width: Cells of a row; at least 1 is used.
        most: Rows to keep, 0 for all; what is cut ends with `CUT`.
    """
    width = max(1, width)
    limit = width * most * 2 + 1 if most else len(text)  # what is never shown need not be broken
    rows: list[str] = []
    for line in safe(text[:limit]).expandtabs(4).split("\n"):
        rows += _wrap_line(line, width)
        if most and len(rows) > most:
            break
    if most and (len(rows) > most or len(text) > limit):
        rows = rows[:most]
        rows[-1] = _first_cells(rows[-1], max(1, width - 1)).rstrip() + CUT if width > 1 else CUT
    return rows


def _wrap_line(line: str, width: int) -> list[str]:
    if cell_len(line) <= width:
        return [line.rstrip()]
    rows, current, used = [], "", 0
    for word in _WORDS.findall(line):
        bare = cell_len(word.rstrip())
        if used and used + bare > width:
            rows.append(current.rstrip())
            current, used = "", 0
        if bare > width:
            *full, word = chop_cells(word.rstrip(), width)  # noqa: PLW2901 - a word longer than a row goes on as its rest
            rows += full
        current += word
        used += cell_len(word)
    return [*rows, current.rstrip()]


def rule(title: str, width: int, sign: str, style: str = "", note: str = "", note_style: str = "") -> Content:
    """Return a heading with a line to the right edge: `TITLE ── note ─────`."""
    heads: list[Part] = [(title, style or "bold")]
    used = cell_len(title)
    if note and width - used > 8:
        note = shortened(safe_line(note), width - used - 4)
        heads += [(f" {sign * 2} ", "dim"), (note, note_style)]
        used += 4 + cell_len(note)
    if used + 1 < width:
        heads.append((" " + sign * (width - used - 1), "dim"))
    return row(*heads)


def block(text: str, width: int, *, indent: int = 0, style: str = "", most: int = 0) -> list[Content]:
    """Return text as rows, each indented, in one style."""
    return [row(" " * indent, (line, style)) for line in wrap(text, width - indent, most)]


def in_ascii(content: Content) -> Content:
    """Return content with every character that is not ASCII replaced by one that is; the styles stay where they are."""
    if content.plain.isascii():
        return content
    return Content("".join(c if c.isascii() else _PLAINER.get(c, "?") for c in content.plain), list(content.spans))


_PLAINER = {"…": ".", "·": ".", "–": "-", "—": "-", "−": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "→": ">", "±": "~", "×": "x"}


def joined(rows: Iterable[Content]) -> Content:
    """Return rows as one content, a line feed between them."""
    return Content("\n").join(rows)


def columns(widths: Sequence[int], least: Sequence[int], room: int, gap: int = 2) -> list[int] | None:
    """Fit column widths into `room` cells, the one with most to give first; None where even the least does not fit."""
    room -= gap * (len(widths) - 1)
    fitted = [min(width, max(1, room)) for width in widths]
    if sum(least) > room:
        return None
    while sum(fitted) > room:
        give = [w - low for w, low in zip(fitted, least, strict=True)]
        fitted[give.index(max(give))] -= 1
    return fitted


def difference(one: str, other: str) -> tuple[int, int]:
    """Return where the part of `one` begins and ends in which it differs from `other`; (0, 0) where they are alike.

    Where `other` only has something more, the character before the gap stands for it.
    """
    if one == other:
        return 0, 0
    begin = _alike(one, other)
    rest = min(len(one), len(other)) - begin
    ending = min(rest, _alike(one[::-1], other[::-1]))
    end = len(one) - ending
    return (begin, end) if begin < end else (max(0, begin - 1), max(1, begin))


def _alike(one: str, other: str) -> int:
    """Return how many characters two texts have in common from their beginning on."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


def longest_word(text: str) -> int:
    """Return the cells of the longest word, which is the least a column must have to break no word."""
    return max((cell_len(word) for word in safe(text).split()), default=0)
