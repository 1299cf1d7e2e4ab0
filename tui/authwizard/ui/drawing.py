"""How is a finding drawn: its status and title, its summary, its evidence as lines, tables and code?

Every row starts with a bar in the colour of the status, so that a check reads as one panel; colour adds to the glyph and the
word, it never stands alone.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from itertools import groupby

from rich.cells import cell_len
from textual.content import Content

from authwizard.model.finding import Code, Detail, Finding, Line, Scale, Skip, Span, Status, Table
from authwizard.protocol.clean import safe
from authwizard.ui import text
from authwizard.ui.services import CheckWords
from authwizard.ui.signs import Glyphs
from authwizard.ui.words import mark

LABEL_MOST = 18
"""Cells a label of a line of evidence may take."""
SCALE_LEAST, SCALE_MOST = 8, 60
"""Cells the line of a scale takes."""
DIFFERENT = "bold underline $warning"
"""How the part is marked in which two texts differ: underlined, so that it shows without colour."""
VALUE_ROWS = 3
"""Rows a value may take before the rest is cut; the raw exchange has it whole."""
CODE_ROWS = 24
HEADING_ROWS = 6
"""Rows a panel's heading may take: what was found is a whole sentence."""

ROOMY = 3
"""Passing checks that are drawn whole; of more than that each takes one row, except where it has a table or a text to show."""

_SEVERITY = (Status.CRASHED, Status.FAIL, Status.WARN, Status.BLOCKED, None, Status.PASS, Status.SKIP)


def in_reading_order(
    checks: Sequence[CheckWords], findings: Iterable[Finding], telling: Collection[str] = ()
) -> list[tuple[CheckWords, Finding | None]]:
    """Pair each check with its finding, the ones a reader must see first.

    Of equal ones those in `telling` come first (the verdict rests on them), then what has something to look at, then the catalogue's order.
    """
    found = {f.check: f for f in findings}
    known = {c.id for c in checks}
    every = [*checks, *(CheckWords(f.check, f.title) for f in found.values() if f.check not in known)]
    pairs = [(c, found.get(c.id)) for c in every]
    return sorted(pairs, key=lambda pair: _rank(pair[0], pair[1], telling))


def _rank(check: CheckWords, finding: Finding | None, telling: Collection[str]) -> tuple[int, bool, bool, bool]:
    if finding is None:
        return _SEVERITY.index(None), False, False, False
    drawn = finding.status is Status.PASS and _has_picture(finding)
    return _SEVERITY.index(finding.status), finding.skip is Skip.NOT_APPLICABLE, check.id not in telling, not drawn


def _has_picture(finding: Finding) -> bool:
    return any(not isinstance(item, Line) for item in finding.details)


def panels(
    checks: Sequence[CheckWords],
    findings: Sequence[Finding],
    width: int,
    signs: Glyphs,
    *,
    telling: Collection[str] = (),
    whole: bool = False,
) -> list[Content]:
    """Draw a step's checks: what is wrong with its evidence, what passes in one row each, what does not apply in one row for all.

    With `whole` each check is a panel of its own.
    """
    pairs = in_reading_order(checks, findings, telling)
    aside = [] if whole else _left_aside(pairs)
    brief = sum(1 for _, f in pairs if f is not None and f.status is Status.PASS) > ROOMY and not whole
    rows: list[Content] = []
    before_brief = True
    for check, finding in pairs[: len(pairs) - len(aside)]:
        short = finding is None or (brief and finding.status is Status.PASS and not _has_picture(finding))
        rows += [Content()] if rows and not (short and before_brief) else []
        before_brief = short
        rows += _brief(check, finding, width, signs) if short and finding is not None else panel(check, finding, width, signs)
    if aside:
        rows += [*([Content()] if rows else []), _folded(len(aside), width, signs)]
    return rows


def _left_aside(pairs: Sequence[tuple[CheckWords, Finding | None]]) -> Sequence[tuple[CheckWords, Finding | None]]:
    """The checks that do not apply, which come last; where that is all of them, the first says why."""
    skipped = [p for p in pairs if p[1] is not None and p[1].skip is Skip.NOT_APPLICABLE]
    if len(skipped) == len(pairs):
        skipped = skipped[1:]
    return skipped if len(skipped) > 1 else []


def _brief(check: CheckWords, finding: Finding, width: int, signs: Glyphs) -> list[Content]:
    shown = mark(finding.status, finding.skip, signs)
    bar = text.row((signs.bar, shown.style), " ")
    rows = _heading(finding.summary or finding.title, check.id, f"{shown.glyph} {shown.word}", shown.style, width - 2, weight="")
    return [text.row(bar, r) for r in rows]


def _folded(number: int, width: int, signs: Glyphs) -> Content:
    shown = mark(Status.SKIP, Skip.NOT_APPLICABLE, signs)
    words = f"{number} more do not apply"
    bar = text.row((signs.bar, shown.style), " ", (f"{shown.glyph} {shown.word}", shown.style), "  ")
    key = text.row("   ", ("f", "bold $primary"), (" shows them", "dim"))
    room = width - bar.cell_length - key.cell_length
    return bar + text.row((text.shortened(words, max(1, room)), "dim")) + key


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


def _heading(words: str, check: str, status: str, style: str, width: int, weight: str = "bold") -> list[Content]:
    """Draw status, words and the check's id in one row; what does not fit goes on below it, over the whole width."""
    column = cell_len(status) + 2
    room = max(8, width - column - len(check) - 1)
    flat = " ".join(safe(words).split())
    first = next(iter(text.wrap(flat, room)), "")
    rest = flat[len(first) :].strip()
    rows = [text.row((text.fit(status, column), style), (text.fit(first, room), weight), " ", (check, "dim"))]
    return rows + (text.block(rest, width, style=weight, most=HEADING_ROWS - 1) if rest else [])


def details(items: Sequence[Detail], width: int, signs: Glyphs) -> list[Content]:
    """Draw evidence: neighbouring lines share their columns, tables and code stand alone."""
    rows: list[Content] = []
    for kind, group in groupby(items, type):
        if kind is Line:
            rows += lines([item for item in group if isinstance(item, Line)], width, signs)
            continue
        for item in group:
            rows += _standing_alone(item, width, signs)
    return rows


def _standing_alone(item: Detail, width: int, signs: Glyphs) -> list[Content]:
    if isinstance(item, Scale):
        return scale(item, width, signs) or table(item, width, signs)
    if isinstance(item, Table):
        return table(item, width, signs)
    return code(item, width, signs) if isinstance(item, Code) else []


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
        parts = text.wrap(item.value, value, VALUE_ROWS)
        for number, part in enumerate(differing(parts, item.value, item.against) if item.against else map(text.row, parts)):
            name = text.fit(item.label if number == 0 else "", label)
            judged = (words, style) if beside and number == 0 else ""
            filled = part.pad_right(max(0, value - part.cell_length)) if judged else part
            rows.append(text.row((name, "dim"), "  ", filled, "  " if judged else "", judged))
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
    rows += _table_row(item.columns, widths, "dim")
    for cells in item.rows:
        rows += _table_row(cells, widths, "", item.compared)
    return rows


def _cell(cells: Sequence[str], column: int) -> str:
    return cells[column] if column < len(cells) else ""


def _other_side(cells: Sequence[str], column: int, compared: tuple[int, int] | None) -> str:
    """The text a cell is compared with, "" where it is with none."""
    if compared is None or column not in compared:
        return ""
    return _cell(cells, compared[1] if column == compared[0] else compared[0])


def _table_row(cells: Sequence[str], widths: Sequence[int], style: str, compared: tuple[int, int] | None = None) -> list[Content]:
    drawn = []
    for column, width in enumerate(widths):
        wrapped = text.wrap(_cell(cells, column), width, 4)
        other = _other_side(cells, column, compared)
        parts = differing(wrapped, _cell(cells, column), other) if other else [text.row((line, style)) for line in wrapped]
        drawn.append([part.pad_right(max(0, width - part.cell_length)) for part in parts])
    rows = []
    for y in range(max((len(parts) for parts in drawn), default=0)):
        here = [parts[y] if y < len(parts) else text.row(" " * width) for parts, width in zip(drawn, widths, strict=True)]
        rows.append(Content("  ").join(here).rstrip())
    return rows


def differing(parts: Sequence[str], value: str, other: str) -> list[Content]:
    """Return the rows a value was broken into, the part underlined in which it differs from another text; all plain where they are alike."""
    begin, end = text.difference(value, other)
    rows, at = [], 0
    for part in parts:
        found = value.find(part, at)
        at = found if found >= 0 else at
        first, last = (max(0, min(len(part), place - at)) for place in (begin, end))
        rows.append(text.row(part[:first], (part[first:last], DIFFERENT), part[last:]))
        at += len(part)
    return rows


def scale(item: Scale, width: int, signs: Glyphs) -> list[Content]:
    """Draw each row as a stretch on one common line between its label and its values; nothing where there is no room or no length."""
    low, high = min(s.start for s in item.spans), max(s.end for s in item.spans)
    label = min(LABEL_MOST, max(cell_len(cells[0]) for cells in item.rows))
    beside, note = _beside(item, width - label - SCALE_LEAST - 4)
    room = min(SCALE_MOST, width - label - note - 4)
    if not 0 < high - low < float("inf") or room < SCALE_LEAST:
        return []
    rows = text.block(item.title, width, style="underline") if item.title else []
    for cells, span, words in zip(item.rows, item.spans, beside, strict=True):
        for number, name in enumerate(text.wrap(cells[0], label, 3)):
            line = _stretch(span, low, high, room, signs) if number == 0 else Content()
            rows.append(text.row((text.fit(name, label), "dim"), "  ", line, "  " if number == 0 else "", words if number == 0 else ""))
    return rows


def _beside(item: Scale, room: int) -> tuple[list[str], int]:
    """Return what stands beside the line, row by row, and its width: as many of the columns as have room, at least the first."""
    for number in range(len(item.beside), 0, -1):
        columns = item.beside[:number]
        widths = [max(cell_len(cells[c]) for cells in item.rows) for c in columns]
        if number == 1 or sum(widths) + 2 * (number - 1) <= room:
            break
    rows = ["  ".join(text.fit(cells[c], w) for c, w in zip(columns, widths, strict=True)).rstrip() for cells in item.rows]
    return rows, max(map(cell_len, rows))


def _stretch(span: Span, low: float, high: float, room: int, signs: Glyphs) -> Content:
    """Draw one stretch in `room` cells; whatever it is, it takes at least one."""

    def cell(at: float) -> int:
        return max(0, min(room - 1, int((at - low) / (high - low) * room)))

    first = cell(span.start)
    last = max(first, cell(span.end) - (0 if span.at is not None or span.end >= high else 1))
    if span.at is None:
        drawn = signs.full * (last - first + 1)
    else:
        point = cell(span.at)
        left = (signs.left + signs.rule * (point - first - 1)) if point > first else ""
        right = (signs.rule * (last - point - 1) + signs.right) if last > point else ""
        drawn = left + signs.point + right
    return text.row((signs.track * first, "dim"), (drawn, "bold $primary"), (signs.track * (room - last - 1), "dim"))


def _stacked(item: Table, width: int, signs: Glyphs) -> list[Content]:
    """Draw each row as its first cell with the others below it: what differs stands under each other."""
    rows: list[Content] = []
    for cells in item.rows:
        rows += text.block(_cell(cells, 0), width, most=2)
        others = [Line(name, _cell(cells, c), against=_other_side(cells, c, item.compared)) for c, name in enumerate(item.columns) if c > 0]
        rows += [text.row("  ", r) for r in lines(others, width - 2, signs)] if others else []
    return rows


def code(item: Code, width: int, signs: Glyphs) -> list[Content]:
    """Draw a text as it is, set off by its own bar."""
    rows = text.block(item.title, width, style="dim") if item.title else []
    body = text.wrap(item.text, width - 2, CODE_ROWS)
    return rows + [text.row(("  ", ""), (line, "$primary")) for line in body]
