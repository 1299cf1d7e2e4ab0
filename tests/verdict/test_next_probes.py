"""What is looked at next: what could still change the verdict, the decisive first, and nothing after a sign of lockout."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.knowledge.next_tests import CONFIRMING, SEPARATING
from authwizard.model.finding import Argument, Finding, Grade, Group, Status
from authwizard.probes import PROBES
from authwizard.verdict import next_probes
from authwizard.verdict.next_probes import (
    DIFFERENTIAL,
    EXPECTATIONS,
    INVALID,
    LAST,
    PROBES_OF_TEST,
    RENEWAL,
    STATE,
    STOPPED,
    SWAPS,
    THOROUGH,
)  # fmt: skip


def finding(check: str, *arguments: Argument, status: Status = Status.FAIL, **facts: Any) -> Finding:
    return Finding(check, 0, check, status, f"summary of {check}", arguments=arguments, facts=facts)


def argue(cause: str, grade: Grade, group: Group = Group.LOCAL_CLAIMS, **more: Any) -> Argument:
    return Argument(cause, grade, group, f"{cause} {grade}", **more)


def triaged(triage: str, **facts: Any) -> Finding:
    return finding("I-03", status=Status.PASS, triage=triage, **facts)


def asked(*findings: Finding) -> list[tuple[str, ...]]:
    """Every wave, as if each probe brought nothing new."""
    waves, settled = [], frozenset[str]()
    while wave := next_probes(list(findings), settled):
        waves.append(wave)
        settled |= set(wave)
        assert len(waves) < 20
    return waves


def flat(waves: list[tuple[str, ...]]) -> list[str]:
    return [probe for wave in waves for probe in wave]


def test_a_refusal_without_a_reason_is_looked_into_to_the_end() -> None:
    order = flat(asked(triaged("401")))
    assert (
        order.index(SWAPS[0]) < order.index("fresh_token") < order.index("fresh_call") < order.index("garbage") < order.index("record_scan")
    )
    assert set(SWAPS) | set(STATE) | set(RENEWAL) | set(DIFFERENTIAL) | set(EXPECTATIONS) <= set(order)


def test_nothing_is_asked_for_twice() -> None:
    order = flat(asked(triaged("401")))
    assert len(order) == len(set(order))


def test_what_is_settled_is_not_asked_for_again() -> None:
    wave = next_probes([triaged("401")], frozenset({*SWAPS, "fresh_token"}))
    assert wave
    assert not set(wave) & {*SWAPS, "fresh_token"}


def test_a_proof_ends_the_search() -> None:
    local = argue("quotes_in_token", Grade.S, Group.LOCAL_BYTES)
    proof = argue("quotes_in_token", Grade.P, Group.SWAP, factor="quotes")
    assert asked(triaged("401"), finding("S1-07", local, proof)) == [("endpoints",), LAST]


def test_a_cause_that_stands_firm_needs_no_invalid_tokens() -> None:
    order = flat(asked(triaged("401"), finding("S3-10", argue("audience_mismatch", Grade.S))))
    assert not set(order) & INVALID
    assert "fresh_token" in order


def test_a_cause_that_may_be_another_gets_them() -> None:
    order = flat(asked(triaged("401"), finding("S3-10", argue("audience_mismatch", Grade.M))))
    assert set(order) >= set(DIFFERENTIAL)


@pytest.mark.parametrize("cause", sorted(STOPPED))
def test_after_a_sign_of_lockout_nothing_more_is_sent(cause: str) -> None:
    assert asked(triaged("401"), finding("S3-15", argue(cause, Grade.S, Group.SERVER_MESSAGE))) == [LAST]
    assert "garbage" in flat(asked(triaged("401"), finding("S3-15", argue(cause, Grade.W, Group.SERVER_MESSAGE)))), "a weak sign is none"


def test_in_front_of_a_gate_no_invalid_token_is_sent() -> None:
    gate = finding("I-04", argue("edge_auth_required", Grade.M, Group.RESPONSE_CLASS))
    assert not set(flat(asked(triaged("401"), gate))) & INVALID


@pytest.mark.parametrize("triage", ["401", "success", "not_sent", "no_answer"])
def test_a_passive_run_sends_nothing(triage: str) -> None:
    assert asked(triaged(triage, passive=True)) == [LAST]


@pytest.mark.parametrize("triage", ["no_answer", "5xx", "pending"])
def test_without_a_judgement_there_is_nothing_to_compare(triage: str) -> None:
    assert asked(triaged(triage)) == [LAST]


def test_a_success_is_controlled_and_the_token_request_tried() -> None:
    order = flat(asked(triaged("success")))
    assert {"garbage", "tampered", "endpoints", "fresh_token", "introspection"} <= set(order)
    assert order.index("endpoints") < order.index("repeats"), "a success that holds (V-05)"
    assert not set(order) & {*SWAPS, "refreshed_token"}


def test_a_success_after_a_reported_401_is_repeated_first() -> None:
    assert asked(triaged("success", reported_401=True))[0] == ("repeats",)


def test_where_nothing_was_sent_the_token_request_may_tell_why() -> None:
    order = flat(asked(triaged("not_sent")))
    assert order[0] == "fresh_token"
    assert not set(order) & {*SWAPS, *DIFFERENTIAL}


def test_a_credential_that_cannot_be_sent_is_sent_mended_first() -> None:
    order = flat(asked(triaged("not_sent"), finding("S1-02", unsendable=True)))
    assert order[:2] == ["cleaned_call", "fresh_token"]
    assert not set(order) & ({*SWAPS, *DIFFERENTIAL} - {"cleaned_call"})


def test_other_ways_of_client_authentication_are_tried_only_after_a_refusal() -> None:
    assert "client_auth_variants" not in flat(asked(triaged("401")))
    order = flat(asked(triaged("401"), finding("S3-05", client_refused=True)))
    assert order.index("fresh_token") < order.index("client_auth_variants")


@pytest.mark.parametrize("triage", ["no_answer", "5xx"])
def test_a_short_token_is_sent_where_a_long_one_was_not_judged(triage: str) -> None:
    assert asked(triaged(triage), finding("S1-16", oversized=True))[0] == ("garbage",)
    assert "garbage" not in flat(asked(triaged(triage)))


@pytest.mark.parametrize(("triage", "seldom"), [("401", {"neighbours", "other_version_call"}), ("success", {"other_version_call"})])
def test_what_seldom_matters_is_asked_in_a_thorough_run_only(triage: str, seldom: set[str]) -> None:
    assert not seldom & set(flat(asked(triaged(triage))))
    order = flat(asked(triaged(triage, thorough=True)))
    assert seldom <= set(order)
    assert order.index("other_version_call") > order.index("introspection")


def test_every_probe_that_waits_to_be_asked_is_asked_somewhere() -> None:
    too_new = finding("S7-02", new_token_refused=True, refreshed_token_refused=True)
    cases = [
        [triaged("401", thorough=True), finding("S3-05", client_refused=True), too_new], [triaged("success", reported_401=True)],
        [triaged("not_sent")],
    ]  # fmt: skip
    everything = {probe for case in cases for probe in flat(asked(*case))}
    waiting = {probe.id for probe in PROBES if probe.when == "asked"}
    assert waiting - everything == set()
    assert everything <= {probe.id for probe in PROBES}


# ── what is looked at only where it decides ──────────────────────────────────────────────────────────────────────────


def test_a_refused_new_token_is_sent_again_last_and_only_where_nothing_else_explains_it() -> None:
    too_new = finding("S7-02", new_token_refused=True)
    order = flat(asked(triaged("401"), too_new))
    assert order.index("odd_scheme") < order.index("fresh_call_again") < order.index("record_scan")
    assert "refreshed_call_again" not in order
    expired = argue("token_expired", Grade.S, Group.TIME)
    assert "fresh_call_again" not in flat(asked(triaged("401"), too_new, finding("S3-10", argue("audience_mismatch", Grade.S))))
    lost = finding("R6", argue("authorization_stripped", Grade.M, Group.RESPONSE_CLASS))
    assert "fresh_call_again" not in flat(asked(triaged("401"), too_new, lost)), "what does not arrive cannot be unknown"
    excluded = argue("token_expired", Grade.XM, Group.SWAP, factor="fresh token")
    assert "fresh_call_again" in flat(asked(triaged("401"), too_new, finding("S2-03", expired), finding("S7-02", excluded)))


def test_the_known_good_credential_comes_before_the_invalid_ones() -> None:
    order = flat(asked(triaged("401")))
    assert order.index("known_good_call") < order.index("garbage")
    assert "known_good_call" not in flat(asked(triaged("401"), finding("S3-10", argue("audience_mismatch", Grade.S))))


def test_the_cheapest_test_of_the_leading_causes_is_done() -> None:
    tied = [argue("wrong_path_or_method", Grade.M), argue("insufficient_scope", Grade.M, Group.RESPONSE_CLASS)]
    order = flat(asked(triaged("401"), finding("S8-03", *tied)))
    assert "path_canary" in order
    silent = [argue("uniform_401", Grade.W, Group.RESPONSE_CLASS), argue("authorization_stripped", Grade.W, Group.RESPONSE_CLASS)]
    order = flat(asked(triaged("401"), finding("R7", *silent)))
    assert order.index("odd_scheme") < order.index("path_canary") < order.index("empty_header")
    assert "uncached_call" not in order
    same = finding("S1-23", status=Status.WARN, like_none=True)
    assert "uncached_call" in flat(asked(triaged("401"), same, finding("R7", *silent))), "a cache may leave no mark"


def test_a_likely_cause_needs_no_further_probes() -> None:
    likely = [argue("audience_mismatch", Grade.M), argue("audience_mismatch", Grade.M, Group.SERVER_MESSAGE)]
    order = flat(asked(triaged("401"), finding("S3-10", *likely)))
    assert "odd_scheme" in order
    assert not set(order) & {"path_canary", "empty_header"}


def test_the_mark_of_a_cache_is_passed_by_and_a_404_held_against_another_path() -> None:
    cached = finding("S8-10", argue("cached_401", Grade.S, Group.RESPONSE_CLASS), from_cache=True)
    assert "uncached_call" in flat(asked(triaged("401"), cached))
    assert "uncached_call" not in flat(asked(triaged("401")))
    order = flat(asked(triaged("404")))
    assert order.index("path_canary") < order.index("fresh_token")


def test_what_may_hold_for_one_server_of_several_is_sent_again() -> None:
    unknown = argue("signing_key_unknown", Grade.M, Group.METADATA)
    assert "repeats" in flat(asked(triaged("401"), finding("S3-12", unknown)))
    assert "repeats" not in flat(asked(triaged("401"), finding("S3-10", argue("audience_mismatch", Grade.S))))


@pytest.mark.parametrize("grade", [Grade.P, Grade.S, Grade.M])
def test_thorough_asks_for_everything(grade: Grade) -> None:
    group = Group.SWAP if grade is Grade.P else Group.LOCAL_CLAIMS
    order = flat(asked(triaged("401", thorough=True), finding("S3-10", argue("audience_mismatch", grade, group, factor="x"))))
    assert set(THOROUGH) <= set(order)


def test_a_gate_gets_no_invalid_token_however_thorough() -> None:
    gate = finding("I-04", argue("edge_auth_required", Grade.M, Group.RESPONSE_CLASS))
    assert not set(flat(asked(triaged("401", thorough=True), gate))) & INVALID


def test_every_test_that_is_named_for_a_probe_exists() -> None:
    assert {probe for wave in PROBES_OF_TEST.values() for probe in wave} <= {probe.id for probe in PROBES}
    named = {test.probe for _, test in (*SEPARATING, *CONFIRMING)}
    assert set(PROBES_OF_TEST) <= named


def test_a_token_accepted_late_is_sent_once_more_because_another_server_may_have_answered() -> None:
    late = finding("S7-02", argue("token_propagation_delay", Grade.S, Group.RESPONSE_CLASS))
    assert "repeats" in flat(asked(triaged("401"), late))


def test_where_another_token_was_accepted_on_the_same_way_nothing_invalid_is_sent() -> None:
    """The way is open, so the answers to garbage, to other schemes and to other paths could change nothing."""
    flipped = finding("S7-02", argue("authorization_stripped", Grade.XS, Group.SWAP, factor="fresh token"))
    sent = {probe for wave in asked(triaged("401"), flipped) for probe in wave}
    assert "fresh_call" in sent
    assert not sent & {"garbage", "tampered", "odd_scheme", "path_canary", "empty_header", "known_good_call"}
