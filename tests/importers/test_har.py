"""HAR files: the refused request is found, and what a browser leaves out is not taken for absent."""

from __future__ import annotations

import base64
import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.door import recognise
from authwizard.importers.har import entries, looks_like_har, read_har
from authwizard.importers.profiles import import_text
from authwizard.importers.sent import read_sent

FAKE = "plainly-fake-value-0123456789"
AUTH = {"name": "Authorization", "value": f"Bearer {FAKE}"}


def entry(
    status: int = 401, url: str = "https://api.example.com/v2/me", method: str = "GET", headers: Any = (), **response: Any
) -> dict[str, Any]:
    return {
        "request": {"method": method, "url": url, "headers": [{"name": ":authority", "value": "x"}, *headers]},
        "response": {"status": status, "headers": [{"name": "WWW-Authenticate", "value": "Bearer"}], "content": {"text": "no"}, **response},
    }


def har(*found: Any, creator: str = "WebInspector") -> str:
    return json.dumps({"log": {"version": "1.2", "creator": {"name": creator, "version": "1"}, "entries": list(found)}})


def test_the_refused_request_and_its_answer() -> None:
    seen = read_har(har(entry(200), entry(401, headers=[AUTH, {"name": "X-Tenant", "value": "acme"}]), entry(200)))
    assert seen.request is not None
    assert (seen.request.method, seen.request.url) == ("GET", "https://api.example.com/v2/me")
    assert seen.request.headers == [("Authorization", f"Bearer {FAKE}"), ("X-Tenant", "acme")]
    assert seen.answer is not None
    assert (seen.answer.status, seen.answer.body, seen.sanitised) == (401, "no", False)
    assert FAKE not in repr(seen)


def test_a_file_without_any_credential_may_have_had_them_taken_out() -> None:
    assert read_har(har(entry())).sanitised
    assert not read_har(har(entry(), entry(200, headers=[{"name": "cookie", "value": "a=b"}]))).sanitised


def test_the_profiles_own_origin_comes_first() -> None:
    text = har(entry(401, "https://api.example.com/a"), entry(401, "https://tracker.example.org/b"))
    assert _url(read_har(text)) == "https://tracker.example.org/b"
    assert _url(read_har(text, frozenset({"https://api.example.com:443"}))) == "https://api.example.com/a"


def test_a_401_comes_before_a_403_and_a_request_before_its_preflight() -> None:
    assert _url(read_har(har(entry(401, "https://a.example.com/1"), entry(403, "https://a.example.com/2")))) == "https://a.example.com/1"
    refused = har(entry(401, "https://a.example.com/1"), entry(401, "https://a.example.com/1", "OPTIONS"))
    seen = read_har(refused)
    assert seen.request is not None
    assert seen.request.method == "GET"


def test_a_request_without_an_answer_is_the_last_resort() -> None:
    seen = read_har(har(entry(200), entry(0, "https://api.example.com/blocked")))
    assert (_url(seen), seen.answer, seen.unanswered) == ("https://api.example.com/blocked", None, True)


def test_redirects_to_the_refused_request_are_followed_back() -> None:
    first = entry(301, "https://api.example.com/v2/me", headers=[AUTH], redirectURL="https://www.example.com/v2/me")
    seen = read_har(har(first, entry(401, "https://www.example.com/v2/me")))
    assert [r.url for r in seen.earlier] == ["https://api.example.com/v2/me"]
    reported = read_sent(har(first, entry(401, "https://www.example.com/v2/me")))
    assert [hop.authorized for hop in reported.hops] == [True]


def test_a_body_in_base64() -> None:
    body = {"text": base64.b64encode(b'{"error":"x"}').decode(), "encoding": "base64"}
    seen = read_har(har(entry(content=body)))
    assert seen.answer is not None
    assert seen.answer.body == '{"error":"x"}'


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (har(entry(200)), "None of the 1 requests"),
        (har(), "no entries"),
        ('{"log": 1}', "no entries"),
        ('{"log": {"entries": [1, null]}}', "no entries"),
        ('{"log": {"entries": [', "no whole JSON"),
        ('{"log":' + "[" * 100_000, "no whole JSON"),
    ],
)
def test_a_file_without_a_refused_request(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        read_har(text)


def test_entries_of_what_is_no_har_are_none() -> None:
    assert entries({"method": "POST", "url": "https://example.com"}) == entries([]) == entries(None) == ()
    assert [
        (e.method, e.url, e.headers, e.status) for e in entries({"log": {"entries": [{"request": {"method": "POST", "url": ""}}]}})
    ] == [("POST", "", [], None)]


def test_the_door_runs_a_har_that_has_its_credential() -> None:
    pasted = recognise(har(entry(headers=[AUTH])))
    assert (pasted.kind, pasted.problem) == ("har", "")
    assert pasted.options.reported_401
    assert pasted.profile is not None
    assert pasted.profile.request == "GET /v2/me"
    assert pasted.secrets["access_token"].reveal() == FAKE
    assert FAKE not in pasted.sentence + repr(pasted)


def test_the_door_judges_the_answer_of_a_sanitised_har() -> None:
    pasted = recognise(har(entry()))
    assert (pasted.kind, pasted.options.passive) == ("har", True)
    assert pasted.answer is not None
    assert "left credentials out" in pasted.sentence


def test_the_door_says_what_a_har_without_a_refusal_lacks() -> None:
    assert "was refused" in recognise(har(entry(200))).problem
    assert "got no answer" in recognise(har(entry(0))).problem


MEMBERS = ["log", "entries", "request", "response", "headers", "name", "value", "url", "status", "content", "text", "encoding", "method",
           "redirectURL", "postData"]  # fmt: skip
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(MEMBERS), inner, max_size=4),
    max_leaves=25,
)


@given(JSON)
def test_no_document_crashes_it(document: Any) -> None:
    wrapped = json.dumps(
        {"log": {"entries": [document, {"request": document, "response": document}, {"request": {"headers": [document]}}]}}
    )
    with contextlib.suppress(ValueError):
        read_har(wrapped)
    recognise(wrapped)


@given(st.text(max_size=200))
def test_no_text_crashes_it(text: str) -> None:
    looks_like_har(text)
    with contextlib.suppress(ValueError):
        read_har('{"log"' + text)


def test_a_request_that_was_let_in_later_is_not_the_one_that_fails() -> None:
    api, other = "https://a.example.com/1", "https://a.example.com/2"
    assert _url(read_har(har(entry(401, other), entry(401, api), entry(200, api)))) == other
    assert _url(read_har(har(entry(200, api), entry(401, other), entry(200, other), entry(401, api)))) == api
    assert _url(read_har(har(entry(401, api), entry(200, api)))) == api


def test_cookies_that_are_recorded_apart_are_sent() -> None:
    kept = entry(401)
    kept["request"]["cookies"] = [{"name": "sid", "value": FAKE}, {"name": "theme", "value": "dark"}]
    seen = read_har(har(kept))
    assert seen.request is not None
    assert seen.request.header("Cookie") == f"sid={FAKE}; theme=dark"
    both = entry(401, headers=[{"name": "cookie", "value": "a=b"}])
    both["request"]["cookies"] = [{"name": "a", "value": "b"}]
    assert [name for name, _ in entries({"log": {"entries": [both]}})[0].headers] == ["cookie"]


@pytest.mark.parametrize("mask", ["[REDACTED]", "REDACTED", "********", "<redacted>"])
def test_a_mask_is_no_secret(mask: str) -> None:
    made = import_text("har", har(entry(401, headers=[{"name": "Authorization", "value": f"Bearer {mask}"}])))
    assert made.secrets == {}
    assert any("was masked" in note for note in made.notes)


def _url(seen: Any) -> str:
    return str(seen.request.url)
