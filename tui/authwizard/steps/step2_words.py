"""Do the server's words about time fit the token's times? Where they do not, something else is behind them (S2-08)."""

from __future__ import annotations

import re

from authwizard.check import check, failed, not_applicable, passed
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CredentialSeen,
    Discovery,
    FreshCall,
    FreshToken,
    MintedForRun,
    NetworkTime,
    Reported,
    RunClock,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Code, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.steps.answers import explained, served_from_cache
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Clocks, Now, majority, tolerance
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import times_of

SPEAKS_OF_TIME = ("token_expired", "token_not_yet_valid")


@check(
    "S2-08", step=2, title="The server's words about time fit the token's times",
    looks_for="A server that says expired, or not yet valid, about a token whose times say otherwise by the same clock.",
    causes=("clock_skew_server", "stale_token_sent", "cached_401", "session_expired"),
    sources=("RFC 6750 3.1", "RFC 7519 4.1.4", "RFC 9111 3.5"),
)  # fmt: skip
def server_and_arithmetic_agree(
    credential: CredentialSeen, profile: Profile, clock: RunClock, baseline: Baseline | None, anonymous: Anonymous | None,
    fresh_call: FreshCall | None, network: NetworkTime | None, minted: MintedForRun | None, fresh: FreshToken | None,
    discovery: Discovery | None, reported: Reported | None,
) -> Outcome:  # fmt: skip
    """Compare what the refusal says of the token's time with `exp`, `nbf` and `iat`."""
    answer = refusal_of(baseline, reported)
    if answer is None:
        return not_applicable("There is no refusal whose words could be compared with the token's times.")
    said = explained(answer)
    if not said.firm or said.cause not in SPEAKS_OF_TIME:
        return _says_nothing_of_time(said.message.words, said.candidates)
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery, reported)
    times = times_of(credential.token)
    leeway = float(profile.expect.leeway_seconds)
    words = Code(said.message.words, "the server's words")
    if said.cause == "token_expired":
        if times.exp is None or times.exp >= 1e11:
            return not_applicable("The server says the token expired; the token's own end cannot be read here to compare.", words)
        return _judge_expired(times.exp, clocks, leeway, words, _other_reasons(answer, credential, reported, baseline is None))
    starts = [at for at in (times.nbf, times.iat) if at is not None and at < 1e11]
    if not starts:
        return not_applicable("The server says the token is not valid yet; the token names no beginning to compare.", words)
    return _judge_not_yet(max(starts), clocks, leeway, words, served_from_cache(answer))


def refusal_of(baseline: Baseline | None, reported: Reported | None) -> Exchange | None:
    """Return the refusal whose words are judged: that of P0, else the one the user brought; None where there is none."""
    if baseline is not None and baseline.exchange.status is not None:
        return None if accepts(baseline.exchange) else baseline.exchange
    pasted = reported.answer if reported is not None else None
    return pasted if pasted is not None and pasted.status is not None and not accepts(pasted) else None


def _says_nothing_of_time(words: str, candidates: tuple[str, ...]) -> Outcome:
    if words and "token_expired" in candidates:
        return not_applicable(
            "The server's words leave open whether the token expired or is invalid for another reason: they are no evidence of expiry.",
            Code(words, "the server's words"),
        )
    return not_applicable("The server's words do not speak of the token's time.")


def _judge_expired(exp: float, clocks: Clocks, leeway: float, words: Code, reasons: tuple[Argument, ...]) -> Outcome:
    now, other = clocks.now_api, _other_clock(clocks)
    lines = (Line("Expires", utc(exp)), Line("Now", utc(now.seconds), None, f"by {now.whose}"), words)
    left = exp - now.seconds
    if left <= leeway + now.error:
        if left <= 0 and exp - other.seconds > leeway + other.error:
            text = (
                f"The server says the token expired, and by its own clock it did; by {other.whose} it lives another "
                f"{duration(exp - other.seconds)}. The API's clock is ahead."
            )
            return failed(text, *lines, Line("Other clock", utc(other.seconds), Status.FAIL, f"by {other.whose}"),
                          arguments=(Argument("clock_skew_server", Grade.S, Group.TIME, text),))  # fmt: skip
        return passed("The server says the token expired, and the token's times agree.", *lines)
    text = f"The server says the token expired, but by {now.whose} it lives another {duration(left)}: these two observations disagree."
    return failed(text, *lines, arguments=reasons or _no_reason_seen(clocks, text))


def _no_reason_seen(clocks: Clocks, text: str) -> tuple[Argument, ...]:
    session = f"{text} Servers also report an ended login session as an expired token."
    arguments = [Argument("session_expired", Grade.M, Group.SERVER_MESSAGE, session)]
    if clocks.server is None and clocks.stated is None:
        arguments.append(Argument("clock_skew_server", Grade.W, Group.TIME, f"{text} The API's own clock was not seen."))
    return tuple(arguments)


def _judge_not_yet(start: float, clocks: Clocks, leeway: float, words: Code, cached: bool) -> Outcome:
    now = clocks.now_api
    ahead = start - now.seconds
    lines = (Line("Begins", utc(start)), Line("Now", utc(now.seconds), None, f"by {now.whose}"), words)
    if ahead > -now.error:
        vote = majority(clocks, tolerance(leeway))
        if vote.decided and "server" in vote.off and "issuer" not in vote.off:
            text = "The server says the token is not valid yet, and by its own clock that is so; by the other clocks the API's clock is behind."
            return failed(text, *lines, arguments=(Argument("clock_skew_server", Grade.S, Group.TIME, text),))
        return passed("The server says the token is not valid yet, and the token's times agree.", *lines)
    text = f"The server says the token is not valid yet, but by {now.whose} it is since {duration(ahead)}: these two observations disagree."
    if cached:
        cause, group, why = "cached_401", Group.RESPONSE_CLASS, "A cache may have kept an old answer."
    else:
        cause, group, why = (
            "clock_skew_server",
            Group.TIME,
            "The process that checks tokens may have another clock than the one that writes Date.",
        )
    return failed(text, *lines, arguments=(Argument(cause, Grade.M, group, f"{text} {why}"),))


def _other_clock(clocks: Clocks) -> Now:
    return clocks.now("ntp") or clocks.now("issuer") or Now(clocks.local, 0.0, "this machine's clock", local_only=True)


def _other_reasons(answer: Exchange, credential: CredentialSeen, reported: Reported | None, pasted: bool) -> tuple[Argument, ...]:
    """Return the arguments for another token on the wire and for a cached answer, as far as they can be seen."""
    sent = reported.credential_fingerprint if pasted and reported is not None else _fingerprint_sent(answer)
    if sent and credential.fingerprint and sent != credential.fingerprint:
        text = f"The server calls a token expired that is not the stored one: {sent} was sent, {credential.fingerprint} is stored."
        return (Argument("stale_token_sent", Grade.M, Group.SERVER_MESSAGE, text),)
    if served_from_cache(answer):
        text = "The server calls a living token expired in an answer that came out of a cache."
        return (Argument("cached_401", Grade.M, Group.RESPONSE_CLASS, text),)
    return ()


def _fingerprint_sent(answer: Exchange) -> str:
    for name, value in answer.request_headers:
        found = re.search(r"#[0-9a-f]{8}\b", value) if name.lower() == "authorization" else None
        if found:
            return found.group()
    return ""
