"""Do the clocks agree: this machine's, the API's, the authorization server's, network time? Step 6."""

from __future__ import annotations

from authwizard.check import Check, blocked, check, failed, not_tried, passed, warned, with_facts
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CredentialSeen,
    Discovery,
    FreshCall,
    FreshToken,
    MintedForRun,
    NetworkTime,
    RunClock,
    StoredSecrets,
)
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Scale, Span
from authwizard.model.profile import Profile
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import HERE, NAMES, Clocks, Majority, Offset, apart, best_offset, majority, tolerance
from authwizard.steps.differential import accepts
from authwizard.steps.self_signed import signs_with_own_clock
from authwizard.steps.step6_issued import fresh_iat, whole_hour_offset
from authwizard.steps.step6_kept import kept_by_itself, not_set_meanwhile, signed_window
from authwizard.steps.step_text import StepText
from authwizard.steps.time_words import ahead_or_behind, compared_with, duration
from authwizard.steps.token_times import time_faults, times_of

API_CLOCK = "the API's"
CLOSE_SECONDS = 2.0
"""A machine that keeps its clock by NTP is closer than this."""
AGREE_SECONDS = 5.0
"""HTTP dates count whole seconds and travel: a smaller difference means nothing."""
BEARER_NOTE = (
    "That alone does not break a bearer token, whose times the authorization server writes and the API checks; "
    "it breaks what this machine signs or times itself."
)


@check(
    "S6-01", step=6, title="This machine's clock is right",
    looks_for="The difference between this machine's clock and network time (SNTP).",
    causes=("clock_skew_client",), sources=("RFC 5905", "RFC 4330"),
)  # fmt: skip
def local_against_network(
    network: NetworkTime, profile: Profile, stored: StoredSecrets | None, baseline: Baseline | None, anonymous: Anonymous | None
) -> Outcome:  # fmt: skip
    """Judge the offset to network time; where the API's Date agrees with this machine, network time is the one that stands alone."""
    behind = -network.offset_seconds
    leeway = float(profile.expect.leeway_seconds)
    line = Line("This machine", ahead_or_behind(behind), None, f"±{network.error_seconds:.2f} s, from {network.server}")
    if abs(behind) <= max(CLOSE_SECONDS, network.error_seconds):
        return passed(f"This machine's clock agrees with {network.server}.", line)
    text = f"This machine's clock is {compared_with(behind, 'network time')} ({network.server})."
    if abs(behind) - network.error_seconds <= leeway:
        return warned(f"{text} Within the leeway of {leeway:.0f} s; set it by NTP before it drifts further.", line)
    api = best_offset([seen.exchange for seen in (baseline, anonymous) if seen is not None])
    if api is not None and not apart(api, HERE, tolerance(leeway)):
        return warned(f"{text} But the API's clock agrees with this machine's, so it may be the time server that is wrong.", line)
    argument = _client_off(text, network_says_so=True, signs=signs_with_own_clock(profile, stored))
    return failed(argument.text, line, arguments=(argument,))


def _client_off(text: str, *, network_says_so: bool, signs: str) -> Argument:
    if not signs:
        return Argument("clock_skew_client", Grade.M, Group.TIME, f"{text} {BEARER_NOTE}")
    grade = Grade.S if network_says_so else Grade.M
    return Argument("clock_skew_client", grade, Group.TIME, f"{text} {signs}")


@check(
    "S6-02", step=6, title="The API's and the authorization server's clocks agree",
    looks_for="The Date of their answers against this machine's clock and network time, each with its error bar; which clock stands alone.",
    causes=("clock_skew_client", "clock_skew_server", "clock_skew_issuer_api"), sources=("RFC 9110 6.6.1",),
)  # fmt: skip
def clocks_agree(
    clock: RunClock, profile: Profile, credential: CredentialSeen | None, stored: StoredSecrets | None, baseline: Baseline | None,
    anonymous: Anonymous | None, fresh_call: FreshCall | None, network: NetworkTime | None, minted: MintedForRun | None,
    fresh: FreshToken | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    """Compare the clocks and attribute a difference by majority."""
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery)
    if clocks.server is None and clocks.issuer is None:
        if all(seen is None for seen in (baseline, anonymous, fresh_call, minted, fresh, discovery)):
            return not_tried("Nothing was asked, so no other clock was seen.")
        return blocked("No answer carried a usable Date, so the clocks of the servers were not seen.")
    limit = tolerance(profile.expect.leeway_seconds)
    vote = majority(clocks, limit)
    matters = _token_reads_differently(clocks, vote, credential, fresh, float(profile.expect.leeway_seconds))
    if fresh_call is not None and accepts(fresh_call.exchange):
        matters = False  # the API took a token made just now, so whatever wrote its Date, it does not judge by that clock
    arguments = _attributed(clocks, vote, limit, signs_with_own_clock(profile, stored), matters=matters)
    accepted = baseline is not None and accepts(baseline.exchange)
    outcome = _clock_outcome(clocks, vote, limit, arguments, accepted=accepted)
    return with_facts(outcome, **_offset_facts(clocks))


def _token_reads_differently(
    clocks: Clocks, vote: Majority, credential: CredentialSeen | None, fresh: FreshToken | None, leeway: float
) -> bool:  # fmt: skip
    """Whether the API's clock finds a fault with a token's times that its issuer's clock (else the majority's) does not find."""
    by_api, by_other = clocks.now("server"), clocks.now("issuer") or clocks.now(vote.reference)
    if by_api is None or by_other is None:
        return False
    tokens = (credential.token if credential is not None else None, fresh.token if fresh is not None else None)
    return any(time_faults(times_of(t), by_api, leeway) - time_faults(times_of(t), by_other, leeway) for t in tokens)


def _attributed(clocks: Clocks, vote: Majority, limit: float, signs: str, *, matters: bool) -> tuple[Argument, ...]:
    """Return whose clock is off, as far as the majority tells."""
    server, issuer = clocks.server, clocks.issuer
    if server is not None and issuer is not None and apart(server, issuer, limit):
        return (_servers_disagree(server, issuer, vote, matters=matters),)
    if not vote.decided:
        text = (
            f"This machine and the servers disagree about the time by {duration(_widest(clocks))}, and no third clock was seen to decide."
        )
        return tuple(Argument(c, Grade.W, Group.TIME, text) for c in ("clock_skew_client", "clock_skew_server"))
    if "client" in vote.off:
        text = f"This machine's clock is {_beside(-_at(clocks, vote.reference), vote)}, as the others confirm."
        confirmed = clocks.ntp is not None and "ntp" not in vote.off
        return (_client_off(text, network_says_so=confirmed, signs=signs),)
    if "server" in vote.off:
        text = f"The API's clock is {_beside(_between(clocks, 'server', vote), vote)}."
        return (_graded("clock_skew_server", text, matters=matters),)
    if "issuer" in vote.off:
        text = f"The authorization server's clock is {_beside(_between(clocks, 'issuer', vote), vote)}."
        return (Argument("clock_skew_issuer_api", Grade.M, Group.TIME, text),)
    return ()


def _beside(seconds: float, vote: Majority) -> str:
    return compared_with(seconds, f"{NAMES[vote.reference]}'s")


def _servers_disagree(server: Offset, issuer: Offset, vote: Majority, *, matters: bool) -> Argument:
    gap = issuer.seconds - server.seconds
    text = f"The authorization server's clock is {compared_with(gap, API_CLOCK)} (±{issuer.error + server.error:.0f} s)."
    if vote.decided and "server" in vote.off and "issuer" not in vote.off:
        return _graded("clock_skew_server", f"{text} The API's clock stands alone.", matters=matters)
    alone = " The authorization server's clock stands alone." if vote.decided and "server" not in vote.off else ""
    return _graded("clock_skew_issuer_api", f"{text}{alone}", matters=matters)


def _graded(cause: str, text: str, *, matters: bool) -> Argument:
    if matters:
        return Argument(cause, Grade.S, Group.TIME, f"{text} By the API's clock the token's times are wrong, by the others they are right.")
    note = "The token's times read the same by either clock, so this alone does not explain a refusal; an edge may also write Date."
    return Argument(cause, Grade.M, Group.TIME, f"{text} {note}")


def _clock_outcome(clocks: Clocks, vote: Majority, limit: float, arguments: tuple[Argument, ...], *, accepted: bool) -> Outcome:
    table = _clock_table(clocks, vote)
    if arguments and not accepted:
        return failed(arguments[0].text, table, arguments=arguments)
    if arguments:
        note = "The API accepts the token all the same: its Date may be written by a component in front of it."
        return warned(f"{arguments[0].text} {note}", table, arguments=arguments)
    widest = _widest(clocks)
    if widest <= AGREE_SECONDS + max(o.error for o in _offsets(clocks)):
        return passed("All clocks that were seen agree.", table)
    return warned(f"The clocks differ by {duration(widest)}: within the tolerance of {limit:.0f} s, but worth setting right.", table)


def _clock_table(clocks: Clocks, vote: Majority) -> Scale:
    rows, spans = [], []
    for role in clocks.known:
        offset = clocks.offset(role)
        assert offset is not None
        mark = "stands apart" if role in vote.off else "agrees" if vote.decided else "unclear"
        shown = "the base" if role == "client" else f"{offset.seconds:+.1f} s"
        rows.append((NAMES[role], shown, f"±{offset.error:.1f} s", offset.source, mark))
        spans.append(Span.point(0.0 if role == "client" else offset.seconds, offset.error))
    columns = ("clock", "against this machine", "error", "from", "judgement")
    return Scale(columns, tuple(rows), "Clocks", spans=tuple(spans), beside=(1, 4, 2))


def _offset_facts(clocks: Clocks) -> dict[str, float]:
    named = (("offset_api", clocks.server), ("offset_issuer", clocks.issuer), ("offset_ntp", clocks.ntp))
    return {name: round(offset.seconds, 3) for name, offset in named if offset is not None}


def _offsets(clocks: Clocks) -> list[Offset]:
    return [o for role in clocks.known if (o := clocks.offset(role)) is not None]


def _widest(clocks: Clocks) -> float:
    seconds = [o.seconds for o in _offsets(clocks)]
    return max(seconds) - min(seconds)


def _at(clocks: Clocks, role: str) -> float:
    return next(o.seconds for r in clocks.known if r == role and (o := clocks.offset(r)) is not None)


def _between(clocks: Clocks, role: str, vote: Majority) -> float:
    return _at(clocks, role) - _at(clocks, vote.reference)


CHECKS: tuple[Check, ...] = (
    local_against_network, clocks_agree, fresh_iat, whole_hour_offset, kept_by_itself, signed_window, not_set_meanwhile,
)  # fmt: skip
STEP = StepText(
    number=6,
    id="system_time",
    title="System time",
    question="Do the clocks of this machine, the API and the authorization server agree?",
    why=(
        "A token carries the moments it begins and ends, written by one clock and checked by another; where they disagree, a good token is "
        "refused. A wrong clock on this machine matters where it signs something itself, such as a client assertion."
    ),
)
