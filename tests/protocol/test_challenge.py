"""Challenges as servers send them."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.protocol.challenge import Challenge, challenge_fields, parse_challenges, proxy_challenge_fields

from .token_samples import ANY_TEXT


def one(text: str) -> Challenge:
    (challenge,) = parse_challenges([text])
    return challenge


def test_several_challenges_in_one_field_and_in_several() -> None:
    found = parse_challenges(['Bearer realm="a, b", error="x", Basic realm="c"', "Negotiate", "NTLM dG9rZW4="])
    assert found == (
        Challenge("bearer", {"realm": "a, b", "error": "x"}),
        Challenge("basic", {"realm": "c"}),
        Challenge("negotiate"),
        Challenge("ntlm", token68="dG9rZW4="),
    )


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ('Bearer realm="say \\"hi\\" \\a"', {"realm": 'say "hi" a'}),
        ('Digest\r\n  realm="r",\r\n  nonce=n', {"realm": "r", "nonce": "n"}),
        ("Foo , a=b,, ,c = d,", {"a": "b", "c": "d"}),
        ('BEARER Error="x"', {"error": "x"}),
    ],
)
def test_legal_but_unusual(text: str, params: dict[str, str]) -> None:
    assert (one(text).params, one(text).malformed) == (params, False)


@for_each(
    ("text", "params"),
    [
        ('Bearer scope="" error="invalid_token" error_description="expired"', {"scope": "", "error": "invalid_token", "error_description": "expired"}),
        ('Bearer error="invalid_token"error_description="x y"', {"error": "invalid_token", "error_description": "x y"}),
        ("Bearer error='invalid_token\",error_description='It: expired\"", {"error": "invalid_token", "error_description": "It: expired"}),
        ("Bearer error='invalid_token'", {"error": "invalid_token"}),
        ("Bearer authorization_uri=https://as.example/x", {"authorization_uri": "https://as.example/x"}),
        ("Bearer error=a, error_description=The token expired, sign in, scope=read write",
         {"error": "a", "error_description": "The token expired, sign in", "scope": "read write"}),
        ('Bearer, error="invalid_token"', {"error": "invalid_token"}),
        ('Bearer realm="x", error="invalid_token", error_description="The acc', {"realm": "x", "error": "invalid_token", "error_description": "The acc"}),
        ('Bearer realm="x", service=', {"realm": "x"}),
        ("Basic realm=foo bar = baz", {"realm": "foo"}),
        ('Basic realm="a", realm="b"', {"realm": "b"}),
        ('"Basic" "realm"=/', {"realm": "/"}),
    ],
)  # fmt: skip
def test_the_clue_survives_a_broken_text(text: str, params: dict[str, str]) -> None:
    assert (one(text).params, one(text).malformed) == (params, True)


def test_a_missing_comma_between_challenges() -> None:
    assert [(c.scheme, c.params) for c in parse_challenges(['Basic realm="a" Bearer realm="b"'])] == [
        ("basic", {"realm": "a"}),
        ("bearer", {"realm": "b"}),
    ]


def test_a_broken_challenge_does_not_take_its_neighbour_along() -> None:
    assert [(c.scheme, c.malformed) for c in parse_challenges(['Digest, Basic realm=my"realm'])] == [("digest", True)]
    assert [c.scheme for c in parse_challenges(["Basic realm='a b', Bearer realm=\"x\""])] == ["basic", "bearer"]


@pytest.mark.parametrize(
    "text", ['Basic realm="cut', "This = that", "Basic=", 'OAuth "Platform" "invalid_token"', "Digest a=b, 服", "Negotiate abc== ???"]
)
def test_nothing_sensible_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="cannot be read"):
        parse_challenges([text])


def test_a_parameter_behind_a_token68() -> None:
    assert one("Other abc==, realm=x") == Challenge("other", token68="abc==", malformed=True)
    with pytest.raises(ValueError, match="cannot be read"):
        parse_challenges(['Negotiate abc==, realm="x"'])


def test_an_unreadable_field_beside_a_good_one_is_passed_over() -> None:
    assert [c.scheme for c in parse_challenges(["This = that", "Basic"])] == ["basic"]


def test_nothing_is_no_error() -> None:
    assert parse_challenges([]) == parse_challenges(["", " , ,"]) == ()


PIECES = st.lists(
    st.sampled_from(
        ["Bearer ", "Basic", " realm=", "a", '"', "'", "\\", ", ", "=", "error=", "x y", "\t", "abc==", "\r\n ", "服", "Negotiate "]
    ),
    max_size=25,
)


@given(st.one_of(st.lists(ANY_TEXT, max_size=3), PIECES.map(lambda pieces: ["".join(pieces)])))
def test_any_text_is_read_or_refused(values: list[str]) -> None:
    try:
        found = parse_challenges(values)
    except ValueError:
        return
    for challenge in found:
        assert challenge.scheme == challenge.scheme.lower() != ""
        assert all(name == name.lower() for name in challenge.params)
        assert challenge.token68 is None or not challenge.params


TOKEN = st.text(st.sampled_from("abcXYZ019-_.!"), min_size=1, max_size=8)


@given(
    st.lists(
        st.tuples(
            TOKEN.map(str.lower),
            st.dictionaries(TOKEN.map(str.lower), st.text(st.characters(min_codepoint=32, max_codepoint=126)), min_size=1, max_size=3),
        ),
        min_size=1,
        max_size=4,
    )
)
def test_what_is_written_by_the_grammar_is_read_back(challenges: list[tuple[str, dict[str, str]]]) -> None:
    def quoted(value: str) -> str:
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'

    text = ", ".join(scheme + " " + ", ".join(f"{n}={quoted(v)}" for n, v in params.items()) for scheme, params in challenges)
    assert parse_challenges([text]) == tuple(Challenge(scheme, params) for scheme, params in challenges)


@pytest.mark.parametrize("text", ["a=" * 30_000, 'Basic a="x" ' * 5_000, "\\" * 70_000, ', a b"' * 15_000, "scope='x " * 8_000])
def test_long_nonsense_ends(text: str) -> None:
    try:
        found = parse_challenges([text])
    except ValueError:
        return
    assert found


def test_which_fields_hold_challenges() -> None:
    headers = [
        ("WWW-Authenticate", "Basic"),
        ("x-amzn-Remapped-WWW-Authenticate", "Bearer"),
        ("Proxy-Authenticate", "NTLM"),
        ("Server", "x"),
    ]
    assert challenge_fields(headers) == ("Basic", "Bearer")
    assert proxy_challenge_fields(headers) == ("NTLM",)


VECTORS = Path(os.environ.get("AUTHWIZARD_VECTORS", "")) / "www_authenticate.jsonl"


@pytest.mark.skipif(not os.environ.get("AUTHWIZARD_VECTORS"), reason="AUTHWIZARD_VECTORS names no folder of recorded challenges")
def test_recorded_challenges_are_all_read() -> None:
    wrong = [case["id"] for case in map(json.loads, VECTORS.read_text("utf-8").splitlines()) if not _as_recorded(case)]
    assert wrong == []


def _as_recorded(case: dict[str, object]) -> bool:
    lines = case["header_lines"]
    assert isinstance(lines, list)
    try:
        found = parse_challenges([line.split(":", 1)[1].strip() for line in lines])
        got: object = [
            {"scheme": c.scheme, "token68": c.token68} if c.token68 is not None else {"scheme": c.scheme, "params": c.params} for c in found
        ]
    except ValueError:
        got = "invalid"
    return got in (case.get("accept") or [case["expected"]])
