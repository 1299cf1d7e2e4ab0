"""`authwizard cause`: the catalogue, or one cause in full."""

from __future__ import annotations

import argparse
import textwrap

from authwizard.cli.output import say
from authwizard.model.cause import Cause

FAMILIES = {
    "A": "The credential itself", "B": "The program and its surroundings", "C": "The way to the API", "D": "Scheme and place",
    "E": "The token's integrity", "F": "Issuer, audience, keys", "G": "Time", "H": "State of token and account", "I": "Permissions",
    "J": "The token endpoint", "K": "The server's side", "N": "Kinds of answers",
}  # fmt: skip


def cause(named: argparse.Namespace) -> int:
    """Show all causes by family, or one in full."""
    from authwizard.knowledge.causes import catalogue
    from authwizard.knowledge.causes import cause as lookup

    say(_full(lookup(named.code)) if named.code else _all(tuple(catalogue().values())))
    return 0


def _all(causes: tuple[Cause, ...]) -> str:
    lines = []
    for letter, title in FAMILIES.items():
        lines += [title, *(f"  {c.code:<40} {c.title}" for c in causes if c.family == letter), ""]
    return "\n".join([*lines, "One in full: authwizard cause CODE"]) + "\n"


def _full(entry: Cause) -> str:
    from authwizard.report.words import OWNERS
    from authwizard.verdict.remedy import remedy

    fix = remedy(entry.code, {})
    place = "intake" if entry.step == 0 else "verification" if entry.step == 9 else f"step {entry.step}"
    parts = [
        f"{entry.code}: {entry.title}", f"{OWNERS[entry.owner]}. Shown in {place}.", "", "What it is", _wrapped(entry.explanation), "",
        "How it is recognised", _wrapped(entry.recognised), "", "What to do", _wrapped(fix.text), *(f"    {c}" for c in fix.commands),
    ]  # fmt: skip
    if entry.confused_with:
        parts += ["", "Easily confused with", _wrapped(", ".join(entry.confused_with))]
    if entry.sources:
        parts += ["", "Sources", *(f"  {source}" for source in entry.sources)]
    return "\n".join(parts) + "\n"


def _wrapped(text: str) -> str:
    return textwrap.fill(text, 96, initial_indent="  ", subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
