"""The steps of a rotation, each cut short: what the next process finds, and what it is told."""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.store import in_flight, journal, rotation, slots
from authwizard.store.forget import forget_secret
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.rotation import Rotation, standing
from authwizard.store.rotation_places import StorePlace, store_id
from authwizard.store.vault import Vault

PROFILE = Profile("prod", "https://api.example.com", "GET /")
ITEM = replace(PROFILE, secrets={"refresh_token": Reference("keyring:other/program")})
FILE = replace(PROFILE, secrets={"refresh_token": Reference("file:token")})
ID = store_id("prod")
OLD, NEW = (Secret(f"{name}-{secrets.token_urlsafe(40)}") for name in ("old", "new"))


class Lasting(MemoryStore):
    """A store that lasts; `full` names what it does not take."""

    durable = True
    title = "the test's store"

    def __init__(self) -> None:
        super().__init__()
        self.full: re.Pattern[str] | None = None
        self.log: list[str] = []

    def set(self, profile: str, field: str, secret: Secret) -> None:
        self.log.append(field)
        if self.full and self.full.search(field):
            raise StoreError("The store is full.")
        super().set(profile, field, secret)

    def fields(self) -> set[str]:
        return {field for _, field in self._kept}


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rotation, "PAUSES", (0.0,))


@pytest.fixture
def store() -> Lasting:
    kept = Lasting()
    Rotation(StorePlace(kept, "prod")).store(OLD)
    kept.log.clear()
    return kept


def vault(store: Lasting, profile: Profile = PROFILE) -> Vault:
    return Vault(profile, store, base=Path("/"), trusted=True)


async def begun(store: Lasting) -> Vault:
    """A run that has read the token and is about to send it."""
    mine = vault(store)
    assert (await mine.read("refresh_token")).secret == OLD
    assert await mine.preflight("refresh_token") is None
    return mine


def died(mine: Vault) -> None:
    """Let go of the lock as the end of a process does, and tidy up nothing."""
    assert mine._rotation is not None
    assert mine._rotation._lock is not None
    mine._rotation._lock.close()


async def test_a_rotation_leaves_the_token_in_use_alone_until_its_successor_is_read_back(store: Lasting) -> None:
    mine = await begun(store)
    assert store.log == ["refresh_token.a", "rotation_key"]
    assert slots.load(store, "prod") == slots.Held(OLD, 1), "the trial went to the other slot"
    assert in_flight.mark_at(ID) is not None
    assert await mine.keep("refresh_token", NEW) == "memory of this session"
    assert (await mine.read("refresh_token")).secret == NEW
    assert await mine.settle("refresh_token") == ""
    assert slots.load(store, "prod") == slots.Held(NEW, 2)
    assert in_flight.mark_at(ID) is None
    assert journal.read(ID) is None
    assert (await vault(store).read("refresh_token")).note == ""


async def test_a_token_under_its_own_name_is_taken_over(store: Lasting) -> None:
    slots.delete(store, "prod")
    store.set("prod", "refresh_token", OLD)
    mine = await begun(store)
    await mine.keep("refresh_token", NEW)
    await mine.settle("refresh_token")
    assert store.fields() == {"refresh_token.b", "rotation_key"}
    assert (await vault(store).read("refresh_token")).secret == NEW


@pytest.mark.parametrize("kept", [True, False])
async def test_a_process_that_dies_before_it_wrote_the_place_has_it_in_the_journal_or_says_so(store: Lasting, kept: bool) -> None:
    mine = await begun(store)
    if kept:
        assert mine._rotation is not None
        assert mine._rotation._journaled(NEW, mine._rotation._key) == ""
    died(mine)
    assert ("encrypted journal" if kept else "A refresh was in flight when authwizard stopped at") in standing(ID)
    seen = await vault(store).read("refresh_token")
    assert seen.secret == (NEW if kept else OLD)
    assert ("may be spent" in seen.note) is not kept
    assert (slots.load(store, "prod") == slots.Held(NEW, 2)) is kept
    assert (standing(ID) == "") is kept


async def test_what_may_be_spent_is_told_until_a_refresh_is_answered(store: Lasting) -> None:
    died(await begun(store))
    mine = vault(store)
    assert "may be spent" in (await mine.read("refresh_token")).note
    assert await mine.preflight("refresh_token") is None
    assert await mine.settle("refresh_token", unknown=True) == ""
    assert "A refresh got no answer at" in standing(ID)
    mine = vault(store)
    await mine.read("refresh_token")
    await mine.preflight("refresh_token")
    await mine.settle("refresh_token")
    assert standing(ID) == ""


async def test_a_run_still_under_way_elsewhere_is_no_crash(store: Lasting) -> None:
    mine = await begun(store)
    assert standing(ID) == ""
    seen = await vault(store).read("refresh_token")
    assert (seen.secret, seen.note) == (OLD, "")
    await mine.settle("refresh_token")


async def test_the_second_process_meets_the_token_of_the_first(store: Lasting) -> None:
    second = vault(store)
    assert (await second.read("refresh_token")).secret == OLD
    first = await begun(store)
    await first.keep("refresh_token", NEW)
    await first.settle("refresh_token")
    store.log.clear()
    assert await second.preflight("refresh_token") is None
    assert (await second.read("refresh_token")).secret == NEW
    assert store.log == [], "nothing is made ready for a token that is not the one to be spent"
    assert await second.settle("refresh_token", unknown=True) == ""
    assert standing(ID) == ""


async def test_a_place_that_is_held_by_another_process_is_waited_for_and_then_told(store: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await begun(store)
    monkeypatch.setattr(rotation, "LOCK_SECONDS", 0.01)
    second = vault(store)
    assert "Another authwizard is renewing" in str(await second.preflight("refresh_token"))
    await first.settle("refresh_token")


async def test_a_store_that_fails_after_the_answer_leaves_the_token_in_the_journal(store: Lasting) -> None:
    mine = await begun(store)
    store.full = re.compile("refresh_token")
    assert await mine.keep("refresh_token", NEW) == "an encrypted journal"
    said = await mine.settle("refresh_token")
    assert said.startswith("The new refresh token is not in the test's store yet; it is kept in an encrypted journal")
    seen = await vault(store).read("refresh_token")
    assert (seen.secret, seen.note.partition(";")[0]) == (NEW, "The new refresh token is not in the test's store yet")
    store.full = None
    seen = await vault(store).read("refresh_token")
    assert (seen.secret, seen.note) == (NEW, "")
    assert slots.load(store, "prod") == slots.Held(NEW, 2)


async def test_a_token_that_nothing_takes_is_told(store: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = await begun(store)
    store.full = re.compile("refresh_token")

    def full(*_: object) -> None:
        raise StoreError("The disk is full.")

    monkeypatch.setattr(journal, "write", full)
    with pytest.raises(StoreError, match="The store is full"):
        await mine.keep("refresh_token", NEW)
    await mine.settle("refresh_token")


async def test_nothing_is_spent_where_the_successor_does_not_fit(store: Lasting) -> None:
    store.full = re.compile(r"refresh_token\.a")
    mine = vault(store)
    assert await mine.preflight("refresh_token") == "The store is full."
    assert in_flight.mark_at(ID) is None
    assert await mine.settle("refresh_token") == ""
    store.full = None
    assert await vault(store).preflight("refresh_token") is None, "the lock was let go"


async def test_a_journal_of_another_store_is_neither_used_nor_lost(store: Lasting) -> None:
    mine = await begun(store)
    assert mine._rotation is not None
    mine._rotation._journaled(NEW, journal.new_key())
    died(mine)
    seen = await vault(store).read("refresh_token")
    assert seen.status == "unavailable"
    assert "the key that opens it is not in this store" in seen.why
    assert "the key that opens it" in str(await vault(store).preflight("refresh_token"))
    assert journal.path_of(ID).exists()
    Rotation(StorePlace(store, "prod")).store(Secret("signed in again"))
    assert (await vault(store).read("refresh_token")).secret == Secret("signed in again")


@pytest.mark.parametrize("damage", [b"", b"{}\n", b"[]\nx", b"\xff"])
async def test_a_damaged_journal_is_one_sentence(store: Lasting, damage: bytes) -> None:
    journal.path_of(ID).write_bytes(damage)
    seen = await vault(store).read("refresh_token")
    assert seen.status == "unavailable"
    assert "is damaged" in seen.why


def test_a_journal_shows_nothing_and_notices_a_flipped_bit() -> None:
    key = journal.new_key()
    journal.write(ID, NEW, journal.mark_of(OLD), key)
    data = journal.path_of(ID).read_bytes()
    for secret in (NEW, OLD, key):
        assert secret.reveal().encode() not in data
    assert oct(journal.path_of(ID).stat().st_mode)[-3:] == "600"
    entry = journal.read(ID)
    assert entry is not None
    assert journal.opened(ID, entry, key) == NEW
    for place in range(len(entry.sealed)):
        changed = bytearray(entry.sealed)
        changed[place] ^= 1
        with pytest.raises(StoreError, match="the key that opens it"):
            journal.opened(ID, replace(entry, sealed=bytes(changed)), key)
    with pytest.raises(StoreError):
        journal.opened(ID, replace(entry, replaces="x", line=entry.line.replace(b"store", b"other")), key)


@pytest.mark.parametrize("text", ["", "1.", "0.xxxx", "1.0000000000000000.1.value", "1.zz.1.value", "plain"])
def test_what_is_no_whole_slot_is_passed_over(text: str) -> None:
    assert slots.read(Secret(text)) is None
    whole = slots.written(NEW, 3)
    assert slots.read(whole) == slots.Held(NEW, 3)
    assert slots.read(Secret(whole.reveal()[:-1])) is None
    assert slots.read(slots.written(Secret("a.1.b\nc"), 4)) == slots.Held(Secret("a.1.b\nc"), 4)


async def test_an_item_of_another_program_keeps_its_one_name(fake_keyring) -> None:
    backend = fake_keyring()
    backend.items["other", "program"] = OLD.reveal()

    def open_vault() -> Vault:
        return Vault(ITEM, None, base=Path("/"), keyring=KeyringStore(backend), trusted=True)

    mine = open_vault()
    assert (await mine.read("refresh_token")).secret == OLD
    assert await mine.preflight("refresh_token") is None
    backend.items.pop(("other", "program"))  # macOS deletes before it adds: a process died in between
    assert mine._rotation is not None
    mine._rotation._journaled(NEW, mine._rotation._key)
    died(mine)
    assert (await open_vault().read("refresh_token")).secret == NEW
    assert backend.items["other", "program"] == NEW.reveal()


async def test_a_file_is_replaced_whole_and_tells_what_was_in_flight(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(OLD.reveal())
    (tmp_path / "token").chmod(0o600)
    mine = Vault(FILE, None, base=tmp_path)
    await mine.read("refresh_token")
    assert await mine.preflight("refresh_token") is None
    died(mine)
    assert "may be spent" in (await Vault(FILE, None, base=tmp_path).read("refresh_token")).note
    mine = Vault(FILE, None, base=tmp_path)
    await mine.read("refresh_token")
    assert await mine.preflight("refresh_token") is None
    assert await mine.keep("refresh_token", NEW) == "file:token"
    await mine.settle("refresh_token")
    assert (tmp_path / "token").read_text() == NEW.reveal()
    (tmp_path / "token").chmod(0o644)
    assert "chmod 600" in (await Vault(FILE, None, base=tmp_path).read("refresh_token")).note


async def test_a_forgotten_refresh_token_leaves_nothing(store: Lasting) -> None:
    died(await begun(store))
    journal.write(ID, NEW, journal.mark_of(OLD), journal.new_key())
    assert forget_secret(store, "prod", "refresh_token")
    assert not forget_secret(store, "prod", "refresh_token")
    assert store.fields() == set()
    assert (journal.path_of(ID).exists(), in_flight.mark_at(ID)) == (False, None)


async def test_a_token_that_is_being_renewed_is_not_forgotten_under_it(store: Lasting, monkeypatch: pytest.MonkeyPatch) -> None:
    first = await begun(store)
    monkeypatch.setattr(rotation, "LOCK_SECONDS", 0.01)
    with pytest.raises(StoreError, match="renewing this profile's tokens"):
        forget_secret(store, "prod", "refresh_token")
    await first.keep("refresh_token", NEW)
    await first.settle("refresh_token")
    assert (await vault(store).read("refresh_token")).secret == NEW
    assert forget_secret(store, "prod", "refresh_token")
    assert store.fields() == set()


async def test_a_token_that_was_forgotten_before_it_was_spent_is_gone_for_that_run(store: Lasting) -> None:
    mine = vault(store)
    assert (await mine.read("refresh_token")).secret == OLD
    forget_secret(store, "prod", "refresh_token")
    assert await mine.preflight("refresh_token") is None
    assert (await mine.read("refresh_token")).status == "absent"
    await mine.settle("refresh_token")
    assert store.fields() == set()


async def test_memory_leaves_nothing_on_the_disk(own_places: Path) -> None:
    mine = Vault(PROFILE, None, base=Path("/"), memory={"refresh_token": OLD}, memory_counts=True)
    assert await mine.preflight("refresh_token") is None
    await mine.keep("refresh_token", NEW)
    await mine.settle("refresh_token")
    assert not (own_places / "state").exists()


async def test_no_file_of_the_state_holds_a_token(store: Lasting, own_places: Path) -> None:
    mine = await begun(store)
    await mine.keep("refresh_token", NEW)
    store.full = re.compile("refresh_token")
    await mine.settle("refresh_token")
    for path in (own_places / "state").rglob("*"):
        if path.is_file():
            assert not [s for s in (OLD, NEW) if s.reveal().encode() in path.read_bytes()], path
