"""How is a secret made known to the redactor, whatever characters it holds?"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from authwizard.model.secret import Secret
from authwizard.protocol.redaction_http import hide_header, hide_url

if TYPE_CHECKING:
    from authwizard.protocol.redaction import Redactor


_SHORTEST_NAMED = 12
"""Characters of a value that is a secret by its name alone."""


def register(redactor: Redactor, label: str, secret: Secret) -> None:
    """Have a secret masked from now on, under its field's name."""
    redactor.add(label, Secret(_text(secret.reveal())))


def register_pair(redactor: Redactor, user: str, password: Secret, label: str) -> None:
    """Have a password masked from now on, alone and as the Basic pair with its user name or client id."""
    register(redactor, label, password)
    redactor.add_pair(_text(user), Secret(_text(password.reveal())), label)


def register_named(redactor: Redactor, url: str, headers: Iterable[tuple[str, str]]) -> None:
    """Have what a request names as a secret and no field holds (`?sig=`) masked from now on, since an answer may repeat it."""

    def named(word: str, value: str) -> str:
        # shorter ones and words may stand in any text, and would be masked there
        if len(value) >= _SHORTEST_NAMED and any(c.isdigit() for c in value) and any(c.isalpha() for c in value):
            register(redactor, word, Secret(value))
        return value

    hide_url(url, named)
    for name, value in headers:
        hide_header(name, value, True, named)


def _text(value: str) -> str:
    """Bytes of a file or variable that are no UTF-8 come as lone surrogates; in a record they show as Latin-1."""
    if not any("\ud800" <= c <= "\udfff" for c in value):
        return value
    try:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace").decode("utf-8")
