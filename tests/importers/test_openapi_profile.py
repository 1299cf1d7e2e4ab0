"""Which profile do descriptions of all shapes make: addresses, ways in, keys beside each other, paths in other files?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from authwizard.importers.imported import Imported
from authwizard.importers.profiles import Choices, import_text
from authwizard.model.profile import CredentialSpec

BEARER = {"type": "http", "scheme": "bearer"}
KEY = {"type": "apiKey", "in": "header", "name": "X-Key"}
APP = {"type": "apiKey", "in": "header", "name": "X-App"}


def made(request: str = "", base_url: str = "", **document: Any) -> Imported:
    whole: dict[str, Any] = {"openapi": "3.1.0", "servers": [{"url": "https://a.example"}], "paths": {"/x": {"get": {}}}, **document}
    return import_text("openapi", json.dumps(whole), Choices(request=request, base_url=base_url))


def schemes(**described: Any) -> dict[str, Any]:
    return {"components": {"securitySchemes": described}}


@pytest.mark.parametrize(
    ("servers", "base"),
    [
        ([{"url": "//a.example/v2"}], "https://a.example/v2"),
        ([{"url": "wss://a.example"}, {"url": "https://b.example"}], "https://b.example"),
        ([{"url": "https://{h}.example", "variables": {"h": {"enum": ["eu", "us"]}}}], "https://eu.example"),
        ([{"url": "https://{h}.example", "variables": {"h": {"default": "eu"}}}], "https://eu.example"),
        ([{"url": "https://{h}.example"}], ""),
        ([{"url": "https://user:pw@a.example"}], ""),
        ([{"url": "/v2"}], ""),
        ([], ""),
    ],
)
def test_a_server_is_the_address_where_it_is_a_whole_one(servers: object, base: str) -> None:
    seen = made(servers=servers)
    assert (seen.profile.base_url, seen.missing) == (base, () if base else ("base_url",))


def test_a_login_in_a_servers_address_is_not_shown() -> None:
    seen = made(servers=[{"url": "https://user:plainly-fake-pass@a.example/v2"}, {"url": "https://b.example"}])
    assert seen.missing == ("base_url",)
    assert any("https://a.example/v2" in note for note in seen.notes)
    assert "plainly-fake-pass" not in repr(seen.profile) + " ".join(seen.notes)


def test_https_comes_before_http_and_what_is_no_http_is_passed_over() -> None:
    old = {"swagger": "2.0", "host": "a.example", "basePath": "/v2/", "paths": {"/x": {"get": {}}}}
    for listed in (["http", "https"], ["wss", "https"], ["kkk"], []):
        assert import_text("openapi", json.dumps({**old, "schemes": listed})).profile.base_url == "https://a.example/v2"
    assert import_text("openapi", json.dumps({**old, "schemes": ["http"]})).profile.base_url == "http://a.example/v2"
    here = {**old, "host": "localhost:8080", "schemes": ["http", "https"]}
    assert import_text("openapi", json.dumps(here)).profile.base_url == "http://localhost:8080/v2"


def test_an_operations_own_server_comes_before_its_paths_and_that_before_the_documents() -> None:
    own, shared = [{"url": "https://own.example"}], [{"url": "https://path.example"}]
    paths = {"/x": {"servers": shared, "get": {"servers": own}, "put": {}}, "/y": {"get": {}}}
    found = [made(request, paths=paths).profile.base_url for request in ("GET /x", "PUT /x", "GET /y")]
    assert found == ["https://own.example", "https://path.example", "https://a.example"]


@pytest.mark.parametrize(
    ("security", "spec", "headers", "request_"),
    [
        ([{"key": [], "app": []}], CredentialSpec("api_key", header="X-Key"), {"X-App": "{secret:second_credential}"}, "GET /x"),
        ([{"key": [], "login": []}], CredentialSpec(), {"X-Key": "{secret:second_credential}"}, "GET /x"),
        ([{"login": [], "query": []}], CredentialSpec(), {}, "GET /x?k={secret:second_credential}"),
        ([{"login": [], "crumb": []}], CredentialSpec(), {"Cookie": "sid={secret:second_credential}"}, "GET /x"),
        ([{"gone": []}, {"key": []}], CredentialSpec("api_key", header="X-Key"), {}, "GET /x"),
        ([{}, {"key": []}], CredentialSpec("api_key", header="X-Key"), {}, "GET /x"),
        ([], CredentialSpec(), {}, "GET /x"),
        (None, CredentialSpec("api_key", header="X-Key"), {}, "GET /x"),
    ],
)
def test_ways_in(security: object, spec: CredentialSpec, headers: dict[str, str], request_: str) -> None:
    described = schemes(
        key=KEY,
        app=APP,
        login=BEARER,
        query={"type": "apiKey", "in": "query", "name": "k"},
        crumb={"type": "apiKey", "in": "cookie", "name": "sid"},
    )
    seen = made(**described, security=[{"key": []}], paths={"/x": {"get": {"security": security}}})
    assert (seen.profile.credential, seen.profile.headers, seen.profile.request) == (spec, headers, request_)


@pytest.mark.parametrize(
    ("scheme", "spec", "said"),
    [
        ({"type": "apiKey", "in": "header", "name": "Authorization", "description": "Bearer and the token"}, CredentialSpec(), ""),
        ({"type": "apiKey", "in": "header", "name": "Authorization"}, CredentialSpec("api_key", header="Authorization"), "which word"),
        ({"type": "apiKey", "in": "header", "name": "My Key"}, CredentialSpec("api_key", header="X-API-Key"), "is not said"),
        ({"type": "apiKey"}, CredentialSpec("api_key", header="X-API-Key"), "is not said"),
        ({"type": "http", "scheme": "Token"}, CredentialSpec(scheme="Token"), "is not known"),
    ],
)
def test_keys_and_words_of_less_common_kinds(scheme: object, spec: CredentialSpec, said: str) -> None:
    seen = made(**schemes(one=scheme), security=[{"one": []}])
    assert seen.profile.credential == spec
    assert any((said or "which word") in note for note in seen.notes) == bool(said)


def test_a_document_that_never_says_where_its_credential_is_wanted_proposes_it() -> None:
    seen = made(**schemes(key=KEY))
    assert seen.profile.credential == CredentialSpec("api_key", header="X-Key")
    assert any("does not say which requests" in note for note in seen.notes)
    public = made(**schemes(key=KEY), paths={"/x": {"get": {}}, "/y": {"get": {"security": [{"key": []}]}}})
    assert (
        made("GET /x", **schemes(key=KEY), paths={"/x": {"get": {}}, "/y": {"get": {"security": [{"key": []}]}}}).profile.credential
        == CredentialSpec()
    )
    assert public.profile.request == "GET /y"


@pytest.mark.parametrize(
    ("paths", "more", "said"),
    [
        ({"/x": {"$ref": "paths/x.yaml"}}, {}, "in other files"),
        ({}, {"webhooks": {"sent": {"post": {}}}}, "webhooks"),
        ({}, {}, "describes no operation"),
    ],
)
def test_a_document_without_operations_still_gives_address_and_credential(paths: object, more: dict[str, Any], said: str) -> None:
    seen = made(**schemes(key=KEY), paths=paths, **more)
    assert (seen.profile.base_url, seen.missing) == ("https://a.example", ("request",))
    assert seen.profile.credential == CredentialSpec("api_key", header="X-Key")
    assert any(said in note for note in seen.notes)
    assert made("post /y", **schemes(key=KEY), paths=paths, **more).profile.request == "POST /y"


@pytest.mark.parametrize("path", ["/a b", "/x?y", "/'\"; import", "/{secret}/x", "/{secret_id}", "/end "])
def test_every_path_can_be_chosen(path: str) -> None:
    seen = made(f"GET {path}", paths={path: {"get": {}}, "/other": {"get": {}}})
    assert seen.profile.request.startswith("GET /")
    assert seen.missing == ()


def test_what_stands_beside_a_reference_counts_and_other_methods_are_read() -> None:
    paths = {"/x": {"$ref": "#/components/pathItems/p", "put": {}}, "/y": {"query": {}, "additionalOperations": {"COPY": {}}}}
    seen = made(paths=paths, components={"pathItems": {"p": {"get": {}}}})
    assert [row.request for row in seen.profile.endpoints] == ["GET /x", "PUT /x", "QUERY /y", "COPY /y"]


@pytest.mark.parametrize(
    "text",
    [
        '{"openapi": "3.0.0", "paths": {"/x": {"get": {"summary": "a\tb"},}},}',
        "openapi: 3.0.0\ninfo: {title: caf\udce9}\npaths:\n  /x:\n    get:\n \t \n      summary: x\n",
        "\ufeffopenapi: 3.0.0\npaths: {/x: {get: {}}}\n",
    ],
)
def test_small_faults_of_the_text_are_no_obstacle(text: str) -> None:
    assert import_text("openapi", text).profile.request == "GET /x"


def test_lists_that_many_share_are_read_once() -> None:
    many = [{f"s{n}": []} for n in range(3000)]
    paths = {f"/p{n}": {"get": {}} for n in range(3000)}
    seen = made(security=many, paths=paths)
    assert len(seen.profile.endpoints) == 60


def test_a_yaml_that_takes_over_without_end_is_refused() -> None:
    big = "base: &b {" + ", ".join(f"k{n}: 1" for n in range(2000)) + "}\n"
    text = "openapi: 3.0.0\n" + big + "".join(f"m{n}: {{<<: *b}}\n" for n in range(2000))
    with pytest.raises(ValueError, match="neither JSON nor YAML"):
        import_text("openapi", text)
