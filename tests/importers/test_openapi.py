"""An API's description tells which credential each operation asks for; references lead nowhere but inside the document."""

from __future__ import annotations

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers import read
from authwizard.importers.documents import document
from authwizard.importers.openapi import Operation, Required, Scheme, read_openapi

YAML = """
openapi: 3.1.0
servers:
  - url: "https://{env}.api.example/v{n}"
    variables: {env: {default: prod}, n: {default: 2}}
security: [{login: [read]}]
components:
  securitySchemes:
    login: {type: oauth2, flows: {clientCredentials: {tokenUrl: "https://login.example/token", scopes: {read: x}}}}
    key: {type: apiKey, in: header, name: X-Key}
    bearer: {$ref: "#/components/securitySchemes/b~1c"}
    b/c: {type: http, scheme: Bearer}
    away: {$ref: "https://elsewhere.example/x"}
    round: {$ref: "#/components/securitySchemes/round"}
paths:
  /orders:
    post: {security: [{login: [write, read], key: []}, {bearer: []}]}
    get: {}
  /public: {get: {security: []}}
  /maybe: {get: {security: [{}, {key: []}]}}
  /shared: {$ref: "#/x-paths/shared"}
  /unknown: {head: {security: [{nobody: []}]}}
x-paths: {shared: {delete: {security: [{away: []}, {round: []}]}}}
"""
LOGIN = Scheme("login", "oauth2", flows=(("clientCredentials", "https://login.example/token"),))
KEY = Scheme("key", "apiKey", place="header", name="X-Key")


def test_an_operation_replaces_the_documents_requirement_and_all_shapes_are_told_apart() -> None:
    seen = read_openapi(document(YAML))
    assert seen.servers == ("https://prod.api.example/v2",)
    assert seen.token_urls == ("https://login.example/token",)
    assert seen.operations == (
        Operation("GET", "/orders", ((Required(LOGIN, ("read",)),),)),
        Operation(
            "POST", "/orders", ((Required(LOGIN, ("write", "read")), Required(KEY)), (Required(Scheme("bearer", "http", "Bearer")),))
        ),
        Operation("GET", "/public", ()),
        Operation("GET", "/maybe", ((), (Required(KEY),))),
        Operation("DELETE", "/shared", ((Required(Scheme("away")),), (Required(Scheme("round")),))),
        Operation("HEAD", "/unknown", ((Required(Scheme("nobody")),),)),
    )


def test_version_2_names_its_parts_otherwise() -> None:
    seen = read_openapi(
        {
            "swagger": "2.0", "host": "api.example", "basePath": "/v1/", "schemes": ["https", "http"],
            "securityDefinitions": {"o": {"type": "oauth2", "flow": "application", "tokenUrl": "https://t.example"}, "b": {"type": "basic"}},
            "paths": {"/x": {"put": {"security": [{"o": ["s"]}, {"b": []}]}}},
        }
    )  # fmt: skip
    assert seen.servers == ("https://api.example/v1", "http://api.example/v1")
    assert seen.operations == (
        Operation(
            "PUT",
            "/x",
            ((Required(Scheme("o", "oauth2", flows=(("application", "https://t.example"),)), ("s",)),), (Required(Scheme("b", "basic")),)),
        ),
    )


MERGED = """
openapi: 3.1
x-one: &one {security: [{b: [s]}]}
x-two: &two {security: [], summary: text}
components: {securitySchemes: {b: {$ref: '#/components/x%7By%7D'}}, 'x{y}': {type: http, scheme: bearer}}
paths:
  x-of-somebody: {get: {}}
  /own: {get: {<<: *two, security: [{b: []}]}}
  /first: {get: {<<: [*one, *two]}}
"""


def test_numbers_as_versions_extensions_escaped_references_and_merged_maps() -> None:
    bearer = Scheme("b", "http", "bearer")
    assert read_openapi(document(MERGED)).operations == (
        Operation("GET", "/own", ((Required(bearer),),)), Operation("GET", "/first", ((Required(bearer, ("s",)),),)),
    )  # fmt: skip
    assert read("openapi", {"swagger": 2.0, "paths": {"/x": {"get": {}}}})["operations"] == [{"operation": "GET /x", "requirements": []}]


def test_the_plain_shape() -> None:
    said = read("openapi", YAML)
    assert said["schemes"]["key"] == {"type": "apiKey", "in": "header", "name": "X-Key"}
    assert said["operations"][0] == {
        "operation": "GET /orders",
        "requirements": [[{"scheme": "login", "type": "oauth2", "http_scheme": None, "in": None, "name": None, "scopes": ["read"]}]],
    }
    assert said["operations"][1]["requirements"][1][0]["http_scheme"] == "bearer"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "breaks off or is wrong in line 1"),
        ('{"a": 1', "line 1"),
        ("[" * 100_000, "nested too deeply"),
        ("a: [b\nc: d", "line 2"),
        ("a: 1", "neither a member `openapi` nor `swagger`"),
        ("", "neither a member `openapi` nor `swagger`"),
        ("\x00\x01", "neither JSON nor YAML"),
        ("openapi: 3.0.0\npaths:\n\t/x: {}\n", "not with tabs"),
        ("---\nopenapi: 3.0.0\n---\na: 1\n", "several documents"),
    ],
)
def test_what_is_no_description_is_refused_with_the_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^(The|This)") as caught:
        read("openapi", text)
    assert reason in str(caught.value)


def test_a_tag_makes_nothing_of_a_text() -> None:
    assert document("a: !!python/object/apply:os.system ['exit 3']") == {"a": ["exit 3"]}


def test_an_unknown_format_is_refused() -> None:
    with pytest.raises(ValueError, match="postman-collection"):
        read("raml", {})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["openapi", "swagger", "paths", "/x", "get", "security", "components", "securitySchemes", "a", "$ref", "servers", "url",
                         "log", "entries", "request", "headers", "item", "auth", "type", "name", "value", "method", "response", "status"]),
        inner, max_size=4,
    ),
    max_leaves=12,
)  # fmt: skip


@given(JSON, st.sampled_from(["openapi", "har", "har-request", "postman-collection"]))
def test_any_document_is_read_or_refused(value: Any, form: str) -> None:
    for made in (value, json.dumps(value), {"openapi": "3", "item": [], **value} if isinstance(value, dict) else value):
        with contextlib.suppress(ValueError):
            json.dumps(read(form, made))


@given(st.text(max_size=100))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        read("openapi", text)
