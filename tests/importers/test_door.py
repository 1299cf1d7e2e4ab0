"""The one door says what a pasted text is, and makes of it what a run needs."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests_support import make_jwt

from authwizard.importers.door import read_sent, recognise
from authwizard.model.options import Cost

FAKE = "plainly-fake-value-0123456789"


def test_a_curl_command_keeps_what_the_program_sends() -> None:
    pasted = recognise(f"curl -A 'my-app/1' https://api.example.com/v2/orders?page=1 -H 'authorization: bearer {FAKE}' -H 'X-Tenant: acme'")
    assert pasted.kind == "curl"
    assert "bearer token" in pasted.sentence
    assert pasted.profile is not None
    assert pasted.profile.credential.scheme == "bearer"
    assert pasted.profile.request == "GET /v2/orders?page=1"
    assert pasted.profile.headers == {"X-Tenant": "acme", "User-Agent": "my-app/1"}
    assert pasted.secrets["access_token"].reveal() == FAKE
    assert FAKE not in repr(pasted)


def test_a_value_that_is_no_clean_credential_goes_out_as_it_is() -> None:
    pasted = recognise(f"curl https://api.example.com/ -H 'Authorization: Bearer Bearer {FAKE}'")
    assert pasted.secrets["authorization"].reveal() == f"Bearer Bearer {FAKE}"


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("api.example.com", "https://api.example.com/"),
        ("api.example.com/v2/me?x=1", "https://api.example.com/v2/me?x=1"),
        ("127.0.0.1:8080/v1/me", "http://127.0.0.1:8080/v1/me"),
        ("localhost:8080", "http://localhost:8080/"),
    ],
)
def test_an_address_without_its_scheme_is_one_and_no_token(text: str, url: str) -> None:
    pasted = recognise(text)
    assert (pasted.kind, dict(pasted.secrets)) == ("url", {})
    assert pasted.profile is not None
    assert pasted.profile.url == url
    assert f"taken for {url.partition(':')[0]}" in pasted.sentence


@pytest.mark.parametrize(
    "text", ["AbCdEf.example.GhIjKlMnOp", "0123456789abcdef.0123456789abcdef0123", "v2.local.aaaaaaaaaaaaaaaaaaaaaaaaaaaa"]
)
def test_a_token_with_dots_is_no_address(text: str) -> None:
    assert recognise(text).kind == "token"


def test_a_token_behind_the_name_of_its_header_is_the_token_alone() -> None:
    """Nothing was stored with the name, so that is no fault of it."""
    token = make_jwt({"exp": 1})
    pasted = recognise(f"Authorization: Bearer {token}\n")
    assert (pasted.kind, pasted.secrets["authorization"].reveal()) == ("token", f"Bearer {token}")
    assert recognise(f"X-API-Key: {FAKE}").secrets["access_token"].reveal() == FAKE


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ('{"error": "invalid_token", "error_description": "The access token expired"}', 401, "The body of an answer without its status"),
        ('{"code": 403, "message": "insufficient scope"}', 403, "The body of an answer that says 403"),
        ('WWW-Authenticate: Bearer error="invalid_token"', 401, "Header fields of an answer"),
    ],
)
def test_part_of_an_answer_is_judged_by_what_it_says(text: str, status: int, words: str) -> None:
    pasted = recognise(text)
    assert pasted.kind == "response"
    assert pasted.answer is not None
    assert pasted.answer.status == status
    assert pasted.sentence.startswith(words)
    assert pasted.options.costs == {Cost.C0}


@pytest.mark.parametrize(
    "text",
    ["~/Downloads/api.har", "./answer", "../x/token", "/tmp/out.json", "C:\\Users\\me\\x.har", "'/home/me/My Files/a.txt'", "request.sh"],
)
def test_the_name_of_a_file_is_not_taken_for_a_token(text: str) -> None:
    pasted = recognise(text)
    assert pasted.profile is None
    assert pasted.problem == "This is the name of a file, not what is in it. Paste its text, or hand the file in: authwizard - < FILE"


def test_a_file_that_is_there_is_known_by_its_name_alone(tmp_path: Path) -> None:
    (tmp_path / "token-of-prod-0123456789").touch()
    assert recognise(str(tmp_path / "token-of-prod-0123456789")).problem.startswith("This is the name of a file")


@pytest.mark.parametrize("text", ["/9j/4AAQSkZJRgABAQEAYABgAAD", f"{FAKE}/a.b", "a.b.c-0123456789abcdef", "~0123456789abcdef"])
def test_a_token_with_slashes_or_dots_stays_a_token(text: str) -> None:
    assert recognise(text).kind == "token"


def test_basic_is_split() -> None:
    pasted = recognise("curl -u anna:plainly-fake https://api.example.com/")
    assert pasted.profile is not None
    assert pasted.profile.credential.kind == "basic"
    assert {k: v.reveal() for k, v in pasted.secrets.items()} == {"username": "anna", "password": "plainly-fake"}


def test_an_api_key_in_the_query_leaves_the_url() -> None:
    pasted = recognise(f"curl 'https://api.example.com/x?a=1&api_key={FAKE}'")
    assert pasted.profile is not None
    assert pasted.profile.credential.query == "api_key"
    assert FAKE not in pasted.profile.url
    assert FAKE not in pasted.sentence


def test_a_misspelt_header_stays_misspelt() -> None:
    pasted = recognise(f"curl https://api.example.com/ -H 'Authentication: Bearer {FAKE}'")
    assert pasted.profile is not None
    assert pasted.profile.credential.name == "Authentication"


def test_a_token_request_is_never_probed_with_invalid_tokens() -> None:
    pasted = recognise(
        f"curl https://auth.example.com/oauth/token -d grant_type=client_credentials -d client_id=abc -d client_secret={FAKE}"
    )
    assert pasted.kind == "token request"
    assert pasted.profile is not None
    assert pasted.profile.oauth is not None
    assert pasted.profile.oauth.client_auth == "client_secret_post"
    assert Cost.C3 not in pasted.options.costs


def test_a_transcript_with_its_401_is_a_reported_one() -> None:
    text = f"> GET /v2/me HTTP/1.1\n> Host: api.example.com\n> Authorization: Bearer {FAKE}\n>\n< HTTP/1.1 401 Unauthorized\n<\n"
    pasted = recognise(text)
    assert pasted.kind == "curl -v"
    assert pasted.options.reported_401
    assert pasted.reported is not None
    assert pasted.reported.scheme == "Bearer"
    assert FAKE not in repr(pasted.reported)


def test_a_bare_response_is_judged_without_sending() -> None:
    pasted = recognise('HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer error="invalid_token"\n\n{"message": "x"}')
    assert pasted.kind == "response"
    assert pasted.options.passive
    assert pasted.answer is not None
    assert pasted.answer.status == 401


def test_a_token_is_read_without_sending() -> None:
    pasted = recognise(make_jwt({"iss": "https://issuer.example.com", "exp": 1}) + "\n")
    assert pasted.kind == "token"
    assert pasted.options.passive


def test_a_url_is_asked_without_a_credential() -> None:
    pasted = recognise("https://api.example.com/v2/me\n")
    assert pasted.kind == "url"
    assert pasted.secrets == {}


@pytest.mark.parametrize("text", ["", "   \n", "hello there", "my password is secret"])
def test_other_text_is_a_problem_in_one_sentence(text: str) -> None:
    pasted = recognise(text)
    assert pasted.profile is None
    assert "Paste a curl command" in pasted.problem


def test_what_a_curl_command_needs_from_the_shell_is_said() -> None:
    problem = recognise('curl -H "Authorization: Bearer $TOKEN" https://api.example.com').problem
    assert "shell variable TOKEN" in problem


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("curl https://a.example.com -H $'X-A: \\xff'", "no UTF-8"),
        ("curl -X M-SEARCH https://a.example.com", "M-SEARCH"),
        ("curl -u $'a\\xff:b' --digest https://a.example.com", "no UTF-8"),
    ],
)
def test_what_curl_would_send_and_a_profile_cannot_hold_is_said(command: str, words: str) -> None:
    assert words in recognise(command).problem


def test_sent_text_tells_scheme_and_fingerprint_never_the_value() -> None:
    reported = read_sent(f"curl https://api.example.com/v2/me -H 'Authorization: Bearer {make_jwt({})}'")
    assert reported.scheme == "Bearer"
    assert reported.credential_fingerprint.startswith("#")
    with pytest.raises(ValueError, match="not the request"):
        read_sent("HTTP/1.1 401 Unauthorized\n\n")


@given(st.text(max_size=300))
def test_any_text_is_recognised_or_a_problem(text: str) -> None:
    for candidate in (text, "curl " + text, "HTTP/1.1 401\n" + text, "https://" + text):
        pasted = recognise(candidate)
        assert bool(pasted.problem) != bool(pasted.profile)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('Invoke-WebRequest -Uri "https://a.example.com/x" -Headers @{"X"="y"}', "a PowerShell command"),
        ("PS C:\\> irm https://a.example.com/x", "a PowerShell command"),
        (
            "$session = New-Object Microsoft.PowerShell.Commands.WebRequestSession\nInvoke-WebRequest -UseBasicParsing",
            "a PowerShell command",
        ),
        ('fetch("https://a.example.com/x", {\n  "headers": {"x": "y"}\n});', "a call of fetch in JavaScript"),
        ("$ wget https://a.example.com/x --header='X: y'", "a wget command"),
        ("http POST https://a.example.com/x X:y", "an HTTPie command"),
        ("import requests\nrequests.get('https://a.example.com/x')", "a Python program"),
    ],
)
def test_a_request_of_another_program_is_told_by_its_name(text: str, words: str) -> None:
    pasted = recognise(text)
    assert (
        pasted.problem
        == f"This is {words}, which is not read here. Paste the request as a curl command: browsers copy one with Copy as cURL."
    )
