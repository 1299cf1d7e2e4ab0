"""Root before mechanism: who explains whom, on which condition, through how many steps."""

from __future__ import annotations

import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.dominance import dominated_by, dominates
from authwizard.model.finding import Argument, Finding, Grade, Group, Status
from authwizard.verdict.ledger import Item, open_ledger
from authwizard.verdict.rank import Ranking, rank


def argue(cause: str, grade: Grade = Grade.M, group: Group = Group.LOCAL_CLAIMS, **more: Any) -> Argument:
    return Argument(cause, grade, group, f"{cause} {grade}", **more)


def ranked(*arguments: Argument, **facts: Any) -> Ranking:
    return rank(open_ledger([Finding("S1-01", 1, "t", Status.FAIL, "s", arguments=arguments)]), facts)


def roots(ranking: Ranking) -> list[str]:
    return [account.cause for account in ranking.roots]


def test_a_root_takes_its_mechanisms() -> None:
    ranking = ranked(argue("environment_mismatch"), argue("issuer_mismatch", Grade.S), argue("audience_mismatch"))
    assert roots(ranking) == ["environment_mismatch"]
    assert ranking.mechanisms("environment_mismatch") == ("audience_mismatch", "issuer_mismatch")


def test_explanation_goes_through_several_steps() -> None:
    """A wrong time zone makes clocks look off, and those make tokens look not yet valid."""
    ranking = ranked(argue("timezone_bug"), argue("clock_skew_server"), argue("token_not_yet_valid", Grade.S))
    assert roots(ranking) == ["timezone_bug"]
    assert ranking.mechanisms("timezone_bug") == ("clock_skew_server", "token_not_yet_valid")


def test_what_is_wrong_stands_before_why() -> None:
    flips = argue("replica_inconsistent", Grade.S, Group.RESPONSE_CLASS)
    stale = (argue("jwks_stale_at_server", Grade.S, Group.METADATA), argue("jwks_stale_at_server", Grade.S, Group.SERVER_MESSAGE))
    assert roots(ranked(flips, *stale)) == ["replica_inconsistent", "jwks_stale_at_server"]
    guessed = argue("replica_inconsistent", Grade.W, Group.RESPONSE_CLASS)
    assert roots(ranked(guessed, *stale)) == ["jwks_stale_at_server", "replica_inconsistent"]


def test_of_two_explanations_the_better_one_takes_it() -> None:
    ranking = ranked(argue("issuer_trailing_slash", Grade.S), argue("tenant_mismatch"), argue("issuer_mismatch"))
    assert ranking.mechanism_of["issuer_mismatch"] == "issuer_trailing_slash"


def test_a_weak_root_explains_nothing() -> None:
    assert roots(ranked(argue("environment_mismatch", Grade.W), argue("issuer_mismatch"))) == ["issuer_mismatch", "environment_mismatch"]


@pytest.mark.parametrize("grade", [Grade.W, Grade.M])
def test_a_proven_mechanism_is_not_swallowed_by_a_weak_root(grade: Grade) -> None:
    ranking = ranked(argue("environment_mismatch", grade), argue("issuer_mismatch", Grade.P, Group.SWAP, factor="fresh token"))
    assert roots(ranking)[0] == "issuer_mismatch"
    assert "issuer_mismatch" not in ranking.mechanism_of


def test_a_proven_mechanism_yields_to_a_strong_root() -> None:
    ranking = ranked(argue("environment_mismatch", Grade.S), argue("issuer_mismatch", Grade.P, Group.SWAP, factor="fresh token"))
    assert roots(ranking) == ["environment_mismatch"]


def test_a_dead_cause_explains_nothing() -> None:
    dead = argue("environment_mismatch", Grade.XP, Group.SWAP, factor="path")
    assert roots(ranked(argue("environment_mismatch", Grade.S), dead, argue("issuer_mismatch"))) == ["issuer_mismatch"]


def test_the_servers_words_for_a_mechanism_count_for_its_root_once() -> None:
    words = argue("issuer_mismatch", Grade.S, Group.SERVER_MESSAGE)
    with_words = ranked(argue("environment_mismatch", Grade.M, Group.CROSS_PROFILE), words).roots[0]
    alone = ranked(argue("environment_mismatch", Grade.M, Group.CROSS_PROFILE), argue("issuer_mismatch", Grade.S, Group.METADATA)).roots[0]
    assert (with_words.score, alone.score) == (90, 30)
    assert with_words.best is Grade.S


# ── conditions ───────────────────────────────────────────────────────────────────────────────────────────────────────

LOCAL = argue("token_expired", Grade.S, Group.TIME, on_local_clock=True)
SKEW = argue("clock_skew_client", Grade.S, Group.TIME)


@pytest.mark.parametrize(
    ("more", "explained"),
    [
        ((LOCAL,), True),
        ((LOCAL, argue("token_expired", Grade.W, Group.SERVER_MESSAGE)), True),
        ((argue("token_expired", Grade.S, Group.TIME),), False),
        ((LOCAL, argue("token_expired", Grade.S, Group.METADATA)), False),
        # the server's own words do not rest on this machine's clock
        ((argue("token_expired", Grade.S, Group.SERVER_MESSAGE),), False),
        ((LOCAL, argue("token_expired", Grade.S, Group.SERVER_MESSAGE)), False),
    ],
)
def test_this_machines_clock_explains_only_what_rests_on_it(more: tuple[Argument, ...], explained: bool) -> None:
    assert ("token_expired" in ranked(SKEW, *more).mechanism_of) is explained


@pytest.mark.parametrize(
    ("root", "mechanism", "fact"),
    [
        ("clock_skew_server", "token_expired", "alive_by_reference_clock"),
        ("netrc_override", "edge_auth_required", "realm_is_api"),
    ],
)
@pytest.mark.parametrize("known", [True, False, None])
def test_conditions_that_are_facts(root: str, mechanism: str, fact: str, known: bool | None) -> None:
    facts = {} if known is None else {fact: known}
    ranking = ranked(argue(root, Grade.S), argue(mechanism, Grade.S), **facts)
    assert (mechanism in ranking.mechanism_of) is (known is not False)


@pytest.mark.parametrize("known", [True, False, None])
def test_a_failed_renewal_explains_expiry_only_where_it_was_tried(known: bool | None) -> None:
    facts = {} if known is None else {"renewal_failed": known}
    ranking = ranked(argue("refresh_token_expired", Grade.S), argue("token_expired", Grade.S), **facts)
    assert ("token_expired" in ranking.mechanism_of) is bool(known)


@pytest.mark.parametrize(("grade", "explained"), [(Grade.S, True), (Grade.P, True), (Grade.M, False)])
def test_a_fault_of_the_header_explains_a_header_that_cannot_be_read_only_where_it_is_sure(grade: Grade, explained: bool) -> None:
    ranking = ranked(argue("quotes_in_token", grade), argue("authorization_header_malformed", Grade.S))
    assert ("authorization_header_malformed" in ranking.mechanism_of) is explained


# ── the order ────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_proof_then_score_then_family_then_code() -> None:
    proof = argue("token_revoked", Grade.P, Group.SWAP)
    assert roots(ranked(argue("insufficient_scope", Grade.S), proof, argue("quotes_in_token")))[0] == "token_revoked"
    assert roots(ranked(argue("insufficient_scope", Grade.S), argue("session_expired")))[0] == "insufficient_scope"
    assert roots(ranked(argue("insufficient_scope"), argue("stale_env_value")))[0] == "stale_env_value"
    assert roots(ranked(argue("token_revoked"), argue("session_expired")))[0] == "session_expired"


CODES = sorted(c for c, entry in catalogue().items() if not entry.context_only)
GRADES = st.sampled_from([Grade.P, Grade.S, Grade.M, Grade.W, Grade.XS, Grade.XM, Grade.XP])
arguments = st.lists(st.builds(argue, st.sampled_from(CODES), GRADES, st.sampled_from(list(Group))), max_size=14)


@given(arguments, st.booleans())
def test_every_listed_cause_is_a_root_or_explained_by_one(given_: list[Argument], failed: bool) -> None:
    ledger = open_ledger([Finding("S1-01", 1, "t", Status.FAIL, "s", arguments=tuple(given_))])
    ranking = rank(ledger, {"renewal_failed": failed})
    listed = {account.cause for account in ledger.listed}
    assert set(roots(ranking)) | set(ranking.mechanism_of) == listed
    assert not set(roots(ranking)) & set(ranking.mechanism_of)
    assert set(ranking.mechanism_of.values()) <= set(roots(ranking))


@given(arguments, st.randoms())
def test_the_order_of_arguments_changes_nothing(given_: list[Argument], order: Any) -> None:
    shuffled = list(given_)
    order.shuffle(shuffled)
    assert ranked(*given_) == ranked(*shuffled)


def test_arguments_that_differ_in_their_group_alone_have_an_order() -> None:
    """What a set yields first differs from process to process."""
    given_ = [Item("S1-01", argue("token_revoked", Grade.W, group)) for group in Group]
    assert len({item.sort_key for item in given_}) == len(given_)


def test_no_cause_explains_itself_in_a_circle() -> None:
    for first, second in itertools.combinations(CODES, 2):
        assert dominates(first, second) is None or dominates(second, first) is None
    for start in CODES:
        reached, waiting = set[str](), [start]
        while waiting:
            for below in dominated_by(waiting.pop()) - reached:
                reached.add(below)
                waiting.append(below)
        assert start not in reached
