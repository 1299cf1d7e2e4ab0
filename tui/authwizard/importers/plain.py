"""What the documents say as plain lists and objects, for programs: the shapes behind `importers.read`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from authwizard.importers.documents import items, mapping, text_of
from authwizard.importers.har import status_of
from authwizard.importers.openapi import Required, Scheme, read_openapi
from authwizard.importers.postman import PostmanRequest, read_collection


def har(document: object) -> dict[str, Any]:
    """Return the requests of a HAR with the status each got (None without an answer), in its order (HAR 1.2)."""
    entries = [mapping(entry) for entry in items(mapping(mapping(document).get("log")).get("entries"))]
    return {
        "requests": [
            {**har_request(entry.get("request")), "status": status_of(mapping(entry.get("response")).get("status"))} for entry in entries
        ]
    }


def har_request(document: object) -> dict[str, Any]:
    """Return one request of a HAR: method, url and header fields as they stand there."""
    said = mapping(document)
    rows = [mapping(row) for row in items(said.get("headers"))]
    headers = [[text_of(row.get("name")), text_of(row.get("value"))] for row in rows if text_of(row.get("name"))]
    return {"method": text_of(said.get("method")), "url": text_of(said.get("url")), "headers": headers}


def openapi(document: object) -> dict[str, Any]:
    """Return the security schemes, what each operation asks for, and the token endpoints."""
    seen = read_openapi(document)
    operations = [
        {"operation": f"{one.method} {one.path}", "requirements": [[_required(r) for r in group] for group in one.requirements]}
        for one in seen.operations
    ]
    return {"schemes": {s.key: _scheme(s) for s in seen.schemes}, "operations": operations, "token_urls": list(seen.token_urls)}


def postman_collection(document: object) -> dict[str, Any]:
    """Return the requests of a Postman collection with their authentication."""
    return {"requests": [_postman(request) for request in read_collection(document)]}


def _scheme(scheme: Scheme) -> dict[str, str]:
    said = {"type": scheme.kind, "scheme": scheme.http_scheme, "in": scheme.place, "name": scheme.name}
    return {name: value for name, value in said.items() if value}


def _required(required: Required) -> dict[str, Any]:
    scheme = required.scheme
    return {
        "scheme": scheme.key, "type": scheme.kind or None, "http_scheme": scheme.http_scheme.lower() or None, "in": scheme.place or None,
        "name": scheme.name or None, "scopes": list(required.scopes),
    }  # fmt: skip


def _postman(request: PostmanRequest) -> dict[str, Any]:
    auth = {"type": request.auth_type, "params": dict(request.auth)} if request.auth_type else None
    return {
        "name": request.name, "method": request.method, "url": request.url, "auth": auth, "authorization_header": request.authorization,
    }  # fmt: skip


READERS: Mapping[str, Callable[[object], dict[str, Any]]] = {
    "har": har, "har-request": har_request, "openapi": openapi, "postman-collection": postman_collection,
}  # fmt: skip
