"""Where secrets are kept: asked once on a terminal without a keyring, pinned in settings.toml, shown and changed by `store`."""

from __future__ import annotations

import io
import secrets
import sys
from pathlib import Path

import pytest

from authwizard.cli import store_choice
from authwizard.store import state
from authwizard.store.keyring_store import KeyringStore
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


# ── a keyring that is there and does not work now ────────────────────────────────────────────────────────────────────


class Shut:
    """A keyring back end that raises this until it was asked so many times."""

    __module__ = "keyring.backends.SecretService"

    def __init__(self, error: Exception, times: int) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self._error = error
        self._times = times

    def get_password(self, service: str, username: str) -> str | None:
        self._try()
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._try()
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._try()
        del self.items[service, username]

    def _try(self) -> None:
        self._times -= 1
        if self._times >= 0:
            raise self._error


class KeyringLocked(Exception):
    """As the class of that name in `keyring.errors`."""


@pytest.fixture
def shut(run, monkeypatch: pytest.MonkeyPatch):
    """Return a function that gives the machine a keyring that is locked for so many calls, and makes the profile."""

    def call(times: int, error: Exception | None = None) -> Shut:
        backend = Shut(error or KeyringLocked("Failed to unlock the collection!"), times)
        original = store_choice.open_configured_store

        def opened():
            real = original()
            return (KeyringStore(backend), "") if isinstance(real[0], KeyringStore) else real

        monkeypatch.setattr(store_choice, "open_configured_store", opened)
        run("profile", "add", "prod", *PLACE)
        return backend

    return call


def test_a_locked_keyring_is_tried_again_after_it_was_unlocked(run, shut, at_terminal) -> None:
    backend = shut(2)  # the probe writes, and cleans up
    seen = at_terminal("1")
    assert run("store", "set", "prod", "access_token").status == 0
    assert backend.items["authwizard/prod/access_token", "authwizard"] == VALUE
    asked = seen.getvalue()
    assert "Secret Service is locked." in asked
    assert "Nothing is stored anywhere else unless you choose it here." in asked
    assert load_settings().store == "", "it stays the place for secrets, and nothing had to be chosen"


@pytest.mark.parametrize("answer", ["3", "", "x"])
def test_who_wants_nothing_stored_now_is_told_why_and_nothing_is_pinned(run, shut, at_terminal, answer: str) -> None:
    backend = shut(99)
    seen = at_terminal(answer)
    said = run("store", "set", "prod", "access_token")
    assert said.status == 2
    assert "Secret Service is locked." in seen.getvalue()
    assert (load_settings().store, backend.items) == ("", {})
    assert VALUE not in seen.getvalue()


def test_the_encrypted_file_is_taken_only_where_it_is_chosen(
    run, shut, at_terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "passphrase").write_text("plainly fake passphrase")
    (tmp_path / "passphrase").chmod(0o600)
    monkeypatch.setenv("AUTHWIZARD_PASSPHRASE_FILE", str(tmp_path / "passphrase"))
    backend = shut(99)
    seen = at_terminal("2")
    said = run("store", "set", "prod", "access_token")
    assert said.status == 0, said.err
    assert (load_settings().store, backend.items) == ("file", {})
    assert "authwizard store move --to file" in seen.getvalue()


def test_a_pinned_keyring_that_is_gone_is_not_exchanged_either(run, at_terminal) -> None:
    run("profile", "add", "prod", *PLACE)
    run("store", "use", "keyring")
    seen = at_terminal("")
    assert run("store", "set", "prod", "access_token").status == 2
    assert "No system keyring can be used here" in seen.getvalue()
    assert load_settings().store == "keyring"


def test_without_a_terminal_a_locked_keyring_is_one_sentence(run, shut, piped) -> None:
    shut(99)
    piped(VALUE.encode())
    said = run("store", "set", "prod", "access_token")
    assert said.is_one_sentence
    assert "Secret Service is locked." in said.err
    assert load_settings().store == ""
