"""What the tests of the command line share: running it in this process, typing to it, a store that works."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

import authwizard.cli
from authwizard.cli import check as check_commands
from authwizard.cli import profile_share as share_commands
from authwizard.cli import store as store_commands
from authwizard.cli import store_choice, store_verbs
from authwizard.store.memory_store import MemoryStore
from authwizard.store.secrets import StorePlace


class Said(NamedTuple):
    """What a command left behind."""

    status: int
    out: str
    err: str

    @property
    def is_one_sentence(self) -> bool:
        """Whether the error is one line of the program's own words: no traceback, no exception's repr."""
        return (
            self.err.startswith("authwizard: ") and self.err.count("\n") == 1 and "Traceback" not in self.err and "Error(" not in self.err
        )


class Terminal(io.StringIO):
    """Standard input that is a person at a keyboard."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]):
    """Return a function that runs the command line in this process."""

    def call(*arguments: str) -> Said:
        capsys.readouterr()
        try:
            status = authwizard.cli.run(arguments)
        except SystemExit as ended:
            status = int(str(ended.code))
        said = capsys.readouterr()
        return Said(status, said.out, said.err)

    return call


@pytest.fixture
def piped(monkeypatch: pytest.MonkeyPatch):
    """Return a function that puts bytes on standard input, as a pipe does."""

    def call(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return call


@pytest.fixture
def answered(monkeypatch: pytest.MonkeyPatch):
    """Return a function that answers a question at the terminal."""

    def call(line: str) -> None:
        monkeypatch.setattr(sys, "stdin", Terminal(f"{line}\n"))

    return call


@pytest.fixture
def profiles() -> Path:
    """Return where this test's profiles are."""
    return Path(os.environ["AUTHWIZARD_CONFIG_DIR"]) / "profiles.toml"


class KeptStore(MemoryStore):
    """A store that says it lasts, so that the command line may use it."""

    title = "the test's store"
    durable = True

    def describe(self) -> StorePlace:
        return StorePlace("keyring", self.title, durable=True, backend="test.Store")


@pytest.fixture
def store(monkeypatch: pytest.MonkeyPatch) -> KeptStore:
    """Give the command line a store that works."""
    kept = KeptStore()
    for module in (check_commands, share_commands, store_choice, store_commands, store_verbs):
        monkeypatch.setattr(module, "open_configured_store", lambda: (kept, ""))
    return kept


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """Return a profiles file that came from elsewhere."""
    path = tmp_path / "theirs.toml"
    path.write_text(
        'version = 1\n[profile.theirs]\nbase_url = "http://127.0.0.1:9"\nrequest = "GET /v2/me"\n'
        '[profile.theirs.secrets]\naccess_token = "env:THEIR_TOKEN"\n'
    )
    return path


@pytest.fixture(autouse=True)
def _no_waiting(quick_key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a new token no time to become known: no server of these tests needs any."""
    monkeypatch.setattr("authwizard.probes.second_try.PROPAGATION_SECONDS", 0.0)
