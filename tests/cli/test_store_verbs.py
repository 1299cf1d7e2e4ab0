"""`store` in full: what lies where and since when, opening it, moving and forgetting; and no secret in any of it."""

from __future__ import annotations

import secrets
import time
from pathlib import Path

import pytest

from authwizard.cli import store_verbs
from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store import in_flight, state
from authwizard.store.file_store import FileStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.rotation import Rotation
from authwizard.store.rotation_places import StorePlace, store_id
from authwizard.store.settings import load_settings

PLACE = ("--base-url", "http://127.0.0.1:9", "--request", "GET /v2/me")
VALUES = {field: f"{field}-{secrets.token_urlsafe(20)}" for field in ("client_secret", "access_token", "refresh_token")}


@pytest.fixture
def prod(run, store: MemoryStore, piped) -> MemoryStore:
    """A profile with three stored secrets and one by reference."""
    run("profile", "add", "prod", *PLACE, "--secret", "api_key=env:PROD_KEY")
    for field, value in VALUES.items():
        piped(value.encode())
        assert run("store", "set", "prod", field).status == 0
    return store


@pytest.fixture
def sealed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FileStore:
    """The encrypted file, its passphrase in a file."""
    passphrase = tmp_path / "passphrase"
    passphrase.write_text("plainly fake passphrase\n")
    passphrase.chmod(0o600)
    monkeypatch.setenv("AUTHWIZARD_PASSPHRASE_FILE", str(passphrase))
    return FileStore(lambda _: Secret("plainly fake passphrase"))


def is_silent(said) -> bool:
    """Whether nothing that was said holds a secret."""
    return not any(value in said.out + said.err for value in (*VALUES.values(), "plainly fake passphrase"))


def test_every_secret_is_listed_with_its_place_and_its_age(run, prod: MemoryStore) -> None:
    backend = state.stored_secrets("prod")["client_secret"].backend
    state.remember_stored("prod", "client_secret", backend, {}, now=time.time() - 100 * 86400)
    state.remember_stored("prod", "access_token", "file", {}, now=time.time() - 86400 * 1.5)
    said = run("store")
    assert said.status == 0
    listed = {line.split()[0]: line.split(maxsplit=1)[1] for line in said.out.splitlines() if line.startswith("  ")}
    assert listed == {
        "access_token": "stored in the encrypted file, not in use now, 1 day old",
        "client_secret": "in the store, 100 days old, rotate it",
        "refresh_token": "in the store, 0 days old",
        "api_key": "env:PROD_KEY, age unknown",
    }
    assert is_silent(said)


@pytest.fixture
def filed(run, sealed: FileStore, piped) -> FileStore:
    """A profile whose one secret is in the encrypted file, which is in use."""
    run("store", "use", "file")
    run("profile", "add", "prod", *PLACE)
    piped(VALUES["client_secret"].encode())
    assert run("store", "set", "prod", "client_secret").status == 0
    return sealed


def test_a_secret_that_another_program_removed_is_not_called_stored(run, filed: FileStore) -> None:
    assert "client_secret      in the store, 0 days old" in run("store").out
    filed.delete("prod", "client_secret")
    said = run("store")
    assert said.status == 0
    assert "client_secret      NOT in the store any more (removed by another program?), 0 days old" in said.out


def test_a_file_that_is_gone_is_told_and_no_empty_one_is_made_in_its_place(run, filed: FileStore, piped) -> None:
    kept = filed.path.read_bytes()
    filed.path.unlink()
    said = run("store")
    assert said.status == 4
    assert f"{filed.path} is not there any more, and what was kept in it is gone with it. Put a copy of it back" in said.out
    assert not filed.path.exists()
    filed.path.write_bytes(kept)
    filed.path.chmod(0o600)
    assert run("store").status == 0
    filed.path.unlink()
    piped(b"plainly-fake-new-value")
    assert run("store", "set", "prod", "client_secret").status == 0, "storing again is the other way out"
    assert run("store").status == 0


def test_the_date_in_the_profile_and_its_days_count(run, prod: MemoryStore, profiles: Path) -> None:
    text = profiles.read_text().replace('"env:PROD_KEY"', '{ ref = "env:PROD_KEY", created = 2020-01-31, rotate_days = 30 }')
    profiles.write_text(text)
    assert "days old, rotate it" in next(line for line in run("store").out.splitlines() if "env:PROD_KEY" in line)


def test_a_refresh_that_was_cut_short_is_told(run, prod: MemoryStore) -> None:
    in_flight.begin(store_id("prod"), "0123456789abcdef")
    assert "A refresh was in flight when authwizard stopped at" in run("store").out


def test_everything_moves_to_the_encrypted_file_and_back(run, prod: MemoryStore, sealed: FileStore, monkeypatch, profiles: Path) -> None:
    settings = profiles.parent / "settings.toml"
    settings.write_text('# mine\nkeyring_backend = "keyring.backends.kwallet.DBusKeyring"  # the one I use\n')
    real = store_verbs.opened
    monkeypatch.setattr(store_verbs, "opened", lambda choice, known: prod if choice == "keyring" else real(choice, known))
    said = run("store", "move", "--to", "file")
    assert said.status == 0, said.err
    assert [line for line in said.out.splitlines() if line.startswith("Moved")] == [f"Moved {field} of prod." for field in sorted(VALUES)]
    assert load_settings().store == "file"
    assert settings.read_text().startswith("# mine\nkeyring_backend") and "# the one I use" in settings.read_text()  # noqa: PT018
    assert prod._kept == {}
    token = Rotation(StorePlace(sealed, "prod")).load()
    assert token is not None
    assert token.secret == Secret(VALUES["refresh_token"])
    assert sealed.get("prod", "client_secret") == Secret(VALUES["client_secret"])
    assert is_silent(said)
    assert run("store", "move", "--to", "file").out.startswith("Secrets are kept in"), "a second time there is nothing left to move"
    assert run("store", "move", "--to", "keyring", "prod").status == 0
    assert prod.get("prod", "client_secret") == Secret(VALUES["client_secret"])
    assert sealed.get("prod", "client_secret") is None
    assert load_settings().store == "keyring"


def test_what_another_program_stored_under_a_profiles_name_moves_and_is_forgotten_too(
    run, prod: MemoryStore, sealed: FileStore, monkeypatch
) -> None:
    value = f"plainly-fake-{secrets.token_hex(8)}"
    prod.set("prod", "username", Secret(value))
    prod.set("nobody", "username", Secret(value))
    real = store_verbs.opened
    monkeypatch.setattr(store_verbs, "opened", lambda choice, known: prod if choice == "keyring" else real(choice, known))
    said = run("store", "move", "--to", "file")
    assert "Moved username of prod.\n" in said.out
    assert value not in said.out + said.err
    assert sealed.get("prod", "username") == Secret(value)
    assert prod._kept == {("nobody", "username"): Secret(value)}
    assert run("store", "move", "--to", "keyring").status == 0
    said = run("store", "forget", "prod", "--yes")
    assert "Removed username of prod.\n" in said.out
    assert prod._kept == {("nobody", "username"): Secret(value)}
    assert run("store", "forget", "nobody", "--yes").out == "Removed username of nobody.\n"


def test_a_store_that_cannot_tell_what_else_it_holds_is_named(run, prod: MemoryStore, sealed: FileStore, monkeypatch) -> None:
    for field in VALUES:
        state.forget_stored("prod", field)

    def locked(*_: object) -> Secret:
        raise StoreError("The keyring is locked.")

    monkeypatch.setattr(prod, "get", locked)
    real = store_verbs.opened
    monkeypatch.setattr(store_verbs, "opened", lambda choice, known: prod if choice == "keyring" else real(choice, known))
    said = run("store", "move", "--to", "file")
    assert said.err == "Whether the test's store holds more than is remembered could not be seen: The keyring is locked.\n"
    assert load_settings().store == "file"


def test_some_profiles_alone_are_not_moved(run, prod: MemoryStore) -> None:
    state.remember_stored("staging", "api_key", "x", {})
    said = run("store", "move", "--to", "file", "prod")
    assert (said.status, said.is_one_sentence) == (2, True)
    assert "staging" in said.err
    assert load_settings().store == ""


def test_a_secret_is_forgotten_after_a_question(run, prod: MemoryStore, answered) -> None:
    answered("n")
    assert "Nothing was removed" in run("store", "forget", "prod", "client_secret").err
    assert prod.get("prod", "client_secret") is not None
    answered("y")
    assert run("store", "forget", "prod", "client_secret").out == "Removed client_secret of prod.\n"
    assert prod.get("prod", "client_secret") is None
    assert "client_secret" not in state.stored_secrets("prod")
    said = run("store", "forget", "prod", "--yes")
    assert said.out == "Removed access_token of prod.\nRemoved refresh_token of prod.\n"
    assert prod._kept == {}
    assert run("store", "forget", "prod", "api_key", "--yes").out == "There was no api_key of prod in the test's store.\n"


@pytest.mark.parametrize(("words", "about"), [(("prod", "acces_token"), "access_token"), (("nobody",), "nobody")])
def test_what_cannot_be_forgotten_is_one_sentence(run, prod: MemoryStore, words: tuple[str, ...], about: str) -> None:
    said = run("store", "forget", *words, "--yes")
    assert (said.status, said.is_one_sentence) == (2, True)
    assert about in said.err


def test_the_encrypted_file_is_opened(run, sealed: FileStore, profiles: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles.parent.mkdir(exist_ok=True)
    (profiles.parent / "settings.toml").write_text('store = "file"\n')
    assert "There is no encrypted file yet" in run("store", "unlock").out
    sealed.set("prod", "api_key", Secret("x"))
    said = run("store", "unlock")
    assert "opens with this passphrase" in said.out
    assert is_silent(said)
    monkeypatch.delenv("AUTHWIZARD_PASSPHRASE_FILE")
    said = run("store", "unlock")
    assert (said.status != 0, said.is_one_sentence) == (True, True)
    assert "passphrase was not given" in said.err


def test_an_older_copy_of_the_file_is_told(run, sealed: FileStore, profiles: Path) -> None:
    profiles.parent.mkdir(exist_ok=True)
    (profiles.parent / "settings.toml").write_text('store = "file"\n')
    sealed.set("prod", "api_key", Secret("x"))
    older = sealed.path.read_bytes()
    sealed.set("prod", "api_key", Secret("y"))
    sealed.path.write_bytes(older)
    assert "is an older copy than the one" in run("store").out


def test_another_store_is_opened_too(run, store: MemoryStore) -> None:
    assert run("store", "unlock").out == "the test's store is open: a test value was written, read back and deleted.\n"


def test_a_stored_secret_is_due_after_the_days_that_were_set_and_they_outlast_its_value(run, prod: MemoryStore, piped) -> None:
    def stored_again(*options: str) -> str:
        piped(VALUES["client_secret"].encode())
        assert run("store", "set", "prod", "client_secret", *options).status == 0
        return next(line for line in run("profile", "list").out.splitlines() if "client_secret" in line)

    assert "rotate in 90" in stored_again()
    assert "rotate in 30" in stored_again("--rotate-days", "30")
    assert "rotate in 30" in stored_again(), "the next value lives as long"
    for wrong in ("0", "x", "99999"):
        assert run("store", "set", "prod", "client_secret", "--rotate-days", wrong).status == 2
