"""The machine-read marks that findings carry, gathered once."""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.model.finding import Facts, Finding

FAILING = frozenset({"soft_401", "400_auth", "401", "403", "404", "405", "407", "421", "422", "429", "431", "3xx", "other"})
"""Triage classes (I-03) of an answer that came and was no success."""


def gather(findings: Sequence[Finding]) -> Facts:
    """Merge the facts of all findings; where two checks state one fact, the one of the later check id stands."""
    merged: dict[str, str | float | bool] = {}
    for finding in sorted(findings, key=lambda f: f.check):
        merged.update(finding.facts)
    return merged


def triage(facts: Facts) -> str:
    """Return the class of the baseline's answer; "pending" where it has not been judged yet."""
    return str(facts.get("triage", "pending"))


def text(facts: Facts, name: str) -> str:
    """Return a fact as text, "" where it is not known."""
    value = facts.get(name, "")
    return value if isinstance(value, str) else str(value)
