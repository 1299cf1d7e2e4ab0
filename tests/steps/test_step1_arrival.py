"""S1-17, S1-21, S1-24: one credential, its effect, browsers."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import AnonymousAgain, Garbage, LeanerCall, OddScheme, Preflight, Reported
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Status
from authwizard.steps.step1_arrival import cors_preflight, duplicates, header_reaches

from .evidence_of_first_steps import BEARER, anonymous, baseline, credential, exchange, grades, judge, jws, profile, spec

SENT = credential(jws())
NOTHING = credential(None, field_value=None)


@pytest.mark.parametrize(
    ("settings", "status", "causes"),
    [
        ({}, "pass", {}),
        ({"headers": {"X-Tenant": "acme"}}, "pass", {}),
        ({"request": "GET /v2/me?access_token={secret:access_token}"}, "fail", {"duplicate_credentials": "S"}),
        ({"request": "GET /v2/me?Access_Token=x"}, "fail", {"duplicate_credentials": "S"}),
        ({"request": "GET /v2/me?key={secret:api_key}"}, "pass", {}),
        ({"headers": {"authorization": "{secret:authorization}"}}, "fail", {"duplicate_credentials": "S"}),
        ({"headers": {"Cookie": "sessionid={secret:session_cookie}; lang=en"}}, "warn", {"cookie_overrides_token": "W"}),
        ({"headers": {"Cookie": "lang=en; theme=dark"}}, "pass", {}),
        ({"headers": {"Cookie": "sid=1"}, "credential": spec(kind="cookie")}, "pass", {}),
    ],
)
def test_duplicates(settings: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(duplicates, profile(**settings), SENT)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_second_line_on_the_wire_counts() -> None:
    twice = (("Authorization", "Bearer <token>"), ("authorization", "Bearer <token>"))
    assert grades(judge(duplicates, SENT, baseline(400, sent=twice))) == {"duplicate_credentials": "S"}
    assert judge(duplicates, SENT, baseline(400, sent=twice[:1])).status is Status.PASS


def test_what_the_users_program_sent_counts() -> None:
    both = Reported(header_names=("Authorization", "AUTHORIZATION"))
    assert grades(judge(duplicates, SENT, both)) == {"duplicate_credentials": "S"}
    cookie = Reported(header_names=("Authorization", "Cookie"))
    assert grades(judge(duplicates, SENT, cookie)) == {"cookie_overrides_token": "W"}


def test_a_cookie_that_goes_along_with_a_success_is_not_minded() -> None:
    with_cookie = profile(headers={"Cookie": "sid=1"})
    assert grades(judge(duplicates, with_cookie, SENT, baseline(200))) == {}
    assert grades(judge(duplicates, with_cookie, SENT, baseline(401))) == {"cookie_overrides_token": "W"}


def test_without_a_credential_there_is_no_second() -> None:
    assert judge(duplicates, NOTHING, profile(request="GET /v2/me?access_token=x")).status is Status.PASS


def test_leaving_the_cookie_out_proves_it() -> None:
    call = LeanerCall(exchange(200), "cookie_overrides_token", "cookies")
    with_cookie = profile(headers={"Cookie": "sid=1"})
    finding = judge(duplicates, SENT, with_cookie, baseline(401), call)
    assert (finding.status, grades(finding)) == (Status.FAIL, {"cookie_overrides_token": "P"})
    same = LeanerCall(exchange(401), "cookie_overrides_token", "cookies")
    assert judge(duplicates, SENT, with_cookie, baseline(401), same).status is Status.WARN
    other = LeanerCall(exchange(200), "connection_header_strips_authorization", "Connection field")
    assert judge(duplicates, SENT, with_cookie, baseline(401), other).status is Status.WARN


def test_leaving_the_second_token_out_proves_it_and_a_server_may_take_both() -> None:
    twice = profile(request="GET /v2/me?access_token={secret:access_token}")
    call = LeanerCall(exchange(200), "duplicate_credentials", "second token, in the address")
    assert grades(judge(duplicates, SENT, twice, baseline(400), call)) == {"duplicate_credentials": "P"}
    taken = judge(duplicates, SENT, twice, baseline(200))
    assert (taken.status, grades(taken)) == (Status.WARN, {})


ERROR = (("WWW-Authenticate", 'Bearer error="invalid_token"'),)


def garbage(status: int = 401, **more: Any) -> Garbage:
    return Garbage(exchange(status, id="D2", **more))


def odd(status: int = 401, **more: Any) -> OddScheme:
    return OddScheme(exchange(status, id="D4", **more))


@pytest.mark.parametrize(
    ("evidence", "status", "causes"),
    [
        ((baseline(401, headers=ERROR), anonymous(401, headers=BEARER)), "pass", {"authorization_stripped": "XS"}),
        ((baseline(401, headers=BEARER), anonymous(401, headers=BEARER)), "warn", {}),
        (
            (baseline(401, headers=BEARER), anonymous(401, headers=BEARER), garbage(401, headers=ERROR)),
            "pass",
            {"authorization_stripped": "XS"},
        ),
        ((baseline(401, headers=BEARER), anonymous(401, headers=BEARER), odd(400)), "pass", {}),
        (
            (baseline(401, headers=BEARER), anonymous(401, headers=BEARER), garbage(401, headers=BEARER), odd(401, headers=BEARER)),
            "warn",
            {},
        ),
        ((baseline(200), anonymous(401)), "pass", {"authorization_stripped": "XS"}),
        ((baseline(200), anonymous(200)), "warn", {}),
        ((baseline(fault="connect"), anonymous(401)), "skip", {}),
    ],
)
def test_effect_of_the_header(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(header_reaches, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_bodies_that_change_by_themselves_are_no_evidence() -> None:
    evidence = (baseline(401, body="one fish"), anonymous(401, body="two fish"))
    assert grades(judge(header_reaches, *evidence)) == {}, "bodies may differ by themselves until two equal requests were seen to agree"
    assert judge(header_reaches, *evidence).facts["like_none"] is True
    steady = AnonymousAgain(exchange(401, body="two fish"))
    assert grades(judge(header_reaches, *evidence, steady)) == {"authorization_stripped": "XS"}
    again = AnonymousAgain(exchange(401, body="red fish"))
    assert grades(judge(header_reaches, *evidence, again)) == {}
    assert grades(judge(header_reaches, baseline(403, body="one fish"), evidence[1], again)) == {"authorization_stripped": "XM"}


# ── S1-24 ────────────────────────────────────────────────────────────────────────────────────────────────────────────

ORIGIN = "https://app.acme.io"
PAGE = {"browser_origin": ORIGIN}


def allow(**more: str) -> tuple[tuple[str, str], ...]:
    given = {"Origin": ORIGIN, "Headers": "Authorization, X-Tenant", **more}
    return tuple((f"Access-Control-Allow-{n.replace('_', '-')}", v) for n, v in given.items() if v)


def asked(
    status: int = 204, headers: tuple[tuple[str, str], ...] | None = None, simple: Exchange | None = None, wants: str = "authorization"
) -> Preflight:
    return Preflight(
        exchange(
            status, method="OPTIONS", headers=allow() if headers is None else headers, sent=(("Access-Control-Request-Headers", wants),)
        ),
        simple,
    )


@for_each(
    ("seen", "settings", "status", "causes"),
    [
        (asked(), {}, "pass", {}),
        (asked(200, allow(Origin="*")), {}, "pass", {}),
        (asked(401), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(301), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Origin="")), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Origin="https://other.acme.io")), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Headers="*")), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Headers="")), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Headers="AUTHORIZATION")), {}, "pass", {}),
        (asked(204, (*allow(), ("Access-Control-Allow-Origin", ORIGIN))), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Origin=f"{ORIGIN}, {ORIGIN}")), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(), {"request": "POST /v2/me"}, "pass", {}),
        (asked(), {"request": "PUT /v2/me"}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Methods="PUT, DELETE")), {"request": "PUT /v2/me"}, "pass", {}),
        (asked(204, allow(Methods="*")), {"request": "PUT /v2/me"}, "pass", {}),
        (asked(wants="authorization,x-tenant"), {}, "pass", {}),
        (asked(wants="authorization,x-other"), {}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(204, allow(Headers="*"), wants="x-api-key"), {"credential": spec(kind="api_key", header="X-Api-Key")}, "pass", {}),
        (
            asked(204, allow(Origin="*"), wants=""),
            {"credential": spec(kind="cookie", cookie="sid")},
            "fail",
            {"cors_preflight_rejected": "S"},
        ),
        (asked(204, allow(Credentials="true"), wants=""), {"credential": spec(kind="cookie", cookie="sid")}, "pass", {}),
        (asked(204, wants=""), {"credential": spec(kind="cookie", cookie="sid")}, "fail", {"cors_preflight_rejected": "S"}),
        (asked(simple=exchange(401)), {}, "warn", {"cors_headers_missing_on_401": "M"}),
        (asked(simple=exchange(401, headers=allow())), {}, "pass", {}),
        (Preflight(), {}, "skip", {}),
        (Preflight(exchange(fault="connect")), {}, "skip", {}),
    ],
)
def test_preflights(seen: Preflight, settings: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(cors_preflight, seen, profile(**PAGE, **settings))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_no_browser_no_question() -> None:
    assert judge(cors_preflight, asked(401)).status is Status.SKIP
