"""Is the token within its lifetime, by the clock of the API that judges it? Step 2."""

from __future__ import annotations

from authwizard.check import Check, check, failed, not_applicable, passed, warned
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
from authwizard.model.finding import Argument, Facts, Grade, Group, Line, Outcome, Scale, Span, Status, Table
from authwizard.model.profile import Profile
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Clocks, Now, Role, apart, majority, tolerance
from authwizard.steps.step2_claims import exp_present, exp_unit, lifetime
from authwizard.steps.step2_opaque import opaque_age
from authwizard.steps.step2_session import session_alive
from authwizard.steps.step2_static_key import key_in_date
from authwizard.steps.step2_words import server_and_arithmetic_agree
from authwizard.steps.step_text import StepText
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import TokenTimes, times_of

SOON_SECONDS = 120
"""Less life than this left is worth a warning: the next request may come too late."""


@check(
    "S2-03", step=2, title="The token has not expired",
    looks_for="The token's expiry (exp) against the API's clock, read from the Date of its answers, with the leeway servers commonly give.",
    causes=("token_expired",), sources=("RFC 7519 4.1.4", "RFC 6750 3.1"),
)  # fmt: skip
def not_expired(
    credential: CredentialSeen, profile: Profile, clock: RunClock, baseline: Baseline | None, anonymous: Anonymous | None,
    fresh_call: FreshCall | None, network: NetworkTime | None, minted: MintedForRun | None, fresh: FreshToken | None,
    discovery: Discovery | None, reported: Reported | None,
) -> Outcome:  # fmt: skip
    """Judge `exp - now` (the margin) against the leeway."""
    times = times_of(credential.token)
    if times.exp is None:
        return not_applicable("The token carries no expiry that can be read here.")
    if times.exp >= 1e11:
        return not_applicable("exp is not written in seconds, so it cannot be compared with a clock; see the line on its unit.")
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery, reported)
    now, leeway = clocks.now_api, float(profile.expect.leeway_seconds)
    margin = times.exp - now.seconds
    outcome = _margin_judged(times.exp, margin, now, leeway, _life_line(times, now, leeway))
    alive = _alive_elsewhere(times.exp, clocks, leeway)
    facts: Facts = {"token_margin_s": round(margin)}
    if clocks.ntp is not None or clocks.issuer is not None:
        facts = {**facts, "alive_by_reference_clock": bool(alive)}
    if margin > -leeway:
        return Outcome(outcome.status, outcome.summary, outcome.details, outcome.arguments, facts)
    if alive:
        facts = {**facts, "alive_by_other_clock": True}
    elif _only_these_two(clocks) and times.exp - clocks.local > leeway:
        # No third clock says which of the two is wrong. The verdict holds back where that decides.
        facts = {**facts, "alive_by_this_machine": True}
    return Outcome(outcome.status, f"{outcome.summary} {alive}".rstrip(), outcome.details, outcome.arguments, facts)


def _margin_judged(exp: float, margin: float, now: Now, leeway: float, table: Table) -> Outcome:
    unsure = " Nothing confirmed this clock, so this is less certain." if now.local_only else ""
    clock_line = Line("Now", utc(now.seconds), None, f"by {now.whose}, ±{now.error:.1f} s" if now.error else f"by {now.whose}")
    lines = (clock_line, Line("Leeway", f"{leeway:.0f} s", None, "how late it may be accepted"))

    def expiry(mark: Status, note: str) -> Line:
        return Line("Expires", utc(exp), mark, note)

    if margin <= -leeway:
        text = f"The token expired {duration(margin)} ago: its exp is {utc(exp)}, and it is {utc(now.seconds)} by {now.whose}.{unsure}"
        grade = Grade.M if now.local_only else Grade.S
        argument = Argument("token_expired", grade, Group.TIME, text, on_local_clock=now.local_only)
        return failed(text, table, expiry(Status.FAIL, f"{duration(margin)} ago"), *lines, arguments=(argument,))
    if margin <= 0:
        text = (
            f"The token expired {duration(margin)} ago, within leeway: a server that allows {leeway:.0f} s still accepts it, others refuse."
        )
        argument = Argument("token_expired", Grade.W, Group.TIME, text, on_local_clock=now.local_only)
        return warned(text, table, expiry(Status.WARN, f"{duration(margin)} ago"), *lines, arguments=(argument,))
    if margin < SOON_SECONDS:
        text = f"The token expires in {duration(margin)}: a request that waits may come too late."
        argument = Argument("token_expired", Grade.W, Group.TIME, text, on_local_clock=now.local_only)
        return warned(text, table, expiry(Status.WARN, f"in {duration(margin)}"), *lines, arguments=(argument,))
    text = f"The token is valid for another {duration(margin)} by {now.whose}."
    sure = not now.local_only and margin > leeway + now.error
    against = (Argument("token_expired", Grade.XS, Group.TIME, text),) if sure else ()
    return passed(text, table, expiry(Status.PASS, f"in {duration(margin)}"), *lines, arguments=against)


def _life_line(times: TokenTimes, now: Now, leeway: float) -> Scale:
    """Return the moments of the token's life in their order, the lifetime itself as a stretch."""
    begin = times.nbf if times.nbf is not None else times.iat
    end = times.exp
    moments = [(name, at, Span.point(at)) for name, at in (("issued (iat)", times.iat), ("begins (nbf)", times.nbf)) if at is not None]
    if end is not None:
        moments.append(("expires (exp)", end, Span(begin, end) if begin is not None and begin < end else Span.point(end)))
        moments += [("with leeway", end + leeway, Span(end, end + leeway))] if leeway else []
    moments.append(("now", now.seconds, Span.point(now.seconds, now.error)))
    moments.sort(key=lambda moment: moment[1])
    rows = tuple((name, utc(at), _span(at - now.seconds)) for name, at, _ in moments)
    return Scale(("moment", "UTC", "from now"), rows, "Life of the token", spans=tuple(span for *_, span in moments))


def _span(seconds: float) -> str:
    if abs(seconds) < 1:
        return "now"
    return f"in {duration(seconds)}" if seconds > 0 else f"{duration(seconds)} ago"


def _only_these_two(clocks: Clocks) -> bool:
    """Whether the API's clock and this machine's are all there is."""
    return clocks.server is not None and clocks.ntp is None and clocks.issuer is None


def _alive_elsewhere(exp: float, clocks: Clocks, leeway: float) -> str:
    """Return a sentence where a time server or the token's issuer calls the token alive."""
    roles: tuple[Role, ...] = ("ntp", "issuer")
    for role in roles:
        now = clocks.now(role)
        if now is not None and exp - now.seconds > leeway:
            return f"By {now.whose} it would still be valid for {duration(exp - now.seconds)}: the clocks disagree, see step 6."
    return ""


@check(
    "S2-04", step=2, title="The token is already valid",
    looks_for="The claim nbf (not before): a server refuses a token whose beginning lies ahead of its own clock.",
    causes=("token_not_yet_valid",), sources=("RFC 7519 4.1.5",),
)  # fmt: skip
def not_before(
    credential: CredentialSeen, profile: Profile, clock: RunClock, baseline: Baseline | None, anonymous: Anonymous | None,
    fresh_call: FreshCall | None, network: NetworkTime | None, minted: MintedForRun | None, fresh: FreshToken | None,
    discovery: Discovery | None, reported: Reported | None,
) -> Outcome:  # fmt: skip
    """Judge `nbf - now` against the leeway."""
    times = times_of(credential.token)
    if times.nbf is None or times.nbf >= 1e11:
        return not_applicable("The token names no beginning (nbf), so it is valid from the start.")
    now = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery, reported).now_api
    ahead, leeway = times.nbf - now.seconds, float(profile.expect.leeway_seconds)
    where = f"by {now.whose}"
    if ahead > leeway:
        text = f"The token is not valid before {utc(times.nbf)}, which is {duration(ahead)} ahead {where}."
        grade = Grade.M if now.local_only else Grade.S
        argument = Argument("token_not_yet_valid", grade, Group.TIME, text, on_local_clock=now.local_only)
        return failed(text, Line("Begins", utc(times.nbf), Status.FAIL, f"in {duration(ahead)}"), Line("Now", utc(now.seconds), None, where),
                      arguments=(argument,))  # fmt: skip
    if ahead > now.error:
        return warned(
            f"The token begins to be valid in {duration(ahead)} {where}: within the leeway of {leeway:.0f} s, which not every server gives.",
            Line("Begins", utc(times.nbf), Status.WARN, f"in {duration(ahead)}"),
        )
    return passed(f"The token is valid since {utc(times.nbf)}.", Line("Begins", utc(times.nbf), Status.PASS, f"{duration(ahead)} ago"))


@check(
    "S2-05", step=2, title="The token was issued in the past",
    looks_for="The claim iat (issued at) against the clocks, and the age of the login (auth_time) where the server names a limit.",
    causes=("clock_skew_client", "clock_skew_issuer_api", "clock_skew_server", "token_too_old"),
    sources=("RFC 7519 4.1.6", "RFC 9470 3"),
)  # fmt: skip
def issued_in_past(
    credential: CredentialSeen, profile: Profile, clock: RunClock, baseline: Baseline | None, anonymous: Anonymous | None,
    fresh_call: FreshCall | None, network: NetworkTime | None, minted: MintedForRun | None, fresh: FreshToken | None,
    discovery: Discovery | None, reported: Reported | None,
) -> Outcome:  # fmt: skip
    """Judge `iat - now`, and the age of the login against the server's `max_age`."""
    times = times_of(credential.token)
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery, reported)
    now, leeway = clocks.now_api, float(profile.expect.leeway_seconds)
    too_old = _too_old(times, now, baseline)
    if times.iat is None or times.iat >= 1e11:
        return too_old or not_applicable("The token does not say when it was issued (iat).")
    ahead = times.iat - now.seconds
    line = Line("Issued", utc(times.iat), None, f"{duration(ahead)} {'ahead' if ahead > 0 else 'ago'} by {now.whose}")
    if ahead <= max(1.0, now.error):
        return too_old or passed(f"The token was issued {duration(ahead)} ago.", line)
    text, arguments = _future_iat(ahead, now, clocks, leeway)
    if ahead > leeway:
        return failed(text, line, arguments=arguments)
    return warned(f"{text} Some libraries refuse an iat that is even one second ahead.", line, arguments=arguments)


def _future_iat(ahead: float, now: Now, clocks: Clocks, leeway: float) -> tuple[str, tuple[Argument, ...]]:
    told = f"The token says it was issued {duration(ahead)} in the future by {now.whose}"
    text, limit = f"{told}: two clocks disagree.", tolerance(leeway)
    if now.local_only:
        return text, (Argument("clock_skew_client", Grade.M, Group.TIME, text, on_local_clock=True),)
    if clocks.server is not None and clocks.issuer is not None and not apart(clocks.server, clocks.issuer, limit):
        return f"{told}. The issuer's clock agrees with the API's now, so the time was put there on purpose or by another clock.", ()
    vote = majority(clocks, limit)
    server_alone = vote.decided and "server" in vote.off and "issuer" not in vote.off
    return text, (Argument("clock_skew_server" if server_alone else "clock_skew_issuer_api", Grade.M, Group.TIME, text),)


def _too_old(times: TokenTimes, now: Now, baseline: Baseline | None) -> Outcome | None:
    from authwizard.knowledge.signature import challenges_of

    limits = [c.params["max_age"] for c in challenges_of(baseline.exchange) if "max_age" in c.params] if baseline is not None else []
    begun = times.auth_time if times.auth_time is not None else times.iat
    if not limits or not limits[0].isdecimal() or begun is None or now.seconds - begun <= int(limits[0][:9]):
        return None
    text = f"The server wants a login no older than {duration(int(limits[0][:9]))}; this one is {duration(now.seconds - begun)} old."
    return warned(
        text, Line("Login", utc(begun), Status.WARN, f"{duration(now.seconds - begun)} ago"),
        arguments=(Argument("token_too_old", Grade.W, Group.TIME, text),),
    )  # fmt: skip


CHECKS: tuple[Check, ...] = (
    exp_present, exp_unit, not_expired, not_before, issued_in_past, lifetime, opaque_age, server_and_arithmetic_agree, session_alive,
    key_in_date,
)  # fmt: skip
STEP = StepText(
    number=2,
    id="expiration",
    title="Expiration",
    question="Is the token within its lifetime, by the clock of the server that judges it?",
    why=(
        "An access token lives minutes to hours, and a server refuses it from the moment it ends. "
        "The server's clock decides that, not yours, so both are compared."
    ),
)
