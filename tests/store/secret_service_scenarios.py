"""What the keyring store does with a real Secret Service; run by test_secret_service.py inside `dbus-run-session`, one scenario each."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time

from authwizard.model.secret import Secret
from authwizard.store.keyring_faults import Fault, KeyringFault
from authwizard.store.keyring_store import KeyringStore


def unlock(*options: str) -> None:
    """Start the daemon with its collection open (the password is that of this test's own data directory)."""
    subprocess.run(
        ["gnome-keyring-daemon", "--unlock", "--components=secrets", *options],
        input=b"test", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=20,
    )  # fmt: skip


def daemon() -> int:
    """The process id of the Secret Service on this session's bus."""
    from jeepney import DBusAddress, new_method_call
    from jeepney.io.blocking import open_dbus_connection

    bus = DBusAddress("/org/freedesktop/DBus", bus_name="org.freedesktop.DBus", interface="org.freedesktop.DBus")
    with open_dbus_connection("SESSION") as connection:
        call = new_method_call(bus, "GetConnectionUnixProcessID", "s", ("org.freedesktop.secrets",))
        return int(connection.send_and_get_reply(call, timeout=10).body[0])


def fault(call) -> KeyringFault:
    """The fault a call ends with."""
    try:
        answer = call()
    except KeyringFault as exc:
        return exc
    raise AssertionError(f"no fault, but {answer!r}")


def round_trip() -> None:
    """Set, get, overwrite, delete; odd texts and 20 KB; the platform's own tool sees the item under its documented name."""
    unlock()
    store = KeyringStore()
    assert store.describe().backend == "keyring.backends.SecretService.Keyring"
    assert store.probe().title == "Secret Service"
    assert store.get("prod", "client_secret") is None
    for value in (secrets.token_urlsafe(32), "", "näme\n\x00\U0001f511", secrets.token_urlsafe(20_000)[:20_480]):
        store.set("prod", "client_secret", Secret(value))
        assert store.get("prod", "client_secret") == Secret(value)
    tool = ["secret-tool", "lookup", "service", "authwizard/prod/client_secret", "username", "authwizard"]
    assert subprocess.run(tool, capture_output=True, text=True, check=True, timeout=10).stdout == value
    assert KeyringStore().get("prod", "client_secret") == Secret(value)
    assert store.delete("prod", "client_secret") is True
    assert store.delete("prod", "client_secret") is False
    assert store.get("prod", "client_secret") is None


def locked() -> None:
    """A daemon that was started by activation and never unlocked, and no display for its password window."""
    store = KeyringStore(seconds=10, probe_seconds=10)
    assert store.describe().problem == ""  # a back end is found, and still it cannot be used
    calls = (store.probe, lambda: store.get("prod", "api_key"), lambda: store.set("prod", "api_key", Secret("x")))
    seen = [fault(call) for call in calls]  # there is no collection yet
    unlock("--replace")
    store.set("prod", "api_key", Secret("x"))
    os.kill(daemon(), signal.SIGKILL)
    seen += [fault(call) for call in calls]  # now there is one, and it is locked
    assert {each.kind for each in seen} == {Fault.LOCKED}, seen
    assert all("no display for its password window" in str(each) for each in seen), seen


def killed() -> None:
    """The daemon dies between two calls and during one; started again with the password, it has the secret still."""
    unlock()
    store = KeyringStore(seconds=20, probe_seconds=20)
    store.set("prod", "api_key", Secret("kept"))
    os.kill(daemon(), signal.SIGKILL)
    assert fault(lambda: store.get("prod", "api_key")).kind in (Fault.LOCKED, Fault.VANISHED)
    unlock("--replace")
    assert store.get("prod", "api_key") == Secret("kept")
    pid, seen = daemon(), []
    os.kill(pid, signal.SIGSTOP)
    waiting = threading.Thread(target=lambda: seen.append(fault(lambda: store.get("prod", "api_key"))))
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive()
    os.kill(pid, signal.SIGKILL)
    waiting.join(20)
    assert seen[0].kind in (Fault.VANISHED, Fault.LOCKED), seen
    unlock("--replace")
    assert store.get("prod", "api_key") == Secret("kept")


def stopped() -> None:
    """The daemon does not answer: the limit holds, and the process can end though the call never returns."""
    unlock()
    KeyringStore().set("prod", "api_key", Secret("x"))
    pid = daemon()
    os.kill(pid, signal.SIGSTOP)
    # the daemon is let go only after this process has ended
    subprocess.Popen(
        ["sh", "-c", f"while kill -0 {os.getpid()} 2>/dev/null; do sleep 0.05; done; kill -CONT {pid}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    begin = time.monotonic()
    seen = fault(lambda: KeyringStore(seconds=0.4).get("prod", "api_key"))
    assert seen.kind is Fault.HANGING, seen
    assert 0.3 < time.monotonic() - begin < 5
    seen = fault(KeyringStore(probe_seconds=0.1).probe)
    assert "did not answer within 0.1 s" in str(seen), seen


if __name__ == "__main__":
    {each.__name__: each for each in (round_trip, locked, killed, stopped)}[sys.argv[1]]()
    print("done", sys.argv[1], time.time())
