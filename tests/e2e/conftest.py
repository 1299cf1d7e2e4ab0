"""Real servers that nobody here wrote, started once a session, and the product run against them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from leak_search import Pieces

from authwizard import cli
from authwizard.model.secret import Secret
from authwizard.report.json_run import schema

from .cells import Cell, Setup, judge, variable
from .launch import shifted
from .world import World

VALIDATOR = jsonschema.Draft202012Validator(schema())


@dataclass(frozen=True)
class Ran:
    """One run of `authwizard check`."""

    run: dict[str, Any]
    status: int

    @property
    def verdict(self) -> dict[str, Any]:
        return dict(self.run["verdict"])

    def check(self, name: str) -> dict[str, Any]:
        """Return what one check said."""
        return next(c for step in self.run["steps"] for c in step["checks"] if c["id"] == name)


Check = Callable[[Setup], Ran]


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Give the servers; a server starts when it is first asked for, and all end with the session."""
    servers = World(tmp_path_factory.mktemp("servers"))
    try:
        yield servers
    finally:
        servers.launcher.close()


@pytest.fixture
def check(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Check:
    """Run `authwizard check` on a profile: what it printed is a valid run within the budget, and holds no secret."""

    def run(setup: Setup) -> Ran:
        config = tmp_path / "profiles.toml"
        config.write_text(setup.text(tmp_path))
        for name, value in setup.secrets.items():
            if name in setup.in_files:
                (tmp_path / name).write_text(value)
                (tmp_path / name).chmod(0o600)
            else:
                monkeypatch.setenv(variable(name), value)
        arguments = ["check", "prod", "--config", str(config), "--trust", "--format", "json", *setup.options]
        status, out, err = _elsewhere(arguments, setup.shift) if setup.shift else _here(arguments, capsys)
        assert out, err
        told = json.loads(out)
        VALIDATOR.validate(told)
        assert Pieces(Secret(value) for value in setup.secrets.values()).within(out + err) == []
        assert [c for s in told["steps"] for c in s["checks"] if c["status"] == "crashed"] == []
        assert told["requests"]["api"] <= 12
        assert told["requests"]["token"] <= 3
        return Ran(told, status)

    return run


def _here(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[int, str, str]:
    """Run it in this process: a new one costs ten times the run."""
    capsys.readouterr()
    status = cli.run(arguments)
    printed = capsys.readouterr()
    return status, printed.out, printed.err


def _elsewhere(arguments: list[str], shift: int) -> tuple[int, str, str]:
    """Run it in a process whose clock is wrong."""
    command = [*shifted(shift), sys.executable, "-m", "authwizard", *arguments]
    done = subprocess.run(command, env=os.environ, capture_output=True, text=True, timeout=120, check=False, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def hold(
    world: World, check: Check, request: pytest.FixtureRequest, record_property: Callable[[str, object], None]
) -> Callable[[Cell], Ran]:
    """Run a cell and hold its verdict against what is true; the outcome goes into the table at the end of the session."""

    def hold(cell: Cell) -> Ran:
        if cell.waits_for:
            request.applymarker(pytest.mark.xfail(strict=True, reason=cell.waits_for))
        ran = check(cell.make(world))
        outcome = judge(ran.verdict, cell.causes)
        record_property("cell", (cell.server, f"{cell.fault} ({cell.known})", outcome.word, outcome.said))
        told = f"{outcome}\n{json.dumps(ran.verdict, indent=1)}\nThe servers' logs are in {world.folder}."
        assert outcome.word in cell.allowed, told
        if cell.step is not None and outcome.word == "right":
            assert ran.verdict["step"] == cell.step, told
        if cell.warns:
            warned = {w["cause"] for w in ran.verdict["warnings"]} | {
                c["id"] for s in ran.run["steps"] for c in s["checks"] if c["status"] == "warn"
            }
            assert cell.warns in warned, told
        return ran

    return hold


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give a new token no time to become known in runs of this process: no server here needs any."""
    monkeypatch.setattr("authwizard.probes.second_try.PROPAGATION_SECONDS", 0.0)
