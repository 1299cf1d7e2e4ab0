"""The keyring store against GNOME's real Secret Service on a bus of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from said import said

SCENARIOS = Path(__file__).with_name("secret_service_scenarios.py")

pytestmark = pytest.mark.services


@pytest.fixture
def run(needs, tmp_path: Path):
    """Run a scenario on a new session bus, with data and runtime directories of its own; return its output and the end's delay."""
    needs("dbus-run-session", "gnome-keyring-daemon", "secret-tool")

    def scenario(name: str) -> float:
        places = {
            each: str(tmp_path / each.lower()) for each in ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME")
        }
        for folder in places.values():
            Path(folder).mkdir(mode=0o700, exist_ok=True)
        process = subprocess.Popen(
            ["dbus-run-session", "--", sys.executable, str(SCENARIOS), name],
            env={**os.environ, **places}, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
        )  # fmt: skip
        try:
            out, err = process.communicate(timeout=60)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        ended = time.time()
        assert process.returncode == 0, err
        last = said(out).splitlines()[-1]
        assert last.startswith(f"done {name} "), err
        return ended - float(last.split()[-1])

    return scenario


def test_secrets_of_every_kind_come_back(run) -> None:
    run("round_trip")


def test_a_locked_collection_is_said_to_be_locked(run) -> None:
    run("locked")


def test_a_daemon_that_dies_is_noticed_and_keeps_what_it_had(run) -> None:
    run("killed")


def test_a_daemon_that_does_not_answer_holds_neither_the_call_nor_the_exit(run) -> None:
    assert run("stopped") < 10


def test_without_the_programs_the_tests_are_skipped_or_fail(monkeypatch: pytest.MonkeyPatch, needs) -> None:
    monkeypatch.delenv("AUTHWIZARD_REQUIRE_SERVICES", raising=False)
    with pytest.raises(pytest.skip.Exception, match="needs no-such-program"):
        needs("no-such-program")
    monkeypatch.setenv("AUTHWIZARD_REQUIRE_SERVICES", "1")
    with pytest.raises(pytest.fail.Exception, match="needs no-such-program"):
        needs("no-such-program")
