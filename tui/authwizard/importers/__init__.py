"""Readers of what a person has at hand: a curl command, a response, a token, a .env file, a HAR, a Postman collection, an OpenAPI document."""

from __future__ import annotations

from typing import Any

FORMATS = ("har", "har-request", "openapi", "postman-collection")


def read(format: str, document: object) -> dict[str, Any]:
    """Return what a document says, in plain lists and objects; raises ValueError for one of another kind, or an unknown format.

    `document` is the parsed JSON, or the text of JSON or YAML. `har` and `postman-collection` give `requests`, `openapi` gives
    `schemes`, `operations` and `token_urls`, `har-request` one request's `method`, `url` and `headers`.
    """
    from authwizard.importers import plain
    from authwizard.importers.documents import document as parsed

    if format not in FORMATS:
        raise ValueError(f"There is no format called {format[:40]!r}; there are {', '.join(FORMATS)}.")
    return plain.READERS[format](parsed(document) if isinstance(document, str) else document)
