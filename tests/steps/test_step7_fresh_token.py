"""S7-01 to S7-04: a new token in the stored one's place."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import (
    ClientEnvironment,
    FreshCall,
    FreshCallAgain,
    FreshToken,
    Introspection,
    NotTried,
    OtherValue,
    SentCredential,
    SentRequest,
)
from authwizard.model.finding import Finding, Group, Status, Table
from authwizard.model.oauth import Introspected
from authwizard.model.token import TokenFault
from authwizard.steps.attribution import EXCLUDED_BY_SAME_ANSWER, EXCLUDED_BY_SUCCESS
from authwizard.steps.step7_fresh_token import CHECKS, STEP, fresh_call, minted, stored_against_fresh, where_the_stale_one_lives

from .made_evidence import (
    AUDIENCE,
    FAILED,
    NOW,
    about,
    baseline,
    credential,
    discovery,
    exchange,
    granted,
    judge,
    keys,
    opaque,
    present,
    refusal,
    refused,
    said,
    secrets,
    token,
)

ALL_SHARED = ("audience_mismatch", "issuer_mismatch", "insufficient_scope", "client_credentials_invalid", "authorization_stripped",
              "auth_scheme_wrong", "server_key_misconfigured", "clock_skew_server", "clock_skew_issuer_api")  # fmt: skip


def works(**changes: Any) -> FreshCall:
    return FreshCall(exchange(200), **changes)


def refused_twice(words: str) -> tuple[FreshCall, FreshCallAgain]:
    return FreshCall(exchange(401, words)), FreshCallAgain(exchange(401, words))


def positive(finding: Finding) -> set[tuple[str, str]]:
    return {(cause, grade) for cause, grade in said(finding) if not grade.startswith("X")}


# ── S7-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_minting() -> None:
    assert judge(minted, granted()).status is Status.PASS
    failed = judge(minted, refused("invalid_client", 401))
    assert (failed.status, said(failed)) == (Status.FAIL, set())
    assert judge(minted, granted(same_as_stored=True)).status is Status.BLOCKED
    assert judge(minted, refused("", exchange=exchange(None))).status is Status.BLOCKED
    short = granted()
    assert judge(minted, dataclasses.replace(short, answer=dataclasses.replace(short.answer, expires_in=0))).status is Status.WARN
    assert judge(minted, given={FreshToken: NotTried("No leave.")}).skip == "not_tried"


# ── S7-02: the new token works ───────────────────────────────────────────────────────────────────────────────────────


def test_h01_e02_a_perfect_token_was_revoked() -> None:
    finding = judge(fresh_call, granted(), works(), refusal("invalid or has expired"), keys())
    assert finding.status is Status.PASS
    assert positive(finding) == {("token_revoked", "P")}
    argument = about(finding, "token_revoked")
    assert (argument.group, argument.factor) == (Group.SWAP, "fresh token")
    assert {cause for cause, grade in said(finding) if grade == "XS"} == {*EXCLUDED_BY_SUCCESS, "insufficient_scope"}


def test_e01_an_expired_token() -> None:
    seen = credential(token({"exp": NOW - 7200}))
    finding = judge(fresh_call, granted(), works(), refusal("invalid or has expired"), seen, keys())
    assert positive(finding) == {("token_expired", "P")}
    assert "2 h ago" in about(finding, "token_expired").text


@for_each(
    ("seen", "expected"),
    [
        (credential(faults=(TokenFault("whitespace_in_credential", "A blank ends it."),)), "whitespace_in_credential"),
        (credential(token({"exp": NOW - 60}, faults=(TokenFault("token_truncated", "The end is cut."),))), "token_truncated"),
        (credential(opaque(), faults=(TokenFault("placeholder_value", "A sample."),)), "placeholder_value"),
        (credential(token(header={"alg": "none"})), "alg_none_or_unsupported"),
        (credential(token({"nbf": NOW + 600})), "token_not_yet_valid"),
        (credential(token({"exp": (NOW + 600) * 1000})), "exp_wrong_unit"),
        (credential(token({"typ": "Refresh"})), "refresh_token_used"),
        (credential(token({"token_use": "id", "aud": "client-1", "scope": None}, {"typ": "JWT"})), "id_token_used"),
        (credential(token({"iss": "https://auth.example.com/"})), "issuer_trailing_slash"),
        (credential(token({"aud": "https://other.example.com"})), "audience_mismatch"),
        (credential(token({"aud": None})), "audience_missing"),
        (credential(token({"cnf": {"jkt": "x"}})), "dpop_required"),
        (credential(token({"client_id": "client-9"})), "environment_mismatch"),
        (credential(token(header={"typ": "JWT"})), "wrong_token_type"),
        (credential(opaque(kind="jwe")), "opaque_token_no_audience"),
    ],
)  # fmt: skip
def test_the_fault_is_told_by_local_facts(seen: Any, expected: str) -> None:
    finding = judge(fresh_call, granted(), works(), baseline(401), seen, keys())
    assert positive(finding) == {(expected, "P")}


def test_e07_e08_the_key_set_tells_signature_and_rotation() -> None:
    broken = judge(fresh_call, granted(), works(), baseline(401), keys(signature=FAILED))
    assert positive(broken) == {("signature_invalid", "P")}
    gone = judge(fresh_call, granted(token(header={"kid": "key-2"})), works(), baseline(401), keys("key-2", signature=None))
    assert positive(gone) == {("signing_key_rotated", "P")}
    old = credential(token({"exp": NOW - 99}))
    assert positive(judge(fresh_call, granted(), works(), baseline(401), old, keys("key-2", signature=None))) == {("token_expired", "P")}


def test_keys_of_another_issuer_prove_neither() -> None:
    seen = credential(token({"iss": "https://else.example"}))
    finding = judge(fresh_call, granted(), works(), baseline(401), seen, keys("key-2", signature=FAILED), discovery())
    assert positive(finding) == {("issuer_mismatch", "P")}


def test_f01_more_than_one_difference_is_only_a_hint() -> None:
    seen = credential(token({"iss": "https://auth.staging.example.com", "aud": "https://api.staging.example.com"}, {"kid": "key-s"}))
    finding = judge(fresh_call, granted(), works(), baseline(401), seen, discovery(), keys())
    assert positive(finding) == {("environment_mismatch", "M")}
    two = judge(fresh_call, granted(), works(), baseline(401), credential(token({"aud": "x", "client_id": "y"})), keys())
    assert positive(two) == {("audience_mismatch", "M"), ("environment_mismatch", "M")}


def test_expired_and_from_elsewhere_leaves_two_explanations() -> None:
    seen = credential(token({"exp": NOW - 99, "aud": "https://other.example.com"}))
    both = {("token_expired", "M"), ("audience_mismatch", "M")}
    assert positive(judge(fresh_call, granted(), works(), baseline(401), seen, keys())) == both


def test_a_damaged_token_has_no_claims_to_compare() -> None:
    cut = credential(token({"aud": "x"}, faults=(TokenFault("token_truncated", "The end is cut."),)))
    assert positive(judge(fresh_call, granted(), works(), baseline(401), cut)) == {("token_truncated", "P")}


def test_more_scope_is_proof_only_where_the_refusal_is_about_scope() -> None:
    new = granted(token({"scope": "read write"}))
    assert positive(judge(fresh_call, new, works(), baseline(403), keys())) == {("insufficient_scope", "P")}
    assert positive(judge(fresh_call, new, works(), baseline(401), keys())) == {("insufficient_scope", "M")}
    assert positive(judge(fresh_call, granted(token({"scope": ""})), works(), refusal("x"), keys())) == {("token_revoked", "P")}


def test_another_subject_names_no_cause_for_certain() -> None:
    assert positive(judge(fresh_call, granted(token({"sub": "b"})), works(), baseline(401), keys())) == {("token_revoked", "M")}


def test_a_token_without_an_end_is_no_revoked_one() -> None:
    finding = judge(fresh_call, granted(), works(), baseline(401), credential(token({"exp": None})), keys())
    assert positive(finding) == {("exp_missing", "P")}


def test_a_claim_the_stored_token_lacks_may_be_what_is_missing() -> None:
    richer = granted(token({"department": "sales"}))
    assert positive(judge(fresh_call, richer, works(), baseline(401), keys())) == {("claim_missing", "M"), ("token_revoked", "M")}
    active = Introspection(exchange(200), Introspected(active=True))
    seen = judge(fresh_call, richer, works(), baseline(401), keys(), active)
    assert positive(seen) == {("claim_missing", "M"), ("authorizer_cache", "M")}
    told = judge(fresh_call, richer, works(), refusal("token_revoked"), keys())
    assert positive(told) == {("token_revoked", "P")}, "the server's words decide"
    expired = credential(token({"exp": NOW - 3600}))
    assert positive(judge(fresh_call, richer, works(), baseline(401), expired, keys())) == {("token_expired", "P")}, (
        "it is of no account then"
    )


def test_words_that_name_something_else_lower_the_proof() -> None:
    finding = judge(fresh_call, granted(), works(), refusal("jwt audience invalid. expected: x"), keys())
    assert positive(finding) == {("token_revoked", "M")}
    fits = judge(fresh_call, granted(), works(), refusal("jwt malformed"), credential(faults=(TokenFault("quotes_in_token", "Quotes."),)))
    assert positive(fits) == {("quotes_in_token", "P")}


def test_words_about_another_side_of_a_broken_token_fit() -> None:
    finding = judge(fresh_call, granted(), works(), refusal("invalid algorithm"), credential(token(header={"alg": "none"})))
    assert positive(finding) == {("alg_none_or_unsupported", "P")}


def test_words_about_the_tokens_state_are_taken() -> None:
    finding = judge(fresh_call, granted(), works(), refusal("token_revoked"), keys(signature=None))
    assert positive(finding) == {("token_revoked", "P")}


def test_without_a_verified_signature_revocation_is_not_proven() -> None:
    assert positive(judge(fresh_call, granted(), works(), baseline(401))) == {("token_revoked", "S")}


def test_an_opaque_token_was_expired_or_revoked() -> None:
    either = judge(fresh_call, granted(opaque()), works(), baseline(401), credential(opaque()))
    assert positive(either) == {("token_expired", "M"), ("token_revoked", "M")}
    aged = secrets(access_token=present("access_token", obtained_at=NOW - 7200, expires_in=3600))
    assert positive(judge(fresh_call, granted(opaque()), works(), baseline(401), credential(opaque()), aged)) == {("token_expired", "P")}
    dead = Introspection(exchange(200), Introspected(False))
    assert positive(judge(fresh_call, granted(opaque()), works(), baseline(401), credential(opaque()), dead)) == {("token_revoked", "P")}


def test_a23_the_refresh_token_by_its_fingerprint() -> None:
    seen = credential(opaque())
    stored = secrets(refresh_token=present("refresh_token", fingerprint=seen.fingerprint, length=seen.length))
    assert positive(judge(fresh_call, granted(), works(), baseline(401), seen, stored)) == {("refresh_token_used", "P")}


def test_h09_a_gateway_keeps_an_old_decision() -> None:
    gateway = baseline(403, '{"message":"Forbidden"}', {"apigw-requestid": "abc=", "Content-Type": "application/json"})
    active = Introspection(exchange(200), Introspected(True))
    either = {("authorizer_cache", "M"), ("token_revoked", "M")}
    assert positive(judge(fresh_call, granted(), works(), gateway, keys())) == either, "a 403 alone does not tell a kept decision"
    assert positive(judge(fresh_call, granted(), works(), gateway, keys(), active)) == {("authorizer_cache", "P")}
    assert positive(judge(fresh_call, granted(), works(), baseline(403), keys())) == {("token_revoked", "M")}
    unauthorized = baseline(401, '{"message":"Unauthorized"}', {"apigw-requestid": "abc=", "Content-Type": "application/json"})
    assert positive(judge(fresh_call, granted(), works(), unauthorized, keys())) == {("authorizer_cache", "M"), ("token_revoked", "M")}
    assert positive(judge(fresh_call, granted(), works(), unauthorized, keys(), active)) == {("authorizer_cache", "P")}
    assert positive(judge(fresh_call, granted(), works(), baseline(401), keys(), active)) == {("authorizer_cache", "S")}


def test_a_blank_in_the_profiles_scheme_is_no_fault_of_the_token() -> None:
    seen = credential(faults=(TokenFault("whitespace_in_credential", "Two blanks."),))
    clean = secrets(access_token=present("access_token"))
    dirty = secrets(access_token=present("access_token", faults=(TokenFault("whitespace_in_credential", "A blank."),)))
    assert positive(judge(fresh_call, granted(), works(), baseline(401), seen, keys(), clean)) == {("token_revoked", "P")}
    assert positive(judge(fresh_call, granted(), works(), baseline(401), seen, keys(), dirty)) == {("whitespace_in_credential", "P")}


def test_a_token_that_could_not_even_be_sent() -> None:
    seen = credential(faults=(TokenFault("line_break_in_token", "A line break."),), unsendable="A line break at 12.")
    assert positive(judge(fresh_call, granted(), works(), seen)) == {("line_break_in_token", "P")}


def test_only_the_second_try_works() -> None:
    late = FreshCall(exchange(401)), FreshCallAgain(exchange(200))
    finding = judge(fresh_call, granted(), *late, baseline(401), keys())
    assert finding.status is Status.WARN
    assert positive(finding) == {("token_propagation_delay", "S"), ("token_revoked", "M")}, "the stored one may have been too new as well"
    old = judge(fresh_call, granted(), *late, baseline(401), keys(), credential(token({"exp": NOW - 99})))
    assert positive(old) == {("token_propagation_delay", "S"), ("token_expired", "P")}


def test_a_new_token_that_was_not_sent() -> None:
    assert judge(fresh_call, granted(), baseline(200)).skip == "not_applicable"
    assert judge(fresh_call, granted(), baseline(401)).skip == "not_tried"
    assert judge(fresh_call, refused("invalid_client"), baseline(401)).skip == "not_applicable"
    assert judge(fresh_call, granted(same_as_stored=True), baseline(401)).status is Status.BLOCKED


@pytest.mark.parametrize("status", [302, 403, 404, 500])
def test_only_a_401_may_be_that_of_a_token_too_new(status: int) -> None:
    finding = judge(fresh_call, granted(), FreshCall(exchange(status)), baseline(status), keys())
    assert finding.facts == {}
    assert ("token_revoked", "XS") in said(finding)


def test_a_token_fetched_for_this_run_may_be_too_new() -> None:
    made_now = credential(fetched=True)
    once = judge(fresh_call, granted(), made_now, baseline(401))
    assert (once.status, once.facts) == (Status.SKIP, {"new_token_refused": True})
    late = judge(fresh_call, granted(), made_now, baseline(401), FreshCallAgain(exchange(200)))
    assert (late.status, positive(late)) == (Status.WARN, {("token_propagation_delay", "S")})
    never = judge(fresh_call, granted(), made_now, baseline(401), FreshCallAgain(exchange(401)))
    assert (never.status, said(never)) == (Status.FAIL, set())
    lost = judge(fresh_call, granted(), made_now, baseline(401), FreshCallAgain(exchange(None)))
    assert (lost.status, said(lost)) == (Status.BLOCKED, set())
    assert judge(fresh_call, granted(), made_now, baseline(200)).facts == {}


# ── S7-02: the new token is refused too, or proves nothing ───────────────────────────────────────────────────────────


def test_the_same_refusal_excludes_the_faults_of_one_token_and_nothing_else() -> None:
    first = judge(fresh_call, granted(), FreshCall(exchange(401, "no")), baseline(401, "no"), keys())
    assert (first.status, first.facts) == (Status.FAIL, {"new_token_refused": True})
    assert said(first) == {(cause, "XM") for cause in EXCLUDED_BY_SAME_ANSWER}, "it may only be too new"
    finding = judge(fresh_call, granted(), *refused_twice("no"), baseline(401, "no"), keys())
    assert (finding.status, finding.facts) == (Status.FAIL, {})
    assert said(finding) == {(cause, "XS") for cause in EXCLUDED_BY_SAME_ANSWER}
    assert {"token_expired", "token_revoked", "token_malformed", "token_truncated", "stale_token_sent", "signing_key_rotated"} == set(
        EXCLUDED_BY_SAME_ANSWER
    )
    assert not set(EXCLUDED_BY_SAME_ANSWER) & set(ALL_SHARED)


def test_the_same_words_of_expiry_for_a_new_token_still_exclude_expiry() -> None:
    words = '{"error": "jwt expired"}'
    finding = judge(fresh_call, granted(), *refused_twice(words), baseline(401, words), keys())
    assert ("token_expired", "XS") in said(finding)


def test_ids_and_times_in_the_body_do_not_make_another_answer() -> None:
    ids = ("7f3a9c21-0000-4000-8000-000000000001", "7f3a9c21-0000-4000-8000-00000000abcd")
    one, other = (json.dumps({"error": "no", "request_id": i}) for i in ids)
    assert ("token_revoked", "XS") in said(judge(fresh_call, granted(), *refused_twice(one), baseline(401, other)))


def test_n04_expired_and_lacking_scope() -> None:
    seen = credential(token({"exp": NOW - 7200}))
    finding = judge(fresh_call, granted(), FreshCall(exchange(403, "insufficient_scope")), refusal("jwt expired"), seen, keys())
    assert (finding.status, said(finding)) == (Status.FAIL, {("token_expired", "S")})
    sound = judge(fresh_call, granted(), FreshCall(exchange(403)), refusal("jwt expired"), keys())
    assert said(sound) == set()


def test_another_401_proves_nothing() -> None:
    assert said(judge(fresh_call, granted(), FreshCall(exchange(401, '{"error": "jwt not active"}')), refusal("jwt expired"))) == set()


def test_e11_a_verified_new_token_is_refused_for_its_signature() -> None:
    words = '{"error": "invalid signature"}'
    finding = judge(fresh_call, granted(), FreshCall(exchange(401, words)), baseline(401, words), keys())
    assert ("server_key_misconfigured", "S") in said(finding)
    assert about(finding, "server_key_misconfigured").group is Group.METADATA
    unverified = judge(fresh_call, granted(signature=None), FreshCall(exchange(401, words)), baseline(401, words), keys())
    assert "server_key_misconfigured" not in {cause for cause, _ in said(unverified)}


@pytest.mark.parametrize(
    ("grant", "call", "before", "status"),
    [
        (granted(same_as_stored=True), FreshCall(exchange(200)), baseline(401), Status.BLOCKED),
        (granted(), FreshCall(exchange(None)), baseline(401), Status.BLOCKED),
        (granted(), FreshCall(exchange(200)), baseline(200), Status.PASS),
    ],
)
def test_what_proves_nothing(grant: FreshToken, call: FreshCall, before: Any, status: Status) -> None:
    finding = judge(fresh_call, grant, call, before, keys())
    assert (finding.status, said(finding)) == (status, set())


def test_a_token_fetched_for_the_run_has_no_predecessor() -> None:
    finding = judge(fresh_call, granted(), works(), baseline(401), credential(fetched=True))
    assert (finding.status, said(finding)) == (Status.SKIP, set())


# ── S7-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_f04_the_differing_attribute_is_a_candidate() -> None:
    seen = credential(token({"aud": "https://other.example.com", "sub": "private"}))
    finding = judge(stored_against_fresh, granted(), seen, baseline(401))
    assert ("audience_mismatch", "M") in said(finding)
    assert about(finding, "audience_mismatch").group is Group.LOCAL_CLAIMS
    assert AUDIENCE in finding.summary
    assert "private" not in str(finding)


def test_a_key_that_is_proven_with_each_request_is_no_difference_that_counts() -> None:
    bound = token({"cnf": {"jkt": "x"}})
    assert positive(judge(stored_against_fresh, granted(), credential(bound), baseline(401))) == {("dpop_required", "M")}
    assert positive(judge(stored_against_fresh, granted(), credential(bound, kind="dpop"), baseline(401))) == set()


def test_a_table_claim_by_claim() -> None:
    finding = judge(stored_against_fresh, granted(), baseline(401))
    assert (finding.status, said(finding)) == (Status.PASS, set())
    table = next(d for d in finding.details if isinstance(d, Table))
    rows = {row[0]: row for row in table.rows}
    assert rows["iss"][3] == "same"
    assert rows["issued"][3] == "differs"


def test_a_client_that_differs_counts_with_the_other_profiles() -> None:
    finding = judge(stored_against_fresh, granted(), credential(token({"client_id": "client-9"})), baseline(401))
    assert about(finding, "environment_mismatch").group is Group.CROSS_PROFILE


def test_a_difference_the_api_does_not_mind_is_no_candidate() -> None:
    seen = credential(token({"aud": "https://other.example.com"}))
    alike = judge(stored_against_fresh, granted(), seen, baseline(401), FreshCall(exchange(401)))
    assert (alike.status, said(alike)) == (Status.WARN, set())
    assert said(judge(stored_against_fresh, granted(), seen, baseline(200))) == set()


def test_nothing_to_compare() -> None:
    assert judge(stored_against_fresh, refused("invalid_client")).status is Status.SKIP
    assert judge(stored_against_fresh, granted(), credential(token=None)).status is Status.SKIP
    assert judge(stored_against_fresh, granted(same_as_stored=True)).status is Status.BLOCKED
    assert judge(stored_against_fresh, granted(opaque()), credential(opaque())).status is Status.PASS


# ── S7-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_b05_another_value_in_the_environment() -> None:
    found = ClientEnvironment(other_values=(OtherValue("API_TOKEN", "access_token"),))
    works_here = judge(where_the_stale_one_lives, found, baseline(200))
    assert (works_here.status, said(works_here)) == (Status.WARN, {("stale_env_value", "M")})
    assert "API_TOKEN" in works_here.summary
    refused_here = judge(where_the_stale_one_lives, found, baseline(401))
    assert (refused_here.status, said(refused_here)) == (Status.WARN, set())


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (OtherValue("TOKEN in .env", "access_token", expires=NOW - 7200), "expired 2 h"),
        (OtherValue("TOKEN in .env", "access_token", expires=NOW + 60, older=True), "older one of the same issuer"),
    ],
)
def test_b05_a_worse_token_tells_more_than_another_one(value: OtherValue, words: str) -> None:
    finding = judge(where_the_stale_one_lives, ClientEnvironment(other_values=(value,)), baseline(200))
    assert said(finding) == {("stale_env_value", "S")}
    assert words in finding.summary


def test_quotes_around_the_right_value_are_a_weak_sign() -> None:
    quoted = ClientEnvironment(same_places=("TOKEN in .env",), cautions=(("quotes_in_token", "TOKEN in .env stands in quotes."),))
    assert said(judge(where_the_stale_one_lives, quoted, baseline(200))) == {("quotes_in_token", "W")}
    assert said(judge(where_the_stale_one_lives, quoted, baseline(401))) == set()


def sent(fingerprint: str, same: bool | None = False, **more: Any) -> SentRequest:
    made: dict[str, Any] = {"scheme": "Bearer", "same": same, "fingerprint": fingerprint}
    return SentRequest(credentials=(SentCredential("header", "Authorization", **{**made, **more}),))


def test_the_program_sent_another_token() -> None:
    assert said(judge(where_the_stale_one_lives, sent("#00000000"), baseline(200))) == {("stale_token_sent", "M")}
    same = judge(where_the_stale_one_lives, sent("#stored00", same=True), baseline(200))
    assert (same.status, said(same)) == (Status.PASS, set())
    assert "the very same" in same.summary
    for other in (sent("", same=None), sent("#00000000", scheme="Basic"), sent("#00000000", stored_as="refresh_token")):
        assert said(judge(where_the_stale_one_lives, other, baseline(200))) == set()


def test_the_place_whose_value_was_sent_is_named_for_certain() -> None:
    places = ClientEnvironment(other_values=(OtherValue("A", "access_token", "#aaaaaaaa"), OtherValue("B", "access_token", "#bbbbbbbb")))
    finding = judge(where_the_stale_one_lives, places, sent("#bbbbbbbb"), baseline(200))
    assert said(finding) == {("stale_env_value", "S"), ("stale_env_value", "M")}
    assert "B holds the very value" in next(a.text for a in finding.arguments if a.grade == "S")


def test_the_step() -> None:
    assert (STEP.number, STEP.id, [c.id for c in CHECKS]) == (7, "fresh_token", [f"S7-0{n}" for n in range(1, 6)])
