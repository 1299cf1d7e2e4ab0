"""Where the verdict holds back: strong evidence that leaves another explanation open."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.finding import Argument, Finding, Grade, Group, Status
from authwizard.verdict import conclude, next_probes


def finding(check: str, *arguments: Argument, status: Status = Status.FAIL, **facts: Any) -> Finding:
    return Finding(check, 0, check, status, f"summary of {check}", arguments=arguments, facts=facts)


def argue(cause: str, grade: Grade, group: Group, **more: Any) -> Argument:
    return Argument(cause, grade, group, f"{cause} {grade} {group}", **more)


def refused(**facts: Any) -> Finding:
    return finding("I-03", status=Status.PASS, triage="401", **facts)


EXPIRED = finding("S2-03", argue("token_expired", Grade.S, Group.TIME))
LIKE_NONE = finding("S1-21", status=Status.WARN, like_none=True)
SAME_WITH_A_FRESH_ONE = finding("S7-02", argue("token_expired", Grade.XS, Group.SWAP, factor="fresh token"))
NOTHING_ARRIVES = finding(
    "R6", argue("authorization_stripped", Grade.M, Group.RESPONSE_CLASS), argue("token_expired", Grade.XM, Group.RESPONSE_CLASS)
)


def remaining(*findings: Finding) -> list[str]:
    """The probes that are asked for, wave by wave, until none is left."""
    asked: list[str] = []
    while wave := next_probes(list(findings), frozenset(asked)):
        asked += wave
    return asked


def test_an_answer_like_the_one_to_no_credential_is_looked_into_before_the_token_is_blamed() -> None:
    sure = remaining(refused(), EXPIRED)
    unsure = remaining(refused(), EXPIRED, LIKE_NONE)
    assert "garbage" not in sure
    assert {"anonymous_again", "garbage", "tampered"} <= set(unsure)
    assert unsure.index("anonymous_again") < unsure.index("garbage"), "first it is seen whether answers vary by themselves"
    assert conclude([refused(), EXPIRED]).confidence == "very_likely"
    assert conclude([refused(), EXPIRED, LIKE_NONE]).confidence == "likely"


def test_expired_and_stripped_is_one_of_the_two() -> None:
    verdict = conclude([refused(), EXPIRED, LIKE_NONE, NOTHING_ARRIVES])
    assert (verdict.kind, verdict.confidence) == ("cause", "possible")
    assert {verdict.cause, verdict.tie_with} == {"token_expired", "authorization_stripped"}


def test_a_fresh_token_that_is_refused_alike_takes_the_blame_from_expiry_but_does_not_hide_it() -> None:
    verdict = conclude([refused(), EXPIRED, LIKE_NONE, SAME_WITH_A_FRESH_ONE, NOTHING_ARRIVES])
    assert (verdict.cause, verdict.confidence) == ("authorization_stripped", "possible")
    assert verdict.will_fail_next == ("token_expired",)


def test_where_nobody_can_tell_a_certain_fault_is_told_all_the_same() -> None:
    uniform = finding("R7", argue("uniform_401", Grade.W, Group.RESPONSE_CLASS), status=Status.WARN)
    verdict = conclude([refused(), EXPIRED, LIKE_NONE, SAME_WITH_A_FRESH_ONE, uniform])
    assert verdict.kind == "cannot_tell"
    assert "token_expired" in verdict.summary
    assert [w.cause for w in verdict.warnings] == ["token_expired"]


def test_a_fault_that_was_refuted_in_kind_is_not_called_certain() -> None:
    denied = finding("S2-08", argue("token_expired", Grade.XS, Group.TIME))
    uniform = finding("R7", argue("uniform_401", Grade.W, Group.RESPONSE_CLASS), status=Status.WARN)
    assert not conclude([refused(), EXPIRED, denied, uniform]).warnings


def test_words_about_the_signature_alone_do_not_say_whose_key_is_wrong() -> None:
    words = finding("S8-03", argue("signature_invalid", Grade.S, Group.SERVER_MESSAGE))
    checked = finding("S3-13", argue("signature_invalid", Grade.S, Group.METADATA))
    assert conclude([refused(), words]).confidence == "possible"
    assert conclude([refused(), words, checked]).confidence == "very_likely"


def test_two_clocks_that_disagree_about_expiry_decide_nothing() -> None:
    disputed = finding("S2-03", argue("token_expired", Grade.S, Group.TIME), alive_by_this_machine=True)
    assert conclude([refused(), disputed]).confidence == "possible"


@pytest.mark.parametrize(("alive", "root"), [(True, "clock_skew_server"), (False, "token_expired")])
def test_a_clock_that_is_off_explains_an_expired_token_only_where_the_others_call_it_alive(alive: bool, root: str) -> None:
    sums = finding("S2-03", argue("token_expired", Grade.S, Group.TIME), alive_by_reference_clock=alive)
    clock = finding("S6-02", argue("clock_skew_server", Grade.S if alive else Grade.M, Group.TIME))
    assert conclude([refused(), sums, clock]).cause == root


def test_from_elsewhere_and_expired_is_one_of_the_two_until_the_server_says_which() -> None:
    elsewhere = finding("S3-03", argue("environment_mismatch", Grade.M, Group.CROSS_PROFILE))
    verdict = conclude([refused(), EXPIRED, elsewhere])
    assert (verdict.cause, verdict.confidence, verdict.tie_with) == ("token_expired", "possible", "environment_mismatch")
    told = conclude([refused(), EXPIRED, elsewhere, finding("S8-03", argue("token_expired", Grade.S, Group.SERVER_MESSAGE))])
    assert (told.confidence, told.will_fail_next) == ("very_likely", ("environment_mismatch",))


def test_a_403_is_not_called_a_policy_before_garbage_was_tried() -> None:
    words = finding("S8-03", argue("forbidden_by_policy", Grade.S, Group.SERVER_MESSAGE))
    assert "garbage" in remaining(refused(), words)
    same_for_garbage = finding("S5-06", argue("forbidden_by_policy", Grade.XM, Group.SERVER_MESSAGE), status=Status.WARN)
    assert conclude([refused(), words, same_for_garbage]).confidence == "possible"


FLIP = finding("S7-02", argue("authorizer_cache", Grade.P, Group.SWAP, factor="fresh token"))


def test_a_flip_that_nothing_else_explains_is_repeated() -> None:
    assert "repeats" in remaining(refused(), FLIP)
    explained = finding("S7-02", argue("token_expired", Grade.P, Group.SWAP, factor="fresh token"))
    assert "repeats" not in remaining(refused(), EXPIRED, explained)
    assert remaining(refused(sometimes=True))[0] != "record_scan"
    assert "repeats" in remaining(refused(sometimes=True))


def test_one_flip_proves_nothing_where_equal_requests_flip_by_themselves() -> None:
    mixture = finding("I-05", argue("replica_inconsistent", Grade.S, Group.RESPONSE_CLASS), flapping=True)
    verdict = conclude([refused(), FLIP, mixture])
    assert (verdict.cause, verdict.confidence) == ("replica_inconsistent", "likely")


def test_where_equal_requests_flip_comparisons_exclude_nothing() -> None:
    mixture = finding("I-05", argue("replica_inconsistent", Grade.S, Group.RESPONSE_CLASS), flapping=True)
    stale = finding("S3-12", argue("jwks_stale_at_server", Grade.S, Group.METADATA))
    flip = finding("S7-02", argue("jwks_stale_at_server", Grade.XS, Group.SWAP, factor="fresh token"))
    differs = finding("R10", argue("jwks_stale_at_server", Grade.XS, Group.RESPONSE_CLASS))
    verdict = conclude([refused(), mixture, stale, flip, differs])
    assert (verdict.cause, verdict.mechanisms, verdict.will_fail_next) == ("replica_inconsistent", ("jwks_stale_at_server",), ())
    assert {b.check for b in verdict.because} == {"I-05", "S3-12"}


def test_words_said_to_everybody_are_weak_whoever_reads_them() -> None:
    words = finding("S8-03", argue("session_expired", Grade.W, Group.SERVER_MESSAGE), words_said_to_all=True)
    session = finding("S2-09", argue("session_expired", Grade.S, Group.SERVER_MESSAGE))
    assert conclude([refused(), session]).cause == "session_expired"
    assert conclude([refused(), session, words]).kind == "cannot_tell"
    assert conclude([refused(), EXPIRED, words]).cause == "token_expired", "what was computed here stands"
    locked = finding("S3-15", argue("account_locked", Grade.S, Group.SERVER_MESSAGE))
    assert conclude([refused(), locked, words]).cause == "account_locked"


def test_a_published_key_the_server_does_not_know_may_be_one_replica() -> None:
    words = finding("S8-03", argue("signing_key_unknown", Grade.S, Group.SERVER_MESSAGE))
    assert "repeats" not in remaining(refused(), words)
    order = remaining(refused(), words, finding("S3-12", argue("signing_key_unknown", Grade.M, Group.METADATA)))
    assert order.index("repeats") < order.index("fresh_call")


def test_a_run_that_was_out_of_time_does_not_say_that_nothing_was_sent() -> None:
    late = finding("I-03", status=Status.BLOCKED, triage="not_sent", unblock="Give it more time with --timeout.", cut_short=True)
    verdict = conclude([late])
    assert (verdict.kind, verdict.next_test) == ("could_not_look", "Give it more time with --timeout.")
    assert "Nothing was sent" not in verdict.summary


def test_a_finding_that_warns_of_two_things_tells_each_in_its_own_words() -> None:
    both = finding(
        "I-01",
        argue("plaintext_http", Grade.W, Group.LOCAL_BYTES),
        argue("placeholder_value", Grade.W, Group.LOCAL_BYTES),
        status=Status.WARN,
    )
    told = conclude([finding("I-03", status=Status.PASS, triage="success", status_code=200), both]).warnings
    assert [(w.cause, w.text.split()[0]) for w in told] == [
        ("plaintext_http", "plaintext_http"),
        ("placeholder_value", "placeholder_value"),
    ]
