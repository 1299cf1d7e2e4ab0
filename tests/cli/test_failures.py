"""Where authwizard fails itself: the place is told, never a value, and the run is not taken for an answer of the API."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import authwizard.cli.check
from authwizard.model.secret import Secret
from authwizard.probes import http_client, recording
from authwizard.protocol.redaction import Redactor
from authwizard.store import vault

TOKEN = "plainly-fake-failing-token-0123456789abcdef"


class Boom(RuntimeError):
    """An exception that quotes a secret, as those of HTTP libraries do."""

    def __init__(self) -> None:
        super().__init__(f"Illegal header value b'Bearer {TOKEN}'")


def breaks(*arguments: Any, **more: Any) -> Any:
    raise Boom


async def breaks_later(*arguments: Any, **more: Any) -> Any:
    raise Boom


@pytest.fixture
def profile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FAILING_TOKEN", TOKEN)
    path = tmp_path / "profiles.toml"
    path.write_text(
        'version = 1\n[profile.x]\nbase_url = "http://127.0.0.1:9"\nrequest = "GET /v2/me"\n[profile.x.network]\nntp_server = "none"\n'
        'proxy = "none"\n[profile.x.secrets]\naccess_token = "env:FAILING_TOKEN"\n'
    )
    return path


PLACES: dict[str, tuple[object, str, Callable[..., Any]]] = {
    "the sender": (http_client.HttpSender, "_perform", breaks_later),
    "the recorder": (recording.Recorder, "exchange", breaks),
    "the store": (vault.Vault, "_look", breaks),
    "the redactor": (Redactor, "redact", breaks),
    "a renderer": (authwizard.cli.check, "render", breaks),
    "the delivery": (authwizard.cli.check, "_deliver", breaks),
    "the plan": (authwizard.cli.check, "Session", breaks),
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("place", PLACES)
def test_a_fault_of_our_own_shows_no_value(run, profile: Path, monkeypatch: pytest.MonkeyPatch, place: str, form: str) -> None:
    monkeypatch.setattr(*PLACES[place])
    said = run("check", "x", "--config", str(profile), "--trust", "--format", form)
    assert TOKEN not in said.out + said.err
    assert "Traceback" not in said.err
    assert "Boom" in said.out + said.err
    assert said.status == 4


def test_a_report_that_would_give_a_secret_away_is_refused_and_the_verdict_told_all_the_same(
    run, profile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(authwizard.cli.check, "render", lambda runs, form, many: f"the token is {TOKEN}")
    said = run("check", "x", "--config", str(profile), "--trust")
    assert (said.status, said.out) == (4, "")
    assert TOKEN not in said.err
    assert "would have held a secret (access_token" in said.err
    assert "not lost: network_unreachable" in said.err


@pytest.mark.parametrize("password", ["token", "GET", "api", "null", "bearer", "x", "9", "127.0.0", "network_unreachable", "pass", "/v2"])
@pytest.mark.parametrize("form", ["text", "json", "markdown"])
def test_a_secret_that_is_a_word_of_the_report_does_not_lose_it(
    run, profile: Path, monkeypatch: pytest.MonkeyPatch, password: str, form: str
) -> None:
    monkeypatch.setenv("FAILING_TOKEN", password)
    said = run("check", "x", "--config", str(profile), "--trust", "--format", form)
    assert "would have held" not in said.err
    assert said.out


def test_a_secret_known_in_the_keyring_only_is_not_given_to_a_profile_of_its_name(run, store, foreign: Path) -> None:
    """What is remembered of the store can be lost; the hosts a secret was saved for are then not known."""
    store.set("theirs", "access_token", Secret(TOKEN))
    foreign.write_text(foreign.read_text().partition("[profile.theirs.secrets]")[0])
    said = run("check", "theirs", "--config", str(foreign))
    assert "not for the hosts this profile names" in said.out
    assert "authwizard profile trust theirs" in said.out
    assert "keyring_unavailable" in said.out or said.status == 4
    assert "could not reach" not in said.out


TYPED = "ghp_" + "plainlyFake0" * 3


@pytest.mark.parametrize(
    "arguments",
    [
        ("store", "set", "x", "access_token", "a-value-of-any-shape"),
        ("store", "set", "x", TYPED),
        ("check", "x", "--token", TYPED),
        ("check", "x", f"--token={TYPED}"),
        ("check", TYPED),
        ("check", "--format", TYPED),
        ("check", "x", "--timeout", TYPED),
        ("cause", TYPED),
        ("demo", TYPED),
        ("profile", "show", TYPED),
        (TYPED, TYPED),
    ],
    ids=lambda arguments: " ".join(arguments[:3]).replace(TYPED, "TOKEN"),
)
def test_a_secret_typed_as_an_argument_is_not_repeated(run, arguments: tuple[str, ...]) -> None:
    said = run(*arguments)
    assert said.status == 2
    assert TYPED not in said.err
    assert "a-value-of-any-shape" not in said.err
    assert said.err.strip()


def test_what_was_typed_and_is_no_secret_is_repeated(run) -> None:
    assert "'staging-europe-west-1'" in run("check", "staging-europe-west-1").err
    assert "--tokn" in run("check", "x", "--tokn").err
