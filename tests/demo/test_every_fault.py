"""Every fault of the practice platform gets its own verdict, within the budget, and no secret leaves in any format."""

from __future__ import annotations

import contextlib
import json
import logging
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from leak_search import leaks

from authwizard import cli
from authwizard.cli import check as check_module
from authwizard.cli import demo as demo_module
from authwizard.demo.fault import Fault
from authwizard.demo.faults import FAULTS, listing
from authwizard.knowledge.next_tests import CONFIRMING, SEPARATING
from authwizard.model.run import Run
from authwizard.report import RENDERERS
from authwizard.report.json_run import schema

pytestmark = pytest.mark.services

KINDS = {"healthy", "cannot_tell", "not_reproduced"}
VALIDATOR = jsonschema.Draft202012Validator(schema())


class Watched:
    """What one run of the command line produced, seen from inside."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.platform: Any = None


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watched:
    """Remember the runs that are rendered and the platform they ran on."""
    seen = Watched()
    render, running = check_module.render, demo_module.running

    def remember(runs: Any, form: str, *, many: bool) -> str:
        seen.runs.extend(runs)
        return render(runs, form, many=many)

    @contextlib.contextmanager
    def watch(fault: Fault) -> Iterator[Any]:
        with running(fault) as platform:
            seen.platform = platform
            yield platform

    monkeypatch.setattr(check_module, "render", remember)
    monkeypatch.setattr(demo_module, "running", watch)
    return seen


def check(capsys: pytest.CaptureFixture[str], name: str, *options: str) -> tuple[dict[str, Any], int, str]:
    status = cli.run(["demo", name, "--check", "--format", "json", *options])
    printed = capsys.readouterr()
    return json.loads(printed.out), status, printed.out + printed.err


def done_by_itself(run: dict[str, Any]) -> set[str]:
    """Return the tests that this run has done, as they are worded for a person."""
    judged = {c["id"] for s in run["steps"] for c in s["checks"] if c["status"] in ("pass", "warn", "fail")}
    return {test.text for _, test in (*SEPARATING, *CONFIRMING) if test.own and test.probe in judged}


@pytest.mark.parametrize("fault", FAULTS, ids=lambda f: f.name)
def test_the_verdict_is_the_faults(
    fault: Fault, watched: Watched, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    monkeypatch.setattr("authwizard.probes.second_try.PROPAGATION_SECONDS", fault.settings.api.learning_seconds * 1.2)
    run, status, printed = check(capsys, fault.name, "--allow", "refresh")
    verdict = run["verdict"]
    assert (verdict["kind"] if fault.code in KINDS else verdict["cause"], verdict["step"], status) == (
        fault.code,
        fault.step,
        fault.exit_status,
    ), verdict
    assert run["requests"]["api"] <= 12
    assert run["requests"]["token"] <= 3
    VALIDATOR.validate(run)
    assert not [c for s in run["steps"] for c in s["checks"] if c["status"] == "crashed"]
    assert verdict["next_test"] not in done_by_itself(run), "what the run has done is no advice"
    assert watched.platform.errors == ()
    texts = {"printed": printed, "log": caplog.text, **{form: render(watched.runs[0]) for form, render in RENDERERS.items()}}
    for where, text in texts.items():
        assert leaks(watched.platform.all_secrets, text) == [], where


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.without_allow is not None], ids=lambda f: f.name)
def test_without_leave_no_refresh_token_is_spent(fault: Fault, watched: Watched, capsys: pytest.CaptureFixture[str]) -> None:
    assert fault.without_allow is not None
    run, status, _ = check(capsys, fault.name)
    cause, step = fault.without_allow
    assert (run["verdict"]["cause"], run["verdict"]["step"], status) == (cause, step, 1), run["verdict"]
    refresh = next(s for s in run["steps"] if s["number"] == 4)
    assert (refresh["status"], refresh["skip"]) == ("skip", "not_tried")
    assert all("refresh" not in e["purpose"].lower() for e in run["exchanges"] if e["target"] == "token")


THOROUGH = ("token_propagation_delay", "wrong_path_or_method", "cannot_tell", "authorization_stripped-known_good")


@pytest.mark.parametrize("fault", [f for f in FAULTS if f.name in THOROUGH], ids=lambda f: f.name)
def test_looking_at_everything_changes_no_verdict(
    fault: Fault, watched: Watched, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("authwizard.probes.second_try.PROPAGATION_SECONDS", fault.settings.api.learning_seconds * 1.2)
    monkeypatch.setattr("authwizard.probes.baseline.PAUSE", 0.0)
    run, status, _ = check(capsys, fault.name, "--thorough")
    verdict = run["verdict"]
    assert (verdict["kind"] if fault.code in KINDS else verdict["cause"], verdict["step"], status) == (
        fault.code, fault.step, fault.exit_status,
    ), verdict  # fmt: skip
    assert {"canary", "D6", "D7", "S-nocache", "P0.2"} <= {e["id"] for e in run["exchanges"]}
    assert 12 < run["requests"]["api"] <= 40
    assert watched.platform.errors == ()


def test_the_list_has_one_line_a_fault(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["demo", "--list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("\t")[:2] for line in lines] == [[f.name, f.code] for f in FAULTS]
    assert len({line.split("\t")[0] for line in lines}) == len(lines)
    assert listing().count("\n") == len(lines)
