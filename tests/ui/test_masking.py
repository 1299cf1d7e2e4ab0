"""The box shows no secret: places that may hold one are dots, as long as the text."""

from __future__ import annotations

import secrets

from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.ui.masking import masked, without_controls

TOKEN = "eyJ" + secrets.token_urlsafe(60)
KEY = secrets.token_hex(12)


@for_each(
    "line",
    [
        "curl -H 'Authorization: Bearer {}' https://api.example.com/v2/orders",
        'curl -H "X-Api-Key: {}" https://api.example.com',
        "curl -u user:{} https://api.example.com",
        "curl --user 'user:{}' https://api.example.com",
        "curl -b sid={} https://api.example.com",
        "curl -d grant_type=client_credentials -d client_secret={} https://auth.example.com/token",
        "curl --data 'client_id=a&client_secret={}&scope=read' https://auth.example.com/token",
        "https://user:{}@api.example.com/v2",
        "https://api.example.com/v2?api_key={}&page=2",
        "> Authorization: Basic {}",
        "< Set-Cookie: sid={}; Path=/",
        '{{"access_token": "{}", "expires_in": 3600}}',
        "Bearer {}",
        "{}",
    ],
)
@for_each("secret", [TOKEN, KEY])
def test_a_secret_is_dots_of_the_same_length(line: str, secret: str) -> None:
    text = line.format(secret)
    hidden = masked(text)
    assert len(hidden) == len(text)
    assert not any(secret[i : i + 8] in hidden for i in range(len(secret) - 8))


def test_what_is_no_secret_stays_readable() -> None:
    text = "curl -X GET -H 'Accept: application/json' https://api.example.com/v2/organizations/current"
    assert masked(text) == text
    assert masked("HTTP/1.1 401 Unauthorized") == "HTTP/1.1 401 Unauthorized"
    assert masked('< WWW-Authenticate: Bearer realm="x"').startswith("< WWW-Authenticate: ")


@given(st.text(st.characters(), max_size=80))
def test_masking_keeps_the_length_and_leaves_nothing_that_acts(line: str) -> None:
    hidden = masked(line)
    assert len(hidden) == len(line)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in hidden)
    assert not any(ord(c) < 0x20 or 0x7F <= ord(c) <= 0x9F for c in without_controls(line))
