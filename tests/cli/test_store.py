"""Is a secret stored exactly as it was given, and never shown?"""

from __future__ import annotations

from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store.memory_store import MemoryStore
from authwizard.store.secrets import StorePlace

PLACE = ("--base-url", "http://127.0.0.1:9", "--request", "GET /v2/me")


def test_a_working_store_is_named_and_tried(run, store: MemoryStore) -> None:
    said = run("store")
    assert said.status == 0
    assert "the test's store" in said.out
    assert "written, read back and deleted" in said.out


def test_without_a_keyring_the_store_says_what_helps(run) -> None:
    said = run("store")
    assert said.status == 4
    assert "env:NAME" in said.out
    assert "Traceback" not in said.out + said.err


def test_a_store_that_fails_is_told(run, store: MemoryStore, monkeypatch) -> None:
    def locked() -> StorePlace:
        raise StoreError("The keyring is locked. Unlock it and try again.")

    monkeypatch.setattr(store, "probe", locked)
    said = run("store")
    assert said.status == 4
    assert "The keyring is locked." in said.out


@pytest.mark.parametrize(
    ("typed", "options", "kept"),
    [
        (b"fake value", (), "fake value"),
        (b"fake value\n", (), "fake value"),
        (b"fake value\r\n", (), "fake value"),
        (b"fake value\n\n", (), "fake value\n"),
        (b" fake value \n", (), " fake value "),
        (b"fake value\n", ("--exact",), "fake value\n"),
        ("n\u00e4chste\n".encode(), (), "n\u00e4chste"),
    ],
)
def test_a_stored_value_loses_one_final_newline_and_nothing_else(
    run, store: MemoryStore, piped, typed: bytes, options: tuple[str, ...], kept: str
) -> None:
    run("profile", "add", "prod", *PLACE)
    piped(typed)
    said = run("store", "set", "prod", "access_token", *options)
    assert said.status == 0
    assert store.get("prod", "access_token") == Secret(kept)
    assert "fake value" not in said.out + said.err


def test_a_value_typed_at_the_terminal_is_not_shown(run, store: MemoryStore, answered, monkeypatch) -> None:
    run("profile", "add", "prod", *PLACE)
    answered("")
    asked = []
    monkeypatch.setattr("getpass.getpass", lambda prompt: asked.append(prompt) or "typed in secret")
    said = run("store", "set", "prod", "access_token")
    assert asked == ["access_token (not shown): "]
    assert store.get("prod", "access_token") == Secret("typed in secret")
    assert "typed in secret" not in said.out + said.err


@pytest.mark.parametrize(
    ("arguments", "typed", "about"),
    [
        (("prod", "acces_token"), b"x", "access_token"),
        (("prod", "access_token"), b"", "Nothing"),
        (("prod", "access_token"), b"\n", "Nothing"),
        (("prod", "access_token"), b"x" * 70_000, "64 KiB"),
        (("other", "access_token"), b"x", "'other'"),
        (("prod", "client_secret"), b"x", "reference"),
    ],
)
def test_a_value_that_cannot_be_stored_is_refused(
    run, store: MemoryStore, piped, arguments: tuple[str, ...], typed: bytes, about: str
) -> None:
    run("profile", "add", "prod", *PLACE, "--secret", "client_secret=env:PROD_SECRET")
    piped(typed)
    said = run("store", "set", *arguments)
    assert said.status == 2
    assert about in said.err
    assert said.is_one_sentence
    assert store.get(*arguments) is None


def test_a_store_that_forgets_takes_no_secret(run, piped, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    (profiles.parent / "settings.toml").write_text('store = "memory"\n')
    piped(b"x")
    said = run("store", "set", "prod", "access_token")
    assert said.status == 2
    assert "memory" in said.err


@pytest.mark.parametrize(
    "order", [("store", "--config", "{}", "set", "theirs", "api_key"), ("store", "set", "theirs", "api_key", "--config", "{}")]
)
def test_the_other_profiles_file_is_used_wherever_it_is_named(
    run, store: MemoryStore, piped, foreign: Path, order: tuple[str, ...]
) -> None:
    piped(b"x")
    assert run(*(word.format(foreign) for word in order)).status == 0
    assert store.get("theirs", "api_key") == Secret("x")


@pytest.mark.parametrize(
    ("line", "field"),
    [
        ('[profile.prod.secrets]\nclient_secret = "hunter2hunter2"', "client_secret"),
        ('[profile.prod.secrets]\nclient_secret = { ref = "hunter2hunter2", rotate_days = 9 }', "client_secret"),
        ('client_secret = "hunter2hunter2"', "client_secret"),
        ('[profile.prod.oauth]\nclient_id = "x"\nclient_secret = "hunter2hunter2"', "client_secret"),
        ('headers = { Authorization = "Bearer hunter2hunter2hunter2" }', "authorization"),
    ],
)
def test_the_command_that_is_named_for_a_secret_in_the_open_works(run, store, piped, profiles: Path, line: str, field: str) -> None:
    """The file is refused as long as the secret stands in it, and this is the way to get it out."""
    profiles.parent.mkdir(exist_ok=True)
    profiles.write_text(f'version = 1\n[profile.prod]\nbase_url = "https://api.example.com"\nrequest = "GET /"\n{line}\n')
    assert f"authwizard store set prod {field}" in run("profile", "list").err
    piped(b"hunter2hunter2")
    said = run("store", "set", "prod", field)
    assert (said.status, "hunter2" in said.out + said.err) == (0, False)
    assert store.get("prod", field) is not None
    assert run("profile", "list").status == 2, "all else waits until the line is gone"
