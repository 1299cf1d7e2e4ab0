"""The table "server x fault" at the end of a session: what was said on servers that nobody here wrote, and how often it was right."""

from __future__ import annotations

from collections import Counter
from typing import Any

Row = tuple[str, str, str, str]
"""Server, fault, outcome (right, honest, wrong), what the verdict said."""


def rows_of(reports: list[Any]) -> list[Row]:
    """Return the cells that reports of tests carry, sorted."""
    found = [value for report in reports for name, value in report.user_properties if name == "cell"]
    return sorted((str(row[0]), str(row[1]), str(row[2]), str(row[3])) for row in found)


def table(rows: list[Row]) -> list[str]:
    """Return the table's lines: one server a block, one fault a line, and the figure below."""
    lines: list[str] = []
    for server in dict.fromkeys(row[0] for row in rows):
        lines.append(server)
        lines += [f"  {fault:34} {word:6} {said}" for name, fault, word, said in rows if name == server]
    return [*lines, figure(rows)]


def figure(rows: list[Row]) -> str:
    """Return the figure: right / honest cannot-tell / wrong."""
    count = Counter(word for _, _, word, _ in rows)
    return f"{len(rows)} cells: {count['right']} right, {count['honest']} honest cannot-tell, {count['wrong']} wrong"
