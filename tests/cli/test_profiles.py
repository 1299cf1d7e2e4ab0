"""Are profiles listed, made, edited, removed and agreed to without surprise?"""

from __future__ import annotations

import os
import re
import shlex
import stat
import sys
from pathlib import Path

import pytest

from authwizard.cli import profile_share
from authwizard.store.memory_store import MemoryStore

PLACE = ("--base-url", "http://127.0.0.1:9", "--request", "GET /v2/me")


def test_without_a_profile_the_list_says_how_to_make_one(run) -> None:
    said = run("profile", "list")
    assert said.status == 0
    assert "authwizard profile add" in said.out


def test_an_added_profile_is_listed_shown_and_removed(run, profiles: Path) -> None:
    added = run("profile", "add", "prod", *PLACE, "--environment", "production", "--secret", "access_token=env:PROD_TOKEN")
    assert (added.status, added.out) == (0, "")
    assert stat.S_IMODE(profiles.stat().st_mode) == 0o600
    assert "prod" in run("profile", "list").out
    shown = run("profile", "show", "prod").out
    assert 'environment = "production"' in shown
    assert 'access_token = "env:PROD_TOKEN"' in shown
    assert run("profile", "remove", "prod", "--yes").status == 0
    assert "prod" not in profiles.read_text()


def test_an_added_profile_says_which_secrets_are_still_to_be_stored(run) -> None:
    said = run("profile", "add", "svc", *PLACE, "--token-url", "http://127.0.0.1:9/token", "--client-id", "abc")
    assert "authwizard store set svc client_secret" in said.err
    assert "access_token" not in said.err
    assert "authwizard store set other password" in run("profile", "add", "other", *PLACE, "--kind", "basic").err


def test_a_profile_is_not_added_twice(run, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    before = profiles.read_bytes()
    said = run("profile", "add", "prod", *PLACE, "--environment", "staging")
    assert said.status == 2
    assert said.is_one_sentence
    assert profiles.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "about"),
    [
        (("a b", *PLACE), "name"),
        (("lit", *PLACE, "--secret", "access_token=eyJhbGciOiJub25lIn0.e30."), "access_token"),
        (("fld", *PLACE, "--secret", "acces_token=env:X"), "--secret"),
        (("url", "--base-url", "api.example.com", "--request", "GET /"), "base_url"),
        (("req", "--base-url", "http://127.0.0.1:9", "--request", "FETCH"), "request"),
    ],
)
def test_a_wrong_profile_is_refused_in_one_sentence_and_not_written(run, profiles: Path, arguments: tuple[str, ...], about: str) -> None:
    said = run("profile", "add", *arguments)
    assert said.status == 2
    assert about in said.err
    assert "eyJhbGciOiJub25lIn0" not in said.err
    assert said.is_one_sentence
    assert not profiles.exists()


@pytest.mark.parametrize("verb", ["show", "edit", "remove", "trust"])
def test_a_profile_that_does_not_exist_is_named_with_those_that_do(run, verb: str) -> None:
    run("profile", "add", "prod", *PLACE)
    said = run("profile", verb, "stagng")
    assert said.status == 2
    assert "'stagng'" in said.err
    assert "prod" in said.err


def test_removing_asks_first(run, answered, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    assert "--yes" in run("profile", "remove", "prod").err
    answered("n")
    assert "Nothing was removed" in run("profile", "remove", "prod").err
    assert "prod" in profiles.read_text()
    answered("y")
    assert run("profile", "remove", "prod").status == 0
    assert "prod" not in profiles.read_text()


def test_removing_a_profile_removes_its_stored_secrets(run, store: MemoryStore, piped) -> None:
    run("profile", "add", "prod", *PLACE)
    piped(b"a-plainly-fake-value\n")
    assert run("store", "set", "prod", "access_token").status == 0
    assert run("profile", "remove", "prod", "--yes").status == 0
    assert store.get("prod", "access_token") is None


def test_a_profile_with_stored_secrets_stays_while_the_store_is_away(run, store: MemoryStore, piped, monkeypatch, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    piped(b"a-plainly-fake-value\n")
    run("store", "set", "prod", "access_token")
    monkeypatch.setattr(profile_share, "open_configured_store", lambda: (None, "The keyring is locked."))
    said = run("profile", "remove", "prod", "--yes")
    assert said.status == 2
    assert "The keyring is locked." in said.err
    assert "prod" in profiles.read_text()


def editor(folder: Path, *lines: str) -> str:
    """Return an editor command that runs these Python lines on the file (`text` in, `text` out)."""
    script = folder / "editor.py"
    body = "\n".join(
        ("import pathlib, sys", "path = pathlib.Path(sys.argv[-1])", "text = path.read_text()", *lines, "path.write_text(text)")
    )
    script.write_text(body)
    return f"{shlex.quote(sys.executable)} {shlex.quote(str(script))}"


def test_editing_replaces_the_file_with_what_the_editor_left(run, answered, monkeypatch, tmp_path: Path, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, "text = text.replace('/v2/me', '/v2/devices') + '# seen\\n'"))
    answered("")
    assert run("profile", "edit", "prod").status == 0
    assert 'request = "GET /v2/devices"' in profiles.read_text()
    assert "# seen" in profiles.read_text()


def test_an_edit_that_cannot_be_read_changes_nothing_and_is_kept(run, answered, monkeypatch, tmp_path: Path, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    before = profiles.read_bytes()
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, "text = text.replace('base_url', 'base_ur')"))
    answered("")
    said = run("profile", "edit", "prod")
    assert said.status == 2
    assert "did you mean base_url" in said.err
    assert profiles.read_bytes() == before
    kept = re.search(r"kept in (\S+)\.$", said.err.strip())
    assert kept
    assert "base_ur =" in Path(kept[1]).read_text()


def test_an_edit_does_not_undo_what_was_saved_while_the_editor_was_open(run, answered, monkeypatch, tmp_path: Path, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    meanwhile = f"pathlib.Path({str(profiles)!r}).write_text(text + '# saved by the wizard\\n')"
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, meanwhile, "text += '# edited\\n'"))
    answered("")
    said = run("profile", "edit", "prod")
    assert said.status == 2
    assert "changed by another program meanwhile" in said.err
    assert profiles.read_text().endswith("# saved by the wizard\n")
    kept = re.search(r"kept in (\S+)\.$", said.err.strip())
    assert kept
    assert Path(kept[1]).read_text().endswith("# edited\n")


@pytest.mark.skipif(os.name != "posix", reason="links")
def test_an_edit_keeps_a_link_to_the_file_and_its_mode(run, answered, monkeypatch, tmp_path: Path, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    real = tmp_path / "dotfiles.toml"
    profiles.rename(real)
    real.chmod(0o640)
    profiles.symlink_to(real)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", editor(tmp_path, "text += '# edited\\n'"))
    answered("")
    assert run("profile", "edit", "prod").status == 0
    assert profiles.is_symlink()
    assert (real.read_text().endswith("# edited\n"), real.stat().st_mode & 0o777) == (True, 0o640)


def test_an_editor_that_fails_changes_nothing(run, answered, monkeypatch, profiles: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    before = profiles.read_bytes()
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"{shlex.quote(sys.executable)} -c 'raise SystemExit(1)'")
    answered("")
    assert run("profile", "edit", "prod").status == 2
    assert profiles.read_bytes() == before
    assert list(profiles.parent.glob(".profiles-*")) == []


def test_without_an_editor_or_a_terminal_editing_says_so(run, monkeypatch) -> None:
    run("profile", "add", "prod", *PLACE)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    assert "EDITOR" in run("profile", "edit", "prod").err
    monkeypatch.setenv("EDITOR", "true")
    assert "terminal" in run("profile", "edit", "prod").err


def test_a_profile_from_elsewhere_waits_for_agreement(run, foreign: Path, monkeypatch, answered) -> None:
    monkeypatch.setenv("THEIR_TOKEN", "a-plainly-fake-value")
    config = ("--config", str(foreign))
    said = run("check", "theirs", "--passive", *config)
    assert said.status == 2
    assert "env:THEIR_TOKEN" in said.err
    assert "http://127.0.0.1:9" in said.err
    assert "authwizard profile trust theirs" in said.err
    assert "not agreed to" in run("profile", "list", *config).out
    answered("no")
    refused = run("profile", "trust", "theirs", *config)
    assert refused.status == 2
    assert "env:THEIR_TOKEN (access_token) -> http://127.0.0.1:9" in refused.out
    assert run("check", "theirs", "--passive", *config).status == 2
    answered("yes")
    assert run("profile", "trust", "theirs", *config).status == 0
    assert run("check", "theirs", "--passive", *config).status == 4


def test_trust_can_be_given_for_one_run(run, foreign: Path, monkeypatch) -> None:
    monkeypatch.setenv("THEIR_TOKEN", "a-plainly-fake-value")
    config = ("--config", str(foreign))
    assert run("check", "theirs", "--passive", "--trust", *config).status == 4
    assert run("check", "theirs", "--passive", *config).status == 2


@pytest.mark.skipif(sys.platform == "win32", reason="the program is a shell script")
def test_a_script_that_changed_is_asked_about_again(run, profiles: Path, tmp_path: Path, answered) -> None:
    script = tmp_path / "get.sh"
    script.write_text("echo a-plainly-fake-value\n")
    run("profile", "add", "prod", *PLACE)
    with profiles.open("a") as file:
        file.write(f"[profile.prod.secrets]\naccess_token = {{ cmd = ['sh', '{script}'] }}\n")
    assert run("check", "prod", "--passive").status == 2
    assert run("profile", "trust", "prod", "--yes").status == 0
    assert run("check", "prod", "--passive").status == 4
    script.write_text(f"touch {tmp_path}/ran; echo another-fake-value\n")
    said = run("check", "prod", "--passive")
    assert said.status == 2
    assert f"cmd: sh {script} (access_token) -> http://127.0.0.1:9\n    {script} has changed since you agreed to it.\n" in said.err
    assert "not agreed to" in run("profile", "list").out
    assert "not agreed to" in run("compare", "prod", "prod").out
    answered("n")
    assert f"  {script} has changed since you agreed to it.\n" in run("profile", "trust", "prod").out
    assert not (tmp_path / "ran").exists()
    assert run("check", "prod", "--passive", "--trust").status == 4
    assert (tmp_path / "ran").exists()
    assert run("check", "prod", "--passive").status == 2
    answered("y")
    assert run("profile", "trust", "prod").status == 0
    assert run("check", "prod", "--passive").status == 4
