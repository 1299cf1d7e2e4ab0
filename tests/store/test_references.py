"""References: their form, what they resolve to, and where a new value can go."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Reference
from authwizard.model.secret import Secret
from authwizard.store import file_reference
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.references import keep_fault, reference_fault, reference_text, resolve, write_back


def look(text: str, base: Path, keyring: KeyringStore | None = None) -> Secret | None:
    return resolve(Reference(text), base=base, keyring=keyring).secret


@pytest.mark.parametrize(
    "text",
    ["env:A", "env:_a1", "env:ProgramFiles(x86)", "file:x", "file:~/a b", "keyring:a/b", "keyring:a/b/c", "op://v/i/f", "vault:kv/a#b"],
)
def test_right_forms(text: str) -> None:
    assert reference_fault(Reference(text)) is None
    assert reference_text(Reference(text)) == text


def test_a_command_is_shown_as_a_shell_would_take_it() -> None:
    reference = Reference(cmd=("pass", "show", "a b", "$(x)\x1b"))
    assert reference_fault(reference) is None
    assert reference_text(reference) == "cmd: pass show 'a b' '$(x)\\x1b'"


def test_an_environment_variable_is_used_exactly_as_it_is(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("AW_TEST_VALUE", " Bearer x\n")
    assert look("env:AW_TEST_VALUE", tmp_path) == Secret(" Bearer x\n")
    monkeypatch.setenv("AW_TEST_VALUE", "")
    assert look("env:AW_TEST_VALUE", tmp_path) == Secret("")
    monkeypatch.delenv("AW_TEST_VALUE")
    assert look("env:AW_TEST_VALUE", tmp_path) is None


@pytest.mark.parametrize("data", [b"token\n", b"\xef\xbb\xbftoken", b"\xff\xfet\x00", b"", b"a\r\nb\x00"])
def test_a_file_is_used_exactly_as_it_is(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "s").write_bytes(data)
    (tmp_path / "s").chmod(0o600)
    for text in ("file:s", f"file:{tmp_path}/s"):
        found = resolve(Reference(text), base=tmp_path, keyring=None)
        assert found.secret is not None
        assert found.secret.reveal().encode("utf-8", "surrogateescape") == data
        assert found.warning == ""


def test_home_is_known(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "s").write_text("x")
    assert look("file:~/s", tmp_path / "elsewhere") == Secret("x")
    with pytest.raises(StoreError, match="the home directory is not known"):
        look("file:~no-such-user-here/s", tmp_path)
    assert "home directory" in str(keep_fault(Reference("file:~no-such-user-here/s"), base=tmp_path, keyring=None))


def test_an_absent_file_is_absent(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x")
    assert look("file:none", tmp_path) is None
    assert look("file:s/below-a-file", tmp_path) is None


def test_what_is_no_plain_file_is_said_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # opening it must not wait for a writer
    for text in ("file:pipe", f"file:{tmp_path}", "file:/dev/zero"):
        with pytest.raises(StoreError, match=r"it is not a regular file|Is a directory"):
            look(text, tmp_path)


def test_a_large_file_is_no_secret(tmp_path: Path) -> None:
    (tmp_path / "s").write_bytes(b"x" * file_reference.MAX_BYTES)
    assert len(look("file:s", tmp_path) or "") == file_reference.MAX_BYTES
    (tmp_path / "s").write_bytes(b"x" * (file_reference.MAX_BYTES + 1))
    with pytest.raises(StoreError, match="it is larger than 256 KiB"):
        look("file:s", tmp_path)


def test_a_file_that_cannot_be_read_is_an_error_and_not_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(StoreError, match="cannot be read: Permission denied"):
        look("file:s", tmp_path)


def test_a_file_that_others_can_read_is_used_with_a_warning(tmp_path: Path) -> None:
    (tmp_path / "s").write_text("x")
    for mode, warned in ((0o600, False), (0o640, True), (0o604, True), (0o700, False)):
        (tmp_path / "s").chmod(mode)
        found = resolve(Reference("file:s"), base=tmp_path, keyring=None)
        assert found.secret == Secret("x")
        assert (f"chmod 600 {tmp_path}/s" in found.warning) is warned


def test_a_file_is_written_back_as_a_whole_with_its_mode_and_through_links(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    inode = (tmp_path / "real").stat().st_ino
    assert write_back(Reference("file:link"), Secret("néw\n"), base=tmp_path, keyring=None) == "file:link"
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_bytes() == "néw\n".encode()
    assert stat.S_IMODE((tmp_path / "real").stat().st_mode) == 0o640
    assert (tmp_path / "real").stat().st_ino != inode
    write_back(Reference("file:new"), Secret("x"), base=tmp_path, keyring=None)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o600


def test_a_write_that_is_not_read_back_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "s").write_text("old")
    monkeypatch.setattr(file_reference, "write_private", lambda *_, **__: None)
    with pytest.raises(StoreError, match="something else was read back"):
        write_back(Reference("file:s"), Secret("new"), base=tmp_path, keyring=None)


def test_where_a_file_cannot_be_kept_is_known_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fault(text: str) -> str | None:
        return keep_fault(Reference(text), base=tmp_path, keyring=None)

    (tmp_path / "s").write_text("x")
    assert fault("file:s") is None
    assert fault("file:new") is None
    assert "does not exist" in str(fault("file:none/new"))
    assert "not a regular file" in str(fault(f"file:{tmp_path}"))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert "cannot be written by this user" in str(fault("file:s"))


def test_keyring_items_are_read_and_written(fake_keyring, tmp_path: Path) -> None:
    backend = fake_keyring()
    keyring = KeyringStore(backend)
    reference = Reference("keyring:some/service/me")
    assert look(reference.ref, tmp_path, keyring) is None
    assert keep_fault(reference, base=tmp_path, keyring=keyring) is None
    assert write_back(reference, Secret("v"), base=tmp_path, keyring=keyring) == "keyring:some/service/me"
    assert backend.items == {("some/service", "me"): "v"}
    assert look(reference.ref, tmp_path, keyring) == Secret("v")


def test_keyring_items_without_a_keyring(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="not in use here"):
        look("keyring:a/b", tmp_path)
    assert "No system keyring is in use" in str(keep_fault(Reference("keyring:a/b"), base=tmp_path, keyring=None))


@pytest.mark.parametrize("reference", [Reference("env:A"), Reference("op://v/i/f"), Reference("vault:kv/a"), Reference(cmd=("x",))])
def test_what_is_only_read_is_never_written(reference: Reference, tmp_path: Path) -> None:
    fault = keep_fault(reference, base=tmp_path, keyring=None)
    assert "would be lost when authwizard ends" in str(fault)
    with pytest.raises(StoreError) as caught:
        write_back(reference, Secret("x"), base=tmp_path, keyring=None)
    assert str(caught.value) == fault
