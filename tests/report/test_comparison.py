"""Two profiles or two runs side by side: what can explain a 401 comes first, and no secret is in it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.causes import catalogue
from authwizard.model.profile import CredentialSpec, Expect, OAuth, Profile, Reference
from authwizard.model.token import TokenSeen
from authwizard.report.comparison import Comparison, comparison_object, render_comparison
from authwizard.report.json_run import run_object
from authwizard.report.profile_comparison import SecretSide, compare_profiles
from authwizard.report.run_comparison import compare_runs

from .made_runs import run

PROD = Profile(
    "prod", "https://api.example.com", "GET /v2/me", "production", oauth=OAuth(issuer="https://login.example.com", client_id="a", scopes=("read",)),
    expect=Expect(audience=("https://api.example.com",)),
)  # fmt: skip
STAGING = replace(
    PROD, name="staging", base_url="https://staging.example.com", environment="staging", headers={"X-Tenant": "acme"},
    oauth=OAuth(issuer="https://login.example.com/", client_id="b", scopes=("read", "write")), credential=CredentialSpec(scheme="bearer"),
    secrets={"access_token": Reference("env:STAGING_TOKEN")},
)  # fmt: skip


def rows(seen: Comparison) -> dict[str, tuple[str, str]]:
    return {d.what: (d.one, d.other) for d in seen.differences}


def causes(seen: Comparison, what: str) -> tuple[str, ...]:
    return next(d.causes for d in seen.differences if d.what == what)


def test_settings_that_differ_are_shown_with_what_they_may_mean() -> None:
    seen = compare_profiles(PROD, STAGING)
    assert rows(seen)["API"] == ("https://api.example.com", "https://staging.example.com")
    assert rows(seen)["client"] == ("a", "b")
    assert rows(seen)["scopes asked for"] == ("read", "read write")
    assert rows(seen)["header X-Tenant"] == ("not set", "acme")
    assert rows(seen)["where access_token comes from"] == ("the store", "env:STAGING_TOKEN")
    assert causes(seen, "issuer") == ("issuer_trailing_slash",)
    assert causes(seen, "scheme word") == ("auth_scheme_case_rejected",)
    assert "request" in seen.alike
    first_idle = next(n for n, d in enumerate(seen.differences) if not d.causes)
    assert not any(d.causes for d in seen.differences[first_idle:]), "what can explain a 401 comes first"


def test_a_profile_is_like_itself() -> None:
    seen = compare_profiles(PROD, PROD)
    assert (seen.differences, seen.telling) == ((), ())
    assert "Nothing that was compared differs." in render_comparison(seen)


def test_secrets_are_compared_by_fingerprint_and_claim() -> None:
    token = TokenSeen(
        "jws", 100, {"alg": "RS256", "kid": "1"}, {"iss": "https://a", "aud": ["x", "y"], "exp": 1_800_000_000, "scope": "read"}
    )
    other = replace(token, header={"alg": "RS256", "kid": "2"}, claims={"iss": "https://a", "aud": "y", "exp": 10**20})
    mine = SecretSide({"access_token": "#00000001", "client_secret": "#00000009"}, token, of="prod")
    theirs = SecretSide({"access_token": "#00000002", "client_secret": "#00000009"}, other, note="refresh_token (the keyring is locked)")
    seen = compare_profiles(PROD, STAGING, mine, theirs)
    assert rows(seen)["signing key of the token"] == ("1", "2")
    assert rows(seen)["audience in the token"] == ("x y", "y")
    assert rows(seen)["end of the token (exp)"] == ("2027-01-15 08:00:00 UTC", str(10**20))
    assert rows(seen)["access_token"] == ("#00000001", "#00000002")
    same = next(d for d in seen.differences if d.what == "client_secret")
    assert (same.note, same.causes) == ("the same value in both", ("environment_mismatch",))
    assert "issuer in the token" in seen.alike
    assert "staging: refresh_token (the keyring is locked)" in render_comparison(seen)


def test_what_two_environments_differ_in_by_right_explains_nothing_and_a_shared_secret_comes_first() -> None:
    staging = replace(PROD, name="staging", environment="staging", base_url="https://staging.example.com",
                      oauth=OAuth(issuer="https://login.staging.example.com", client_id="b", scopes=("read",)), expect=Expect(audience=("x",)))  # fmt: skip
    apart = compare_profiles(
        PROD, staging, SecretSide({"client_secret": "#1"}, of="prod"), SecretSide({"client_secret": "#2"}, of="staging")
    )
    assert apart.telling == ()
    assert {"API", "issuer", "client", "expected audience", "client_secret"} <= rows(apart).keys()
    alike = compare_profiles(
        PROD, staging, SecretSide({"client_secret": "#1"}, of="prod"), SecretSide({"client_secret": "#1"}, of="staging")
    )
    assert [(d.what, d.note) for d in alike.telling] == [("client_secret", "the same value in both")]
    named_alike = compare_profiles(PROD, replace(staging, environment="production"))
    assert {"API", "issuer", "client"} <= {d.what for d in named_alike.telling}, "of one environment, one of the two may be wrong"


def test_a_token_of_the_other_profile_comes_first_with_both_names() -> None:
    staging = replace(PROD, name="staging", environment="staging", base_url="https://staging.example.com",
                      oauth=OAuth(issuer="https://login.staging.example.com", client_id="b"),
                      expect=Expect(audience=("https://staging.example.com",)))  # fmt: skip
    token = TokenSeen("jws", 9, {}, {"iss": "https://login.staging.example.com", "aud": "https://staging.example.com", "client_id": "b"})
    seen = compare_profiles(PROD, staging, SecretSide(token=token, of="prod"), SecretSide(token=token, of="staging"))
    first = seen.differences[0]
    assert (first.what, first.causes) == ("where the access token belongs", ("environment_mismatch",))
    assert first.one.startswith("staging, by its issuer, audience and client (iss https://login.staging.example.com;")
    assert first.other == "nothing in it points elsewhere"


def test_a_copy_with_the_same_secret_is_no_mix_up_and_another_secret_of_the_same_client_is_telling() -> None:
    copy = replace(PROD, name="copy", base_url="https://api.example.com/", expect=Expect())
    mine = SecretSide({"access_token": "#1", "client_secret": "#2"}, of="prod")
    seen = compare_profiles(PROD, copy, mine, SecretSide({"access_token": "#1", "client_secret": "#3"}, of="copy"))
    assert "access_token" in seen.alike
    assert [(d.what, d.causes[0]) for d in seen.telling] == [("client_secret", "client_credentials_invalid")]
    assert next(d for d in seen.differences if d.what == "API").note == "the slash at the end makes no difference"


def test_other_kinds_of_credential_differ_in_one_thing_and_not_in_its_consequences() -> None:
    key = replace(PROD, name="key", credential=CredentialSpec("api_key", header="X-API-Key"), oauth=None, expect=Expect())
    mine = SecretSide({"access_token": "#1", "client_secret": "#2"}, of="prod")
    seen = compare_profiles(PROD, key, mine, SecretSide({"api_key": "#3"}, of="key"))
    assert [d.what for d in seen.telling] == ["kind of credential"]
    assert rows(seen)["authorization server"] == ("https://login.example.com", "none")
    nowhere = replace(key, name="nowhere", oauth=OAuth(client_id="abc"))
    assert rows(compare_profiles(key, nowhere, SecretSide(of="key"), SecretSide(of="nowhere")))["authorization server"] == (
        "none",
        "not set",
    )
    missing = compare_profiles(key, replace(key, name="other"), SecretSide({"api_key": "#3"}, of="key"), SecretSide(of="other"))
    assert [(d.what, d.causes) for d in missing.telling] == [("api_key", ("credential_missing",))]
    lost = compare_profiles(PROD, replace(PROD, name="copy"), mine, SecretSide({"access_token": "#1"}, of="copy"))
    assert ("client_secret", ("client_credentials_missing",)) in [(d.what, d.causes) for d in lost.differences]
    unread = compare_profiles(
        key, replace(key, name="other"), SecretSide({"api_key": "#3"}, of="key"), SecretSide(of="other", note="locked")
    )
    assert unread.differences == ()


@pytest.mark.parametrize(("now", "tells"), [(50.0, False), (150.0, True), (300.0, False)])
def test_the_end_of_a_token_tells_where_only_one_is_over(now: float, tells: bool) -> None:
    sides = [SecretSide(token=TokenSeen("jws", 9, {}, {"exp": end}), of=name) for end, name in ((100, "prod"), (200, "copy"))]
    seen = compare_profiles(PROD, replace(PROD, name="copy"), *sides, now=now)
    assert bool(seen.telling) is tells


def changed(run_seen: dict[str, Any], **checks: dict[str, Any]) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(json.dumps(run_seen))
    step = made["steps"][0]
    step["checks"] += [
        {"id": check.replace("_", "-"), "title": "x", "causes": [], "details": [], **members} for check, members in checks.items()
    ]
    return made


def test_what_many_checks_have_in_common_is_said_once() -> None:
    quiet, passed = {"status": "skip", "skip": "not_applicable", "summary": "Not needed."}, {"status": "pass", "summary": "Good."}
    blocked = {"status": "blocked", "summary": "No token is stored."}
    one = changed(run_object(run()), S5_90=quiet, S5_91=blocked, S5_92=blocked, S5_93=blocked, S5_94={**blocked, "summary": "Alone."})
    other = changed(run_object(run()), S5_90=passed, S5_91=passed, S5_92=quiet, S5_93=passed, S5_94=passed)
    seen = compare_runs(one, other, ("a.json", "b.json"))
    assert seen.beside == (
        "1 check passed in one run and did not apply, or was not needed, in the other: S5-90.",
        "3 checks could not look in a.json (No token is stored): S5-91, S5-92, S5-93.",
    )
    assert [d.what for d in seen.rest] == ["S5-94 x"]
    text = render_comparison(seen)
    assert text.startswith("a.json and b.json\n\nBoth end with: token_expired (very likely).\n")
    assert "S5-92 x" not in text
    assert "Alike: verdict, request, environment, profile, " in text
    assert "checks.\n" in text
    assert len(comparison_object(seen)["differences"]) == 5, "JSON has them all"


def test_what_speaks_of_the_verdicts_cause_stands_above_what_speaks_of_another() -> None:
    one = changed(run_object(run()), S1_90={"status": "warn", "summary": "w", "causes": ["auth_scheme_wrong"]},
                  S9_90={"status": "fail", "summary": "f", "causes": ["token_expired"]})  # fmt: skip
    other = changed(run_object(run("healthy")), S1_90={"status": "pass", "summary": "p"}, S9_90={"status": "pass", "summary": "p"})
    what = [d.what for d in compare_runs(one, other, ("a", "b")).telling]
    assert what[0] == "verdict"
    assert what.index("S9-90 x") < what.index("S1-90 x")


def test_two_runs_differ_in_their_verdict_and_in_what_their_checks_found() -> None:
    one = run_object(run())
    other = json.loads(json.dumps(run_object(run("healthy", profile="staging"))))
    check = next(c for s in other["steps"] for c in s["checks"] if c["id"] == "S2-03")
    check.update(status="pass", summary="It lives.", causes=["token_expired"])
    seen = compare_runs(one, other, ("a.json", "b.json"))
    assert seen.differences[0].what == "verdict"
    assert rows(seen)["verdict"] == ("token_expired (very likely)", "healthy")
    assert rows(seen)["S2-03 S2-03 is well"] == ("fail: The token ended 2 h ago.", "pass: It lives.")
    assert causes(seen, "S2-03 S2-03 is well") == ("token_expired",)
    assert "I-03 I-03 is well" in seen.alike


def test_the_evidence_of_a_check_that_failed_both_times_may_differ() -> None:
    one, other = run_object(run()), json.loads(json.dumps(run_object(run())))
    line = next(d for s in other["steps"] for c in s["checks"] if c["id"] == "S2-03" for d in c["details"] if d["type"] == "line")
    line["value"] = "2027-01-01"
    assert rows(compare_runs(one, other, ("a", "b"))) == {"S2-03: exp": ("2026-01-01", "2027-01-01")}


@pytest.mark.parametrize("wrong", [{}, {"schema": "authwizard.run/1"}, {"schema": "authwizard.runs/1", "runs": []}])
def test_what_is_no_run_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"authwizard\.run/1"):
        compare_runs(run_object(run()), wrong, ("a", "b"))


JSON = st.recursive(
    st.none() | st.integers() | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["steps", "checks", "id", "details", "type", "causes", "profile"]), inner),
    max_leaves=8,
)  # fmt: skip


@given(JSON)
def test_a_run_that_was_tampered_with_is_compared_all_the_same(value: Any) -> None:
    made = {"schema": "authwizard.run/1", "verdict": {"cause": value, "kind": value}, "steps": value, "profile": value}
    for pair in ((made, run_object(run())), (run_object(run()), {**made, **(value if isinstance(value, dict) else {})})):
        render_comparison(compare_runs(*pair, ("a", "b")))


def test_every_cause_that_is_named_exists() -> None:
    seen = compare_profiles(PROD, STAGING, SecretSide({"x": "#1"}, of="prod"), SecretSide({"x": "#1"}, of="staging"))
    assert {c for d in seen.differences for c in d.causes} <= set(catalogue())
    assert comparison_object(seen)["differences"][0]["explains"]
