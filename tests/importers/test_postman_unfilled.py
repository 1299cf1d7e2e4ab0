"""What becomes of a collection whose variables have no value at hand? All else is taken, and what is open is said."""

from __future__ import annotations

import json
from typing import Any

import pytest

from authwizard.importers.imported import Imported
from authwizard.importers.profiles import Choices, import_text
from authwizard.model.profile import CredentialSpec

FAKE = "practice-value-one"
OTHER = "practice-value-two"


def made_of(environment: str = "", **request: Any) -> Imported:
    variables = request.pop("variables", [])
    text = json.dumps({"item": [{"name": "r", "request": request}], "variable": [{"key": k, "value": v} for k, v in variables]})
    return import_text("postman", text, Choices(environment=environment))


def auth(kind: str, **rows: str) -> dict[str, Any]:
    return {"type": kind, kind: [{"key": key, "value": value} for key, value in rows.items()]}


def secrets_of(made: Imported) -> dict[str, str]:
    return {field: secret.reveal() for field, secret in made.secrets.items()}


@pytest.mark.parametrize(
    ("url", "base", "request_"),
    [
        ("{{baseUrl}}/v2/me", "", "GET /v2/me"),
        ("{{baseUrl}}v2/me", "", "GET /v2/me"),
        ("https://{{tenant}}.example.com:8443/me?x=1", "", "GET /me?x=1"),
        ("{{protocol}}://api.example.com/me", "https://api.example.com", "GET /me"),
        ("https://api.example.com/users/{{user id}}", "https://api.example.com", "GET /users/{user_id}"),
        ("https://api.example.com/x?at={{$timestamp}}", "https://api.example.com", "GET /x?at={timestamp}"),
        ("/only/a/path", "", "GET /only/a/path"),
        ("api.example.com/a b\n", "http://api.example.com", "GET /a%20b"),
    ],
)
def test_an_address_is_taken_as_far_as_it_is_known(url: str, base: str, request_: str) -> None:
    made = made_of(url=url, method="GET")
    assert (made.profile.base_url, made.profile.request) == (base, request_)
    assert made.missing == (() if base else ("base_url",))
    assert bool(made.notes) == (not base or "{{" in url)


def test_a_variable_may_name_another_one() -> None:
    made = made_of(url="{{base}}/me", variables=[("base", "https://{{host}}/v2"), ("host", "api.example.com")])
    assert made.profile.url == "https://api.example.com/v2/me"
    circle = made_of(url="{{a}}/me", variables=[("a", "{{b}}"), ("b", "{{a}}")])
    assert circle.missing == ("base_url",)


def test_path_variables_are_filled_in_and_a_type_is_no_value() -> None:
    rows = [{"key": "owner", "value": "acme"}, {"key": "id", "value": "<string>"}, {"key": "host", "value": "api.example.com"}]
    made = made_of(url={"raw": "https://:host/:owner/items/:id/:other?t=:no", "variable": rows})
    assert made.profile.url == "https://api.example.com/acme/items/{id}/{other}?t=:no"
    assert any("{id}, {other}" in note for note in made.notes)


def test_an_address_in_parts_without_a_host_keeps_its_path() -> None:
    made = made_of(url={"protocol": "{{protocol}}", "port": "hostname", "path": ["setup", "api"]}, method="POST")
    assert (made.profile.request, made.missing) == ("POST /setup/api", ("base_url",))


@pytest.mark.parametrize(
    ("request_", "spec"),
    [
        ({"header": [{"key": "X-Api-Key", "value": "{{k}}"}]}, CredentialSpec("api_key", header="X-Api-Key")),
        ({"header": [{"key": "Authorization", "value": "Token {{k}}"}]}, CredentialSpec(scheme="Token")),
        ({"url": "https://me:{{k}}@{{host}}/x"}, CredentialSpec("basic")),
        ({"url": "https://a.example/x?api_key={{k}}"}, CredentialSpec("api_key", query="api_key")),
        ({"auth": auth("basic", username="{{u}}", password="{{k}}")}, CredentialSpec("basic")),
        ({"auth": auth("apikey", key="X-Key", value="{{k}}")}, CredentialSpec("api_key", header="X-Key")),
        ({"auth": auth("apikey", key="Authorization", value="Token {{k}}")}, CredentialSpec(scheme="Token")),
        ({"auth": auth("apikey", key="{{name}}", value="{{k}}")}, CredentialSpec("api_key")),
    ],
)
def test_the_kind_of_credential_is_known_without_its_value(request_: dict[str, Any], spec: CredentialSpec) -> None:
    made = made_of(**{"url": "https://a.example/x", **request_})
    assert made.profile.credential == spec
    assert "k" not in secrets_of(made).values()
    assert made.secrets.keys() <= {"username"}
    assert any("is not known here: the variable" in note and " k " in note for note in made.notes)


def test_a_header_without_its_value_is_left_out_and_a_client_without_its_values_stays_open() -> None:
    made = made_of(url="https://a.example", header=[{"key": "X-Id", "value": "{{$guid}}"}])
    assert made.profile.headers == {}
    assert any("X-Id" in note for note in made.notes)
    nameless = made_of(url="https://a.example", header=[{"key": "{{$guid}}", "value": "1"}])
    assert any("The header {guid} was left out" in note for note in nameless.notes)
    rows = auth("oauth2", clientId="{{id}}", accessTokenUrl="{{t}}/token", grant_type="client_credentials", scope="a {{s}}")
    client = made_of(url="https://a.example", auth=rows)
    oauth = client.profile.oauth
    assert oauth is not None
    assert (oauth.client_id, oauth.token_url, oauth.scopes, oauth.grant) == ("", "", (), "client_credentials")
    assert made_of(url="https://a.example", auth=auth("oauth2", accessToken=FAKE)).profile.oauth is None


def test_a_key_in_a_header_goes_out_beside_the_authentication() -> None:
    header = [{"key": "X-Api-Key", "value": FAKE}]
    made = made_of(url="https://a.example", header=header, auth=auth("bearer", token=OTHER))
    assert made.profile.credential == CredentialSpec()
    assert made.profile.headers == {"X-Api-Key": "{secret:second_credential}"}
    assert secrets_of(made) == {"second_credential": FAKE, "access_token": OTHER}
    query = made_of(url=f"https://a.example/?key={FAKE}", auth=auth("bearer", token=OTHER))
    assert query.profile.request == "GET /?key={secret:second_credential}"


@pytest.mark.parametrize(
    ("more", "client_auth", "secrets"),
    [
        ({"auth": auth("basic", username="abc", password=FAKE)}, "client_secret_basic", {"client_secret": FAKE}),
        ({"header": "Authorization: Basic {{both}}"}, "client_secret_basic", {}),
        ({}, "none", {}),
    ],
)
def test_a_token_request_becomes_the_client(more: dict[str, Any], client_auth: str, secrets: dict[str, str]) -> None:
    form = [
        {"key": "grant_type", "value": "client_credentials"},
        {"key": "scope", "value": "a b"},
        {"key": "x", "value": "", "disabled": True},
    ]
    made = made_of(url="https://auth.example.com/token", method="POST", body={"mode": "urlencoded", "urlencoded": form}, **more)
    oauth = made.profile.oauth
    assert oauth is not None
    assert (oauth.token_url, oauth.client_auth, oauth.scopes) == ("https://auth.example.com/token", client_auth, ("a", "b"))
    assert (secrets_of(made), made.missing) == (secrets, ("base_url", "request"))


def test_a_token_request_of_json_is_read_as_well() -> None:
    raw = {"mode": "raw", "raw": json.dumps({"grant_type": "client_credentials", "client_id": "{{id}}", "client_secret": FAKE})}
    made = made_of(url="{{auth}}/token", method="POST", body={**raw, "options": {"raw": {"language": "json"}}})
    oauth = made.profile.oauth
    assert oauth is not None
    assert (oauth.token_url, oauth.client_id, secrets_of(made)) == ("", "", {"client_secret": FAKE})


def test_variables_that_grow_and_headers_without_end_are_bounded() -> None:
    grow = [(f"v{n}", f"{{{{v{n + 1}}}}}" * 50) for n in range(20)]
    assert made_of(url="https://a.example/x", header=[{"key": "X-A", "value": "{{v0}}"}], variables=grow).profile.headers == {}
    many = made_of(url="https://a.example/x", header=[{"key": f"X-{n}", "value": "1"} for n in range(5000)])
    assert len(many.profile.headers) == 200
    assert any("the first 200 were taken" in note for note in many.notes)
