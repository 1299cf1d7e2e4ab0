"""Step 7: does a brand-new token of the same client succeed where the stored one fails?"""

from __future__ import annotations

from authwizard.check import Check, blocked, check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    Discovery,
    FreshCall,
    FreshCallAgain,
    FreshToken,
    Introspection,
    KeySet,
    NetworkTime,
    RunClock,
    StoredSecrets,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.profile import Profile
from authwizard.steps import token_diff
from authwizard.steps.answers import status_text
from authwizard.steps.attribution import DELAY, SWAP_CAUSES, judge_late_success, judge_swap, may_be_too_new
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.differential import accepts, comparison
from authwizard.steps.expectations import words_of
from authwizard.steps.step3_keys import KEY_UNKNOWN
from authwizard.steps.step7_control import known_good_control
from authwizard.steps.step7_stale import where_the_stale_one_lives
from authwizard.steps.step_text import StepText
from authwizard.steps.stored_defect import ATTRIBUTE_CAUSES, Stored, cause_of, gather, telling_differences
from authwizard.steps.time_words import duration

FACTOR = "fresh token"
SAME_TOKEN = "The authorization server handed out the stored token once more (it keeps tokens), so a comparison proves nothing."
DIFFERENCE_CAUSES = tuple(
    dict.fromkeys(
        (
            *ATTRIBUTE_CAUSES.values(), "audience_missing", "issuer_mismatch", "issuer_trailing_slash", "dpop_required",
            "mtls_certificate_missing", "opaque_token_no_audience", "wrong_token_kind",
        )
    )
)  # fmt: skip


# ── S7-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S7-01", step=7, title="A new token can be fetched",
    looks_for="a token request with the profile's own client, grant, scope and audience that brings a usable token",
    sources=("RFC 6749 4.4", "RFC 6749 5.1"),
)  # fmt: skip
def minted(fresh: FreshToken) -> Outcome:
    """S7-01: the token request brought a token. Why one failed is told by S3-05."""
    if fresh.exchange.status is None:
        return blocked("The token endpoint gave no answer.", unblock="Step 3 says what became of the token request.")
    if not fresh.answer.ok:
        said = f" ({fresh.answer.error})" if fresh.answer.error else ""
        return failed(f"No new token: the token endpoint answered {status_text(fresh.exchange.status)}{said}. Step 3 says why.")
    lines = _token_lines(fresh)
    if fresh.same_as_stored:
        return blocked(SAME_TOKEN, *lines)
    lifetime = fresh.answer.expires_in
    if lifetime is not None and lifetime <= 0:
        return warned(f"A new token was fetched, but it is said to live {lifetime} seconds.", *lines)
    return passed("A new token was fetched for the same client, grant, scope and audience.", *lines)


def _token_lines(fresh: FreshToken) -> tuple[Line, ...]:
    answer, kind = fresh.answer, fresh.token.kind if fresh.token is not None else "opaque"
    lives = duration(answer.expires_in) if answer.expires_in is not None else "not said"
    scope = answer.scope if answer.scope is not None else "as requested"
    return (
        Line("kind", token_diff.KIND_WORDS[kind]),
        Line("token_type", answer.token_type or "not said"),
        Line("lives", lives),
        Line("scope", scope or "none"),
    )


# ── S7-02 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S7-02", step=7, title="The API accepts a new token",
    looks_for="the same request with the new token: the one change that tells a bad token from a bad setup",
    causes=tuple(dict.fromkeys((*SWAP_CAUSES, "environment_mismatch", "server_key_misconfigured"))),
    sources=("RFC 6750 3.1",),
)  # fmt: skip
def fresh_call(
    profile: Profile,
    credential: CredentialSeen,
    fresh: FreshToken,
    clock: RunClock,
    call: FreshCall | None,
    second: FreshCallAgain | None,
    baseline: Baseline | None,
    anonymous: Anonymous | None,
    again: AnonymousAgain | None,
    secrets: StoredSecrets | None,
    keys: KeySet | None,
    introspection: Introspection | None,
    discovery: Discovery | None,
    network: NetworkTime | None,
) -> Outcome:
    """S7-02: the swap of one token for another; refused, it is sent once more some seconds later."""
    if credential.fetched:
        return _of_this_run(baseline, second)
    if fresh.same_as_stored:
        return blocked(SAME_TOKEN)
    if not fresh.answer.ok:
        return not_applicable("There is no new access token to send.")
    if call is None and baseline is not None and accepts(baseline.exchange):
        return not_applicable("The stored token is accepted, so there was no need to send the new one as well.")
    if call is None:
        return not_tried("The new token was not sent to the API in this run.")
    if call.exchange.status is None:
        return blocked("The request with the new token got no answer.")
    stored = _stored(profile, credential, clock, baseline, secrets, keys, introspection, discovery, network)
    before = baseline.exchange if baseline is not None else None
    lines = _answer_lines(before, call, second)
    if not accepts(call.exchange) and second is not None and accepts(second.exchange):
        arguments = judge_late_success(stored, fresh.token, before, second.exchange, FACTOR)
        return warned(arguments[0].text, *lines, arguments=arguments)
    alike = baseline is not None and comparison(anonymous, again).same(baseline, call)
    unknown = may_be_too_new(call.exchange)
    settled = not unknown or (second is not None and second.exchange.status is not None)
    arguments = judge_swap(stored, fresh.token, before, call.exchange, FACTOR, alike=alike, settled=settled)
    if accepts(call.exchange):
        return _accepted(before is not None and accepts(before), arguments, lines)
    outcome = _refused(fresh, call, arguments, lines, alike)
    return with_facts(outcome, new_token_refused=True) if unknown and second is None else outcome


def _of_this_run(baseline: Baseline | None, second: FreshCallAgain | None) -> Outcome:
    """No token is stored, so P0 was sent with one made moments before."""
    lead = "No token is stored: the one in use was fetched for this run, so there is nothing to compare it with."
    if baseline is None or baseline.exchange.status != 401 or accepts(baseline.exchange):
        return not_applicable(lead)
    if second is None:
        return with_facts(not_applicable(lead), new_token_refused=True)
    lines = (
        Line("new token", status_text(baseline.exchange.status)),
        Line("some seconds later", status_text(second.exchange.status), Status.PASS if accepts(second.exchange) else Status.FAIL),
    )
    if second.exchange.status is None:
        return blocked("The token fetched for this run was sent once more and got no answer.", *lines)
    if not accepts(second.exchange):
        return failed(
            f"The token fetched for this run is refused some seconds later as well: {status_text(second.exchange.status)}.", *lines
        )
    text = "The token fetched for this run was refused at first and accepted some seconds later: it takes a while until every server knows a new token."
    return warned(text, *lines, arguments=(Argument(DELAY, Grade.S, Group.RESPONSE_CLASS, text),))


def _answer_lines(before: Exchange | None, call: FreshCall, second: FreshCallAgain | None) -> tuple[Line, ...]:
    first = Line("new token", status_text(call.exchange.status), Status.PASS if accepts(call.exchange) else Status.FAIL)
    lines = (Line("stored token", status_text(before.status) if before is not None else "not sent"), first)
    if second is None:
        return lines
    later = Line("some seconds later", status_text(second.exchange.status), Status.PASS if accepts(second.exchange) else Status.FAIL)
    return (*lines, later)


def _accepted(stored_works: bool, arguments: tuple[Argument, ...], lines: tuple[Line, ...]) -> Outcome:
    if stored_works:
        return passed("The API accepts the new token as it accepts the stored one.", *lines)
    proof = next((a.text for a in arguments if not a.grade.against), "The API accepts the new token, and refuses the stored one.")
    return passed(proof, *lines, arguments=arguments)


def _refused(fresh: FreshToken, call: FreshCall, arguments: tuple[Argument, ...], lines: tuple[Line, ...], alike: bool) -> Outcome:
    said = status_text(call.exchange.status)
    if not alike:
        return failed(f"The API refuses the new token too, but otherwise than the stored one: {said}.", *lines, arguments=arguments)
    text = f"The API refuses the new token in the same way ({said}): the stored token alone is not the reason."
    return failed(text, *lines, arguments=(*arguments, *_server_keys(fresh, call)))


def _server_keys(fresh: FreshToken, call: FreshCall) -> tuple[Argument, ...]:
    """A token made just now, whose signature holds, is refused for its signature: the API verifies with the wrong keys."""
    words = words_of(call)
    if words is None or fresh.signature is None or fresh.signature.status != "verified" or words.certainty == "says_nothing":
        return ()
    if words.cause != "signature_invalid" and words.cause not in KEY_UNKNOWN:
        return ()
    text = (
        "A token made just now, whose signature holds with the key its issuer publishes, is refused for its signature as well: "
        "the API verifies with other keys than the issuer's."
    )
    return (Argument("server_key_misconfigured", Grade.S if words.cause == "signature_invalid" else Grade.M, Group.METADATA, text),)


def _stored(
    profile: Profile, credential: CredentialSeen, clock: RunClock, baseline: Baseline | None, secrets: StoredSecrets | None,
    keys: KeySet | None, introspection: Introspection | None, discovery: Discovery | None, network: NetworkTime | None,
) -> Stored:  # fmt: skip
    clocks = clocks_of(clock, baseline, None, None, network, None, None, discovery)
    return gather(profile, credential, clocks, baseline, secrets, keys, introspection, discovery)


# ── S7-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S7-03", step=7, title="The stored and the new token say the same",
    looks_for="the two tokens claim by claim: issuer, audience, scope, client, key, algorithm, type; times as durations",
    causes=DIFFERENCE_CAUSES, sources=("RFC 7519 4.1", "RFC 9068 2.2"),
)  # fmt: skip
def stored_against_fresh(
    profile: Profile,
    credential: CredentialSeen,
    fresh: FreshToken,
    clock: RunClock,
    baseline: Baseline | None,
    call: FreshCall | None,
    anonymous: Anonymous | None,
    again: AnonymousAgain | None,
    keys: KeySet | None,
    discovery: Discovery | None,
    network: NetworkTime | None,
) -> Outcome:
    """S7-03: what the two tokens differ in."""
    token = credential.token
    if credential.fetched or token is None:
        return not_applicable("No token is stored to compare the new one with.")
    if not fresh.answer.ok or fresh.token is None:
        return not_applicable("There is no new token to compare the stored one with.")
    if fresh.same_as_stored:
        return blocked(SAME_TOKEN)
    stored = _stored(profile, credential, clock, baseline, None, keys, None, discovery, network)
    rows = token_diff.table(token, fresh.token, stored.now.seconds)
    judged = tuple((r.name, r.first, r.second, "same" if r.same else "differs") for r in rows)
    table = Table(("", "stored", "new", ""), judged, "Claim by claim", compared=(1, 2))
    telling = telling_differences(stored, fresh.token)
    if not telling:
        return passed(_nothing_telling(readable=token.readable and fresh.token.readable), table)
    named = ", ".join(f"{d.name} ({d.first or 'none'} in the stored one, {d.second or 'none'} in the new one)" for d in telling)
    text = f"The new token is not just newer; it differs in: {named}."
    refused_alike = (
        call is not None and baseline is not None and not accepts(call.exchange) and comparison(anonymous, again).same(baseline, call)
    )
    if refused_alike or (baseline is not None and accepts(baseline.exchange)):
        return warned(f"{text} The API treats both alike, so that is not what decides here.", table)
    causes = dict.fromkeys(cause for d in telling if (cause := cause_of(d)))
    return warned(text, table, arguments=tuple(Argument(c, _grade(c), _group(c), text) for c in causes))


def _nothing_telling(*, readable: bool) -> str:
    if not readable:
        return "The tokens cannot be read from outside, so only their kind and length can be compared."
    return "The two tokens differ in nothing that could make only the new one acceptable, times and ids apart."


def _grade(cause: str) -> Grade:
    # Tokens of one client often carry a claim more or less, and hardly an API minds.
    return Grade.W if cause == "claim_missing" else Grade.M


def _group(cause: str) -> Group:
    # The same facts that S3-03 and S3-11 compare: they must not count twice.
    return Group.CROSS_PROFILE if cause == "environment_mismatch" else Group.LOCAL_CLAIMS


CHECKS: tuple[Check, ...] = (minted, fresh_call, stored_against_fresh, where_the_stale_one_lives, known_good_control)
STEP = StepText(
    number=7,
    id="fresh_token",
    title="Fresh token",
    question="Does a brand-new token of the same client succeed where the stored one fails?",
    why=(
        "This changes one thing and leaves all else as it is. If the new token works, the stored one was at fault; if it is refused in "
        "the same way, the fault lies in the client, the scope, the audience, or at the server."
    ),
)
