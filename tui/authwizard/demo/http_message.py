"""What is a request, and what an answer, to the practice servers?"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from urllib.parse import parse_qsl, unquote

from authwizard.model.frozen import dataclass

MAX_FIELDS = 100
"""Form or query fields that are read at most."""


@dataclass(frozen=True)
class Request:
    """One request as it arrived; field values are latin-1 text, the target is as it was sent."""

    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    @property
    def path(self) -> str:
        """The decoded path, without scheme and host of an absolute-form target and without the query."""
        return unquote(self._origin_form().partition("?")[0])

    @property
    def query(self) -> dict[str, str]:
        """The query's fields, the last of equal names winning; raises ValueError where there are too many."""
        return dict(parse_qsl(self._origin_form().partition("?")[2], keep_blank_values=True, max_num_fields=MAX_FIELDS))

    def header(self, name: str) -> str | None:
        """Return the first field of that name (lower case), or None."""
        return next((v for n, v in self.headers if n.lower() == name), None)

    def header_all(self, name: str) -> tuple[str, ...]:
        """Return all fields of that name (lower case), in order."""
        return tuple(v for n, v in self.headers if n.lower() == name)

    def _origin_form(self) -> str:
        scheme, found, rest = self.target.partition("://")
        return "/" + rest.partition("/")[2] if found and scheme.isalpha() else self.target


@dataclass(frozen=True)
class Response:
    """One answer; `Date`, `Server` and `Content-Length` are added where it is sent, unless it has them."""

    status: int
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""

    def header(self, name: str) -> str | None:
        """Return the first field of that name (lower case), or None."""
        return next((v for n, v in self.headers if n.lower() == name), None)

    def plus(self, *headers: tuple[str, str]) -> Response:
        """Return the answer with further fields at its end."""
        return Response(self.status, (*self.headers, *headers), self.body)


Handler = Callable[[Request], Awaitable[Response]]
"""What answers requests."""


def json_response(status: int, document: Mapping[str, object], *headers: tuple[str, str]) -> Response:
    """Return an answer with a JSON body."""
    body = json.dumps(document, ensure_ascii=False).encode()
    return Response(status, (("Content-Type", "application/json"), *headers), body)


def reason_phrase(status: int) -> str:
    """Return the phrase that belongs to a status, as in "401 Unauthorized"."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""
