"""What is wrong in a file of the user, where, and what was probably meant?

A sentence here names keys and allowed values, never the value that was found: it may be a secret in the wrong place.
"""

from __future__ import annotations

from collections.abc import Iterable

from authwizard.model.errors import ConfigError
from authwizard.model.frozen import dataclass
from authwizard.protocol.clean import safe_line
from authwizard.store.secret_shapes import looks_like_secret
from authwizard.store.toml_lines import KeyPath, TomlLines

_SHOWN_KEY = 60
_SHORT = 4
"""In a word of four letters two that changed places are already half of it."""

_TABLES = frozenset({"credential", "oauth", "expect", "network", "secrets", "links", "endpoints", "headers"})


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: the key it is about, and the rest of the sentence."""

    path: KeyPath
    text: str


class BadField(Exception):
    """Carries a Problem from where it is seen to where the file and its lines are known; never reaches a user."""

    def __init__(self, path: KeyPath, text: str) -> None:
        super().__init__(text)
        self.problem = Problem(path, text)


def config_error(source: str, lines: TomlLines, problem: Problem) -> ConfigError:
    """Say a problem with its file, line and key."""
    where = f"{source}, line {lines.line_of(problem.path)}"
    what = place(problem.path)
    return ConfigError(f"{where}: {what}: {problem.text}" if what else f"{where}: {problem.text}")


def place(path: KeyPath) -> str:
    """Write a key path as a person finds it in the file, e.g. `[profile.prod.oauth] client_id`."""
    names = [shown_key(part) for part in path]
    head = 0
    if path[:1] == ("profile",):
        head = 3 if len(path) > 2 and path[2] in _TABLES else min(len(path), 2)
    table = f"[{'.'.join(names[:head])}]" if head else ""
    rest = ""
    for part, name in zip(path[head:], names[head:], strict=True):
        rest += f"[{name}]" if isinstance(part, int) else f".{name}" if rest else name
    return f"{table} {rest}".strip()


def shown_key(part: str | int) -> str:
    """Return a key as it may be shown: neutralised, cut where it is too long to be one, hidden where it looks like a secret."""
    if looks_like_secret(str(part)):
        return "(a key that looks like a secret)"
    text = safe_line(str(part))
    return text if len(text) <= _SHOWN_KEY else text[:_SHOWN_KEY] + ".."


def closest(word: str, choices: Iterable[str]) -> str | None:
    """Return the choice that a mistyped word most likely means, or None."""
    import difflib

    plain = {choice.replace("_", "").replace("-", "").lower(): choice for choice in choices}
    asked = word.replace("_", "").replace("-", "").lower()
    found = difflib.get_close_matches(asked, plain, n=1, cutoff=0.75 if len(asked) > _SHORT else 0.6)
    return plain[found[0]] if found else None


def did_you_mean(word: str, choices: Iterable[str]) -> str:
    """Return "; did you mean X?" where a choice is close, else ""."""
    found = closest(word, choices)
    return f"; did you mean {found}?" if found else ""
