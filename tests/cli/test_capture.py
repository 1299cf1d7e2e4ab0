"""`authwizard capture`: from the command line to the exit status, with a program that really sends."""

from __future__ import annotations

import base64
import http.client
import json
import secrets
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from leak_search import leaks
from tests_support import make_jwt

from authwizard.cli import capture as command
from authwizard.cli import listening
from authwizard.model.secret import Secret

TOKEN, OTHER, PASSWORD = make_jwt({"iss": "https://auth.example.com"}), secrets.token_urlsafe(40), secrets.token_urlsafe(18)
BASIC = base64.b64encode(f"svc:{PASSWORD}".encode()).decode()
ALL = [Secret(v) for v in (TOKEN, OTHER, PASSWORD, BASIC)]


@pytest.fixture
def capture(run: Any, profiles: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """Return a function that captures what a program sends to a path with these header fields."""
    monkeypatch.setattr(listening, "LINGER_SECONDS", 0.05)
    monkeypatch.setenv("MY_TOKEN", TOKEN)
    run(
        "profile",
        "add",
        "prod",
        "--base-url",
        "https://api.example.com/base",
        "--request",
        "GET /v2/me",
        "--secret",
        "access_token=env:MY_TOKEN",
    )

    def call(headers: dict[str, str] | None, *options: str, path: str = "/base/v2/me", method: str = "GET") -> Any:
        port = _free_port()
        program = threading.Thread(target=_send, args=(port, method, path, headers), daemon=True)
        if headers is not None:
            program.start()
        return run("capture", "--port", str(port), "--timeout", "20" if headers is not None else "0.2", *options)

    return call


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def _send(port: int, method: str, path: str, headers: dict[str, str]) -> None:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
        try:
            connection.request(method, path, headers=headers)
            connection.getresponse().read()
            return
        except ConnectionRefusedError:
            time.sleep(0.02)
        finally:
            connection.close()


def test_the_same_request_is_the_same(capture: Any) -> None:
    said = capture({"authorization": f"Bearer {TOKEN}"})
    assert (said.status, leaks(ALL, said.out + said.err)) == (0, [])
    assert "Point your program at http://127.0.0.1:" in said.out
    assert "/base in place of https://api.example.com/base" in said.out
    assert "sends what prod sends" in said.out


@pytest.mark.parametrize(
    ("headers", "cause"),
    [
        ({}, "credential_missing"),
        ({"Authorization": f"Bearer {OTHER}"}, "stale_token_sent"),
        ({"Authorization": f"Basic {BASIC}"}, "auth_scheme_wrong"),
        ({"Authorization": f"bearer {TOKEN}"}, "auth_scheme_case_rejected"),
        ({"Authorization": f"Bearer {TOKEN} "}, "whitespace_in_credential"),
        ({"Authorisation": f"Bearer {TOKEN}"}, "auth_header_name_wrong"),
        ({"Authorization": f"Bearer {TOKEN}", "Cookie": f"sid={OTHER}"}, "cookie_overrides_token"),
    ],
)
def test_a_difference_is_named_and_no_secret_is_shown(capture: Any, headers: dict[str, str], cause: str) -> None:
    for form in ("text", "json"):
        said = capture(headers, "--format", form)
        assert said.status == 1
        assert leaks(ALL, said.out + said.err) == []
        if form == "json":
            document = json.loads(said.out)
            assert (document["schema"], document["outcome"], document["differences"][0]["cause"]) == (
                "authwizard.capture/1",
                "differs",
                cause,
            )
            assert "Point your program at" in said.err
        else:
            assert f"- {cause}: " in said.out


def test_another_path_and_a_query_with_a_token(capture: Any) -> None:
    said = capture({}, path=f"/v2/me?access_token={TOKEN}")
    assert said.status == 1
    assert leaks(ALL, said.out) == []
    assert "credential_location_wrong" in said.out
    assert "its path is /v2/me, here /base/v2/me" in said.out


def test_nothing_is_written_anywhere(capture: Any) -> None:
    capture({"Authorization": f"Bearer {OTHER}"})
    kept = [path.read_bytes().decode("latin-1") for path in Path.home().rglob("*") if path.is_file()]
    assert kept
    assert [leak for text in kept for leak in leaks(ALL, text)] == []


@pytest.mark.parametrize("form", ["text", "json"])
def test_nothing_came(capture: Any, form: str) -> None:
    said = capture(None, "--format", form)
    assert said.status == 4
    assert "Nothing came" in said.out
    if form == "json":
        assert json.loads(said.out)["outcome"] == "nothing_came"


def test_no_token_stored_still_tells_place_and_scheme(capture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MY_TOKEN")
    said = capture({"Authorization": f"Bearer {OTHER}"})
    assert said.status == 0
    assert "only its place and its scheme were compared" in " ".join(said.out.split())
    assert capture({}).status == 1
    assert leaks(ALL, said.out) == []


def test_ctrl_c_ends_with_130(capture: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "_announce", interrupted)
    assert capture(None).status == 130


def test_a_profile_that_was_not_agreed_to_is_not_read(run: Any, tmp_path: Path) -> None:
    config = tmp_path / "p.toml"
    config.write_text(
        'version = 1\n[profile.x]\nbase_url = "https://api.example.com"\nrequest = "GET /"\n[profile.x.secrets]\naccess_token = "env:MY_TOKEN"\n'
    )
    said = run("capture", "--config", str(config))
    assert said.status == 2
    assert "env:MY_TOKEN" in said.err


@pytest.mark.parametrize("arguments", [("--port", "70000"), ("--port", "x"), ("--timeout", "0"), ("--timeout", "1e9"), ("nobody",)])
def test_wrong_usage(run: Any, capture: Any, arguments: tuple[str, ...]) -> None:
    assert run("capture", *arguments).status == 2
