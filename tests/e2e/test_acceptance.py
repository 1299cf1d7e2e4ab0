"""Every row of the acceptance matrix against the whole product, judged by what it says and by what the servers saw."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from e2e.rig.judge import problems_of_manners, problems_of_verdict, wrongly_sure
from e2e.rig.product import run_as_process, run_here
from e2e.rig.wire import Loop
from e2e.rig.world import running
from e2e.rows.client import J
from e2e.rows.credentials import A
from e2e.rows.elsewhere import X
from e2e.rows.outside import N
from e2e.rows.quirks import Q
from e2e.rows.state import H, I
from e2e.rows.surroundings import B, C
from e2e.rows.table import Row
from e2e.rows.tokens import E, F, G

pytestmark = pytest.mark.services

WHOLE = bool(os.environ.get("CI"))
"""Whether every row is run in every style; else each in its first, and a third of the quirks' rows."""
ROWS = (*A, *B, *C, *E, *F, *G, *H, *I, *J, *N, *X, *(row for n, row in enumerate(Q) if WHOLE or n % 3 == n // 3 % 3))
GATE = 0.97


@dataclass(frozen=True)
class Turn:
    """One row in one style. In a row's bland turn the right cause may be less sure, or nothing may be told at all."""

    row: Row
    style: str
    vague: bool = False

    @property
    def name(self) -> str:
        return f"{self.row.id}-{self.style}"


def _styles(row: Row) -> tuple[str, ...]:
    """The styles a row is run in: all of them, or its first."""
    return row.styles if WHOLE else row.styles[:1]


TURNS = [
    *(Turn(row, style) for row in ROWS for style in _styles(row)),
    *(Turn(row, "bland", vague=True) for row in ROWS if row.star),
]
HERE = [t for t in TURNS if not t.row.faketime]
OFF = [t for t in TURNS if t.row.faketime]


@pytest.fixture(scope="session")
def loop() -> Iterator[Loop]:
    """The event loop of all servers of this process."""
    loop = Loop()
    yield loop
    loop.close()


@pytest.fixture
def outcome(loop: Loop, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return a function that runs a turn once per session, whichever test or process asks for it first."""
    base = tmp_path_factory.getbasetemp()
    kept = (base.parent if base.name.startswith("popen-") else base) / "acceptance"
    kept.mkdir(exist_ok=True)

    def of(turn: Turn) -> dict[str, Any]:
        path = kept / f"{turn.name}.json"
        if not path.is_file():
            found = _run(turn, loop, tmp_path_factory.mktemp(turn.name))
            made = kept / f"{turn.name}.{base.name}.part"
            made.write_text(json.dumps(found))
            made.replace(path)
        result: dict[str, Any] = json.loads(path.read_text())
        return result

    return of


def _run(turn: Turn, loop: Loop, home: Path) -> dict[str, Any]:
    row = turn.row
    with running(loop, home) as rig:
        rig.api.settings.style = rig.staging_api.settings.style = turn.style
        row.setup(rig)
        rig.forget()
        by_process = row.process or bool(row.faketime)
        seen = run_as_process(rig, *row.options, faketime=row.faketime) if by_process else run_here(rig, *row.options)
        verdict = [*problems_of_verdict(row.expected, seen), *row.expected.also(rig, seen)]
        if turn.vague and seen.verdict["kind"] == "cannot_tell":
            verdict = []
        if turn.vague and (seen.verdict["cause"], seen.verdict["step"]) == (row.expected.cause, row.expected.step):
            verdict = []
        return {
            "verdict": verdict, "manners": list(problems_of_manners(rig, seen)), "wrong": wrongly_sure(row.expected, seen),
            "document": seen.document,
        }  # fmt: skip


def _cases(turns: list[Turn]) -> list[Any]:
    return [
        pytest.param(t, id=t.name, marks=[pytest.mark.xfail(strict=True, reason=f"waits for {t.row.waiting}")] if t.row.waiting else [])
        for t in turns
    ]


def _show(found: dict[str, Any]) -> str:
    verdict = found["document"]["verdict"]
    because = "\n".join(f"  because {b['check']}: {b['text']}" for b in verdict["because"])
    listed = "\n".join(f"  {c['cause']} {c['score']}" for c in verdict["candidates"])
    return "\n".join([*found["verdict"], *found["manners"], because, listed])


@pytest.mark.parametrize("turn", _cases(HERE))
def test_row(turn: Turn, outcome: Any) -> None:
    found = outcome(turn)
    assert (found["verdict"], found["manners"], found["wrong"]) == ([], [], False), _show(found)


@pytest.mark.services
@pytest.mark.parametrize("turn", _cases(OFF))
def test_row_on_a_machine_whose_clock_is_off(turn: Turn, outcome: Any, needs: Any) -> None:
    needs("faketime")
    found = outcome(turn)
    assert (found["verdict"], found["manners"], found["wrong"]) == ([], [], False), _show(found)


def test_gate(outcome: Any, capsys: pytest.CaptureFixture[str]) -> None:
    """At least 97 % are answered exactly, each row once and each turn of it, and nowhere is a wrong cause named at likely or above."""
    found = [(turn, outcome(turn)) for turn in HERE]
    plain = [(t, not f["verdict"]) for t, f in found if not t.vague]
    inexact = {t.row.id for t, exact in plain if not exact}
    ids = {t.row.id for t, _ in plain}
    exact = sum(right for _, right in plain)
    wrong = [t.name for t, f in found if f["wrong"]]
    waiting = {t.row.id for t, _ in plain if t.row.waiting}
    with capsys.disabled():
        print(
            f"\nacceptance: {len(ids - inexact)} of {len(ids)} rows exact ({exact} of {len(plain)} turns, {len(found) - len(plain)} more bland), "
            f"{len(wrong)} wrong causes at likely or above, {len(waiting)} rows wait for a check"
        )
    judged = [right for t, right in plain if not t.row.waiting]
    assert sum(judged) >= GATE * len(judged), inexact
    assert len(ids - inexact - waiting) >= GATE * len(ids - waiting), inexact
    assert {name.partition("-")[0] for name in wrong} <= waiting


BARE_ROWS = ("A16", "A21", "C01", "E01", "E02", "E04", "E07", "F01", "F04", "H01", "N01", "N04", "X20", "X22", "X32", "X33")
BARE_STYLES = ("express", "bland", "companyx", "spring")

MECHANISMS = {"environment_mismatch": ("signing_key_unknown", "issuer_mismatch")}
"""What a server's words name where nothing else is known to tell the root."""


def _bare_cases() -> list[Any]:
    rows = [row for row in ROWS if row.id in BARE_ROWS]
    styles = [BARE_STYLES if WHOLE else (BARE_STYLES[place % len(BARE_STYLES)],) for place in range(len(rows))]
    return [pytest.param(row, style, id=f"{row.id}-{style}") for row, some in zip(rows, styles, strict=True) for style in some]


@pytest.mark.parametrize(("row", "style"), _bare_cases())
def test_a_profile_that_knows_nothing_makes_no_wrong_cause_sure(row: Row, style: str, loop: Loop, tmp_path: Path) -> None:
    """Address, request and token alone: no issuer, no expectation, no client. What can be told is told, and nothing wrong."""
    with running(loop, tmp_path) as rig:
        rig.api.settings.style = rig.staging_api.settings.style = style
        row.setup(rig)
        for part in ("oauth", "expect", "endpoints"):
            rig.profile.pop(part, None)
        rig.others, rig.secrets = {}, {"access_token": rig.secrets["access_token"]}
        rig.forget()
        seen = run_here(rig, *row.options)
        half_right = seen.verdict["cause"] in MECHANISMS.get(row.expected.cause or "", ())
        assert half_right or not wrongly_sure(row.expected, seen), seen.verdict["summary"]
        assert list(problems_of_manners(rig, seen)) == []
