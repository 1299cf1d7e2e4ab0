"""What is left of a profile whose renaming or removal, or of a store whose move, is killed at a random moment; run by test_profile_killed.py.

`profile_rounds.py rename|remove|move KIND ROUNDS DIRECTORY`, KIND `sealed` (the encrypted file) or `plain` (a file for each secret, each
write a rename). It prints one JSON object.
"""

from __future__ import annotations

import json
import os
import random
import secrets
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.store import consent, in_flight, sealed_map, state, trust, unfinished
from authwizard.store.file_store import FileStore
from authwizard.store.held_fields import held_fields
from authwizard.store.journal import mark_of
from authwizard.store.move import move_all
from authwizard.store.profiles import load_profiles
from authwizard.store.renaming import remove, rename
from authwizard.store.rotation import Rotation
from authwizard.store.rotation_places import StorePlace, store_id
from authwizard.store.secrets import SecretStore
from authwizard.store.secrets import StorePlace as Described
from authwizard.store.settings import load_settings
from authwizard.store.settings_write import pin_store

WHAT, KIND, COUNT, FOLDER = sys.argv[1], sys.argv[2], int(sys.argv[3]), Path(sys.argv[4])
SOURCE = FOLDER / "config" / "profiles.toml"
NAMES = ("prod", "live.eu")
VALUES = {field: secrets.token_urlsafe(30) for field in ("access_token", "api_key", "client_secret", "refresh_token")}
UNNOTED = "api_key"
"""Stored under its name by another program, so that the state directory does not know of it."""
TEXT = """# mine
version = 1

# the one that fails
[profile.prod]
base_url = "https://api.example.com"   # the edge
request = "GET /v2/me"

[profile.prod.secrets]
password = "env:PROD_PASSWORD"

[profile.other]
base_url = "https://api.example.com"
request = "GET /v2/me"
"""
sealed_map.LN = sealed_map.LN_BOUNDS[0]


class Plain:
    """A store that keeps each secret in a file of its own."""

    title = "plain files"
    durable = True

    def _path(self, profile: str, field: str) -> Path:
        return FOLDER / "plain" / f"{profile}@{field}"

    def get(self, profile: str, field: str) -> Secret | None:
        try:
            return Secret(self._path(profile, field).read_text())
        except FileNotFoundError:
            return None

    def set(self, profile: str, field: str, secret: Secret) -> None:
        new = FOLDER / "plain" / "new"
        new.write_text(secret.reveal())
        time.sleep(0.0005)
        new.replace(self._path(profile, field))

    def delete(self, profile: str, field: str) -> bool:
        found = self._path(profile, field).exists()
        self._path(profile, field).unlink(missing_ok=True)
        return found

    def describe(self) -> Described:
        return Described("keyring", self.title, durable=True, backend="plain")

    def probe(self) -> Described:
        return self.describe()


def store(kind: str = KIND) -> SecretStore:
    """A store as a new process opens it."""
    if kind == "plain":
        return Plain()
    made = FileStore(lambda _: Secret("plainly fake passphrase"))
    made.get("opens", "it")
    return made


def fill(name: str, *, known_good: bool = True) -> None:
    """Write a profile, its secrets, and everything that is remembered of one."""
    kept = store()
    SOURCE.write_text(TEXT + (f'known_good = "{name}"\n' if known_good else ""))
    for field, value in VALUES.items():
        if field == "refresh_token":
            Rotation(StorePlace(kept, name)).store(Secret(value))
        else:
            kept.set(name, field, Secret(value))
        if field != UNNOTED:
            state.remember_stored(name, field, "x", {"origins": []}, now=5.0)
    profile = load_profiles(SOURCE)[name]
    trust.trust(profile, SOURCE)
    consent.remember_consent(profile, [Cost.C1, Cost.C2])
    state.remember_verdict(name, state.LastVerdict("cause", "token_expired", "", 1.0))
    in_flight.unanswered(store_id(name), mark_of(Secret(VALUES["refresh_token"])))


def read(kept: SecretStore, name: str) -> dict[str, str]:
    """The secrets under a name."""
    found = {field: kept.get(name, field) for field in VALUES if field != "refresh_token"}
    held = Rotation(StorePlace(kept, name)).newest()
    found["refresh_token"] = held.secret if held else None
    return {field: secret.reveal() for field, secret in found.items() if secret is not None}


def whole(kept: SecretStore, name: str) -> None:
    """Fail unless a profile has everything under this name."""
    profile = load_profiles(SOURCE)[name]
    assert read(kept, name) == VALUES
    assert sorted(state.stored_secrets(name)) == sorted(VALUES.keys() - {UNNOTED})
    assert trust.is_trusted(profile, SOURCE)
    assert Cost.C2 in consent.remembered_consent(profile)
    verdict = state.last_verdict(name)
    assert verdict is not None
    assert verdict.cause == "token_expired"
    assert in_flight.mark_at(store_id(name)) is not None


def gone(kept: SecretStore, name: str) -> None:
    """Fail where anything is left of a name."""
    assert held_fields(kept, name) == ()
    assert name not in load_profiles(SOURCE)
    for file in ("state.json", "trust.json", "consent.json", "rotation.json"):
        assert f'"{name}"' not in (FOLDER / "state" / file).read_text(), (file, name)
        assert f'"{store_id(name)}"' not in (FOLDER / "state" / file).read_text(), (file, name)


Work = Callable[..., object]


def killed(kinds: tuple[str, ...], work: Work, chance: random.Random, cycle: float) -> bool:
    """Do some work on opened stores in a process of its own and kill it at a random moment; whether it had ended before."""
    reading, writing = os.pipe()
    process = os.fork()
    if not process:
        opened = [store(kind) for kind in kinds]
        os.write(writing, b"x")
        work(*opened)
        os._exit(0)
    os.read(reading, 1)
    time.sleep(chance.random() * cycle)
    os.kill(process, signal.SIGKILL)
    _, status = os.waitpid(process, 0)
    os.close(reading)
    os.close(writing)
    assert not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0, "it failed by itself"
    return os.WIFEXITED(status)


def timed(kinds: tuple[str, ...], work: Work) -> float:
    """How long some work takes when nobody kills it."""
    opened = [store(kind) for kind in kinds]
    begun = time.monotonic()
    work(*opened)
    return max(time.monotonic() - begun, 0.005) * 1.1


def put_right(kept: SecretStore, ended: bool, seen: dict[str, int]) -> None:
    """Do what the next start does, and count how much of it there was and whether it was told."""
    begun = any("left" not in note for note in unfinished._notes(SOURCE).values())
    told = unfinished.recover(SOURCE)
    standing = unfinished.standing(SOURCE)
    seen["untold"] += begun and not told
    seen["ended"] += ended
    seen["finished"] += any("finished" in one.sentence for one in told)
    seen["undone"] += any("no effect" in one.sentence or "all there" in one.sentence for one in told)
    left = [name for name in NAMES if name not in load_profiles(SOURCE) and held_fields(kept, name)]
    seen["untold"] += sum(name not in standing for name in left)
    seen["left"] += bool(left)


def renamed(seen: dict[str, int], chance: random.Random) -> None:
    """Rename to and fro."""
    fill(NAMES[0])
    timed((KIND,), lambda kept: rename(SOURCE, *NAMES, kept))  # loads what is loaded once
    whole(store(), NAMES[1])
    cycle = timed((KIND,), lambda kept: rename(SOURCE, NAMES[1], NAMES[0], kept))
    for _ in range(COUNT):
        old = next(name for name in NAMES if name in load_profiles(SOURCE))
        new = next(name for name in NAMES if name != old)
        ended = killed((KIND,), lambda kept, old=old, new=new: rename(SOURCE, old, new, kept), chance, cycle)
        kept = store()
        put_right(kept, ended, seen)
        now = next(name for name in NAMES if name in load_profiles(SOURCE))
        whole(kept, now)
        unfinished.clean(SOURCE, kept)
        whole(kept, now)
        gone(kept, new if now == old else old)
        assert unfinished._notes(SOURCE) == {}
        assert load_profiles(SOURCE)["other"].known_good == now
        assert "# the one that fails" in SOURCE.read_text()


def removed(seen: dict[str, int], chance: random.Random) -> None:
    """Remove, and make it again."""
    for _ in range(2):
        fill("prod", known_good=False)
        cycle = timed((KIND,), lambda kept: remove(SOURCE, "prod", kept))
    for _ in range(COUNT):
        fill("prod", known_good=False)
        ended = killed((KIND,), lambda kept: remove(SOURCE, "prod", kept), chance, cycle)
        kept = store()
        put_right(kept, ended, seen)
        if "prod" in load_profiles(SOURCE):
            whole(kept, "prod")
        else:
            unfinished.clean(SOURCE, kept)
            gone(kept, "prod")
            assert "other" in load_profiles(SOURCE)
        assert unfinished._notes(SOURCE) == {}


def moved(seen: dict[str, int], chance: random.Random) -> None:
    """Move between the two kinds of store to and fro; what is pinned has everything, and the same command ends what was cut short."""
    fill("prod")
    words = {"sealed": "file", "plain": "keyring"}
    here, there = KIND, "plain" if KIND == "sealed" else "sealed"
    pin_store(words[here])

    def move(source: SecretStore, target: SecretStore, new: str) -> None:
        unnoted = [("prod", field) for field in held_fields(source, "prod") if field == UNNOTED]
        pinned = load_settings().store == words[new]
        move_all(source, target, lambda: pin_store(words[new]), pinned=pinned, unnoted=unnoted)

    for _ in range(2):
        cycle = timed((here, there), lambda one, other, new=there: move(one, other, new))
        here, there = there, here
    for _ in range(COUNT):
        seen["ended"] += killed((here, there), lambda one, other, new=there: move(one, other, new), chance, cycle)
        pinned = next(kind for kind, word in words.items() if word == load_settings().store)
        assert read(store(pinned), "prod") == VALUES
        seen["finished" if pinned == there else "undone"] += 1
        seen["left"] += bool(held_fields(store(here), "prod"))
        move(store(here), store(there), there)
        assert read(store(there), "prod") == VALUES
        assert held_fields(store(here), "prod") == ()
        assert store(here).get("prod", "rotation_key") is None
        here, there = there, here


def main() -> None:
    """Do the rounds and print what was seen."""
    for name in ("config", "state", "plain"):
        (FOLDER / name).mkdir(mode=0o700)
    for name in ("CONFIG", "STATE"):
        os.environ[f"AUTHWIZARD_{name}_DIR"] = str(FOLDER / name.lower())
    seen = {"rounds": COUNT, "ended": 0, "finished": 0, "undone": 0, "left": 0, "untold": 0}
    {"rename": renamed, "remove": removed, "move": moved}[WHAT](seen, random.Random(11))
    print(json.dumps(seen))


if __name__ == "__main__":
    main()
