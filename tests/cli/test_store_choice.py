"""Where secrets are kept: asked once on a terminal without a keyring, pinned in settings.toml, shown and changed by `store`."""

from __future__ import annotations

import io
import secrets
import sys
from pathlib import Path

import pytest

from authwizard.store import state
from authwizard.store.settings import load_settings

PLACE = ("--base-url", "http://127.0.0.1:9", "--request", "GET /v2/me")
VALUE = f"fake-{secrets.token_urlsafe(20)}"


class Screen(io.StringIO):
    """Standard error that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def at_terminal(answered, monkeypatch: pytest.MonkeyPatch):
    """Return a function that sits a person at a terminal, with this answer ready and one value to type; it returns what they read."""

    def call(line: str) -> Screen:
        answered(line)
        seen = Screen()
        monkeypatch.setattr(sys, "stderr", seen)
        monkeypatch.setattr("getpass.getpass", lambda *_: VALUE)
        return seen

    return call


@pytest.mark.parametrize(("choice", "kept"), [("references", "nowhere"), ("memory", "memory of this session"), ("file", "encrypted file")])
def test_a_choice_is_pinned_and_shown(run, choice: str, kept: str) -> None:
    said = run("store", "use", choice)
    assert said.status == 0
    assert load_settings().store == choice
    assert "settings.toml says so" in said.out
    shown = run("store").out
    assert kept in shown
    assert "That is the choice in settings.toml; authwizard store use changes it." in shown


def test_with_references_alone_the_store_is_as_chosen_and_takes_nothing(run, piped) -> None:
    run("profile", "add", "prod", *PLACE)
    run("store", "use", "references")
    assert run("store").status == 0
    piped(VALUE.encode())
    said = run("store", "set", "prod", "access_token")
    assert said.is_one_sentence
    assert "not stored, as you chose" in said.err
    assert VALUE not in said.err


def test_what_is_stored_elsewhere_is_told_with_the_way_over(run) -> None:
    state.remember_stored("prod", "api_key", "keyring.backends.SecretService.Keyring", {})
    state.remember_stored("dev", "api_key", "file", {})
    said = run("store", "use", "file")
    assert "in Secret Service for what is stored there of prod: api_key. Bring it over with: authwizard store move --to file" in said.out
    assert "of dev" not in said.out
    assert "of dev: api_key" in run("store", "use", "keyring").out
    assert run("store", "use", "references").out.count("Nothing looks any more") == 2


@pytest.mark.parametrize(("answer", "choice"), [("1", "file"), ("2", "memory"), ("3", "references"), ("", ""), ("4", ""), ("file", "")])
def test_the_first_save_at_a_terminal_asks_and_pins(run, at_terminal, answer: str, choice: str) -> None:
    run("profile", "add", "prod", *PLACE)
    seen = at_terminal(answer)
    run("store", "set", "prod", "access_token")
    assert load_settings().store == choice
    assert "This machine has no keyring that can be used. Where should secrets be kept?" in seen.getvalue()
    assert VALUE not in seen.getvalue()
    if choice:
        again = at_terminal("1")
        run("store", "set", "prod", "access_token")
        assert "Where should secrets be kept?" not in again.getvalue()
        assert load_settings().store == choice


def test_without_a_terminal_nothing_is_asked_and_nothing_is_pinned(run, piped, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    piped(VALUE.encode())
    said = run("store", "set", "prod", "access_token")
    assert said.is_one_sentence
    assert "authwizard store use file" in said.err
    assert not (profiles.parent / "settings.toml").exists()


def test_an_import_asks_too(run, at_terminal, tmp_path: Path) -> None:
    file = tmp_path / "it.curl"
    file.write_text(f"curl https://api.example.com/v2/me -H 'Authorization: Bearer {VALUE}'")
    seen = at_terminal("3")
    said = run("profile", "import", "--from", "curl", str(file), "--name", "prod", "--yes")
    assert said.status == 4
    assert load_settings().store == "references"
    assert VALUE not in seen.getvalue() + said.out


def test_a_working_store_is_not_asked_about(run, store, at_terminal) -> None:
    run("profile", "add", "prod", *PLACE)
    seen = at_terminal("1")
    assert run("store", "set", "prod", "access_token").status == 0
    assert "Where should" not in seen.getvalue()
    assert load_settings().store == ""
