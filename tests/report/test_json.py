"""The report as JSON: every run fits the published schema, and the schema is strict where it speaks."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import jsonschema
import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.causes import catalogue
from authwizard.model.finding import Owner, Skip, Status
from authwizard.report.json_run import render_json, render_json_runs, run_object, schema
from authwizard.steps import CHECKS, STEPS

from .made_runs import VERDICTS, run, saying

VALIDATOR = jsonschema.Draft202012Validator(schema())


def test_the_schema_itself_is_valid() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("kind", VERDICTS)
def test_every_kind_of_verdict_fits_the_schema(kind: str) -> None:
    document = json.loads(render_json(run(kind)))
    VALIDATOR.validate(document)
    assert document["schema"] == "authwizard.run/1"
    assert (document["verdict"]["kind"], document["verdict"]["cause"]) == (VERDICTS[kind].kind, VERDICTS[kind].cause)


def test_the_members_of_the_design_are_there() -> None:
    document = run_object(run())
    assert set(document) >= {
        "schema", "version", "profile", "started_at", "duration_ms", "requests", "verdict", "responder", "steps", "exchanges",
    }  # fmt: skip
    assert set(document["verdict"]) >= {
        "kind", "cause", "owner", "confidence", "step", "summary", "because", "against", "mechanisms", "will_fail_next", "candidates",
        "tie_with", "warnings", "ruled_out", "next_test", "remedy", "server_log_request",
    }  # fmt: skip
    assert document["requests"] == {"api": 7, "token": 1, "verification": 3, "other": 4}
    assert [s["number"] for s in document["steps"]] == list(range(10))
    assert [(s["status"], s["skip"]) for s in document["steps"][2:6]] == [
        ("fail", None), ("warn", None), ("skip", "not_tried"), ("skip", "not_applicable"),
    ]  # fmt: skip
    assert [d["type"] for d in document["steps"][2]["checks"][0]["details"]] == ["line", "line", "table", "code"]


def test_exchanges_with_and_without_an_answer() -> None:
    answered, unanswered = run_object(run())["exchanges"]
    assert (answered["response"]["status"], answered["fault"], answered["sent_at"]) == (401, None, "2027-01-15T08:00:00.250Z")
    assert (unanswered["response"], unanswered["fault"]["layer"]) == (None, "timeout")


def test_a_run_without_a_responder() -> None:
    VALIDATOR.validate(run_object(run(responder=None)))


def test_several_runs_are_one_document() -> None:
    document = json.loads(render_json_runs([run(), run("healthy")]))
    assert document["schema"] == "authwizard.runs/1"
    for one in document["runs"]:
        VALIDATOR.validate(one)


@for_each(
    ("path", "value"),
    [
        (("verdict", "kind"), "maybe"), (("verdict", "confidence"), "sure"), (("verdict", "owner"), "them"), (("verdict", "step"), 10),
        (("verdict", "cause"), "Not A Code"), (("verdict", "summary"), ""), (("requests", "api"), -1), (("started_at",), "yesterday"),
        (("steps", 0, "status"), "ok"), (("steps", 4, "skip"), "never"), (("exchanges", 0, "cost"), "C9"), (("exchanges", 0, "target"), "moon"),
        (("steps", 0, "checks", 0, "id"), "X-1"), (("schema",), "authwizard.run/2"), (("profile", "environment"), "prod"),
    ],
)  # fmt: skip
def test_what_is_wrong_does_not_fit(path: tuple[Any, ...], value: Any) -> None:
    document = json.loads(render_json(run()))
    place = document
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(document), path


@pytest.mark.parametrize("member", ["schema", "verdict", "steps", "exchanges", "responder"])
def test_what_is_missing_does_not_fit(member: str) -> None:
    document = json.loads(render_json(run()))
    del document[member]
    assert not VALIDATOR.is_valid(document)


def test_the_enumerations_are_those_of_the_program() -> None:
    defs = schema()["$defs"]
    assert set(defs["owner"]["enum"]) == {owner.value for owner in Owner}
    assert set(defs["status"]["enum"]) == {status.value for status in Status}
    assert set(defs["skip"]["enum"]) == {*(skip.value for skip in Skip), None}
    for check in CHECKS:
        jsonschema.validate(check.id, defs["check"]["properties"]["id"])
    for code in catalogue():
        jsonschema.validate(code, defs["code"])
    assert len(STEPS) == schema()["properties"]["steps"]["minItems"]


@given(st.text(max_size=200))
def test_any_text_survives(text: str) -> None:
    made = saying(text or "x")
    document = json.loads(render_json(made))
    assert document["verdict"]["summary"] == (text or "x")
    VALIDATOR.validate(document)


def test_an_empty_summary_never_passes_unseen() -> None:
    assert not VALIDATOR.is_valid(run_object(run(verdict=replace(VERDICTS["healthy"], summary=""))))
