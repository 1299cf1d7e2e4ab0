"""`known_good`: another profile's credential is used where that profile was agreed to, and never otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from authwizard.cli.configured import load, subject_of
from authwizard.cli.session import Session
from authwizard.model.options import RunOptions
from authwizard.store.trust import trust

FILE = """version = 1
[profile.mine]
base_url = "http://127.0.0.1:9"
request = "GET /v2/me"
known_good = "admin"
[profile.mine.secrets]
access_token = "env:MINE"
[profile.admin]
base_url = "http://127.0.0.1:9"
request = "GET /v2/me"
[profile.admin.secrets]
access_token = "env:ADMIN"
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "theirs.toml"
    path.write_text(FILE)
    return path


def subject(source: Path, *, trusted: bool) -> Any:
    profiles = load(source)
    trust(profiles["mine"], source)
    return subject_of(profiles["mine"], profiles, source, RunOptions(), trust=trusted)


def test_a_profile_nobody_agreed_to_gives_no_credential(source: Path) -> None:
    made = subject(source, trusted=False)
    assert "admin has not been agreed to" in made.known_good_problem
    assert not made.known_good_trusted
    assert Session(made, None)._control() is None


async def test_one_that_was_agreed_to_does(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN", "good-token")
    trust(load(source)["admin"], source)
    made = subject(source, trusted=False)
    assert (made.known_good_problem, made.known_good_trusted) == ("", True)
    vault = Session(made, None)._control()
    assert vault is not None
    read = await vault.read("access_token")
    assert read.secret is not None
    assert read.secret.reveal() == "good-token"


def test_trust_for_this_run_covers_it(source: Path) -> None:
    made = subject(source, trusted=True)
    assert (made.known_good_problem, made.known_good_trusted) == ("", True)
    assert Session(made, None)._control() is not None


def test_a_profile_without_a_control_has_none(source: Path) -> None:
    profiles = load(source)
    made = subject_of(profiles["admin"], profiles, source, RunOptions(), trust=True)
    assert (made.known_good_problem, made.known_good_trusted) == ("", False)
    assert Session(made, None)._control() is None
