"""One profile's secrets behind one face: the order of places, what can be kept, and what is not given out."""

from __future__ import annotations

import asyncio
import errno
import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.model.vault import SecretRead, SecretVault
from authwizard.probe import to_its_end
from authwizard.store import slots, state, trust
from authwizard.store.keyring_faults import Fault, KeyringFault
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.memory_store import MemoryStore
from authwizard.store.vault import Vault

PROFILE = Profile(
    "prod", "https://api.example.com", "GET /", secrets={"api_key": Reference("env:AW_TEST_KEY"), "password": Reference("file:pw")}
)


class Refusing(MemoryStore):
    """A durable store whose keyring is unusable in one way."""

    durable = True
    title = "Secret Service"

    def __init__(self, kind: Fault) -> None:
        super().__init__()
        self.kind = kind
        self.asked = 0

    def get(self, profile: str, field: str) -> Secret | None:
        self.asked += 1
        raise KeyringFault(self.kind, f"it is {self.kind}")

    def probe(self):
        raise KeyringFault(self.kind, f"it is {self.kind}")


@pytest.fixture
def keyring(fake_keyring) -> KeyringStore:
    return KeyringStore(fake_keyring())


async def test_memory_comes_before_the_reference_and_that_before_the_store(
    keyring: KeyringStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AW_TEST_KEY", "from env")
    for field in ("api_key", "password", "access_token"):
        keyring.set("prod", field, Secret("from store"))
    vault: SecretVault = Vault(PROFILE, keyring, base=tmp_path, memory={"password": Secret("from memory")}, trusted=True)
    assert await vault.read("password") == SecretRead("password", "present", Secret("from memory"), source="memory")
    assert await vault.read("api_key") == SecretRead("api_key", "present", Secret("from env"), source="env:AW_TEST_KEY")
    assert await vault.read("access_token") == SecretRead("access_token", "present", Secret("from store"), source="Secret Service")
    assert await vault.read("id_token") == SecretRead("id_token", "absent", source="Secret Service")


async def test_a_reference_to_nothing_is_absent_and_not_looked_for_in_the_store(keyring: KeyringStore, tmp_path: Path) -> None:
    keyring.set("prod", "api_key", Secret("x"))
    vault = Vault(PROFILE, keyring, base=tmp_path, trusted=True)
    assert await vault.read("api_key") == SecretRead(
        "api_key", "absent", source="env:AW_TEST_KEY", why="The environment variable AW_TEST_KEY is not set."
    )
    assert await vault.read("password") == SecretRead("password", "absent", source="file:pw", why="The file pw does not exist.")


async def test_a_warning_about_a_file_is_handed_on(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("x")
    (tmp_path / "pw").chmod(0o644)
    seen = await Vault(PROFILE, None, base=tmp_path).read("password")
    assert seen.status == "present"
    assert "chmod 600" in seen.note


async def test_trouble_of_a_place_is_an_answer_and_not_an_exception(tmp_path: Path) -> None:
    (tmp_path / "pw").mkdir()
    seen = await Vault(PROFILE, None, base=tmp_path).read("password")
    assert (seen.status, seen.source) == ("unavailable", "file:pw")
    assert "cannot be read" in seen.why


async def test_each_field_is_read_once_a_run_and_one_after_the_other(fake_keyring, tmp_path: Path) -> None:
    inside = threading.Semaphore(1)
    backend = fake_keyring(on_call=lambda method: inside.acquire(blocking=False) or pytest.fail("two at once"))
    original = backend.get_password
    backend.get_password = lambda service, user: (original(service, user), inside.release())[0]
    vault = Vault(PROFILE, KeyringStore(backend), base=tmp_path, trusted=True)
    await asyncio.gather(*(vault.read(field) for field in ("access_token", "access_token", "id_token", "access_token")))
    assert backend.calls == ["get", "get"]


@pytest.mark.parametrize("kind", [Fault.LOCKED, Fault.HANGING])
async def test_a_keyring_that_is_locked_or_hangs_is_asked_once_a_run(kind: Fault, tmp_path: Path) -> None:
    store = Refusing(kind)
    vault = Vault(PROFILE, store, base=tmp_path)
    for field in ("access_token", "id_token", "access_token"):
        seen = await vault.read(field)
        assert (seen.status, seen.why, seen.source) == ("unavailable", f"it is {kind}", "Secret Service")
    assert store.asked == 1


async def test_a_keyring_that_vanished_is_asked_again(tmp_path: Path) -> None:
    store = Refusing(Fault.VANISHED)
    vault = Vault(PROFILE, store, base=tmp_path)
    await vault.read("access_token")
    await vault.read("id_token")
    assert store.asked == 2


async def test_without_a_keyring_nothing_is_stored_unless_it_is_known_to_be(tmp_path: Path) -> None:
    store = Refusing(Fault.NONE)
    seen = await Vault(PROFILE, store, base=tmp_path).read("access_token")
    assert (seen.status, seen.note) == ("absent", "it is no backend")
    state.remember_stored("prod", "access_token", "keyring.backends.kwallet.DBusKeyring", {})
    seen = await Vault(PROFILE, store, base=tmp_path).read("access_token")
    assert (seen.status, seen.why) == ("unavailable", "it is no backend")


async def test_a_stored_secret_that_another_program_removed_is_told_as_what_it_is(keyring: KeyringStore, tmp_path: Path) -> None:
    vault = Vault(PROFILE, keyring, base=tmp_path, trusted=True)
    await vault.keep("access_token", Secret("x"))
    keyring.delete("prod", "access_token")
    seen = await Vault(PROFILE, keyring, base=tmp_path, trusted=True).read("access_token")
    assert (seen.status, seen.secret) == ("absent", None)
    assert seen.why == f"It was stored on {time.strftime('%Y-%m-%d')}, and Secret Service has none any more: something else removed it."


async def test_a_secret_that_another_back_end_keeps_is_not_called_missing(keyring: KeyringStore, tmp_path: Path) -> None:
    state.remember_stored("prod", "access_token", "keyring.backends.kwallet.DBusKeyring", {})
    seen = await Vault(PROFILE, keyring, base=tmp_path).read("access_token")
    assert seen.status == "unavailable"
    assert "It was saved in KWallet; this session has Secret Service." in seen.why


async def test_a_kept_secret_is_read_back_at_once_and_by_the_next_run(keyring: KeyringStore, tmp_path: Path, secret: Secret) -> None:
    vault = Vault(PROFILE, keyring, base=tmp_path)
    assert vault.can_keep("refresh_token") is None
    assert await vault.preflight("refresh_token") is None
    assert (await vault.read("refresh_token")).status == "absent"
    assert await vault.keep("refresh_token", secret) == "Secret Service"
    assert (await vault.read("refresh_token")).secret == secret
    assert await Vault(PROFILE, keyring, base=tmp_path).read("refresh_token") == SecretRead(
        "refresh_token", "present", secret, source="Secret Service"
    )
    known = state.stored_secrets("prod")["refresh_token"]
    assert known.backend == "keyring.backends.SecretService.Keyring"
    assert known.binding == trust.binding(PROFILE, "refresh_token")
    assert known.created is not None


async def test_when_a_token_was_fetched_and_how_long_it_lives_is_remembered(keyring: KeyringStore, tmp_path: Path) -> None:
    vault = Vault(PROFILE, keyring, base=tmp_path)
    await vault.keep("access_token", Secret("made-for-a-test"), 3600)
    await vault.keep("refresh_token", Secret("made-for-a-test-too"))
    for run in (vault, Vault(PROFILE, keyring, base=tmp_path)):
        read = await run.read("access_token")
        assert read.obtained_at is not None
        assert abs(read.obtained_at - time.time()) < 60
        assert read.expires_in == 3600
        other = await run.read("refresh_token")
        assert (other.status, other.obtained_at, other.expires_in) == ("present", None, None)
    await vault.keep("access_token", Secret("typed-in-by-hand"))
    assert (await Vault(PROFILE, keyring, base=tmp_path).read("access_token")).expires_in is None


async def test_a_file_reference_is_written_back(tmp_path: Path) -> None:
    (tmp_path / "pw").write_text("old")
    vault = Vault(PROFILE, None, base=tmp_path)
    assert (await vault.read("password")).secret == Secret("old")
    assert vault.can_keep("password") is None
    assert await vault.keep("password", Secret("new")) == "file:pw"
    assert (tmp_path / "pw").read_text() == "new"
    assert (await vault.read("password")).secret == Secret("new")


async def test_what_is_only_read_is_declined_with_the_reason(tmp_path: Path, keyring: KeyringStore) -> None:
    vault = Vault(PROFILE, keyring, base=tmp_path)
    assert "is an environment variable" in str(vault.can_keep("api_key"))
    with pytest.raises(StoreError, match="is an environment variable"):
        await vault.keep("api_key", Secret("x"))
    assert await vault.preflight("api_key") == vault.can_keep("api_key")


@pytest.mark.parametrize("store", [None, MemoryStore()])
async def test_memory_counts_as_kept_only_where_it_is_said_to(store: MemoryStore | None, tmp_path: Path) -> None:
    memory = {"access_token": Secret("a")}
    vault = Vault(PROFILE, store, base=tmp_path, memory=memory)
    for field in ("access_token", "refresh_token"):
        assert "would be lost when authwizard ends" in str(vault.can_keep(field))
        with pytest.raises(StoreError, match="would be lost"):
            await vault.keep(field, Secret("b"))
    vault = Vault(PROFILE, store, base=tmp_path, memory=memory, memory_counts=True)
    for field in ("access_token", "refresh_token"):
        assert vault.can_keep(field) is None
        assert "memory" in await vault.keep(field, Secret("b"))
        assert (await vault.read(field)).secret == Secret("b")
    assert memory == {"access_token": Secret("a")}


async def test_a_store_that_fails_its_preflight_cannot_keep(tmp_path: Path) -> None:
    vault = Vault(PROFILE, Refusing(Fault.LOCKED), base=tmp_path)
    assert vault.can_keep("refresh_token") is None
    assert await vault.preflight("refresh_token") == "it is locked"
    assert vault.can_keep("refresh_token") == "it is locked"
    with pytest.raises(StoreError, match="it is locked"):
        await vault.keep("refresh_token", Secret("x"))


async def test_a_reference_is_tried_before_a_token_is_spent(fake_keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    backend = fake_keyring()
    profile = replace(PROFILE, secrets={"refresh_token": Reference("file:rt"), "access_token": Reference("keyring:svc/me")})
    vault = Vault(profile, None, base=tmp_path, keyring=KeyringStore(backend))
    (tmp_path / "rt").write_text("old")
    assert await vault.preflight("refresh_token") is None
    assert await vault.preflight("access_token") is None
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["rt"]
    assert (tmp_path / "rt").read_text() == "old"
    assert backend.items == {}

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    backend.set_password = lambda *_: None
    vault = Vault(profile, None, base=tmp_path, keyring=KeyringStore(backend))
    assert "No space left on device" in str(await vault.preflight("refresh_token"))
    assert "did not return it" in str(await vault.preflight("access_token"))
    with pytest.raises(StoreError, match="No space left"):
        await vault.keep("refresh_token", Secret("new"))
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["rt"]


async def test_a_value_is_kept_from_another_event_loop_while_this_one_reads(fake_keyring, tmp_path: Path) -> None:
    """A refresh keeps its token from a loop of its own (probe.to_its_end), whatever the run does meanwhile."""
    reading, release = threading.Event(), threading.Event()

    def on_call(*_: object) -> None:
        reading.set()
        release.wait(30)

    vault = Vault(PROFILE, KeyringStore(fake_keyring(on_call=on_call)), base=tmp_path, trusted=True)
    reads = [asyncio.create_task(vault.read(field)) for field in ("access_token", "id_token")]
    while not reading.is_set():
        await asyncio.sleep(0.001)
    keeping = asyncio.create_task(to_its_end(lambda: vault.keep("refresh_token", Secret("new"))))
    await asyncio.sleep(0)
    release.set()
    assert await keeping == "Secret Service"
    await asyncio.gather(*reads)
    assert (await vault.read("refresh_token")).secret == Secret("new")


async def test_a_failed_write_is_raised_and_what_is_there_is_read_again(fake_keyring, tmp_path: Path) -> None:
    backend = fake_keyring()
    vault = Vault(PROFILE, KeyringStore(backend), base=tmp_path, trusted=True)
    await vault.keep("refresh_token", Secret("old"))
    backend.set_password = lambda *_: None
    with pytest.raises(StoreError, match="did not return it"):
        await vault.keep("refresh_token", Secret("new"))
    assert (await vault.read("refresh_token")).secret == Secret("old")
    backend.set_password = lambda service, user, text: backend.items.__setitem__((service, user), text[:2])
    with pytest.raises(StoreError, match="did not return it"):
        await vault.keep("refresh_token", Secret("new"))
    assert (await vault.read("refresh_token")).secret == Secret("old"), "a slot that was written half is passed over"


async def test_a_secret_that_was_kept_is_not_lost_for_want_of_a_note(keyring: KeyringStore, own_places: Path) -> None:
    (own_places / "state").mkdir()
    (own_places / "state" / "state.json").write_text("{")
    vault = Vault(PROFILE, keyring, base=own_places)
    place = await vault.keep("refresh_token", Secret("x"))
    assert place.startswith("Secret Service (where it may be sent could not be noted: ")
    held = slots.load(keyring, "prod")
    assert held is not None
    assert held.secret == Secret("x")


async def test_a_write_is_finished_though_who_awaits_it_is_cancelled(fake_keyring, tmp_path: Path) -> None:
    begun, release = threading.Event(), threading.Event()

    def on_call(method: str) -> None:
        if method == "set":
            begun.set()
            release.wait(30)

    backend = fake_keyring(on_call=on_call)
    store = KeyringStore(backend)
    keeping = asyncio.create_task(Vault(PROFILE, store, base=tmp_path).keep("refresh_token", Secret("x")))
    while not begun.is_set():
        await asyncio.sleep(0.001)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    release.set()
    assert slots.read(store.get("prod", slots.slot_name(1))) == slots.Held(
        Secret("x"), 1
    )  # the keyring's thread does one thing after the other


# --- what is not given out ---


async def test_a_stored_secret_is_given_out_only_for_the_hosts_it_was_saved_for(keyring: KeyringStore, tmp_path: Path) -> None:
    await Vault(PROFILE, keyring, base=tmp_path).keep("access_token", Secret("x"))
    for other in (
        Profile("prod", "https://evil.example.net", "GET /"),
        Profile("prod", "https://api.example.com", "GET /", origin_url="https://evil.example.net"),
    ):
        seen = await Vault(other, keyring, base=tmp_path).read("access_token")
        assert (seen.status, seen.secret) == ("unavailable", None)
        assert "authwizard profile trust prod" in seen.why
        assert (await Vault(other, keyring, base=tmp_path, trusted=True).read("access_token")).status == "present"


async def test_a_secret_of_unknown_origin_needs_agreement(keyring: KeyringStore, tmp_path: Path) -> None:
    keyring.set("prod", "access_token", Secret("x"))  # as another program would, with no note of a host
    assert (await Vault(PROFILE, keyring, base=tmp_path).read("access_token")).status == "unavailable"
    assert (await Vault(PROFILE, keyring, base=tmp_path, trusted=True).read("access_token")).status == "present"


async def test_nothing_of_a_secret_shows_in_an_answer(keyring: KeyringStore, tmp_path: Path, secret: Secret) -> None:
    vault = Vault(PROFILE, keyring, base=tmp_path)
    await vault.keep("access_token", secret)
    assert secret.reveal() not in repr(await vault.read("access_token"))
    assert secret.reveal() not in "".join(path.read_text() for path in (tmp_path / "state").glob("*.json"))
