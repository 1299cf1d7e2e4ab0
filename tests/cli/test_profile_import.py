"""Does `profile import` show before it writes, keep secrets out of everything but the store, and say what it could not do?"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from authwizard.cli import store_choice as commands
from authwizard.store.memory_store import MemoryStore
from authwizard.store.profiles import load_profiles

FAKE = "a-plainly-fake-value-0123456789"
CURL = f"curl -H 'X-Api-Key: {FAKE}' https://api.example.com/v2/me"
SAMPLES = {
    "curl": CURL,
    "dotenv": f"API_URL=https://api.example.com\nAPI_KEY={FAKE}\n",
    "har": json.dumps({"log": {"entries": [{"request": {"method": "GET", "url": f"https://api.example.com/me?api_key={FAKE}"}, "response": {"status": 401}}]}}),
    "postman": json.dumps({"item": [{"name": "Me", "request": {"url": "https://api.example.com/me", "auth": {"type": "bearer", "bearer": {"token": FAKE}}}}]}),
}  # fmt: skip


@pytest.fixture
def command(tmp_path: Path) -> Path:
    """Return a file with a curl command."""
    path = tmp_path / "me.sh"
    path.write_text(CURL)
    return path


def files() -> dict[str, bytes]:
    """Return every file of configuration and state with its content."""
    places = (Path(os.environ[name]) for name in ("AUTHWIZARD_CONFIG_DIR", "AUTHWIZARD_STATE_DIR"))
    return {str(path): path.read_bytes() for place in places for path in place.rglob("*") if path.is_file()}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize("source", SAMPLES)
def test_a_preview_masks_secrets_and_writes_nothing(run, tmp_path: Path, store: MemoryStore, source: str, form: str) -> None:
    path = tmp_path / "document"
    path.write_text(SAMPLES[source])
    before = files()
    said = run("profile", "import", "--from", source, str(path), "--preview", "--format", form)
    assert (said.status, files()) == (0, before)
    assert FAKE not in said.out + said.err
    assert "https://api.example.com" in said.out
    assert str(len(FAKE)) in said.out
    if form == "json":
        seen = json.loads(said.out)
        assert [(s["length"], s["goes_to"]) for s in seen["secrets"]] == [(len(FAKE), ["https://api.example.com:443"])]
        assert seen["secrets"][0]["fingerprint"].startswith("#")


def test_an_import_asks_then_saves_settings_and_stores_the_secret(run, answered, command: Path, store: MemoryStore, profiles: Path) -> None:
    answered("n")
    assert run("profile", "import", "--from", "curl", str(command), "--name", "me").status == 2
    assert not profiles.exists()
    answered("y")
    said = run("profile", "import", "--from", "curl", str(command), "--name", "me")
    assert said.status == 0
    kept = store.get("me", "api_key")
    assert kept is not None
    assert kept.reveal() == FAKE
    assert load_profiles(profiles)["me"].request == "GET /v2/me"
    everything = b"".join(files().values()).decode("utf-8", "replace") + said.out + said.err
    assert FAKE not in everything
    assert "not agreed to" not in run("profile", "list").out


def test_without_a_terminal_it_wants_yes(run, piped, command: Path, store: MemoryStore, profiles: Path) -> None:
    piped(CURL.encode())
    assert "--yes" in run("profile", "import", "--from", "curl", "-").err
    piped(CURL.encode())
    assert run("profile", "import", "--from", "curl", "-", "--yes").status == 0
    assert "api.example.com" in load_profiles(profiles)


def test_where_no_store_works_the_settings_are_saved_and_the_secret_is_not(run, command: Path, monkeypatch, profiles: Path) -> None:
    monkeypatch.setattr(commands, "open_configured_store", lambda: (None, "There is no keyring here."))
    said = run("profile", "import", "--from", "curl", str(command), "--name", "me", "--yes")
    assert said.status == 4
    assert "There is no keyring here." in said.err
    assert "authwizard store set me api_key" in said.err
    assert "me" in load_profiles(profiles)
    assert FAKE.encode() not in b"".join(files().values())


def test_memory_alone_is_no_place_for_an_imported_secret(run, command: Path, monkeypatch) -> None:
    memory = MemoryStore()
    monkeypatch.setattr(commands, "open_configured_store", lambda: (memory, ""))
    assert run("profile", "import", "--from", "curl", str(command), "--name", "me", "--yes").status == 4
    assert memory.get("me", "api_key") is None


def test_references_of_an_unseen_import_wait_for_agreement(run, answered, tmp_path: Path, store: MemoryStore, monkeypatch) -> None:
    monkeypatch.setenv("TOKEN", FAKE)
    path = tmp_path / "me.sh"
    path.write_text('curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:9/v2/me')
    assert run("profile", "import", "--from", "curl", str(path), "--name", "me", "--yes").status == 0
    assert run("check", "me", "--passive").status == 2
    answered("y")
    seen = run("profile", "import", "--from", "curl", str(path), "--name", "seen")
    assert "env:TOKEN  -> http://127.0.0.1:9" in seen.err
    assert run("check", "seen", "--passive").status == 4


def test_what_lay_in_the_store_under_the_name_is_not_given_to_new_hosts(
    run, piped, tmp_path: Path, store: MemoryStore, profiles: Path
) -> None:
    run("profile", "add", "me", "--base-url", "https://own.example.com", "--request", "GET /")
    piped(b"another-fake-value")
    run("store", "set", "me", "access_token")
    profiles.write_text("version = 1\n")
    path = tmp_path / "theirs.sh"
    path.write_text("curl https://else.example.com/")
    said = run("profile", "import", "--from", "curl", str(path), "--name", "me", "--yes")
    assert "access_token under this name for other hosts" in said.err
    assert run("check", "me", "--passive").status == 2


def test_a_known_name_and_a_missing_setting_are_refused(run, command: Path, tmp_path: Path, store: MemoryStore, profiles: Path) -> None:
    run("profile", "add", "me", "--base-url", "https://own.example.com", "--request", "GET /")
    before = profiles.read_bytes()
    assert run("profile", "import", "--from", "curl", str(command), "--name", "me", "--yes").is_one_sentence
    named = run("profile", "import", "--from", "curl", str(command), "--name", "a b", "--preview")
    assert "'a b' cannot be a profile's name" in named.err
    assert named.is_one_sentence
    path = tmp_path / ".env"
    path.write_text(f"API_KEY={FAKE}\n")
    said = run("profile", "import", "--from", "dotenv", str(path), "--name", "new", "--yes")
    assert "--base-url and --request" in said.err
    assert said.is_one_sentence
    assert profiles.read_bytes() == before


@pytest.mark.parametrize("source", ["curl", "dotenv", "har", "postman", "openapi"])
def test_a_document_of_another_kind_is_refused_without_its_text(run, tmp_path: Path, source: str) -> None:
    path = tmp_path / "document"
    path.write_text(f"Bearer {FAKE}")
    said = run("profile", "import", "--from", source, str(path), "--preview")
    assert said.status == 2
    assert said.is_one_sentence
    assert FAKE not in said.err


def test_an_empty_file_is_called_empty(run, tmp_path: Path) -> None:
    (tmp_path / "empty.har").touch()
    said = run("profile", "import", "--from", "har", str(tmp_path / "empty.har"))
    assert (said.status, said.err) == (2, f"authwizard: {tmp_path / 'empty.har'} is empty.\n")
