"""What do documents at hand become: which settings, which secrets, which references?"""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from each_row import for_each

from authwizard.importers.door import recognise
from authwizard.importers.imported import Imported, checked
from authwizard.importers.profiles import SOURCES, STRIPPED, Choices, import_text
from authwizard.model.profile import CredentialSpec, Endpoint, Reference
from authwizard.store.profile_toml import profile_toml

FAKE = "practice-value-one"
OTHER = "practice-value-two"
URL = "https://api.example.com/v2/me"


def secrets_of(made: Imported) -> dict[str, str]:
    return {field: secret.reveal() for field, secret in made.secrets.items()}


# ── curl ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_curl_command_becomes_a_profile_named_after_its_host() -> None:
    made = import_text("curl", f"curl -H 'Authorization: Bearer {FAKE}' -H 'X-Tenant: acme' {URL}")
    assert (made.profile.name, made.profile.base_url, made.profile.request) == ("api.example.com", "https://api.example.com", "GET /v2/me")
    assert made.profile.headers == {"X-Tenant": "acme"}
    assert secrets_of(made) == {"access_token": FAKE}
    assert made.missing == ()
    assert FAKE not in repr(made)


def test_a_token_request_becomes_client_grant_scopes_and_authentication() -> None:
    text = f"curl -u abc:{FAKE} -d grant_type=client_credentials -d 'scope=read write' https://auth.example.com/oauth/token"
    made = import_text("curl", text, Choices(name="svc"))
    oauth = made.profile.oauth
    assert oauth is not None
    assert (oauth.token_url, oauth.client_id, oauth.client_auth) == ("https://auth.example.com/oauth/token", "abc", "client_secret_basic")
    assert (oauth.grant, oauth.scopes) == ("client_credentials", ("read", "write"))
    assert secrets_of(made) == {"client_secret": FAKE}
    assert made.missing == ("base_url", "request")
    whole = import_text("curl", text, Choices(base_url="https://api.example.com", request="GET /v2/me"))
    assert (whole.missing, whole.profile.url) == ((), URL)


@pytest.mark.parametrize(
    ("command", "references"),
    [
        (f'curl -H "Authorization: Bearer $TOKEN" {URL}', {"access_token": "env:TOKEN"}),
        (f'curl -H "Authorization: Bearer ${{TOKEN}}" {URL}', {"access_token": "env:TOKEN"}),
        (f"curl -H X-Api-Key:$KEY {URL}", {"api_key": "env:KEY"}),
        (f'curl -u "$USER_NAME:$PASS" {URL}', {"username": "env:USER_NAME", "password": "env:PASS"}),
        (f'curl "{URL}?api_key=$KEY"', {"api_key": "env:KEY"}),
        ('curl -d grant_type=client_credentials -d client_id=a -d "client_secret=$S" https://a.example/token', {"client_secret": "env:S"}),
        ('curl -d grant_type=client_credentials -u "a:$S" https://a.example/token', {"client_secret": "env:S"}),
    ],
)
def test_shell_variables_become_references(command: str, references: dict[str, str]) -> None:
    made = import_text("curl", command)
    assert {field: ref.ref for field, ref in made.profile.secrets.items()} == references
    assert made.secrets == {}


def test_a_header_that_looks_like_a_secret_becomes_the_second_credential() -> None:
    made = import_text("curl", f"curl -H 'Authorization: Bearer {FAKE}' -H 'Sign: aB3dE6gH9jK2mN5pQ8sT1vW4' {URL}")
    assert made.profile.headers == {"Sign": "{secret:second_credential}"}
    assert secrets_of(made)["second_credential"] == "aB3dE6gH9jK2mN5pQ8sT1vW4"


@pytest.mark.parametrize("front", ["", f"$ curl -v {URL}\n"])
def test_what_curl_printed_is_read_as_well_and_a_mask_in_it_is_no_secret(front: str) -> None:
    def printed(token: str) -> str:
        return (
            f"{front}* Connected to api.example.com port 443\n* SSL connection using TLSv1.3\n> GET /v2/me HTTP/2\n> Host: api.example.com\n"
            f"> Authorization: Bearer {token}\n> \n< HTTP/2 401\n< www-authenticate: Bearer\n< \n"
        )

    made = import_text("curl", printed(FAKE))
    assert (made.profile.url, secrets_of(made)) == (URL, {"access_token": FAKE})
    assert "It was answered with 401." in made.notes
    assert import_text("curl", printed("[REDACTED]")).secrets == {}


def test_a_proxy_without_a_scheme_speaks_http() -> None:
    assert import_text("curl", f"curl -x proxy.example.com:3128 {URL}").profile.network.proxy == "http://proxy.example.com:3128"


def test_in_single_quotes_a_dollar_is_a_dollar() -> None:
    assert secrets_of(import_text("curl", f"curl -H 'X-Api-Key: $KEY' {URL}")) == {"api_key": "$KEY"}


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ('curl "https://$HOST/v2/me"', "HOST"),
        ('curl "https://api.example.com/v2/$ORG/me"', "ORG"),
        (f'curl -H "X-Tenant: $TENANT" {URL}', "TENANT"),
        (f'curl -H "Authorization: Bearer pre-$TOKEN" {URL}', "TOKEN"),
        (f'curl -H "Authorization: Bearer ${{TOKEN:-none}}" {URL}', "TOKEN"),
        (f'curl -H "Authorization: Bearer $(cat token)" {URL}', "$(...)"),
    ],
)
def test_a_variable_that_no_reference_can_name_is_refused_by_name(command: str, word: str) -> None:
    with pytest.raises(ValueError, match=r"variable|shell") as caught:
        import_text("curl", command)
    assert word in str(caught.value)


# ── .env ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

ENV = f"""
ACME_API_BASE_URL=https://api.example.com/v2
ACME_CLIENT_ID=abc
ACME_CLIENT_SECRET={FAKE}
ACME_TOKEN_URL="https://auth.example.com/oauth/token"
OAUTH_SCOPES="read write"
DATABASE_PASSWORD={OTHER}
LOG_LEVEL=debug
"""


def test_names_of_a_dotenv_file_are_guessed_and_the_guess_is_told() -> None:
    made = import_text("dotenv", ENV, Choices(name="svc", request="GET /me"))
    oauth = made.profile.oauth
    assert oauth is not None
    assert (oauth.client_id, oauth.token_url, oauth.scopes) == ("abc", "https://auth.example.com/oauth/token", ("read", "write"))
    assert (made.profile.base_url, oauth.grant) == ("https://api.example.com/v2", "client_credentials")
    assert secrets_of(made) == {"client_secret": FAKE}
    told = {row.source: row.becomes for row in made.mapping}
    assert told["ACME_CLIENT_SECRET"] == "secrets.client_secret"
    assert told["DATABASE_PASSWORD"] == told["LOG_LEVEL"] == ""


def test_a_key_alone_and_a_login_alone_choose_their_kind() -> None:
    key = import_text("dotenv", f"API_URL=https://api.example.com\nSHOP_API_KEY={FAKE}\n")
    assert (key.profile.credential, secrets_of(key)) == (CredentialSpec("api_key", header="X-API-Key"), {"api_key": FAKE})
    login = import_text("dotenv", f"API_URL=https://api.example.com\nSHOP_USER=me\nSHOP_PASSWORD={FAKE}\n")
    assert (login.profile.credential.kind, secrets_of(login)) == ("basic", {"username": "me", "password": FAKE})


def test_a_value_that_two_readers_read_differently_is_warned_of() -> None:
    made = import_text("dotenv", "API_URL=https://api.example.com\nAPI_TOKEN=practice#value\n")
    assert any("API_TOKEN" in note and "Node" in note for note in made.notes)
    assert not any("API_URL" in note for note in made.notes)


def test_a_second_name_for_the_same_and_a_variable_in_a_value_are_told() -> None:
    made = import_text("dotenv", f"API_URL=https://api.example.com\nA_TOKEN={FAKE}\nB_TOKEN={OTHER}\nCLIENT_SECRET=${{A_TOKEN}}\n")
    assert secrets_of(made) == {"access_token": FAKE}
    assert any(note.startswith("B_TOKEN looks like") for note in made.notes)
    assert any(note.startswith("CLIENT_SECRET refers to") for note in made.notes)


# ── HAR ──────────────────────────────────────────────────────────────────────────────────────────────────────────────


def har(*headers: tuple[str, str], status: int = 401) -> str:
    request = {"method": "GET", "url": URL, "headers": [{"name": name, "value": value} for name, value in headers]}
    return json.dumps({"log": {"entries": [{"request": request, "response": {"status": status, "headers": []}}]}})


def test_the_refused_request_of_a_har_is_taken_and_a_stripped_one_says_so() -> None:
    made = import_text("har", har(("Authorization", f"Bearer {FAKE}")))
    assert secrets_of(made) == {"access_token": FAKE}
    assert STRIPPED not in made.notes
    assert STRIPPED in import_text("har", har(("Accept", "*/*"), status=403)).notes


# ── Postman ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def collection(auth: object, *more: object, url: str = "{{base}}/v2/me", headers: list[object] | None = None) -> str:
    one = {"name": "Me", "request": {"method": "GET", "url": {"raw": url}, "auth": auth, "header": headers or []}}
    return json.dumps({"info": {}, "item": [{"name": "Account", "item": [one]}, *more]})


def variables(*rows: tuple[str, str, str]) -> str:
    return json.dumps({"values": [{"key": key, "value": value, "type": kind} for key, value, kind in rows]})


HERE = ("base", "https://api.example.com", "default")


def said(kind: str, **parameters: str) -> dict[str, object]:
    return {"type": kind, kind: [{"key": key, "value": value} for key, value in parameters.items()]}


@pytest.mark.parametrize(
    ("auth", "spec", "secrets"),
    [
        (said("bearer", token="{{tok}}"), CredentialSpec(), {"access_token": FAKE}),
        (said("basic", username="me", password="{{tok}}"), CredentialSpec("basic"), {"username": "me", "password": FAKE}),
        (said("digest", username="me", password="{{tok}}"), CredentialSpec("digest"), {"username": "me", "password": FAKE}),
        (said("apikey", key="X-Key", value="{{tok}}"), CredentialSpec("api_key", header="X-Key"), {"api_key": FAKE}),
        (said("apikey", key="k", value="{{tok}}", **{"in": "query"}), CredentialSpec("api_key", query="k"), {"api_key": FAKE}),
        ({"type": "noauth"}, CredentialSpec(), {}),
        (said("bearer", token="{{unknown}}"), CredentialSpec(), {}),
    ],
)
def test_each_kind_of_postman_authentication(auth: object, spec: CredentialSpec, secrets: dict[str, str]) -> None:
    made = import_text("postman", collection(auth), Choices(environment=variables(HERE, ("tok", FAKE, "secret"))))
    assert (made.profile.url, made.profile.client) == (URL, "postman")
    assert made.profile.credential == spec
    assert secrets_of(made) == secrets


def test_an_address_without_a_scheme_is_http_as_in_postman() -> None:
    assert import_text("postman", collection({"type": "noauth"}, url="127.0.0.1:9/me")).profile.base_url == "http://127.0.0.1:9"


def test_oauth2_of_postman_becomes_the_client() -> None:
    auth = said("oauth2", accessTokenUrl="https://auth.example.com/t", clientId="abc", clientSecret="{{tok}}", scope="a b",
                grant_type="client_credentials", client_authentication="body", accessToken=OTHER)  # fmt: skip
    made = import_text("postman", collection(auth), Choices(environment=variables(HERE, ("tok", FAKE, "secret"))))
    oauth = made.profile.oauth
    assert oauth is not None
    assert (oauth.token_url, oauth.client_id, oauth.client_auth, oauth.scopes) == (
        "https://auth.example.com/t",
        "abc",
        "client_secret_post",
        ("a", "b"),
    )
    assert secrets_of(made) == {"access_token": OTHER, "client_secret": FAKE}


def test_a_request_of_a_collection_is_chosen_by_name() -> None:
    text = collection({"type": "noauth"}, {"name": "Other", "request": {"method": "GET", "url": "https://api.example.com/other"}})
    given = variables(HERE)
    with pytest.raises(ValueError, match='"Account/Me", "Other"'):
        import_text("postman", text, Choices(environment=given))
    for name in ("Me", "Account/Me"):
        assert import_text("postman", text, Choices(request=name, environment=given)).profile.target == "/v2/me"
    with pytest.raises(ValueError, match="no request called"):
        import_text("postman", text, Choices(request="Mine", environment=given))


def test_a_secret_variable_never_becomes_a_setting() -> None:
    here, token = HERE, ("tok", FAKE, "secret")
    rows: list[object] = [{"key": "X-Tenant", "value": "{{tok}}"}]
    alone = import_text("postman", collection({"type": "noauth"}, headers=rows), Choices(environment=variables(here, token)))
    assert (alone.profile.credential, secrets_of(alone)) == (CredentialSpec("api_key", header="X-Tenant"), {"api_key": FAKE})
    auth = said("bearer", token=OTHER)
    beside = import_text("postman", collection(auth, headers=rows), Choices(environment=variables(here, token)))
    assert beside.profile.headers == {"X-Tenant": "{secret:second_credential}"}
    assert secrets_of(beside) == {"access_token": OTHER, "second_credential": FAKE}
    path = import_text("postman", collection(auth, url="{{base}}/v2/{{tok}}"), Choices(environment=variables(here, token)))
    assert path.profile.request == "GET /v2/{secret:second_credential}"
    client = said("oauth2", clientId="{{tok}}", accessTokenUrl="https://t.example")
    with pytest.raises(ValueError, match="marks as secret") as caught:
        import_text("postman", collection(client), Choices(environment=variables(here, token)))
    assert FAKE not in str(caught.value)


# ── OpenAPI ──────────────────────────────────────────────────────────────────────────────────────────────────────────

DESCRIPTION = """
openapi: 3.1.0
servers: [{url: 'https://api.example.com/v2'}]
security: [{oauth: [read]}]
components:
  securitySchemes:
    oauth: {type: oauth2, flows: {clientCredentials: {tokenUrl: 'https://auth.example.com/t', scopes: {read: all}}}}
    key: {type: apiKey, in: header, name: X-Key}
paths:
  /me: {get: {}}
  /devices: {get: {security: [{oauth: [read, 'devices:read']}, {oauth: [admin]}]}, post: {security: [{oauth: [write]}]}}
  /devices/{id}: {get: {security: [{key: []}]}}
  /health: {get: {security: []}}
"""


def test_a_description_becomes_address_client_and_scope_table() -> None:
    made = import_text("openapi", DESCRIPTION)
    oauth = made.profile.oauth
    assert oauth is not None
    assert (made.profile.base_url, made.profile.request, oauth.token_url, oauth.scopes) == (
        "https://api.example.com/v2", "GET /me", "https://auth.example.com/t", ("read",),
    )  # fmt: skip
    assert Endpoint("GET /devices", ("read devices:read", "admin")) in made.profile.endpoints
    assert Endpoint("GET /health") in made.profile.endpoints
    assert made.secrets == {}
    assert any("--request" in note for note in made.notes)


def test_the_failing_operation_is_chosen_by_a_real_path() -> None:
    made = import_text("openapi", DESCRIPTION, Choices(request="GET /devices/42"))
    assert (made.profile.request, made.profile.credential) == ("GET /devices/42", CredentialSpec("api_key", header="X-Key"))
    with pytest.raises(ValueError, match="no operation PUT /me"):
        import_text("openapi", DESCRIPTION, Choices(request="PUT /me"))


def test_a_relative_server_needs_the_address() -> None:
    text = DESCRIPTION.replace("https://api.example.com/v2", "/v2")
    assert import_text("openapi", text).missing == ("base_url",)
    assert import_text("openapi", text, Choices(base_url="https://api.example.com")).profile.base_url == "https://api.example.com/v2"


# ── of every format ──────────────────────────────────────────────────────────────────────────────────────────────────


@for_each("source", SOURCES)
@for_each("text", ["", "nothing of the kind", "{", "[1, 2]", '{"log": 3}', "\x00\x01"])
def test_what_is_of_another_kind_is_refused_in_one_sentence(source: str, text: str) -> None:
    with pytest.raises(ValueError, match=r"^[^\n]+$"):
        import_text(source, text)


def test_a_secret_that_stands_in_a_setting_as_well_is_refused() -> None:
    made = import_text("curl", f"curl -H 'Authorization: Bearer {FAKE}' {URL}")
    leaky = replace(made, profile=replace(made.profile, headers={"X-Note": f"see {FAKE}"}))
    with pytest.raises(ValueError, match="access_token stands in a setting"):
        checked(leaky)


def test_an_import_reads_back_as_it_is() -> None:
    made = import_text("curl", f'curl -H "Authorization: Bearer $TOKEN" {URL}')
    assert made.profile.secrets == {"access_token": Reference("env:TOKEN")}
    assert 'access_token = "env:TOKEN"' in profile_toml(made.profile)


@pytest.mark.parametrize(
    "command",
    [
        f'curl -u "user:pass$secretrest" {URL}',
        f'curl -H "X-Id: ab$secretrest" {URL}',
        f"curl {URL} '--oauth2-bearer secretrest'",
        "curl https://as.example.com/token -d 'grant_type=client_credentials&client_id=a&client_secret=abcdefgh&secretrest'",
        """curl https://as.example.com/token -d grant_type=client_credentials -d '{"password":"secretrest"}'""",
    ],
)
def test_what_may_be_a_part_of_a_secret_is_not_told(command: str) -> None:
    pasted = recognise(command)
    try:
        told = " ".join(import_text("curl", command).notes)
    except ValueError as error:
        told = str(error)
    assert "secretrest" not in told + pasted.problem + pasted.sentence
    assert told


def test_a_secret_in_an_address_that_a_header_holds_is_no_setting() -> None:
    key = "4f" * 16
    made = import_text("curl", f"curl {URL} -H 'Authorization: Bearer abc' -H 'Referer: https://a.example.com/?token={key}'")
    assert key not in profile_toml(made.profile)
    assert made.secrets["second_credential"].reveal().endswith(key)
    plain = import_text("curl", f"curl {URL} -H 'Referer: https://a.example.com/page?tab=2'")
    assert plain.profile.headers == {"Referer": "https://a.example.com/page?tab=2"}


def test_half_a_character_is_refused_in_words() -> None:
    body = {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "\ud800"}]}
    request = {"method": "POST", "url": "https://a.example.com", "body": body}
    with pytest.raises(ValueError, match="half a character"):
        import_text("postman", json.dumps({"info": {"name": "c"}, "item": [{"name": "r", "request": request}]}))
    assert "half a character" in recognise("curl https://a.example.com/\ud800").problem
