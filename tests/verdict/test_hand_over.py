"""What the server's owner gets: where to look and for what, what is ruled out and what is left; only where it is theirs to look."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.finding import Argument, Finding, Grade, Group, Status
from authwizard.verdict import conclude, responder

HEAD = "At 12:00:00 our client called GET /v2/me, answered with 401."


def finding(check: str, *arguments: Argument, status: Status = Status.FAIL, **facts: Any) -> Finding:
    return Finding(check, 0, check, status, f"summary of {check}", arguments=arguments, facts=facts)


def argue(cause: str, grade: Grade, group: Group = Group.LOCAL_CLAIMS, **more: Any) -> Argument:
    return Argument(cause, grade, group, f"the sentence about {cause}", **more)


def refused(**facts: Any) -> list[Finding]:
    return [finding("I-03", status=Status.PASS, triage="401"), finding("S8-05", status=Status.PASS, hand_over=HEAD, **facts)]


def test_where_nobody_can_tell_the_owner_is_asked_for_the_line_that_decides() -> None:
    verdict = conclude(
        [
            *refused(responder="envoy"),
            finding("R7", argue("uniform_401", Grade.W, Group.RESPONSE_CLASS)),
            finding("S3-13", argue("signature_invalid", Grade.XP)),
        ]
    )
    assert verdict.kind == "cannot_tell"
    text = verdict.server_log_request
    assert text.startswith(HEAD)
    assert "Ruled out: signature_invalid (the sentence about signature_invalid)." in text
    assert "Left: " in text
    assert "RESPONSE_CODE_DETAILS" in text


def test_without_a_known_responder_the_general_place_is_named() -> None:
    verdict = conclude([*refused(), finding("R7", argue("uniform_401", Grade.W, Group.RESPONSE_CLASS))])
    assert "component that checks credentials" in verdict.server_log_request


def test_without_an_answer_there_is_nothing_to_look_up() -> None:
    assert conclude([finding("I-03", triage="401"), finding("R7", argue("uniform_401", Grade.W))]).server_log_request == ""


@pytest.mark.parametrize(
    ("arguments", "wanted"),
    [
        ((argue("token_expired", Grade.P, Group.SWAP),), False),
        ((argue("token_expired", Grade.S, Group.TIME),), False),
        ((argue("audience_mismatch", Grade.M), argue("audience_mismatch", Grade.M, Group.METADATA)), True),
        ((argue("clock_skew_server", Grade.S, Group.TIME),), True),
    ],
)
def test_it_is_made_where_the_verdict_is_unsure_or_the_turn_is_theirs(arguments: tuple[Argument, ...], wanted: bool) -> None:
    verdict = conclude([*refused(), finding("S2-03", *arguments)])
    assert bool(verdict.server_log_request) is wanted


def test_the_responder_of_a_run_has_its_log() -> None:
    seen = responder(refused(responder="kong", responder_confidence="likely"))
    assert seen is not None
    assert (seen.name, seen.confidence) == ("kong", "likely")
    assert "X-Kong-Request-Id" in seen.logs
    assert responder(refused()) is None
