"""Moving secrets to another place: at every moment each of them can be read from the place that is in use."""

from __future__ import annotations

import asyncio
import json
import secrets
import threading
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile
from authwizard.model.secret import Secret
from authwizard.store import journal, slots, state
from authwizard.store.file_store import FileStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.move import move_all
from authwizard.store.rotation import Rotation
from authwizard.store.rotation_places import StorePlace, store_id
from authwizard.store.secrets import StorePlace as Described
from authwizard.store.settings_write import pin_store
from authwizard.store.vault import Vault

VALUES = {("prod", "client_secret"): "c", ("prod", "refresh_token"): "r", ("staging", "api_key"): "a"}


class Cut(BaseException):
    """The process dies here."""


class Lasting(MemoryStore):
    """A store that lasts, and dies at a call."""

    durable = True

    def __init__(self, name: str) -> None:
        super().__init__()
        self.title = name
        self.left: list[int] = []

    def _count(self) -> None:
        if self.left:
            self.left[0] -= 1
            if self.left[0] < 0:
                raise Cut

    def get(self, profile: str, field: str) -> Secret | None:
        self._count()
        return super().get(profile, field)

    def set(self, profile: str, field: str, secret: Secret) -> None:
        self._count()
        super().set(profile, field, secret)

    def delete(self, profile: str, field: str) -> bool:
        self._count()
        return super().delete(profile, field)

    def describe(self) -> Described:
        return Described(self.title, self.title, durable=True, backend=self.title)


@pytest.fixture
def old() -> Lasting:
    store = Lasting("old")
    for (profile, field), value in VALUES.items():
        if field == "refresh_token":
            Rotation(StorePlace(store, profile)).store(Secret(value))
        else:
            store.set(profile, field, Secret(value))
        state.remember_stored(profile, field, "old", {"origins": ["x"]}, now=5.0)
        state.remember_times(profile, field, last_ok=7.0)
    return store


def held(store: Lasting) -> dict[tuple[str, str], str]:
    """What a store gives for the known names."""
    store.left = []
    found = {}
    for profile, field in VALUES:
        token = Rotation(StorePlace(store, profile)).load() if field == "refresh_token" else None
        secret = token.secret if token else None if field == "refresh_token" else store.get(profile, field)
        if secret is not None:
            found[profile, field] = secret.reveal()
    return found


def test_everything_moves_and_nothing_is_left(old: Lasting) -> None:
    new, pinned = Lasting("new"), []
    assert sorted(move_all(old, new, lambda: pinned.append(held(old) == VALUES == held(new)), pinned=False)) == sorted(VALUES)
    assert pinned == [True], "both places hold all when the choice is pinned"
    assert held(new) == VALUES
    assert old._kept == {}
    for profile, field in VALUES:
        known = state.stored_secrets(profile)[field]
        assert (known.backend, known.binding, known.created, known.last_ok) == ("new", {"origins": ["x"]}, 5.0, 7.0)


@pytest.mark.parametrize("side", ["old", "new"])
@pytest.mark.parametrize("calls", range(25))
def test_cut_short_anywhere_it_is_never_half_and_the_same_command_ends_it(old: Lasting, calls: int, side: str) -> None:
    new, pinned = Lasting("new"), []
    (old if side == "old" else new).left = [calls]
    try:
        move_all(old, new, lambda: pinned.append(1), pinned=False)
    except Cut:
        assert held(new if pinned else old) == VALUES
    old.left, new.left = [], []
    move_all(old, new, lambda: pinned.append(1), pinned=bool(pinned))
    assert (held(new), old._kept) == (VALUES, {})


def test_a_value_stored_since_is_not_overwritten_by_what_was_left_behind(old: Lasting) -> None:
    new = Lasting("new")
    new.set("prod", "client_secret", Secret("newer"))
    Rotation(StorePlace(new, "prod")).store(Secret("newer token"))
    move_all(old, new, lambda: None, pinned=True)
    assert held(new) == {**VALUES, ("prod", "client_secret"): "newer", ("prod", "refresh_token"): "newer token"}
    assert old._kept == {}


def test_what_is_noted_to_lie_in_the_new_place_already_is_the_newer_value(old: Lasting) -> None:
    new = Lasting("new")
    new.set("prod", "client_secret", Secret("newer"))
    Rotation(StorePlace(new, "prod")).store(Secret("newer token"))
    for field in ("client_secret", "refresh_token"):
        state.remember_stored("prod", field, "new", {"origins": ["x"]})
    # `settings.toml` names neither: without it the keyring is in use, and "old" is a file that was left behind
    move_all(old, new, lambda: None, pinned=False)
    assert held(new) == {**VALUES, ("prod", "client_secret"): "newer", ("prod", "refresh_token"): "newer token"}
    assert old._kept == {}


def test_a_token_that_is_in_the_journal_alone_moves_too(old: Lasting) -> None:
    key = StorePlace(old, "prod").key(make=True)
    assert key is not None
    token = Secret(f"new-{secrets.token_urlsafe(20)}")
    journal.write(store_id("prod"), token, journal.mark_of(Secret("r")), key)
    new = Lasting("new")
    move_all(old, new, lambda: None, pinned=False)
    assert held(new)["prod", "refresh_token"] == token.reveal()
    assert not journal.path_of(store_id("prod")).exists()
    assert old._kept == {}


def test_a_place_that_takes_nothing_leaves_everything_where_it_was(old: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    new, pinned = Lasting("new"), []

    def full(*_: object) -> None:
        raise StoreError("It is full.")

    monkeypatch.setattr(new, "set", full)
    with pytest.raises(StoreError, match="It is full"):
        move_all(old, new, lambda: pinned.append(1), pinned=False)
    assert (held(old), pinned) == (VALUES, [])


def test_the_state_names_no_value(old: Lasting) -> None:
    move_all(old, Lasting("new"), lambda: None, pinned=False)
    assert '"backend": "new"' in json.dumps(state._FILE.read())
    assert slots.NAMES == ("refresh_token.a", "refresh_token.b")


def test_what_is_stored_while_secrets_move_is_not_removed_with_the_rest(own_places: Path) -> None:
    """Written to the old place between its copy and its end, a new value would be lost: it waits, and is refused there."""
    ask = lambda _: Secret("plainly fake passphrase")  # noqa: E731
    profile = Profile("prod", "https://api.example.com", "GET /")
    old, new, copying = FileStore(ask), Lasting("new"), threading.Event()
    vault = Vault(profile, FileStore(ask), base=own_places, trusted=True)
    asyncio.run(vault.keep("api_key", Secret("first")))
    told: list[str] = []

    def store_another() -> None:
        copying.wait(20)
        try:
            asyncio.run(vault.keep("api_key", Secret("second")))
        except StoreError as error:
            told.append(str(error))

    def pin() -> None:
        copying.set()
        writer.join(0.5)  # without the lock it is done by now
        pin_store("keyring")

    writer = threading.Thread(target=store_another)
    writer.start()
    move_all(old, new, pin, pinned=False)
    writer.join()
    assert new.get("prod", "api_key") == Secret("first")
    assert old.get("prod", "api_key") is None
    assert told == ["Nothing was stored: another authwizard has moved the secrets to another place meanwhile. Try again."]
