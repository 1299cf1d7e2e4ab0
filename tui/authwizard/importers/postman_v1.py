"""What does a Postman collection of format 1.0 hold? Its requests stand in one list, and folders name them by their ids."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from authwizard.importers.documents import items, mapping, text_of
from authwizard.importers.postman import MAX_DEPTH, PostmanRequest, auth_of, headers_of, members

HELPERS: Mapping[str, str] = {
    "basicauth": "basic", "bearerauth": "bearer", "digestauth": "digest", "oauth1": "oauth1", "oauth2": "oauth2", "hawkauth": "hawk",
    "awssigv4": "awsv4", "ntlmauth": "ntlm", "apikeyauth": "apikey", "normal": "noauth",
}  # fmt: skip
"""Kinds of authentication by the names they had."""


def read_v1(whole: Mapping[str, Any]) -> tuple[PostmanRequest, ...]:
    """Return the requests of a collection: those of its folders first, in their order; raises ValueError for folders that are nested too deeply."""
    by_id = {text_of(one.get("id")): one for one in map(mapping, items(whole.get("requests")))}
    folders = {text_of(one.get("id")): one for one in map(mapping, items(whole.get("folders")))}
    inner = {key for one in folders.values() for key in map(text_of, items(one.get("folders_order")))}
    outer = [text_of(key) for key in items(whole.get("folders_order"))] or [key for key in folders if key not in inner]
    left = dict(by_id)
    found = [one for key in outer for one in _folder(key, folders, left, (), whole.get("auth"), 0)]
    found += [_request(left.pop(key), (), whole.get("auth")) for key in map(text_of, items(whole.get("order"))) if key in left]
    return (*found, *(_request(one, (), whole.get("auth")) for one in left.values()))


def _folder(
    key: str, folders: dict[str, Mapping[str, Any]], left: dict[str, Mapping[str, Any]], above: tuple[str, ...], auth: object, depth: int
) -> Iterator[PostmanRequest]:
    """Yield a folder's requests; each folder and each request is taken once, whoever else names it."""
    if depth > MAX_DEPTH:
        raise ValueError("The collection's folders are nested too deeply.")
    said = folders.pop(key, None)
    if said is None:
        return
    names = tuple(part for part in (*above, text_of(said.get("name"))) if part)
    auth = said.get("auth") if said.get("auth") is not None else auth
    for inner in map(text_of, items(said.get("folders_order"))):
        yield from _folder(inner, folders, left, names, auth, depth + 1)
    for one in map(text_of, items(said.get("order"))):
        if one in left:
            yield _request(left.pop(one), names, auth)


def _request(said: Mapping[str, Any], above: tuple[str, ...], inherited: object) -> PostmanRequest:
    name = "/".join(part for part in (*above, text_of(said.get("name"))) if part)
    rows = said.get("headerData") if isinstance(said.get("headerData"), list) else said.get("headers")
    variables = members(said.get("pathVariableData")) or members(said.get("pathVariables"))
    is_form = said.get("dataMode") in ("urlencoded", "params")
    raw = text_of(said.get("rawModeData")) or text_of(said.get("data"))
    return PostmanRequest(
        name, text_of(said.get("method")) or "GET", text_of(said.get("url")) or None, tuple(headers_of(rows)), *_auth(said, inherited),
        path_variables=variables, form=tuple(members(said.get("data")).items()) if said.get("dataMode") == "urlencoded" else (),
        raw_body="" if is_form else raw,
    )  # fmt: skip


def _auth(said: Mapping[str, Any], inherited: object) -> tuple[str, Mapping[str, Any]]:
    """A request's `auth`, as newer exports of this format write it, else its helper, else what it inherits."""
    if said.get("auth") is not None:
        return auth_of(said["auth"])
    kind = HELPERS.get(text_of(said.get("currentHelper")).lower(), "")
    if kind:
        return kind, {key: value for key, value in mapping(said.get("helperAttributes")).items() if key != "id"}
    return auth_of(inherited)
