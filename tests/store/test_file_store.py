"""The encrypted file: nothing in it can be read, changed, dropped or lost without being noticed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store import sealed_map
from authwizard.store.file_store import NAME, SHORTEST, FileStore
from authwizard.store.sealed_map import LN, LN_BOUNDS, Unsealable, create, read_header, seal, unseal, unwrap

PASSPHRASE = Secret("plainly fake passphrase")
VALUE = Secret("s3cret-value-ü\n" * 40)


@pytest.fixture(autouse=True)
def _quick(request: pytest.FixtureRequest) -> None:
    """A derivation that costs next to nothing; the weakest that is accepted where real bounds hold, in other processes and of `opened`."""
    if "opened" in request.fixturenames or request.node.get_closest_marker("services"):
        request.getfixturevalue("monkeypatch").setattr(sealed_map, "LN", LN_BOUNDS[0])
    else:
        request.getfixturevalue("quick_key")


@pytest.fixture(scope="module")
def opened() -> Iterator[sealed_map.Opened]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sealed_map, "LN", LN_BOUNDS[0])
        yield create(PASSPHRASE)


@pytest.fixture
def store() -> FileStore:
    return FileStore(lambda _: PASSPHRASE)


def again(passphrase: Secret | None = PASSPHRASE) -> FileStore:
    """The same file, as another process meets it."""
    return FileStore(lambda _: passphrase)


def test_what_is_stored_is_there_for_the_next_process_and_nowhere_in_clear(store: FileStore) -> None:
    assert store.get("prod", "api_key") is None
    assert not store.path.exists(), "reading makes no file"
    store.set("prod", "api_key", VALUE)
    store.set("staging", "api_key", Secret(""))
    assert again().get("prod", "api_key") == VALUE
    assert again().get("staging", "api_key") == Secret("")
    data = store.path.read_bytes()
    for clear in (b"s3cret", b"prod", b"api_key", PASSPHRASE.reveal().encode()):
        assert clear not in data
    assert oct(store.path.stat().st_mode)[-3:] == "600"
    assert store.delete("prod", "api_key")
    assert not store.delete("prod", "api_key")
    assert again().get("prod", "api_key") is None
    assert [path.name for path in store.path.parent.iterdir() if NAME in path.name] == [NAME]


def test_the_real_derivation_takes_the_memory_it_should() -> None:
    assert LN == 17
    assert 2**LN * 128 * sealed_map.R == 128 * 1024 * 1024


def test_the_place_is_described_and_tried(store: FileStore) -> None:
    assert store.describe().problem == ""
    place = store.probe()
    assert (place.id, place.durable, place.problem, place.warning) == ("file", True, "", "")
    assert store.get("probe", "probe") is None


def test_a_wrong_passphrase_and_none_are_one_sentence_each(store: FileStore) -> None:
    store.set("prod", "api_key", VALUE)
    with pytest.raises(StoreError, match="passphrase is wrong, or the file was changed"):
        again(Secret("another passphrase")).get("prod", "api_key")
    asked: list[bool] = []
    silent = FileStore(asked.append)
    for _ in range(3):
        with pytest.raises(StoreError, match="its passphrase was not given"):
            silent.get("prod", "api_key")
    assert asked == [False], "a person who gave none is not asked again for every field"


def test_a_new_passphrase_must_not_be_a_handful_of_letters() -> None:
    store = again(Secret("x" * (SHORTEST - 1)))
    with pytest.raises(StoreError, match="at least"):
        store.set("prod", "api_key", VALUE)
    assert not store.path.exists()


def test_every_flipped_bit_is_noticed(opened: sealed_map.Opened) -> None:
    whole = seal(opened, {"a/b": "c"}, 3)
    _, start = read_header(whole)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1 << (place % 8)
        with pytest.raises(Unsealable):
            unseal(bytes(changed), opened)
    for end in (0, 1, start, start + 5, start + 27, len(whole) - 1):
        with pytest.raises(Unsealable):
            unseal(whole[:end], opened)
    assert unseal(whole, opened) == {"a/b": "c"}


def test_a_header_of_another_file_or_time_is_noticed(opened: sealed_map.Opened) -> None:
    one, two = seal(opened, {"a/b": "old"}, 1), seal(opened, {"a/b": "new"}, 2)
    _, start = read_header(one)
    with pytest.raises(Unsealable):
        unseal(two[:start] + one[start:], opened)
    other = seal(create(PASSPHRASE), {"a/b": "c"}, 1)
    with pytest.raises(Unsealable):
        unseal(other, opened)


@pytest.mark.parametrize(
    "change",
    [{"ln": 16}, {"ln": 14}, {"ln": 21}, {"ln": 10**9}, {"ln": "15"}, {"r": 1}, {"p": 2}, {"name": "pbkdf2"}, {"ln": None}],
    ids=str,
)
def test_a_weakened_derivation_is_refused_before_it_is_run(change: dict[str, object], opened: sealed_map.Opened) -> None:
    whole = seal(opened, {}, 1)
    header, start = read_header(whole)
    said = json.loads(header.line())
    said["kdf"].update(change)
    changed = json.dumps(said, separators=(",", ":")).encode() + b"\n" + whole[start:]
    with pytest.raises(Unsealable):
        unwrap(read_header(changed)[0], PASSPHRASE)


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "no file of secrets"), (b"x" * 5000, "no file of secrets"), (b"{}\n", "no file of secrets"), (b"[1]\n", "changed outside"),
     (b'{"magic":"authwizard secrets","version":2}\n', "newer authwizard"), (b"\xff\n", "changed outside")],
)  # fmt: skip
def test_another_file_in_its_place_is_one_sentence(data: bytes, said: str, store: FileStore) -> None:
    store.path.write_bytes(data)
    store.path.chmod(0o600)
    assert said in store.describe().problem
    with pytest.raises(StoreError, match=said):
        store.set("prod", "api_key", VALUE)
    assert store.path.read_bytes() == data, "nothing is overwritten"


def test_a_file_that_others_may_read_is_refused_with_the_command(store: FileStore) -> None:
    store.set("prod", "api_key", VALUE)
    for mode in (0o640, 0o604, 0o660):
        store.path.chmod(mode)
        with pytest.raises(StoreError, match=f"chmod 600 {store.path}"):
            store.get("prod", "api_key")


def test_a_link_in_its_place_is_refused(store: FileStore, tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(b"")
    store.path.symlink_to(elsewhere)
    with pytest.raises(StoreError, match="is a link"):
        store.get("prod", "api_key")


def test_an_older_copy_is_warned_of(store: FileStore) -> None:
    store.set("prod", "api_key", VALUE)
    older = store.path.read_bytes()
    store.set("prod", "api_key", Secret("newer"))
    assert again().describe().warning == ""
    store.path.write_bytes(older)
    assert "older copy" in again().describe().warning


def test_what_a_killed_writer_left_is_swept(store: FileStore) -> None:
    store.set("prod", "api_key", VALUE)
    left = store.path.with_name(f".{NAME}-abcd123_.tmp")
    left.write_bytes(b"half")
    again().set("prod", "api_key", Secret("newer"))
    assert not left.exists()


def test_nothing_shows_the_key(opened: sealed_map.Opened) -> None:
    assert repr(opened) == "<Opened>"


WRITER = """
import sys
from authwizard.model.secret import Secret
from authwizard.store import sealed_map
from authwizard.store.file_store import FileStore
sealed_map.LN = sealed_map.LN_BOUNDS[0]
store = FileStore(lambda _: Secret("plainly fake passphrase"))
name, count = sys.argv[1], int(sys.argv[2])
for turn in range(count):
    store.set(name, f"field{turn % 100}", Secret(f"{name}-{turn}-" + "v" * 200))
    print(turn, flush=True)
"""


def writer(name: str, count: int) -> subprocess.Popen[str]:
    return subprocess.Popen([sys.executable, "-c", WRITER, name, str(count)], stdout=subprocess.PIPE, text=True, env=os.environ.copy())


@pytest.mark.services
def test_four_processes_lose_nothing(store: FileStore) -> None:
    store.set("first", "x", VALUE)
    running = [writer(f"p{number}", 100) for number in range(4)]
    assert [process.wait(timeout=120) for process in running] == [0, 0, 0, 0]
    for process in running:
        assert process.stdout is not None
        process.stdout.close()
    kept = again()
    found = [kept.get(f"p{number}", f"field{turn}") for number in range(4) for turn in range(100)]
    assert sum(secret is not None for secret in found) == 400
    assert kept.get("first", "x") == VALUE


KILLER = """
import os, random, signal, sys, time
from authwizard.model.secret import Secret
from authwizard.store import sealed_map
from authwizard.store.file_store import FileStore
sealed_map.LN = sealed_map.LN_BOUNDS[0]
store = FileStore(lambda _: Secret("plainly fake passphrase"))
store.set("first", "x", Secret("kept"))
chance = random.Random(20)
for turn in range(int(sys.argv[1])):
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        for count in range(100_000):
            store.set(f"k{turn % 3}", f"field{count % 50}", Secret(f"{turn}-{count}-" + "v" * 300))
            os.write(writing, b"%d\\n" % count)
    os.close(writing)
    os.read(reading, 64)
    time.sleep(chance.random() * 0.01)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    told = b""
    while piece := os.read(reading, 65536):
        told += piece
    os.close(reading)
    count = int((told.split() or [b"0"])[-1])
    assert store.get("first", "x") == Secret("kept"), turn
    value = store.get(f"k{turn % 3}", f"field{count % 50}")
    assert value is not None and value.reveal().startswith(f"{turn}-"), turn
    assert int(value.reveal().split("-")[1]) >= count, turn
print("intact")
"""


@pytest.mark.services
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_hundred_killed_writers_leave_it_whole() -> None:
    """kill -9 at random moments while writing: the file opens each time, and what a writer said it had stored is there."""
    done = subprocess.run([sys.executable, "-c", KILLER, "100"], capture_output=True, text=True, timeout=300, check=False)
    assert (done.stdout, done.stderr) == ("intact\n", "")


def test_a_wrong_passphrase_is_asked_for_and_tried_once_until_it_is_asked_for_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """A run reads about ten fields, and each derivation takes half a second."""
    FileStore(lambda _: Secret("the plainly fake one")).set("prod", "api_key", Secret("x"))
    asked: list[str] = []

    def ask(new: bool) -> Secret:
        asked.append("wrong" if len(asked) < 1 else "the plainly fake one")
        return Secret(asked[-1])

    store = FileStore(ask)
    for field in ("api_key", "password", "username"):
        with pytest.raises(StoreError, match="the passphrase is wrong"):
            store.get("prod", field)
    assert len(asked) == 1
    store.unlock()
    assert store.get("prod", "api_key") == Secret("x")
