"""Two profiles side by side: which other one, and what differs, first what can explain a 401."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from authwizard.ui.screens.dialog import Dialog, Notice
from authwizard.ui.widgets.choice_list import Choice
from authwizard.ui.widgets.paragraphs import BLANK, Para

if TYPE_CHECKING:
    from authwizard.report.comparison import Comparison, Difference


class OtherProfileScreen(Dialog[str]):
    """Asks which profile to compare with."""

    def __init__(self, name: str, others: Sequence[str]) -> None:
        super().__init__(f"Compare {name} with", [Para("Nothing is sent; secrets are compared by their fingerprints.", "dim")], [])
        self._choices = [Choice(other, other) for other in others]

    def result_of(self, choice: str) -> str:
        """Return the profile's name."""
        return choice


class CompareScreen(Notice):
    """What differs between two profiles."""

    def __init__(self, seen: Comparison, cause_title: Callable[[str], str]) -> None:
        super().__init__(f"{seen.one} and {seen.other}", [])
        self._paragraphs = _lines(seen, cause_title)


def _lines(seen: Comparison, cause_title: Callable[[str], str]) -> list[Para]:
    lines: list[Para] = []
    rest = [row for row in seen.differences if not row.causes]
    for title, rows in (("What differs and can explain a 401", seen.telling), ("What else differs", rest)):
        if rows:
            lines += [Para(title, "bold $secondary"), *(line for row in rows for line in _row(row, seen, cause_title)), BLANK]
    if not seen.differences:
        lines += [Para("Nothing that was compared differs."), BLANK]
    if seen.alike:
        lines += [Para(f"Alike: {', '.join(seen.alike)}.", "dim"), BLANK]
    return lines + [Para(f"Not compared, {note}", "$warning") for note in seen.notes]


def _row(row: Difference, seen: Comparison, cause_title: Callable[[str], str]) -> list[Para]:
    column = max(len(seen.one), len(seen.other)) + 4
    note = f"  ({row.note})" if row.note else ""
    lines = [
        Para(f"{row.what}{note}", "bold", 1), Para(row.one, "", column, label=f"  {seen.one}", most=4),
        Para(row.other, "", column, label=f"  {seen.other}", most=4),
    ]  # fmt: skip
    if row.causes:
        lines.append(Para(f"may mean: {'; '.join(cause_title(code) for code in row.causes)}", "dim", 2, most=3))
    return lines
