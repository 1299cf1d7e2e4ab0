"""What does a Postman collection or environment hold? (Collection format 2.0 and 2.1: schema.getpostman.com; 1.0 is read in `postman_v1`)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any
from urllib.parse import parse_qsl

from authwizard.importers.documents import items, mapping, named, text_of
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
    path_variables: Mapping[str, str] = field(default_factory=dict)
    """The values of `:name` in the path."""
    form: tuple[tuple[str, str], ...] = ()
    """The members of a form body."""
    raw_body: str = ""
    """A body that is written out."""
    language: str = ""
    """What a body that is written out is said to be, e.g. json."""

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
    if isinstance(whole.get("requests"), list) and not isinstance(whole.get("item"), list):
        from authwizard.importers.postman_v1 import read_v1

        return read_v1(whole)
    if not isinstance(whole.get("item"), list):
        raise ValueError("This is no Postman collection: it has no member `item`.")
    return tuple(_requests(whole["item"], (), whole.get("auth"), 0))


def read_variables(document: object) -> tuple[Variable, ...]:
    """Return the enabled variables of a Postman environment (or of a collection); raises ValueError where the document holds none."""
    whole = mapping(document)
    whole = mapping(whole.get("collection")) or mapping(whole.get("environment")) or whole
    found = whole.get("values", whole.get("variable", whole.get("variables")))
    if not isinstance(found, list):
        raise ValueError("This is no Postman environment: it has no member `values`.")
    rows = [mapping(row) for row in found]
    return tuple(
        Variable(text_of(row.get("key")), plain_text(row.get("value")), row.get("type") == "secret")
        for row in rows
        if text_of(row.get("key")) and is_enabled(row)
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
        return PostmanRequest(name, "GET", request, (), *auth_of(inherited))
    said = mapping(request)
    return PostmanRequest(
        name, text_of(said.get("method")) or "GET", _url(said.get("url")), tuple(headers_of(said.get("header"))), *auth_of(_own_or(said, inherited)),
        parts=_parts(said.get("url")), path_variables=members(mapping(said.get("url")).get("variable")), **_body(said.get("body")),
    )  # fmt: skip


def _body(value: object) -> dict[str, Any]:
    """The body as far as it may be a token request: a form, or a text with its language."""
    said = mapping(value)
    if said.get("disabled") in (True, "true"):
        return {}
    if said.get("mode") == "urlencoded":
        return {"form": tuple(members(said.get("urlencoded")).items())}
    if said.get("mode") == "raw":
        language = text_of(mapping(mapping(said.get("options")).get("raw")).get("language"))
        return {"raw_body": text_of(said.get("raw")), "language": language}
    return {}


def members(rows: object) -> dict[str, str]:
    """Return the enabled rows of a list of keys and values; an older one is an object, or one text."""
    if isinstance(rows, str):
        return dict(parse_qsl(rows, keep_blank_values=True))
    if isinstance(rows, Mapping):
        return {key: plain_text(value) for key, value in named(rows)}
    enabled = (row for row in map(mapping, items(rows)) if is_enabled(row))
    return {key: plain_text(row.get("value")) for row in enabled if (key := text_of(row.get("key")) or text_of(row.get("id")))}


def is_enabled(row: Mapping[str, Any]) -> bool:
    """Tell whether a row of a list takes part: each kind of list has its own word for it."""
    return row.get("disabled") not in (True, "true") and row.get("enabled", True) not in (False, "false")


def _own_or(said: Mapping[str, Any], inherited: object) -> object:
    """`null` stands for "inherit", as a missing member does; `noauth` for none at all."""
    return said.get("auth") if said.get("auth") is not None else inherited


def _parts(value: object) -> str:
    """Put an address together of its parts (2.0 and 2.1, "url": protocol, host, port, path and query; the older one writes texts)."""
    said = mapping(value)
    host = said.get("host") if isinstance(said.get("host"), str) else ".".join(map(text_of, items(said.get("host"))))
    path = said.get("path") if isinstance(said.get("path"), str) else "/".join(map(_segment, items(said.get("path"))))
    rows = [row for row in map(mapping, items(said.get("query"))) if is_enabled(row) and text_of(row.get("key"))]
    query = "&".join(f"{row['key']}={plain_text(row.get('value'))}" for row in rows)
    where = f"/{str(path).lstrip('/')}{f'?{query}' if query else ''}"
    if not host:
        return where if path else ""
    protocol, port = text_of(said.get("protocol")), plain_text(said.get("port"))
    front = f"{protocol.removesuffix('://')}://" if protocol else ""
    return f"{front}{str(host).rstrip('/')}{f':{port}' if port else ''}{where}"


def _segment(value: object) -> str:
    return text_of(value) or text_of(mapping(value).get("value"))


def _url(value: object) -> str | None:
    if isinstance(value, str):
        return value
    return text_of(mapping(value).get("raw")) or None


def headers_of(value: object) -> Iterator[tuple[str, str]]:
    """Yield the enabled header fields, of a list or of a text; a line that begins with `//` is switched off."""
    if isinstance(value, str):
        for line in value.splitlines():
            name, colon, text = line.partition(":")
            if colon and not name.strip().startswith("//"):
                yield name.strip(), text.strip()
        return
    for row in map(mapping, items(value)):
        if is_enabled(row) and text_of(row.get("key")):
            yield text_of(row.get("key")), plain_text(row.get("value"))


def auth_of(value: object) -> tuple[str, Mapping[str, Any]]:
    """Return the kind of authentication and its parameters: 2.1 writes the parameters as a list of key and value, 2.0 as an object."""
    kind = text_of(mapping(value).get("type"))
    said = mapping(value).get(kind) if kind else None
    if isinstance(said, list):
        return kind, {text_of(row.get("key")): row.get("value") for row in map(mapping, said) if text_of(row.get("key"))}
    return kind, dict(mapping(said))


def plain_text(value: object) -> str:
    """Return a value as a text, "" for none."""
    return value if isinstance(value, str) else "" if value is None else str(value)
