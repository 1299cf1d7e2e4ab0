"""Two answers are the same where only ids, times and numbers differ, and another where a word does."""

from __future__ import annotations

import base64
import json
import time
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.signature import masked, same, signature, skeleton
from authwizard.model.exchange import Exchange, TransportFault


def answer(
    body: str = "", status: int | None = 401, headers: tuple[tuple[str, str], ...] = (), fault: TransportFault | None = None
) -> Exchange:
    return Exchange("P0", "test", "C2", "api", "GET", "https://api.example.com/", (), status, headers, body, fault=fault)


JSON = (("Content-Type", "application/json"),)
BASE = {"error": "odd_refusal", "detail": "We did not like this request.", "id": "a1"}


@pytest.mark.parametrize(
    ("name", "first", "second"),
    [
        ("UUID", "0f8fad5b-d9cb-469f-a165-70867728950e", "7c9e6679-7425-40de-944b-e07fc1f90ae7"),
        ("timestamp", "2026-01-09 02:02:12Z", "2026-11-23T19:03:11.123+01:00"),
        ("HTTP date", "Tue, 24 Nov 2026 19:03:11 GMT", "Fri, 01 May 2026 07:00:00 GMT"),
        ("hex", "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"),
        ("base64", "dGhpcyBpcyBhIHRlc3QgMQ==", "YW5vdGhlciBvbmUgb2YgMg"),
        ("request id", "req_8Yk2aB91xx", "req_Zz81Qk02yy"),
        ("IPv4", "10.0.0.1:443", "192.168.17.200"),
        ("IPv6", "fe80:0:0:0:1ff:fe23:4567:890a", "2001:db8:0:1:2:3:4:5"),
        ("number", "12", "13.5"),
        ("own token", "<token 842 bytes #9f3c1a2b>", "authwizard-probe"),
        ("JWT left by an error page", "eyJhbGciOiJub25lIn0.e30.", "eyJ0eXAiOiJKV1QifQ.eyJhIjoxfQ.c2ln"),
    ],
)
def test_what_varies_is_masked(name: str, first: str, second: str) -> None:
    one, other = (answer(json.dumps({**BASE, "trace": f"ref {value} end"}), headers=JSON) for value in (first, second))
    assert same(one, other), (skeleton(one.body), skeleton(other.body))
    assert not same(one, answer(json.dumps({**BASE, "trace": "ref gone"}), headers=JSON)), name


@pytest.mark.parametrize(
    "words",
    [
        "no_authorization", "token_expired", "token_revoked", "ExpiredAuthenticationToken", "InvalidAuthenticationToken", "UNAUTHENTICATED",
        "invalid_authorization_header", "internationalization-of-things",
    ],
)  # fmt: skip
def test_error_codes_are_words_and_no_ids(words: str) -> None:
    assert masked(words) == words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (answer("x", 401), answer("x", 403)),
        (answer("x", headers=(("WWW-Authenticate", "Bearer"),)), answer("x", headers=(("WWW-Authenticate", "Basic realm=a"),))),
        (
            answer("", headers=(("WWW-Authenticate", 'Bearer error="invalid_token"'),)),
            answer("", headers=(("WWW-Authenticate", 'Bearer error="invalid_request"'),)),
        ),
        (answer("x", headers=(("Content-Type", "text/html"),)), answer("x", headers=(("Content-Type", "text/plain"),))),
        (answer("x", headers=(("Server", "nginx"),)), answer("x", headers=(("Server", "Kestrel"),))),
        (answer("jwt expired"), answer("jwt malformed")),
        (answer('{"a": 1}', headers=JSON), answer('{"b": 1}', headers=JSON)),
        # vague words are no meaning two answers could share
        (answer('{"message": "Unauthorized", "why": "left"}'), answer('{"message": "Unauthorized", "why": "right"}')),
        (
            answer("", headers=(("WWW-Authenticate", 'Bearer error="invalid_token", error_description="odd thing one happened"'),)),
            answer("", headers=(("WWW-Authenticate", 'Bearer error="invalid_token", error_description="odd thing two happened"'),)),
        ),
        (answer(status=None, fault=TransportFault("tls", "x")), answer(status=None, fault=TransportFault("dns", "x"))),
    ],
)  # fmt: skip
def test_what_means_something_counts(one: Exchange, other: Exchange) -> None:
    assert not same(one, other)
    assert same(one, one)


def test_words_of_one_meaning_are_equal_in_any_wording() -> None:
    assert same(answer('{"message": "jwt expired"}'), answer('{"message": "jwt expired", "at": "somewhere else"}'))


def test_a_body_left_out_counts_no_more() -> None:
    assert same(answer("left"), answer("right"), ignore_body=True)
    assert not same(answer("left"), answer("right", 403), ignore_body=True)


def test_equal_faults_are_equal_and_no_answer_equals_no_refusal() -> None:
    fault = TransportFault("timeout", "one text")
    assert same(answer(status=None, fault=fault), answer(status=None, fault=TransportFault("timeout", "another text")))
    assert not same(answer(status=None, fault=fault), answer(""))


def test_the_order_of_challenges_does_not_count() -> None:
    one = answer(headers=(("WWW-Authenticate", "Bearer"), ("WWW-Authenticate", "Basic realm=a")))
    other = answer(headers=(("WWW-Authenticate", "Basic realm=a"), ("WWW-Authenticate", "Bearer")))
    assert same(one, other)


members = st.dictionaries(
    st.text("abcdefgh_", min_size=1, max_size=8), st.sampled_from(["left", "right", "up", None, True, ["a", "b"]]), max_size=6
)


@given(members, st.randoms())
def test_the_order_of_members_does_not_count(value: dict[str, Any], order: Any) -> None:
    names = list(value)
    order.shuffle(names)
    assert skeleton(json.dumps(value)) == skeleton(json.dumps({name: value[name] for name in names}, indent=2))


@given(st.uuids(), st.uuids(), st.integers(0, 10**18), st.floats(0, 1e12), st.binary(min_size=24, max_size=64))
def test_ids_never_count(one: uuid.UUID, other: uuid.UUID, number: int, seconds: float, data: bytes) -> None:
    first = {"id": str(one), "n": 1, "t": 0.5, "blob": base64.b64encode(b"\x07" * 40).decode(), "hex": "00" * 16}
    second = {"id": str(other), "n": number, "t": seconds, "blob": base64.b64encode(data + b"\xfb\x01").decode(), "hex": other.hex}
    if any(c.isdigit() for c in second["blob"]):
        assert skeleton(json.dumps(first)) == skeleton(json.dumps(second))


@given(st.text(max_size=500))
def test_any_body_has_a_skeleton_that_masking_leaves_alone(body: str) -> None:
    once = skeleton(body)
    assert len(once) <= 2000
    assert signature(answer(body)) == signature(answer(body))
    assert masked(masked(body)) == masked(body)


@pytest.mark.parametrize(
    "body", ["aB" * 50_000, "a_" * 50_000, "Ab_" * 30_000, "1.2." * 25_000, "a:" * 50_000, "<a " * 30_000], ids=lambda b: b[:4]
)
def test_no_body_takes_long(body: str) -> None:
    begin = time.process_time()
    masked(body)
    skeleton(json.dumps({"a": body}))
    assert time.process_time() - begin < 0.2
