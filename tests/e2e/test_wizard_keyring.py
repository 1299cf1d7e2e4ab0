"""The wizard and a real Secret Service: saved and found again; with none, a locked one and one that hangs it goes on without."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from leak_search import Pieces

from authwizard.model.secret import Secret

pytestmark = pytest.mark.services

HERE = Path(__file__).parent
AUTHWIZARD = (sys.executable, "-m", "authwizard")
LIMIT = 600
"""Seconds after which a driver is ended; on a machine that is not loaded it needs a few."""
REQUEST = "GET /v2/organizations/current"


@dataclass(frozen=True)
class Served:
    """The practice platform that the profile points to."""

    urls: dict[str, str]
    oauth: dict[str, Any]
    access_token: str
    client_secret: str
    secrets: tuple[Secret, ...]


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve the practice platform, in which nothing is wrong."""
    process = subprocess.Popen([*AUTHWIZARD, "demo", "healthy", "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        oauth = tomllib.loads(told["config"])["profile"]["demo"]["oauth"]
        env = told["env"]
        secrets = tuple(Secret(value) for value in env.values())
        yield Served(told["urls"], oauth, env["AUTHWIZARD_DEMO_ACCESS_TOKEN"], env["AUTHWIZARD_DEMO_CLIENT_SECRET"], secrets)
    finally:
        process.terminate()
        process.communicate(timeout=20)


class Machine:
    """A user's machine: directories of its own, which outlive its session buses."""

    def __init__(self, root: Path) -> None:
        self.root = root
        names = ("XDG_RUNTIME_DIR", "XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HOME")
        places = {name: str(root / name.lower()) for name in names}
        for folder in places.values():
            Path(folder).mkdir(mode=0o700)
        places |= {"AUTHWIZARD_CONFIG_DIR": str(root / "config"), "AUTHWIZARD_STATE_DIR": str(root / "state")}
        hidden = ("DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY", "TMUX", "TMUX_PANE")
        self.env = {k: v for k, v in os.environ.items() if k not in hidden} | places | {"TEXTUAL_ANIMATIONS": "none", "LC_ALL": "C.UTF-8"}

    def run(self, keyring: str, *command: str, typed: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command, with a new session bus and its keyring in a state; "none" = without a bus."""
        session = [] if keyring == "none" else ["dbus-run-session", "--", sys.executable, str(HERE / "keyring_session.py"), keyring]
        process = subprocess.Popen(
            [*session, *command], env=self.env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            cwd=self.root, start_new_session=True,
        )  # fmt: skip
        try:
            out, err = process.communicate(typed, timeout=LIMIT)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()
        return subprocess.CompletedProcess(command, process.returncode, out, err)

    def wizard(self, keyring: str, scenario: str, served: Served) -> dict[str, Any]:
        """Drive the wizard in a process of its own and return what the driver saw; it ended well, soon, and showed no secret."""
        typed = json.dumps({"name": "prod", "sections": form_of(served)})
        done = self.run(keyring, sys.executable, str(HERE / "wizard_driver.py"), scenario, typed=typed)
        ended = time.time()
        assert (done.returncode, done.stdout.count("\n")) == (0, 1), done.stderr
        told: dict[str, Any] = json.loads(done.stdout)
        assert told["return_code"] == 0
        assert ended - told["at"] < 30, "the process did not end soon after the wizard"
        shown = ["\n".join(told.pop("seen")), done.stderr, json.dumps(told)]
        assert [found for text in shown for found in Pieces(served.secrets).within(text)] == []
        return told

    def files(self) -> dict[str, str]:
        """Return every file that authwizard wrote."""
        found = [p for name in ("config", "state") for p in (self.root / name).rglob("*") if p.is_file()]
        return {str(p.relative_to(self.root)): p.read_text(errors="replace") for p in found}

    def assert_no_secret_on_disk(self, served: Served) -> None:
        files = self.files()
        assert "[profile.prod]" in files["config/profiles.toml"]
        assert {name: found for name, text in files.items() if (found := Pieces(served.secrets).within(text))} == {}


@pytest.fixture
def machine(tmp_path: Path, needs: Any) -> Machine:
    needs("dbus-run-session", "gnome-keyring-daemon", "secret-tool")
    return Machine(tmp_path)


def form_of(served: Served) -> list[dict[str, str]]:
    """What is put into the form, section by section: the field's id and the value."""
    return [
        {"f-name": "prod", "f-base_url": served.urls["base"], "f-request": REQUEST},
        {"s-access_token": served.access_token},
        {"f-issuer": served.oauth["issuer"], "f-client_id": served.oauth["client_id"], "s-client_secret": served.client_secret,
         "f-scopes": "read write"},
        {"f-leeway_seconds": "60"},
        {"f-proxy": "none", "f-ntp_server": served.urls["ntp"]},
    ]  # fmt: skip


def lookup(machine: Machine, *fields: str) -> list[str]:
    """Ask the platform's own tool for secrets, in a new session."""
    asked = (f"secret-tool lookup service authwizard/prod/{field} username authwizard; echo" for field in fields)
    return machine.run("unlocked", "sh", "-c", "; ".join(asked)).stdout.splitlines()


def test_what_the_wizard_saves_in_the_keyring_is_found_again_after_a_restart(machine: Machine, served: Served) -> None:
    told = machine.wizard("unlocked", "save", served)
    assert told["notified"] == ["Saved. access token: Secret Service, client secret: Secret Service"]
    machine.assert_no_secret_on_disk(served)
    assert lookup(machine, "access_token", "client_secret") == [served.access_token, served.client_secret]

    done = machine.run("unlocked", *AUTHWIZARD, "check", "prod", "--format", "json")
    assert done.returncode == 0, done.stdout + done.stderr
    run = json.loads(done.stdout)
    assert run["verdict"]["kind"] == "healthy"
    assert run["requests"]["token"] >= 1, "the client secret was put to the test too"
    accepted = next(c for s in run["steps"] for c in s["checks"] if c["id"] == "S3-05")
    assert accepted["status"] == "pass"
    assert Pieces(served.secrets).within(done.stdout + done.stderr) == []

    told = machine.wizard("unlocked", "found_again", served)
    assert told["verdict"] == {"kind": "healthy", "cause": None, "status": "200"}
    machine.assert_no_secret_on_disk(served)


SAID = {
    "none": "No system keyring can be used here (DBUS_SESSION_BUS_ADDRESS is not set).",
    "locked": "Secret Service is locked. There is no display for its password window",
    "hanging": "Secret Service did not answer within 2 s when asked to write.",
}


@pytest.mark.parametrize("keyring", SAID)
def test_without_a_keyring_the_wizard_says_so_and_goes_on_in_memory(machine: Machine, served: Served, keyring: str) -> None:
    told = machine.wizard(keyring, "without", served)
    assert SAID[keyring] in told["said"]
    assert told["verdict"] == {"kind": "healthy", "cause": None, "status": "200"}
    machine.assert_no_secret_on_disk(served)


def test_who_does_not_want_to_wait_for_a_keyring_goes_on_with_esc(machine: Machine, served: Served) -> None:
    told = machine.wizard("hanging", "impatient", served)
    assert told["key_after"] < 2, "a key was not answered while the keyring hung"
    assert told["saved_after"] < 6, "Esc did not end the waiting, which could last 30 s"
    machine.assert_no_secret_on_disk(served)


def test_the_command_itself_saves_and_runs_in_a_terminal(machine: Machine, served: Served, needs: Any) -> None:
    needs("tmux")
    given = {
        "base_url": served.urls["base"], "request": REQUEST, "access_token": served.access_token, "issuer": served.oauth["issuer"],
        "client_id": served.oauth["client_id"], "client_secret": served.client_secret, "ntp_server": served.urls["ntp"],
    }  # fmt: skip
    done = machine.run("unlocked", sys.executable, str(HERE / "terminal_driver.py"), typed=json.dumps(given))
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["statuses"] == [0, 0]
    assert Pieces(served.secrets).within("\n".join(told["seen"])) == []
    machine.assert_no_secret_on_disk(served)
    assert lookup(machine, "access_token", "client_secret") == [served.access_token, served.client_secret]
