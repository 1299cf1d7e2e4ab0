"""What the user did not agree to is not sent, by the servers' own logs, whatever is wrong."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from e2e.rig.judge import PROBE, problems_of_manners
from e2e.rig.product import run_here
from e2e.rig.wire import Loop
from e2e.rig.world import Rig, running
from e2e.rows.client import wrong_secret
from e2e.rows.outside import hidden_rule
from e2e.rows.state import both_expired
from e2e.rows.surroundings import edge_strips
from e2e.rows.table import Setup
from e2e.rows.tokens import expired

pytestmark = pytest.mark.services

FAULTS = {"expired": expired, "stripped": edge_strips, "hidden": hidden_rule, "refreshable": both_expired, "client": wrong_secret}


@pytest.fixture(scope="module")
def loop() -> Iterator[Loop]:
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture(params=FAULTS.values(), ids=FAULTS)
def rig(request: pytest.FixtureRequest, loop: Loop, tmp_path: Path) -> Iterator[Rig]:
    setup: Setup = request.param
    with running(loop, tmp_path) as rig:
        setup(rig)
        rig.forget()
        yield rig


def test_passive_sends_nothing(rig: Rig) -> None:
    run_here(rig, "--passive")
    assert [server.log for server in rig.servers] == [[] for _ in rig.servers]


def test_no_invalid_tokens_sends_none(rig: Rig) -> None:
    seen = run_here(rig, "--no-invalid-tokens")
    sent = [a for server in rig.servers for a in server.log]
    assert sent
    known = {"", *(f"Bearer {secret}" for secret in rig.all_secrets)}
    assert {a.header("authorization") for a in rig.api_requests} <= known
    assert [a for a in sent if PROBE in a.text.lower()] == []
    assert list(problems_of_manners(rig, seen)) == []


def test_no_token_requests_sends_none(rig: Rig) -> None:
    seen = run_here(rig, "--no-token-requests", "--allow", "refresh")
    assert rig.token_requests == []
    assert list(problems_of_manners(rig, seen)) == []


def test_a_refresh_token_is_not_spent_without_leave(rig: Rig) -> None:
    run_here(rig)
    assert [a for a in rig.token_requests if a.form.get("grant_type") == "refresh_token"] == []


def test_a_thorough_run_keeps_its_own_budget(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("authwizard.probes.baseline.PAUSE", 0.0)
    seen = run_here(rig, "--thorough")
    assert len(rig.api_requests) <= 40
    assert len(rig.token_requests) <= 3
    assert seen.document["requests"]["api"] == len(rig.api_requests)
    assert not seen.shuffled_verdicts_differ()
