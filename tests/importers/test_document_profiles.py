"""What documents of less common shapes become: addresses in parts, lists under ids, flows of every kind, forms as members."""

from __future__ import annotations

import json
from typing import Any

import pytest

from authwizard.importers.har import read_har
from authwizard.importers.postman import read_collection
from authwizard.importers.profiles import import_text
from authwizard.model.profile import wanted_fields

Q = {"key": "q", "value": "1"}


def collection(request: dict[str, Any], **more: Any) -> str:
    return json.dumps({"item": [{"name": "r", "request": request}], **more})


@pytest.mark.parametrize(
    ("url", "base", "request_"),
    [
        ({"protocol": "https", "host": ["a", "example"], "path": ["x", {"value": "y"}], "query": [Q]}, "https://a.example", "GET /x/y?q=1"),
        ({"protocol": "https", "host": "a.example/", "path": "x/y", "query": [{"key": "q", "disabled": True}]}, "https://a.example", "GET /x/y"),
        ({"host": ["localhost"], "port": "8080"}, "http://localhost:8080", "GET /"),
    ],
)  # fmt: skip
def test_an_address_in_parts_is_put_together(url: object, base: str, request_: str) -> None:
    profile = import_text("postman", collection({"method": "GET", "url": url})).profile
    assert (profile.base_url, profile.request) == (base, request_)


def test_a_request_without_an_address_is_refused_by_its_name() -> None:
    with pytest.raises(ValueError, match='The request "r" has no address'):
        import_text("postman", collection({"method": "GET"}))


def test_a_folder_that_names_no_authentication_inherits_and_one_without_a_name_leaves_no_trace() -> None:
    bearer = {"type": "bearer", "bearer": [{"key": "token", "value": "t"}]}
    (seen,) = read_collection({"auth": bearer, "item": [{"auth": None, "item": [{"name": "r", "request": "https://a.example"}]}]})
    assert (seen.name, seen.auth_type, seen.auth) == ("r", "bearer", {"token": "t"})


def test_a_list_under_ids_of_postmans_own_gives_its_first_member() -> None:
    rows = [{"key": "accessTokenUrl", "value": "https://t.example"}, {"key": "audience", "value": {"0b": "https://aud.example"}}]
    made = import_text("postman", collection({"url": "https://a.example", "auth": {"type": "oauth2", "oauth2": rows}}))
    assert made.profile.oauth is not None
    assert made.profile.oauth.audience == "https://aud.example"


@pytest.mark.parametrize(
    ("flows", "grant", "token_url"),
    [
        ({"authorizationCode": {"tokenUrl": "https://t.example/a"}}, "authorization_code", "https://t.example/a"),
        ({"authorizationCode": {"tokenUrl": "https://t.example/a"}, "clientCredentials": {"tokenUrl": "https://t.example/c"}}, "client_credentials", "https://t.example/c"),
        ({"deviceAuthorization": {"tokenUrl": "https://t.example/d"}}, "device_code", "https://t.example/d"),
    ],
)  # fmt: skip
def test_the_grant_is_the_flows(flows: object, grant: str, token_url: str) -> None:
    schemes = {"o": {"type": "oauth2", "flows": flows}}
    document = {"openapi": "3.1.0", "security": [{"o": []}], "components": {"securitySchemes": schemes}, "paths": {"/x": {"get": {}}}}
    made = import_text("openapi", json.dumps(document))
    assert made.profile.oauth is not None
    assert (made.profile.oauth.grant, made.profile.oauth.token_url) == (grant, token_url)
    assert not any("names no token endpoint" in note for note in made.notes)


@pytest.mark.parametrize(
    "flows", [{"implicit": {"authorizationUrl": "https://t.example/i"}}, {"password": {"tokenUrl": "https://t.example/p"}}, {}]
)
def test_a_flow_that_is_not_asked_makes_no_client_but_wants_the_token(flows: object) -> None:
    schemes = {"o": {"type": "oauth2", "flows": flows}}
    document = {"openapi": "3.1.0", "security": [{"o": []}], "components": {"securitySchemes": schemes}, "paths": {"/x": {"get": {}}}}
    made = import_text("openapi", json.dumps(document))
    assert made.profile.oauth is None
    assert wanted_fields(made.profile) == ["access_token"]
    assert any("names no token endpoint" in note for note in made.notes)


def har(**request: Any) -> dict[str, Any]:
    return {"request": {"method": "POST", "url": "https://t.example/token", "headers": [], **request}, "response": {"status": "401"}}


def test_a_form_of_a_har_may_stand_there_as_its_members() -> None:
    params = [{"name": "grant_type", "value": "client_credentials"}, {"name": "client_id", "value": "a b"}]
    data = {"mimeType": "application/x-www-form-urlencoded", "params": params}
    seen = read_har(json.dumps({"log": {"entries": [har(postData=data)]}}))
    assert seen.request is not None
    assert seen.answer is not None
    assert (seen.request.body, seen.answer.status) == (b"grant_type=client_credentials&client_id=a+b", 401)
    parts = read_har(json.dumps({"log": {"entries": [har(postData={**data, "mimeType": "multipart/form-data"})]}}))
    assert parts.request is not None
    assert parts.request.body is None


def test_a_request_of_http_comes_before_one_of_a_socket() -> None:
    seen = read_har(json.dumps({"log": {"entries": [har(), har(url="wss://t.example/socket")]}}))
    assert seen.request is not None
    assert seen.request.url == "https://t.example/token"
