"""The decision table: each row fires on its pattern and on nothing near it, and claims what it may (CHECKS 13.3)."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.check import Check, run_check
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    DirectCall,
    ExchangeSeen,
    Garbage,
    NotTried,
    OddScheme,
    OriginCall,
    Tampered,
    Unavailable,
)
from authwizard.model.finding import Finding, Grade, Status
from authwizard.model.profile import Profile
from authwizard.model.token import TokenFault
from authwizard.steps.step8_table import ROWS

from .evidence_of_first_steps import credential, exchange, grades, jws, opaque, profile

BY_ID = {row.id: row for row in ROWS}
Answer = dict[str, Any]

# Answers of servers: what they say to nothing, to something unreadable, to a wrong signature, and to ours.
ABSENT: Answer = {"body": '{"message": "No authorization token was found"}'}
BARE: Answer = {"headers": (("WWW-Authenticate", 'Bearer realm="api"'),)}
BARE_VAGUE: Answer = {**BARE, "body": '{"detail": "Token is invalid or expired"}'}
MUTE: Answer = {"body": '{"error": "authentication_failed"}'}
MALFORMED: Answer = {"body": '{"message": "jwt malformed"}'}
SIGNATURE: Answer = {"body": '{"message": "invalid signature"}'}
ODD: Answer = {"body": '{"message": "Unsupported authentication scheme"}'}
ODD_UNKNOWN: Answer = {"body": '{"message": "That way of logging in is not for us"}'}
OTHER: Answer = {"body": '{"message": "Something else about it"}'}
FORBIDDEN: Answer = {"status": 403, "body": '{"message": "You may not do this here"}'}
BLOCK_PAGE: Answer = {"status": 403, "body": "<html>error code: 1020</html>"}
BASIC: Answer = {
    "headers": (("WWW-Authenticate", 'Basic realm="reports api"'), ("Content-Type", "application/json")),
    "body": '{"error": "login"}',
}
GATE: Answer = {"headers": (("WWW-Authenticate", 'Basic realm="Restricted"'), ("Server", "nginx")), "body": "<html>401</html>"}
JWT = jws({"sub": "x", "exp": 1})


def seen(kind: type[ExchangeSeen], answer: Answer | None) -> ExchangeSeen | None:
    return None if answer is None else kind(exchange(**{"status": 401, "id": kind.__name__, **answer}))


def judged(
    row: str, p0: Answer | None = None, d1: Answer | None = None, d2: Answer | None = None, d3: Answer | None = None,
    d4: Answer | None = None, *, again: Answer | str | None = "same", sent: CredentialSeen | None = None, more: tuple[object, ...] = (), **calls: Answer,
) -> Finding:  # fmt: skip
    """Run a row on the answers to P0, nothing (D1), garbage (D2), the tampered token (D3) and an odd scheme (D4)."""
    twice = d1 if again == "same" else again
    found = [
        seen(kind, answer)  # type: ignore[arg-type]
        for kind, answer in (
            (Baseline, p0), (Anonymous, d1), (AnonymousAgain, twice), (Garbage, d2), (Tampered, d3), (OddScheme, d4),
            (DirectCall, calls.get("direct")), (OriginCall, calls.get("origin")),
        )
    ]  # fmt: skip
    given_: dict[type, object] = {Profile: profile(), CredentialSeen: sent or credential(JWT)}
    given_ |= {need.kind: NotTried("It was not sent.") for need in BY_ID[row].needs if need.kind not in given_}
    given_ |= {type(one): one for one in found if one is not None}
    given_ |= {type(one): one for one in more}
    finding = run_check(BY_ID[row], given_)
    assert finding is not None
    assert finding.status is not Status.CRASHED, finding.summary
    return finding


def fires(finding: Finding) -> bool:
    return finding.status is not Status.SKIP and bool(finding.arguments)


FIRING: dict[str, tuple[dict[str, Any], dict[str, str]]] = {
    "R1": ({"p0": {"status": 407}}, {"proxy_auth_required": "S", "token_expired": "XM", "signature_invalid": "XM"}),
    "R2": ({"p0": BLOCK_PAGE, "d1": BLOCK_PAGE}, {"waf_blocked": "S", "token_expired": "XM"}),
    "R3": ({"p0": BASIC, "d1": BASIC, "d2": BASIC}, {"auth_scheme_wrong": "S"}),
    "R3 gate": ({"p0": GATE, "d1": GATE, "d2": GATE}, {"edge_auth_required": "S"}),
    "R4": (
        {"p0": {"body": '{"message": "No API key found in request"}'}, "d1": {"body": '{"message": "No API key found in request"}'},
         "sent": credential(opaque())},
        {"credential_location_wrong": "S", "token_expired": "XM"},
    ),
    "R4 beside a token": (
        {"p0": {"body": '{"message": "No API key found in request"}'}, "d1": {"body": '{"message": "No API key found in request"}'}},
        {"second_credential_missing": "M", "credential_location_wrong": "W", "token_expired": "XM"},
    ),
    "R5": (
        {"p0": ABSENT, "d1": ABSENT, "d2": MALFORMED, "sent": credential(JWT, scheme="bearer")},
        {"auth_scheme_case_rejected": "M", "authorization_stripped": "XS"},
    ),
    "R5 other scheme": (
        {"p0": ABSENT, "d1": ABSENT, "d2": MALFORMED, "sent": credential(JWT, scheme="Token")},
        {"auth_scheme_wrong": "M", "authorization_stripped": "XS"},
    ),
    "R5 canonical": (
        {"p0": ABSENT, "d1": ABSENT, "d2": MALFORMED},
        {"header_too_large": "W", "connection_header_strips_authorization": "W", "authorization_stripped": "XS"},
    ),
    "R5 long": (
        {"p0": ABSENT, "d1": ABSENT, "d2": MALFORMED, "sent": credential(JWT, length=9000)},
        {"header_too_large": "M", "authorization_stripped": "XS"},
    ),
    "R6": (
        {"p0": ABSENT, "d1": ABSENT, "d2": ABSENT, "d3": ABSENT, "d4": ABSENT},
        {"authorization_stripped": "M", "credential_location_wrong": "W", "insufficient_scope": "XM"},
    ),
    "R6 bare challenge": ({"p0": BARE, "d1": BARE, "d2": BARE}, {"authorization_stripped": "M", "insufficient_scope": "XM"}),
    "R7": ({"p0": MUTE, "d1": MUTE, "d2": MUTE, "d3": MUTE, "d4": MUTE}, {"uniform_401": "W", "authorization_stripped": "W"}),
    "R8": ({"p0": OTHER, "d1": ABSENT, "d2": OTHER, "d3": OTHER}, {"token_rejected_unspecified": "W", "authorization_stripped": "XS"}),
    "R8 damaged": (
        {
            "p0": MALFORMED, "d1": ABSENT, "d2": MALFORMED,
            "sent": credential(jws({}, faults=(TokenFault("token_malformed", "no payload"),))),
        },
        {"token_malformed": "S", "authorization_stripped": "XS"},
    ),
    "R8 opaque": (
        {"p0": MALFORMED, "d1": ABSENT, "d2": MALFORMED, "sent": credential(opaque())},
        {"wrong_token_kind": "M", "opaque_token_no_audience": "M", "authorization_stripped": "XS"},
    ),
    "R8 opaque, other words": (
        {"p0": OTHER, "d1": ABSENT, "d2": OTHER, "sent": credential(opaque())},
        {"token_rejected_unspecified": "W", "authorization_stripped": "XS"},
    ),
    "R9": (
        {"p0": OTHER, "d1": ABSENT, "d2": MALFORMED, "d3": OTHER},
        {"token_rejected_unspecified": "W", "token_malformed": "XM", "authorization_stripped": "XS"},
    ),
    "R9 named": ({"p0": SIGNATURE, "d1": ABSENT, "d2": MALFORMED, "d3": SIGNATURE}, {"token_malformed": "XM", "authorization_stripped": "XS"}),
    "R10": (
        {"p0": OTHER, "d1": ABSENT, "d3": SIGNATURE},
        {"signature_invalid": "XS", "jwks_stale_at_server": "XS", "alg_mismatch": "XS", "authorization_stripped": "XS"},
    ),
    "R11": (
        {"p0": FORBIDDEN, "d1": ABSENT, "d2": MALFORMED},
        {"insufficient_scope": "M", "forbidden_by_policy": "M", "token_expired": "XM", "authorization_stripped": "XM"},
    ),
    "R12": (
        {"p0": FORBIDDEN, "d1": FORBIDDEN, "d2": MALFORMED, "sent": credential(JWT, scheme="bearer")},
        {"auth_scheme_case_rejected": "M", "authorization_stripped": "XS", "insufficient_scope": "XM"},
    ),
    "R15 unknown words": ({"p0": ODD_UNKNOWN, "d1": ABSENT, "d2": MALFORMED, "d4": ODD_UNKNOWN}, {"auth_scheme_wrong": "M"}),
    "R15": ({"p0": ODD, "d1": ABSENT, "d2": MALFORMED, "d4": ODD}, {"auth_scheme_wrong": "S"}),
    "R17": ({"p0": {"status": 200}, "d1": ABSENT, "d2": {"status": 200}}, {"endpoint_not_protected": "S", "token_expired": "XM"}),
    "R17 tampered": ({"p0": {"status": 200}, "d1": ABSENT, "d2": MALFORMED, "d3": {"status": 204}}, {"endpoint_not_protected": "S"}),
    "R18": ({"p0": {"status": 431}, "d2": MALFORMED}, {"header_too_large": "S", "token_expired": "XM"}),
    "R18 broken": ({"p0": {"fault": "protocol"}, "d2": MALFORMED, "sent": credential(JWT, length=20_000)}, {"header_too_large": "M"}),
    "R18 form": (
        {"p0": {"status": 400, "headers": (("WWW-Authenticate", 'Bearer error="invalid_request"'),)}, "d2": MALFORMED},
        {"duplicate_credentials": "M"},
    ),
    "R22": ({"p0": ABSENT, "direct": {"status": 200}}, {"proxy_strips_authorization": "P", "token_expired": "XP"}),
    "R22 edge": ({"p0": ABSENT, "origin": {"status": 200}}, {"edge_strips_authorization": "P", "signature_invalid": "XP"}),
}  # fmt: skip


@for_each("name", FIRING)
def test_a_row_fires_on_its_pattern(name: str) -> None:
    answers, expected = FIRING[name]
    found = grades(judged(name.partition(" ")[0], **answers))
    assert {cause: found.get(cause) for cause in expected} == expected, found
    allowed = {"XM", "XS", "XP"}
    unexpected = {c: g for c, g in found.items() if c not in expected and g not in allowed and g != "W"}
    assert unexpected == {}, "nothing else may be claimed"


NEAR_MISSES: list[tuple[str, dict[str, Any]]] = [
    ("R1", {"p0": ABSENT}),
    ("R2", {"p0": FORBIDDEN, "d1": FORBIDDEN}),
    ("R3", {"p0": BARE, "d1": BARE, "d2": BARE}),
    ("R3", {"p0": BASIC, "d1": BASIC, "d2": OTHER}),
    ("R3", {"p0": ABSENT, "d1": ABSENT, "d2": ABSENT}),
    ("R3", {"p0": BASIC, "d1": BASIC, "d2": BASIC, "sent": credential(scheme="")}),
    ("R4", {"p0": {"body": "No API key found in request"}, "d1": ABSENT}),
    ("R4", {"p0": ABSENT, "d1": ABSENT}),
    ("R5", {"p0": MALFORMED, "d1": ABSENT, "d2": MALFORMED}),
    ("R5", {"p0": ABSENT, "d1": ABSENT, "d2": ABSENT}),
    ("R5", {"p0": {"status": 200}, "d1": {"status": 200}, "d2": MALFORMED}),
    # a limit, an error, a firewall or silence is no answer to garbage
    *(("R5", {"p0": ABSENT, "d1": ABSENT, "d2": {"status": status}}) for status in (429, 500, 503)),
    ("R5", {"p0": ABSENT, "d1": ABSENT, "d2": BLOCK_PAGE}),
    ("R5", {"p0": ABSENT, "d1": ABSENT, "d2": {"fault": "timeout"}}),
    ("R6", {"p0": ABSENT, "d1": ABSENT, "d2": MALFORMED}),
    ("R6", {"p0": ABSENT, "d1": ABSENT, "d2": ABSENT, "d4": ODD}),
    ("R6", {"p0": MUTE, "d1": MUTE, "d2": MUTE}),
    ("R6", {"p0": BARE_VAGUE, "d1": BARE_VAGUE, "d2": BARE_VAGUE}),
    *(("R6", {"p0": {"status": s}, "d1": {"status": s}, "d2": {"status": s}}) for s in (404, 405, 429, 500)),
    *(("R7", {"p0": {"status": s}, "d1": {"status": s}, "d2": {"status": s}}) for s in (404, 405, 429, 500)),
    ("R7", {"p0": ABSENT, "d1": ABSENT, "d2": ABSENT}),
    ("R7", {"p0": MUTE, "d1": MUTE, "d2": OTHER}),
    ("R8", {"p0": OTHER, "d1": OTHER, "d2": OTHER}),
    ("R8", {"p0": OTHER, "d1": ABSENT, "d2": OTHER, "d3": SIGNATURE}),
    ("R8", {"p0": OTHER, "d1": ABSENT, "d2": MALFORMED}),
    ("R9", {"p0": OTHER, "d1": ABSENT, "d2": OTHER, "d3": OTHER}),
    ("R9", {"p0": OTHER, "d1": OTHER, "d2": MALFORMED, "d3": OTHER}),
    ("R9", {"p0": OTHER, "d1": ABSENT, "d2": MALFORMED, "d3": SIGNATURE}),
    ("R10", {"p0": OTHER, "d1": ABSENT, "d3": OTHER}),
    ("R10", {"p0": {"status": 200}, "d1": ABSENT, "d3": SIGNATURE}),
    ("R10", {"p0": OTHER, "d1": ABSENT, "d3": {"status": 200}}),
    ("R10", {"p0": OTHER, "d1": ABSENT, "d3": {"status": 429}}),
    ("R10", {"p0": OTHER, "d1": ABSENT, "d3": {"fault": "timeout"}}),
    ("R11", {"p0": FORBIDDEN, "d1": FORBIDDEN, "d2": MALFORMED}),
    ("R11", {"p0": FORBIDDEN, "d1": ABSENT, "d2": FORBIDDEN}),
    ("R11", {"p0": ABSENT, "d1": ABSENT, "d2": ABSENT}),
    ("R12", {"p0": FORBIDDEN, "d1": FORBIDDEN, "d2": FORBIDDEN}),
    ("R12", {"p0": FORBIDDEN, "d1": ABSENT, "d2": MALFORMED}),
    ("R15", {"p0": ODD, "d1": ODD, "d2": MALFORMED, "d4": ODD}),
    # one answer for whatever is present says nothing about the scheme
    ("R15", {"p0": OTHER, "d1": ABSENT, "d2": OTHER, "d4": OTHER}),
    ("R15", {"p0": OTHER, "d1": ABSENT, "d2": MALFORMED, "d4": ODD}),
    ("R17", {"p0": {"status": 200}, "d1": {"status": 200}, "d2": {"status": 200}}),
    ("R17", {"p0": ABSENT, "d1": ABSENT, "d2": {"status": 200, "body": '{"ok": false, "error": "invalid_auth"}'}}),
    ("R18", {"p0": {"status": 431}, "d2": {"status": 431}}),
    ("R18", {"p0": ABSENT, "d2": MALFORMED}),
    ("R18", {"p0": {"fault": "protocol"}, "d2": MALFORMED, "sent": credential(JWT, length=300)}),
    ("R18", {"p0": {"fault": "timeout"}, "d2": MALFORMED, "sent": credential(JWT, length=20_000)}),
    ("R22", {"p0": ABSENT, "direct": ABSENT}),
    ("R22", {"p0": ABSENT, "origin": {"fault": "timeout"}}),
    ("R22", {"p0": {"status": 200}, "direct": {"status": 200}}),
    ("R22", {"p0": {"status": 503}, "origin": {"status": 200}}),
    ("R22", {"p0": ABSENT, "origin": {"status": 200, "body": '{"ok": false, "error": "not_authed"}'}}),
    ("R22", {"p0": ABSENT}),
]


@for_each(("row", "answers"), NEAR_MISSES, ids=[f"{row}-{n}" for n, (row, _) in enumerate(NEAR_MISSES)])
def test_a_row_does_not_fire_on_a_near_miss(row: str, answers: dict[str, Any]) -> None:
    finding = judged(row, **answers)
    assert not fires(finding), (finding.summary, grades(finding))


# ── volatile bodies ──────────────────────────────────────────────────────────────────────────────────────────────────

LOWER = {"S": "M", "M": "W", "XS": "XM"}
CHANGING: Answer = {"body": '{"message": "another text each time"}'}
BY_BODY = [name for name in FIRING if name.partition(" ")[0] in ("R3", "R5", "R6", "R8", "R9", "R10", "R12", "R15")]


@pytest.mark.parametrize("name", ["R3", "R6 bare challenge"])
def test_where_bodies_are_volatile_the_grade_falls_by_one(name: str) -> None:
    answers, expected = FIRING[name]
    steady = grades(judged(name.partition(" ")[0], **answers))
    shaken = grades(judged(name.partition(" ")[0], **answers, again={**answers["d1"], **CHANGING}))
    cause = next(iter(expected))
    assert (steady[cause], shaken[cause]) == (expected[cause], LOWER[expected[cause]])


@for_each("again", [CHANGING, None], ids=["volatile", "not seen twice"])
@for_each("name", [n for n in BY_BODY if n.partition(" ")[0] in ("R5", "R8", "R9", "R10", "R15")])
def test_a_difference_in_bodies_alone_is_none_before_equal_requests_got_equal_ones(name: str, again: Answer | None) -> None:
    """The two-sample rule: an inequality that rests on bodies needs them to be steady."""
    answers, _ = FIRING[name]
    assert not fires(judged(name.partition(" ")[0], **answers, again=again))


def test_a_difference_in_the_challenge_needs_no_steady_body() -> None:
    named: Answer = {"headers": (("WWW-Authenticate", 'Bearer error="invalid_token"'),)}
    finding = judged("R5", p0=BARE, d1=BARE, d2=named, again=CHANGING)
    assert grades(finding)["authorization_stripped"] == "XM"


# ── hazards ──────────────────────────────────────────────────────────────────────────────────────────────────────────

uniform = st.sampled_from(
    [MUTE, BARE_VAGUE, {"body": ""}, {"body": "Unauthorized"}, {"body": '{"detail": "Could not validate credentials"}'}, OTHER]
)


@given(uniform, st.booleans(), st.booleans(), st.sampled_from(["Bearer", "bearer", "Token", "", "Basic"]))
def test_a_server_with_one_answer_never_makes_a_lost_header_more_than_weak(answer: Answer, tampered: bool, odd: bool, scheme: str) -> None:
    sent = credential(JWT, scheme=scheme)
    for row in ROWS:
        finding = judged(row.id, answer, answer, answer, answer if tampered else None, answer if odd else None, sent=sent)
        stripped = [a.grade for a in finding.arguments if a.cause == "authorization_stripped"]
        assert set(stripped) <= {Grade.W}, (row.id, answer)


def test_with_a_positive_sign_it_is_moderate() -> None:
    for answer in (ABSENT, BARE):
        assert grades(judged("R6", answer, answer, answer))["authorization_stripped"] == "M"


def test_a_bare_bearer_challenge_is_no_sign_for_a_basic_credential() -> None:
    assert not fires(judged("R6", BARE, BARE, BARE, sent=credential(scheme="Basic", kind="basic")))


def test_garbage_that_is_noticed_means_that_the_header_arrives() -> None:
    for row in ("R5", "R8", "R9", "R10"):
        name = next(n for n in FIRING if n.partition(" ")[0] == row)
        assert grades(judged(row, **FIRING[name][0]))["authorization_stripped"] == "XS"


def test_a_403_that_names_the_audience_is_not_about_scope() -> None:
    finding = judged("R11", {"status": 403, "body": "Audiences in Jwt are not allowed"}, ABSENT, MALFORMED)
    assert "insufficient_scope" not in grades(finding)


def test_a_firewall_that_blocks_only_the_request_with_the_credential_is_less_sure() -> None:
    assert grades(judged("R2", BLOCK_PAGE, ABSENT))["waf_blocked"] == "M"


def test_an_accepted_invalid_token_is_placed_in_step_8() -> None:
    assert judged("R17", {"status": 200}, ABSENT, {"status": 200}).facts == {"step:endpoint_not_protected": 8}


def test_nothing_is_said_of_invalid_tokens_that_got_no_answer() -> None:
    assert judged("R17", {"status": 200}, ABSENT, {"fault": "timeout"}).status is Status.BLOCKED


@for_each("row", [row for row in ROWS if any(need.kind is Baseline for need in row.needs)], ids=lambda row: row.id)
def test_without_a_baseline_a_row_is_blocked_with_the_reason(row: Check) -> None:
    """One sentence says it for all of them."""
    given_: dict[type, object] = {need.kind: NotTried("no") for need in row.needs}
    given_ |= {CredentialSeen: credential(JWT), Profile: profile(), Baseline: Unavailable("The request was not sent.")}
    finding = run_check(row, given_)
    assert finding is not None
    assert finding.status in (Status.BLOCKED, Status.SKIP)
    if finding.status is Status.BLOCKED:
        assert finding.summary == "The request was not sent."


ANSWERS = [
    ABSENT, BARE, MUTE, MALFORMED, OTHER, FORBIDDEN, BASIC, BLOCK_PAGE, {"status": 200}, {"status": 404}, {"status": 500}, {"fault": "timeout"},
]  # fmt: skip


@given(st.lists(st.sampled_from(ANSWERS), min_size=6, max_size=6), st.sampled_from(["Bearer", "bearer", "", "Basic"]))
def test_no_combination_crashes_or_both_supports_and_excludes_a_cause(answers: list[Answer], scheme: str) -> None:
    p0, d1, again, d2, d3, d4 = answers
    for row in ROWS:
        finding = judged(row.id, p0, d1, d2, d3, d4, again=again, sent=credential(JWT, scheme=scheme))
        by_cause = itertools.groupby(sorted(finding.arguments, key=lambda a: a.cause), key=lambda a: a.cause)
        assert all(len({a.grade.against for a in items}) == 1 for _, items in by_cause), row.id


def test_the_rows_stand_in_order() -> None:
    numbers = [int(row.id[1:]) for row in ROWS]
    assert numbers == sorted(set(numbers))


def test_a_login_that_is_answered_otherwise_than_none_was_read_and_refused() -> None:
    login, key = credential(scheme="Basic", kind="basic"), credential(scheme="", kind="api_key")
    assert grades(judged("R7", MUTE, ABSENT, ABSENT, sent=login)) == {"user_credentials_invalid": "M"}
    assert grades(judged("R7", MUTE, ABSENT, MUTE, sent=key)) == {"api_key_invalid": "M"}
    assert not grades(judged("R7", ABSENT, ABSENT, MUTE, sent=login)), "it may not have been seen"
    assert not grades(judged("R7", MUTE, ABSENT, ABSENT)), "a token has more that can be wrong"


def test_a_key_in_the_address_is_not_lost_like_a_header() -> None:
    key = credential(scheme="", kind="api_key", place="query", name="api_key")
    assert "authorization_stripped" not in grades(judged("R7", MUTE, MUTE, MUTE, sent=key))
