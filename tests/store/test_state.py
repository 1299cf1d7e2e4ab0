"""What is remembered between runs: private, whole, and said where it is damaged."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.store import state
from authwizard.store.state import LastVerdict, StoredSecret
from authwizard.store.state_file import StateFile

VERDICT = LastVerdict("cause", "token_expired", "The access token expired at 12:00.", 1_700_000_000.5)


def test_verdicts_are_remembered_per_profile(own_places: Path) -> None:
    assert state.last_verdict("prod") is None
    state.remember_verdict("prod", VERDICT)
    healthy = LastVerdict("healthy", None, "It works.", 1.0)
    state.remember_verdict("dev", healthy)
    assert state.last_verdict("prod") == VERDICT
    assert state.last_verdict("dev") == healthy
    assert stat.S_IMODE((own_places / "state" / "state.json").stat().st_mode) == 0o600


def test_stored_secrets_are_remembered_without_their_values() -> None:
    bound = {"origins": ["https://a:443"], "proxy": "env", "ca_bundle": ""}
    state.remember_stored("prod", "refresh_token", "keyring.backends.macOS.Keyring", bound, now=100)
    state.remember_times("prod", "refresh_token", obtained_at=100, expires_in=3600, last_ok=150)
    state.remember_times("prod", "never_stored", last_ok=1)
    assert state.stored_secrets("prod") == {
        "refresh_token": StoredSecret("keyring.backends.macOS.Keyring", bound, 100, last_ok=150, obtained_at=100, expires_in=3600)
    }
    state.remember_stored("prod", "refresh_token", "b", bound, now=200)
    assert state.stored_secrets("prod")["refresh_token"] == StoredSecret("b", bound, 200)
    state.forget_stored("prod", "refresh_token")
    assert state.stored_secrets("prod") == {}
    assert state.stored_secrets("other") == {}


def test_binding_anew_touches_only_what_is_known() -> None:
    state.remember_stored("prod", "api_key", "b", {"origins": []}, now=1)
    state.remember_bound("prod", {"api_key": {"origins": ["x"]}, "password": {"origins": ["x"]}})
    assert state.stored_secrets("prod") == {"api_key": StoredSecret("b", {"origins": ["x"]}, 1)}


def test_a_forgotten_profile_is_gone() -> None:
    state.remember_verdict("prod", VERDICT)
    state.remember_stored("prod", "api_key", "b", {})
    state.forget_profile("prod")
    state.forget_profile("prod")
    assert state.last_verdict("prod") is None
    assert state.stored_secrets("prod") == {}


def test_values_of_a_wrong_type_are_unknown_and_not_trusted(own_places: Path) -> None:
    state.remember_verdict("prod", VERDICT)
    file = own_places / "state" / "state.json"
    data = json.loads(file.read_text())
    data["profiles"]["prod"] = {"verdict": "x", "secrets": {"api_key": {"binding": 5, "created": "x", "last_ok": True}, "password": 5}}
    file.write_text(json.dumps(data))
    assert state.last_verdict("prod") is None
    assert state.stored_secrets("prod") == {"api_key": StoredSecret("")}


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"profiles": {}}', '{"version": 2}', "\xff", "[" * 100_000])
def test_a_damaged_file_is_said(own_places: Path, text: str) -> None:
    (own_places / "state").mkdir()
    (own_places / "state" / "state.json").write_text(text, "latin-1")
    with pytest.raises(StoreError, match=r"state\.json is damaged\. Delete it; what is lost with it: last verdicts"):
        state.last_verdict("prod")
    with pytest.raises(StoreError, match="damaged"):
        state.remember_verdict("prod", VERDICT)


def test_a_link_in_its_place_is_not_followed(own_places: Path) -> None:
    (own_places / "state").mkdir()
    (own_places / "elsewhere").write_text('{"version": 1}')
    (own_places / "state" / "state.json").symlink_to(own_places / "elsewhere")
    with pytest.raises(StoreError, match=r"state\.json cannot be read"):
        state.last_verdict("prod")


def test_a_huge_file_is_not_read(own_places: Path) -> None:
    (own_places / "state").mkdir()
    with (own_places / "state" / "state.json").open("wb") as file:
        os.truncate(file.fileno(), 5 * 1024 * 1024)
    with pytest.raises(StoreError, match="far larger"):
        state.last_verdict("prod")


def test_writers_do_not_lose_each_others_changes() -> None:
    file = StateFile("count.json", "nothing")

    def add() -> None:
        for _ in range(10):
            file.change(lambda data: data.__setitem__("n", data.get("n", 0) + 1))

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert file.read()["n"] == 40
