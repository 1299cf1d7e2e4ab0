"""Is wrong usage told clearly, and what is said without a terminal?"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import authwizard
from authwizard.knowledge import causes


def test_the_version_is_printed(run) -> None:
    assert run("--version") == (0, f"authwizard {authwizard.__version__}\n", "")


@pytest.mark.parametrize(
    "arguments",
    [("--bogus",), ("check", "--bogus"), ("check", "--timeout", "0"), ("check", "--timeout", "nan"), ("check", "--format", "pdf"), ("check", "a", "b"),
     ("profile",), ("profile", "rename", "a"), ("store", "open"), ("cause", "a", "b"), ("demo", "--port", "x"), ("check", "--allow", "all")],
    ids=" ".join,
)  # fmt: skip
def test_wrong_usage_ends_with_2_and_the_usage(run, arguments: tuple[str, ...]) -> None:
    said = run(*arguments)
    assert (said.status, said.out) == (2, "")
    assert said.err.startswith("usage: authwizard")


def test_a_misspelt_command_is_named(run) -> None:
    said = run("chek", "prod", "--format", "json")
    assert (said.status, said.out) == (2, "")
    assert said.err == "authwizard: There is no command 'chek'. Did you mean: authwizard check?\n"
    assert "needs a terminal" in run("checkout", "--config", "x.toml").err, "one word is a profile's name"
    assert "There is no profile 'chek'" in run("check", "chek").err


def test_without_profiles_it_is_said_how_to_make_one(run) -> None:
    assert run("check").err.startswith("authwizard: No profile is saved yet. Make one: authwizard profile add, or give -")
    assert "None is saved yet" in run("check", "nosuch").err


def test_the_wizard_without_a_terminal_names_the_check(run) -> None:
    said = run()
    assert said.status == 2
    assert "needs a terminal" in said.err
    assert "authwizard check" in said.err
    assert said.is_one_sentence


@pytest.mark.parametrize("term", ["dumb", "unknown"])
def test_the_wizard_on_a_dumb_terminal_names_the_check(run, answered, monkeypatch: pytest.MonkeyPatch, term: str) -> None:
    monkeypatch.setenv("TERM", term)
    answered("")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    assert "authwizard check" in run().err


def test_the_wizard_and_the_demo_open_nothing_without_a_terminal(run) -> None:
    assert run("demo", "token_expired").status == 2
    assert run("prod").status == 2


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs the device of a full disk")
@pytest.mark.parametrize(
    ("streams", "status", "words"),
    [
        ("> /dev/full", 2, "authwizard: What was found cannot be written: No space left on device.\n"),
        ("2> /dev/full", 0, ""),
        (">&-", 0, ""),
        ("<&- >&- 2>&-", 0, ""),
    ],
)
def test_a_stream_that_is_closed_or_full_is_no_crash(streams: str, status: int, words: str) -> None:
    line = f"{shlex.quote(sys.executable)} -m authwizard cause token_expired {streams}"
    ended = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stderr) == (status, words)


@pytest.mark.skipif(os.name != "posix", reason="closes a descriptor as a shell does")
def test_without_standard_input_nothing_was_pasted() -> None:
    line = f"{shlex.quote(sys.executable)} -m authwizard check - <&-"
    ended = subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("authwizard: Nothing was pasted.")


def test_what_is_too_large_to_be_pasted_is_refused_whole(run, piped) -> None:
    """Half a command, or half a token, would be judged for what it is not."""
    piped(b"curl -H 'X-A: " + b"b" * 5_000_000 + b"' http://127.0.0.1:9/")
    said = run("check", "-")
    assert said.status == 2
    assert "larger than 4 MB" in said.err
    assert said.is_one_sentence


def test_an_interrupted_command_ends_with_130(run, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(causes, "catalogue", interrupted)
    assert run("cause") == (130, "", "authwizard: interrupted.\n")


def test_the_demo_leaves_nothing_on_this_machine(run) -> None:
    assert run("demo", "healthy-basic", "--check").status == 0
    assert not Path(os.environ["AUTHWIZARD_STATE_DIR"]).exists()
    assert not Path(os.environ["AUTHWIZARD_CONFIG_DIR"]).exists()


def test_the_demo_does_not_look_at_this_machines_variables(run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("API_TOKEN", "a-plainly-fake-value-of-somebody-else")
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    said = run("demo", "healthy-basic", "--check")
    assert said.status == 0
    assert "API_TOKEN" not in said.out
    assert "HTTP_PROXY" not in said.out
