"""The user's choices, and the store they lead to."""

from __future__ import annotations

from pathlib import Path

import pytest

from authwizard.model.errors import ConfigError, StoreError
from authwizard.model.secret import Secret
from authwizard.store.file_store import FileStore
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.open_store import open_store
from authwizard.store.references_only import ReferencesOnly
from authwizard.store.secrets import SecretStore
from authwizard.store.settings import Settings, load_settings
from authwizard.store.settings_write import pin_store


@pytest.fixture
def file(own_places: Path) -> Path:
    path = own_places / "config" / "settings.toml"
    path.parent.mkdir()
    return path


def test_without_a_file_nothing_is_chosen() -> None:
    assert load_settings() == Settings()


def test_choices_are_read(file: Path) -> None:
    file.write_text('store = "keyring"\nkeyring_backend = "keyring.backends.kwallet.DBusKeyring"\n')
    assert load_settings() == load_settings(file) == Settings("keyring", "keyring.backends.kwallet.DBusKeyring")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nstore = 'keyrin'\n", "settings.toml, line 2: store: must be one of keyring, file, memory, references; did you mean keyring?"),
        ("stores = 'memory'\n", "line 1: stores: stores is not a setting; did you mean store?"),
        ("keyring_backend = 'keyrings.alt.file.PlaintextKeyring'\n", "line 1: keyring_backend: must be a class of keyring.backends."),
        ("store = \n", "line 1, column 9: this is not valid TOML"),
        ("store = 7\n", "must be one of"),
    ],
)
def test_a_wrong_choice_is_said_with_its_line(file: Path, text: str, said: str) -> None:
    file.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_settings()
    assert said in str(caught.value)


def test_a_file_that_cannot_be_read_is_said(file: Path) -> None:
    file.mkdir()
    with pytest.raises(ConfigError, match="cannot be read"):
        load_settings()


def test_the_store_is_the_pinned_one() -> None:
    assert isinstance(open_store(Settings()), KeyringStore)
    assert isinstance(open_store(Settings("keyring")), KeyringStore)
    assert isinstance(open_store(Settings("memory")), MemoryStore)
    assert isinstance(open_store(Settings("file")), FileStore)
    assert isinstance(open_store(Settings("references")), ReferencesOnly)


def test_a_pinned_back_end_is_the_one_that_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")  # no session bus needed there
    problem = open_store(Settings("keyring", "keyring.backends.macOS.Keyring")).describe().problem
    assert "macOS Keychain: " in problem
    assert "Secret Service" not in problem


def test_memory_keeps_until_the_process_ends(secret: Secret) -> None:
    store: SecretStore = MemoryStore()
    assert store.get("prod", "api_key") is None
    store.set("prod", "api_key", secret)
    assert store.get("prod", "api_key") == secret
    assert store.get("dev", "api_key") is None
    assert store.delete("prod", "api_key") is True
    assert store.delete("prod", "api_key") is False
    assert store.probe() == store.describe()
    assert not store.describe().durable


def test_where_secrets_are_only_referred_to_none_is_kept(secret: Secret) -> None:
    store: SecretStore = ReferencesOnly()
    for refused in (lambda: store.set("prod", "api_key", secret), store.probe):
        with pytest.raises(StoreError, match="authwizard store use") as caught:
            refused()
        assert secret.reveal() not in str(caught.value)
    assert store.get("prod", "api_key") is None
    assert store.delete("prod", "api_key") is False
    assert not store.describe().durable


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", 'store = "file"\n'),
        ("# mine\n", '# mine\nstore = "file"\n'),
        ('store = "keyring" # why\nkeyring_backend = ""\n', 'store = "file" # why\nkeyring_backend = ""\n'),
        ('store = "file"\n\n\n', 'store = "file"\n\n\n'),
    ],
)
def test_the_choice_is_pinned_and_all_else_stays(file: Path, before: str, after: str) -> None:
    file.write_text(before)
    assert pin_store("file") == file
    assert file.read_text() == after
    assert load_settings().store == "file"


def test_a_choice_makes_the_file_and_leaves_a_wrong_one_alone(own_places: Path) -> None:
    path = pin_store("memory")
    assert load_settings(path) == Settings("memory")
    path.write_text("stores = 1\n")
    with pytest.raises(ConfigError, match="is not a setting"):
        pin_store("file")
    assert path.read_text() == "stores = 1\n"
