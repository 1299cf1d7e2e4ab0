"""S8-06: the text of what a user's program sent, read, masked, and compared with what the profile sends."""

from __future__ import annotations

import base64
import secrets
from dataclasses import replace
from typing import Any

import pytest
from each_row import for_each
from hypothesis import given, settings
from hypothesis import strategies as st
from tests_support import make_jwt

from authwizard.importers.sent import read_sent
from authwizard.model.evidence import CredentialSeen, SentRequest
from authwizard.model.profile import CredentialSpec, Profile
from authwizard.probes.credential import composed_of
from authwizard.probes.sent import look_at
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.jose import inspect_token
from authwizard.protocol.redaction import Redactor
from authwizard.steps.sent_request import SENT_CAUSES, Difference, Here, differences
from authwizard.steps.sent_table import table

from .conftest import stored

NOW = 1_800_000_000
KEY = b"k" * 32
ISSUER, AUDIENCE = "https://auth.example.com", "https://api.example.com"
TOKEN = make_jwt({"iss": ISSUER, "aud": AUDIENCE, "iat": NOW - 60, "exp": NOW + 3600})
OLDER = make_jwt({"iss": ISSUER, "aud": AUDIENCE, "iat": NOW - 600, "exp": NOW + 600})
EXPIRED = make_jwt({"iss": ISSUER, "aud": AUDIENCE, "iat": NOW - 7200, "exp": NOW - 3600})
FOREIGN = make_jwt({"iss": "https://auth.staging.example.com", "aud": AUDIENCE, "iat": NOW, "exp": NOW + 600})
REFRESH = secrets.token_urlsafe(40)
PASSWORD = secrets.token_urlsafe(12)
BEARER = Profile("prod", "https://api.example.com", "GET /v2/me")


def own(profile: Profile, **values: str) -> CredentialSeen:
    """The credential as this profile sends it."""
    composed = composed_of(profile, stored(**values))
    assert composed.field_value is not None
    from authwizard.model.secret import Secret
    from authwizard.protocol.repair_scheme import read_words

    words = read_words(composed.field_value, profile.credential.scheme or "")
    rest = words.rest if composed.place == "header" else composed.field_value
    return CredentialSeen(
        profile.credential.kind, composed.place, composed.name, words.words[0].word if words.words and composed.place == "header" else "",
        Secret(composed.field_value), inspect_token(rest), len(rest), fingerprint(rest, KEY),
    )  # fmt: skip


def compared(text: str, profile: Profile = BEARER, netrc: str = "", **values: str) -> tuple[SentRequest, tuple[Difference, ...], str]:
    """Read a text and compare it; also everything that would be shown, for a search."""
    values = values or {"access_token": TOKEN, "refresh_token": REFRESH}
    mine = own(profile, **values)
    redactor = Redactor(KEY)
    for name, value in values.items():
        from authwizard.model.secret import Secret

        redactor.add(name, Secret(value))
    seen = look_at(read_sent(text), profile, mine, stored(**values), redactor, KEY)
    assert mine.field_value is not None
    shown = tuple(redactor.redact_headers([(mine.name, mine.field_value.reveal())], request=True)) if mine.place == "header" else ()
    here = Here(profile.method, profile.url, (*shown, ("Accept", "*/*")), mine, NOW)
    found = differences(seen, here, netrc)
    assert {d.cause for d in found} <= set(SENT_CAUSES)
    return seen, found, repr((seen, found, table(seen, here)))


def curl(*options: str, url: str = "https://api.example.com/v2/me") -> str:
    return " ".join(["curl", f"'{url}'", *(f"-H '{o}'" for o in options)])


AUTH = f"Authorization: Bearer {TOKEN}"
BASIC = base64.b64encode(f"svc:{PASSWORD}".encode()).decode()


@for_each(
    ("text", "expected"),
    [
        (curl(AUTH), []),
        (curl(f"authorization: Bearer {TOKEN}"), []),
        (curl("Accept: */*"), [("credential_missing", "S")]),
        (curl(f"Authorization: bearer {TOKEN}"), [("auth_scheme_case_rejected", "M")]),
        (curl(f"Authorization: {TOKEN}"), [("auth_scheme_missing", "S")]),
        (curl(f"Authorization: Token {TOKEN}"), [("auth_scheme_wrong", "S")]),
        (curl(f"Authorization: Bearer Bearer {TOKEN}"), [("auth_scheme_duplicated", "S")]),
        (curl(f'Authorization: Bearer "{TOKEN}"'), [("quotes_in_token", "S")]),
        (curl("Authorization: Bearer $TOKEN"), [("placeholder_value", "S")]),
        (curl(f"Authorization: Bearer {EXPIRED}"), [("stale_token_sent", "S")]),
        (curl(f"Authorization: Bearer {OLDER}"), [("stale_token_sent", "S")]),
        (curl(f"Authorization: Bearer {FOREIGN}"), [("environment_mismatch", "S")]),
        (curl(f"Authorization: Bearer {REFRESH}"), [("refresh_token_used", "S")]),
        (curl("Authorization: Bearer " + "opaque-and-another-one-" * 2), [("stale_token_sent", "M")]),
        (curl(f"Authorization: Basic {BASIC}"), [("auth_scheme_wrong", "S")]),
        (curl(f"Authorisation: Bearer {TOKEN}"), [("auth_header_name_wrong", "S")]),
        (curl(f"X-Auth-Token: {TOKEN}"), [("credential_location_wrong", "S")]),
        (curl(url=f"https://api.example.com/v2/me?access_token={TOKEN}"),
         [("credential_location_wrong", "S"), ("wrong_path_or_method", "W")]),
        (curl(AUTH, f"Authorization: Bearer {OLDER}"), [("duplicate_credentials", "S")]),
        (curl(AUTH, "Cookie: theme=dark"), [("cookie_overrides_token", "W")]),
        (curl(AUTH, "Cookie: JSESSIONID=plainly-fake"), [("cookie_overrides_token", "M")]),
        (curl(AUTH, "Connection: close, authorization"), [("connection_header_strips_authorization", "S")]),
        (curl(AUTH, url="https://api.example.org/v2/me"), [("wrong_base_url", "S")]),
        (curl(AUTH, url="http://api.example.com/v2/me"), [("plaintext_http", "M")]),
        (curl(AUTH, url="https://api.example.com/v2/me/"), [("wrong_path_or_method", "M")]),
        (curl(AUTH) + " -X POST", [("wrong_path_or_method", "W")]),
        (curl("Authorization: Bearer ***"), []),
    ],
)  # fmt: skip
def test_what_differs(text: str, expected: list[tuple[str, str]]) -> None:
    _, found, shown = compared(text)
    assert [(d.cause, str(d.grade)) for d in found] == expected
    for secret in (TOKEN, EXPIRED, OLDER, FOREIGN, REFRESH, PASSWORD, BASIC):
        assert secret not in shown


def test_a_login_from_netrc_is_named_where_there_is_an_entry() -> None:
    assert [d.cause for d in compared(curl(f"Authorization: Basic {BASIC}"), netrc="~/.netrc")[1]] == ["netrc_override"]
    agent = curl(f"Authorization: Basic {BASIC}", "User-Agent: python-requests/2.34")
    assert [d.cause for d in compared(agent)[1]] == ["auth_scheme_wrong", "netrc_override"]


def test_a_redirect_that_lost_the_header_is_told_from_a_program_that_sends_none() -> None:
    text = (
        "*   Trying 127.0.0.1:443...\n* Connected to api.example.com port 443\n"
        f"> GET /v2/me HTTP/1.1\n> Host: api.example.com\n> Authorization: Bearer {TOKEN}\n>\n"
        "< HTTP/1.1 301 Moved\n< Location: https://www.example.com/v2/me\n<\n* Connected to www.example.com port 443\n"
        "> GET /v2/me HTTP/1.1\n> Host: www.example.com\n>\n< HTTP/1.1 401 Unauthorized\n<\n"
    )
    seen, found, _ = compared(text)
    assert seen.hops == (("https://api.example.com/v2/me", True),)
    assert [(d.cause, str(d.grade)) for d in found] == [("redirect_drops_authorization", "S")]


@pytest.mark.parametrize(
    ("spec", "values", "good", "bad"),
    [
        (CredentialSpec("api_key", header="X-Api-Key"), {"api_key": "k-plainly-fake-1"}, "X-Api-Key: k-plainly-fake-1", "X-Api-Key: k-plainly-fake-2"),
        (CredentialSpec("basic"), {"username": "svc", "password": PASSWORD}, f"Authorization: Basic {BASIC}",
         "Authorization: Basic " + base64.b64encode(b"svc:another-one").decode()),
        (CredentialSpec("cookie", cookie="sid"), {"session_cookie": "s-plainly-fake-1"}, "Cookie: a=b; sid=s-plainly-fake-1", "Cookie: sid=another"),
    ],
)  # fmt: skip
def test_other_kinds_of_credential(spec: CredentialSpec, values: dict[str, str], good: str, bad: str) -> None:
    profile = replace(BEARER, credential=spec)
    assert compared(curl(good), profile, **values)[1] == ()
    _, found, shown = compared(curl(bad), profile, **values)
    assert [d.cause for d in found] == ["stale_token_sent"]
    assert not any(value in shown for value in values.values() if len(value) > 4)


@pytest.mark.parametrize(("charset", "sent_as"), [("utf-8", "latin-1"), ("latin-1", "utf-8")])
def test_the_same_login_in_other_letters(charset: Any, sent_as: str) -> None:
    profile = replace(BEARER, credential=CredentialSpec("basic", charset=charset))
    values = {"username": "svc", "password": "p\u00e4ss-plainly-fake"}
    payload = base64.b64encode("svc:p\u00e4ss-plainly-fake".encode(sent_as)).decode()
    seen, found, shown = compared(curl(f"Authorization: Basic {payload}"), profile, **values)
    assert [(d.cause, str(d.grade)) for d in found] == [("basic_charset", "M")]
    assert seen.credentials[0].same
    assert payload not in shown


def test_a_signature_is_another_every_time() -> None:
    whole = {"authorization": "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260101/eu/x/aws4_request, SignedHeaders=host, Signature=aa"}
    text = curl("Authorization: " + whole["authorization"].replace("=aa", "=bb"))
    assert compared(text, BEARER, **whole)[1] == ()


def test_a_key_in_the_query() -> None:
    profile = replace(BEARER, credential=CredentialSpec("api_key", query="key"))
    values = {"api_key": "k-plainly-fake-1"}
    assert compared(curl(url="https://api.example.com/v2/me?key=k-plainly-fake-1"), profile, **values)[1][1:] == ()
    found = compared(curl(url="https://api.example.com/v2/me?key=k-plainly-fake-2"), profile, **values)[1]
    assert found[0].cause == "stale_token_sent"


def test_a_login_in_the_address_replaces_the_header() -> None:
    text = f"GET https://svc:{PASSWORD}@api.example.com/v2/me HTTP/1.1\nAuthorization: Bearer {TOKEN}\n"
    _, found, shown = compared(text)
    assert [d.cause for d in found] == ["credential_override_by_userinfo"]
    assert PASSWORD not in shown


def test_the_table_shows_what_differs_first() -> None:
    seen, _, _ = compared(curl(f"Authorization: Bearer {OLDER}", "X-Extra: 1"))
    mine = own(BEARER, access_token=TOKEN)
    here = Here("GET", BEARER.url, (("Authorization", "Bearer <token>"), ("Accept", "*/*")), mine)
    rows = table(seen, here).rows
    assert [row[3] for row in rows] == sorted((row[3] for row in rows), key=["differs", "", "same"].index)
    assert ("X-Extra", "1", "not sent", "differs") in rows
    assert ("Accept", "not sent", "*/*", "differs") in rows


def test_a_field_that_nobody_knows_is_masked_too() -> None:
    key, tenant = secrets.token_hex(16), "9b2c1d3e-tenant"
    profile = replace(BEARER, headers={"X-Tenant": tenant})
    text = curl(AUTH, f"X-Foo: {key}", f"X-Tenant: {tenant}", "X-Mode: dry-run", "Accept-Language: en-GB,en;q=0.9,de;q=0.8")
    seen, _, shown = compared(text, profile)
    assert key not in shown
    assert {(n, v) for n, v in seen.fields} >= {("X-Tenant", tenant), ("X-Mode", "dry-run"), ("Accept-Language", "en-GB,en;q=0.9,de;q=0.8")}
    other = compared(curl(AUTH, "X-Tenant: 77777777-tenant"), profile)[0]
    assert dict(other.fields)["X-Tenant"].startswith("<value 15 bytes #")


HOSTILE = st.text(max_size=60) | st.sampled_from(
    ["\x1b[2J", "\u202e", "\ud800", "Bearer ", "Basic ====", "a=b; c", "$(x)", "\r\n", "eyJ.eyJ."]
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.sampled_from(["Authorization", "Cookie", "X-Api-Key", "Connection", "Authorisation", "X"]), HOSTILE), max_size=5),
    HOSTILE,
)
def test_whatever_was_sent_is_compared_and_shown_safely(fields: list[tuple[str, str]], path: str) -> None:
    from authwizard.importers.request import ImportedRequest
    from authwizard.importers.sent import reported_of
    from authwizard.importers.transcript import Transcript

    reported = reported_of(Transcript(ImportedRequest("GET", "https://api.example.com/" + path, fields), None), "test", None)
    mine = own(BEARER, access_token=TOKEN)
    seen = look_at(reported, BEARER, mine, stored(access_token=TOKEN), Redactor(KEY), KEY)
    here = Here("GET", BEARER.url, (), mine, NOW)
    shown: Any = [
        seen.url,
        *(v for f in seen.fields for v in f),
        *(d.text for d in differences(seen, here)),
        *(c for r in table(seen, here).rows for c in r),
    ]
    assert not any(c in text for text in shown for c in "\x1b\u202e\ud800\r\n")
