"""How old is a token that cannot be read? Its age from the store, or the authorization server's word (S2-07)."""

from __future__ import annotations

from dataclasses import replace

from authwizard.check import blocked, check, failed, not_applicable, passed
from authwizard.model.evidence import Baseline, CredentialSeen, Introspection, MintedForRun, RunClock, SecretState, StoredSecrets
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.oauth import Introspected
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import lenient_number

KINDS = ("bearer", "dpop")


@check(
    "S2-07", step=2, title="A token that cannot be read is not past its time",
    looks_for="When the token was fetched and how long it was said to live, or what the authorization server says of it (introspection).",
    causes=("token_expired",), sources=("RFC 6749 5.1", "RFC 7662 2.2"),
)  # fmt: skip
def opaque_age(
    credential: CredentialSeen, stored: StoredSecrets | None, introspection: Introspection | None, minted: MintedForRun | None,
    clock: RunClock, baseline: Baseline | None,
) -> Outcome:  # fmt: skip
    """Judge the age of an opaque or encrypted token. What the API accepts is alive, whatever its age."""
    if credential.kind not in KINDS or credential.field_value is None:
        return not_applicable("The credential is no access token.")
    if credential.token is not None and credential.token.readable:
        return not_applicable("The token can be read; its own times are judged above.")
    if introspection is not None and introspection.result.active is not None:
        return _introspected(introspection.result, clock.now)
    if credential.fetched and minted is not None and minted.answer.expires_in is not None:
        aged = _aged(minted.exchange.received_at or clock.now, minted.answer.expires_in, clock.now)
        text = f"The token was fetched in this run and is said to live {duration(minted.answer.expires_in)}."
        young = (Argument("token_expired", Grade.XS, Group.TIME, text),)
        return replace(aged, summary=text, arguments=young) if aged.status is Status.PASS else aged
    state = stored.get("access_token") if stored is not None else SecretState("access_token", "absent")
    if baseline is not None and accepts(baseline.exchange):
        return passed("The API accepts the token, so its time is not over; when it ends, only the authorization server knows.")
    if state.obtained_at is None or state.expires_in is None:
        return blocked(
            "The token cannot be read here, and nothing says when it was fetched: only the authorization server knows when it ends.",
            unblock="An introspection_url in the profile lets authwizard ask.",
        )
    return _aged(state.obtained_at, state.expires_in, clock.now)


def _introspected(result: Introspected, now: float) -> Outcome:
    exp = lenient_number(result.members.get("exp"))
    ended = exp is not None and exp <= now
    end_line = (Line("exp", utc(exp), Status.FAIL if ended else Status.PASS),) if exp is not None else ()
    if result.active:
        text = "The authorization server says the token is active, so it has not expired."
        return passed(text, Line("active", "true", Status.PASS), *end_line,
                      arguments=(Argument("token_expired", Grade.XS, Group.INTROSPECTION, text),))  # fmt: skip
    if ended and exp is not None:
        text = f"The authorization server says the token is no longer active; it ended {duration(now - exp)} ago ({utc(exp)})."
        return failed(text, Line("active", "false", Status.FAIL), *end_line,
                      arguments=(Argument("token_expired", Grade.S, Group.INTROSPECTION, text),))  # fmt: skip
    return not_applicable(
        "The authorization server says the token is not active, without saying that its time is over: see step 3.",
        Line("active", "false", Status.WARN),
    )


def _aged(obtained_at: float, expires_in: int, now: float) -> Outcome:
    ends = obtained_at + expires_in
    lines = (Line("Fetched", utc(obtained_at)), Line("Said to live", duration(expires_in)))
    if ends <= now:
        text = f"The token was fetched {duration(now - obtained_at)} ago and was said to live {duration(expires_in)}: it ended {duration(now - ends)} ago."
        argument = Argument("token_expired", Grade.M, Group.TIME, text, on_local_clock=True)
        return failed(text, *lines, Line("Ended", utc(ends), Status.FAIL, f"{duration(now - ends)} ago"), arguments=(argument,))
    return passed(f"By what the store knows the token lives another {duration(ends - now)}.", *lines, Line("Ends", utc(ends), Status.PASS))
