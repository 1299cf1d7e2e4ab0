"""Secrets from the output of programs: word for word, in time, in bounds, and nothing of it shown."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.store import command_reference
from authwizard.store.references import keep_fault, reference_fault, resolve
from authwizard.store.vault import Vault

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are shell scripts")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Put a shell script on PATH."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")

    def make(name: str, text: str) -> Path:
        path = tmp_path / "bin" / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)
        return path

    return make


def look(reference: Reference, base: Path) -> Secret:
    found = resolve(reference, base=base, keyring=None).secret
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("reference", "name", "words"),
    [
        (Reference(cmd=("pass", "show", "a b", "$(touch x)", "*")), "pass", "show|a b|$(touch x)|*|"),
        (Reference("op://Private/API key/credential"), "op", "read|op://Private/API key/credential|"),
        (Reference("vault:secret/prod#token"), "vault", "kv|get|-field=token|secret/prod|"),
        (Reference("vault:secret/odd#name#token"), "vault", "kv|get|-field=token|secret/odd#name|"),
    ],
)
def test_a_program_gets_its_words_as_they_are_written_and_no_shell(
    program, tmp_path: Path, reference: Reference, name: str, words: str
) -> None:
    program(name, """printf '%s|' "$@" """)
    assert reference_fault(reference) is None
    assert look(reference, tmp_path) == Secret(words)
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("written", "kept"), [(r"a", "a"), (r"a\n", "a"), (r"a\n\n", "a\n"), (r" a\r\n", " a\r"), ("", ""), (r"\303\244\n", "ä"), (r"\377", "\udcff")]
)  # fmt: skip
def test_one_final_newline_is_dropped_and_nothing_else(program, tmp_path: Path, written: str, kept: str) -> None:
    program("pass", f"printf '{written}'")
    assert look(Reference(cmd=("pass",)), tmp_path) == Secret(kept)


def test_it_has_the_environment_the_directory_of_the_file_and_no_input(program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AW_TEST_VALUE", "kept")
    program("pass", 'printf "%s %s %s" "$AW_TEST_VALUE" "$PWD" "$(cat)"')
    (tmp_path / "profiles").mkdir()
    assert look(Reference(cmd=("pass",)), tmp_path / "profiles") == Secret(f"kept {tmp_path / 'profiles'} ")


def test_what_it_says_of_an_error_is_never_shown(program, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    program("pass", 'echo "the secret is hunter2-hunter2" >&2; echo hunter2-hunter2; exit 3')
    with pytest.raises(StoreError, match=r"The command pass show x failed \(exit status 3\)") as caught:
        look(Reference(cmd=("pass", "show", "x")), tmp_path)
    seen = capfd.readouterr()
    assert "hunter2" not in f"{caught.value!r} {caught.value.__cause__!r} {seen.out} {seen.err}"


def test_a_program_that_is_absent_or_cannot_run_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no-such-program-here show is not installed here, or not found on PATH"):
        look(Reference(cmd=("no-such-program-here", "show")), tmp_path)
    (tmp_path / "plain").write_text("no program")
    with pytest.raises(StoreError, match=r"could not be started: Permission denied"):
        look(Reference(cmd=("./plain",)), tmp_path)
    with pytest.raises(StoreError, match="cannot be passed on"):
        look(Reference(cmd=("sh", "\0")), tmp_path)


def test_a_program_that_waits_is_stopped_with_what_it_started(program, tmp_path: Path) -> None:
    program("pass", f"sleep 60 & echo $! > {tmp_path}/child; wait")
    begin = time.monotonic()
    with pytest.raises(StoreError, match=r"did not end within 0\.3 s and was stopped"):
        command_reference.read(Reference(cmd=("pass",)), tmp_path, seconds=0.3)
    assert time.monotonic() - begin < 10
    child = int((tmp_path / "child").read_text())
    until = time.monotonic() + 10
    while Path(f"/proc/{child}").exists() and "Z" not in Path(f"/proc/{child}/stat").read_text().split()[2]:
        assert time.monotonic() < until, "what it started still runs"


def test_a_flood_is_stopped(program, tmp_path: Path) -> None:
    program("pass", "yes")
    with pytest.raises(StoreError, match="more than 256 KiB"):
        look(Reference(cmd=("pass",)), tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [("vault:secret/prod", "PATH#FIELD"), ("vault:#token", "PATH#FIELD"), ("vault:-address=http://127.0.0.1#x", "PATH#FIELD"),
     ("vault:a#", "PATH#FIELD"), ("op://a/b", "VAULT/ITEM/FIELD"), ("op:-x", "VAULT/ITEM/FIELD")],
)  # fmt: skip
def test_a_preset_that_would_be_an_option_or_names_too_little_is_refused(text: str, said: str) -> None:
    assert said in str(reference_fault(Reference(text)))


async def test_a_command_runs_only_where_the_profile_was_agreed_to(program, tmp_path: Path) -> None:
    program("pass", f"echo x; touch {tmp_path}/ran")
    profile = Profile("prod", "https://api.example.com", "GET /", secrets={"api_key": Reference(cmd=("pass",))})
    seen = await Vault(profile, None, base=tmp_path).read("api_key")
    assert (seen.status, (tmp_path / "ran").exists()) == ("unavailable", False)
    assert "authwizard profile trust prod" in seen.why
    seen = await Vault(profile, None, base=tmp_path, trusted=True).read("api_key")
    assert (seen.status, seen.secret, seen.source) == ("present", Secret("x"), "cmd: pass")


@pytest.mark.parametrize("reference", [Reference(cmd=("pass",)), Reference("op://a/b/c"), Reference("vault:a#b")])
async def test_what_a_program_gives_is_never_written_back(reference: Reference, tmp_path: Path) -> None:
    assert "only read, never written" in str(keep_fault(reference, base=tmp_path, keyring=None))
    profile = replace(Profile("prod", "https://api.example.com", "GET /"), secrets={"refresh_token": reference})
    vault = Vault(profile, None, base=tmp_path, trusted=True)
    assert "only read, never written" in str(await vault.preflight("refresh_token"))
    assert await vault.settle("refresh_token") == ""
