"""The lexicon of refusals: every row fires on its own words, none claims more than they say, and no text makes it slow."""

from __future__ import annotations

import json
import re
import time

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge import explain
from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.messages import MAX_TEXT, MessageSeen, read_log, read_message, rows
from authwizard.model.finding import Grade
from authwizard.steps.step8_words import MESSAGE_CAUSES

from .message_examples import EXAMPLES
from .more_message_examples import IN_ANSWERS, MORE, Answer

RFC6749 = (
    "The provided grant or refresh token is invalid, expired, revoked, does not match the redirection, or was issued to another client."
)
CASES = [(stack, text, label) for stack, examples in (EXAMPLES | MORE).items() for text, label in examples]


def read(stack: str, text: str) -> MessageSeen:
    return read_log(text) if stack.endswith(" log") else read_message(401, (), json.dumps({"message": text}))


@for_each("stack", [*EXAMPLES, *MORE])
def test_every_example_is_read_by_a_row_of_its_stack(stack: str) -> None:
    examples = (EXAMPLES | MORE)[stack]
    seen = [(text, read(stack, text)) for text, _ in examples]
    told = [(text, one.stack, one.causes[0] if one.kind == "names" else one.kind) for text, one in seen]
    assert told == [(text, stack, label) for text, label in examples]


def test_every_row_has_an_example() -> None:
    hit = {read(stack, text).key for stack, text, _ in CASES} | {read_message(*answer).key for _, answer, _ in IN_ANSWERS}
    missing = [row.regex for number, row in enumerate(rows()) if f"row:{number}" not in hit]
    assert missing == []


@for_each(("stack", "answer", "label"), IN_ANSWERS, ids=[stack for stack, _, _ in IN_ANSWERS])
def test_words_of_anybody_mean_this_in_their_surroundings_alone(stack: str, answer: Answer, label: str) -> None:
    seen = read_message(*answer)
    assert (seen.stack, seen.causes[0] if seen.kind == "names" else seen.kind) == (stack, label)
    assert read_message(401, (), json.dumps({"message": seen.words})).key != seen.key


def test_every_cause_exists_and_the_check_of_step_8_declares_it() -> None:
    named = {cause for row in rows() for cause in row.causes}
    assert named - catalogue().keys() == set()
    assert named - set(MESSAGE_CAUSES) == set()
    assert set(MESSAGE_CAUSES) - named - {"token_rejected_unspecified", "authorization_stripped"} == set()


def test_every_row_names_its_source_and_what_it_means() -> None:
    assert [row.regex for row in rows() if not row.source] == []
    assert [row.regex for row in rows() if row.kind == "names" and not row.causes] == []
    assert [row.regex for row in rows() if row.kind == "ambiguous" and row.grade is Grade.S] == []


def test_patterns_are_written_in_small_letters() -> None:
    """They are compared with texts in small letters: a capital would never fit."""
    plain = [re.sub(r"\\[A-Z]|\(\?P<", "", row.regex) for row in rows()]
    assert [pattern for pattern in plain if re.search(r"[A-Z]", pattern)] == []


# ── "expired" ────────────────────────────────────────────────────────────────────────────────────────────────────────

both_ways = st.builds(
    lambda front, first, joint, helper, second, end: f"{front}{first}{joint}{helper}{second}{end}",
    st.sampled_from(["", "The access token is ", "Your token is ", "JWT ", "Token "]),
    st.sampled_from(["invalid", "Invalid", "not valid", "malformed", "revoked"]),
    st.sampled_from([" or ", "/", ", or ", " or has ", " or is ", " and/or "]),
    st.sampled_from(["", "already "]), st.just("expired"), st.sampled_from(["", ".", " token", " access token", " credentials"]),
)  # fmt: skip


@given(both_ways)
def test_invalid_or_expired_is_never_expiry(text: str) -> None:
    seen = read_message(401, (), f'{{"error_description": "{text}"}}')
    assert seen.kind != "names" or seen.grade is Grade.W or "token_expired" not in seen.causes[:1], seen
    said = explain(401, [("WWW-Authenticate", f'Bearer error="invalid_token", error_description="{text}"')], "")
    assert (said.cause, said.certainty) != ("token_expired", "names_it")
    assert not (said.firm and said.cause == "token_expired")


@pytest.mark.parametrize(
    "text", ["The token expires in 60 s", "expires_in", "Token expires soon", "expiry", "an unexpired token", "token expiresAt"]
)
def test_expires_is_not_expired(text: str) -> None:
    assert "token_expired" not in read_message(401, (), text).causes


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Refresh token has expired", "refresh_token_expired"),
        ("The session has expired", "session_expired"),
        ("Your API key has expired", "api_key_expired"),
        ("The client secret has expired", "client_secret_expired"),
        ("The device code has expired", "device_code_expired"),
        ("The access token has expired", "token_expired"),
    ],
)
def test_it_matters_what_has_expired(text: str, cause: str) -> None:
    assert read_message(401, (), text).causes[0] == cause


# ── which row stands ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        # the longest match hides what it covers
        ("The authorization code has expired", "authorization_code_invalid"),
        ("API key not found", "api_key_invalid"),
        # the RFC's own sentence says nothing, what a server adds to it does
        (f"{RFC6749} The PKCE code challenge did not match the code verifier.", "pkce_mismatch"),
        # a number of a vendor stands above the words around it
        ("AADSTS7000222: The provided client secret keys for app 'x' are expired.", "client_secret_expired"),
    ],
)
def test_the_most_particular_words_stand(text: str, cause: str) -> None:
    said = explain(400, (), f'{{"message": "{text}"}}')
    assert said.cause == cause


def test_the_strongest_text_of_an_answer_stands_wherever_it_is() -> None:
    for text in ('{"error": "Unauthorized", "detail": "jwt expired"}', '{"detail": "jwt expired", "error": "Unauthorized"}'):
        assert read_message(401, (), text).causes == ("token_expired",)
    assert read_message(401, [("X-Amzn-ErrorType", "ExpiredTokenException")], '{"message": "no"}').causes == ("token_expired",)


def test_what_the_server_expects_is_read_with_its_capitals() -> None:
    seen = read_message(401, (), '{"message": "jwt audience invalid. expected: https://API.example.com/V2"}')
    assert seen.expected == (("audience", "https://API.example.com/V2"),)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<html><head><title>401 Authorization Required</title></head><body>x</body></html>", "ambiguous"),
        ("<?xml version='1.0'?><Error><Code>InvalidAccessKeyId</Code><Message>no</Message></Error>", "names"),
        ("<p>Your <b>access token</b> has\n  expired</p>", "names"),
        ("<html><script>var m = 'jwt expired';</script><body>Hello</body></html>", "none"),
        ('{"errors": [{"code": 900903}]}', "names"),
        ('{"id": 900903}', "none"),
        ("", "none"),
        ("[" * 5000, "none"),
    ],
)
def test_bodies_of_every_form(text: str, kind: str) -> None:
    assert read_message(401, (), text).kind == kind


def test_only_the_beginning_of_a_long_answer_is_read() -> None:
    """An answer's reason stands at its beginning; what follows costs time and says nothing."""
    filler = [f"{n} nothing that anybody knows " * 14 for n in range(30)]
    assert read_message(401, (), json.dumps([*filler[:5], "jwt expired"])).kind == "names"
    assert read_message(401, (), json.dumps([*filler[:12], "jwt expired"])).kind == "none"
    assert read_message(401, (), json.dumps({"message": "x" * MAX_TEXT + " jwt expired at noon"})).kind == "none"


def test_a_log_is_read_from_its_end() -> None:
    lines = "12:00 IDX10214: Audience validation failed.\n12:01 IDX10223: Lifetime validation failed. The token is expired.\n12:02 done"
    assert read_log(lines).causes == ("token_expired",)
    assert read_message(401, (), "IDX10214").kind == "none"


# ── hostile texts ────────────────────────────────────────────────────────────────────────────────────────────────────

WORDS = sorted({word for _, text, _ in CASES for word in re.findall(r"[a-z]{3,}", text.lower())})
LONG = st.lists(st.sampled_from([*WORDS, " ", "  ", "'", '"', "<", ">", "{", "not ", "scope "]), min_size=1, max_size=12).map(
    lambda parts: (" ".join(parts) * (100_000 // (len(" ".join(parts)) or 1) + 1))[:100_000]
)


def seconds(text: str) -> float:
    """The processor's time, so that a busy machine fails no test."""
    begin = time.process_time()
    read_message(401, [("WWW-Authenticate", f'Bearer error_description="{text[:8000]}"')], text)
    return time.process_time() - begin


@given(LONG)
def test_no_text_of_100_kilobytes_takes_long(text: str) -> None:
    rows()
    assert seconds(text) < 0.2


@pytest.mark.parametrize(
    "text",
    [
        "<script>" * 12_500, "<" * 100_000, "token " * 17_000, "not scope client assertion refresh token " * 2500, "invalid " * 12_500,
        '{"m": ["' + '", "'.join(f"token {n} invalid or expired " * 15 for n in range(250)) + '"]}', "a" * 100_000, "\n" * 100_000,
    ],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_no_repetition_takes_long(text: str) -> None:
    rows()
    assert seconds(text) < 0.2


@given(st.text(max_size=300), st.text(max_size=100))
def test_anything_is_read(text: str, description: str) -> None:
    seen = read_message(401, [("WWW-Authenticate", f'Bearer error_description="{description}"')], text)
    assert len(seen.words) <= MAX_TEXT
    read_log(text)
