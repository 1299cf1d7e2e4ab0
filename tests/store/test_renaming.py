"""Renaming and removing a profile: cut short at any write it is one or the other, and the next start says which."""

from __future__ import annotations

from pathlib import Path

import pytest

from authwizard.model.errors import ConfigError, StoreError, UsageError
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.store import consent, in_flight, paths, state, trust, unfinished
from authwizard.store.held_fields import held_fields
from authwizard.store.memory_store import MemoryStore
from authwizard.store.profiles import load_profiles
from authwizard.store.profiles_write import save_profile
from authwizard.store.renaming import remove, rename
from authwizard.store.rotation import Rotation
from authwizard.store.rotation_places import StorePlace, store_id

VALUES = {"client_secret": "plainly-fake-c", "refresh_token": "plainly-fake-r", "api_key": "plainly-fake-a"}
TEXT = '[profile.prod]\nbase_url = "https://api.example.com"\nrequest = "GET /"\n[profile.other]\nbase_url = "https://b.example"\nrequest = "GET /"\n'


class Cut(BaseException):
    """The process dies here."""


class Counting(MemoryStore):
    """A store that dies at a call."""

    durable = True
    title = "the test's store"
    left = 10**9

    def _count(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cut

    def set(self, profile: str, field: str, secret: Secret) -> None:
        self._count()
        super().set(profile, field, secret)

    def delete(self, profile: str, field: str) -> bool:
        self._count()
        return super().delete(profile, field)


@pytest.fixture
def source(own_places: Path) -> Path:
    path = own_places / "config" / "profiles.toml"
    path.parent.mkdir()
    path.write_text(TEXT)
    return path


@pytest.fixture
def store(source: Path) -> Counting:
    """Keep three secrets, one of which is not remembered, and everything else that belongs to a profile."""
    kept = Counting()
    for field, value in VALUES.items():
        if field == "refresh_token":
            Rotation(StorePlace(kept, "prod")).store(Secret(value))
        else:
            kept.set("prod", field, Secret(value))
        if field != "api_key":
            state.remember_stored("prod", field, "x", {}, now=5.0)
    profile = load_profiles(source)["prod"]
    trust.trust(profile, source)
    consent.remember_consent(profile, [Cost.C1])
    state.remember_verdict("prod", state.LastVerdict("cause", "token_expired", "", 1.0))
    in_flight.begin(store_id("prod"), "0123456789abcdef")
    return kept


def is_whole(store: MemoryStore, source: Path, name: str) -> bool:
    profile, token = load_profiles(source)[name], Rotation(StorePlace(store, name)).newest()
    found = {field: store.get(name, field) for field in ("client_secret", "api_key")} | {"refresh_token": token and token.secret}
    return (
        {field: secret and secret.reveal() for field, secret in found.items()} == VALUES
        and sorted(state.stored_secrets(name)) == ["client_secret", "refresh_token"]
        and trust.is_trusted(profile, source)
        and Cost.C1 in consent.remembered_consent(profile)
        and state.last_verdict(name) is not None
        and in_flight.mark_at(store_id(name)) is not None
    )


def is_gone(store: MemoryStore, source: Path, name: str) -> bool:
    files = [path.read_text() for path in (paths.own_state_dir()).glob("*.json")]
    return (
        not any(name == kept for kept, _ in store._kept) and name not in load_profiles(source) and not any(f'"{name}"' in t for t in files)
    )


def cut_at_write(monkeypatch: pytest.MonkeyPatch, number: int, *, after: bool) -> None:
    """Die before or after the file that is written as number `number` is in its place."""
    real, left = paths._replace, [number]

    def replace(temporary: str, path: Path, tries: int = 5) -> None:
        left[0] -= 1
        if left[0] < 0 and not after:
            raise Cut
        real(temporary, path, tries)
        if left[0] < 0:
            raise Cut

    monkeypatch.setattr(paths, "_replace", replace)


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("number", range(14))
@pytest.mark.parametrize("what", ["rename", "remove"])
def test_cut_short_at_any_file_it_is_one_or_the_other(
    store: Counting, source: Path, monkeypatch: pytest.MonkeyPatch, what: str, number: int, after: bool
) -> None:
    with monkeypatch.context() as patched:
        cut_at_write(patched, number, after=after)
        ended = _ended(what, store, source)
    _is_one_or_the_other(what, store, source, ended)


@pytest.mark.parametrize("number", range(22))
@pytest.mark.parametrize("what", ["rename", "remove"])
def test_cut_short_at_any_call_of_the_store_it_is_one_or_the_other(store: Counting, source: Path, what: str, number: int) -> None:
    store.left = number
    ended = _ended(what, store, source)
    store.left = 10**9
    _is_one_or_the_other(what, store, source, ended)


def _ended(what: str, store: Counting, source: Path) -> bool:
    try:
        remove(source, "prod", store) if what == "remove" else rename(source, "prod", "live", store)
    except Cut:
        return False
    return True


def _is_one_or_the_other(what: str, store: Counting, source: Path, ended: bool) -> None:
    noted = [note for note in unfinished._notes(source).values() if "left" not in note]
    told = unfinished.recover(source)
    assert len(told) == len(noted)
    assert unfinished.recover(source) == ()
    names = load_profiles(source).keys() - {"other"}
    now = next(iter(names), "")
    assert not ended or now == ("" if what == "remove" else "live")
    assert not now or is_whole(store, source, now)
    left = {name for name, _ in store._kept} - names
    assert all(f"store forget {name}" in unfinished.standing(source) for name in left)
    unfinished.clean(source, store)
    assert unfinished.standing(source) == ""
    assert not now or is_whole(store, source, now)
    assert all(is_gone(store, source, name) for name in {"prod", "live"} - names)
    for one in told:
        assert one.profile == now
        assert ("finished" in one.sentence) == (now == ("" if what == "remove" else "live"))


def test_a_name_with_left_secrets_is_given_to_no_new_profile(store: Counting, source: Path) -> None:
    unfinished.keep_left(source, "prod", "live")
    profile = load_profiles(source)["other"]
    from dataclasses import replace

    with pytest.raises(ConfigError, match="authwizard store forget live"):
        save_profile(source, replace(profile, name="live"))
    unfinished.clean(source, store)
    save_profile(source, replace(profile, name="live"))


def test_what_lies_under_a_name_that_a_profile_has_by_now_is_let_be(store: Counting, source: Path) -> None:
    unfinished.keep_left(source, "live", "prod")
    assert unfinished.clean(source, store) == ()
    assert unfinished.standing(source) == ""
    assert is_whole(store, source, "prod")


def test_where_both_names_are_there_nothing_is_removed(store: Counting, source: Path) -> None:
    unfinished.begin(source, "prod", "other")
    assert "both names are in" in unfinished.recover(source)[0].sentence
    assert is_whole(store, source, "prod")
    unfinished.begin(source, "a", "b")
    assert "neither name is in" in unfinished.recover(source)[0].sentence


def test_one_that_is_at_work_right_now_is_not_disturbed(store: Counting, source: Path) -> None:
    unfinished.begin(source, "prod", "live")
    with unfinished.names_held(source):
        assert unfinished.recover(source) == ()
    assert len(unfinished.recover(source)) == 1


def test_secrets_that_cannot_be_removed_are_told_with_the_way_out(store: Counting, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = store.delete

    def refuse(name: str, field: str) -> bool:
        if name == "prod":
            raise StoreError("It is locked.")
        return real(name, field)

    with monkeypatch.context() as patched:
        patched.setattr(store, "delete", refuse)
        with pytest.raises(StoreError, match=r"It is locked\. Secrets may be left .* authwizard store forget prod"):
            rename(source, "prod", "live", store)
    assert is_whole(store, source, "live")
    assert unfinished.clean(source, store) == ("prod",)
    assert is_gone(store, source, "prod")


def test_copies_that_cannot_be_removed_again_are_told_too(store: Counting, source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> bool:
        raise StoreError("It is locked.")

    with monkeypatch.context() as patched:
        patched.setattr(store, "delete", refuse)
        with pytest.raises(StoreError, match=r"It is locked\. Secrets may be left .* authwizard store forget live"):
            rename(source, "prod", "live", store)
    assert is_whole(store, source, "prod")
    assert unfinished.clean(source, store) == ("live",)
    assert is_gone(store, source, "live")


def test_a_file_that_was_replaced_decides_even_where_the_write_ends_with_an_error(
    store: Counting, source: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from authwizard.store import profiles_write

    real = profiles_write.rename_profile

    def late(*arguments: str) -> None:
        real(*arguments)  # type: ignore[arg-type]
        raise OSError(5, "the directory could not be synced")

    monkeypatch.setattr(profiles_write, "rename_profile", late)
    assert rename(source, "prod", "live", store) == ("refresh_token", "client_secret", "api_key")
    assert is_whole(store, source, "live")
    assert is_gone(store, source, "prod")


def test_secrets_under_the_new_name_are_not_written_over(store: Counting, source: Path) -> None:
    store.set("live", "password", Secret("x"))
    with pytest.raises(UsageError, match="store forget live"):
        rename(source, "prod", "live", store)
    assert held_fields(store, "live") == ("password",)
    assert is_whole(store, source, "prod")


def test_without_a_store_settings_and_agreements_alone_are_renamed(source: Path) -> None:
    trust.trust(load_profiles(source)["prod"], source)
    assert rename(source, "prod", "live", None) == ()
    assert trust.is_trusted(load_profiles(source)["live"], source)
    assert unfinished.standing(source) == ""
    assert remove(source, "live", None) == ()
    assert list(load_profiles(source)) == ["other"]
