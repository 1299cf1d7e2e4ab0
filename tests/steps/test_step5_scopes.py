"""S5-01 to S5-06: what is granted, what is needed, what the server says."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from authwizard.model.evidence import Anonymous, Garbage, Introspection, MintedForRun
from authwizard.model.finding import Group, Status, Table
from authwizard.model.oauth import Introspected
from authwizard.model.profile import Endpoint, OAuth, Profile
from authwizard.steps.scope_requests import misspelling
from authwizard.steps.step5_scopes import (
    AUTHENTICATION,
    CHECKS,
    STEP,
    grants_found,
    requested_and_granted,
    requirement_met,
    server_requirement,
    status_semantics,
)

from .made_evidence import about, baseline, credential, exchange, granted, judge, opaque, profile, refusal, refused, said, token

TABLE = (Endpoint("GET /v2/devices", ("read", "devices:read")), Endpoint("POST /v2/devices", ("write",)))
SCOPE_401 = {"WWW-Authenticate": 'Bearer error="insufficient_scope", error_description="Token lacks required scope", scope="write"'}


def with_table(request: str = "GET /v2/devices", scopes: tuple[str, ...] = ("read",), **changes: Any) -> Profile:
    return profile(request=request, endpoints=TABLE, oauth=OAuth(client_id="client-1", scopes=scopes), **changes)


def scope_of(answer: Any, scope: str | None) -> Any:
    return dataclasses.replace(answer, answer=dataclasses.replace(answer.answer, scope=scope))


# ── S5-01, S5-02 ─────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_is_granted_is_listed_by_its_source() -> None:
    told = Introspection(exchange(200), Introspected(True, {"scope": "read extra"}))
    finding = judge(grants_found, credential(token({"roles": ["Reader"]})), told)
    assert finding.status is Status.PASS
    assert {(d.label, d.value) for d in finding.details} == {
        ("claim scope", "read"),
        ("claim roles", "Reader"),
        ("introspection", "read extra"),
    }  # type: ignore[union-attr]
    assert judge(grants_found, credential(token({"scope": None}))).status is Status.WARN
    assert judge(grants_found, credential(opaque())).status is Status.SKIP


def test_i01_a_post_with_a_read_token() -> None:
    finding = judge(requirement_met, baseline(403), given={Profile: with_table("POST /v2/devices")})
    assert (finding.status, said(finding)) == (Status.FAIL, {("insufficient_scope", "M")})
    assert about(finding, "insufficient_scope").group is Group.LOCAL_CLAIMS
    assert finding.facts["scope"] == "write"
    table = next(d for d in finding.details if isinstance(d, Table))
    assert table.columns == ("endpoint", "required", "granted", "missing")
    assert table.rows == (("GET /v2/devices", "read or devices:read", "read", "-"), ("> POST /v2/devices", "write", "-", "write"))


def test_a_met_requirement_speaks_against_it_unless_the_server_names_scope() -> None:
    met = judge(requirement_met, baseline(401), given={Profile: with_table()})
    assert (met.status, said(met)) == (Status.PASS, {("insufficient_scope", "XM")})
    named = judge(requirement_met, baseline(401, headers=SCOPE_401), given={Profile: with_table()})
    assert said(named) == set()


def test_a_wider_scope_is_only_a_hint() -> None:
    finding = judge(requirement_met, credential(token({"scope": "admin"})), given={Profile: with_table()})
    assert (finding.status, said(finding)) == (Status.WARN, {("insufficient_scope", "W")})


def test_no_row_no_table_no_token() -> None:
    assert judge(requirement_met, given={Profile: with_table("GET /v2/other")}).status is Status.WARN
    assert judge(requirement_met).status is Status.SKIP
    assert judge(requirement_met, credential(kind="basic", token=None), given={Profile: with_table()}).status is Status.SKIP
    assert judge(requirement_met, credential(opaque()), given={Profile: with_table()}).status is Status.BLOCKED


def test_of_an_opaque_token_the_new_one_stands_in() -> None:
    new = scope_of(granted(opaque()), "read")
    unmet = judge(requirement_met, credential(opaque()), new, given={Profile: with_table("POST /v2/devices")})
    assert said(unmet) == {("insufficient_scope", "M")}
    assert "token fetched just now" in unmet.summary
    met = judge(requirement_met, credential(opaque()), new, given={Profile: with_table()})
    assert (met.status, said(met)) == (Status.PASS, set())


def test_an_absent_scope_in_the_answer_means_as_requested() -> None:
    minted = scope_of(granted(opaque(), kind=MintedForRun), None)
    finding = judge(requirement_met, credential(opaque(), fetched=True), minted, given={Profile: with_table(scopes=("read",))})
    assert finding.status is Status.PASS


# ── S5-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("status", [401, 403])
def test_i02_the_server_names_the_missing_scope(status: int) -> None:
    finding = judge(server_requirement, baseline(status, headers=SCOPE_401))
    assert (finding.status, said(finding)) == (Status.FAIL, {("insufficient_scope", "S")})
    assert about(finding, "insufficient_scope").group is Group.SERVER_MESSAGE
    assert finding.facts["scope"] == "write"


def test_a_scope_the_token_has_is_named_as_a_contradiction() -> None:
    finding = judge(server_requirement, baseline(403, headers=SCOPE_401), credential(token({"scope": "write"})))
    assert "although the token holds it" in finding.summary


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"WWW-Authenticate": 'Bearer realm="x", scope="write"'}, {("insufficient_scope", "W")}),
        ({"WWW-Authenticate": 'Bearer realm="x", scope="read"'}, set()),
        ({"WWW-Authenticate": 'Bearer scope="" error="invalid_token" error_description="the token has expired"'}, set()),
        ({"WWW-Authenticate": "Bearer"}, set()),
    ],
)
def test_a_scope_in_a_bare_challenge_is_informative(headers: dict[str, str], expected: set[tuple[str, str]]) -> None:
    assert said(judge(server_requirement, baseline(401, headers=headers))) == expected


def test_scope_headers_name_any_of() -> None:
    headers = {"X-OAuth-Scopes": "repo, user", "X-Accepted-OAuth-Scopes": "admin:org, read:org"}
    assert said(judge(server_requirement, baseline(403, headers=headers))) == {("insufficient_scope", "S")}
    assert said(judge(server_requirement, baseline(401, headers=headers))) == set()
    fits = {"X-OAuth-Scopes": "repo, user", "X-Accepted-OAuth-Scopes": "repo"}
    assert said(judge(server_requirement, baseline(404, headers=fits))) == set()


def test_words_without_a_code() -> None:
    assert said(judge(server_requirement, refusal("ACCESS_TOKEN_SCOPE_INSUFFICIENT", 403))) == {("insufficient_scope", "S")}
    assert said(judge(server_requirement, refusal("jwt expired"))) == set()
    assert judge(server_requirement, baseline(200)).status is Status.SKIP


# ── S5-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_what_was_asked_for_was_granted() -> None:
    finding = judge(requested_and_granted, granted(), given={Profile: with_table()})
    assert (finding.status, said(finding)) == (Status.PASS, set())


def test_a_needed_scope_was_not_granted() -> None:
    own = with_table("POST /v2/devices", ("read", "write"))
    finding = judge(requested_and_granted, granted(), given={Profile: own})
    assert (finding.status, said(finding)) == (Status.FAIL, {("scope_not_granted", "S")})
    by_words = judge(
        requested_and_granted, granted(), baseline(403, headers=SCOPE_401), given={Profile: profile(oauth=OAuth(scopes=("read", "write")))}
    )
    assert said(by_words) == {("scope_not_granted", "S")}


def test_any_of_the_alternatives_counts_as_needed() -> None:
    own = with_table(scopes=("devices:read",))
    assert said(judge(requested_and_granted, scope_of(granted(), "other"), given={Profile: own})) == {("scope_not_granted", "S")}
    assert said(judge(requested_and_granted, scope_of(granted(), "read"), given={Profile: own})) == set()


def test_a_scope_this_request_does_not_need_is_only_told() -> None:
    own = with_table(scopes=("read", "logs:read"))
    finding = judge(requested_and_granted, granted(), given={Profile: own})
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "logs:read" in finding.summary


@pytest.mark.parametrize("name", ["openid", "offline_access", "api://x/.default"])
def test_scopes_that_never_show_in_the_token(name: str) -> None:
    own = with_table(scopes=("read", name))
    assert judge(requested_and_granted, granted(), given={Profile: own}).status is Status.PASS


def test_the_stored_token_is_a_weaker_witness() -> None:
    own = with_table("POST /v2/devices", ("read", "write"))
    assert said(judge(requested_and_granted, given={Profile: own})) == {("scope_not_granted", "M")}
    assert judge(requested_and_granted, credential(opaque()), given={Profile: own}).status is Status.BLOCKED


@pytest.mark.parametrize("scope", ["read,write", "read+write", "read;write", '["read","write"]'])
def test_i04_a_wrong_separator(scope: str) -> None:
    own = with_table(scopes=(scope,))
    finding = judge(requested_and_granted, refused("invalid_scope"), credential(token=None, field_value=None), given={Profile: own})
    assert (finding.status, said(finding)) == (Status.FAIL, {("scope_separator_wrong", "S")})
    behind_a_living_token = judge(requested_and_granted, refused("invalid_scope"), given={Profile: own})
    assert said(behind_a_living_token) == {("scope_separator_wrong", "M")}
    assert finding.facts["scope"] == "read write"


def test_a_separator_the_server_understood_is_weak() -> None:
    own = with_table(scopes=("read,write",))
    assert said(judge(requested_and_granted, scope_of(granted(), "read write"), given={Profile: own})) == {("scope_separator_wrong", "W")}
    assert said(judge(requested_and_granted, scope_of(granted(), ""), given={Profile: own})) == {("scope_separator_wrong", "M")}
    assert said(judge(requested_and_granted, scope_of(granted(), "read,write"), given={Profile: own})) == {("scope_separator_wrong", "W")}


@pytest.mark.parametrize("name", ["read", "https://api.example.com/devices.read", "urn:x:y", "a|", "a.b-c_d~e"])
def test_ordinary_scopes_are_no_misspelling(name: str) -> None:
    assert misspelling(name) is None


def test_capital_letters() -> None:
    own = with_table(scopes=("Read",))
    needed = profile(endpoints=(Endpoint("GET /v2/devices", ("Read",)),), oauth=OAuth(scopes=("Read",)))
    assert said(judge(requested_and_granted, granted(), given={Profile: own})) == {("scope_case_mismatch", "W")}
    assert said(judge(requested_and_granted, granted(), given={Profile: needed})) == {("scope_case_mismatch", "M")}


def test_a_request_refused_for_another_reason() -> None:
    assert judge(requested_and_granted, refused("invalid_client"), given={Profile: with_table()}).status is Status.SKIP
    assert judge(requested_and_granted, given={Profile: profile(oauth=None)}).status is Status.SKIP
    assert judge(requested_and_granted, scope_of(granted(opaque()), None), given={Profile: with_table()}).status is Status.PASS


# ── S5-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_403_to_a_known_caller() -> None:
    finding = judge(status_semantics, baseline(403, "no"), Anonymous(exchange(401)), Garbage(exchange(401)))
    expected = {("insufficient_scope", "M"), ("forbidden_by_policy", "M"), *((cause, "XM") for cause in AUTHENTICATION)}
    assert (finding.status, said(finding)) == (Status.FAIL, expected)
    assert "audience_mismatch" not in AUTHENTICATION


def test_403_to_everybody_is_no_permission_problem() -> None:
    finding = judge(status_semantics, baseline(403, "no"), Anonymous(exchange(403, "no")), Garbage(exchange(401)))
    assert (finding.status, said(finding)) == (Status.WARN, {("insufficient_scope", "XM")})


def test_without_a_garbage_probe_nothing_is_excluded() -> None:
    finding = judge(status_semantics, baseline(403), Anonymous(exchange(401)))
    assert said(finding) == {("insufficient_scope", "W"), ("forbidden_by_policy", "W")}
    assert said(judge(status_semantics, baseline(403))) == set()


def test_the_403_that_garbage_gets_too_does_not_speak_of_permission() -> None:
    """A Lambda authorizer's explicit deny is one 403 for every token: an expired one must not be called forbidden by policy."""
    deny = '{"Message":"User is not authorized to access this resource with an explicit deny"}'
    finding = judge(status_semantics, baseline(403, deny), Anonymous(exchange(403, '{"message":"no"}')), Garbage(exchange(403, deny)))
    assert said(finding) == {("insufficient_scope", "XM"), ("forbidden_by_policy", "XM")}


def test_401_speaks_of_identity_or_says_scope() -> None:
    assert judge(status_semantics, refusal("jwt expired")).status is Status.PASS
    assert judge(status_semantics, baseline(401, headers=SCOPE_401)).status is Status.WARN
    assert judge(status_semantics, baseline(200)).status is Status.SKIP


def test_the_step() -> None:
    assert (STEP.number, STEP.id, [c.id for c in CHECKS]) == (5, "scopes", [f"S5-0{n}" for n in range(1, 10)])
