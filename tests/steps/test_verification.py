"""Verification: a success counts only where it is one, holds everywhere, and is not given to everybody."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import pytest

from authwizard.check import run_check
from authwizard.model.evidence import (
    Baseline,
    CleanedCall,
    ClockSync,
    CredentialSeen,
    EndpointCalls,
    FreshCall,
    FreshCallAgain,
    FreshToken,
    Garbage,
    KeySet,
    NetworkTime,
    NotTried,
    OriginCall,
    RecordScan,
    RefreshedCall,
    RefreshedToken,
    Repeats,
    RunClock,
    SecretState,
    StoredSecrets,
    Tampered,
    Unavailable,
    UncachedCall,
)
from authwizard.model.finding import Finding, Line, Status
from authwizard.model.profile import Endpoint, Expect, Profile, Reference
from authwizard.model.token import SignatureSeen
from authwizard.steps.verification import CHECKS

from .evidence_of_first_steps import NOW, anonymous, baseline, credential, exchange, fresh_call, grades, granted, judge, jws, oauth, profile

CHECK = {check.id: check for check in CHECKS}
SOFT = {"body": '{"ok": false, "error": "invalid_auth"}'}
LOGIN = {"headers": (("Content-Type", "text/html"),), "body": "<html><title>Log in</title><input type=password></html>"}
VERIFIED = SignatureSeen("verified", key_id="k1")


def marks(finding: Finding) -> dict[str, Status | None]:
    return {d.label: d.mark for d in finding.details if isinstance(d, Line)}


# ── V-01, V-02, V-05 ─────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("evidence", "status", "words"),
    [
        ((baseline(200),), "pass", "stored credential"),
        ((baseline(401), fresh_call(200)), "pass", "fresh token"),
        ((baseline(401), RefreshedCall(exchange(204))), "pass", "refreshed token"),
        ((baseline(401),), "fail", "401"),
        ((baseline(fault="timeout"),), "fail", "no answer"),
        ((baseline(200, **SOFT),), "fail", "does not succeed"),
        ((baseline(200, **LOGIN),), "fail", "does not succeed"),
        ((baseline(200, **SOFT), fresh_call(200, **LOGIN)), "fail", "does not succeed"),
    ],
)
def test_success(evidence: tuple[Any, ...], status: str, words: str) -> None:
    finding = judge(CHECK["V-01"], *evidence)
    assert (finding.status, words in finding.summary) == (status, True), finding.summary


def calls(*answers: tuple[int, int | None]) -> EndpointCalls:
    made = [(f"GET /{n}", expected, exchange(status, fault=None if status else "timeout")) for n, (expected, status) in enumerate(answers)]
    return EndpointCalls(tuple(made))


@pytest.mark.parametrize(
    ("seen", "status", "expected"),
    [
        (calls((200, 200), (403, 403)), "pass", {}),
        (calls((200, 200), (200, 403)), "warn", {"insufficient_scope": "W"}),
        (calls((200, 200), (200, 401)), "warn", {"route_auth_config": "W"}),
        (calls((200, 401), (200, 401)), "warn", {}),
        (calls((200, 404)), "warn", {}),
        (calls((200, None)), "blocked", {}),
        (calls(), "skip", {}),
    ],
)
def test_endpoints(seen: EndpointCalls, status: str, expected: dict[str, str]) -> None:
    finding = judge(CHECK["V-02"], seen)
    assert (finding.status, grades(finding)) == (status, expected)


@pytest.mark.parametrize(
    ("first", "more", "status"),
    [(200, (200, 200), "pass"), (200, (200, 401), "warn"), (401, (401, 401), "skip"), (401, (200, 401), "warn")],
)
def test_it_succeeds_every_time(first: int, more: tuple[int, ...], status: str) -> None:
    assert judge(CHECK["V-05"], baseline(first), Repeats(tuple(exchange(s) for s in more))).status == status


# ── V-03 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

CLAIMS = {
    "iss": "https://auth.acme.io", "aud": ["https://api.acme.io", "x"], "exp": NOW + 600, "nbf": NOW - 60, "iat": NOW - 60, "scope": "read",
    "client_id": "client-7",
}  # fmt: skip
SOUND = profile(
    oauth=oauth(), expect=Expect(audience=("https://api.acme.io",), type="at+jwt"), endpoints=(Endpoint("GET /v2/me", ("read",)),)
)
HEADER = {"alg": "ES256", "typ": "at+JWT", "kid": "k1"}


def sound(**claims: Any) -> Any:
    return credential(jws({**CLAIMS, **claims}, header=HEADER))


def test_a_sound_token_passes_claim_by_claim() -> None:
    finding = judge(CHECK["V-03"], sound(), SOUND, baseline(200), KeySet("u", signature=VERIFIED))
    assert finding.status is Status.PASS, finding.summary
    assert set(marks(finding).values()) == {Status.PASS}
    assert set(marks(finding)) == {"issuer", "audience", "expiry", "beginning", "issued", "scope", "client", "type", "signature"}


@pytest.mark.parametrize(
    ("claims", "label"),
    [
        ({"iss": "https://auth.acme.dev"}, "issuer"),
        ({"aud": "other"}, "audience"),
        ({"exp": NOW - 61}, "expiry"),
        ({"nbf": NOW + 61}, "beginning"),
        ({"iat": NOW + 61}, "issued"),
        ({"scope": "write"}, "scope"),
        ({"client_id": "client-8"}, "client"),
    ],
)
def test_each_claim_is_judged(claims: dict[str, Any], label: str) -> None:
    finding = judge(CHECK["V-03"], sound(**claims), SOUND, baseline(200))
    assert finding.status is Status.FAIL
    assert [name for name, mark in marks(finding).items() if mark is Status.FAIL] == [label]
    assert label in finding.summary


def test_within_the_leeway_is_well() -> None:
    assert judge(CHECK["V-03"], sound(exp=NOW - 20, nbf=NOW + 20), SOUND, baseline(200)).status is Status.PASS


def test_what_nothing_is_known_about_is_skipped() -> None:
    finding = judge(CHECK["V-03"], credential(jws({"sub": "x"})), profile(), baseline(200))
    assert finding.status is Status.PASS
    assert set(marks(finding).values()) == {Status.SKIP}


def test_the_apis_clock_counts_and_not_this_machines() -> None:
    """G01: this machine is 15 minutes behind; the token is fine."""
    behind = sound(iat=NOW + 900, nbf=NOW + 900, exp=NOW + 4500)
    assert judge(CHECK["V-03"], behind, SOUND, baseline(200)).status is Status.FAIL
    assert judge(CHECK["V-03"], behind, SOUND, baseline(200, off=900)).status is Status.PASS


def test_the_token_that_works_is_the_one_judged() -> None:
    good = jws(CLAIMS, header=HEADER)
    stored = sound(iss="https://auth.acme.dev")
    fresh, refreshed = granted(FreshToken, good), granted(RefreshedToken, good)  # type: ignore[arg-type]
    assert "stored" in judge(CHECK["V-03"], stored, SOUND, baseline(200), fresh, fresh_call(200)).summary
    assert "fresh" in judge(CHECK["V-03"], stored, SOUND, baseline(401), fresh, fresh_call(200)).summary
    assert (
        "refreshed"
        in judge(CHECK["V-03"], stored, SOUND, baseline(401), fresh, fresh_call(200), refreshed, RefreshedCall(exchange(200))).summary
    )
    assert "stored" in judge(CHECK["V-03"], stored, SOUND, baseline(401), fresh, fresh_call(401)).summary


def test_an_opaque_token_is_no_failure() -> None:
    assert judge(CHECK["V-03"], credential(None), SOUND, baseline(200)).status is Status.SKIP


def test_a_failed_signature_fails() -> None:
    finding = judge(CHECK["V-03"], sound(), SOUND, baseline(200), KeySet("u", signature=SignatureSeen("failed", "not with this key")))
    assert (finding.status, marks(finding)["signature"]) == (Status.FAIL, Status.FAIL)


# ── V-04 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("evidence", "status", "expected"),
    [
        ((baseline(200), anonymous(401), credential(jws())), "pass", {}),
        ((baseline(200), anonymous(200), credential(jws())), "fail", {"endpoint_not_protected": "S"}),
        ((baseline(401), anonymous(200), credential(jws())), "warn", {}),
        ((baseline(200), anonymous(401), Garbage(exchange(200)), credential(jws())), "fail", {}),
        ((baseline(200), anonymous(401), Garbage(exchange(401)), Tampered(exchange(200)), credential(jws())), "fail", {}),
        ((baseline(200), anonymous(200, **SOFT), credential(jws())), "pass", {}),
        ((baseline(200), anonymous(200, **LOGIN), credential(jws())), "pass", {}),
        ((baseline(200), anonymous(fault="timeout"), credential(jws())), "blocked", {}),
        ((anonymous(200), credential(field_value=None)), "pass", {}),
        ((anonymous(200),), "pass", {}),
        ((anonymous(401), credential(field_value=None)), "pass", {}),
    ],
)
def test_negative_control(evidence: tuple[Any, ...], status: str, expected: dict[str, str]) -> None:
    finding = judge(CHECK["V-04"], *evidence)
    assert (finding.status, grades(finding)) == (status, expected), finding.summary


def test_an_open_address_is_a_fact() -> None:
    assert judge(CHECK["V-04"], anonymous(200), credential(field_value=None)).facts == {"anonymous_ok": True}
    assert judge(CHECK["V-04"], anonymous(401), credential(field_value=None)).facts == {}
    assert judge(CHECK["V-04"], anonymous(200, **SOFT), credential(field_value=None)).facts == {}


def test_it_says_whether_an_invalid_token_was_tried() -> None:
    assert "was not tried" in judge(CHECK["V-04"], baseline(200), anonymous(401)).summary
    assert "was not tried" not in judge(CHECK["V-04"], baseline(200), anonymous(401), Garbage(exchange(401))).summary


# ── V-06, V-07, V-08 ─────────────────────────────────────────────────────────────────────────────────────────────────

TODAY = dt.datetime.fromtimestamp(NOW, dt.UTC).date()


def due(days: int) -> Profile:
    reference = Reference("env:X", created=TODAY - dt.timedelta(days=90 - days), rotate_days=90)
    return dataclasses.replace(SOUND, secrets={"client_secret": reference})


@pytest.mark.parametrize(
    ("given_profile", "exp", "status", "words"),
    [
        (SOUND, NOW + 3600, "pass", "another 1 h"),
        (SOUND, NOW + 100, "warn", "token ends"),
        (due(30), NOW + 3600, "pass", "another 1 h"),
        (due(3), NOW + 3600, "warn", "client_secret is due"),
        (due(-3), NOW + 3600, "warn", "3 days ago"),
        (profile(), NOW + 3600, "warn", "nothing is set up"),
        (profile(oauth=oauth(grant="refresh_token")), NOW + 3600, "warn", "nothing is set up"),
    ],
)
def test_outlook(given_profile: Profile, exp: float, status: str, words: str) -> None:
    finding = judge(CHECK["V-06"], given_profile, sound(exp=exp), baseline(200))
    assert (finding.status, words in finding.summary) == (status, True), finding.summary


def test_a_stored_refresh_token_renews() -> None:
    secrets = StoredSecrets({"refresh_token": SecretState("refresh_token", "present")})
    finding = judge(CHECK["V-06"], profile(oauth=oauth(grant="refresh_token")), sound(exp=NOW + 3600), baseline(200), secrets)
    assert finding.status is Status.PASS


def test_the_outlook_uses_network_time() -> None:
    ahead = NetworkTime("ntp", 3550.0, 0.1)
    assert judge(CHECK["V-06"], SOUND, sound(exp=NOW + 3600), baseline(200), ahead).status is Status.WARN


def test_the_outlook_says_whether_the_clock_is_kept() -> None:
    for kept, words in ((True, "kept by a time service"), (False, "kept by nothing")):
        seen = judge(CHECK["V-06"], SOUND, sound(exp=NOW + 3600), baseline(200), ClockSync("timedatectl", kept))
        assert words in {d.value for d in seen.details if isinstance(d, Line)}


def test_a_new_token_that_is_accepted_late_succeeds_and_confirms() -> None:
    late = FreshCall(exchange(401)), FreshCallAgain(exchange(200))
    assert "some seconds after" in judge(CHECK["V-01"], baseline(401), *late).summary
    assert judge(CHECK["V-07"], baseline(401), *late).status is Status.PASS
    assert judge(CHECK["V-07"], baseline(401), UncachedCall(exchange(200))).status is Status.PASS


def test_nothing_is_foretold_of_what_does_not_work() -> None:
    assert judge(CHECK["V-06"], SOUND, sound(), baseline(401)).status is Status.SKIP


@pytest.mark.parametrize(
    ("evidence", "status", "words"),
    [
        ((baseline(200),), "skip", "succeeds as it is"),
        ((baseline(401),), "skip", "no test has confirmed"),
        ((baseline(401), CleanedCall(exchange(200), "quotes_in_token", "quotes")), "pass", "request succeeds"),
        ((baseline(401), OriginCall(exchange(200))), "pass", "request succeeds"),
        ((baseline(401), FreshCall(exchange(200))), "pass", "request succeeds"),
        ((baseline(401), FreshCall(exchange(401)), OriginCall(exchange(200))), "pass", "request succeeds"),
        ((baseline(401), FreshCall(exchange(200, **SOFT))), "warn", "no test has confirmed"),
        ((baseline(401), FreshCall(exchange(401))), "warn", "no test has confirmed"),
    ],
)
def test_only_a_flip_confirms(evidence: tuple[Any, ...], status: str, words: str) -> None:
    finding = judge(CHECK["V-07"], *evidence)
    assert (finding.status, words in finding.summary) == (status, True), finding.summary


@pytest.mark.parametrize(
    ("scan", "status"), [(RecordScan((), 12), "pass"), (RecordScan(("api_key",), 12), "fail"), (RecordScan((), 0), "skip")]
)
def test_the_record(scan: RecordScan, status: str) -> None:
    finding = judge(CHECK["V-08"], scan)
    assert finding.status == status
    assert "api_key" in finding.summary or status != "fail"


@pytest.mark.parametrize("check_id", ["V-01", "V-05", "V-06", "V-07"])
def test_without_a_baseline_the_reason_is_told(check_id: str) -> None:
    check = CHECK[check_id]
    given_: dict[type, object] = {need.kind: NotTried("no") for need in check.needs}
    given_ |= {Repeats: Repeats(), Profile: SOUND, CredentialSeen: sound(), RunClock: RunClock(NOW)}
    finding = run_check(check, {**given_, Baseline: Unavailable("The request was not sent.")})
    assert finding is not None
    assert (finding.status, finding.summary) == (Status.BLOCKED, "The request was not sent.")
