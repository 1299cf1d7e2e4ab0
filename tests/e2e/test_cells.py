"""How a verdict is held against the truth, and the figure that comes of it: a judge that lets a wrong cause pass would prove nothing."""

from __future__ import annotations

from typing import Any

import pytest
from server_table import figure, table

from .cells import judge


def verdict(
    kind: str, cause: str | None = None, confidence: str | None = None, *candidates: str, tie_with: str | None = None
) -> dict[str, Any]:
    return {
        "kind": kind, "cause": cause, "confidence": confidence, "tie_with": tie_with, "candidates": [{"cause": c} for c in candidates],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "truth", "word"),
    [
        (verdict("cause", "token_expired", "proven"), ("token_expired",), "right"),
        (verdict("could_not_look", "network_unreachable"), ("network_unreachable",), "right"),
        (verdict("healthy"), (), "right"),
        (verdict("cause", "token_expired", "possible"), (), "wrong"),
        (verdict("cannot_tell", None, None, "token_revoked"), (), "wrong"),
        (verdict("healthy"), ("token_revoked",), "wrong"),
        (verdict("cause", "token_expired", "possible", "token_revoked"), ("token_revoked",), "wrong"),
        (verdict("cannot_tell", None, None, "uniform_401", "token_revoked"), ("token_revoked",), "honest"),
        (verdict("cannot_tell", None, None, "uniform_401"), ("token_revoked",), "wrong"),
        (verdict("cause", "token_expired", "possible", tie_with="token_revoked"), ("token_revoked",), "honest"),
        (verdict("cause", "token_expired", "likely", tie_with="token_revoked"), ("token_revoked",), "wrong"),
    ],
)
def test_right_honest_or_wrong(said: dict[str, Any], truth: tuple[str, ...], word: str) -> None:
    assert judge(said, truth).word == word


def test_the_figure_counts_every_cell() -> None:
    rows = [("a", "expired (full)", "right", "token_expired"), ("a", "revoked (bare)", "honest", "cannot_tell"), ("b", "x", "wrong", "y")]
    assert figure(rows) == "3 cells: 1 right, 1 honest cannot-tell, 1 wrong"
    assert [line for line in table(rows) if not line.startswith(" ")] == ["a", "b", figure(rows)]
