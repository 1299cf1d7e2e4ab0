"""Two profiles files with a profile of the same name, and a name with secrets of an earlier profile: nothing is sent elsewhere, nothing lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from authwizard.cli.services import WizardServices
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.store import profiles_write, settings_write
from authwizard.store.file_store import FileStore
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.profiles import load_profiles
from authwizard.store.state import stored_secrets
from authwizard.store.trust import needs_trust

FAKE, THEIRS = "a-plainly-fake-value-0123456789", "another-plainly-fake-value-9876543210"
HERE = ("--base-url", "https://api.example.com", "--request", "GET /v2/me")
THERE = ("--base-url", "https://elsewhere.example.net", "--request", "GET /v2/me")


@pytest.fixture
def prod(run, piped, store: MemoryStore) -> None:
    """Save a profile of the usual file, and store its token."""
    run("profile", "add", "prod", *HERE)
    piped(FAKE.encode())
    assert run("store", "set", "prod", "access_token").status == 0


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Return the place of a second profiles file."""
    return tmp_path / "other.toml"


@pytest.mark.usefixtures("prod")
def test_a_new_profile_gets_no_secret_that_was_stored_under_its_name_for_other_hosts(run, other: Path) -> None:
    said = run("profile", "add", "prod", *THERE, "--config", str(other))
    assert said.status == 0
    assert "The store has access_token under this name for other hosts." in said.err
    said = run("check", "prod", "--config", str(other), "--format", "json", "--timeout", "5")
    assert said.status == 2
    assert "the stored secret (access_token) -> https://elsewhere.example.net:443" in said.err
    assert run("check", "prod", "--passive").status != 2, "the first one's agreement and secret are as they were"


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize("gone", [True, False])
def test_the_wizards_form_gives_a_new_profile_none_either(other: Path, profiles: Path, gone: bool) -> None:
    if gone:  # by hand: what was stored stays
        profiles.write_text("version = 1\n")
    path = profiles if gone else other
    new = Profile("prod", "https://elsewhere.example.net", "GET /v2/me")
    assert asyncio.run(WizardServices(None if gone else other).save(new, {})).saved
    assert [item.field for item in needs_trust(new, path)] == ["access_token"]


@pytest.mark.usefixtures("prod")
def test_the_secret_of_another_files_profile_is_not_replaced(run, piped, other: Path, store: MemoryStore) -> None:
    run("profile", "add", "prod", *THERE, "--config", str(other))
    piped(THEIRS.encode())
    said = run("store", "set", "prod", "access_token", "--config", str(other))
    assert said.is_one_sentence
    assert "profiles.toml has a profile prod too" in said.err
    saved = asyncio.run(WizardServices(other).save(load_profiles(other)["prod"], {"access_token": Secret(THEIRS)}))
    assert (saved.saved, "has a profile prod too" in saved.problem) == (False, True)
    kept = store.get("prod", "access_token")
    assert kept is not None
    assert kept.reveal() == FAKE
    assert run("profile", "rename", "prod", "theirs", "--config", str(other)).status == 0
    assert run("store", "set", "theirs", "access_token", "--config", str(other)).status == 0


@pytest.mark.usefixtures("prod")
def test_one_of_the_same_hosts_shares_the_secret_and_may_renew_it(run, piped, other: Path, store: MemoryStore) -> None:
    run("profile", "add", "prod", *HERE, "--config", str(other))
    piped(THEIRS.encode())
    assert run("store", "set", "prod", "access_token", "--config", str(other)).status == 0
    kept = store.get("prod", "access_token")
    assert kept is not None
    assert kept.reveal() == THEIRS


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize("change", [("remove", "prod", "--yes"), ("rename", "prod", "live")])
@pytest.mark.parametrize("second", ["the usual file", "the other file"])
def test_what_another_files_profile_uses_stays_where_it_is(run, other: Path, store: MemoryStore, change, second: str) -> None:
    run("profile", "add", "prod", *HERE, "--config", str(other))
    said = run("profile", *change, *(("--config", str(other)) if second == "the other file" else ()))
    assert said.status == 0
    assert "The secrets stored under prod stay" in said.err
    assert "access_token" not in said.err.replace("The secrets stored", "")
    assert store.get("prod", "access_token") is not None
    assert list(stored_secrets("prod")) == ["access_token"]
    assert "left" not in run("store").out


@pytest.mark.usefixtures("prod")
def test_a_removal_cut_short_takes_nothing_of_another_file_either(run, other: Path, store: MemoryStore, monkeypatch) -> None:
    run("profile", "add", "prod", *HERE, "--config", str(other))
    written = profiles_write.remove_profile

    def cut(path: Path, name: str) -> None:
        written(path, name)
        raise KeyboardInterrupt

    monkeypatch.setattr(profiles_write, "remove_profile", cut)
    assert run("profile", "remove", "prod", "--yes", "--config", str(other)).status == 130
    monkeypatch.setattr(profiles_write, "remove_profile", written)
    run("store", "--config", str(other))
    run("store")
    assert store.get("prod", "access_token") is not None
    assert list(stored_secrets("prod")) == ["access_token"]


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize("place", ["references", "memory", "file"])
@pytest.mark.parametrize("change", [("remove", "prod", "--yes"), ("rename", "prod", "live")])
def test_no_secret_is_left_forgotten_in_a_place_that_is_not_in_use(run, profiles: Path, monkeypatch, place, change) -> None:
    from authwizard.cli import profile_share
    from authwizard.cli.session import open_configured_store

    settings_write.pin_store(place)
    monkeypatch.setattr(profile_share, "open_configured_store", open_configured_store)
    said = run("profile", *change)
    assert said.is_one_sentence
    assert ("access_token of prod is kept in" in said.err, "authwizard store use" in said.err) == (True, True)
    assert list(load_profiles(profiles)) == ["prod"]
    assert list(stored_secrets("prod")) == ["access_token"]


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize("place", ["references", "file"])
def test_what_is_forgotten_elsewhere_is_said_to_be_there_still(run, monkeypatch, place) -> None:
    from authwizard.cli import store_verbs
    from authwizard.cli.session import open_configured_store

    settings_write.pin_store(place)
    monkeypatch.setattr(store_verbs, "open_configured_store", open_configured_store)
    said = run("store", "forget", "prod", "--yes")
    assert said.status == 0
    assert "was stored in test.Store, which is not in use now, so it was not removed there" in said.out
    assert "authwizard store use keyring, then authwizard store forget prod access_token" in said.out
    assert stored_secrets("prod") == {}
    assert run("store", "forget", "prod").is_one_sentence


def test_a_directory_in_place_of_the_passphrase_is_named(run, tmp_path: Path, monkeypatch) -> None:
    settings_write.pin_store("file")
    monkeypatch.setenv("AUTHWIZARD_PASSPHRASE_FILE", str(tmp_path))
    said = run("store")
    assert said.status == 4
    assert "is a directory" in said.out
    assert "chmod" not in said.out


def test_a_wizard_that_is_open_saves_where_another_authwizard_has_moved_the_secrets(store: MemoryStore, monkeypatch) -> None:
    """Else the next start reads an older value there, and the one saved here lies where nothing looks."""
    services = WizardServices()
    settings_write.pin_store("keyring")
    assert isinstance(services._open(), KeyringStore)
    settings_write.pin_store("file")
    first = services._open()
    assert isinstance(first, FileStore)
    assert services._open() is first
    settings_write.pin_store("memory")
    kept = services._open()
    settings_write.pin_store("file")
    assert services._open() is kept, "what is in memory would be gone"
    assert isinstance(kept, MemoryStore)


def test_nothing_typed_at_the_prompt_for_a_secret_is_one_sentence(run, store: MemoryStore, answered, monkeypatch) -> None:
    def closed(prompt: str) -> str:
        raise EOFError

    run("profile", "add", "prod", *HERE)
    monkeypatch.setattr("getpass.getpass", closed)
    answered("")
    said = run("store", "set", "prod", "access_token")
    assert said.is_one_sentence
    assert (said.status, "nothing was stored" in said.err) == (2, True)
