"""`--sent FILE` on the command line: what cannot be used is one sentence, before anything is sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from authwizard.cli import check

FAKE = "plainly-fake-value-0123456789"
PLACE = ("--base-url", "https://api.example.com", "--request", "GET /v2/me", "--secret", "access_token=env:MY_TOKEN")
CURL = f"curl https://api.example.com/v2/me -H 'Authorization: Bearer {FAKE}'"


@pytest.fixture
def prod(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_TOKEN", "another-plainly-fake-one")
    run("profile", "add", "prod", *PLACE)


@pytest.mark.usefixtures("prod")
@pytest.mark.parametrize("content", [None, "nonsense", f"HTTP/1.1 401 Unauthorized\n\n{FAKE}", '{"log": {"entries": []}}'])
def test_a_file_that_shows_nothing_is_refused(run: Any, tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "sent.txt"
    if content is not None:
        file.write_text(content)
    said = run("check", "prod", "--sent", str(file))
    assert said.status == 2
    assert said.is_one_sentence
    assert FAKE not in said.err


@pytest.mark.usefixtures("prod")
def test_a_huge_file_is_refused(run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "MAX_SENT", 1 << 20)
    (tmp_path / "x.har").write_bytes(b" " * ((1 << 20) + 1))
    assert "larger than" in run("check", "prod", "--sent", str(tmp_path / "x.har")).err


@pytest.mark.usefixtures("prod")
def test_it_may_come_through_a_pipe_and_is_never_shown(run: Any, piped: Any) -> None:
    piped(CURL.encode())
    said = run("check", "prod", "--passive", "--sent", "-", "--format", "json")
    assert said.status in (1, 4)
    assert FAKE not in said.out + said.err
    assert json.loads(said.out)["profile"]["name"] == "prod"


@pytest.mark.usefixtures("prod")
def test_standard_input_is_read_once(run: Any, piped: Any) -> None:
    piped(CURL.encode())
    assert "can be read once" in run("check", "-", "--sent", "-").err
