"""The wizard and a real Secret Service: saved and found again; with none, a locked one and one that hangs it goes on without."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from leak_search import Pieces

from .keyring_machine import AUTHWIZARD, HERE, REQUEST, Machine, Served, serving

pytestmark = pytest.mark.services


@pytest.fixture(scope="module")
def served() -> Iterator[Served]:
    """Serve the practice platform, in which nothing is wrong."""
    with serving() as served:
        yield served


@pytest.fixture
def machine(tmp_path: Path, needs: Any) -> Machine:
    needs("dbus-run-session", "gnome-keyring-daemon", "secret-tool")
    return Machine(tmp_path)


def lookup(machine: Machine, *fields: str) -> list[str]:
    """Ask the platform's own tool for secrets, in a new session."""
    asked = (f"secret-tool lookup service authwizard/prod/{field} username authwizard; echo" for field in fields)
    return machine.run("unlocked", "sh", "-c", "; ".join(asked)).stdout.splitlines()


def test_what_the_wizard_saves_in_the_keyring_is_found_again_after_a_restart(machine: Machine, served: Served) -> None:
    told = machine.wizard("unlocked", "save", served)
    assert told["notified"] == ["Saved. access token, client secret: Secret Service."]
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
def test_where_the_keyring_cannot_be_used_the_wizard_says_so_and_asks(machine: Machine, served: Served, keyring: str) -> None:
    told = machine.wizard(keyring, "without", served)
    assert SAID[keyring] in told["said"]
    assert told["verdict"] == {"kind": "healthy", "cause": None, "status": "200"}
    machine.assert_no_secret_on_disk(served)


def test_who_does_not_want_to_wait_for_a_keyring_goes_on_with_esc(machine: Machine, served: Served) -> None:
    told = machine.wizard("hanging", "impatient", served)
    assert told["key_after"] < 2, "a key was not answered while the keyring hung"
    assert told["told_after"] < 6, "Esc did not end the waiting"
    assert told["notified"] == ["Saved. access token, client secret: memory, until the wizard closes."]
    machine.assert_no_secret_on_disk(served)


def test_a_keyring_that_is_unlocked_while_the_wizard_asks_takes_the_secrets(machine: Machine, served: Served) -> None:
    told = machine.wizard("locked", "unlocked_meanwhile", served)
    assert told["notified"] == ["Saved. access token, client secret: Secret Service."]
    assert lookup(machine, "access_token", "client_secret") == [served.access_token, served.client_secret]
    assert not (machine.root / "config" / "settings.toml").exists(), "nothing had to be chosen"


def test_the_command_line_asks_at_a_terminal_and_tries_again(machine: Machine, served: Served, needs: Any) -> None:
    needs("tmux")
    machine.write_profile(served)
    done = machine.run(
        "locked", sys.executable, str(HERE / "locked_keyring_driver.py"), typed=json.dumps({"access_token": served.access_token})
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["statuses"] == [2, 0]
    assert Pieces(served.secrets).within("\n".join(told["seen"])) == []
    machine.assert_no_secret_on_disk(served)
    assert lookup(machine, "access_token") == [served.access_token]


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
