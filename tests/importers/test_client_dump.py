"""OkHttp's log and .NET's request dump, as people copy them from a console."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.client_dump import looks_like_dump, read_dump
from authwizard.importers.sent import read_sent

FAKE = "plainly-fake-value-0123456789"
OKHTTP = f"""--> GET https://api.example.com/v2/me http/1.1
Authorization: Bearer {FAKE}
X-Tenant: acme
--> END GET
<-- 401 Unauthorized https://api.example.com/v2/me (23ms)
www-authenticate: Bearer error="invalid_token"

{{"error": "x"}}
<-- END HTTP (14-byte body)
"""
DOTNET = f"""Method: GET, RequestUri: 'https://api.example.com/v2/me', Version: 1.1, Content: <null>, Headers:
{{
  Accept: application/json
  Authorization: Bearer {FAKE}
}}
StatusCode: 401, ReasonPhrase: 'Unauthorized', Version: 1.1, Content: System.Net.Http.HttpConnectionResponseContent, Headers:
{{
  WWW-Authenticate: Bearer error="invalid_token"
}}
"""
LOGCAT = "".join(f"05-01 10:00:00.000  123  456 D OkHttp  : {line}\n" for line in OKHTTP.splitlines())


@pytest.mark.parametrize("text", [OKHTTP, DOTNET, LOGCAT], ids=["okhttp", "dotnet", "logcat"])
def test_the_request_and_its_answer(text: str) -> None:
    assert looks_like_dump(text)
    seen = read_dump(text)
    assert seen.request is not None
    assert (seen.request.method, seen.request.url) == ("GET", "https://api.example.com/v2/me")
    assert seen.request.header("authorization") == f"Bearer {FAKE}"
    assert len(seen.request.headers) == 2
    assert seen.answer is not None
    assert (seen.answer.status, [n.lower() for n, _ in seen.answer.headers]) == (401, ["www-authenticate"])
    reported = read_sent(text)
    assert reported.scheme == "Bearer"
    assert FAKE not in repr(reported)


def test_the_refused_request_of_several() -> None:
    ok = (
        "--> GET https://api.example.com/ok\nAuthorization: Bearer a\n--> END GET\n<-- 200 https://api.example.com/ok (1ms)\n<-- END HTTP\n"
    )
    seen = read_dump(ok + OKHTTP + ok)
    assert seen.request is not None
    assert seen.request.url == "https://api.example.com/v2/me"


def test_a_log_without_fields_says_nothing_of_them() -> None:
    seen = read_dump("--> GET https://api.example.com/v2/me\n<-- 401 https://api.example.com/v2/me (9ms, 0-byte body)\n")
    assert not seen.fields_known
    assert read_sent("--> GET https://api.example.com/v2/me\n<-- 401 https://api.example.com/v2/me (9ms, 0-byte body)\n").credential_masked


@pytest.mark.parametrize("masked", ["\u2588\u2588", "*redacted*", "[REDACTED]", "*****"])
def test_a_masked_value_is_known_as_such(masked: str) -> None:
    assert read_sent(OKHTTP.replace(f"Bearer {FAKE}", masked)).masked_names == ("Authorization",)


@given(st.text(max_size=150))
def test_no_text_crashes_it(text: str) -> None:
    for front in ("--> GET https://a.example/\n", "Method: GET, RequestUri: 'https://a.example/'\n{\n", ""):
        looks_like_dump(front + text)
        with contextlib.suppress(ValueError):
            read_dump(front + text)
        with contextlib.suppress(ValueError):
            read_sent(front + text)
