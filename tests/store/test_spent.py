"""A refresh token that was used up: it lies beside its successor until that has proved itself, and then nowhere."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.store import journal, rotation, slots
from authwizard.store import rotation_places as places
from authwizard.store.file_store import FileStore
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.rotation import Rotation, held_place
from authwizard.store.secrets import SecretStore, StorePlace
from authwizard.store.state import stored_secrets
from authwizard.store.vault import Vault

PROFILE = Profile("prod", "https://api.example.com", "GET /")
OLD, NEW, NEWER, ACCESS = (Secret(f"{name}-{secrets.token_urlsafe(40)}") for name in ("old", "new", "newer", "access"))
NAMES = (*slots.NAMES, slots.ROTATING)
Open = Callable[[], SecretStore]


class Lasting(MemoryStore):
    """A store that lasts; `stuck` names what it does not remove."""

    durable = True

    def __init__(self) -> None:
        super().__init__()
        self.stuck: re.Pattern[str] | None = None

    def describe(self) -> StorePlace:
        return StorePlace("test", "the test's store", durable=True)

    def delete(self, profile: str, field: str) -> bool:
        if self.stuck and self.stuck.search(field):
            raise StoreError("The store is read-only.")
        return super().delete(profile, field)


@pytest.fixture(autouse=True)
def _quick(quick_key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "PAUSES", (0.0,))


@pytest.fixture(params=["memory", "sealed", "keyring", "windows"])
def open_store(request: pytest.FixtureRequest, fake_keyring: Callable[..., object]) -> Open:
    """Open one and the same store anew, as each process does: of every kind."""
    if request.param == "sealed":
        return lambda: FileStore(lambda _: Secret("plainly fake passphrase"))
    if request.param == "memory":
        store = Lasting()
        return lambda: store
    backend = fake_keyring("keyring.backends.Windows", limit=1280) if request.param == "windows" else fake_keyring()
    return lambda: KeyringStore(backend)  # type: ignore[arg-type]


@pytest.fixture
def store() -> Lasting:
    return Lasting()


def vault(store: SecretStore, profile: Profile = PROFILE, **more: dict[str, Secret]) -> Vault:
    return Vault(profile, store, base=Path("/"), trusted=True, **more)  # type: ignore[arg-type]


async def renewed(store: SecretStore, old: Secret = OLD, new: Secret = NEW, access: Secret | None = ACCESS) -> Vault:
    """Renew the stored token as the refresh probe does."""
    mine = vault(store)
    assert (await mine.read("refresh_token")).secret == old
    assert await mine.preflight("refresh_token") is None
    await mine.keep("refresh_token", new)
    if access is not None:
        await mine.keep("access_token", access, 3600)
    assert await mine.settle("refresh_token") == ""
    return mine


def held(store: SecretStore) -> set[Secret]:
    """Every refresh token that can be got out of a store, under whichever name."""
    texts = {name: store.get("prod", name) for name in NAMES}
    return {found.secret for text in texts.values() if (found := slots.read(text))} | ({texts["refresh_token"]} - {None})  # type: ignore[return-value]


async def test_in_every_kind_of_store_it_is_gone_once_the_new_access_token_has_worked(open_store: Open) -> None:
    await vault(open_store()).keep("refresh_token", OLD)
    mine = await renewed(open_store())
    assert held(open_store()) == {OLD, NEW}, "the access token has not been seen to work"
    assert await mine.accepted(renewed=True) == ""
    assert held(open_store()) == {NEW}
    assert (await vault(open_store()).read("refresh_token")).secret == NEW
    mine = await renewed(open_store(), NEW, NEWER)
    assert held(open_store()) == {NEW, NEWER}
    await mine.accepted(renewed=True)
    assert held(open_store()) == {NEWER}


async def test_who_died_before_the_removal_lost_nothing_and_the_next_success_makes_up_for_it(open_store: Open) -> None:
    await vault(open_store()).keep("refresh_token", OLD)
    await renewed(open_store())
    following = vault(open_store())
    seen = await following.read("refresh_token")
    assert (seen.secret, seen.note) == (NEW, "")
    assert await following.accepted(renewed=False) == ""
    assert held(open_store()) == {NEW}


async def test_a_token_left_under_its_own_name_goes_too(store: Lasting) -> None:
    """Its holder died after the first slot was written and before the plain item was removed."""
    store.set("prod", "refresh_token", OLD)
    store.stuck = re.compile("refresh_token$")
    place = places.StorePlace(store, "prod")
    with pytest.raises(StoreError):
        place.write(NEW, place.load())
    store.stuck = None
    assert held(store) == {OLD, NEW}
    mine = vault(store)
    assert (await mine.read("refresh_token")).secret == NEW
    await mine.accepted(renewed=True)
    assert held(store) == {NEW}


async def test_an_access_token_older_than_the_refresh_token_proves_nothing(store: Lasting) -> None:
    await vault(store).keep("access_token", ACCESS)
    await vault(store).keep("refresh_token", OLD)
    await renewed(store, access=None)
    rows = stored_secrets("prod")
    assert (rows["access_token"].created or 0) < (rows["refresh_token"].created or 0)
    following = vault(store)
    await following.read("refresh_token")
    await following.accepted(renewed=False)
    assert held(store) == {OLD, NEW}


@pytest.mark.parametrize("other", ["reference", "memory"])
async def test_an_access_token_from_elsewhere_proves_nothing(store: Lasting, other: str) -> None:
    await vault(store).keep("refresh_token", OLD)
    await renewed(store)
    if other == "memory":
        following = vault(store, memory={"access_token": ACCESS})
    else:
        following = vault(store, replace(PROFILE, secrets={"access_token": Reference("env:TOKEN")}))
    await following.read("refresh_token")
    await following.accepted(renewed=False)
    assert held(store) == {OLD, NEW}


async def test_what_another_run_replaced_meanwhile_is_left_to_that_run(store: Lasting) -> None:
    await vault(store).keep("refresh_token", OLD)
    mine = await renewed(store)
    other = await renewed(store, NEW, NEWER)
    assert await mine.accepted(renewed=True) == ""
    assert held(store) == {NEW, NEWER}, "the access token of the other run has not been seen to work"
    await other.accepted(renewed=True)
    assert held(store) == {NEWER}


async def test_a_place_that_another_run_holds_is_not_waited_for(store: Lasting) -> None:
    await vault(store).keep("refresh_token", OLD)
    mine = await renewed(store)
    with held_place(places.store_id("prod")):
        assert await mine.accepted(renewed=True) == ""
    assert held(store) == {OLD, NEW}


async def test_a_removal_that_fails_is_told_and_tried_again(store: Lasting) -> None:
    await vault(store).keep("refresh_token", OLD)
    mine = await renewed(store)
    store.stuck = re.compile("refresh_token")
    said = await mine.accepted(renewed=True)
    assert said == (
        "The refresh token that was used up could not be removed; the next run that succeeds tries again. The store is read-only."
    )
    assert held(store) == {OLD, NEW}
    store.stuck = None
    following = vault(store)
    await following.read("refresh_token")
    await following.accepted(renewed=False)
    assert held(store) == {NEW}


async def test_while_the_successor_is_in_the_journal_alone_nothing_is_removed(store: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    await vault(store).keep("refresh_token", OLD)
    mine = vault(store)
    await mine.read("refresh_token")
    await mine.preflight("refresh_token")
    with monkeypatch.context() as patch:

        def full(*_: object) -> None:
            raise StoreError("The store is full.")

        patch.setattr(store, "set", full)
        assert await mine.keep("refresh_token", NEW) == "an encrypted journal"
        await mine.settle("refresh_token")
        await mine.accepted(renewed=True)
    assert held(store) == {OLD}
    assert (await vault(store).read("refresh_token")).secret == NEW
    assert held(store) == {OLD, NEW}


async def test_what_a_person_replaces_is_gone_at_once(open_store: Open) -> None:
    for token in (OLD, NEW, NEWER):
        await vault(open_store()).keep("refresh_token", token)
        assert held(open_store()) == {token}
    store = open_store()
    Rotation(places.StorePlace(store, "prod")).store(OLD)
    assert held(open_store()) == {OLD}


async def test_a_run_with_nothing_to_remove_asks_the_keyring_for_nothing_more(fake_keyring: Callable[..., object]) -> None:
    backend = fake_keyring()
    await vault(KeyringStore(backend)).keep("refresh_token", OLD)  # type: ignore[arg-type]
    mine = await renewed(KeyringStore(backend))  # type: ignore[arg-type]
    await mine.accepted(renewed=True)
    following = vault(KeyringStore(backend))  # type: ignore[arg-type]
    await following.read("refresh_token")
    before = len(backend.calls)  # type: ignore[attr-defined]
    await following.accepted(renewed=False)
    assert len(backend.calls) == before  # type: ignore[attr-defined]


async def test_what_a_killed_writer_of_the_journal_left_is_removed(store: Lasting) -> None:
    await vault(store).keep("refresh_token", OLD)
    path = journal.path_of(places.store_id("prod"))
    left, other = path.with_name(f".{path.name}-ab12_xyz.tmp"), path.with_name(".0123456789abcdef.journal-ab12_xyz.tmp")
    for each in (left, other):
        each.write_bytes(b"sealed")
    await (await renewed(store)).accepted(renewed=True)
    assert (left.exists(), other.exists()) == (False, True)


async def test_what_a_killed_writer_of_a_file_left_beside_it_is_removed(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(OLD.reveal())
    left = [tmp_path / ".token-ab12_xyz.tmp", tmp_path / ".token-0123456z.tmp"]
    others = [tmp_path / name for name in (".token-short.tmp", "token-ab12_xyz.tmp", ".token-ab12_xyz.tmp.bak", ".other-ab12_xyz.tmp")]
    for path in (*left, *others):
        path.write_text(OLD.reveal())
    profile = replace(PROFILE, secrets={"refresh_token": Reference("file:token")})
    mine = Vault(profile, None, base=tmp_path)
    await mine.read("refresh_token")
    assert await mine.preflight("refresh_token") is None
    await mine.keep("refresh_token", NEW)
    await mine.settle("refresh_token")
    assert await mine.accepted(renewed=True) == ""
    assert sorted(tmp_path.glob("*token*")) == sorted({tmp_path / "token", *others} - {others[-1]})
    assert others[-1].exists()
