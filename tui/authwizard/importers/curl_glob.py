"""Which address comes first where a URL stands for several? curl's `{a,b}`, `[1-3]` and `[a-z:2]` (its manual page, "URL")."""

from __future__ import annotations

import re

from authwizard.model.late_pattern import late_pattern

_ADDRESS = late_pattern(r"\[[0-9A-Fa-f.]*(?::[0-9A-Fa-f.]*){2,}(?:%[^\[\]]*)?\]")
"""An IPv6 address, wherever it stands: two colons and no hyphen."""
_NUMBERS = late_pattern(r"\[(\d+)-(\d+)(?::\d+)?\]")
_LETTERS = late_pattern(r"\[([A-Za-z])-([A-Za-z])(?::\d+)?\]")
_SET = late_pattern(r"\{((?:\\.|[^\\{}\[\]])+)\}", re.DOTALL)
_MEMBER = late_pattern(r"((?:\\.|[^\\,])*)", re.DOTALL)
_REFUSED = "The URL holds a brace or bracket that curl would take for a pattern and refuse; -g turns that off."

PLACEHOLDER = "The URL holds a placeholder, {{...}}, that nobody has filled in; put its value in its place."


def first_of_glob(url: str) -> str:
    """Return the first address that a URL stands for; raises ValueError for a pattern that curl refuses."""
    out: list[str] = []
    at = 0
    while at < len(url):
        char = url[at]
        if char == "\\" and url[at + 1 : at + 2] in ("{", "}", "[", "]"):
            out.append(url[at + 1])
            at += 2
        elif url.startswith("{{", at):
            raise ValueError(PLACEHOLDER)
        elif char in "{[":
            first, at = _pattern(url, at)
            out.append(first)
        elif char in "}]":
            raise ValueError(_REFUSED)
        else:
            out.append(char)
            at += 1
    return "".join(out)


def _pattern(url: str, at: int) -> tuple[str, int]:
    """Return what a brace or bracket stands for first, and where it ends."""
    if url.startswith("[]", at):
        return "[]", at + 2
    literal = _ADDRESS.match(url, at)
    if literal is not None:
        return literal[0], literal.end()
    members = _SET.match(url, at)
    if members is not None:
        first = _MEMBER.match(members[1])
        return re.sub(r"\\(.)", r"\1", first[1] if first is not None else "", flags=re.DOTALL), members.end()
    span = _NUMBERS.match(url, at)
    if span is not None and int(span[1]) <= int(span[2]):
        return span[1], span.end()
    span = _LETTERS.match(url, at)
    if span is not None and span[1] <= span[2] and span[1].islower() == span[2].islower():
        return span[1], span.end()
    raise ValueError(_REFUSED)
