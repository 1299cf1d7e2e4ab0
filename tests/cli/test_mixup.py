"""The staging token in the prod profile, from the command line: named with both profiles, and nothing of staging is asked or shown."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
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


def profile_of(name: str, environment: str, base: str, oauth: str, token: str) -> str:
    return (
        f'[profile.{name}]\nenvironment = "{environment}"\nbase_url = "{base}"\nrequest = "GET /v2/me"\n'
        f'[profile.{name}.oauth]\n{oauth}\ngrant = "authorization_code"\n[profile.{name}.network]\nntp_server = "none"\n'
        f'[profile.{name}.secrets]\naccess_token = "env:{token}"\n'
    )


@pytest.fixture
def judged(run, api: str, profiles: Path, monkeypatch: pytest.MonkeyPatch):
    """Return a function that checks prod beside other profiles, each by (name, environment, oauth, claims of its token)."""

    def call(*rows: tuple[str, str, str, dict[str, object]], held: dict[str, object]) -> dict[str, Any]:
        profiles.parent.mkdir(parents=True, exist_ok=True)
        text = "version = 1\n"
        for number, (name, environment, oauth, claims) in enumerate(rows):
            text += profile_of(name, environment, api if name == "prod" else f"http://127.0.0.1:{number}", oauth, f"TOKEN_{number}")
            monkeypatch.setenv(f"TOKEN_{number}", jwt.encode({**(held if name == "prod" else claims), "n": number}, FAKE_KEY, "HS256"))
        profiles.write_text(text)
        for name, *_ in rows:
            assert run("profile", "trust", name, "--yes").status == 0
        seen: dict[str, Any] = json.loads(run("check", "prod", "--format", "json").out)
        return seen

    return call


FAKE_KEY = "plainly-fake-key-plainly-fake-key"
HOST = "http://127.0.0.1:9"
ROWS = (
    ("prod", "production", f'issuer = "{HOST}/prod"\nclient_id = "a"\naudience = "https://api.example.com"', {}),
    ("staging", "staging", f'issuer = "{HOST}/lower"\nclient_id = "b"\naudience = "https://api.staging.example.com"', {}),
    ("dev", "development", f'issuer = "{HOST}/lower"\nclient_id = "c"\naudience = "https://api.dev.example.com"', {}),
)


@pytest.mark.parametrize(
    ("claims", "names"),
    [
        ({"iss": f"{HOST}/lower", "aud": "https://api.staging.example.com", "azp": "b"}, "the profile staging, not prod"),
        ({"iss": f"{HOST}/lower", "aud": "https://api.dev.example.com"}, "the profile dev, not prod"),
        ({"iss": f"{HOST}/lower", "aud": "https://else.example.com"}, "the profiles dev and staging alike, not prod"),
        ({"iss": f"{HOST}/prod", "aud": "https://api.staging.example.com"}, "the profile staging, not prod"),
    ],
)
def test_of_three_environments_the_one_a_token_fits_is_named(judged, claims: dict[str, object], names: str) -> None:
    seen = judged(*ROWS, held=claims)
    assert seen["verdict"]["cause"] == "environment_mismatch"
    assert names in seen["verdict"]["summary"]


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": f"{HOST}/prod", "aud": "https://api.example.com", "azp": "a"},
        {"iss": f"{HOST}/prod", "aud": ["https://api.example.com", "https://api.staging.example.com"], "azp": "a"},
        {"iss": f"{HOST}/prod/", "aud": "https://api.example.com/"},
    ],
)
def test_a_token_that_is_at_home_in_prod_raises_no_alarm(judged, claims: dict[str, object]) -> None:
    seen = judged(*ROWS, held=claims)
    check = next(c for step in seen["steps"] for c in step["checks"] if c["id"] == "S3-03")
    assert (check["status"], seen["verdict"]["cause"] == "environment_mismatch") == ("pass", False)


def test_two_environments_behind_one_issuer_are_told_apart_by_audience_and_client_alone(judged) -> None:
    shared = tuple((name, env, oauth.replace("/prod", "/one").replace("/lower", "/one"), claims) for name, env, oauth, claims in ROWS[:2])
    own = judged(*shared, held={"iss": f"{HOST}/one", "aud": "https://api.example.com", "azp": "a"})
    assert own["verdict"]["cause"] != "environment_mismatch"
    foreign = judged(*shared, held={"iss": f"{HOST}/one", "aud": "https://api.staging.example.com", "azp": "b"})
    assert foreign["verdict"]["cause"] == "environment_mismatch"
    assert "its audience (the API it is for) and its client" in foreign["verdict"]["summary"]


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
