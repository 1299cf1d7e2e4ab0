"""Is a stored value template text that was never filled in? (S1-01)"""

from __future__ import annotations

import re

from authwizard.model.late_pattern import late_pattern

_WORDS = frozenset((
    "undefined", "null", "none", "nil", "nan", "true", "false", "todo", "tbd", "changeme", "change_me", "change-me", "replace_me", "replaceme",
    "replace-me", "redacted", "[redacted]", "<redacted>", "secret", "token", "access_token", "api_key", "apikey", "password", "my-token",
    "mytoken", "string", "example", "test-token", "dummy", "placeholder", "bearer", "basic", "[object object]", "object object", "fixme",
))  # fmt: skip
"""Words that stand where a value belongs; the whole value in lower case."""

_SAMPLE = late_pattern(
    r"\b(?:your|my|the|insert|paste|put|enter|add)[-_ ](?:[a-z]+[-_ ]){0,4}"
    r"(?:token|key|secret|password|jwt|credentials?|id|here)\b",
    re.IGNORECASE,
)
_TEMPLATES: tuple[tuple[re.Pattern[str], str], ...] = (
    (late_pattern(r"\$\("), "a shell command that was not run (single quotes keep “$(” as it is)"),
    (late_pattern(r"\$\{[^}]*\}|^\$[A-Za-z_][A-Za-z0-9_]{2,}$"), "a variable that was not replaced"),
    (late_pattern(r"\{\{[^}]*\}\}"), "a template variable that was not replaced"),
    (late_pattern(r"^%[A-Za-z_][A-Za-z0-9_]*%$"), "a variable that was not replaced"),
    (late_pattern(r"^`[^`]*\s[^`]*`$"), "a shell command that was not run"),
    (late_pattern(r"^<[A-Za-z][A-Za-z0-9 _.-]{0,60}>$"), "the sample text of a documentation"),
    (late_pattern(r"^\{[A-Za-z][A-Za-z0-9 _:.-]{0,60}\}$"), "a template variable that was not replaced"),
    (_SAMPLE, "the sample text of a documentation"),
    (late_pattern(r"\bYOUR_[A-Z_]+", re.IGNORECASE), "the sample text of a documentation"),
    (late_pattern(r"^(?:os\.environ|process\.env|System\.getenv|ENV\[)"), "program text that was not run"),
    (late_pattern(r"^(?:x{3,}|\*{3,}|\.{3,}|…+|•+|-{3,}|_{3,}|0+|1234\d*)$", re.IGNORECASE), "filling characters"),
)  # fmt: skip
_SCHEME = late_pattern(r"(?:bearer|basic|token|jwt|dpop|apikey)\s+(?=\S)", re.IGNORECASE)
MAX_LENGTH = 400
"""Characters of which a placeholder is looked for: longer ones are real values, but for a shell command in them."""


def placeholder_of(text: str) -> str | None:
    """Say what a value is that nobody filled in, as a noun phrase; None where it may be a real one."""
    value = _SCHEME.sub("", text.strip(), count=1).strip("\"'")
    if not value:
        return None
    if value.lower() in _WORDS:
        return "a word that stands for a missing value"
    return next((words for pattern, words in _TEMPLATES if pattern.search(value[:MAX_LENGTH])), None)
