"""A user's machine with a session bus and a keyring in a given state, and the practice platform that its profile points to."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from leak_search import Pieces
from said import said

from authwizard.model.secret import Secret

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
    profile: str
    """The profile as `profiles.toml` has it, named prod, with every secret in the store."""
    env: dict[str, str]
    """The secrets, as the platform gives them out."""


@contextmanager
def serving(fault: str = "healthy") -> Iterator[Served]:
    """Serve the practice platform with a fault in it, or none."""
    process = subprocess.Popen([*AUTHWIZARD, "demo", fault, "--serve"], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        told = json.loads(process.stdout.readline())
        oauth = tomllib.loads(told["config"])["profile"]["demo"]["oauth"]
        env = told["env"]
        profile = (
            told["config"].partition("[profile.demo.secrets]")[0].replace("profile.demo", "profile.prod").replace("production", "staging")
        )
        secrets = tuple(Secret(value) for value in env.values())
        yield Served(told["urls"], oauth, env["AUTHWIZARD_DEMO_ACCESS_TOKEN"], env["AUTHWIZARD_DEMO_CLIENT_SECRET"], secrets, profile, env)
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

    def write_profile(self, served: Served) -> None:
        """Write the profile of the practice platform, without a secret, as a user's own."""
        config = self.root / "config"
        config.mkdir(mode=0o700)
        (config / "profiles.toml").write_text(served.profile)

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
        return subprocess.CompletedProcess(command, process.returncode, said(out), err)

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
