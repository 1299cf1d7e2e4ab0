"""A right file becomes profiles; a wrong one one sentence with file, line, key and meaning, and never a value."""

from __future__ import annotations

import datetime as dt
import re
import secrets
from pathlib import Path

import pytest
from each_row import for_each
from hypothesis import given, settings
from hypothesis import strategies as st

from authwizard.model.errors import ConfigError
from authwizard.model.profile import CredentialSpec, Endpoint, Expect, Links, Network, OAuth, Profile, Reference
from authwizard.store.profiles import load_profiles, parse_profiles

WHOLE = """
version = 1

[profile.prod]
environment = "production"
base_url    = "https://{secret:username}:{secret:password}@api.example.com"
request     = "GET /v2/organizations/current?key={secret:api_key}"
headers     = { X-Tenant = "acme", X-Key = "{secret:second_credential}" }
probe       = "GET /v2/me"
whoami      = "GET /userinfo"
origin_url  = "https://origin.example.com"
browser_origin = "https://app.example.com"
client      = "requests"
known_good  = "prod-admin"

[profile.prod.credential]
kind   = "basic"
query  = "k"
scheme = ""
charset = "latin-1"

[profile.prod.oauth]
issuer = "https://auth.example.com"
token_url = "https://auth.example.com/oauth/token"
jwks_url = ""
client_id = "abc"
client_auth = "private_key_jwt"
key_id = "k1"
assertion_alg = "ES256"
assertion_audience = "https://auth.example.com"
grant = "refresh_token"
scopes = ["read", "write"]
audience = "a"
resource = "r"

[profile.prod.expect]
issuer = "i"
audience = ["https://api.example.com"]
type = "at+jwt"
leeway_seconds = 0

[profile.prod.network]
timeout_seconds = 2.5
ca_bundle = "/etc/ca.pem"
client_cert = "/etc/me.pem"
proxy = "http://proxy.example.com:3128"
ntp_server = "none"
request_ids = false

[profile.prod.secrets]
access_token  = "env:PROD_TOKEN"
client_secret = { ref = "file:~/s", created = 2026-08-30, rotate_days = 90 }
password = { cmd = ["pass", "show", "x"] }

[profile.prod.links]
portal = "https://portal.example.com"

[[profile.prod.endpoints]]
request = "GET /v2/devices"
scopes  = ["read", "devices:read admin"]
expect  = 204
[[profile.prod.endpoints]]
request = "GET /v2/users"

[profile.prod-admin]
base_url = "https://api.example.com"
request = "/x"
"""


def refused(text: str) -> str:
    """The sentence a text is refused with."""
    with pytest.raises(ConfigError) as caught:
        parse_profiles(text, "p.toml")
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return str(caught.value)


def with_line(line: str, table: str = "") -> str:
    """A good profile with one more line; the line is number 4, or number 5 below its own header."""
    head = '[profile.prod]\nbase_url = "https://api.example.com"\nrequest = "GET /"\n'
    return f"{head}[profile.prod.{table}]\n{line}\n" if table else f"{head}{line}\n"


def test_every_field_is_read() -> None:
    profiles = parse_profiles(WHOLE, "p.toml")
    assert list(profiles) == ["prod", "prod-admin"]
    assert profiles["prod-admin"] == Profile("prod-admin", "https://api.example.com", "/x")
    assert profiles["prod"] == Profile(
        name="prod",
        base_url="https://{secret:username}:{secret:password}@api.example.com",
        request="GET /v2/organizations/current?key={secret:api_key}",
        environment="production",
        headers={"X-Tenant": "acme", "X-Key": "{secret:second_credential}"},
        probe="GET /v2/me",
        whoami="GET /userinfo",
        origin_url="https://origin.example.com",
        browser_origin="https://app.example.com",
        client="requests",
        known_good="prod-admin",
        credential=CredentialSpec("basic", query="k", scheme="", charset="latin-1"),
        oauth=OAuth(
            "https://auth.example.com", "https://auth.example.com/oauth/token", client_id="abc", client_auth="private_key_jwt", key_id="k1",
            assertion_alg="ES256", assertion_audience="https://auth.example.com", grant="refresh_token", scopes=("read", "write"),
            audience="a", resource="r",
        ),
        expect=Expect("i", ("https://api.example.com",), "at+jwt", 0),
        network=Network(2.5, "/etc/ca.pem", "/etc/me.pem", "http://proxy.example.com:3128", "none", request_ids=False),
        secrets={
            "access_token": Reference("env:PROD_TOKEN"),
            "client_secret": Reference("file:~/s", created=dt.date(2026, 8, 30), rotate_days=90),
            "password": Reference(cmd=("pass", "show", "x")),
        },
        links=Links(portal="https://portal.example.com"),
        endpoints=(Endpoint("GET /v2/devices", ("read", "devices:read admin"), 204), Endpoint("GET /v2/users")),
    )  # fmt: skip


def test_a_missing_file_holds_no_profiles_unless_it_was_named(tmp_path: Path) -> None:
    assert load_profiles(tmp_path / "none.toml") == {}
    with pytest.raises(ConfigError, match=r"none\.toml: there is no such file"):
        load_profiles(tmp_path / "none.toml", must_exist=True)
    with pytest.raises(ConfigError, match="cannot be read"):
        load_profiles(tmp_path)


def test_the_file_is_named_in_errors(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_text(with_line("clientt = 'curl'"))
    with pytest.raises(ConfigError, match=r"/p\.toml, line 4: \[profile\.prod\] clientt: "):
        load_profiles(file)


def test_a_byte_order_mark_is_accepted_and_other_encodings_are_not(tmp_path: Path) -> None:
    file = tmp_path / "p.toml"
    file.write_bytes(b"\xef\xbb\xbf" + with_line("").encode())
    assert list(load_profiles(file)) == ["prod"]
    file.write_bytes(with_line("# caf\xe9").encode("latin-1"))
    with pytest.raises(ConfigError, match=r"p\.toml, line 4: the file is not UTF-8"):
        load_profiles(file)


@for_each(
    ("line", "table", "said"),
    [
        # unknown fields
        ("clientt = 'curl'", "", "[profile.prod] clientt: clientt is not a field; did you mean client?"),
        ("url = 'https://x'", "", "did you mean base_url?"),
        ("client_id = 'x'", "", "client_id is not a field here; client_id belongs in [profile.prod.oauth]"),
        ("clientID = 'x'", "", "client_id belongs in [profile.prod.oauth]"),
        ("timeout = 3", "", "timeout_seconds belongs in [profile.prod.network]"),
        ("name = 'x'", "", "the name is the one in [profile.NAME]"),
        ("colour = 'x'", "", "is not a field here; fields are: base_url, request"),
        ("cliend_id = 'x'", "oauth", "[profile.prod.oauth] cliend_id: cliend_id is not a field; did you mean client_id?"),
        ("scope = ['a']", "oauth", "did you mean scopes?"),
        ("tokens = 'env:A'", "secrets", "[profile.prod.secrets] tokens: tokens is not a field; did you mean id_token?"),
        ("token = 'env:A'", "secrets", "did you mean access_token?"),
        ("zzz = 'env:A'", "secrets", "zzz is not a field; fields are: access_token, refresh_token"),
        ("api_key = { ref = 'env:A', rotate = 3 }", "secrets", "a reference is text, or has ref, cmd, created and rotate_days"),
        ("[profile.prod.netwrok]\nproxy = 'env'", "", "did you mean network?"),
        # types and values
        ("environment = 'prod'", "", "[profile.prod] environment: must be one of development, staging, production, other"),
        ("environment = 'Production'", "", "did you mean production?"),
        ("client = 7", "", "client: must be one of curl, requests"),
        ("probe = 7", "", "probe: must be text in quotes"),
        ("headers = 'x'", "", "[profile.prod.headers]: must be a table"),
        ("headers = { X-A = 1 }", "", "[profile.prod.headers] X-A: must be text in quotes"),
        ("endpoints = 'x'", "", "[profile.prod.endpoints]: must be a list of tables"),
        ("endpoints = [{ request = 'GET /', scopes = 'a' }]", "", "[profile.prod.endpoints] [0].scopes: must be a list"),
        ("endpoints = [{ scopes = ['a'] }]", "", "[profile.prod.endpoints] [0]: request is missing"),
        ("credential = 'bearer'", "", "[profile.prod.credential]: must be a table"),
        ("leeway_seconds = 1.5", "expect", "leeway_seconds: must be a whole number"),
        ("leeway_seconds = true", "expect", "must be a whole number"),
        ("timeout_seconds = '10'", "network", "timeout_seconds: must be a number"),
        ("timeout_seconds = nan", "network", "must be a number"),
        ("request_ids = 1", "network", "must be true or false"),
        ("api_key = { ref = 'env:A', created = '2026-01-01' }", "secrets", "created: must be a date, e.g. 2026-01-31 (without quotes)"),
        ("api_key = 7", "secrets", "[profile.prod.secrets] api_key: must be a table"),
        # rules
        ('probe = "GET /a\\nX: y"', "", "probe: holds a line break or another control character"),
        ("probe = 'GET'", "", 'must be a method and a path, e.g. "GET /v2/me"'),
        ("origin_url = 'origin.example.com'", "", "origin_url: is not a URL with a host"),
        ("origin_url = 'ftp://origin.example.com'", "", "is not a URL with a host"),
        ("origin_url = 'https://[x'", "", "is not a URL with a host"),
        ("origin_url = 'https://a b'", "", "holds a space"),
        ("origin_url = 'https://{secret:api_key}.example.com'", "", "the host cannot hold a {secret:..}"),
        ("token_url = '/token'", "oauth", "[profile.prod.oauth] token_url: is not a URL with a host"),
        ("headers = { 'X A' = 'b' }", "", "is not a header name"),
        ("headers = { X-A = '{secret:apikey}' }", "", "{secret:apikey} names no secret field; did you mean api_key?"),
        ("headers = { X-A = '{secret}' }", "", "is written {secret:FIELD}"),
        ("headers = { X-A = '{secret:api_key' }", "", "is written {secret:FIELD}"),
        ("header = 'X-A'\nquery = 'k'", "credential", "query: the credential has one place, and header is set too"),
        ("header = 'X A'", "credential", "is not a header name"),
        ("timeout_seconds = 0", "network", "must be more than 0 and at most 600"),
        ("leeway_seconds = -1", "expect", "must be from 0 to 86400"),
        ("endpoints = [{ request = 'GET /', expect = 99 }]", "", "must be an HTTP status"),
        ("proxy = 'proxy:3128'", "network", "must be env, none or a URL"),
        ("api_key = { ref = 'env:A', rotate_days = 0 }", "secrets", "must be from 1 to 3650"),
        ("known_good = 'prd'", "", "known_good: must name another profile of this file"),
        ("known_good = 'prod'", "", "must name another profile of this file"),
        # references
        ("api_key = 'env:'", "secrets", "must name an environment variable"),
        ("api_key = 'env:$NAME'", "secrets", "must name an environment variable: env:NAME, without $"),
        ("api_key = 'file:'", "secrets", "must name a file"),
        ("api_key = 'keyring:service'", "secrets", "must name an item of the keyring: keyring:SERVICE/USER"),
        ("api_key = 'op://vault'", "secrets", "must be op://VAULT/ITEM/FIELD"),
        ("api_key = 'vault:'", "secrets", "must name a path"),
        ("api_key = 'cmd:pass show x'", "secrets", "must be a list: { cmd ="),
        ("api_key = 'evn:NAME'", "secrets", "is not a reference; did you mean env:?"),
        ("api_key = {}", "secrets", "names no place"),
        ("api_key = { ref = 'env:A', cmd = ['x'] }", "secrets", "has both ref and cmd"),
        ("api_key = { cmd = ['', 'x'] }", "secrets", "cmd must start with the program's name"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_line_and_meaning(line: str, table: str, said: str) -> None:
    sentence = refused(with_line(line, table))
    assert said in sentence
    number = 5 if table or line.startswith("[") else 4
    if line.startswith("[") or said.startswith("query"):
        number = 4 if line.startswith("[") else 6
    assert sentence.startswith(f"p.toml, line {number}: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("version = 2\n", "p.toml, line 1: version: must be 1"),
        ("version = true\n", "must be 1"),
        ("\nprofiles = 1\n", "p.toml, line 2: profiles: profiles is not a field here; a profile is a table [profile.NAME]"),
        ("profile = 1\n", "must be a table [profile.NAME]"),
        ("[profile]\nprod = 1\n", "p.toml, line 2: [profile.prod]: must be a table [profile.NAME]"),
        ("[profile.'a/b']\n", "a profile's name is letters, digits"),
        ("[profile.-]\n", "a profile's name is letters, digits"),
        ("\n[profile.prod]\nrequest = 'GET /'\n", "p.toml, line 2: [profile.prod]: base_url is missing"),
        ("[profile.prod]\nbase_url = 'https://a.example'\n", "p.toml, line 1: [profile.prod]: request is missing"),
        ("[profile.prod]\nbase_url = ''\nrequest = '/'\n", "p.toml, line 2: [profile.prod] base_url: is empty"),
        ("[profile.prod]\nbase_url = 'https://a.example'\nrequest = ''\n", "must be a method and a path"),
        ("a = 1\n\n[b\n", "p.toml, line 3, column 3: this is not valid TOML: "),
        ("a = 'x", "p.toml, at the end: this is not valid TOML: "),
        ("a = 1\na = 2\n", "p.toml, line 2, column 6: this is not valid TOML: Cannot overwrite a value."),
        ("a = " + "[" * 5000, "this is not valid TOML: the text is nested too deeply."),
    ],
)  # fmt: skip
def test_a_wrong_file_is_said_in_one_sentence(text: str, said: str) -> None:
    sentence = refused(text)
    assert said in sentence
    assert "\n" not in sentence


def test_an_empty_file_and_one_without_version_are_right() -> None:
    assert parse_profiles("", "p.toml") == {}
    assert list(parse_profiles(with_line(""), "p.toml")) == ["prod"]


@pytest.mark.parametrize("place", ["", "oauth", "network", "credential"])
@pytest.mark.parametrize("field", ["client_secret", "access_token", "password"])
def test_a_secret_outside_its_table_is_refused_with_the_command_that_stores_it(place: str, field: str) -> None:
    value = secrets.token_urlsafe(12)
    sentence = refused(with_line(f"{field} = '{value}'", place))
    assert f"authwizard store set prod {field}" in sentence
    assert value not in sentence


@pytest.mark.parametrize("value", ["hunter2", "env;X", "pass:word", "https://x", "sk_live_" + "a1" * 12, "env:ghp_" + "a1" * 12])
def test_a_value_where_a_reference_belongs_is_refused_and_not_shown(value: str) -> None:
    for written in (f"'{value}'", f"{{ ref = '{value}', rotate_days = 9 }}"):
        sentence = refused(with_line(f"client_secret = {written}", "secrets"))
        assert sentence.startswith("p.toml, line 5: [profile.prod.secrets] client_secret: holds ")
        assert "authwizard store set prod client_secret" in sentence
        assert value not in sentence
        assert value[-6:] not in sentence


def test_no_wrong_value_is_ever_shown() -> None:
    value = "zq" + secrets.token_hex(6)
    places = [
        ("environment", ""), ("client", ""), ("probe", "oauth"), ("kind", "credential"), ("scopes", "oauth"), ("proxy", "network"),
        ("timeout_seconds", "network"), ("leeway_seconds", "expect"), ("origin_url", ""), ("known_good", ""), ("api_key", "secrets"),
        ("headers", ""), ("endpoints", ""), ("unknown", ""),
    ]  # fmt: skip
    for key, table in places:
        assert value not in refused(with_line(f"{key} = '{value}'", table)), key
    assert value not in refused(f"a = '{value}' '{value}'")
    assert value not in refused(f"a = {value}")


def test_a_key_that_is_a_token_is_not_shown_either() -> None:
    token = "eyJ" + "hbGciOiJub25l" + ".eyJzdWIiOiJhIn0"
    assert token not in refused(with_line(f"'{token}' = 1"))


def test_a_key_with_escapes_is_shown_neutralised() -> None:
    sentence = refused(with_line('"a\\u001b[31m" = 1'))
    assert "\x1b" not in sentence
    assert "\\x1b" in sentence


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_no_text_ends_in_anything_but_profiles_or_one_sentence(data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(WHOLE)))
    end = data.draw(st.integers(start, min(len(WHOLE), start + 12)))
    new = data.draw(
        st.text(max_size=6) | st.sampled_from(["\n[profile.prod.x]\n", "[[", "'''", "= {", "= [1, {a = 2}]\n", "1979-05-27T07:32:00Z"])
    )
    sentence = "p.toml: "
    try:
        parse_profiles(WHOLE[:start] + new + WHOLE[end:], "p.toml")
    except ConfigError as exc:
        sentence = str(exc)
    assert re.match(r"p\.toml(, line \d+|, at the end|: )", sentence)
    assert "\n" not in sentence


def test_a_place_of_a_path_may_be_called_after_a_secret_and_a_misspelt_secret_is_told() -> None:
    text = '[profile.a]\nbase_url = "https://a.example"\nrequest = "GET /{}"\n'
    assert parse_profiles(text.replace("{}", "{secret_id}"), "f")["a"].request == "GET /{secret_id}"
    for wrong in ("{secret}", "{secret api_key}", "{secret.api_key}", "{secret_api_key}", "{secret"):
        with pytest.raises(ConfigError, match="a secret in a request is written"):
            parse_profiles(text.replace("{}", wrong), "f")


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="devices")
def test_a_file_without_an_end_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "authwizard.toml"
    link.symlink_to("/dev/zero")
    with pytest.raises(ConfigError, match=r"authwizard\.toml is larger than 4 MiB, which no profiles file is\."):
        load_profiles(link, must_exist=True)
