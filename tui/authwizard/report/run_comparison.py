"""What differs between two runs, as `check --format json` wrote them? A file may have been changed by hand: no part of it is relied on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from authwizard.knowledge.causes import catalogue
from authwizard.model.profile import is_loopback
from authwizard.protocol.clean import safe_line
from authwizard.report.comparison import CHECK, NOT_SET, Comparison, Difference

BAD = ("fail", "warn")
QUIET = frozenset({"pass", "not applicable", "not tried"})
"""What speaks against nothing."""
MANY = 3
"""So many checks with one and the same reason are told in one sentence."""
_QUIET_WORDS = "passed in one run and did not apply, or was not needed, in the other"
READINGS = frozenset({"now", "this machine", "request id", "date"})
"""Labels of evidence that differs from run to run by itself."""


def compare_runs(one: Mapping[str, Any], other: Mapping[str, Any], names: tuple[str, str]) -> Comparison:
    """Compare two runs: the verdict, then each check that ended otherwise, then the evidence of those that failed both times. Pure.

    Raises ValueError where one is no run.
    """
    for run in (one, other):
        if run.get("schema") != "authwizard.run/1" or not isinstance(run.get("verdict"), Mapping):
            raise ValueError("it is no run in the format authwizard.run/1 (authwizard check --format json --output FILE)")
    rows = [*_verdicts(one["verdict"], other["verdict"]), *_addresses(one, other), *_checks(one, other)]
    named = {*_codes([one["verdict"].get("cause"), other["verdict"].get("cause")])}
    differing = sorted((row for row in rows if row.one != row.other), key=lambda row: _rank(row, named))
    alike = tuple(dict.fromkeys(row.what for row in rows if row.one == row.other))
    both = rows[0].one if rows[0].one == rows[0].other else ""
    differing, beside = _folded(differing, names)
    return Comparison("runs", names[0], names[1], tuple(differing), alike, both=both, beside=beside)


def _folded(rows: list[Difference], names: tuple[str, str]) -> tuple[list[Difference], tuple[str, ...]]:
    """Mark what many checks have in common, and say it once: in order in one run and not looked at in the other; blocked for one reason."""
    groups: dict[str, list[str]] = {}
    for row in rows:
        groups.setdefault(_common(row, names), []).append(row.what.partition(" ")[0])
    told = {common: ids for common, ids in groups.items() if common and (len(ids) >= MANY or common == _QUIET_WORDS)}
    return (
        [replace(row, minor=_common(row, names) in told) for row in rows],
        tuple(f"{len(ids)} check{'s' if len(ids) > 1 else ''} {common}: {', '.join(ids)}." for common, ids in told.items()),
    )


def _common(row: Difference, names: tuple[str, str]) -> str:
    """Say what a difference without a cause may have in common with others; "" for one that stands by itself."""
    words = [side.partition(": ")[0] for side in (row.one, row.other)]
    if row.causes or not CHECK.match(row.what) or not {*words} <= {*QUIET, "blocked"}:
        return ""
    if "blocked" not in words:
        return _QUIET_WORDS
    side = words.index("blocked")
    return f"could not look in {names[side]} ({(row.one, row.other)[side].partition(': ')[2].rstrip('.')})"


def _rank(row: Difference, named: set[str]) -> int:
    """Put the verdict first, then what speaks of its cause, then what can explain a 401 at all."""
    if row.what == "verdict" or not row.causes:
        return 0 if row.what == "verdict" else 3
    return 1 if named & {*row.causes} else 2


def _verdicts(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Difference]:
    yield Difference("verdict", _verdict_words(one), _verdict_words(other), _codes([one.get("cause"), other.get("cause")]))


def _verdict_words(verdict: Mapping[str, Any]) -> str:
    sure = f" ({_text(verdict, 'confidence').replace('_', ' ')})" if _text(verdict, "confidence") else ""
    return (_text(verdict, "cause") or _text(verdict, "kind").replace("_", " ")) + sure


def _addresses(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Difference]:
    for name, what, causes in (
        ("request", "request", ("wrong_base_url", "wrong_path_or_method")),
        ("environment", "environment", ()),
        ("name", "profile", ()),
    ):
        here, there = (_text(_object(run.get("profile")), name) for run in (one, other))
        # the practice platform listens on another port each time
        practice = name == "request" and all(is_loopback(request.partition(" ")[2]) for request in (here, there))
        yield Difference(what, here, there, () if practice else causes)


def _checks(one: Mapping[str, Any], other: Mapping[str, Any]) -> Iterator[Difference]:
    mine, theirs = _by_id(one), _by_id(other)
    for check in dict.fromkeys((*mine, *theirs)):
        here, there = mine.get(check, {}), theirs.get(check, {})
        what = f"{check} {_text(here or there, 'title')}"
        causes = _codes([*_list(here.get("causes")), *_list(there.get("causes"))])
        before, after = _ended(here), _ended(there)
        if before != after:
            yield Difference(what, _said(here, before), _said(there, after), causes if {before, after} & {*BAD} else ())
            continue
        yield Difference(what, before, after)
        if before in BAD:
            yield from _evidence(check, here, there, causes)


def _evidence(check: str, here: Mapping[str, Any], there: Mapping[str, Any], causes: tuple[str, ...]) -> Iterator[Difference]:
    mine, theirs = _lines(here), _lines(there)
    for label in dict.fromkeys((*mine, *theirs)):
        if label.lower() in READINGS:
            continue
        yield Difference(f"{check}: {label}", mine.get(label, NOT_SET), theirs.get(label, NOT_SET), causes)


def _by_id(run: Mapping[str, Any]) -> dict[str, Mapping[str, Any]]:
    checks = [_object(check) for step in _list(run.get("steps")) for check in _list(_object(step).get("checks"))]
    return {_text(check, "id"): check for check in checks if _text(check, "id")}


def _ended(check: Mapping[str, Any]) -> str:
    return (_text(check, "skip") or _text(check, "status") or NOT_SET).replace("_", " ")


def _said(check: Mapping[str, Any], ended: str) -> str:
    return f"{ended}: {_text(check, 'summary')}" if _text(check, "summary") else ended


def _lines(check: Mapping[str, Any]) -> dict[str, str]:
    details = [_object(detail) for detail in _list(check.get("details"))]
    return {_text(detail, "label"): _text(detail, "value") for detail in details if detail.get("type") == "line"}


def _codes(values: list[Any]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if isinstance(value, str) and value in catalogue()))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(members: Mapping[str, Any], name: str) -> str:
    value = members.get(name)
    return safe_line(value, 300) if isinstance(value, str) else ""
