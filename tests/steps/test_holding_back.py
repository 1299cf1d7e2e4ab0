"""Checks that must not say more than was seen: each of these once named a wrong cause on some server."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from authwizard.model.evidence import Anonymous, AnonymousAgain, FreshCall, Garbage, Introspection, OddScheme, Tampered
from authwizard.model.finding import Group, Status
from authwizard.model.oauth import Introspected
from authwizard.model.options import RunOptions
from authwizard.steps.intake_triage import status_triage
from authwizard.steps.step2_expiration import not_expired
from authwizard.steps.step3_standing import introspected_active
from authwizard.steps.step6_system_time import clocks_agree
from authwizard.steps.step7_fresh_token import fresh_call
from authwizard.steps.step8_table import like_odd_scheme, nothing_arrives, nothing_changes, ours_unseen
from authwizard.steps.step8_words import message_lexicon

from .made_evidence import NOW, about, baseline, credential, discovery, exchange, granted, judge, keys, said, token

BARE = {"WWW-Authenticate": "Bearer"}
UNIFORM = (Anonymous(exchange(401, "no", {})), Garbage(exchange(401, "no", {})), Tampered(exchange(401, "no", {})))


def test_expiry_told_twice_is_one_fact() -> None:
    """Introspection calls an expired token inactive because it is expired: the sum of S2-03 over again."""
    inactive = Introspection(exchange(200), Introspected(False))
    finding = judge(introspected_active, credential(token({"exp": NOW - 7200})), inactive, baseline(401), keys())
    assert about(finding, "token_expired").group is Group.TIME


def test_the_authorization_server_judges_by_its_own_clock() -> None:
    """The API's Date is two hours behind (an edge writes it): by it the token lives, by the authorization server's it is over."""
    behind = baseline(401, "", {"Date": "Fri, 15 Jan 2027 06:00:00 GMT"})
    own = exchange(200, "", {"Date": "Fri, 15 Jan 2027 08:00:00 GMT"})
    seen = credential(token({"exp": NOW - 3600}))
    finding = judge(introspected_active, seen, Introspection(own, Introspected(False)), behind, keys())
    assert said(finding) == {("token_expired", "S")}


def test_a_date_written_by_an_edge_does_not_make_an_expired_token_a_revoked_one() -> None:
    expired = json.dumps({"message": "jwt expired"})
    behind = baseline(401, expired, {"Date": "Fri, 15 Jan 2027 06:00:00 GMT", "Content-Type": "application/json"})
    seen = credential(token({"exp": NOW - 3600}))
    finding = judge(fresh_call, granted(), FreshCall(exchange(200)), behind, seen, keys())
    assert {(c, g) for c, g in said(finding) if not g.startswith("X")} == {("token_expired", "P")}


def test_nothing_of_the_token_is_judged_where_none_was_seen() -> None:
    evidence = (Anonymous(exchange(401, "", BARE)), Garbage(exchange(401, "", BARE)))
    finding = judge(nothing_arrives, baseline(401, "", BARE), *evidence)
    assert {("token_expired", "XM"), ("authorization_stripped", "M")} <= said(finding)


@pytest.mark.parametrize(("kind", "cause"), [("basic", "user_credentials_invalid"), ("api_key", "api_key_invalid"), ("bearer", "")])
def test_one_answer_to_everything_may_be_a_wrong_password(kind: str, cause: str) -> None:
    finding = judge(nothing_changes, baseline(401, "no"), credential(kind=kind, scheme="Basic" if kind == "basic" else ""), *UNIFORM)
    assert (cause in finding.causes) is bool(cause)


@pytest.mark.parametrize("place", ["cookie", "query"])
def test_no_header_is_overlooked_where_none_carries_the_credential(place: str) -> None:
    evidence = (baseline(401, "no"), Anonymous(exchange(401, "no")), AnonymousAgain(exchange(401, "no")), Garbage(exchange(401, "bad")))
    assert judge(ours_unseen, credential(place=place, scheme=""), *evidence).status is Status.SKIP
    assert judge(ours_unseen, credential(place="header", scheme=""), *evidence).status is Status.FAIL


def test_a_text_that_varies_by_itself_is_no_answer_to_a_scheme() -> None:
    common = (Anonymous(exchange(401, "one")), AnonymousAgain(exchange(401, "one")), Garbage(exchange(401, "two")))
    assert said(judge(like_odd_scheme, baseline(401, "three"), *common, OddScheme(exchange(401, "three")))) == {("auth_scheme_wrong", "M")}
    other_status = judge(like_odd_scheme, baseline(400, "three"), *common, OddScheme(exchange(400, "three")))
    assert said(other_status) == {("auth_scheme_wrong", "S")}


def test_bad_credentials_of_a_bearer_request_are_no_user_name_and_password() -> None:
    words = baseline(401, json.dumps({"message": "Invalid username or password"}))
    assert "user_credentials_invalid" not in judge(message_lexicon, words).causes
    assert "user_credentials_invalid" in judge(message_lexicon, words, credential(kind="basic", scheme="Basic")).causes


def test_a_run_out_of_time_is_told_as_such() -> None:
    finding = judge(status_triage, RunOptions(timeout_seconds=0.5))
    assert (finding.status, finding.facts["cut_short"]) == (Status.BLOCKED, True)
    assert "0.5 s" in finding.summary
    assert "not sent" not in finding.summary
    assert "cut_short" not in judge(status_triage, RunOptions(timeout_seconds=5, costs=frozenset())).facts


def test_a_clock_by_which_a_fresh_token_would_be_refused_is_not_the_apis_where_it_is_accepted() -> None:
    """An edge two hours behind writes the Date; the API judges right: it refuses the expired token and takes the fresh one."""
    late = {"Date": "Fri, 15 Jan 2027 06:00:00 GMT"}
    right = {"Date": "Fri, 15 Jan 2027 08:00:00 GMT"}
    issuer = granted()
    issuer = replace(issuer, exchange=replace(issuer.exchange, response_headers=tuple(right.items())))
    refusing = FreshCall(exchange(401, "", late))
    taking = FreshCall(exchange(200, "", late))
    evidence = (baseline(401, "", late), credential(token({"exp": NOW - 3600})), issuer)
    assert ("clock_skew_server", "S") in said(judge(clocks_agree, *evidence, refusing))
    assert ("clock_skew_server", "M") in said(judge(clocks_agree, *evidence, taking))
    assert judge(not_expired, *evidence).facts["alive_by_reference_clock"] is False


def test_without_words_the_issuers_clock_tells_expiry_from_revocation() -> None:
    behind = baseline(401, "", {"Date": "Fri, 15 Jan 2027 06:00:00 GMT"})
    seen = credential(token({"exp": NOW - 3600}))
    metadata = replace(discovery(), exchanges=(exchange(200, "", {"Date": "Fri, 15 Jan 2027 08:00:00 GMT"}),))
    evidence = (granted(), FreshCall(exchange(200)), behind, seen, keys(), Introspection(exchange(200), Introspected(False)))
    positive = {(c, g) for c, g in said(judge(fresh_call, *evidence, metadata)) if not g.startswith("X")}
    assert positive == {("token_expired", "P")}


def test_words_that_want_bearer_mean_the_spelling_where_bearer_was_sent() -> None:
    """Flask-JWT-Extended to a lowercase scheme."""
    words = baseline(401, json.dumps({"msg": "Missing 'Bearer' type in 'Authorization' header. Expected 'Authorization: Bearer <JWT>'"}))
    assert judge(message_lexicon, words, credential(scheme="bearer")).causes[0] == "auth_scheme_case_rejected"
    assert "auth_scheme_case_rejected" not in judge(message_lexicon, words, credential(scheme="Token")).causes
    odd = (Anonymous(exchange(401, "a")), Garbage(exchange(401, "b")), OddScheme(exchange(400, "c")))
    assert judge(like_odd_scheme, baseline(400, "c"), *odd, credential(scheme="bearer")).causes == ("auth_scheme_case_rejected",)
