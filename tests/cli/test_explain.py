"""`authwizard explain`: one answer in words, many as JSON lines, and no secret in either."""

from __future__ import annotations

import json
import secrets
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from leak_search import Pieces
from tests_support import make_jwt

from authwizard.cli import json_lines, text_input
from authwizard.knowledge.causes import catalogue
from authwizard.model.secret import Secret

EXPIRED = b'HTTP/1.1 401 Unauthorized\r\nServer: envoy\r\nWWW-Authenticate: Bearer error="invalid_token"\r\n\r\nJwt is expired'
MEMBERS = {"challenges", "malformed", "responder", "cause", "certainty", "candidates", "owner", "summary"}


def test_a_named_cause_in_words_for_anybody(run, piped) -> None:
    piped(EXPIRED)
    said = run("explain")
    assert (said.status, said.err) == (1, "")
    assert said.out.startswith("Your turn")
    for part in ("401", "envoy", '"Jwt is expired"', "The access token has expired", "What to do:", "authwizard cause token_expired"):
        assert part in said.out
    assert max(map(len, said.out.splitlines())) <= 100


def test_a_file_and_json(run, tmp_path: Path) -> None:
    path = tmp_path / "answer.txt"
    path.write_bytes(EXPIRED)
    said = run("explain", str(path), "--format", "json")
    answer = json.loads(said.out)
    assert answer.keys() == MEMBERS
    assert (answer["cause"], answer["certainty"], answer["candidates"][0]) == ("token_expired", "names_it", "token_expired")
    assert answer["challenges"] == [{"scheme": "bearer", "params": {"error": "invalid_token"}, "token68": None}]


@pytest.mark.parametrize(
    ("text", "status", "said"),
    [
        (b"HTTP/1.1 401 Unauthorized\n\n", 3, "Nobody can tell"),
        (b'HTTP/1.1 401 Unauthorized\n\n{"detail": "Authentication credentials were not provided."}', 3, "hints"),
        (b"HTTP/1.1 200 OK\n\nfine", 0, "success"),
        (b'HTTP/1.1 200 OK\n\n{"ok": false, "error": "token_revoked"}', 1, "revoked"),
        (b"HTTP/1.1 404 Not Found\n\n", 3, "does not speak of authentication"),
        (b"12:01 IDX10214: Audience validation failed.", 1, "Log lines"),
        (b'{"level":"error","msg":"IDX10223: Lifetime validation failed. The token is expired."}', 1, "Log lines"),
        (b'WWW-Authenticate: Bearer realm="x"', 3, "It asks for"),
        ('HTTP/1.1 401\n\nJwt is expired'.encode("utf-16"), 1, "expired"),
    ],
)  # fmt: skip
def test_what_is_told_and_how_it_ends(run, piped, text: bytes, status: int, said: str) -> None:
    piped(text)
    ended = run("explain", "-")
    if b"msg" in text:
        said = "expired"
    assert ended.status == status, ended.out
    assert said in ended.out


@pytest.mark.parametrize("data", [b"", b" \n", b"\0" * 500, b'{"log": {"entries": []}}'])
def test_what_cannot_be_read_is_one_sentence(run, piped, data: bytes) -> None:
    piped(data)
    said = run("explain")
    assert (said.status, said.out) == (2, "")
    assert said.is_one_sentence


def test_a_file_that_is_not_there(run) -> None:
    said = run("explain", "no-such-file")
    assert said.status == 2
    assert said.is_one_sentence
    assert run("explain", "--jsonl", "no-such-file").status == 2


def test_too_long_an_input_is_refused(run, piped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_input, "MAX_INPUT", 100)
    piped(EXPIRED + b"x" * 100)
    assert run("explain").status == 2


# ── many at once ─────────────────────────────────────────────────────────────────────────────────────────────────────


def lines(said: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in said.out.splitlines()]


def test_one_answer_a_line_in_order(run, piped) -> None:
    asked = [{"status": 401, "headers": {"Server": "envoy"}, "body": "Jwt is expired"}, {"status": 401, "headers": [], "body": ""},
             {"status": 200, "headers": [["A", "b"]], "body": "fine"}]  # fmt: skip
    piped("".join(json.dumps(one) + "\n" for one in asked).encode())
    said = run("explain", "--jsonl")
    assert [answer["cause"] for answer in lines(said)] == ["token_expired", "token_rejected_unspecified", None]
    assert all(answer.keys() == MEMBERS for answer in lines(said))
    assert said.status == 1


def test_no_line_is_left_out(run, piped, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_lines, "MAX_LINE", 2000)
    bad = [b"", b"{", b"null", b"[]", b"\xff\xfe", b'{"status": "x"}', b"[" * 1500, b"[" * 9000, b'{"status": 401, "headers": 1}']
    piped(b"\n".join([*bad, b'{"status": 401, "body": "jwt expired"}']))
    answers = lines(said := run("explain", "--jsonl"))
    assert len(answers) == len(bad) + 1
    assert all(answer["error"].endswith(".") and answer["cause"] is None for answer in answers[:-1])
    assert (answers[-1]["cause"], said.status) == ("token_expired", 2)
    assert "Traceback" not in said.err


def test_nothing_in_is_nothing_out(run, piped) -> None:
    piped(b"")
    assert run("explain", "--jsonl") == (0, "", "")


# ── nothing secret, nothing that acts ────────────────────────────────────────────────────────────────────────────────


def test_a_token_in_the_answer_is_shown_nowhere(run, piped) -> None:
    token, opaque, session = make_jwt({"sub": "somebody"}), secrets.token_urlsafe(40), secrets.token_hex(20)
    hidden = Pieces([Secret(token), Secret(opaque), Secret(session)])
    bodies = [
        f"Jwt is expired: {token}", json.dumps({"message": "jwt expired", "request": {"Authorization": f"Bearer {token}"}}),
        f"Authorization: Bearer {opaque} invalid token", f"token expired {'x ' * 90}{token}", f"<p>invalid token {token}</p>",
        json.dumps({"error": "invalid_token", "error_description": f"token {opaque} has expired"}), token, f"invalid token {opaque}",
    ]  # fmt: skip
    challenge = f'Bearer realm="{opaque}", error_description="jwt expired {token}"'
    head = f"HTTP/1.1 401 Unauthorized\nSet-Cookie: sid={session}; Path=/\nWWW-Authenticate: {challenge}\n\n"
    for body in bodies:
        piped((head + body).encode())
        for arguments in (("explain",), ("explain", "--format", "json")):
            said = run(*arguments)
            assert said.out
            assert hidden.within(said.out + said.err) == []
            piped((head + body).encode())
    asked = [
        {"status": 401, "headers": {"Set-Cookie": f"sid={session}", "WWW-Authenticate": f'Bearer error_description="{token}"'}, "body": b}
        for b in bodies
    ]
    piped("".join(json.dumps(one) + "\n" for one in asked).encode())
    assert hidden.within(run("explain", "--jsonl").out) == []


def test_what_the_program_sent_is_masked_wherever_it_is_repeated(run, piped) -> None:
    key = "plain-words-that-no-rule-knows"
    piped(
        f'> GET / HTTP/1.1\n> Host: a.example\n> Authorization: Bearer {key}\n>\n< HTTP/1.1 401\n<\n{{"message": "invalid token {key}"}}'.encode()
    )
    said = run("explain")
    assert "invalid token" in said.out
    assert key not in said.out


def test_text_from_outside_does_not_act_on_the_terminal(run, piped) -> None:
    piped(
        'HTTP/1.1 401\nWWW-Authenticate: Bearer realm="a\x1b[31mb\u202e"\n\n{"message": "jwt expired \\u001b]0;x\\u0007 \u202e"}'.encode()
    )
    for arguments in (("explain",), ("explain", "--format", "json")):
        said = run(*arguments)
        assert "\x1b" not in said.out
        assert "\u202e" not in said.out
        piped(b'HTTP/1.1 401\n\n{"message": "jwt expired \\u001b[2J"}')


@pytest.mark.parametrize(
    "data",
    [b"HTTP/1.1 401 X\n" + b"a: b\n" * 20_000, b"HTTP/1.1 401 X\n\n" + b"x" * 10_000_000, b"< " * 300_000, b"[" * 5_000_000,
     b'{"a":' * 1_000_000, b"HTTP/1.1 401\n\n" + b"<script>" * 50_000, b"\x1b[31m" * 500_000, b"token expired or " * 50_000, b"\xff" * 3_000_000],
    ids=lambda data: repr(data[:10]),
)  # fmt: skip
def test_hostile_input_ends_soon(run, piped, data: bytes) -> None:
    piped(data)
    begin = time.process_time()
    said = run("explain")
    assert time.process_time() - begin < 5
    assert said.status in (1, 2, 3)
    assert "\x1b" not in said.out + said.err
    assert len(said.out) < 10_000


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.binary(max_size=400))
def test_any_bytes_end_in_words(run, piped, data: bytes) -> None:
    piped(data)
    said = run("explain")
    assert said.status in (0, 1, 2, 3)
    assert said.out or said.is_one_sentence


@pytest.mark.parametrize("code", ["token_expired", "credential_missing", "insufficient_scope", "jwks_unreachable_for_server"])
def test_the_text_is_the_catalogues(run, piped, code: str) -> None:
    words = {"token_expired": "jwt expired", "credential_missing": "Jwt is missing", "insufficient_scope": "insufficient client scope",
             "jwks_unreachable_for_server": "Jwks remote fetch is failed"}  # fmt: skip
    piped(f"HTTP/1.1 401\n\n{words[code]}".encode())
    out = " ".join(run("explain").out.split())
    assert catalogue()[code].title in out
    assert catalogue()[code].explanation[:60] in out


def test_on_a_terminal_it_says_what_to_paste(run, answered, monkeypatch: pytest.MonkeyPatch) -> None:
    answered("HTTP/1.1 401")
    monkeypatch.setattr(sys.stdin, "buffer", __import__("io").BytesIO(EXPIRED), raising=False)
    assert "Ctrl-D" in run("explain").err
