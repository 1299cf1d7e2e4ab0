"""Is whatever a person pastes to have explained read: raw answers, curl, HAR, bodies, headers, logs, and nothing at all?"""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.pasted_answer import MAX_READ, PastedAnswer, read_answer_object, read_pasted

RAW = 'HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Bearer realm="x"\r\nContent-Type: text/plain\r\n\r\njwt expired'
VERBOSE = """* Connected to api.example.com (192.0.2.1) port 443
> GET /v2/me HTTP/2
> Host: api.example.com
> Authorization: Bearer plainly-fake-token-of-a-test
>
< HTTP/2 401
< www-authenticate: Bearer
<
{"message": "jwt expired"}
"""


def entry(status: int, body: str = "no", **content: Any) -> dict[str, Any]:
    request = {
        "method": "GET",
        "url": "https://api.example.com/",
        "headers": [{"name": "Authorization", "value": "Bearer plainly-fake-one"}],
    }
    headers = [{"name": "WWW-Authenticate", "value": "Bearer"}]
    return {"request": request, "response": {"status": status, "headers": headers, "content": {"text": body, **content}}}


@pytest.mark.parametrize("text", [RAW, RAW.replace("\r\n", "\n"), "\ufeff" + RAW, "  \n" + RAW, VERBOSE])
def test_answers_of_curl(text: str) -> None:
    seen = read_pasted(text)
    assert seen.status == 401
    assert "jwt expired" in seen.body
    assert seen.headers[0][0].lower() == "www-authenticate"
    assert not seen.log


def test_the_credential_that_was_sent_is_known() -> None:
    values = [secret.reveal() for secret in read_pasted(VERBOSE).sent]
    assert values == ["Bearer plainly-fake-token-of-a-test", "plainly-fake-token-of-a-test"]


def test_of_a_har_the_refused_entry_counts() -> None:
    har = {"log": {"entries": [entry(200), entry(401, "the first"), entry(403), entry(401, "the last"), entry(500), entry(0)]}}
    seen = read_pasted(json.dumps(har))
    assert (seen.status, seen.body, seen.headers) == (401, "the last", [("WWW-Authenticate", "Bearer")])
    assert seen.sent[0].reveal() == "Bearer plainly-fake-one"
    without = {"log": {"entries": [entry(200), entry(404), entry(403), entry(302)]}}
    assert read_pasted(json.dumps(without)).status == 403


def test_a_har_entry_alone_and_its_base64_body() -> None:
    text = base64.b64encode(b'{"message": "jwt expired"}').decode()
    seen = read_pasted(json.dumps(entry(401, text, encoding="base64")))
    assert (seen.status, seen.body) == (401, '{"message": "jwt expired"}')
    assert read_pasted(json.dumps(entry(401, "no base64!", encoding="base64"))).body == "no base64!"


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ('{"status": 401, "headers": {}, "body": "x"}', 401),
        ('{"error": "invalid_token"}', 0),
        ('{"title": "Unauthorized", "status": 401}', 401),
        ('{"statusCode": 403, "message": "no"}', 403),
        ('{"kind": "Status", "status": "Failure", "code": 401}', 401),
        ("<html><title>401</title></html>", 0),
        ('WWW-Authenticate: Bearer error="invalid_token"', 0),
        ("< HTTP/1.1 401 Unauthorized", 401),
    ],
)
def test_pieces_of_an_answer(text: str, status: int) -> None:
    seen = read_pasted(text)
    assert seen.status == status
    assert not seen.log


@pytest.mark.parametrize(
    "text", ["12:00 IDX10223: The token is expired.\n12:01 done", '{"msg": "a"}\n{"msg": "b"}', "level: info\ntime: now"]
)
def test_lines_of_a_log(text: str) -> None:
    assert read_pasted(text).log == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [("", "nothing to read"), ("\ufeff \n", "nothing to read"), ("\0\1\2" * 50, "no text"), ("GET / HTTP/1.1\nHost: x\n", "jwt"),
     ('{"log": {"entries": []}}', "no answer"), ('{"status": 1000, "body": ""}', "status")],
)  # fmt: skip
def test_what_cannot_be_read_is_said(text: str, reason: str) -> None:
    if reason == "jwt":  # a request without an answer is read as lines of a log
        assert read_pasted(text).log
        return
    with pytest.raises(ValueError, match=reason):
        read_pasted(text)


def test_headers_of_every_form() -> None:
    pairs = [("A", "1"), ("B", "2"), ("B", "3")]
    for headers in ({"A": "1", "B": ["2", "3"]}, [["A", "1"], ["B", "2"], ["B", "3"]], [{"name": "A", "value": "1"}, ["B", 2], ["B", "3"]]):
        assert read_answer_object({"status": "401", "headers": headers}).headers == pairs
    assert read_answer_object({"status": 401, "body": {"error": "x"}}).body == '{"error": "x"}'
    assert read_answer_object({"body": None}) == PastedAnswer()


@pytest.mark.parametrize(
    "value",
    [None, [], "x", {}, {"status": "no"}, {"status": True}, {"status": -1}, {"status": 1e9}, {"status": 401, "headers": 3},
     {"status": 401, "headers": ["A: 1"]}, {"status": 401, "headers": [["a"]]}],
)  # fmt: skip
def test_objects_that_are_no_answer(value: object) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_answer_object(value)


def test_of_a_long_text_the_part_that_counts_is_kept() -> None:
    log = "x " * MAX_READ + "IDX10223 at the end"
    assert read_pasted(log).log.endswith("IDX10223 at the end")
    assert len(read_pasted(log).log) <= MAX_READ
    assert read_pasted(RAW + " " * 10 + "y " * MAX_READ).status == 401


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.sampled_from(["log", "entries", "response", "status", "headers", "body", "content", "text", "name", "request"]), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


pieces = st.lists(st.sampled_from([*RAW.split("\r\n"), *VERBOSE.split("\n")]), max_size=8).map("\n".join)


@given(st.one_of(st.text(max_size=300), json_values.map(json.dumps), pieces))
def test_any_text_is_read_or_refused_with_a_reason(text: str) -> None:
    try:
        seen = read_pasted(text)
    except ValueError as refusal:
        seen = PastedAnswer(body=str(refusal))
    assert 0 <= seen.status <= 999
    assert seen.body or seen.log or seen.headers or seen.status or text.strip().startswith("{")


def test_deep_json_is_no_trouble() -> None:
    assert read_pasted("[" * 100_000).log
    assert read_pasted('{"a":' * 50_000).log
