"""Step 4: can the access token be renewed without a new sign-in, and is its successor kept?"""

from __future__ import annotations

from authwizard.check import Check, blocked, check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    Discovery,
    Introspection,
    KeySet,
    NetworkTime,
    RefreshedCall,
    RefreshedCallAgain,
    RefreshedToken,
    RunClock,
    SecretState,
    StoredSecrets,
)
from authwizard.model.finding import Argument, Facts, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile
from authwizard.steps import token_diff
from authwizard.steps.answers import status_text
from authwizard.steps.attribution import SWAP_CAUSES, judge_late_success, judge_swap, may_be_too_new
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.differential import accepts, comparison
from authwizard.steps.step4_design import refresh_design
from authwizard.steps.step_text import StepText
from authwizard.steps.stored_defect import gather
from authwizard.steps.time_words import duration
from authwizard.steps.token_answers import BYTE_CAUSES, TOKEN_ERROR_CAUSES, arguments_of, hygiene_arguments
from authwizard.steps.token_times import time_faults, times_of

FACTOR = "refreshed token"
RENEWS_BY_REFRESH = ("refresh_token", "authorization_code", "device_code")
WHAT_IT_COSTS = (
    "This would use the refresh token once. Where the server replaces refresh tokens, the old one dies with it: another program that "
    "holds it will be logged out, and if that program uses it again, the server may end the whole session. The new tokens are stored "
    "before anything else happens. Agree to it in the wizard, or give --allow refresh."
)


# ── S4-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S4-01", step=4, title="A refresh token is stored where one is needed",
    looks_for="a refresh token in the profile's secrets, where its grant brings one, and byte faults in it",
    causes=("refresh_token_missing", *BYTE_CAUSES), sources=("RFC 6749 4.4.3", "RFC 6749 6", "OpenID Connect Core 11"),
)  # fmt: skip
def refresh_present(
    profile: Profile,
    secrets: StoredSecrets,
    options: RunOptions,
    credential: CredentialSeen | None,
    clock: RunClock | None,
    baseline: Baseline | None,
    network: NetworkTime | None,
    refreshed: RefreshedToken | None,
) -> Outcome:
    """S4-01: is there something to renew with?"""
    if profile.oauth is None:
        return not_applicable("The profile names no authorization server, so there is nothing to refresh with.")
    state = secrets.get("refresh_token")
    if state.status == "unavailable":
        return blocked(state.why or "The refresh token could not be read.")
    expired = _expired(profile, credential, clock, baseline, network)
    if state.status == "present":
        needed = credential is None or credential.field_value is None or expired
        return with_facts(_stored(state, refreshed, needed), renewal="refresh")
    if profile.oauth.grant not in RENEWS_BY_REFRESH:
        return with_facts(
            not_applicable(
                "With the grant client_credentials there is normally no refresh token: a new token is fetched in step 7 instead."
            ),
            renewal="client",
        )
    return with_facts(_missing(options, expired), renewal="sign_in")


def _stored(state: SecretState, refreshed: RefreshedToken | None, needed: bool) -> Outcome:
    """A refresh token is there; its byte faults count where a renewal was refused, and most where the access token needs one."""
    refused = refreshed is not None and refreshed.answer.status is not None and not refreshed.answer.ok
    arguments = hygiene_arguments("refresh token", state, Grade.W if not refused else Grade.S if needed else Grade.M)
    line = Line("refresh token", f"{state.length} characters {state.fingerprint}".strip(), Status.WARN if arguments else Status.PASS)
    if not arguments and state.note:
        return warned(state.note, line)
    if not arguments:
        return passed("A refresh token is stored.", line)
    placed: Facts = {f"step:{a.cause}": 4 for a in arguments} if refused else {}
    return (failed if refused else warned)(arguments[0].text, line, arguments=arguments, facts=placed)


def _missing(options: RunOptions, expired: bool) -> Outcome:
    """No refresh token. It explains a refusal only where a renewal was asked for and the access token needs it."""
    text = "No refresh token is stored, so the access token cannot be renewed without signing in again; was offline_access asked for?"
    if expired and options.allow_refresh:
        renewal: Facts = {"renewal_tried": True, "renewal_failed": True, "refresh_failed": True, "renewal_cause": "refresh_token_missing"}
        argument = Argument("refresh_token_missing", Grade.S, Group.LOCAL_BYTES, text)
        return failed(f"The access token has expired. {text}", arguments=(argument,), facts=renewal)
    return (failed if expired else warned)(text, arguments=(Argument("refresh_token_missing", Grade.W, Group.LOCAL_BYTES, text),))


def _expired(
    profile: Profile, credential: CredentialSeen | None, clock: RunClock | None, baseline: Baseline | None, network: NetworkTime | None
) -> bool:  # fmt: skip
    if credential is None or clock is None:
        return False
    now = clocks_of(clock, baseline, None, None, network, None, None, None).now_api
    return "expired" in time_faults(times_of(credential.token), now, profile.expect.leeway_seconds)


# ── S4-02 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S4-02", step=4, title="Spending the refresh token was agreed to",
    looks_for="your leave to use the refresh token once, knowing what that may cost",
    sources=("RFC 9700 4.14.2", "RFC 6749 6"),
)  # fmt: skip
def rotation_notice(secrets: StoredSecrets, options: RunOptions, refreshed: RefreshedToken | None) -> Outcome:
    """S4-02: the gate before any refresh."""
    if secrets.get("refresh_token").status != "present":
        return not_applicable("No refresh token is stored, so none can be spent.")
    if refreshed is not None:
        return passed("You agreed, and the refresh token was used once.")
    if options.allow_refresh:
        return passed("You agreed. It is used only where the request fails and its successor can be kept.")
    return not_tried(WHAT_IT_COSTS)


# ── S4-03 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S4-03", step=4, title="The authorization server accepts the refresh token",
    looks_for="one token request with the refresh token, never repeated",
    causes=TOKEN_ERROR_CAUSES, sources=("RFC 6749 5.2", "RFC 6749 6", "RFC 9700 4.14.2"),
)  # fmt: skip
def refresh_live(refreshed: RefreshedToken) -> Outcome:
    """S4-03: the answer to the one refresh."""
    status = refreshed.exchange.status
    if refreshed.unknown_outcome:
        text = (
            "The connection broke before the answer came, so the refresh token may have been used up. It was not sent again; "
            "if the next refresh fails, sign in again."
        )
        return with_facts(warned(text), renewal_tried=True, refresh_kept=False)
    if status is None:
        return blocked("The token endpoint was not reached; the refresh token was not used.")
    lines = (Line("answer", status_text(status), Status.PASS if refreshed.answer.ok else Status.FAIL, refreshed.answer.error),)
    if refreshed.answer.ok:
        kept = bool(refreshed.kept_in) and not refreshed.keep_problem
        outcome = passed(f"The refresh brought a new access token{_lives(refreshed)}.", *lines)
        return with_facts(outcome, renewal_tried=True, renewal_failed=False, refresh_kept=kept)
    arguments = arguments_of(refreshed)
    first = arguments[0] if arguments else None
    text = first.text if first is not None else f"The token endpoint refused the refresh token ({status_text(status)})."
    outcome = failed(text, *lines, arguments=arguments)
    cause = first.cause if first is not None else ""
    return with_facts(outcome, renewal_tried=True, renewal_failed=True, refresh_failed=True, renewal_cause=cause, refresh_kept=False)


def _lives(refreshed: RefreshedToken) -> str:
    lifetime = refreshed.answer.expires_in
    return f" that lives {duration(lifetime)}" if lifetime is not None and lifetime > 0 else ""


# ── S4-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S4-04", step=4, title="The new tokens are kept",
    looks_for="the new refresh token written to its place and read back; without a new one the old one stays",
    causes=("rotation_not_persisted",), sources=("RFC 6749 6", "RFC 9700 4.14.2"),
)  # fmt: skip
def rotation_persisted(refreshed: RefreshedToken) -> Outcome:
    """S4-04: was the successor stored?"""
    if not refreshed.answer.ok:
        return not_applicable("The refresh brought no new tokens, so there is nothing to keep.")
    place = refreshed.kept_in or "nowhere"
    lines = (
        Line("new refresh token", "yes, the old one is used up" if refreshed.rotated else "no, the old one stays valid"),
        Line("kept in", place),
    )
    if refreshed.keep_problem or not refreshed.kept_in:
        why = refreshed.keep_problem or "it was written nowhere"
        if refreshed.rotated:
            text = f"The server replaced the refresh token, but the new one could not be kept: {why} The old one no longer works."
            outcome = failed(text, *lines, arguments=(Argument("rotation_not_persisted", Grade.S, Group.ENVIRONMENT, text),))
            return with_facts(outcome, renewal_tried=True, renewal_failed=True, refresh_failed=True,
                              renewal_cause="rotation_not_persisted", refresh_kept=False)  # fmt: skip
        text = f"The new access token could not be kept: {why} The refresh token itself was not replaced and stays valid."
        return warned(text, *lines, arguments=(Argument("rotation_not_persisted", Grade.W, Group.ENVIRONMENT, text),))
    if refreshed.keep_note and refreshed.rotated:
        # It is not lost, but where programs look for it there is still the old one, and that is used up.
        text = f"The server replaced the refresh token, and the new one did not reach its place. {refreshed.keep_note}"
        outcome = failed(text, *lines, arguments=(Argument("rotation_not_persisted", Grade.S, Group.ENVIRONMENT, text),))
        return with_facts(outcome, renewal_tried=True, renewal_failed=True, refresh_failed=True,
                          renewal_cause="rotation_not_persisted", refresh_kept=False)  # fmt: skip
    if refreshed.keep_note:
        return warned(f"The new tokens are safe in {place}. {refreshed.keep_note}", *lines)
    if refreshed.rotated:
        return passed(f"The new refresh token was written to {place} and read back.", *lines)
    return passed(f"The server sent no new refresh token, so the old one was left in place; the new access token is in {place}.", *lines)


# ── S4-05 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S4-05", step=4, title="The refreshed token says the same as the old one",
    looks_for="issuer, audience, scope, client and key of the two tokens",
    causes=("insufficient_scope", "signing_key_rotated"), sources=("RFC 6749 6",),
)  # fmt: skip
def refreshed_token_diff(
    credential: CredentialSeen, refreshed: RefreshedToken, clock: RunClock, keys: KeySet | None, call: RefreshedCall | None
) -> Outcome:  # fmt: skip
    """S4-05: the old token against its successor."""
    if not refreshed.answer.ok or refreshed.token is None:
        return not_applicable("The refresh brought no new token to compare.")
    if credential.token is None or not (credential.token.readable and refreshed.token.readable):
        return not_applicable("The tokens cannot be read from outside, so they cannot be compared.")
    rows = token_diff.table(credential.token, refreshed.token, clock.now)
    judged = tuple((r.name, r.first, r.second, "same" if r.same else "differs") for r in rows)
    table = Table(("", "old", "refreshed", ""), judged, "Claim by claim", compared=(1, 2))
    arguments = [*_narrower(credential, refreshed, call), *_other_key(credential, refreshed, keys)]
    changed = [d.name for d in token_diff.differences(credential.token, refreshed.token)]
    if arguments:
        return warned(arguments[0].text, table, arguments=tuple(arguments))
    if changed:
        return warned(f"The refreshed token differs from the old one in: {', '.join(changed)}.", table)
    return passed("The refreshed token says the same as the old one, times and ids apart.", table)


def _narrower(credential: CredentialSeen, refreshed: RefreshedToken, call: RefreshedCall | None) -> tuple[Argument, ...]:
    """Lost scopes matter only where the refreshed token is refused."""
    lost = next((d for d in token_diff.differences(credential.token, refreshed.token) if d.name == "scope"), None)
    gone = sorted(set(lost.first.split()) - set(lost.second.split())) if lost is not None else []
    if not gone or (call is not None and accepts(call.exchange)):
        return ()
    text = f"The refreshed token has fewer scopes than the old one: {', '.join(gone)} is gone."
    return (Argument("insufficient_scope", Grade.M if call is not None else Grade.W, Group.LOCAL_CLAIMS, text),)


def _other_key(credential: CredentialSeen, refreshed: RefreshedToken, keys: KeySet | None) -> tuple[Argument, ...]:
    """A new key explains a refusal of the old token only where the old key is no longer published."""
    assert credential.token is not None
    assert refreshed.token is not None
    old, new = (str(token.header.get("kid") or "") for token in (credential.token, refreshed.token))
    published = [key.kid for key in keys.keys] if keys is not None else []
    if not old or not new or old == new or old in published:
        return ()
    text = f"The issuer signs with another key now ({new}); the old token was signed with {old}" + (
        ", which is no longer published." if published else "."
    )
    return (Argument("signing_key_rotated", Grade.M if published else Grade.W, Group.METADATA, text),)


# ── S4-06 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S4-06", step=4, title="The API accepts the refreshed token",
    looks_for="the same request with the refreshed token",
    causes=SWAP_CAUSES, sources=("RFC 6750 3.1",),
)  # fmt: skip
def refreshed_token_works(
    profile: Profile,
    credential: CredentialSeen,
    refreshed: RefreshedToken,
    call: RefreshedCall,
    clock: RunClock,
    second: RefreshedCallAgain | None,
    baseline: Baseline | None,
    anonymous: Anonymous | None,
    again: AnonymousAgain | None,
    secrets: StoredSecrets | None,
    keys: KeySet | None,
    introspection: Introspection | None,
    discovery: Discovery | None,
    network: NetworkTime | None,
) -> Outcome:
    """S4-06: the swap of the old token for its successor."""
    status = call.exchange.status
    if status is None:
        return blocked("The request with the refreshed token got no answer.")
    clocks = clocks_of(clock, baseline, None, None, network, None, None, discovery)
    stored = gather(profile, credential, clocks, baseline, secrets, keys, introspection, discovery)
    before = baseline.exchange if baseline is not None else None
    alike = baseline is not None and comparison(anonymous, again).same(baseline, call)
    has_stored = credential.field_value is not None and not credential.fetched
    lines = (
        Line("old token", status_text(before.status) if before is not None else "not sent"),
        Line("refreshed token", status_text(status), Status.PASS if accepts(call.exchange) else Status.FAIL),
        *(Line("old refresh token", seen.spent_note, Status.WARN) for seen in (call, second) if seen is not None and seen.spent_note),
    )
    kept = bool(refreshed.kept_in) and not refreshed.keep_problem
    if not accepts(call.exchange) and second is not None and accepts(second.exchange):
        late = judge_late_success(stored, refreshed.token, before, second.exchange, FACTOR) if has_stored else ()
        text = "The API accepts the refreshed token some seconds after it refused it: it takes a while until every server knows a new one."
        return warned(text, *lines, Line("some seconds later", status_text(second.exchange.status), Status.PASS), arguments=late,
                      facts={"repaired": True} if kept else {})  # fmt: skip
    unknown = may_be_too_new(call.exchange)
    settled = not unknown or (second is not None and second.exchange.status is not None)
    arguments = judge_swap(stored, refreshed.token, before, call.exchange, FACTOR, alike=alike, settled=settled) if has_stored else ()
    if not accepts(call.exchange):
        pending: dict[str, str | float | bool] = {"refreshed_token_refused": True} if unknown and second is None else {}
        text = f"The API refuses the refreshed token as well: {status_text(status)}."
        return failed(text, *lines, arguments=arguments, facts=pending)
    proof = next((a.text for a in arguments if not a.grade.against), "The API accepts the refreshed token.")
    failing = before is None or not accepts(before)
    return passed(proof, *lines, arguments=arguments, facts={"repaired": True} if kept and failing else {})


CHECKS: tuple[Check, ...] = (
    refresh_present, rotation_notice, refresh_live, rotation_persisted, refreshed_token_diff, refreshed_token_works, refresh_design,
)  # fmt: skip
STEP = StepText(
    number=4,
    id="refresh",
    title="Refresh",
    question="Can the access token be renewed without signing in again?",
    why=(
        "An access token lives for minutes or hours; a refresh token brings the next one. Many servers replace the refresh token at each "
        "use, so a program that loses the new one, or uses an old one twice, is locked out until somebody signs in again."
    ),
)
