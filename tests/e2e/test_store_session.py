"""A long session of the command line with the encrypted file: no secret in any file but that one, none in what is said or in a process list."""

from __future__ import annotations

import os
import secrets
import subprocess
import sys
from pathlib import Path

import pytest
from leak_search import Pieces

from authwizard.model.secret import Secret

pytestmark = [pytest.mark.services, pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="needs /proc")]

PASSPHRASE, GIVEN = secrets.token_urlsafe(16), f"from-a-program-{secrets.token_urlsafe(24)}"
VALUES = {field: f"{field}-{secrets.token_urlsafe(24)}" for field in ("access_token", "refresh_token", "client_secret")}
PROGRAM = """#!/bin/sh
cat /proc/[0-9]*/cmdline > "$HOME/processes" 2>/dev/null
cat "$HOME/given"
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with a passphrase file of mode 0600 and a program that lists processes before it gives its secret."""
    for name, text, mode in (("passphrase", PASSPHRASE, 0o600), ("given", GIVEN, 0o600), ("program", PROGRAM, 0o700)):
        (tmp_path / name).write_text(text)
        (tmp_path / name).chmod(mode)
    return tmp_path


def test_no_secret_is_left_anywhere_but_in_the_encrypted_file(home: Path) -> None:
    environ = os.environ | {
        "HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "AUTHWIZARD_PASSPHRASE_FILE": str(home / "passphrase"),
        "AUTHWIZARD_CONFIG_DIR": str(home / "config"), "AUTHWIZARD_STATE_DIR": str(home / "state"),
    }  # fmt: skip
    said: list[str] = []

    def run(*words: str, typed: str = "", status: int | None = 0) -> None:
        done = subprocess.run(
            [sys.executable, "-m", "authwizard", *words], input=typed, env=environ, capture_output=True, text=True, timeout=120, check=False
        )  # fmt: skip
        said.append(done.stdout + done.stderr)
        assert status is None or done.returncode == status, done.stderr

    run("profile", "add", "prod", "--base-url", "http://127.0.0.1:9", "--request", "GET /v2/me", "--issuer", "http://127.0.0.1:9",
        "--client-id", "orders", "--grant", "refresh_token")  # fmt: skip
    (home / "config" / "settings.toml").write_text('store = "file"  # mine\n')
    for field, value in VALUES.items():
        run("store", "set", "prod", field, typed=f"{value}\n")
    with (home / "config" / "profiles.toml").open("a") as file:
        file.write(f'\n[profile.prod.secrets]\napi_key = {{ cmd = ["{home}/program"] }}\n')
    run("store")
    run("store", "unlock")
    run("check", "prod", "--trust", "--allow", "refresh", "--timeout", "20", status=None)
    run("store", "forget", "prod", "client_secret", "--yes")
    assert (home / "processes").exists(), "the program was run"

    everything = Pieces([Secret(value) for value in (*VALUES.values(), GIVEN, PASSPHRASE)])
    files = [path for path in home.rglob("*") if path.is_file() and path.name not in ("passphrase", "given")]
    assert any(path.name == "secrets.sealed" for path in files)
    found = {str(path): seen for path in files if (seen := everything.within(path.read_bytes().decode("latin-1")))}
    assert found == {}
    assert everything.within("\n".join(said)) == []
