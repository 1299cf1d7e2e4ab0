"""Does a profile survive other hands and another name, without a secret leaving or being lost on the way?"""

from __future__ import annotations

import os
import socket
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from authwizard.cli import profile_share as commands
from authwizard.model.errors import StoreError
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.store import profiles_write, unfinished
from authwizard.store.consent import remember_consent, remembered_consent
from authwizard.store.memory_store import MemoryStore
from authwizard.store.profiles import load_profiles
from authwizard.store.slots import load
from authwizard.store.state import LastVerdict, last_verdict, remember_verdict, stored_secrets

FAKE = "a-plainly-fake-value-0123456789"
PLACE = ("--base-url", "https://api.example.com", "--request", "GET /v2/me")
CLIENT = ("--token-url", "https://auth.example.com/t", "--client-id", "abc", "--secret", "access_token=env:PROD_TOKEN")


@pytest.fixture
def prod(run, piped, store: MemoryStore) -> None:
    """Save a profile with a reference and a stored secret."""
    run("profile", "add", "prod", *PLACE, *CLIENT)
    piped(FAKE.encode())
    assert run("store", "set", "prod", "client_secret").status == 0


# ── export and import ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("prod")
def test_an_export_holds_no_secret_and_lists_what_must_be_supplied(run) -> None:
    said = run("profile", "export", "prod")
    assert said.status == 0
    assert FAKE not in said.out + said.err
    assert "access_token (env:PROD_TOKEN) -> https://api.example.com:443" in said.out
    assert "client_secret (authwizard store set prod client_secret) -> https://auth.example.com:443" in said.out
    assert tomllib.loads(said.out)["profile"]["prod"]["oauth"]["client_id"] == "abc"


@pytest.mark.usefixtures("prod")
def test_an_export_is_taken_in_under_another_name_and_waits_for_agreement(run, tmp_path: Path, profiles: Path) -> None:
    path = tmp_path / "prod.toml"
    path.write_text(run("profile", "export", "prod").out)
    assert run("profile", "import", str(path), "--yes").is_one_sentence
    said = run("profile", "import", str(path), "--name", "theirs", "--yes")
    assert said.status == 0
    assert "env:PROD_TOKEN  -> https://api.example.com:443" in said.err
    assert "authwizard profile trust theirs" in said.err
    assert load_profiles(profiles)["theirs"].secrets["access_token"].ref == "env:PROD_TOKEN"
    assert run("check", "theirs", "--passive").status == 2


@pytest.fixture
def listening() -> Iterator[socket.socket]:
    """Return a port of this machine that notices any connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        yield server


def test_a_strangers_profile_gets_nothing_of_a_private_key(run, piped, tmp_path: Path, store: MemoryStore, listening, monkeypatch) -> None:
    home = tmp_path / "home"
    (home / ".ssh").mkdir(parents=True)
    (home / ".ssh" / "id_ed25519").write_text(FAKE)
    monkeypatch.setenv("HOME", str(home))
    base = f"http://127.0.0.1:{listening.getsockname()[1]}"
    path = tmp_path / "gift.toml"
    path.write_text(
        f'version = 1\n[profile.gift]\nbase_url = "{base}"\nrequest = "GET /"\n'
        '[profile.gift.secrets]\naccess_token = "file:~/.ssh/id_ed25519"\n'
    )
    # an earlier profile of this name, to which the user had agreed
    run("profile", "add", "gift", *PLACE, "--secret", "access_token=env:OWN")
    run("profile", "remove", "gift", "--yes")
    assert run("profile", "import", str(path), "--yes").status == 0
    opened: list[str] = []
    real = os.open
    monkeypatch.setattr(os, "open", lambda name, *rest, **more: opened.append(str(name)) or real(name, *rest, **more))
    for command in (("check", "gift"), ("check", "--all"), ("compare", "gift", "gift"), ("profile", "list"), ("profile", "export", "gift")):
        said = run(*command)
        assert FAKE not in said.out + said.err
    assert run("check", "gift").status == 2
    assert "file:~/.ssh/id_ed25519 (access_token) -> " + base in run("check", "gift").err
    with pytest.raises(BlockingIOError):
        listening.accept()
    assert not any("id_ed25519" in name for name in opened)


def test_a_secret_in_an_import_is_refused_without_being_shown(run, tmp_path: Path, profiles: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text('[profile.bad]\nbase_url = "https://a.example"\nrequest = "GET /"\nheaders = { Authorization = "Bearer %s" }\n' % FAKE)  # noqa: UP031
    said = run("profile", "import", str(path), "--yes")
    assert said.status == 2
    assert FAKE not in said.err
    assert not profiles.exists()


def test_a_file_that_is_no_export_names_the_way_in(run, tmp_path: Path) -> None:
    path = tmp_path / "empty.toml"
    path.write_text("version = 1\n")
    assert "--from" in run("profile", "import", str(path)).err


# ── copy ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("prod")
def test_a_copy_has_the_settings_but_not_the_stored_secrets(run, profiles: Path) -> None:
    said = run("profile", "copy", "prod", "spare")
    assert said.status == 0
    assert "authwizard store set spare client_secret" in said.err
    saved = load_profiles(profiles)
    assert saved["spare"].oauth == saved["prod"].oauth
    assert stored_secrets("spare") == {}
    assert run("profile", "copy", "prod", "spare").is_one_sentence
    assert run("check", "spare", "--passive").status != 2


def test_a_copy_of_what_was_not_agreed_to_is_not_agreed_to(run, foreign: Path) -> None:
    config = ("--config", str(foreign))
    assert run("profile", "copy", "theirs", "mine", *config).status == 0
    assert run("check", "mine", "--passive", *config).status == 2


# ── rename ───────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.usefixtures("prod")
def test_a_renamed_profile_keeps_secrets_verdict_agreement_consent_and_comments(run, store: MemoryStore, profiles: Path) -> None:
    run("profile", "add", "other", *PLACE)
    profiles.write_text(
        profiles.read_text()
        .replace("[profile.prod]", "# ours\n[profile.prod]")
        .replace("[profile.other]\n", '[profile.other]\nknown_good = "prod"\n')
    )
    remember_verdict("prod", LastVerdict("cause", "token_expired", "", 1.0))
    remember_consent(load_profiles(profiles)["prod"], [Cost.C1, Cost.C2])
    assert run("profile", "rename", "prod", "live.eu").status == 0
    saved = load_profiles(profiles)
    assert list(saved) == ["live.eu", "other"]
    assert saved["other"].known_good == "live.eu"
    assert '# ours\n[profile."live.eu"]' in profiles.read_text()
    kept = store.get("live.eu", "client_secret")
    assert kept is not None
    assert kept.reveal() == FAKE
    assert store.get("prod", "client_secret") is None
    assert list(stored_secrets("live.eu")) == ["client_secret"]
    assert stored_secrets("prod") == {}
    seen = last_verdict("live.eu")
    assert seen is not None
    assert seen.cause == "token_expired"
    assert Cost.C2 in remembered_consent(saved["live.eu"])
    assert "not agreed to" not in run("profile", "list").out


@pytest.mark.usefixtures("prod")
def test_a_refresh_token_moves_with_its_slots(run, piped, store: MemoryStore) -> None:
    for value in (b"plainly-fake-first", FAKE.encode()):
        piped(value)
        assert run("store", "set", "prod", "refresh_token").status == 0
    assert run("profile", "rename", "prod", "live").status == 0
    held = load(store, "live")
    assert held is not None
    assert held.secret.reveal() == FAKE
    assert load(store, "prod") is None
    assert "refresh_token" in stored_secrets("live")


@pytest.mark.usefixtures("prod")
def test_a_rename_that_cannot_keep_the_secret_changes_nothing(run, store: MemoryStore, profiles: Path, monkeypatch) -> None:
    before = profiles.read_bytes()

    def refuse(*_: object) -> None:
        raise StoreError("The store is full.")

    monkeypatch.setattr(store, "set", refuse)
    assert "The store is full." in run("profile", "rename", "prod", "live").err
    monkeypatch.setattr(store, "set", lambda *_: None)
    assert "could not be read back" in run("profile", "rename", "prod", "live").err
    monkeypatch.setattr(commands, "open_configured_store", lambda: (None, "There is no keyring here."))
    assert "was not renamed" in run("profile", "rename", "prod", "live").err
    assert profiles.read_bytes() == before
    assert store.get("prod", "client_secret") is not None
    assert list(stored_secrets("prod")) == ["client_secret"]


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize("new", ["prod", "a b", "-x"])
def test_a_name_that_is_taken_or_none_is_refused_and_no_copy_stays(run, store: MemoryStore, profiles: Path, new: str) -> None:
    before = profiles.read_bytes()
    assert run("profile", "rename", "prod", new).status == 2
    assert profiles.read_bytes() == before
    assert store.get("prod", "client_secret") is not None
    assert new == "prod" or store.get(new, "client_secret") is None


@pytest.mark.usefixtures("prod")
def test_a_rename_that_was_cut_short_is_finished_and_told_at_the_next_start(run, store: MemoryStore, profiles: Path) -> None:
    unfinished.begin(profiles, "prod", "live")
    store.set("live", "client_secret", Secret(FAKE))
    profiles_write.rename_profile(profiles, "prod", "live")
    said = run("profile", "list")
    assert said.err == (
        "Renaming prod to live was cut short; it is finished now, but for the store. "
        "Secrets may be left in the store under the name prod, which no profile has: authwizard store forget prod\n"
    )
    assert "not agreed to" not in said.out
    assert run("profile", "list").err == ""
    assert "store forget prod" in run("profile", "add", "prod", *PLACE).err
    said = run("store")
    assert "Secrets that were left under the name prod are removed." in said.out
    assert FAKE not in said.out + said.err
    assert (store.get("prod", "client_secret"), store.get("live", "client_secret")) == (None, Secret(FAKE))
    assert run("profile", "add", "prod", *PLACE).status == 0


@pytest.mark.usefixtures("prod")
def test_the_named_command_removes_what_a_rename_left(run, store: MemoryStore, profiles: Path) -> None:
    unfinished.begin(profiles, "prod", "live")
    store.set("live", "client_secret", Secret(FAKE))
    said = run("store", "forget", "live", "--yes")
    assert said.err.startswith("Renaming prod to live was cut short and had no effect.")
    assert (said.status, said.out) == (0, "Secrets that were left under the name live are removed.\n")
    assert store.get("live", "client_secret") is None
    assert store.get("prod", "client_secret") == Secret(FAKE)


@pytest.mark.usefixtures("prod")
def test_a_secret_that_another_program_stored_moves_along_and_is_removed_with_the_profile(run, store: MemoryStore) -> None:
    store.set("prod", "api_key", Secret(FAKE))
    assert run("profile", "rename", "prod", "live").status == 0
    assert store.get("live", "api_key") == Secret(FAKE)
    said = run("profile", "remove", "live", "--yes")
    assert "client_secret, api_key" in said.err
    assert store._kept == {}


# ── templates ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_template_sets_what_is_not_given(run, profiles: Path) -> None:
    assert run("profile", "add", "key", *PLACE, "--template", "api-key").status == 0
    assert run("profile", "add", "own", *PLACE, "--template", "api-key", "--header", "X-Own").status == 0
    saved = load_profiles(profiles)
    assert (saved["key"].credential.kind, saved["key"].credential.header) == ("api_key", "X-API-Key")
    assert saved["own"].credential.header == "X-Own"
    lacking = run("profile", "add", "svc", *PLACE, "--template", "oidc-client-credentials", "--client-id", "abc")
    assert "--issuer or --token-url" in lacking.err
    assert lacking.is_one_sentence
    given = ("--client-id", "abc", "--issuer", "https://auth.example.com")
    assert run("profile", "add", "svc", *PLACE, "--template", "oidc-refresh-token", *given).status == 0
    oauth = load_profiles(profiles)["svc"].oauth
    assert oauth is not None
    assert (oauth.grant, oauth.client_auth) == ("refresh_token", "none")


def test_a_new_name_that_is_none_is_told_from_one_that_is_taken(run) -> None:
    for name in ("one", "two"):
        run("profile", "add", name, "--base-url", "https://api.example.com", "--request", "GET /")
    assert "'a b' cannot be a profile's name" in run("profile", "rename", "one", "a b").err
    assert "There is a profile 'two' already" in run("profile", "rename", "one", "two").err
