"""What differs between two profiles, or two saved runs? The differences that can explain a 401 come first."""

from __future__ import annotations

from typing import Any

from authwizard.knowledge.causes import catalogue
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

NOT_SET = "not set"
CHECK = late_pattern(r"(?:[A-Z]\d?-\d\d|R\d{1,2})\b")
"""A check's id, as CHECKS.md numbers them."""


@dataclass(frozen=True)
class Difference:
    """One thing that is not alike; `causes` are those it can explain, "" stands for nothing there."""

    what: str
    one: str
    other: str
    causes: tuple[str, ...] = ()
    note: str = ""
    minor: bool = False
    """It is said in one sentence with others (`Comparison.beside`)."""


@dataclass(frozen=True)
class Comparison:
    """Two things side by side. `alike` names what is the same on both sides, `notes` what could not be compared and why."""

    kind: str
    one: str
    other: str
    differences: tuple[Difference, ...] = ()
    alike: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    both: str = ""
    """What both runs ended with, where that is the same."""
    beside: tuple[str, ...] = ()
    """The differences that are minor, many in a sentence."""

    @property
    def telling(self) -> tuple[Difference, ...]:
        """The differences that can explain a 401."""
        return tuple(d for d in self.differences if d.causes)

    @property
    def rest(self) -> tuple[Difference, ...]:
        """The other differences that are worth a look."""
        return tuple(d for d in self.differences if not d.causes and not d.minor)

    @property
    def alike_words(self) -> str:
        """Say what is alike: settings by name, checks by their number; "" for nothing."""
        checks = sum(CHECK.match(what) is not None for what in self.alike)
        named = [what for what in self.alike if not CHECK.match(what)]
        return ", ".join([*named, *([f"{checks} check{'s' if checks != 1 else ''}"] if checks else [])])


def comparison_object(seen: Comparison) -> dict[str, Any]:
    """Return a comparison as a JSON object (`authwizard.compare/1`)."""
    rows = [{"what": d.what, "a": d.one, "b": d.other, "explains": list(d.causes), "note": d.note} for d in seen.differences]
    return {
        "schema": "authwizard.compare/1", "kind": seen.kind, "a": seen.one, "b": seen.other, "differences": rows, "alike": list(seen.alike),
        "notes": list(seen.notes),
    }  # fmt: skip


def render_comparison(seen: Comparison) -> str:
    """Return a comparison as text: first what can explain a 401, then the rest, then what is alike."""
    lines = [f"{seen.one} and {seen.other}", ""]
    if not seen.differences:
        lines.append("Nothing that was compared differs.")
    if seen.both:
        lines += [f"Both end with: {seen.both}.", ""]
    for title, rows in (("What differs and can explain a 401:", seen.telling), ("What else differs:", seen.rest)):
        if rows:
            lines += [title, *(line for row in rows for line in _written(row, seen)), ""]
    for sentence in seen.beside:
        lines += [sentence, ""]
    if seen.alike:
        lines += [f"Alike: {seen.alike_words}.", ""]
    lines += [f"Not compared, {note}" for note in seen.notes]
    return "\n".join(lines).rstrip() + "\n"


def _written(row: Difference, seen: Comparison) -> list[str]:
    wide = max(len(seen.one), len(seen.other))
    note = f"  ({row.note})" if row.note else ""
    titles = "; ".join(catalogue()[c].title for c in row.causes if c in catalogue())
    lines = [f"  {row.what}{note}", f"    {seen.one:<{wide}}  {row.one}", f"    {seen.other:<{wide}}  {row.other}"]
    return [*lines, f"    may mean: {titles} ({', '.join(row.causes)})"] if titles else lines
