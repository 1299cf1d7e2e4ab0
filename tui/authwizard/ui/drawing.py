"""How is a finding drawn: its status and title, its summary, its evidence as lines, tables and code?

Every row starts with a bar in the colour of the status, so that a check reads as one panel; colour adds to the glyph and the
word, it never stands alone.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby

from rich.cells import cell_len
from textual.content import Content

from authwizard.model.finding import Code, Detail, Finding, Line, Status, Table
from authwizard.protocol.clean import safe
from authwizard.ui import text
from authwizard.ui.services import CheckWords
from authwizard.ui.signs import Glyphs
from authwizard.ui.words import mark

LABEL_MOST = 18
"""Cells a label of a line of evidence may take."""
VALUE_ROWS = 3
"""Rows a value may take before the rest is cut; the raw exchange has it whole."""
CODE_ROWS = 24
HEADING_ROWS = 6
"""Rows a panel's heading may take: what was found is a whole sentence."""

_SEVERITY = (Status.CRASHED, Status.FAIL, Status.WARN, Status.BLOCKED, None, Status.PASS, Status.SKIP)


def in_reading_order(checks: Sequence[CheckWords], findings: Iterable[Finding]) -> list[tuple[CheckWords, Finding | None]]:
    """Pair each check with its finding, the ones a reader must see first; equal ones in the catalogue's order."""
    found = {f.check: f for f in findings}
    known = {c.id for c in checks}
    every = [*checks, *(CheckWords(f.check, f.title) for f in found.values() if f.check not in known)]
    pairs = [(c, found.get(c.id)) for c in every]
    return sorted(pairs, key=lambda pair: _SEVERITY.index(pair[1].status if pair[1] else None))


def panel(check: CheckWords, finding: Finding | None, width: int, signs: Glyphs) -> list[Content]:
    """Draw one check's panel in rows of at most `width` cells; None is a check still waiting."""
    shown = mark(finding.status, finding.skip, signs) if finding else mark(None, signs=signs)
    bar = text.row((signs.bar, shown.style), " ")
    inner = width - 2
    rows = _heading(finding.heading if finding else check.title, check.id, f"{shown.glyph} {shown.word}", shown.style, inner)
    if finding:
        style = "" if finding.status is Status.PASS else "dim"
        rows += text.block(finding.below_heading, inner, style=style, most=6) if finding.below_heading else []
        rows += details(finding.details, inner, signs)
    return [text.row(bar, r) for r in rows]


def _heading(words: str, check: str, status: str, style: str, width: int) -> list[Content]:
    """Draw status, words and the check's id in one row; what does not fit goes on below it, over the whole width."""
    column = cell_len(status) + 2
    room = max(8, width - column - len(check) - 1)
    flat = " ".join(safe(words).split())
    first = next(iter(text.wrap(flat, room)), "")
    rest = flat[len(first) :].strip()
    rows = [text.row((text.fit(status, column), style), (text.fit(first, room), "bold"), " ", (check, "dim"))]
    return rows + (text.block(rest, width, style="bold", most=HEADING_ROWS - 1) if rest else [])


def details(items: Sequence[Detail], width: int, signs: Glyphs) -> list[Content]:
    """Draw evidence: neighbouring lines share their columns, tables and code stand alone."""
    rows: list[Content] = []
    for kind, group in groupby(items, type):
        if kind is Line:
            rows += lines([item for item in group if isinstance(item, Line)], width, signs)
            continue
        for item in group:
            rows += table(item, width, signs) if isinstance(item, Table) else code(item, width, signs) if isinstance(item, Code) else []
    return rows


def lines(items: Sequence[Line], width: int, signs: Glyphs) -> list[Content]:
    """Draw `label  value  judgement` rows in common columns; a judgement that does not fit goes below its value."""
    label = min(LABEL_MOST, max(cell_len(i.label) for i in items))
    notes = [_judgement(i, signs) for i in items]
    note = max(cell_len(words) for words, _ in notes)
    value = max(cell_len(i.value.split("\n")[0]) for i in items)
    room = width - label - 2
    beside = note and note <= room // 2 and room - note - 2 >= min(value, 16)
    value = min(value, room - note - 2) if beside else room
    rows: list[Content] = []
    for item, (words, style) in zip(items, notes, strict=True):
        for number, part in enumerate(text.wrap(item.value, value, VALUE_ROWS)):
            name = text.fit(item.label if number == 0 else "", label)
            judged = (words, style) if beside and number == 0 else ""
            rows.append(text.row((name, "dim"), "  ", text.fit(part, value) if judged else part, "  " if judged else "", judged))
        if words and not beside:
            rows += text.block(words, width, indent=label + 2, style=style, most=2)
    return rows


def _judgement(item: Line, signs: Glyphs) -> tuple[str, str]:
    if item.mark is None:
        return item.note, "dim"
    shown = mark(item.mark, signs=signs)
    # A mark without a note still says its word: a glyph alone is not enough.
    return f"{shown.glyph} {item.note or shown.word.lower()}", shown.style


def table(item: Table, width: int, signs: Glyphs) -> list[Content]:
    """Draw a table; cells wrap in their column, and where columns cannot fit each row becomes `column  value` lines below its first cell."""
    rows = text.block(item.title, width, style="underline") if item.title else []
    every = [item.columns, *item.rows]
    natural = [max((cell_len(_cell(r, c)) for r in every), default=0) for c in range(len(item.columns))]
    least = [max((text.longest_word(_cell(r, c)) for r in every), default=0) for c in range(len(item.columns))]
    widths = text.columns(natural, least, width)
    if widths is None:
        return rows + _stacked(item, width, signs)
    rows += _table_row(item.columns, widths, "dim", signs)
    for cells in item.rows:
        rows += _table_row(cells, widths, "", signs)
    return rows


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _table_row(cells: Sequence[str], widths: Sequence[int], style: str, signs: Glyphs) -> list[Content]:
    wrapped = [text.wrap(_cell(cells, c), w, 4) for c, w in enumerate(widths)]
    height = max((len(w) for w in wrapped), default=0)
    rows = []
    for y in range(height):
        parts = [text.fit(w[y] if y < len(w) else "", width) for w, width in zip(wrapped, widths, strict=True)]
        rows.append(text.row(("  ".join(parts).rstrip(), style)))
    return rows


def _stacked(item: Table, width: int, signs: Glyphs) -> list[Content]:
    """Draw each row as its first cell with the others below it: what differs stands under each other."""
    rows: list[Content] = []
    for cells in item.rows:
        rows += text.block(_cell(cells, 0), width, most=2)
        others = [Line(name, _cell(cells, c)) for c, name in enumerate(item.columns) if c > 0]
        rows += [text.row("  ", r) for r in lines(others, width - 2, signs)] if others else []
    return rows


def code(item: Code, width: int, signs: Glyphs) -> list[Content]:
    """Draw a text as it is, set off by its own bar."""
    rows = text.block(item.title, width, style="dim") if item.title else []
    body = text.wrap(item.text, width - 2, CODE_ROWS)
    return rows + [text.row(("  ", ""), (line, "$primary")) for line in body]
