"""A command is read with what it printed, as both are copied from a terminal."""

from __future__ import annotations

import pytest

from authwizard.importers.door import recognise
from authwizard.importers.sent import read_sent
from authwizard.importers.terminal import command_and_output

ANSWER = "HTTP/1.1 401 Unauthorized\nWWW-Authenticate: Bearer\n\n{}"
WITH_I = f"$ curl -i https://a.example.com/x -H 'Authorization: Bearer plainly-fake'\n{ANSWER}"
WITH_V = (
    "$ curl -v https://a.example.com/x -u me\nEnter host password for user 'me':\n*   Trying 192.0.2.1:443...\n* using TLS handshake\n> GET /x HTTP/1.1\n"
    "> Host: a.example.com\n> Authorization: Basic cGxhaW5seTpmYWtl\n>\n< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Basic\n<\n"
)


def test_the_request_is_the_commands_where_the_output_shows_none() -> None:
    seen = command_and_output(WITH_I)
    assert seen is not None
    assert seen.request is not None
    assert seen.answer is not None
    assert (seen.request.url, seen.request.header("Authorization"), seen.answer.status) == (
        "https://a.example.com/x",
        "Bearer plainly-fake",
        401,
    )
    said = recognise(WITH_I)
    assert (said.problem, said.options.reported_401) == ("", True)
    assert "A curl command and what it printed: GET https://a.example.com/x with a bearer token" in said.sentence
    assert read_sent(WITH_I).answer is not None


def test_the_request_is_the_outputs_where_it_shows_one() -> None:
    seen = command_and_output(WITH_V)
    assert seen is not None
    assert seen.request is not None
    assert seen.request.header("Authorization") == "Basic cGxhaW5seTpmYWtl"


@pytest.mark.parametrize("before", ["", "{ [5 bytes data]\n"])
def test_output_that_begins_with_the_answer_is_no_body(before: str) -> None:
    seen = command_and_output(
        f"curl -v https://a.example.com/x -H 'X: y'\n{before}< HTTP/1.1 401 Unauthorized\n< WWW-Authenticate: Basic\n<\n"
    )
    assert seen is not None
    assert seen.answer is not None
    assert seen.answer.status == 401
    said = recognise(f"curl https://a.example.com/x -H 'X-Api-Key: plainly-fake'\n{before}< HTTP/1.1 401 Unauthorized\n< A: b\n<\n")
    assert (said.kind, said.options.reported_401) == ("curl -v", True)


def test_other_texts_are_no_command_with_its_output() -> None:
    for text in ("curl https://a.example.com", "echo x\n" + ANSWER, "curl https://a.example.com -d '\n> x\n'", ANSWER):
        assert command_and_output(text) is None
