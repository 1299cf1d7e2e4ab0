"""What is known of other profiles' secrets: fingerprints alone, without asking a keyring, and only where it was agreed to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.protocol.fingerprint import fingerprint
from authwizard.store import state
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.marks import mark_of
from authwizard.store.other_secrets import OtherSecrets
from authwizard.store.paths import install_key
from authwizard.store.state import LastVerdict, remember_verdict
from authwizard.store.trust import trust
from authwizard.store.vault import Vault

PROFILE = Profile("staging", "https://api.staging.example.com", "GET /")
VALUE = Secret("a-plainly-fake-key")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return tmp_path / "profiles.toml"


async def kept(keyring: KeyringStore, source: Path, field: str = "api_key") -> None:
    await Vault(PROFILE, keyring, base=source.parent, trusted=True).keep(field, VALUE)


async def marks(source: Path, profile: Profile = PROFILE) -> set[tuple[str, str]]:
    seen = await OtherSecrets([profile], source, install_key()).fingerprints()
    return {(one.field, one.fingerprint) for one in seen}


async def test_a_stored_secret_is_known_by_its_keyed_fingerprint_without_the_keyring(fake_keyring, source: Path) -> None:
    backend = fake_keyring()
    await kept(KeyringStore(backend), source)
    backend.calls.clear()
    assert await marks(source) == {("api_key", fingerprint(VALUE.reveal(), install_key()))}
    assert backend.calls == []
    assert VALUE.reveal() not in (source.parent / "state" / "state.json").read_text()


async def test_a_password_has_none(fake_keyring, source: Path) -> None:
    await kept(KeyringStore(fake_keyring()), source, "password")
    assert await marks(source) == set()
    assert mark_of("password", VALUE) == ""


async def test_a_secret_stored_before_is_known_once_it_was_read(fake_keyring, source: Path) -> None:
    keyring = KeyringStore(fake_keyring())
    await kept(keyring, source)
    state.remember_fingerprint("staging", "api_key", "")
    assert await marks(source) == set()
    await Vault(PROFILE, keyring, base=source.parent, trusted=True).read("api_key")
    assert len(await marks(source)) == 1


async def test_a_profile_nobody_agreed_to_tells_nothing(source: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AW_TEST_KEY", VALUE.reveal())
    theirs = replace(PROFILE, secrets={"api_key": Reference("env:AW_TEST_KEY")})
    assert await marks(source, theirs) == set()
    trust(theirs, source)
    assert {field for field, _ in await marks(source, theirs)} == {"api_key"}


async def test_a_stored_secret_of_other_hosts_tells_nothing(fake_keyring, source: Path) -> None:
    await kept(KeyringStore(fake_keyring()), source)
    assert await marks(source, replace(PROFILE, base_url="https://else.example.com")) == set()


async def test_whether_it_works_there_is_said_by_the_last_run_with_it(fake_keyring, source: Path) -> None:
    await kept(KeyringStore(fake_keyring()), source)
    created = state.stored_secrets("staging")["api_key"].created or 0
    for at, kind, works in ((created + 1, "healthy", True), (created + 1, "cause", False), (created - 1, "healthy", False)):
        remember_verdict("staging", LastVerdict(kind, None, "", at))
        seen = await OtherSecrets([PROFILE], source, install_key()).fingerprints()
        assert [one.works for one in seen] == [works]
