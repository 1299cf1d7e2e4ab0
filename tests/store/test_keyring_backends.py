"""Which back end is chosen: never one that writes plain text or forgets, and the reasons are said where there is none."""

from __future__ import annotations

import sys
import types
from pathlib import Path

import pytest

from authwizard.store import keyring_backends
from authwizard.store.keyring_backends import find_backend, item_limit, title_of_class
from authwizard.store.keyring_faults import Fault, KeyringFault, none_usable


class Priority:
    """A class attribute that raises, as the real back ends' `priority` does."""

    def __init__(self, answer: float | Exception) -> None:
        self._answer = answer

    def __get__(self, instance: object, owner: type) -> float:
        if isinstance(self._answer, Exception):
            raise self._answer
        return self._answer


@pytest.fixture
def backends(monkeypatch: pytest.MonkeyPatch):
    """Replace modules of `keyring.backends` by doubles: `backends(SecretService=5, libsecret=RuntimeError("..."))`."""
    monkeypatch.setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent")
    monkeypatch.setattr(sys, "platform", "linux")

    def install(**answers: float | Exception) -> None:
        for name in ("SecretService", "libsecret", "kwallet", "macOS", "Windows"):
            module = types.ModuleType(f"keyring.backends.{name}")
            answer = answers.get(name, RuntimeError(f"{name} is not here"))
            body = {"__module__": module.__name__, "priority": Priority(answer)}
            for cls in ("Keyring", "WinVaultKeyring", "DBusKeyring", "DBusKeyringKWallet4"):
                setattr(module, cls, type(cls, (), dict(body)))
            monkeypatch.setitem(sys.modules, module.__name__, module)

    return install


def test_without_a_session_bus_nothing_is_tried_and_none_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keyring_backends, "importlib", None)
    with pytest.raises(KeyringFault, match=r"\(DBUS_SESSION_BUS_ADDRESS is not set\).*env:NAME or file:PATH") as caught:
        find_backend()
    assert caught.value.kind is Fault.NONE


def test_a_bus_that_is_there_but_not_named_is_pointed_at(monkeypatch: pytest.MonkeyPatch, own_places: Path) -> None:
    import socket

    folder = own_places / "r"
    folder.mkdir()
    with socket.socket(socket.AF_UNIX) as bus:
        bus.bind(str(folder / "bus"))
        monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder))
        monkeypatch.setattr("authwizard.store.keyring_faults.in_wsl", lambda: False)
        with pytest.raises(KeyringFault, match=f"export DBUS_SESSION_BUS_ADDRESS=unix:path={folder}/bus"):
            find_backend()


def test_in_wsl_its_lack_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authwizard.store.keyring_faults.in_wsl", lambda: True)
    with pytest.raises(KeyringFault, match="WSL starts none by itself"):
        find_backend()


def test_the_best_back_end_of_the_list_is_used(backends) -> None:
    backends(SecretService=5, libsecret=4.8, kwallet=5.1)
    assert type(find_backend()).__module__ == "keyring.backends.kwallet"
    backends(SecretService=5, libsecret=4.8)
    assert type(find_backend()).__module__ == "keyring.backends.SecretService"


def test_each_back_end_that_is_missing_says_why(backends) -> None:
    backends(SecretService=RuntimeError("The Secret Service daemon is neither running nor activatable through D-Bus"),
             libsecret=FileNotFoundError(2, "No such file"), kwallet=ImportError("python-dbus not installed"))  # fmt: skip
    with pytest.raises(KeyringFault) as caught:
        find_backend()
    for part in ("Secret Service: The Secret Service daemon is neither running", "(libsecret): [Errno 2] No such", "KWallet: python-dbus"):
        assert part in str(caught.value)
    assert str(caught.value).count("python-dbus not installed") == 1


def test_on_other_systems_no_bus_is_needed(backends, monkeypatch: pytest.MonkeyPatch) -> None:
    backends(macOS=5, Windows=5)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert type(find_backend()).__module__ == "keyring.backends.macOS"
    monkeypatch.setattr(sys, "platform", "win32")
    backend = find_backend()
    assert type(backend).__name__ == "WinVaultKeyring"
    assert backend.persist == "local machine"
    assert item_limit(backend) == 1200


@pytest.mark.parametrize("name", ["null", "fail"])
def test_a_keyring_that_was_switched_off_stays_off(backends, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    backends(SecretService=5)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", f"keyring.backends.{name}.Keyring")
    with pytest.raises(KeyringFault, match="switched off for Python programs"):
        find_backend()


def test_the_configuration_file_counts_too(backends, own_places: Path) -> None:
    backends(SecretService=5)
    folder = own_places / "xdg" / "python_keyring"
    folder.mkdir(parents=True)
    (folder / "keyringrc.cfg").write_text("[backend]\ndefault-keyring=keyring.backends.null.Keyring\n")
    with pytest.raises(KeyringFault, match=r"switched off.*keyringrc\.cfg"):
        find_backend()


def test_a_plain_text_back_end_is_refused_by_its_module(backends, monkeypatch: pytest.MonkeyPatch) -> None:
    backends(SecretService=5)
    module = types.ModuleType("keyrings_alt_double")
    module.PlaintextKeyring = type("PlaintextKeyring", (), {"__module__": "keyrings_alt_double", "priority": 9})
    monkeypatch.setitem(sys.modules, "keyrings_alt_double", module)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyrings_alt_double.PlaintextKeyring")
    with pytest.raises(KeyringFault, match=r"keyrings_alt_double\.PlaintextKeyring is not one that authwizard trusts"):
        find_backend()


def test_a_chosen_back_end_of_the_list_is_used(backends, monkeypatch: pytest.MonkeyPatch) -> None:
    backends(SecretService=5, kwallet=5.1)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.SecretService.Keyring")
    assert type(find_backend()).__module__ == "keyring.backends.SecretService"


def test_a_wrong_name_is_said(backends, monkeypatch: pytest.MonkeyPatch) -> None:
    backends(SecretService=5)
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "no.such.Keyring")
    with pytest.raises(KeyringFault, match=r"PYTHON_KEYRING_BACKEND=no\.such\.Keyring names cannot be used: it says: No module named"):
        find_backend()


def test_a_pinned_back_end_is_never_exchanged(backends, monkeypatch: pytest.MonkeyPatch) -> None:
    backends(SecretService=5, kwallet=RuntimeError("the daemon is not running"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    assert type(find_backend("keyring.backends.SecretService.Keyring")).__module__ == "keyring.backends.SecretService"
    with pytest.raises(KeyringFault, match=r"\(KWallet: the daemon is not running\)"):
        find_backend("keyring.backends.kwallet.DBusKeyring")
    with pytest.raises(KeyringFault, match="is not one that authwizard trusts"):
        find_backend("keyrings.alt.file.PlaintextKeyring")


def test_recorded_classes_have_names_people_know() -> None:
    assert title_of_class("keyring.backends.kwallet.DBusKeyring") == "KWallet"
    assert title_of_class("other.Thing") == "other.Thing"


def test_every_real_class_on_the_list_exists() -> None:
    import importlib

    for classes in keyring_backends._CLASSES.values():
        for module, name in classes:
            if module != "keyring.backends.Windows":  # importing it needs Windows' own packages only to be useful
                assert isinstance(getattr(importlib.import_module(module), name), type)


def test_who_offers_other_places_himself_says_only_why_there_is_no_keyring() -> None:
    """A dialog that offers the encrypted file does not send people to the command line for it."""
    fault = none_usable(["DBUS_SESSION_BUS_ADDRESS is not set"])
    assert fault.why == "No system keyring can be used here (DBUS_SESSION_BUS_ADDRESS is not set)."
    assert str(fault).startswith(fault.why)
    assert "authwizard store use file" in str(fault)
