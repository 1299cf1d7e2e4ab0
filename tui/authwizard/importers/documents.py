"""Which document is this text? JSON, or YAML where it is not (OpenAPI is written in both)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

MAX_DOCUMENT = 32 * 1024 * 1024
"""Characters: the largest API descriptions in use have a few million."""


def document(text: str) -> Any:
    """Return the value a JSON or YAML text holds; raises ValueError with the reason where it is neither.

    YAML is read as plain texts, lists and maps: no dates, no numbers, nothing that a tag could make (yaml.org, failsafe schema).
    """
    if len(text) > MAX_DOCUMENT:
        raise ValueError(f"The document is longer than {MAX_DOCUMENT // (1024 * 1024)} million characters.")
    start = text.lstrip("\ufeff \t\r\n")
    if start[:1] in ("{", "["):
        try:
            return json.loads(start)
        except json.JSONDecodeError as error:
            raise ValueError(f"The JSON breaks off or is wrong in line {error.lineno}: {error.msg}.") from None
        except RecursionError:
            raise ValueError("The JSON is nested too deeply.") from None
    return _yaml(text)


def _yaml(text: str) -> Any:
    import yaml

    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    try:
        loaded = yaml.load(text, Loader=loader)  # noqa: S506 - the base loaders make texts, lists and maps only
        _merge(loaded, set())
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


def _merge(value: Any, seen: set[int]) -> None:
    """Fill in what `<<` takes over from other maps (yaml.org/type/merge.html): a map's own members come first, then the earlier ones."""
    if not isinstance(value, dict | list) or id(value) in seen:
        return
    seen.add(id(value))
    for member in list(value.values()) if isinstance(value, dict) else value:
        _merge(member, seen)
    if isinstance(value, dict) and "<<" in value:
        sources = value.pop("<<")
        for source in sources if isinstance(sources, list) else [sources]:
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
