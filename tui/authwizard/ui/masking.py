"""Which characters of a text that is being typed or pasted must not be readable on the screen?

The mask is as long as the text, so that the cursor stays right. It hides too much rather than too little: what was
recognised is told in words afterwards, and the text itself is what the user has just copied.
"""

from __future__ import annotations

import unicodedata

from authwizard.model.late_pattern import late_pattern
from authwizard.protocol.clean import safe_line

_HARMLESS = r"accept(?:-[a-z]+)?|content-(?:type|length)|user-agent|host|date|server|www-authenticate|cache-control|connection|via"

_SECRET_PLACES = (
    # A header field of a command or of a raw request: all of its value, but for the names that never carry a credential.
    late_pattern(rf"(?i)(?:^|[\s'\"<>*])(?!(?:{_HARMLESS}|https?)\s*:)[a-z][a-z0-9_-]*:[ \t]+(?P<hide>[^'\"\r\n]+)"),
    late_pattern(r"(?i)(?:^|\s)(?:-u|--user|--proxy-user|-U|-b|--cookie|--oauth2-bearer)[ \t=]*['\"]?(?P<hide>[^'\"\s]+)"),
    late_pattern(
        r"(?i)[a-z_-]*(?:secret|password|passwd|pwd|token|assertion|api[_-]?key|apikey|code|signature|sig|sid|session|auth)[a-z_-]*"
        r"['\"]?\s*[=:]\s*['\"]?(?P<hide>[^&\s'\",}]+)"
    ),
    late_pattern(r"(?i)\b(?:bearer|basic|token|dpop|apikey)[ \t]+(?P<hide>[^'\"\s]+)"),
    late_pattern(r"://(?P<hide>[^/\s@]+)@"),
    late_pattern(r"(?P<hide>\beyJ[A-Za-z0-9_+/=.-]+)"),
    # A long run of token characters with a digit or both cases in it.
    late_pattern(r"(?P<hide>(?<![A-Za-z0-9+=_~-])(?=[A-Za-z+=_~-]*[0-9A-Z])[A-Za-z0-9+=_~-]{20,})"),
)


def masked(line: str, dot: str = "•") -> str:
    """Return a line of the same length with every place that may hold a secret as dots, and no acting character."""
    hidden = list(line)
    for pattern in _SECRET_PLACES:
        for found in pattern.finditer(line):
            start, end = found.span("hide")
            hidden[start:end] = dot * (end - start)
    return "".join(_shown(c) for c in hidden)


def without_controls(text: str) -> str:
    """Return a typed or pasted value with acting characters dropped; for settings, never for secrets."""
    return "".join(c for c in text if safe_line(c) == c)


def _shown(character: str) -> str:
    if safe_line(character) == character and not unicodedata.combining(character):
        return character
    return " " if character == "\t" else "?"
