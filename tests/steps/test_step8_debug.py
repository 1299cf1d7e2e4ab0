"""Step 8: challenge, code and words are read for what they say, and to whom else they are said."""

from __future__ import annotations

import dataclasses
import shlex
from typing import Any

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.check import run_check
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    ClientEnvironment,
    CredentialSeen,
    ForeignToken,
    Garbage,
    KeySet,
    PathCanary,
    Reported,
    ResourceMetadataSeen,
    SentCredential,
    SentRequest,
    Unavailable,
    UncachedCall,
)
from authwizard.model.finding import Code, Finding, Line, Status, Table
from authwizard.model.oauth import ResourceMetadata
from authwizard.model.profile import Expect
from authwizard.model.token import SignatureSeen
from authwizard.steps.step8_debug import CHECKS
from authwizard.steps.step8_words import TOKEN_ARRIVED

from .evidence_of_first_steps import NOW, anonymous, baseline, credential, exchange, grades, judge, jws, profile

CHECK = {check.id: check for check in CHECKS}
JSON = (("Content-Type", "application/json"),)


def challenge(*values: str) -> dict[str, Any]:
    return {"headers": tuple(("WWW-Authenticate", value) for value in values)}


def says(text: str) -> dict[str, Any]:
    return {"headers": JSON, "body": f'{{"message": "{text}"}}'}


def pasted(**answer: Any) -> Baseline:
    return Baseline(dataclasses.replace(exchange(**answer), cost="C0", sent_at=0.0, received_at=0.0, url=""))


def lines(finding: Finding) -> dict[str, str]:
    return {d.label: d.value for d in finding.details if isinstance(d, Line)}


# ── S8-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (challenge('Bearer realm="a, b", error="invalid_token"'), "pass", "One challenge was read."),
        (challenge('Bearer error="invalid_token", Basic realm="x"'), "pass", "2 challenges were read."),
        (challenge('Bearer error="invalid_token"', 'Basic realm="x"'), "pass", "2 challenges were read."),
        (challenge('Bearer scope="" error="invalid_token" error_description="no comma"'), "warn", "malformed"),
        (challenge("Bearer"), "warn", "names no error"),
        (challenge('Bearer realm="open'), "warn", "cannot be read"),
        ({}, "warn", "carries no challenge"),
        ({"status": 403}, "pass", "No challenge is due"),
        ({"status": 200}, "skip", "no refusal"),
    ],
)
def test_challenges(answer: dict[str, Any], status: str, words: str) -> None:
    finding = judge(CHECK["S8-01"], baseline(**answer))
    assert (finding.status, words in finding.summary) == (status, True), finding.summary


def test_a_renamed_challenge_is_read_and_shown_as_renamed() -> None:
    finding = judge(CHECK["S8-01"], baseline(headers=(("x-amzn-remapped-www-authenticate", 'Bearer error="invalid_token"'),)))
    assert (finding.status, lines(finding)["challenge"]) == (Status.PASS, 'Bearer error="invalid_token"')
    assert "renamed" in lines(finding)


def test_a_proxys_challenge_is_shown_apart() -> None:
    finding = judge(CHECK["S8-01"], baseline(407, headers=(("Proxy-Authenticate", 'Basic realm="corp"'),)))
    assert lines(finding)["proxy challenge"] == 'Basic realm="corp"'


@pytest.mark.parametrize(
    ("answer", "fact"),
    [
        (challenge('Bearer realm="https://api.acme.io/v2"'), True),
        (challenge('Bearer realm="api.acme.io"'), True),
        (challenge('Bearer resource_metadata="https://api.acme.io/.well-known/oauth-protected-resource"'), True),
        (challenge('Bearer resource_metadata="https://elsewhere.test/x"'), None),
        (challenge('Bearer realm="users"'), None),
        ({"headers": (("WWW-Authenticate", 'Basic realm="Restricted"'), ("Server", "nginx")), "body": "<html>401</html>"}, False),
    ],
)
def test_whose_realm_it_is_where_that_can_be_told(answer: dict[str, Any], fact: bool | None) -> None:
    finding = judge(CHECK["S8-01"], baseline(**answer), credential(jws()), profile())
    assert finding.facts.get("realm_is_api") is fact


@given(st.lists(st.text(max_size=80), max_size=4))
def test_no_challenge_crashes_it(values: list[str]) -> None:
    judge(CHECK["S8-01"], baseline(**challenge(*values)))


# ── S8-02 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("insufficient_scope", {"insufficient_scope": "S", "authorization_stripped": "XS", "credential_missing": "XS"}),
        ("insufficient_user_authentication", {"step_up_required": "S", "authorization_stripped": "XS"}),
        ("use_dpop_nonce", {"dpop_nonce_required": "S"}),
        ("invalid_dpop_proof", {"dpop_proof_invalid": "S"}),
        ("insufficient_claims", {"claims_challenge": "S"}),
        ("expired_token", {"token_expired": "S", "authorization_stripped": "XS"}),
        (
            "invalid_token",
            {"token_rejected_unspecified": "W", "authorization_stripped": "XS", "credential_missing": "XS", "insufficient_scope": "XM"},
        ),
        ("invalid_request", {"authorization_header_malformed": "M", "duplicate_credentials": "W", "auth_scheme_missing": "W"}),
        ("invalid_client", {"client_credentials_invalid": "M", "upstream_401_relayed": "W"}),
    ],
)
def test_error_codes(code: str, expected: dict[str, str]) -> None:
    found = grades(judge(CHECK["S8-02"], baseline(**challenge(f'Bearer error="{code}"')), anonymous(**challenge("Bearer"))))
    assert {cause: found.get(cause) for cause in expected} == expected
    assert "authorization_stripped" not in found or code not in ("invalid_request", "invalid_client")


def test_a_code_that_everybody_gets_says_nothing_about_the_token() -> None:
    everybody = challenge('Bearer error="invalid_token"')
    finding = judge(CHECK["S8-02"], baseline(**everybody), anonymous(**everybody))
    assert (finding.status, grades(finding)) == (Status.WARN, {})


def test_a_code_in_the_body_counts_where_a_standard_knows_it() -> None:
    assert grades(judge(CHECK["S8-02"], baseline(403, body='{"error": "insufficient_scope"}')))["insufficient_scope"] == "S"
    assert judge(CHECK["S8-02"], baseline(403, body='{"error": "Forbidden"}')).status is Status.SKIP
    assert judge(CHECK["S8-02"], baseline(**challenge('Bearer error="house_rule"'))).status is Status.WARN


def test_a_pasted_answer_of_a_token_endpoint_relays_nothing() -> None:
    assert "upstream_401_relayed" not in grades(judge(CHECK["S8-02"], pasted(body='{"error": "invalid_client"}')))


# ── S8-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────

SENT = credential(jws())
NOTHING = credential(field_value=None, missing="none stored")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("jwt expired", {"token_expired": "S", "authorization_stripped": "XS", "credential_missing": "XS"}),
        ("jwt not active", {"token_not_yet_valid": "S", "clock_skew_issuer_api": "W", "authorization_stripped": "XS"}),
        ("Token lacks required scope", {"insufficient_scope": "S", "authorization_stripped": "XS"}),
        ("Token is invalid or expired", {"token_rejected_unspecified": "W", "token_expired": "W"}),
        ("Unauthorized", {"token_rejected_unspecified": "W"}),
        ("No API key found in request", {"second_credential_missing": "M", "credential_location_wrong": "W"}),
        ("RBAC: access denied", {"forbidden_by_policy": "M", "insufficient_scope": "W"}),
    ],
)
def test_words(words: str, expected: dict[str, str]) -> None:
    found = grades(judge(CHECK["S8-03"], baseline(**says(words)), anonymous(**says("Authentication credentials were not provided.")), SENT))
    assert {cause: found.get(cause) for cause in expected} == expected
    assert {c: g for c, g in found.items() if g in ("S", "M") and c not in expected} == {}
    assert "credential_missing" not in found or found["credential_missing"] == "XS"


@pytest.mark.parametrize("words", ["jwt expired", "Signature does not match", "The access token was revoked", "Untrusted issuer"])
def test_words_about_the_token_that_others_get_too_are_no_evidence(words: str) -> None:
    """Some servers say "expired" to everybody, even to requests without any token."""
    here = baseline(**says(words))
    for other in (anonymous(**says(words)), Garbage(exchange(**says(words)))):
        found = grades(judge(CHECK["S8-03"], here, SENT, other))
        assert set(found.values()) == {"W"}, found
    unlike = judge(CHECK["S8-03"], here, SENT, anonymous(**says("No token provided")), Garbage(exchange(**says("jwt malformed"))))
    assert "S" in grades(unlike).values()


def test_garbage_may_be_called_malformed_without_making_that_vague() -> None:
    both = says("jwt malformed")
    assert grades(judge(CHECK["S8-03"], baseline(**both), SENT, Garbage(exchange(**both))))["token_malformed"] == "S"


def test_absence_after_a_credential_was_sent_is_never_credential_missing() -> None:
    absent = says("Authentication credentials were not provided.")
    alike = grades(judge(CHECK["S8-03"], baseline(**absent), anonymous(**absent), SENT))
    assert alike == {"authorization_stripped": "M", "auth_scheme_wrong": "W"}
    otherwise = grades(judge(CHECK["S8-03"], baseline(**absent), anonymous(**says("Who are you")), SENT))
    assert otherwise["authorization_stripped"] == "W"


def test_absence_where_none_was_sent_is_as_it_should_be() -> None:
    finding = judge(CHECK["S8-03"], baseline(**says("No authorization token was found")), NOTHING)
    assert (finding.status, grades(finding)) == (Status.PASS, {})


def test_absence_in_a_pasted_answer_leaves_all_three_explanations() -> None:
    found = grades(judge(CHECK["S8-03"], pasted(**says("No authorization token was found")), NOTHING))
    assert found == {"credential_missing": "M", "auth_scheme_wrong": "W", "authorization_stripped": "W"}


def test_of_a_pasted_answer_only_one_meaning_is_strong() -> None:
    """Who asked for what is not known there: "Token is expired" may be about a refresh token."""
    assert grades(judge(CHECK["S8-03"], pasted(**says("Token is expired")), NOTHING))["token_expired"] == "M"
    assert grades(judge(CHECK["S8-03"], pasted(**says("jwt expired")), NOTHING))["token_expired"] == "S"
    assert grades(judge(CHECK["S8-03"], baseline(**says("Token is expired")), SENT))["token_expired"] == "S"


def test_a_pasted_request_tells_whether_the_header_was_there() -> None:
    answer = pasted(**says("No authorization token was found"))
    request = Reported("GET", "https://api.acme.io/v2/me", ("Authorization", "Accept"), "Bearer", "#0a1b2c3d")
    assert "credential_missing" not in grades(judge(CHECK["S8-03"], answer, NOTHING, request))
    without = Reported("GET", "https://api.acme.io/v2/me", ("Accept",))
    assert judge(CHECK["S8-03"], answer, NOTHING, without).status is Status.PASS


def test_a_parameter_that_an_api_misses_is_none_of_a_token_request() -> None:
    words = says("missing required parameter: limit")
    assert grades(judge(CHECK["S8-03"], baseline(400, **words), SENT)) == {}
    at_the_endpoint = baseline(400, url="https://api.acme.io/oauth/token", **words)
    assert "token_request_malformed" in grades(judge(CHECK["S8-03"], at_the_endpoint, SENT))
    assert "token_request_malformed" in grades(judge(CHECK["S8-03"], pasted(**words), NOTHING))


def test_a_success_is_not_searched_for_words() -> None:
    assert judge(CHECK["S8-03"], baseline(200, **says("Your access token has expired")), SENT).status is Status.SKIP
    soft = baseline(200, headers=JSON, body='{"ok": false, "error": "token_revoked"}')
    assert grades(judge(CHECK["S8-03"], soft, SENT))["token_revoked"] == "S"


def test_what_the_server_expects_becomes_a_fact() -> None:
    finding = judge(CHECK["S8-03"], baseline(**says("jwt audience invalid. expected: https://api.acme.io")), SENT)
    assert finding.facts["expected_audience"] == "https://api.acme.io"


def test_unknown_words_are_shown_and_argue_for_nothing() -> None:
    finding = judge(CHECK["S8-03"], baseline(body="Computer says no."), SENT)
    assert (finding.status, grades(finding)) == (Status.WARN, {})
    assert any(isinstance(d, Code) and "Computer says no." in d.text for d in finding.details)


# ── S8-04, S8-14 ─────────────────────────────────────────────────────────────────────────────────────────────────────

BARE = challenge('Bearer realm="api"')


@pytest.mark.parametrize(
    ("p0", "d1", "sent", "expected"),
    [
        (BARE, BARE, SENT, {"authorization_stripped": "M"}),
        (BARE, challenge("Bearer") | {"status": 403}, SENT, {}),
        (challenge('Bearer error="invalid_token"'), BARE, SENT, {}),
        (
            {**BARE, "body": '{"detail": "Token is invalid or expired"}'},
            {**BARE, "body": '{"detail": "Token is invalid or expired"}'},
            SENT,
            {},
        ),
        (BARE, BARE, credential(jws(), scheme="bearer"), {}),
        (BARE, BARE, NOTHING, {}),
    ],
)
def test_bare_challenge(p0: dict[str, Any], d1: dict[str, Any], sent: CredentialSeen, expected: dict[str, str]) -> None:
    assert grades(judge(CHECK["S8-04"], baseline(**p0), anonymous(**d1), sent)) == expected


def test_a_bare_challenge_with_volatile_bodies_is_weaker() -> None:
    again = AnonymousAgain(exchange(**{**BARE, "body": "other words"}))
    assert grades(judge(CHECK["S8-04"], baseline(**BARE), anonymous(**BARE), SENT, again)) == {"authorization_stripped": "W"}


def test_two_equal_requests() -> None:
    steady = judge(CHECK["S8-14"], anonymous(**BARE), AnonymousAgain(exchange(**BARE)))
    shaken = judge(CHECK["S8-14"], anonymous(**BARE), AnonymousAgain(exchange(body="else")))
    assert (steady.status, shaken.status, shaken.facts) == (Status.PASS, Status.WARN, {"volatile": True})
    assert judge(CHECK["S8-14"], anonymous(**BARE), AnonymousAgain(exchange(fault="timeout"))).status is Status.SKIP


# ── S8-05 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_ids_of_both_sides_are_collected() -> None:
    seen = baseline(
        headers=(("CF-RAY", "8f-FRA"), ("X-Request-Id", "r-1"), ("Server", "cloudflare"), ("X-Other", "no")),
        body='{"error": {"request_id": "b-2", "message": "no"}}', sent=(("traceparent", "00-ab-cd-01"), ("Accept", "*/*")),
    )  # fmt: skip
    finding = judge(CHECK["S8-05"], seen, SENT)
    assert finding.status is Status.PASS
    assert {"CF-RAY (answered)", "X-Request-Id (answered)", "request_id (answered)", "traceparent (sent)"} <= set(lines(finding))
    assert "X-Other (answered)" not in lines(finding)
    assert finding.facts["responder"] == "cloudflare"


def test_the_hand_over_says_what_the_owner_needs_and_no_secret() -> None:
    token = jws(
        {"iss": "https://auth.acme.io", "aud": ["a", "b"], "exp": NOW + 600, "jti": "private-id"}, header={"alg": "ES256", "kid": "k1"}
    )
    keys = KeySet("https://auth.acme.io/jwks", signature=SignatureSeen("verified", key_id="k1"))
    finding = judge(CHECK["S8-05"], baseline(**challenge('Bearer error="invalid_token"')), credential(token), keys)
    text = str(finding.facts["hand_over"])
    for part in (
        "2027-01-15 07:59:59 UTC",
        "GET https://api.acme.io/v2/me",
        "401 Unauthorized",
        "invalid_token",
        "kid k1",
        "aud a, b",
        "in 10 min",
    ):
        assert part in text
    assert "published key k1" in text
    assert "private-id" not in text
    assert "not looked at" not in text


def test_of_a_pasted_answer_no_time_and_no_request_is_made_up() -> None:
    finding = judge(CHECK["S8-05"], pasted(**says("jwt expired")), SENT)
    text = str(finding.facts["hand_over"])
    assert finding.facts["pasted"] is True
    assert "1970" not in text
    assert "was sent" not in text
    assert text.startswith("At a time we do not know exactly our client called the API, answered with 401 Unauthorized")
    assert finding.status is Status.WARN


# ── S8-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def sent(**more: Any) -> SentRequest:
    own = SentCredential("header", "Authorization", "Bearer", same=True)
    made: dict[str, Any] = {"method": "GET", "url": "https://api.acme.io/v2/me", "credentials": (own,), "fields": (("Authorization", "x"),)}
    return SentRequest(**{**made, **more})


def test_a_difference_explains_nothing_where_both_are_refused() -> None:
    other = sent(url="https://api.acme.dev/v2/me")
    works = judge(CHECK["S8-06"], baseline(200), SENT, other)
    assert grades(works) == {"wrong_base_url": "S"}
    refused_too = judge(CHECK["S8-06"], baseline(401), SENT, other)
    assert (grades(refused_too), refused_too.status) == ({}, works.status)
    assert any(isinstance(d, Table) and d.columns[1] == "your program" for d in works.details)


def answered(text: str) -> Reported:
    return Reported(answer=exchange(401, headers=JSON, body=f'{{"message": "{text}"}}'))


MASKED = {"credentials": (SentCredential("header", "Authorization", "Bearer", same=None),)}


@pytest.mark.parametrize(
    ("text", "request_", "expected"),
    [
        ("jwt expired", sent(**MASKED), {"stale_token_sent": "M"}),
        ("jwt expired", sent(), {}),
        ("No authorization token was found", sent(credentials=(), fields_known=False), {"credential_missing": "M"}),
        ("No authorization token was found", sent(), {"authorization_stripped": "M"}),
        ("jwt audience invalid. expected: https://api.acme.io", sent(**MASKED), {"audience_mismatch": "M"}),
        ("Unauthorized", sent(**MASKED), {}),
    ],
)
def test_the_words_of_the_programs_own_401_tell_what_it_sent(text: str, request_: SentRequest, expected: dict[str, str]) -> None:
    assert grades(judge(CHECK["S8-06"], baseline(200), SENT, request_, answered(text))) == expected
    assert grades(judge(CHECK["S8-06"], baseline(401), SENT, request_, answered(text))) == {}


def test_the_same_request_is_said_to_be_the_same() -> None:
    finding = judge(CHECK["S8-06"], baseline(200), SENT, sent())
    assert (finding.status, finding.summary) == (Status.PASS, "Your program's request is the same as this one in all that the text shows.")


@pytest.mark.parametrize("hidden", [{"sanitised": True}, {"fields_known": False}])
def test_what_a_text_leaves_out_is_not_missing(hidden: dict[str, bool]) -> None:
    finding = judge(CHECK["S8-06"], baseline(200), SENT, sent(credentials=(), fields=(), **hidden))
    assert grades(finding) == {}
    assert "not" in finding.summary


def test_basic_where_netrc_has_an_entry_comes_from_there() -> None:
    basic = sent(credentials=(SentCredential("header", "Authorization", "Basic", same=False),))
    there = ClientEnvironment(netrc_hosts=("api.acme.io",), netrc_path="~/.netrc")
    assert grades(judge(CHECK["S8-06"], baseline(200), SENT, basic, there)) == {"netrc_override": "S"}
    assert grades(judge(CHECK["S8-06"], baseline(200), SENT, basic)) == {"auth_scheme_wrong": "S"}


def test_the_request_is_shown_with_an_equal_command() -> None:
    finding = judge(CHECK["S8-06"], baseline(sent=(("Accept", "*/*"),)), SENT)
    assert any(isinstance(d, Table) and d.rows == (("Accept", "*/*"),) for d in finding.details)
    command = next(d.text for d in finding.details if isinstance(d, Code))
    assert shlex.split(command) == ["curl", "-v", "-H", "Authorization: Bearer $TOKEN", "https://api.acme.io/v2/me"]


@given(st.text(max_size=30), st.text(max_size=20), st.text(max_size=40))
def test_a_hostile_address_cannot_run_anything_from_the_command(name: str, scheme: str, path: str) -> None:
    url = f"https://api.acme.io/{path}"
    sent = credential(jws(), name=name, scheme=scheme)
    finding = judge(CHECK["S8-06"], baseline(url=url, method="GET"), sent)
    command = next(d.text for d in finding.details if isinstance(d, Code))
    words = shlex.split(command)
    assert words[-1] == url
    assert words[:3] == ["curl", "-v", "-H"]
    assert len(words) == 5


def test_a_pasted_answer_was_not_sent() -> None:
    assert judge(CHECK["S8-06"], pasted(), SENT).summary == "The answer was pasted; nothing was sent."


# ── S8-07, S8-08, S8-10, S8-12 ───────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("metadata", "status"),
    [
        (ResourceMetadata("https://api.acme.io", ("https://auth.acme.io",)), "pass"),
        (ResourceMetadata("https://evil.test/api"), "warn"),
        (ResourceMetadata("https://api.acme.io", bearer_methods_supported=("query",)), "warn"),
        (ResourceMetadata(), "pass"),
    ],
)
def test_resource_metadata(metadata: ResourceMetadata, status: str) -> None:
    finding = judge(CHECK["S8-07"], ResourceMetadataSeen(metadata, "https://api.acme.io/.well-known/x"), profile())
    assert (finding.status, grades(finding)) == (status, {})


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"headers": (("Retry-After", "30"),)}, {"rate_limited": "M"}),
        ({"headers": (("Proxy-Authenticate", "Basic"),)}, {"proxy_auth_required": "M"}),
        ({"status": 421}, {}),
        ({}, {}),
        ({"status": 200, "headers": (("Retry-After", "30"),)}, {}),
    ],
)
def test_other_header_fields(answer: dict[str, Any], expected: dict[str, str]) -> None:
    assert grades(judge(CHECK["S8-08"], baseline(**answer))) == expected


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"headers": (("Age", "120"),)}, {"cached_401": "S"}),
        ({"headers": (("X-Cache", "HIT from edge"),)}, {"cached_401": "S"}),
        ({"headers": (("CF-Cache-Status", "DYNAMIC"), ("Age", "0"))}, {}),
        ({"headers": (("X-Cache", "Miss from cloudfront"),)}, {}),
        ({"status": 200, "headers": (("Age", "120"),)}, {}),
    ],
)
def test_an_answer_from_a_cache(answer: dict[str, Any], expected: dict[str, str]) -> None:
    assert grades(judge(CHECK["S8-10"], baseline(**answer))) == expected


COOKIE = credential(kind="cookie", place="cookie", name="sid", scheme="")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ({"headers": (("Set-Cookie", "sid=; Max-Age=0; Path=/"),)}, {"cookie_session_expired": "S"}),
        ({"status": 403, "headers": (("Set-Cookie", "sid=x; Expires=Thu, 01 Jan 1970 00:00:00 GMT"),)}, {"cookie_session_expired": "S"}),
        ({"headers": (("Set-Cookie", "other=; Max-Age=0"),)}, {"cookie_session_expired": "M"}),
        ({}, {"cookie_session_expired": "M"}),
        ({"status": 302, "headers": (("Location", "/login"),)}, {"cookie_session_expired": "M"}),
        ({"status": 403, "body": "CSRF verification failed"}, {}),
        ({"status": 403, "body": "not yours"}, {}),
        ({"status": 200}, {}),
    ],
)
def test_a_session_cookie(answer: dict[str, Any], expected: dict[str, str]) -> None:
    assert grades(judge(CHECK["S8-12"], baseline(**answer), COOKIE)) == expected
    assert judge(CHECK["S8-12"], baseline(**answer), SENT).status is Status.SKIP


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────

OWN = [check for check in CHECKS if check.id.startswith("S8") and any(n.kind is Baseline and not n.optional for n in check.needs)]


@for_each("check", OWN, ids=lambda check: check.id)
def test_without_a_baseline_all_say_the_same(check: Any) -> None:
    given_: dict[type, object] = {need.kind: Unavailable("other") for need in check.needs if need.optional}
    given_ |= {n.kind: {CredentialSeen: SENT, Anonymous: anonymous()}.get(n.kind, profile()) for n in check.needs if not n.optional}
    finding = run_check(check, {**given_, Baseline: Unavailable("The request was not sent.")})
    assert finding is not None
    assert (finding.status, finding.summary) == (Status.BLOCKED, "The request was not sent.")


@given(st.sampled_from([200, 400, 401, 403, 404, 429, 500]), st.text(max_size=200), st.lists(st.text(max_size=60), max_size=2))
def test_no_answer_crashes_a_check(status: int, body: str, values: list[str]) -> None:
    answer = {"status": status, "body": body, **challenge(*values)}
    for check in OWN:
        judge(
            check, baseline(**answer), anonymous(**answer), Garbage(exchange(**answer)), PathCanary(exchange(**answer), "/x"),
            UncachedCall(exchange(**answer)), ForeignToken(exchange(**answer)), SENT,
        )  # fmt: skip


def test_a_server_that_names_the_token_has_seen_one() -> None:
    found = grades(judge(CHECK["S8-03"], baseline(**says("jwt malformed")), SENT))
    assert {cause: found.get(cause) for cause in TOKEN_ARRIVED} == dict.fromkeys(TOKEN_ARRIVED, "XS")


# ── S8-13 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_a_refusal_is_found_in_the_log_of_whoever_answered() -> None:
    shown = lines(judge(CHECK["S8-13"], baseline(headers=(("apigw-requestid", "Ab1"),))))
    assert "$context.authorizer.error" in shown["where"]
    assert shown["search by"].startswith("the request id; the trace id")
    assert "component that checks credentials" in lines(judge(CHECK["S8-13"], baseline(401)))["where"]


def test_a_success_and_a_lost_answer_need_no_log() -> None:
    assert judge(CHECK["S8-13"], baseline(200)).status is Status.SKIP
    assert judge(CHECK["S8-13"], baseline(fault="timeout")).status is Status.SKIP


def test_what_was_found_in_order_here_is_handed_over() -> None:
    good = KeySet("https://auth.acme.io/jwks", (), None, SignatureSeen("verified", key_id="k1", algorithm="ES256"))
    expecting = profile(expect=Expect(issuer="https://auth.acme.io", audience=("https://api.acme.io",)))
    token = credential(jws({"iss": "https://auth.acme.io", "aud": ["https://api.acme.io"]}))
    text = str(judge(CHECK["S8-05"], baseline(401), good, expecting, token).facts["hand_over"])
    assert (
        "Locally verified: the signature is good with the issuer's published key k1; the issuer is the expected one; so is the audience."
        in text
    )
    other = credential(jws({"iss": "https://else.acme.io"}))
    assert "Locally verified" not in str(judge(CHECK["S8-05"], baseline(401), expecting, other).facts["hand_over"])
