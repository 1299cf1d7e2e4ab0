"""I-03: what kind of answer it is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen, RedirectChain, Reported
from authwizard.model.finding import Status
from authwizard.model.options import Cost, RunOptions
from authwizard.steps.intake_triage import status_triage
from authwizard.verdict import conclude

from .evidence_of_first_steps import BEARER, anonymous, baseline, credential, exchange, grades, judge, jws, profile

LOGIN = '<html><title>Sign in</title><form><input type="password" name="p"></form></html>'
HTML = (("Content-Type", "text/html"),)


@for_each(
    ("status", "more", "triage", "judged", "causes"),
    [
        (200, {}, "success", "pass", {}),
        (204, {}, "success", "pass", {}),
        (401, {}, "401", "pass", {}),
        (403, {}, "403", "warn", {}),
        (404, {}, "404", "warn", {}),
        (405, {}, "405", "warn", {}),
        (407, {}, "407", "fail", {"proxy_auth_required": "S"}),
        (421, {}, "421", "warn", {}),
        (429, {"headers": (("Retry-After", "30"),)}, "429", "fail", {"rate_limited": "S"}),
        (431, {}, "431", "fail", {"header_too_large": "S"}),
        (500, {}, "5xx", "fail", {"server_error": "S"}),
        (503, {}, "5xx", "fail", {"server_error": "S"}),
        (418, {}, "other", "warn", {}),
        (308, {"headers": (("Location", "/v2/me/"),)}, "3xx", "warn", {}),
        (302, {"headers": (("Location", "https://sso.acme.io/login?next=x"),)}, "3xx", "fail", {"login_redirect": "M"}),
        (302, {"headers": (("Location", "/login/"),), "url": "https://api.acme.io/login"}, "3xx", "warn", {}),
        (400, {}, "other", "warn", {}),
        (400, {"body": '{"error":"quantity must be positive"}'}, "other", "warn", {}),
        (400, {"body": '{"error":"invalid token"}'}, "400_auth", "warn", {}),
        (400, {"headers": BEARER}, "400_auth", "warn", {}),
        (422, {"body": '{"detail":"Authorization header missing"}'}, "400_auth", "warn", {}),
        (400, {"body": "400 Request Header Or Cookie Too Large"}, "400_auth", "fail", {"header_too_large": "S"}),
        (400, {"body": "Bad Request - Request Too Long"}, "400_auth", "fail", {"header_too_large": "S"}),
        (494, {}, "400_auth", "fail", {"header_too_large": "S"}),
        (200, {"body": '{"ok":false,"error":"invalid_auth"}'}, "soft_401", "fail", {}),
        (200, {"body": '{"ok":false}'}, "soft_401", "fail", {}),
        (200, {"body": '{"ok":false,"error":"channel_not_found"}'}, "success", "pass", {}),
        (200, {"body": '{"ok":true}'}, "success", "pass", {}),
        (200, {"body": '{"errors":[{"extensions":{"code":"UNAUTHENTICATED"}}]}'}, "soft_401", "fail", {}),
        (200, {"body": '{"errors":[{"extensions":{"code":"BAD_USER_INPUT"}}]}'}, "success", "pass", {}),
        (200, {"body": '{"errors":["x", {"extensions": 3}]}'}, "success", "pass", {}),
        (200, {"body": '{"success":false,"code":401,"error":"invalid token"}'}, "soft_401", "fail", {}),
        (200, {"body": '{"code":401,"msg":"expired","data":null}'}, "soft_401", "fail", {}),
        (200, {"body": '{"status":"error","message":"Invalid API key"}'}, "soft_401", "fail", {}),
        (200, {"body": '{"success":false,"error":{"message":"Unauthorized"}}'}, "soft_401", "fail", {}),
        (200, {"body": '{"data":null,"errors":[{"message":"Not authenticated"}]}'}, "soft_401", "fail", {}),
        (200, {"body": '{"errors":[{"status":"401","title":"Unauthorized"}]}'}, "soft_401", "fail", {}),
        (200, {"body": '{"success":false,"error":"quantity must be positive"}'}, "success", "pass", {}),
        (200, {"body": '{"status":"failed","message":"the login job failed","data":[1]}'}, "success", "pass", {}),
        (200, {"body": '{"code":401,"name":"a room"}'}, "success", "pass", {}),
        (200, {"body": '{"data":{"a":1},"errors":[{"message":"token of b cannot be read"}]}'}, "success", "pass", {}),
        (200, {"headers": (("X-Seraph-LoginReason", "OUT"),)}, "soft_401", "fail", {}),
        (200, {"headers": (("X-Seraph-LoginReason", "OK"),)}, "success", "pass", {}),
        (200, {"body": LOGIN, "headers": HTML}, "soft_401", "fail", {"login_redirect": "M"}),
        (200, {"body": "<html><title>Orders</title></html>", "headers": HTML}, "success", "pass", {}),
    ],
)  # fmt: skip
def test_classes(status: int, more: dict[str, Any], triage: str, judged: str, causes: dict[str, str]) -> None:
    finding = judge(status_triage, baseline(status, **more))
    assert (finding.facts["triage"], finding.status, grades(finding)) == (triage, Status(judged), causes)
    assert finding.facts["status"] == status


def test_deep_nesting_is_no_soft_failure() -> None:
    assert judge(status_triage, baseline(200, body="[" * 50_000)).facts["triage"] == "success"


@pytest.mark.parametrize(
    ("seen", "triage", "facts", "causes"),
    [
        (baseline(fault="dns"), "no_answer", {"fault_layer": "dns"}, {}),
        (baseline(fault="tls"), "no_answer", {"fault_layer": "tls"}, {}),
        (baseline(fault="too_large", why="The header fields are too large."), "5xx", {"fault_layer": "too_large"}, {"server_error": "S"}),
        (baseline(fault="refused_locally"), "not_sent", {"fault_layer": "refused_locally"}, {}),
        (
            baseline(fault="proxy", why="The proxy p answered 407 to CONNECT."),
            "407",
            {"fault_layer": "proxy"},
            {"proxy_auth_required": "S"},
        ),
        (baseline(fault="proxy", why="The proxy p:4071 cannot be reached."), "no_answer", {"fault_layer": "proxy"}, {}),
    ],
)
def test_no_answer(seen: Baseline, triage: str, facts: dict[str, str], causes: dict[str, str]) -> None:
    finding = judge(status_triage, seen)
    assert finding.facts["triage"] == triage
    assert finding.facts.items() >= facts.items()
    assert grades(finding) == causes


PASSIVE = RunOptions(costs=frozenset({Cost.C0}))


@pytest.mark.parametrize(
    ("evidence", "status", "words"),
    [
        ((PASSIVE,), "skip", "--passive"),
        ((credential(jws(), unsendable="character 5 is a line feed."),), "blocked", "character 5"),
        ((credential(None, field_value=None, missing="No token is stored."),), "blocked", "No token is stored."),
        ((profile(request="POST /v2/me"),), "skip", "--allow write"),
        ((profile(base_url="http://api.acme.io"),), "skip", "--allow http"),
        ((profile(request="POST /v2/me", probe="GET /v2/me"),), "skip", "was not sent"),
        ((), "skip", "was not sent"),
    ],
)
def test_not_sent_says_why_and_what_would_allow_it(evidence: tuple[Any, ...], status: str, words: str) -> None:
    finding = judge(status_triage, *evidence)
    assert (finding.facts["triage"], finding.status) == ("not_sent", Status(status))
    assert words in finding.summary
    if "--" in words:
        assert words in str(finding.facts["unblock"])


@pytest.mark.parametrize(
    ("first", "triage", "words"),
    [
        (anonymous(429, headers=(("Retry-After", "30"),)), "429", "asks to wait 30 s"),
        (anonymous(503, headers=(("Retry-After", "120"),)), "5xx", "503 Service Unavailable"),
        (anonymous(401, headers=(("Retry-After", "120"),)), "not_sent", "401 Unauthorized and asks to wait (120 s)"),
        (anonymous(401), "not_sent", "was not sent"),
    ],
)
def test_what_the_first_answer_held_back_is_not_said_to_be_unsent(first: Anonymous, triage: str, words: str) -> None:
    finding = judge(status_triage, first)
    assert finding.facts["triage"] == triage
    assert words in finding.summary
    assert bool(finding.facts.get("waiting")) is ("(120 s)" in words)


@pytest.mark.parametrize(
    "evidence", [(credential(None, field_value=None, missing="No token is stored."),), (profile(request="POST /v2/me"),), (PASSIVE,)]
)
def test_a_failing_api_is_no_reason_where_nothing_could_be_sent_anyway(evidence: tuple[Any, ...]) -> None:
    finding = judge(status_triage, anonymous(503), *evidence)
    assert finding.facts["triage"] == "not_sent"


def test_a_pasted_answer_counts_where_nothing_was_sent() -> None:
    finding = judge(status_triage, Reported(answer=exchange(401)))
    assert finding.facts["triage"] == "401"
    assert finding.facts["pasted"] is True
    assert finding.facts["reported_401"] is True


def test_the_answer_seen_here_outweighs_the_pasted_one() -> None:
    finding = judge(status_triage, Reported(answer=exchange(401)), baseline(200))
    assert (finding.facts["triage"], finding.facts["reported_401"], finding.status) == ("success", True, Status.WARN)
    assert "pasted" not in finding.facts


@pytest.mark.parametrize(
    ("options", "reported_401", "sometimes", "passive"),
    [
        (RunOptions(), False, False, False),
        (RunOptions(reported_401=True), True, False, False),
        (RunOptions(sometimes=True), True, True, False),
        (PASSIVE, False, False, True),
    ],
)
def test_what_the_user_said_is_a_fact(options: RunOptions, reported_401: bool, sometimes: bool, passive: bool) -> None:
    facts = judge(status_triage, options).facts
    assert (facts["reported_401"], facts["sometimes"], facts["passive"]) == (reported_401, sometimes, passive)


def chain(*hops: Any, crosses: bool = False, final: str = "https://api.acme.io/v2/me/") -> RedirectChain:
    return RedirectChain(tuple(hops), crosses, final, crosses)


@pytest.mark.parametrize(
    ("hops", "triage"),
    [
        (chain(exchange(200, body="<html></html>", headers=HTML), final="https://api.acme.io/login"), "3xx"),
        (chain(exchange(200, body='{"id": 7}'), final="https://api.acme.io/auth/me"), "success"),
        (chain(exchange(200)), "success"),
        (chain(exchange(302), exchange(401)), "401"),
        (chain(exchange(302)), "3xx"),
        (chain(exchange(fault="connect")), "3xx"),
        (chain(exchange(200), crosses=True, final="https://www.acme.io/"), "3xx"),
        (chain(exchange(200, body=LOGIN, headers=HTML)), "3xx"),
        (chain(), "3xx"),
    ],
)
def test_behind_a_redirect_within_the_origin_the_last_answer_counts(hops: RedirectChain, triage: str) -> None:
    seen = baseline(308, headers=(("Location", "/v2/me/"),))
    assert judge(status_triage, seen, hops).facts["triage"] == triage


def test_the_stand_in_is_told() -> None:
    finding = judge(status_triage, Baseline(exchange(401), "a GET instead of the POST"))
    assert finding.facts["standin"] == "a GET instead of the POST"
    assert "a GET instead of the POST" in json.dumps([repr(d) for d in finding.details])


def test_it_always_yields_a_finding() -> None:
    assert judge(status_triage, CredentialSeen("bearer", "header", "Authorization", "Bearer", None)).facts["triage"] == "not_sent"


def test_a_request_without_an_answer_was_sent_all_the_same() -> None:
    finding = judge(
        status_triage, baseline(fault="protocol", why="a.example:443 closed the connection without an answer."), Anonymous(exchange(401))
    )
    verdict = conclude([finding])
    assert (verdict.kind, verdict.cause) == ("could_not_look", None)
    assert verdict.summary == "The request got no answer. a.example:443 closed the connection without an answer."
    assert "Run it again" in verdict.next_test
    assert "--passive" not in verdict.next_test
