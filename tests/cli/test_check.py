"""Is what `authwizard check` cannot do told in one sentence, before anything is sent?"""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

import authwizard.cli.check

PLACE = ("--base-url", "http://127.0.0.1:9", "--request", "GET /v2/me")


def test_a_check_without_a_profile_says_how_to_go_on(run) -> None:
    said = run("check")
    assert said.status == 2
    assert "paste a curl command" in said.err


def test_a_check_without_a_name_takes_the_only_profile_and_else_names_them(run) -> None:
    run("profile", "add", "one", *PLACE)
    assert run("check", "--passive").status in (1, 4)
    run("profile", "add", "two", *PLACE)
    said = run("check", "--passive")
    assert said.status == 2
    assert "one, two" in said.err


def test_a_run_that_was_agreed_to_on_the_command_line_needs_no_state_directory(
    run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A container in CI often has a read-only home directory; a path below a file cannot be made by anybody, root included."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("AUTHWIZARD_STATE_DIR", str(tmp_path / "file" / "state"))
    monkeypatch.setenv("CI_TOKEN", "x1")
    path = tmp_path / "ci.toml"
    path.write_text(
        'version = 1\n[profile.ci]\nbase_url = "http://127.0.0.1:9"\nrequest = "GET /"\n[profile.ci.secrets]\naccess_token = "env:CI_TOKEN"\n'
    )
    said = run("check", "ci", "--config", str(path), "--trust", "--no-token-requests")
    assert (said.status, "could not look" in said.out) == (4, True)
    assert "cannot be made" in said.err, "what cannot be remembered is told"
    assert run("check", "ci", "--config", str(path)).status == 2


def test_the_files_of_network_are_looked_for_beside_the_profiles_file(run, tmp_path: Path) -> None:
    path = tmp_path / "repository" / "ci.toml"
    path.parent.mkdir()
    path.write_text(
        'version = 1\n[profile.ci]\nbase_url = "https://127.0.0.1:9"\nrequest = "GET /"\n'
        '[profile.ci.network]\nca_bundle = "ca.pem"\nclient_cert = "me.pem"\n'
    )
    said = " ".join(run("check", "ci", "--config", str(path), "--trust").out.split())
    assert f"The CA bundle {path.parent / 'ca.pem'} does not exist." in said.replace(f"{path.parent} /", f"{path.parent}/")


def test_all_takes_no_name_and_needs_profiles(run) -> None:
    assert "leave out the name" in run("check", "x", "--all").err
    assert run("check", "--all").status == 2


@pytest.mark.parametrize("arguments", [("check", "x"), ("profile", "list"), ("profile", "show", "x"), ("store", "set", "x", "api_key")])
def test_a_profiles_file_that_is_not_there_is_named(run, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    said = run(*arguments, "--config", str(tmp_path / "absent.toml"))
    assert said.status == 2
    assert "absent.toml" in said.err
    assert said.is_one_sentence


@pytest.mark.parametrize(
    ("text", "about"),
    [
        ("version = 1\n[profile.x\n", "line 2"),
        ('version = 1\n[profile.x]\nbase_ur = "http://127.0.0.1"\n', "did you mean base_url"),
        ('version = 1\n[profile.x]\nbase_url = "http://127.0.0.1"\nrequest = "GET /"\ntoken = "x"\n', "access_token"),
        ("\x00", "TOML"),
    ],
)
def test_a_wrong_profiles_file_is_told_with_its_line(run, tmp_path: Path, text: str, about: str) -> None:
    path = tmp_path / "profiles.toml"
    path.write_text(text)
    said = run("check", "x", "--config", str(path))
    assert said.status == 2
    assert about in said.err
    assert said.is_one_sentence


@pytest.mark.parametrize("target", ["absent/report.md", "."])
def test_a_report_that_cannot_be_written_is_refused_before_anything_is_sent(run, tmp_path: Path, monkeypatch, target: str) -> None:
    run("profile", "add", "prod", *PLACE)
    monkeypatch.setattr(authwizard.cli.check, "Session", None)
    said = run("check", "prod", "--output", str(tmp_path / target))
    assert said.status == 2
    assert "--output" in said.err
    assert said.is_one_sentence


def test_a_report_is_written_for_its_owner_alone_and_nothing_goes_to_stdout(run, tmp_path: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    target = tmp_path / "report.md"
    said = run("check", "prod", "--passive", "--format", "markdown", "--output", str(target))
    assert said.out == ""
    assert str(target) in said.err
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    assert target.read_text().startswith("#")


def test_what_the_program_sent_must_be_readable_and_show_a_request(run, tmp_path: Path) -> None:
    run("profile", "add", "prod", *PLACE)
    assert "cannot be read" in run("check", "prod", "--sent", str(tmp_path / "absent")).err
    sent = tmp_path / "sent.txt"
    sent.write_text("HTTP/1.1 401 Unauthorized\r\n\r\n")
    said = run("check", "prod", "--sent", str(sent))
    assert said.status == 2
    assert "was not understood" in said.err


@pytest.mark.parametrize("typed", [b"", b"   \n", b"what is this?", b"curl", b"\xff\xfe\x00"])
def test_what_is_not_recognised_is_told_in_one_sentence(run, piped, typed: bytes) -> None:
    piped(typed)
    said = run("check", "-")
    assert (said.status, said.out) == (2, "")
    assert said.is_one_sentence


def test_the_demo_names_its_faults_and_takes_its_port_only_to_serve(run) -> None:
    assert run("demo", "--list").out.count("\t") >= 80
    assert "--list" in run("demo", "no_such_fault").err
    assert "--serve" in run("demo", "token_expired", "--port", "8000").err
