"""The staging token in the prod profile, from the command line: named with both profiles, and nothing of staging is asked or shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from authwizard.cli.services import WizardServices
from authwizard.store.memory_store import MemoryStore

TOKEN = "plainly-fake-opaque-token-01234567"
OTHER = "plainly-fake-opaque-token-76543210"
REST = ("--request", "GET /v2/me", "--kind", "bearer")


@pytest.fixture
def api() -> Iterator[str]:
    """An API that refuses everything without a word."""

    class Refuse(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Refuse)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def saved(run, piped, api: str, store: MemoryStore, profiles: Path):
    """Return a function that saves prod and staging, each with a token of its own."""

    def call(prod: str, staging: str) -> None:
        for name, base, environment, token in (("prod", api, "production", prod), ("staging", "http://127.0.0.1:9", "staging", staging)):
            run("profile", "add", name, "--base-url", base, "--environment", environment, *REST)
            piped(token.encode())
            run("store", "set", name, "access_token")
        profiles.write_text(
            profiles.read_text() + '\n[profile.staging.network]\nntp_server = "none"\n[profile.prod.network]\nntp_server = "none"\n'
        )
        run("profile", "trust", "prod", "--yes")
        run("profile", "trust", "staging", "--yes")

    return call


def test_the_same_opaque_token_in_two_environments_is_named_with_both_profiles(run, saved, store: MemoryStore, monkeypatch) -> None:
    saved(TOKEN, TOKEN)
    asked: list[str] = []
    get = store.get
    monkeypatch.setattr(store, "get", lambda profile, field: asked.append(profile) or get(profile, field))
    said = run("check", "prod", "--format", "json")
    seen = json.loads(said.out)
    assert (seen["verdict"]["kind"], seen["verdict"]["cause"]) == ("cause", "environment_mismatch")
    assert "prod" in seen["verdict"]["summary"] + str(seen["verdict"]["because"])
    assert "staging" in str(seen["verdict"]["because"])
    assert TOKEN not in said.out + said.err
    assert {one["request"]["url"].partition("/v2")[0] for one in seen["exchanges"]} & {"http://127.0.0.1:9"} == set()
    assert set(asked) == {"prod"}
    listed = run("profile", "list").out
    assert "access_token: used in staging too (#" in listed
    assert "access_token: used in prod too (#" in listed
    assert TOKEN not in listed
    cards = {card.name: card for card in WizardServices().profiles()}
    assert ("access_token", "used in staging too") in {(age.field, age.text) for age in cards["prod"].ages}


def test_two_tokens_raise_nothing(run, saved) -> None:
    saved(TOKEN, OTHER)
    seen = json.loads(run("check", "prod", "--format", "json").out)
    assert seen["verdict"]["cause"] != "environment_mismatch"
    assert "used in" not in run("profile", "list").out


def test_a_profile_nobody_agreed_to_is_not_compared(run, saved, profiles: Path) -> None:
    saved(TOKEN, TOKEN)
    profiles.write_text(profiles.read_text().replace("http://127.0.0.1:9", "http://127.0.0.2:9"))
    seen = json.loads(run("check", "prod", "--format", "json").out)
    assert seen["verdict"]["cause"] != "environment_mismatch"
    assert "used in" not in run("profile", "list").out


def test_the_list_tells_the_age_of_secrets(run, piped, store: MemoryStore, profiles: Path) -> None:
    run("profile", "add", "svc", "--base-url", "https://a.example", *REST, "--client-id", "a", "--issuer", "https://b.example")
    piped(b"plainly-fake")
    run("store", "set", "svc", "client_secret")
    assert "client_secret: 0 days old, rotate in 90" in run("profile", "list").out
    profiles.write_text(
        profiles.read_text()
        + '\n[profile.svc.secrets]\nclient_secret = { ref = "env:S", created = 2020-01-01, rotate_days = 30 }\napi_key = "env:K"\n'
    )
    listed = run("profile", "list").out
    assert "days old, rotate it" in listed
    assert "api_key: age unknown" in listed
