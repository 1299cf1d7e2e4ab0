"""Runs the product on a rig: in this process, or as a process of its own."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

from e2e.rig.world import Rig, variable

from authwizard.cli import check as check_module
from authwizard.cli.arguments import parse
from authwizard.cli.check import options_of, reported_from
from authwizard.cli.session import Session, Subject
from authwizard.model.finding import Finding
from authwizard.model.run import Run
from authwizard.model.secret import Secret
from authwizard.report import RENDERERS
from authwizard.report.json_run import render_json
from authwizard.store.profiles import parse_profiles
from authwizard.verdict import conclude


@dataclass(frozen=True)
class Seen:
    """What one run gave: its JSON, its exit status where it was a process, and every text it wrote."""

    document: dict[str, Any]
    texts: dict[str, str]
    run: Run | None = None
    status: int | None = None

    @property
    def verdict(self) -> dict[str, Any]:
        verdict: dict[str, Any] = self.document["verdict"]
        return verdict

    @property
    def checks(self) -> dict[str, dict[str, Any]]:
        return {c["id"]: c for s in self.document["steps"] for c in s["checks"]}

    def shuffled_verdicts_differ(self) -> bool:
        """Whether the same findings in another order give another verdict."""
        if self.run is None:
            return False
        findings: list[Finding] = [f for s in self.run.steps for f in s.findings]
        turns = []
        for seed in (1, 2):
            random.Random(seed).shuffle(findings)
            turns.append(conclude(tuple(findings)))
        return any(turn != self.run.verdict for turn in turns)


def run_here(rig: Rig, *options: str) -> Seen:
    """Run the headless product in this process, with secrets in memory and the rig's own machine."""
    named = parse(["check", "prod", *options])
    profiles = parse_profiles(rig.toml(), "the rig's profiles")
    memory = {} if rig.store is not None else {name: Secret(value) for name, value in rig.secrets.items()}
    subject = Subject(
        profiles["prod"], options_of(named), None, tuple(p for n, p in profiles.items() if n != "prod"), memory,
        memory_counts=rig.store is None, trusted=True, reported=reported_from(rig.sent, "the rig") if rig.sent else None,
        home=str(rig.home), environ=rig.environ, leaves_nothing=True,
    )  # fmt: skip
    session = Session(subject, rig.store)
    run = asyncio.run(check_module._run(session, progress=False))
    texts = {form: render(run) for form, render in RENDERERS.items()}
    assert session.find(texts["json"]) == (), "the product's own scan finds a secret in its report"
    return Seen(json.loads(render_json(run)), texts, run)


def run_as_process(rig: Rig, *options: str, faketime: str = "") -> Seen:
    """Run the real command line, the secrets in environment variables, in a home and a working directory of the rig."""
    config = rig.home / "profiles.toml"
    config.write_text(rig.toml(references=True))
    more = ["--sent", str(_written(rig))] if rig.sent else []
    kept = {k: v for k, v in os.environ.items() if k not in ("HOME", "AUTHWIZARD_CONFIG_DIR", "AUTHWIZARD_STATE_DIR")}
    env = {
        **kept, **rig.environ, **{variable(n): v for n, v in rig.secrets.items()}, "HOME": str(rig.home), "PYTHONDONTWRITEBYTECODE": "1",
        "AUTHWIZARD_CONFIG_DIR": str(rig.home / "config"), "AUTHWIZARD_STATE_DIR": str(rig.home / "state"),
    }  # fmt: skip
    command = [sys.executable, "-m", "authwizard", "check", "prod", "--config", str(config), "--trust", "--format", "json", *more, *options]
    if faketime:
        command = [str(shutil.which("faketime")), "-f", faketime, *command]
    done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60, check=False, cwd=rig.home, stdin=subprocess.DEVNULL)
    assert done.stdout, done.stderr
    return Seen(json.loads(done.stdout), {"stdout": done.stdout, "stderr": done.stderr}, None, done.returncode)


def _written(rig: Rig) -> Any:
    path = rig.home / "sent.txt"
    path.write_text(rig.sent)
    return path
