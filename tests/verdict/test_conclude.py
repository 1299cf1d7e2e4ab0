"""The verdict: pure, independent of order, never surer than its evidence."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.causes import catalogue
from authwizard.model.finding import Argument, Finding, Grade, Group, Owner, Status
from authwizard.model.run import Verdict
from authwizard.verdict import conclude, next_probes
from authwizard.verdict.ledger import open_ledger


def finding(check: str, *arguments: Argument, status: Status = Status.FAIL, **facts: Any) -> Finding:
    return Finding(check, 0, check, status, f"summary of {check}", arguments=arguments, facts=facts)


def for_(cause: str, grade: Grade, group: Group = Group.LOCAL_CLAIMS, **more: Any) -> Argument:
    return Argument(cause, grade, group, f"{cause} {grade} {group}", **more)


def refused(**facts: Any) -> Finding:
    return finding("I-03", status=Status.PASS, triage="401", status_code=401, **facts)


def test_a_proven_cause_is_named_with_its_owner_and_step() -> None:
    verdict = conclude([refused(), finding("S7-02", for_("token_expired", Grade.P, Group.SWAP, factor="fresh token"))])
    assert (verdict.kind, verdict.cause, verdict.confidence, verdict.step) == ("cause", "token_expired", "proven", 2)
    assert verdict.owner is catalogue()["token_expired"].owner
    assert verdict.exit_status == 1
    assert verdict.remedy.text


def test_a_kept_repair_makes_it_confirmed() -> None:
    verdict = conclude([refused(), finding("S4-06", for_("token_expired", Grade.P, Group.SWAP), repaired=True)])
    assert verdict.confidence == "confirmed"


@pytest.mark.parametrize(
    ("grades", "confidence"),
    [
        ([(Grade.S, Group.LOCAL_CLAIMS)], "very_likely"),
        ([(Grade.M, Group.LOCAL_CLAIMS), (Grade.M, Group.METADATA)], "likely"),
        ([(Grade.M, Group.LOCAL_CLAIMS)], "possible"),
        ([(Grade.W, Group.LOCAL_CLAIMS), (Grade.W, Group.METADATA)], None),
    ],
)
def test_confidence_follows_the_evidence(grades: list[tuple[Grade, Group]], confidence: str | None) -> None:
    verdict = conclude([refused(), finding("S3-10", *(for_("audience_mismatch", g, group) for g, group in grades))])
    assert verdict.confidence == confidence
    assert verdict.kind == ("cause" if confidence else "cannot_tell")


def test_two_arguments_of_one_group_count_once() -> None:
    account = open_ledger(
        [
            finding("S8-02", for_("token_expired", Grade.S, Group.SERVER_MESSAGE)),
            finding("S8-03", for_("token_expired", Grade.M, Group.SERVER_MESSAGE)),
        ]
    ).get("token_expired")
    assert account.score == 60


def test_weak_arguments_count_at_most_twice() -> None:
    groups = [Group.LOCAL_CLAIMS, Group.TIME, Group.METADATA, Group.ENVIRONMENT]
    account = open_ledger([finding("S1", *(for_("token_expired", Grade.W, g) for g in groups))]).get("token_expired")
    assert account.score == 16


def test_two_equal_causes_are_one_of_two() -> None:
    verdict = conclude(
        [refused(), finding("S3-10", for_("audience_mismatch", Grade.M)), finding("S5-02", for_("insufficient_scope", Grade.M))]
    )
    assert verdict.kind == "cause"
    assert verdict.confidence == "possible"
    assert {verdict.cause, verdict.tie_with} == {"audience_mismatch", "insufficient_scope"}
    assert verdict.next_test


@pytest.mark.parametrize(
    ("cause", "check", "words"), [("clock_skew_server", "S6-01", "log line"), ("wrong_path_or_method", "S8-09", "Mend it as said")]
)
def test_where_all_is_tested_that_is_said(cause: str, check: str, words: str) -> None:
    before = conclude([refused(), finding("X1", for_(cause, Grade.S))])
    assert "All that can be tested" not in before.next_test
    verdict = conclude([refused(), finding("X1", for_(cause, Grade.S)), finding(check)])
    assert verdict.cause == cause
    assert verdict.next_test.startswith("All that can be tested from here is done.")
    assert words in verdict.next_test


def test_three_equal_causes_are_no_verdict() -> None:
    verdict = conclude(
        [
            refused(),
            *(finding(f"S{i}", for_(c, Grade.M)) for i, c in enumerate(("audience_mismatch", "insufficient_scope", "token_revoked"))),
        ]
    )
    assert verdict.kind == "cannot_tell"
    assert verdict.exit_status == 3
    assert len(verdict.candidates) == 3


def test_a_root_explains_its_mechanisms_and_takes_the_servers_words() -> None:
    verdict = conclude(
        [
            refused(),
            finding("S3-03", for_("environment_mismatch", Grade.M, Group.CROSS_PROFILE)),
            finding("S8-03", for_("issuer_mismatch", Grade.S, Group.SERVER_MESSAGE)),
        ]
    )
    assert verdict.cause == "environment_mismatch"
    assert verdict.mechanisms == ("issuer_mismatch",)
    assert verdict.confidence == "very_likely"


def test_a_second_fault_of_its_own_will_fail_next() -> None:
    verdict = conclude(
        [refused(), finding("S7-02", for_("token_expired", Grade.P, Group.SWAP)), finding("S5-02", for_("insufficient_scope", Grade.S))]
    )
    assert verdict.cause == "token_expired"
    assert verdict.will_fail_next == ("insufficient_scope",)


def test_nothing_fails_next_where_the_request_was_seen_to_succeed() -> None:
    proof = finding("S7-02", for_("placeholder_value", Grade.P, Group.SWAP))
    stored = finding("S3-16", for_("token_revoked", Grade.S, Group.INTROSPECTION))
    assert conclude([refused(), proof, stored]).will_fail_next == ("token_revoked",)
    works = finding("V-07", status=Status.PASS, one_change_succeeds=True)
    assert conclude([refused(), proof, stored, works]).will_fail_next == ()


def test_two_readings_of_one_answer_are_no_two_faults() -> None:
    answer = finding(
        "S3-05", for_("client_assertion_invalid", Grade.S, Group.TOKEN_ENDPOINT), for_("client_unknown", Grade.M, Group.TOKEN_ENDPOINT)
    )
    clock = finding("S6-01", for_("clock_skew_client", Grade.S, Group.TIME))
    verdict = conclude([refused(), answer, clock])
    assert (verdict.cause, verdict.will_fail_next) == ("clock_skew_client", ())


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"triage": "401"}, "The request is refused"),
        ({"triage": "other", "status": 400}, "The request is answered with 400, which need not be about the credential"),
        ({"triage": "3xx", "status": 302}, "The request is answered with a redirect"),
    ],
)
def test_what_is_no_refusal_is_not_called_one(facts: dict[str, Any], words: str) -> None:
    verdict = conclude([Finding("I-03", 0, "I-03", Status.WARN, "", facts=facts)])
    assert verdict.kind == "cannot_tell"
    assert verdict.summary.startswith(f"{words}, and nothing that can be seen from outside says why.")


def test_an_excluded_cause_is_ruled_out_with_its_sentence() -> None:
    verdict = conclude(
        [
            refused(),
            finding("S2-03", for_("token_expired", Grade.W), for_("token_expired", Grade.XP, Group.SWAP)),
            finding("S3", for_("token_revoked", Grade.S)),
        ]
    )
    assert verdict.cause == "token_revoked"
    assert "token_expired" in {r.cause for r in verdict.ruled_out}


def test_a_contradiction_lowers_the_confidence() -> None:
    words = finding("S8-03", for_("token_expired", Grade.S, Group.SERVER_MESSAGE))
    assert conclude([refused(), words]).confidence == "very_likely"
    ahead = finding(
        "S2-03", for_("token_expired", Grade.XM, Group.TIME), for_("token_expired", Grade.M, Group.METADATA), status=Status.PASS
    )
    verdict = conclude([refused(), words, ahead])
    assert verdict.contradictions
    assert verdict.confidence == "likely"


def test_success_is_healthy_and_trouble_ahead_is_a_warning() -> None:
    verdict = conclude(
        [
            finding("I-03", status=Status.PASS, triage="success", status_=200),
            finding("S3-05", for_("client_credentials_invalid", Grade.S, Group.TOKEN_ENDPOINT)),
        ]
    )
    assert (verdict.kind, verdict.exit_status) == ("healthy", 0)
    assert [w.cause for w in verdict.warnings] == ["client_credentials_invalid"]


def test_success_after_a_reported_401_is_never_healthy() -> None:
    verdict = conclude(
        [
            finding("I-03", status=Status.PASS, triage="success", reported_401=True),
            finding("I-06", for_("netrc_override", Grade.S, Group.ENVIRONMENT)),
        ]
    )
    assert (verdict.kind, verdict.exit_status, verdict.step) == ("not_reproduced", 5, 1)
    assert verdict.candidates[0].cause == "netrc_override"


def not_reproduced(*more: Finding, **facts: Any) -> Verdict:
    return conclude([finding("I-03", status=Status.PASS, triage="success", reported_401=True, profile="prod", **facts), *more])


def test_what_differs_comes_before_what_else_was_found() -> None:
    verdict = not_reproduced(
        finding("S5-02", for_("insufficient_scope", Grade.S)), finding("S7-04", for_("stale_env_value", Grade.M, Group.ENVIRONMENT))
    )
    assert [c.cause for c in verdict.candidates] == ["stale_env_value", "insufficient_scope"]
    assert verdict.step == 7


def test_one_refusal_among_the_repeats_reproduces_the_401() -> None:
    verdict = not_reproduced(finding("I-05", for_("replica_inconsistent", Grade.S, Group.RESPONSE_CLASS), flapping=True))
    assert (verdict.kind, verdict.cause, verdict.exit_status) == ("cause", "replica_inconsistent", 1)


@pytest.mark.parametrize(
    ("facts", "found", "words"),
    [
        ({}, True, "`authwizard capture prod`"),
        ({"sent": True}, True, "Make that one change"),
        ({"sent": True}, False, "--sometimes"),
        ({"sent": True, "sent_unseen": True}, False, "leaves parts out"),
    ],
)
def test_the_next_test_is_what_is_not_known_yet(facts: dict[str, Any], found: bool, words: str) -> None:
    more = (finding("S8-06", for_("stale_token_sent", Grade.M, Group.SENT)),) if found else ()
    assert words in not_reproduced(*more, **facts).next_test


def test_many_successes_are_said() -> None:
    verdict = not_reproduced(finding("I-05", for_("replica_inconsistent", Grade.XM, Group.RESPONSE_CLASS), steady=21))
    assert "sent 21 times" in verdict.summary
    assert "replica_inconsistent" in [r.cause for r in verdict.ruled_out]


def test_what_is_stored_is_right_where_only_the_program_fails() -> None:
    missing = not_reproduced(finding("S8-06", for_("credential_missing", Grade.S, Group.SENT)))
    assert missing.remedy.text.startswith("Mend it in your program")
    assert "store set" not in " ".join(missing.remedy.commands)
    assert "netrc" in " ".join(not_reproduced(finding("I-06", for_("netrc_override", Grade.S, Group.ENVIRONMENT))).remedy.commands)


def test_an_unprotected_endpoint_is_a_cause_though_it_succeeds() -> None:
    verdict = conclude(
        [
            finding("I-03", status=Status.PASS, triage="success"),
            finding("V-04", for_("endpoint_not_protected", Grade.S, Group.RESPONSE_CLASS)),
        ]
    )
    assert (verdict.kind, verdict.cause) == ("cause", "endpoint_not_protected")


def test_no_answer_is_could_not_look_whatever_the_token_says() -> None:
    verdict = conclude(
        [
            finding("I-03", triage="no_answer"),
            finding("I-02", for_("network_unreachable", Grade.S, Group.ENVIRONMENT)),
            finding("S2-03", for_("token_expired", Grade.M)),
        ]
    )
    assert (verdict.kind, verdict.cause, verdict.exit_status) == ("could_not_look", "network_unreachable", 4)


def test_a_missing_credential_is_a_cause_though_nothing_was_sent() -> None:
    verdict = conclude([finding("I-03", triage="not_sent"), finding("S1-01", for_("credential_missing", Grade.S, Group.LOCAL_BYTES))])
    assert (verdict.kind, verdict.cause) == ("cause", "credential_missing")


def test_nothing_sent_and_nothing_known_is_could_not_look_without_a_cause() -> None:
    verdict = conclude([finding("I-03", triage="not_sent", passive=True)])
    assert (verdict.kind, verdict.cause) == ("could_not_look", None)
    assert verdict.next_test


def test_one_answer_to_everything_cannot_be_told_apart() -> None:
    verdict = conclude(
        [
            refused(),
            finding(
                "R6", for_("uniform_401", Grade.W, Group.RESPONSE_CLASS), for_("authorization_stripped", Grade.W, Group.RESPONSE_CLASS)
            ),
            finding("S8-05", status=Status.PASS, hand_over="At noon our client called GET /."),
        ]
    )
    assert (verdict.kind, verdict.step, verdict.owner) == ("cannot_tell", 8, Owner.NOBODY_CAN_TELL)
    assert "At noon" in verdict.server_log_request


def test_a_token_request_that_is_refused_without_a_reason_was_looked_at_all_the_same() -> None:
    refusal = finding("S3-05", for_("client_credentials_invalid", Grade.W, Group.TOKEN_ENDPOINT), renewal_tried=True, renewal_failed=True)
    verdict = conclude([finding("I-03", triage="not_sent"), refusal])
    assert (verdict.kind, [c.cause for c in verdict.candidates]) == ("cannot_tell", ["client_credentials_invalid"])
    assert verdict.summary.startswith("The token request is refused")


def test_what_a_refusal_without_words_leaves_open_is_named_unless_it_is_ruled_out() -> None:
    verdict = conclude(
        [
            refused(),
            finding("R8", for_("token_rejected_unspecified", Grade.W), left_open="token_revoked audience_mismatch issuer_mismatch"),
            finding("S3-10", for_("audience_mismatch", Grade.XM, Group.METADATA)),
        ]
    )
    assert [(c.cause, c.score) for c in verdict.candidates] == [
        ("token_rejected_unspecified", 8), ("token_revoked", 0), ("issuer_mismatch", 0),
    ]  # fmt: skip
    assert catalogue()["token_revoked"].title.lower() in verdict.summary


def test_a_named_cause_is_not_followed_by_what_a_silent_refusal_would_leave_open() -> None:
    verdict = conclude(
        [
            refused(),
            finding("R8", for_("token_rejected_unspecified", Grade.W), left_open="token_revoked"),
            finding("S2-03", for_("token_expired", Grade.S)),
        ]
    )
    assert "token_revoked" not in {c.cause for c in verdict.candidates}


def test_a_firewall_outranks_token_causes() -> None:
    verdict = conclude(
        [refused(), finding("R2", for_("waf_blocked", Grade.S, Group.RESPONSE_CLASS)), finding("S2-03", for_("token_expired", Grade.S))]
    )
    assert verdict.cause == "waf_blocked"


CODES = sorted(c for c, entry in catalogue().items() if not entry.context_only)
arguments = st.builds(
    Argument,
    st.sampled_from(CODES),
    st.sampled_from(list(Grade)),
    st.sampled_from(list(Group)),
    st.sampled_from(["a", "b", "c"]),
    factor=st.sampled_from(["", "x"]),
)
findings = st.lists(
    st.builds(
        lambda i, args, status: Finding(f"S1-{i:02}", 1, "t", status, "s", arguments=tuple(args)),
        st.integers(1, 40), st.lists(arguments, max_size=4), st.sampled_from([Status.FAIL, Status.WARN, Status.PASS]),
    ),
    max_size=12, unique_by=lambda f: f.check,
)  # fmt: skip
triages = st.sampled_from(["401", "403", "success", "no_answer", "not_sent", "5xx", "3xx"])


@given(findings, triages, st.randoms())
def test_the_order_of_findings_changes_nothing(found: list[Finding], triage: str, order: random.Random) -> None:
    given_ = [*found, finding("I-03", status=Status.PASS, triage=triage)]
    shuffled = list(given_)
    order.shuffle(shuffled)
    assert conclude(shuffled) == conclude(given_)
    assert next_probes(shuffled, frozenset()) == next_probes(given_, frozenset())


@given(findings, triages)
def test_an_irrelevant_pass_changes_nothing(found: list[Finding], triage: str) -> None:
    given_ = [*found, finding("I-03", status=Status.PASS, triage=triage)]
    assert conclude([*given_, finding("S9-99", status=Status.PASS)]) == conclude(given_)


@given(findings, triages)
def test_every_verdict_is_complete(found: list[Finding], triage: str) -> None:
    verdict = conclude([*found, finding("I-03", status=Status.PASS, triage=triage)])
    assert verdict.summary
    assert verdict.remedy.text
    assert (verdict.kind == "cause") == (verdict.exit_status == 1)
    if verdict.kind == "cause":
        assert verdict.cause is not None
        assert verdict.confidence is not None
        assert verdict.because
    if verdict.kind in ("cannot_tell", "not_reproduced", "healthy"):
        assert verdict.cause is None


def test_every_probe_it_may_ask_for_exists() -> None:
    from authwizard.probes import PROBES
    from authwizard.verdict import next_probes as module  # noqa: F401
    from authwizard.verdict.next_probes import CONTROL, DIFFERENTIAL, RENEWAL, STATE, SWAPS

    known = {probe.id for probe in PROBES}
    asked = {
        *SWAPS,
        *STATE,
        *RENEWAL,
        *DIFFERENTIAL,
        *CONTROL,
        "fresh_call",
        "refreshed_call",
        "repeats",
        "endpoints",
        "client_auth_variants",
        "record_scan",
    }
    assert asked <= known


def test_a_client_without_its_secret_is_the_reason_why_there_is_no_token() -> None:
    verdict = conclude(
        [
            finding("I-03", triage="not_sent"),
            finding("S1-01", for_("credential_missing", Grade.S, Group.LOCAL_BYTES)),
            finding("S3-05", for_("client_credentials_missing", Grade.S, Group.ENVIRONMENT), status=Status.BLOCKED),
        ]
    )
    assert (verdict.cause, verdict.step, verdict.mechanisms) == ("client_credentials_missing", 3, ("credential_missing",))


@pytest.mark.parametrize("triage", ["5xx", "no_answer"])
def test_a_header_proven_too_large_is_the_cause_although_no_refusal_came(triage: str) -> None:
    other = {"5xx": "server_error", "no_answer": "network_unreachable"}[triage]
    seen = [finding("I-03", for_(other, Grade.S, Group.RESPONSE_CLASS), triage=triage)]
    proof = finding("S1-16", for_("header_too_large", Grade.P, Group.SWAP, factor="size"))
    verdict = conclude([*seen, proof])
    assert (verdict.kind, verdict.cause, verdict.confidence) == ("cause", "header_too_large", "proven")
    hint = finding("S1-16", for_("header_too_large", Grade.M, Group.RESPONSE_CLASS))
    assert (conclude([*seen, hint]).kind, conclude([*seen, hint]).cause) == ("could_not_look", other)


def test_a_missing_client_certificate_is_why_the_handshake_failed() -> None:
    seen = [finding("I-03", triage="no_answer"), finding("I-02", for_("tls_failure", Grade.S, Group.RESPONSE_CLASS))]
    assert (conclude(seen).kind, conclude(seen).cause) == ("could_not_look", "tls_failure")
    verdict = conclude([*seen, finding("S1-27", for_("mtls_certificate_missing", Grade.S, Group.RESPONSE_CLASS))])
    assert (verdict.kind, verdict.cause, verdict.step) == ("cause", "mtls_certificate_missing", 1)
    assert "tls_failure" in verdict.mechanisms


def test_what_only_this_refusal_hints_at_is_no_warning() -> None:
    """A sentence such as "invalid or expired" is no fault that would bite later; a clock that is off is."""
    words = finding("S8-03", for_("token_revoked", Grade.W, Group.SERVER_MESSAGE), status=Status.WARN)
    clock = finding("S6-01", for_("clock_unsynchronised", Grade.W, Group.TIME), status=Status.WARN)
    excluded = (
        finding("S1-05", for_("auth_scheme_case_rejected", Grade.W, Group.LOCAL_BYTES), status=Status.WARN),
        finding("R5", for_("auth_scheme_case_rejected", Grade.XS, Group.RESPONSE_CLASS), status=Status.PASS),
    )
    cause = finding("S8-09", for_("wrong_path_or_method", Grade.S, Group.RESPONSE_CLASS))
    verdict = conclude((refused(), words, clock, *excluded, cause))
    assert [w.cause for w in verdict.warnings] == ["clock_unsynchronised"]


def test_the_telling_reasons_come_first_and_a_reader_is_not_given_all_of_them() -> None:
    """Of each group the strongest, before what says the same in other words."""
    groups = (Group.LOCAL_CLAIMS, Group.TIME, Group.SERVER_MESSAGE)
    strong = [finding(f"S2-0{n}", for_("token_expired", Grade.S, group)) for n, group in enumerate(groups)]
    alike = [finding(f"S1-1{n}", for_("token_expired", Grade.S, Group.LOCAL_CLAIMS)) for n in range(8)]
    because = conclude((refused(), *strong, *alike)).because
    assert [s.check for s in because[:3]] == ["S1-10", "S2-01", "S2-02"]
    assert len(because) == 6


def test_that_nobody_can_tell_takes_no_place_from_what_it_may_be() -> None:
    """Six causes that one sentence leaves open are all named, the reason-less refusal heading them."""
    open_ = ("signature_invalid", "token_malformed", "wrong_token_type", "audience_mismatch", "issuer_mismatch", "token_revoked")
    hints = finding("S8-03", *(for_(cause, Grade.W, Group.SERVER_MESSAGE) for cause in open_), status=Status.WARN)
    silent = finding("R8", for_("token_rejected_unspecified", Grade.W, Group.RESPONSE_CLASS), status=Status.WARN)
    verdict = conclude((refused(), hints, silent))
    assert verdict.kind == "cannot_tell"
    assert verdict.candidates[0].cause == "token_rejected_unspecified"
    assert {c.cause for c in verdict.candidates} >= set(open_)


def test_what_is_still_possible_keeps_the_capitals_of_names() -> None:
    unsure = finding(
        "S8-03", for_("api_key_invalid", Grade.W, Group.SERVER_MESSAGE), for_("audience_mismatch", Grade.W, Group.SERVER_MESSAGE)
    )
    summary = conclude([refused(), unsure]).summary
    assert "the API key is not known" in summary
    assert "the token is for another API" in summary
