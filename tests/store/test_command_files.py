"""A command is agreed to with what it runs: another program, another script, another place on PATH is seen before anything is started."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.store import command_files
from authwizard.store.command_files import CommandSeen, FileSeen, change, look, seen_of, still_agreed
from authwizard.store.trust import agreed_commands, commands_now, is_trusted, needs_trust, trust, trust_error
from authwizard.store.vault import Vault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")

Write = Callable[..., Path]


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """The directory of the profiles file."""
    (tmp_path / "profiles").mkdir()
    return tmp_path / "profiles"


@pytest.fixture
def written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write an executable script; PATH is `first`, `second`, then what it was."""
    for folder in ("first", "second"):
        (tmp_path / folder).mkdir()
    monkeypatch.setenv("PATH", os.pathsep.join((str(tmp_path / "first"), str(tmp_path / "second"), os.environ["PATH"])))

    def write(place: str, says: str = "x", mode: int = 0o755) -> Path:
        path = tmp_path / place
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\necho {says}\n")
        path.chmod(mode)
        return path

    return write


def test_a_changed_program_is_named(written: Write, base: Path) -> None:
    path = written("second/get-token")
    before = look(("get-token", "prod"), base)
    assert change(before, look(("get-token", "prod"), base)) == ""
    written("second/get-token", "y")
    assert change(before, look(("get-token", "prod"), base)) == f"{path} has changed since you agreed to it."


def test_another_place_on_path_is_named_even_where_the_content_is_the_same(written: Write, base: Path) -> None:
    agreed = written("second/get-token")
    before = look(("get-token",), base)
    now = written("first/get-token")
    assert change(before, look(("get-token",), base)) == f"The program is {now} now; you agreed to {agreed}."
    now.chmod(0o644)
    assert change(before, look(("get-token",), base)) == "", "the system passes over what cannot be run"


def test_a_program_that_came_later_is_asked_about_and_one_that_went_fails_by_itself(written: Write, base: Path) -> None:
    before = look(("get-token",), base)
    assert before == CommandSeen(None)
    path = written("first/get-token")
    after = look(("get-token",), base)
    assert change(before, after) == f"The program is {path} now; it was not installed when you agreed."
    path.unlink()
    assert change(after, look(("get-token",), base)) == ""
    assert still_agreed(("get-token",), base, after, "prod") is None


@pytest.mark.parametrize(
    "words",
    [
        ("sh", "get.sh", "prod"), ("sh", "./get.sh"), (sys.executable, "-u", "get.sh"), ("env", "--file=get.sh"), ("curl", "-d", "@get.sh"),
        ("sh", "-c", "./get.sh prod | tr -d x"), ("sh", "-c", "(./get.sh)>&2; echo 'unfinished"), ("sh", "-c", "$AW_FOLDER/get.sh x"),
        ("sh", "-c", "echo;./get.sh"),
    ],
)  # fmt: skip
def test_a_script_that_the_words_name_is_part_of_the_command(
    words: tuple[str, ...], written: Write, base: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AW_FOLDER", str(base))
    path = written("profiles/get.sh", mode=0o644)
    before = look(words, base)
    assert change(before, look(words, base)) == ""
    written("profiles/get.sh", "y", mode=0o644)
    assert change(before, look(words, base)).endswith("/get.sh has changed since you agreed to it.")
    path.unlink()
    assert change(before, look(words, base)).endswith("/get.sh, which you agreed to, is not there any more.")
    assert change(look(words, base), before).endswith("get.sh is a file now; it was none when you agreed.")


def test_words_that_are_no_files_are_nothing(base: Path) -> None:
    (base / "folder").mkdir()
    os.mkfifo(base / "pipe")
    assert look(("sh", "folder", "pipe", "/dev/zero", "x" * 5000, "~nobody-here/x", "\0", "", "a b 'c"), base).files == {}


def test_the_data_of_a_program_that_only_reads_may_change(written: Write, base: Path) -> None:
    written("profiles/token")
    assert look(("cat", "token"), base).files == {}
    assert look(("/bin/cat", "token"), base).program is not None


@pytest.mark.parametrize(
    "command",
    [
        ("gpg", "--options", "token", "-d", "x.gpg"), ("gpg", "--options=token", "-d", "x.gpg"), ("gpg", "--opt", "token"),
        ("jq", "-rf", "token", "x"), ("./cat", "token"),
    ],
)  # fmt: skip
def test_a_file_that_a_reader_obeys_is_part_of_the_command(written: Write, base: Path, command: tuple[str, ...]) -> None:
    written("profiles/token", "one")
    before = look(command, base)
    written("profiles/token", "something else")
    assert "has changed since you agreed to it" in change(before, look(command, base))


def test_a_file_is_hashed_once_and_again_when_its_entry_changes(written: Write, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = written("first/big")
    monkeypatch.setattr(command_files, "_YOUNG_SECONDS", 0.0)
    hashed: list[int] = []
    real = command_files._hash
    monkeypatch.setattr(command_files, "_hash", lambda file, size: hashed.append(size) or real(file, size))
    before = look(("big",), base)
    assert before.program is not None
    assert before.program.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    command_files._hashed.clear()  # another process, which knows the agreement alone
    assert look(("big",), base, before) == before
    assert len(hashed) == 1
    text, times = path.read_text(), path.stat()
    path.write_text(text.replace("x", "y"))
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert path.stat().st_mtime_ns == times.st_mtime_ns
    assert change(before, look(("big",), base, before)) != "", "a set-back time does not hide it"
    assert len(hashed) == 2


def test_a_file_changed_a_moment_ago_is_read_again(written: Write, base: Path) -> None:
    written("first/young")
    seen = look(("young",), base).program
    assert seen is not None
    assert seen.signature == ()


def test_a_program_that_may_be_run_and_not_read_goes_by_its_entry() -> None:
    one, other = FileSeen("/x", "", (1, 2, 3, 4, 5)), FileSeen("/x", "", (1, 2, 3, 4, 6))
    assert one.is_like(one)
    assert not one.is_like(other)
    assert not FileSeen("/x", "").is_like(FileSeen("/x", ""))


def test_what_is_kept_is_read_back(written: Write, base: Path) -> None:
    written("profiles/get.sh")
    seen = look(("sh", "get.sh"), base)
    assert seen_of(seen.as_object()) == seen
    for damaged in (None, 5, {}, {"program": 5, "files": {}}, {"program": None, "files": []}, {"program": {"path": "x"}, "files": {}}):
        assert seen_of(damaged) is None


# ── the agreement ────────────────────────────────────────────────────────────────────────────────────────────────────

PROFILE = Profile(
    "prod", "https://api.example.com", "GET /", secrets={"api_key": Reference(cmd=("sh", "get.sh")), "username": Reference("env:U")}
)


def test_only_the_command_that_changed_is_asked_about_with_what_changed(written: Write, base: Path) -> None:
    source = base / "profiles.toml"
    path = written("profiles/get.sh")
    trust(PROFILE, source)
    assert is_trusted(PROFILE, source)
    written("profiles/get.sh", "y")
    assert not is_trusted(PROFILE, source)
    items = needs_trust(PROFILE, source)
    assert [(item.field, item.changed) for item in items] == [("api_key", f"{path} has changed since you agreed to it.")]
    assert f"  cmd: sh get.sh (api_key) -> https://api.example.com:443\n    {path} has changed since" in str(
        trust_error(PROFILE, items, source)
    )
    trust(PROFILE, source, edited=True)
    assert not is_trusted(PROFILE, source), "saving a profile in the wizard is no look at its commands"
    trust(PROFILE, source)
    assert needs_trust(PROFILE, source) == []


def test_an_agreement_that_looked_at_no_program_is_asked_for_again(written: Write, base: Path, own_places: Path) -> None:
    written("profiles/get.sh")
    trust(PROFILE, base / "profiles.toml")
    file = own_places / "state" / "trust.json"
    file.write_text(file.read_text().replace('"commands"', '"other"'))
    assert [item.changed for item in needs_trust(PROFILE, base / "profiles.toml")] == ["What it runs was not looked at when you agreed."]


async def test_a_script_changed_between_agreement_and_start_is_not_run(written: Write, base: Path) -> None:
    source = base / "profiles.toml"
    written("profiles/get.sh")
    trust(PROFILE, source)
    vault = Vault(PROFILE, None, base=base, trusted=True, commands=agreed_commands(PROFILE, source))
    path = written("profiles/get.sh", f"y; touch {base}/ran")
    seen = await vault.read("api_key")
    assert (seen.status, (base / "ran").exists()) == ("unavailable", False)
    assert seen.why == (
        f"{path} has changed since you agreed to it. The command runs again once that was agreed to: authwizard profile trust prod"
    )
    now = Vault(PROFILE, None, base=base, trusted=True, commands=commands_now(PROFILE, source))
    assert (await now.read("api_key")).secret == Secret("y")


def test_the_program_that_was_looked_at_is_the_one_that_starts(written: Write, base: Path) -> None:
    agreed = written("second/get-token", "right")
    seen = look(("get-token",), base)
    assert still_agreed(("get-token",), base, seen, "prod") == agreed
    written("first/get-token", "wrong")
    with pytest.raises(StoreError, match="you agreed to"):
        still_agreed(("get-token",), base, seen, "prod")
    from authwizard.store import command_reference

    assert command_reference.read(Reference(cmd=("get-token",)), base, program=agreed) == Secret("right")


def test_a_program_is_not_read_again_once_it_was_agreed_to(written: Write, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A large one would be waited for at each start of a run."""
    path = written("first/large")
    with path.open("ab") as file:
        file.truncate(5 * 1024 * 1024)
    monkeypatch.setattr(command_files, "_YOUNG_SECONDS", 0.0)
    seen = look(("large",), base)
    command_files._hashed.clear()
    with monkeypatch.context() as patched:
        patched.setattr(command_files, "_hash", lambda *_: pytest.fail("it was read again"))
        assert look(("large",), base, seen) == seen
    os.utime(path, ns=(1, 1))
    assert look(("large",), base, seen).program == replace(seen.program, signature=command_files._signature(path.stat()))
