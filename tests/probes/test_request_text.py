from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.secret import Secret
from authwizard.probes.request_text import add_parameter, expand_text, expand_url, fields_in, split_request, without_secrets


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("GET /x", ("GET", "/x")), ("post  /x?y=1", ("POST", "/x?y=1")), ("/x", ("GET", "/x")), ("https://a/b", ("GET", "https://a/b")),
        ("  HEAD https://a/b ", ("HEAD", "https://a/b")), ("", ("GET", "")),
    ],
)  # fmt: skip
def test_request_lines(text: str, parts: tuple[str, str]) -> None:
    assert split_request(text) == parts


def test_a_text_without_secrets_stays_a_text() -> None:
    assert expand_url("https://a/b?c=%20d", {}) == "https://a/b?c=%20d"
    assert expand_text("plain", {}) == "plain"
    assert fields_in("https://{secret:username}:{secret:password}@a/?k={secret:api_key}") == ("username", "password", "api_key")


@pytest.mark.parametrize(
    ("value", "sent"), [("a+b/c=", "a%2Bb%2Fc%3D"), ("a%2Bb", "a%2Bb"), ("100%", "100%25"), ("é", "%C3%A9"), ("x\udcf6", "x%F6")]
)
def test_a_secret_in_an_address_is_escaped_once(value: str, sent: str) -> None:
    url = expand_url("https://a/?k={secret:api_key}", {"api_key": Secret(value)})
    assert isinstance(url, Secret)
    assert url.reveal() == f"https://a/?k={sent}"


def test_a_secret_in_a_header_goes_as_it_is() -> None:
    value = expand_text("Key {secret:api_key}", {"api_key": Secret("a+b ")})
    assert isinstance(value, Secret)
    assert value.reveal() == "Key a+b "


def test_an_absent_secret_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        expand_url("https://a/?k={secret:api_key}", {})


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://u:p@a.example/x", "https://a.example/x"),
        ("https://{secret:username}:{secret:password}@a.example:8/x?y=1", "https://a.example:8/x?y=1"),
        ("https://a/x?key={secret:api_key}&y=1#f", "https://a/x?y=1"),
        ("https://a/x?y=1&access_token=abc", "https://a/x?y=1"),
        ("https://a/x?sig=abc&y", "https://a/x?y"),
        ("https://a/bot{secret:api_key}/getMe", "https://a/bot/getMe"),
        ("https://[bad/{secret:api_key}", "https://[bad/"),
    ],
)
def test_the_address_without_credentials(url: str, bare: str) -> None:
    assert without_secrets(url, "sig") == bare


@given(st.text(st.characters(blacklist_categories=["Cs"])), st.text(st.characters(blacklist_categories=["Cs"]), min_size=1))
def test_a_parameter_arrives_as_it_is(value: str, name: str) -> None:
    from urllib.parse import parse_qsl, urlsplit

    url = add_parameter("https://a/b?x=1", name, value)
    assert parse_qsl(urlsplit(url).query, keep_blank_values=True) == [("x", "1"), (name, value)]
