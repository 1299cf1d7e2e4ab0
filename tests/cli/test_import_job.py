"""What becomes of a document of any kind, and a large one in a child: one sentence for whatever cannot be read, never a secret."""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import time
from pathlib import Path

import pytest

from authwizard.cli import import_child, import_job
from authwizard.cli.import_child import LARGE, read_aside
from authwizard.cli.import_job import Done, Job, done
from authwizard.cli.wizard_import import read_import
from authwizard.ui.importing import Document

TOKEN = "fake" + secrets.token_hex(20)
CURL = f"curl https://api.example.com/v2/me -H 'Authorization: Bearer {TOKEN}'"
EXPORT = 'version = 1\n[profile.{0}]\nbase_url = "https://api.example.com"\nrequest = "GET /v2/{0}"\n'


def har(entries: int, padding: int = 0) -> str:
    one = {
        "request": {
            "method": "GET",
            "url": "https://api.example.com/v2/{}",
            "headers": [{"name": "Authorization", "value": f"Bearer {TOKEN}"}],
        }
    }
    rows = [
        {**one, "request": {**one["request"], "url": f"https://api.example.com/v2/{n}"}, "response": {"status": 401}}
        for n in range(entries)
    ]
    return json.dumps({"log": {"entries": rows, "comment": "x" * padding}})


def test_one_request_is_taken_and_several_are_offered() -> None:
    assert done(Job(CURL)).imported is not None
    assert done(Job(har(1))).imported is not None
    offered = done(Job(har(3)))
    assert (offered.sentence, len(offered.found), offered.imported) == ("A HAR file with 3 requests", 3, None)
    chosen = done(Job(har(3), pick=offered.found[1].pick)).imported
    assert chosen is not None
    assert chosen.profile.request == "GET /v2/1"


def test_an_export_is_taken_and_of_several_profiles_one_is_chosen() -> None:
    made = done(Job(EXPORT.format("prod")))
    assert made.imported is not None
    assert (made.source, made.imported.profile.name, made.imported.secrets) == ("export", "prod", {})
    two = EXPORT.format("prod") + EXPORT.format("dev").partition("\n")[2]
    assert [c.label for c in done(Job(two)).found] == ["prod", "dev"]
    wrong = done(Job(EXPORT.format("prod").replace("base_url", "baseurl")))
    assert "line 3" in wrong.problem
    assert "did you mean base_url" in wrong.problem


def test_a_postman_environment_beside_a_collection_fills_its_variables() -> None:
    collection = json.dumps({"item": [{"name": "Me", "request": {"url": "{{base}}/me"}}]})
    environment = json.dumps({"values": [{"key": "base", "value": "https://api.example.com"}]})
    alone = done(Job(collection)).imported
    assert alone is not None
    assert (alone.missing, alone.profile.request) == (("base_url",), "GET /me")
    assert "Give the environment that has one" in alone.notes[0]
    assert done(Job(collection, environment)).imported is not None
    assert "Give the collection first" in done(Job(environment)).problem


HOSTILE = {
    "empty": b"",
    "random": secrets.token_bytes(5000),
    "null": b"\0" * 5000,
    "deep": b'{"log":' + b'{"a":[' * 100_000,
    "broken": b'{"log": {"entries": [' + TOKEN.encode(),
    "no entries": b'{"log": {"entries": "' + TOKEN.encode() + b'"}}',
    "utf16": "\ufeffnothing of it".encode("utf-16-le"),
    "aliases": b"openapi: &a [1]\nx: [" + b"*a," * 1000 + b"]\n",
    "yaml tag": b"openapi: !!python/object/apply:os.system ['false']\npaths: {}\n",
    "wrong toml": b"[profile.x\n" + TOKEN.encode(),
    "secret in a profile": b'[profile.x]\nbase_url = "https://a.example"\nrequest = "GET /"\nheaders = { Authorization = "Bearer ' + TOKEN.encode() + b'" }\n',
    "controls": b"\x1b]52;c;AAAA\x07\x9b2J " + TOKEN.encode(),
    "many urls": b"curl https://a.example https://b.example -H 'A: " + TOKEN.encode() + b"'",
    "quote": b"curl 'https://a.example -H A:" + TOKEN.encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_what_cannot_be_read_is_one_sentence(name: str) -> None:
    said = done(Job(HOSTILE[name])).problem
    assert 10 < len(said) < 600
    assert TOKEN[4:] not in said
    assert not any(ord(character) < 32 for character in said)


# ── in a child ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_large_document_is_read_by_a_child_and_means_the_same() -> None:
    text = har(1, padding=LARGE)
    there, here = asyncio.run(read_aside(Job(text))), done(Job(text))
    assert there.imported is not None
    assert here.imported is not None
    assert (there.imported.profile, there.imported.secrets) == (here.imported.profile, here.imported.secrets)
    assert there.source == "har"


def test_a_child_that_fails_or_takes_too_long_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    large = Job("#" * LARGE)
    monkeypatch.setattr(import_child, "_COMMAND", "raise SystemExit(1)")
    assert asyncio.run(read_aside(large)) == Done(problem=import_child.FAILED)
    monkeypatch.setattr(import_child, "SECONDS", 0.2)
    monkeypatch.setattr(import_child, "_COMMAND", "while True: pass")
    assert asyncio.run(read_aside(large)) == Done(problem=import_child.TOO_LONG)


def test_who_stops_waiting_ends_the_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    named = tmp_path / "pid"
    monkeypatch.setattr(import_child, "_COMMAND", f"import os; open({str(named)!r}, 'w').write(str(os.getpid()))\nwhile True: pass")

    async def stopped() -> None:
        task = asyncio.create_task(read_aside(Job("#" * LARGE)))
        while not named.exists() or not named.read_text():
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(stopped())
    pid = int(named.read_text())
    for _ in range(1000):
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return
        time.sleep(0.01)
    pytest.fail("the child is still there")


def test_too_little_memory_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(*_: object) -> str:
        raise MemoryError

    monkeypatch.setattr(import_job, "source_of", greedy)
    assert "too large or too deeply nested" in done(Job(CURL)).problem


# ── files ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["absent", "folder", "pipe", "nobody's", "large", "nul\0"])
def test_a_path_that_leads_to_no_file_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "nobody's").symlink_to(tmp_path / "nobody's")
    with (tmp_path / "large").open("wb") as file:
        file.truncate(65 << 20)
    read = asyncio.run(read_import(Document(path=str(tmp_path / name)), tmp_path / "profiles.toml"))
    assert read.preview is None
    assert read.problem.endswith(("is no ordinary file.", "cannot be read: No such file or directory.", "give the part that matters.",
                                  "cannot be read: Too many levels of symbolic links.", "cannot be read: this is no path."))  # fmt: skip


def test_a_path_may_be_dropped_with_quotes_or_as_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "it's me.sh").write_text(CURL)
    (tmp_path / "me.sh").write_text(CURL)
    for path in ("~/me.sh", f"'{tmp_path}/me.sh'", f"file://{tmp_path}/me.sh", f" {tmp_path}/it's me.sh "):
        read = asyncio.run(read_import(Document(path=path), tmp_path / "profiles.toml"))
        assert read.preview is not None, path
        assert TOKEN not in repr(read)


def test_a_profiles_file_that_is_wrong_is_told_instead_of_a_preview(tmp_path: Path) -> None:
    profiles = tmp_path / "profiles.toml"
    profiles.write_text("version = 1\n[profile.x]\nbaseurl = 1\n")
    assert "line 3" in asyncio.run(read_import(Document(text=CURL), profiles)).problem
