"""A curl command is read as curl would send it, or refused with the reason; never wrong in silence."""

from __future__ import annotations

import base64
import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.curl import parse_curl
from authwizard.importers.shell_words import split


def test_a_plain_get() -> None:
    request = parse_curl("curl https://api.example.com/v2/orders -H 'Authorization: Bearer abc'")
    assert (request.method, request.url, request.headers, request.body) == (
        "GET", "https://api.example.com/v2/orders", [("Authorization", "Bearer abc")], None,
    )  # fmt: skip


def test_continuation_lines_and_double_quotes() -> None:
    request = parse_curl('curl -sS \\\n  -X PUT \\\n  -H "X-A: say \\"hi\\"" \\\n  "https://api.example.com/a?b=c"')
    assert (request.method, request.url, request.headers) == ("PUT", "https://api.example.com/a?b=c", [("X-A", 'say "hi"')])


def test_data_makes_a_form_post() -> None:
    request = parse_curl("curl https://a.example.com/token -d grant_type=client_credentials -d scope=a")
    assert (request.method, request.body) == ("POST", b"grant_type=client_credentials&scope=a")
    assert request.header("content-type") == "application/x-www-form-urlencoded"
    assert request.is_token_request


def test_get_option_moves_data_to_the_query() -> None:
    request = parse_curl("curl -G https://a.example.com/x?a=1 --data-urlencode 'q=a b'")
    assert (request.method, request.url, request.body) == ("GET", "https://a.example.com/x?a=1&q=a+b", None)


@pytest.mark.parametrize("command", ["curl -u user:pa:ss https://a.example.com/", "curl https://user:pa%3Ass@a.example.com/ -u user:pa:ss"])
def test_user_becomes_basic(command: str) -> None:
    value = parse_curl(command).header("Authorization")
    assert value == "Basic " + base64.b64encode(b"user:pa:ss").decode()


def test_windows_carets() -> None:
    request = parse_curl('curl "https://a.example.com/x" ^\n  -H "Accept: */*" ^\n  -H "X-P: a^&b"')
    assert request.headers == [("Accept", "*/*"), ("X-P", "a&b")]


def test_ansi_c_quotes() -> None:
    assert parse_curl("curl https://a.example.com -H $'X-A: it\\'s\\u0041'").headers == [("X-A", "it'sA")]


def test_what_follows_a_pipe_is_not_the_commands() -> None:
    assert split("curl -v https://a.example.com 2>&1 | grep -i auth") == ["curl", "-v", "https://a.example.com"]


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        ('curl -H "Authorization: Bearer $TOKEN" https://a.example.com', "shell variable TOKEN"),
        ('curl -H "Authorization: Basic $(echo -n a:b | base64)" https://a.example.com', "runs another command"),
        ("curl https://a.example.com --unknown-thing x", "--unknown-thing"),
        ("curl -d @body.json https://a.example.com", "from a file"),
        ("curl -b cookies.txt https://a.example.com", "from a file"),
        ("curl -H 'X: y'", "no URL"),
        ("curl https://a.example.com https://b.example.com", "2 URLs"),
        ("curl 'https://a.example.com", "not closed"),
        ("curl -u name https://a.example.com", "without a password"),
        ("curl -H", "lacks its value"),
        ("wget https://a.example.com", "does not begin with curl"),
        ("curl -H 'no colon' https://a.example.com", "no colon"),
    ],
)
def test_what_cannot_be_told_is_refused_with_the_reason(command: str, reason: str) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z]") as caught:
        parse_curl(command)
    assert reason in str(caught.value)


def test_a_literal_substitution_in_single_quotes_stays_literal() -> None:
    assert parse_curl("curl https://a.example.com -H 'Authorization: Bearer $(cat t)'").headers == [("Authorization", "Bearer $(cat t)")]


def test_the_request_never_shows_itself() -> None:
    assert "s3cret" not in repr(parse_curl("curl https://a.example.com -H 'Authorization: Bearer s3cret'"))


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        parse_curl("curl " + text)
