"""What does a Postman collection or environment hold? (Collection format 2.0 and 2.1: schema.getpostman.com)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from authwizard.importers.documents import items, mapping, text_of
from authwizard.model.frozen import dataclass

MAX_DEPTH = 50


@dataclass(frozen=True, repr=False)
class PostmanRequest:
    """One request of a collection. It holds secrets in clear, so it has no useful repr.

    `auth_type` and `auth` are the request's own, or its folder's or collection's where it has none; "" = no authentication.
    """

    name: str
    method: str
    url: str | None
    headers: tuple[tuple[str, str], ...] = ()
    auth_type: str = ""
    auth: Mapping[str, Any] = field(default_factory=dict)
    parts: str = ""
    """The address put together of its parts, for a request that has no whole one (`url`)."""

    def __repr__(self) -> str:
        return f"<PostmanRequest {self.method}, {len(self.headers)} headers>"

    @property
    def authorization(self) -> str | None:
        """The Authorization field that is written out among the headers."""
        return next((value for name, value in self.headers if name.lower() == "authorization"), None)


@dataclass(frozen=True, repr=False)
class Variable:
    """One variable of an environment or collection; `secret` where Postman marks it as one."""

    key: str
    value: str
    secret: bool = False

    def __repr__(self) -> str:
        return f"<Variable {'secret' if self.secret else 'plain'}>"


def read_collection(document: object) -> tuple[PostmanRequest, ...]:
    """Return the requests of a collection in its order; raises ValueError where the document is none."""
    whole = mapping(document)
    whole = mapping(whole.get("collection")) or whole
    if not isinstance(whole.get("item"), list):
        hint = " Export it again as Collection v2.1." if isinstance(whole.get("requests"), list) else ""
        raise ValueError(f"This is no Postman collection: it has no member `item`.{hint}")
    return tuple(_requests(whole["item"], (), whole.get("auth"), 0))


def read_variables(document: object) -> tuple[Variable, ...]:
    """Return the enabled variables of a Postman environment (or of a collection); raises ValueError where the document holds none."""
    whole = mapping(document)
    found = whole.get("values", whole.get("variable"))
    if not isinstance(found, list):
        raise ValueError("This is no Postman environment: it has no member `values`.")
    rows = [mapping(row) for row in found]
    return tuple(
        Variable(text_of(row.get("key")), _plain(row.get("value")), row.get("type") == "secret")
        for row in rows
        if text_of(row.get("key")) and row.get("enabled", True) is not False and row.get("disabled") is not True
    )


def _requests(entries: object, folders: tuple[str, ...], auth: object, depth: int) -> Iterator[PostmanRequest]:
    if depth > MAX_DEPTH:
        raise ValueError("The collection's folders are nested too deeply.")
    for entry in map(mapping, items(entries)):
        name = tuple(part for part in (*folders, text_of(entry.get("name"))) if part)
        if isinstance(entry.get("item"), list):
            yield from _requests(entry["item"], name, _own_or(entry, auth), depth + 1)
        elif entry.get("request"):
            yield _request("/".join(name), entry["request"], auth)


def _request(name: str, request: object, inherited: object) -> PostmanRequest:
    if isinstance(request, str):
        return PostmanRequest(name, "GET", request, (), *_auth(inherited))
    said = mapping(request)
    return PostmanRequest(
        name, text_of(said.get("method")) or "GET", _url(said.get("url")), tuple(_headers(said.get("header"))), *_auth(_own_or(said, inherited)),
        parts=_parts(said.get("url")),
    )  # fmt: skip


def _own_or(said: Mapping[str, Any], inherited: object) -> object:
    """`null` stands for "inherit", as a missing member does; `noauth` for none at all."""
    return said.get("auth") if said.get("auth") is not None else inherited


def _parts(value: object) -> str:
    """Put an address together of its parts (2.0 and 2.1, "url": protocol, host, port, path and query; the older one writes texts)."""
    said = mapping(value)
    host = said.get("host") if isinstance(said.get("host"), str) else ".".join(map(text_of, items(said.get("host"))))
    path = said.get("path") if isinstance(said.get("path"), str) else "/".join(map(_segment, items(said.get("path"))))
    rows = [row for row in map(mapping, items(said.get("query"))) if row.get("disabled") is not True and text_of(row.get("key"))]
    query = "&".join(f"{row['key']}={_plain(row.get('value'))}" for row in rows)
    if not host:
        return ""
    protocol, port = text_of(said.get("protocol")), _plain(said.get("port"))
    front = f"{protocol.removesuffix('://')}://" if protocol else ""
    return f"{front}{str(host).rstrip('/')}{f':{port}' if port else ''}/{str(path).lstrip('/')}{f'?{query}' if query else ''}"


def _segment(value: object) -> str:
    return text_of(value) or text_of(mapping(value).get("value"))


def _url(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return text_of(mapping(value).get("raw")) or None


def _headers(value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        for line in value.splitlines():
            name, colon, text = line.partition(":")
            if colon:
                yield name.strip(), text.strip()
        return
    for row in map(mapping, items(value)):
        if row.get("disabled") is not True and text_of(row.get("key")):
            yield text_of(row.get("key")), _plain(row.get("value"))


def _auth(value: object) -> tuple[str, Mapping[str, Any]]:
    """2.1 writes the parameters as a list of key and value, 2.0 as an object."""
    kind = text_of(mapping(value).get("type"))
    said = mapping(value).get(kind) if kind else None
    if isinstance(said, list):
        return kind, {text_of(row.get("key")): row.get("value") for row in map(mapping, said) if text_of(row.get("key"))}
    return kind, dict(mapping(said))


def _plain(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)
