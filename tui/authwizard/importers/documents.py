"""Which document is this text? JSON, or YAML where it is not (OpenAPI is written in both)."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from authwizard.model.late_pattern import late_pattern

MAX_DOCUMENT = 32 * 1024 * 1024
"""Characters: the largest API descriptions in use have a few million."""
MAX_FLOW = 4 * 1024 * 1024
"""Characters of a text in braces that is tried as YAML where it is no JSON."""
MAX_MERGED = 1_000_000
_UNPRINTABLE = late_pattern(r"[^\x00\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")
"""What no YAML holds (yaml.org/spec/1.2.2, 5.1), bytes of another encoding among it; a NUL is left, since no text has one."""
_BLANK_LINE = late_pattern(r"^[ \t]+$", re.MULTILINE)


def document(text: str) -> Any:
    """Return the value a JSON or YAML text holds; raises ValueError with the reason where it is neither.

    YAML is read as plain texts, lists and maps: no dates, no numbers, nothing that a tag could make (yaml.org, failsafe schema).
    """
    if len(text) > MAX_DOCUMENT:
        raise ValueError(f"The document is longer than {MAX_DOCUMENT // (1024 * 1024)} million characters.")
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] not in ("{", "["):
        return _yaml(text.lstrip("\ufeff"))
    try:
        return json.loads(start, strict=False)
    except json.JSONDecodeError as error:
        problem = f"The JSON breaks off or is wrong in line {error.lineno}: {error.msg}."
    except RecursionError:
        raise ValueError("The JSON is nested too deeply.") from None
    if len(start) > MAX_FLOW:
        raise ValueError(problem)
    try:  # a comma too many, a comment or a bare word: YAML takes what JSON does not
        return _yaml(start)
    except ValueError:
        raise ValueError(problem) from None


def _yaml(text: str) -> Any:
    """Read YAML; a text that holds bytes of another encoding, or a tab on an empty line, is read all the same."""
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    text = _UNPRINTABLE.sub("\ufffd", text)
    try:
        try:
            loaded = yaml.load(text, Loader=loader)  # noqa: S506 - the base loaders make texts, lists and maps only
        except yaml.scanner.ScannerError:
            again = _BLANK_LINE.sub("", text)
            if again == text:
                raise
            loaded = yaml.load(again, Loader=loader)  # noqa: S506 - as above
        _Merging().fill(loaded)
        return loaded
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f" in line {mark.line + 1}" if mark is not None else ""
        if "another document" in (error.problem or ""):
            raise ValueError(f"The YAML holds several documents, the next one{where}; give one of them.") from None
        tab = mark is not None and "\t" in "".join(text.split("\n")[mark.line : mark.line + 1])
        hint = "; YAML is indented with blanks, not with tabs" if tab else ""
        raise ValueError(f"This is neither JSON nor YAML: {error.problem or 'it cannot be read'}{where}{hint}.") from None
    except (yaml.YAMLError, RecursionError, ValueError):
        raise ValueError("This is neither JSON nor YAML.") from None


class _Merging:
    """Fills in what `<<` takes over from other maps (yaml.org/type/merge.html): a map's own members come first, then the earlier ones."""

    def __init__(self) -> None:
        self._seen: set[int] = set()
        self._left = MAX_MERGED

    def fill(self, value: Any) -> None:
        """Go through a value once, however often it is referred to; raises ValueError where more is taken over than any description needs."""
        if not isinstance(value, dict | list) or id(value) in self._seen:
            return
        self._seen.add(id(value))
        for member in list(value.values()) if isinstance(value, dict) else value:
            self.fill(member)
        if isinstance(value, dict) and "<<" in value:
            sources = value.pop("<<")
            for source in sources if isinstance(sources, list) else [sources]:
                self._left -= len(mapping(source))
                if self._left < 0:
                    raise ValueError("The YAML takes over too much from other maps.")
                for name, member in mapping(source).items():
                    value.setdefault(name, member)


def mapping(value: object) -> Mapping[str, Any]:
    """Return a value if it is a JSON object, else an empty one."""
    return value if isinstance(value, Mapping) else {}


def items(value: object) -> list[Any]:
    """Return a value if it is a list, else an empty one."""
    return value if isinstance(value, list) else []


def named(value: object) -> Iterator[tuple[str, Any]]:
    """Yield the members of an object whose names are texts."""
    yield from ((name, member) for name, member in mapping(value).items() if isinstance(name, str))


def text_of(value: object) -> str:
    """Return a value if it is a text, else ""."""
    return value if isinstance(value, str) else ""
