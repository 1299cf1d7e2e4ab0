"""What becomes of a refresh token whose holder is killed, or that several processes renew; run by test_rotation_killed.py.

`rotation_rounds.py killed KIND ROUNDS DIRECTORY` or `rotation_rounds.py together KIND TURNS DIRECTORY`. It prints one JSON object.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import secrets
import signal
import socket
import subprocess
import sys
import time
import traceback
from pathlib import Path

from authwizard.model.profile import Profile, Reference
from authwizard.model.secret import Secret
from authwizard.store import journal, sealed_map, slots
from authwizard.store.file_store import FileStore
from authwizard.store.keyring_store import KeyringStore
from authwizard.store.vault import Vault

FIELD = "refresh_token"
KIND, COUNT, FOLDER = sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
REFERENCES = {"plain": Reference("file:token"), "item": Reference("keyring:other/program")}
PROFILE = Profile("prod", "https://api.example.com", "GET /", secrets={FIELD: REFERENCES[KIND]} if KIND in REFERENCES else {})


class MacLike:
    """A keyring whose set is: delete, pause, add. Its items are files, so that they outlive a killed process."""

    def _path(self, service: str, user: str) -> Path:
        return FOLDER / f"{service}@{user}".replace("/", "_")

    def get_password(self, service: str, user: str) -> str | None:
        try:
            return self._path(service, user).read_text()
        except FileNotFoundError:
            return None

    def set_password(self, service: str, user: str, password: str) -> None:
        self.delete_password(service, user)
        time.sleep(0.003)
        new = self._path(service, user).with_suffix(".new")
        new.write_text(password)
        new.replace(self._path(service, user))

    def delete_password(self, service: str, user: str) -> None:
        self._path(service, user).unlink(missing_ok=True)


MacLike.__module__ = "keyring.backends.macOS"
sealed_map.LN = sealed_map.LN_BOUNDS[0]
SEALED = FileStore(lambda _: Secret("plainly fake passphrase"))


def vault() -> Vault:
    """The profile's secrets as a run opens them; a keyring's thread does not outlive a fork, so it is a new one each time."""
    if KIND in ("mac", "item"):
        return Vault(PROFILE, KeyringStore(MacLike()), base=FOLDER, trusted=True)
    return Vault(PROFILE, KeyringStore() if KIND == "keyring" else SEALED, base=FOLDER, trusted=True)


# ── the authorization server: a token works once ─────────────────────────────────────────────────────────────────────


def serve(listening: socket.socket) -> None:
    """Answer one line per connection: `spend TOKEN`, `where TOKEN` (its number and the newest one's), `login`, `replays`."""
    issued, replays = [secrets.token_urlsafe(60)], 0
    while True:
        connection, _ = listening.accept()
        with connection:
            verb, _, token = connection.recv(4096).decode().strip().partition(" ")
            answer = ""
            if verb == "login" or (verb == "spend" and token == issued[-1]):
                issued.append(secrets.token_urlsafe(60))
                answer = issued[-1]
            elif verb == "spend":
                replays += 1
            elif verb == "issued":
                answer = " ".join(issued[-40:])
            elif verb == "where":
                answer = f"{issued.index(token)} {len(issued) - 1}"
            else:
                answer = str(replays)
            connection.sendall(answer.encode() or b"refused")


def ask(port: int, line: str) -> str:
    """One line to the server, and its answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=20) as connection:
        connection.sendall(line.encode() + b"\n")
        return connection.recv(4096).decode()


def spent_ones(port: int) -> int:
    """How many refresh tokens beside the newest the store gives out, under whichever name, after a renewal that was not disturbed."""
    store, newest = (
        KeyringStore(MacLike()) if KIND in ("mac", "item") else KeyringStore() if KIND == "keyring" else SEALED,
        asyncio.run(renew(port)),
    )
    found = [store.get("prod", name) for name in (*slots.NAMES, FIELD)]
    texts = [text.reveal() for text in found if text is not None]
    if KIND in ("mac", "item", "plain"):
        texts += [path.read_text() for path in FOLDER.iterdir() if path.is_file()]
    assert newest in "\n".join(texts)
    issued = ask(port, "issued").split()
    return len([token for token in issued if token != newest and token in "\n".join(texts)])


# ── one renewal, as the refresh probe does it ────────────────────────────────────────────────────────────────────────


async def renew(port: int) -> str:
    """Spend the refresh token once and keep its successor; "" where another process has replaced it."""
    mine = vault()
    old = (await mine.read(FIELD)).secret
    assert old is not None
    problem = await mine.preflight(FIELD)
    assert problem is None, problem
    unknown = True
    try:
        if (await mine.read(FIELD)).secret != old:
            return ""
        answer = ask(port, f"spend {old.reveal()}")
        assert answer != "refused"
        await mine.keep(FIELD, Secret(answer))
        unknown = False
    finally:
        assert await mine.settle(FIELD, unknown=unknown) == ""
    assert await mine.accepted(renewed=True) == ""
    return answer


def child(port: int, told: int) -> None:
    """Renew until killed; tell each token once the journal (or, where there is none, its place) has it."""
    original = journal.write

    def write(place: str, secret: Secret, replaces: str, key: Secret) -> None:
        original(place, secret, replaces, key)
        os.write(told, secret.reveal().encode() + b"\n")

    journal.write = write
    os.write(told, b"\n")
    try:
        for _ in range(1000):
            kept = asyncio.run(renew(port))
            os.write(told, kept.encode() + b"\n")
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(1)  # what follows the fork is the parent's alone


def killed(port: int) -> dict[str, object]:
    """Kill a renewing process COUNT times at a random moment and look at what is there."""
    chance = random.Random(7)
    asyncio.run(vault().keep(FIELD, Secret(ask(port, "login"))))
    begun = time.monotonic()
    asyncio.run(renew(port))
    cycle = max(time.monotonic() - begun, 0.01)
    seen = {"rounds": COUNT, "renewed": 0, "unreadable": 0, "lost": 0, "untold": 0, "in flight": 0, "daemon died": 0}
    for _ in range(COUNT):
        reading, writing = os.pipe()
        process = os.fork()
        if not process:
            child(port, writing)
        os.close(writing)
        os.read(reading, 1)
        time.sleep(chance.random() * cycle * 3)
        os.kill(process, signal.SIGKILL)
        os.waitpid(process, 0)
        told = b""
        while piece := os.read(reading, 65536):
            told += piece
        os.close(reading)
        before = seen["renewed"]
        judge(port, told.decode().split("\n")[:-1], seen)
        # a machine that is busier now needs longer for a renewal than for the one that was measured
        cycle *= {0: 1.1, 1: 1.0}.get(seen["renewed"] - before, 0.95)
    return seen | {"spent": spent_ones(port)}


def judge(port: int, told: list[str], seen: dict[str, int]) -> None:
    """Count what a killed process left: nothing to read, a token it had and lost, a spent one nobody is told of."""
    read = asyncio.run(vault().read(FIELD))
    if read.secret is None and KIND == "keyring":
        # GNOME's daemon itself dies now and then of a client that was killed while it was answered; what it had taken is on disk
        print(read.why, file=sys.stderr)
        seen["daemon died"] += 1
        unlock()
        read = asyncio.run(vault().read(FIELD))
    if read.secret is None:
        seen["unreadable"] += 1
        print(read.why, file=sys.stderr)
        asyncio.run(vault().keep(FIELD, Secret(ask(port, "login"))))
        return
    number, newest = map(int, ask(port, f"where {read.secret.reveal()}").split())
    kept = [int(ask(port, f"where {token}").split()[0]) for token in told if token]
    seen["renewed"] += len(set(kept))
    seen["lost"] += bool(kept) and number < kept[-1]
    if number < newest:
        # the server has replaced it and the answer had not come: the one thing a client cannot close, and has to tell
        assert number == newest - 1
        seen["in flight"] += 1
        seen["untold"] += "in flight when authwizard stopped" not in read.note
        asyncio.run(vault().keep(FIELD, Secret(ask(port, "login"))))
        assert asyncio.run(vault().read(FIELD)).note == ""


def together(port: int) -> dict[str, object]:
    """Have three processes renew the same token COUNT times each."""
    asyncio.run(vault().keep(FIELD, Secret(ask(port, "login"))))
    processes = []
    for _ in range(3):
        process = os.fork()
        if not process:
            for _ in range(COUNT):
                asyncio.run(renew(port))
            os._exit(0)
        processes.append(process)
    ended = [os.waitpid(process, 0)[1] for process in processes]
    read = asyncio.run(vault().read(FIELD))
    assert read.secret is not None
    number, newest = map(int, ask(port, f"where {read.secret.reveal()}").split())
    return {"ended": ended, "replays": int(ask(port, "replays")), "behind": newest - number, "renewed": number > COUNT, "note": read.note,
            "spent": spent_ones(port)}  # fmt: skip


def unlock() -> None:
    """Start GNOME's daemon with the collection open."""
    subprocess.run(
        ["gnome-keyring-daemon", "--replace", "--unlock", "--components=secrets"],
        input=b"test", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True, timeout=20,
    )  # fmt: skip


def main() -> None:
    """Serve in a process of its own, do the rounds, print what was seen."""
    if KIND == "keyring":
        unlock()
    (FOLDER / "token").write_text("none")
    (FOLDER / "token").chmod(0o600)
    listening = socket.create_server(("127.0.0.1", 0), backlog=64)
    port = listening.getsockname()[1]
    server = os.fork()
    if not server:
        serve(listening)
    try:
        print(json.dumps({"killed": killed, "together": together}[sys.argv[1]](port)))
    finally:
        os.kill(server, signal.SIGKILL)


if __name__ == "__main__":
    main()
