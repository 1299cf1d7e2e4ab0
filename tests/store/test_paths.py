"""Own files: where, with which mode, never halved, never two writers."""

from __future__ import annotations

import os
import stat
import threading
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.store import paths


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_directories_are_those_of_the_environment(own_places: Path) -> None:
    assert paths.config_dir() == own_places / "config"
    assert paths.state_dir() == own_places / "state"
    assert paths.profiles_path() == own_places / "config" / "profiles.toml"


def test_directories_are_the_platforms_without_it(monkeypatch: pytest.MonkeyPatch, own_places: Path) -> None:
    monkeypatch.delenv("AUTHWIZARD_CONFIG_DIR")
    monkeypatch.delenv("AUTHWIZARD_STATE_DIR")
    monkeypatch.setenv("XDG_STATE_HOME", str(own_places / "xdg-state"))
    assert paths.config_dir() == own_places / "xdg" / "authwizard"
    assert paths.state_dir() == own_places / "xdg-state" / "authwizard"


def test_a_file_and_its_new_directories_are_private_whatever_the_umask(own_places: Path) -> None:
    old = os.umask(0)
    try:
        paths.write_private(own_places / "a" / "b.json", b"{}")
    finally:
        os.umask(old)
    assert mode(own_places / "a") == 0o700
    assert mode(own_places / "a" / "b.json") == 0o600


def test_a_directory_that_exists_keeps_its_mode(own_places: Path) -> None:
    shared = own_places / "shared"
    shared.mkdir(mode=0o755)
    paths.write_private(shared / "x", b"1")
    assert mode(shared) == 0o755


def test_a_file_is_made_like_another(own_places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    owners: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "fchown", lambda handle, uid, gid: owners.append((uid, gid)))
    file = own_places / "f"
    paths.write_private(file, b"1", like=os.stat_result((0o100640, 0, 0, 1, 12345, 23456, 0, 0, 0, 0)))
    assert mode(file) == 0o640
    assert owners == [(12345, 23456)]
    paths.write_private(file, b"2", like=file.stat())
    assert mode(file) == 0o640
    assert len(owners) == 1


def test_a_failed_write_leaves_the_old_file_and_no_other(own_places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = own_places / "d" / "f"
    paths.write_private(file, b"old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"f could not be written: No space left on device\. It is unchanged"):
        paths.write_private(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(file.parent.iterdir()) == [file]


def test_a_state_directory_that_others_can_write_is_refused(own_places: Path) -> None:
    (own_places / "state").mkdir()
    (own_places / "state").chmod(0o770)
    with pytest.raises(StoreError, match="chmod 700"):
        paths.own_state_dir()


def test_a_lock_lets_one_in_at_a_time(own_places: Path) -> None:
    file = own_places / "x"
    inside, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with paths.locked(file):
            inside.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert inside.wait(10)
        with pytest.raises(StoreError, match="Another authwizard is writing"), paths.locked(file, wait_seconds=0.05):
            pytest.fail("two holders")
        with paths.locked(own_places / "y", wait_seconds=0.05):
            pass  # another file, another lock
    finally:
        leave.set()
        holder.join(10)
    with paths.locked(file, wait_seconds=0.05):
        pass


def test_who_waits_gets_the_lock_before_one_who_takes_it_again_and_again(own_places: Path) -> None:
    """Four writers at once on a loaded machine: by quickness alone, one of them waited in vain."""
    path, done = own_places / "x", threading.Event()

    def greedy() -> None:
        while not done.is_set():
            with paths.locked(path, wait_seconds=60):
                done.wait(0.03)

    threads = [threading.Thread(target=greedy) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            with paths.locked(path, wait_seconds=20):
                pass
    finally:
        done.set()
        for thread in threads:
            thread.join()


def test_a_lock_is_let_go_when_its_block_fails(own_places: Path) -> None:
    with pytest.raises(KeyError), paths.locked(own_places / "x"):
        raise KeyError("x")
    with paths.locked(own_places / "x", wait_seconds=0.05):
        pass


def test_the_install_key_is_made_once_and_private(own_places: Path) -> None:
    key = paths.install_key()
    assert len(key) == 32
    assert paths.install_key() == key
    assert mode(own_places / "state" / "install.key") == 0o600


def test_two_first_starts_agree_on_one_key(own_places: Path) -> None:
    start, keys = threading.Barrier(6), []

    def ask() -> None:
        start.wait(10)
        keys.append(paths.install_key())

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert len(keys) == 6
    assert len(set(keys)) == 1


def test_a_key_that_others_can_read_or_that_is_cut_is_refused(own_places: Path) -> None:
    paths.install_key()
    file = own_places / "state" / "install.key"
    file.chmod(0o644)
    with pytest.raises(StoreError, match="chmod 600"):
        paths.install_key()
    file.chmod(0o600)
    file.write_bytes(b"short")
    with pytest.raises(StoreError, match="damaged"):
        paths.install_key()
