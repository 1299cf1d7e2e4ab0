"""Own directories for every test here, no keyring of the machine, and a keyring double that can fail in every known way."""

from __future__ import annotations

import secrets
import threading
from pathlib import Path

import pytest

from authwizard.model.secret import Secret


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Point the configuration, the state and everything `keyring` reads to an empty place; take the session bus away."""
    for name, folder in (("CONFIG", "config"), ("STATE", "state")):
        monkeypatch.setenv(f"AUTHWIZARD_{name}_DIR", str(tmp_path / folder))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "xdg"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "xdg"))
    for name in ("DBUS_SESSION_BUS_ADDRESS", "PYTHON_KEYRING_BACKEND", "XDG_RUNTIME_DIR", "DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


class FakeKeyring:
    """A keyring back end in memory. `on_call` is called with the method's name first and may raise or block."""

    def __init__(self, on_call=None, limit: int | None = None) -> None:
        self.items: dict[tuple[str, str], str] = {}
        self.calls: list[str] = []
        self.threads: set[str] = set()
        self._on_call = on_call or (lambda method: None)
        self._limit = limit

    def _called(self, method: str) -> None:
        self.calls.append(method)
        self.threads.add(threading.current_thread().name)
        self._on_call(method)

    def get_password(self, service: str, username: str) -> str | None:
        self._called("get")
        return self.items.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._called("set")
        if self._limit is not None and len(password.encode("utf-16-le")) > 2 * self._limit:
            raise OSError(1783, "CredWrite", "The stub received bad data")
        self.items[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        self._called("delete")
        if (service, username) not in self.items:
            raise RuntimeError("No such password!")
        del self.items[service, username]


def keyring_of(module: str, **options) -> FakeKeyring:
    """Make a double whose class seems to come from a module of `keyring`."""
    return type("Keyring", (FakeKeyring,), {"__module__": module})(**options)


@pytest.fixture
def fake_keyring():
    """Make a keyring double: `fake_keyring()` is a Secret Service, `fake_keyring("keyring.backends.Windows", limit=1280)` another."""
    return lambda module="keyring.backends.SecretService", **options: keyring_of(module, **options)


@pytest.fixture
def secret() -> Secret:
    """A secret made for this test."""
    return Secret(secrets.token_urlsafe(40))
