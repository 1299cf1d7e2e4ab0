"""Two wizards and a headless run at once on one profile whose refresh token works once: nobody spends what another has spent."""

from __future__ import annotations

import json
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from leak_search import Pieces

from authwizard.model.secret import Secret
from authwizard.store import slots
from authwizard.store.file_store import FileStore

from .keyring_machine import HERE, Machine, Served, serving

pytestmark = pytest.mark.services

ROUNDS = 2
PASSPHRASE = f"plainly fake {secrets.token_hex(4)}"
KEPT = "The new refresh token was written to"
LEFT = "Another authwizard has replaced the refresh token meanwhile, so none was spent."


@pytest.fixture
def served() -> Iterator[Served]:
    """Serve the practice platform with an expired access token, and a refresh token that is replaced at each use."""
    with serving("token_expired-refreshable") as served:
        yield served


def dump(machine: Machine) -> str:
    """Everything GNOME's keyring has, as its own tool shows it."""
    return machine.run("unlocked", "secret-tool", "search", "--all", "--unlock", "username", "authwizard").stdout


def sealed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> str:
    """Every refresh token that the encrypted file has, under whichever name."""
    for name in ("AUTHWIZARD_CONFIG_DIR", "AUTHWIZARD_STATE_DIR"):
        monkeypatch.setenv(name, machine.env[name])
    store = FileStore(lambda _: Secret(PASSPHRASE))
    found = [store.get("prod", name) for name in (*slots.NAMES, slots.ROTATING)]
    return " ".join(each.reveal() for each in found if each is not None)


@pytest.mark.parametrize("kind", ["keyring", "file"])
def test_two_wizards_and_a_headless_run_at_once(
    kind: str, tmp_path: Path, served: Served, needs: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    needs("tmux", *(("dbus-run-session", "gnome-keyring-daemon", "secret-tool") if kind == "keyring" else ()))
    machine = Machine(tmp_path)
    machine.write_profile(served)
    if kind == "file":
        (tmp_path / "config" / "settings.toml").write_text('store = "file"\n')
        (tmp_path / "passphrase").write_text(PASSPHRASE)
        (tmp_path / "passphrase").chmod(0o600)
        machine.env["AUTHWIZARD_PASSPHRASE_FILE"] = str(tmp_path / "passphrase")
    held = {name.removeprefix("AUTHWIZARD_DEMO_").lower(): value for name, value in served.env.items() if "STAGING" not in name}
    given = {"api": served.urls["base"], "auth": served.urls["auth"], "profile": served.profile, "secrets": held}
    done = machine.run(
        "unlocked" if kind == "keyring" else "none", sys.executable, str(HERE / "together_driver.py"), str(ROUNDS), typed=json.dumps(given)
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)

    for each in told["rounds"]:
        said = [one["step 4"] for one in each["said"]]
        assert all("The access token has expired" in one["verdict"] or one["verdict"] == "cause token_expired" for one in each["said"])
        assert each["spent"] == 1
        assert each["statuses"] == [0, 0]
        assert sorted((KEPT in one, LEFT in one) for one in said) == [(False, True), (False, True), (True, False)], said
    assert len(told["spent"]) == len(set(told["spent"])) == ROUNDS + 1, "a token was sent twice"
    assert told["after"]["verdict"] == "healthy None", "the access tokens of the sign-in live: no reuse was seen by the server"
    assert KEPT in told["last"]["step 4"], "the stored refresh token works"
    assert Pieces(served.secrets).within("\n".join(told["seen"]) + json.dumps(told["rounds"]) + done.stderr) == []

    texts = dump(machine) if kind == "keyring" else sealed(machine, monkeypatch)
    assert held["refresh_token"] not in texts
    assert texts.count("cxr_") == 1, "the tokens that were used up are gone from the store"
