"""What time does the authorization server write into a new token? Against the clocks, and for whole hours (S6-03, S6-04)."""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    Discovery,
    FreshCall,
    FreshToken,
    MintedForRun,
    NetworkTime,
    RunClock,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Clocks, majority, tolerance
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import duration
from authwizard.steps.token_times import times_of

QUARTER_HOUR = 900
COINCIDENCE_SECONDS = 5.0
"""How close to a whole quarter of an hour an offset must be to be no accident."""
CACHED_AFTER_SECONDS = 5.0
"""An iat older than this in a token just fetched was read from the authorization server's own store of tokens."""


@check(
    "S6-03", step=6, title="A new token is not from the future",
    looks_for="The moment of issue (iat) of a token fetched in this run, against the authorization server's clock and the API's.",
    causes=("clock_skew_issuer_api", "clock_skew_server"), sources=("RFC 7519 4.1.6",),
)  # fmt: skip
def fresh_iat(
    clock: RunClock, profile: Profile, baseline: Baseline | None, anonymous: Anonymous | None, fresh_call: FreshCall | None,
    network: NetworkTime | None, minted: MintedForRun | None, fresh: FreshToken | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    """Judge `iat - now_api` of a fresh token at the moment it was issued."""
    grant = fresh or minted
    if grant is None or grant.token is None:
        return not_tried("No new token was fetched in this run.")
    iat = times_of(grant.token).iat
    if iat is None or iat >= 1e11:
        return not_applicable("The new token does not say when it was issued.")
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery)
    if clocks.server is None:
        return not_tried("The API's clock was not seen, so there is nothing to compare the new token with.")
    ahead = iat - _issued_at(grant.exchange, clock) - clocks.server.seconds
    error, leeway = clocks.server.error, float(profile.expect.leeway_seconds)
    lines = (Line("iat against the API", _signed(ahead), None, f"±{error:.1f} s"), *_issuer_line(iat, grant.exchange, clocks, clock))
    if ahead <= 1 + error:
        return passed("A new token is not from the API's future.", *lines)
    works = _call_after(grant, fresh_call, baseline)
    text = f"A token issued just now is {duration(ahead)} in the API's future: servers that check iat or nbf refuse it until then."
    argument = Argument(_whose(clocks, leeway), _grade(ahead, leeway, works), Group.TIME, text)
    if works:
        return warned(f"{text} This API accepts it all the same.", *lines, arguments=(argument,))
    return failed(text, *lines, arguments=(argument,))


def _call_after(grant: FreshToken | MintedForRun, fresh_call: FreshCall | None, baseline: Baseline | None) -> bool | None:
    """Whether the API took the new token; None where it was not tried."""
    call = fresh_call if isinstance(grant, FreshToken) and fresh_call is not None else baseline if isinstance(grant, MintedForRun) else None
    return accepts(call.exchange) if call is not None and call.exchange.status is not None else None


def _grade(ahead: float, leeway: float, works: bool | None) -> Grade:
    if works:
        return Grade.M if ahead > leeway else Grade.W
    return Grade.S if ahead > leeway or works is False else Grade.M


def _whose(clocks: Clocks, leeway: float) -> str:
    vote = majority(clocks, tolerance(leeway))
    return "clock_skew_server" if vote.decided and "server" in vote.off and "issuer" not in vote.off else "clock_skew_issuer_api"


def _issued_at(exchange: Exchange, clock: RunClock) -> float:
    """Return this machine's time in the middle of the token request."""
    return (exchange.sent_at + exchange.received_at) / 2 if exchange.received_at > 0 else clock.now


def _issuer_line(iat: float, exchange: Exchange, clocks: Clocks, clock: RunClock) -> tuple[Line, ...]:
    if clocks.issuer is None:
        return ()
    own = iat - _issued_at(exchange, clock) - clocks.issuer.seconds
    return (Line("iat against its issuer", _signed(own), None, f"±{clocks.issuer.error:.1f} s"),)


def _signed(seconds: float) -> str:
    return f"{'+' if seconds >= 0 else '-'}{duration(seconds)}"


@check(
    "S6-04", step=6, title="No time is off by whole hours",
    looks_for="Differences of a whole number of quarter hours: local time that was written where UTC belongs.",
    causes=("timezone_bug",), sources=("RFC 7519 2",),
)  # fmt: skip
def whole_hour_offset(
    clock: RunClock, baseline: Baseline | None, anonymous: Anonymous | None, fresh_call: FreshCall | None, network: NetworkTime | None,
    minted: MintedForRun | None, fresh: FreshToken | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    """Look for time zones in what the issuer writes and in this machine's clock.

    A server's `Date` alone is left out: a clock may be off by any amount, whole hours included, without a time zone behind it.
    """
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery)
    grant = fresh or minted
    found = [*_written(grant, clocks, clock), *_zone_of_this_machine(clock, clocks)]
    if found:
        lines = tuple(Line(label, _signed(seconds), Status.FAIL, "whole quarter hours") for label, seconds, _ in found)
        return failed(found[0][2], *lines, arguments=tuple(Argument("timezone_bug", Grade.S, Group.TIME, text) for _, _, text in found))
    if grant is None and network is None and clocks.server is None:
        return not_tried("No other clock and no new token was seen.")
    return passed("No time is off by a whole number of quarter hours.")


def _written(grant: FreshToken | MintedForRun | None, clocks: Clocks, clock: RunClock) -> list[tuple[str, float, str]]:
    """Compare the times in a new token with the clock of the server that wrote them."""
    if grant is None or grant.token is None or (isinstance(grant, FreshToken) and grant.same_as_stored):
        return []
    times, issuer = times_of(grant.token), clocks.issuer
    found = []
    if times.iat is not None and times.iat < 1e11 and issuer is not None:
        off = times.iat - _issued_at(grant.exchange, clock) - issuer.seconds
        if _whole(off, issuer.error):
            found.append(
                ("iat", off, f"The authorization server writes an iat that is {duration(off)} off its own clock: a time zone, not a drift.")
            )
    said = grant.answer.expires_in
    if times.exp is not None and times.exp < 1e11 and times.iat is not None and said is not None:
        off = times.exp - times.iat - said
        if _whole(off, 0):
            found.append(("exp", off, f"The token's end (exp) is {duration(off)} off what expires_in says: a time zone, not a drift."))
    return found


def _zone_of_this_machine(clock: RunClock, clocks: Clocks) -> list[tuple[str, float, str]]:
    zone = clock.utc_offset_seconds
    if not zone or clocks.ntp is None:
        return []
    off = -clocks.ntp.seconds
    if abs(abs(off) - abs(zone)) > COINCIDENCE_SECONDS or not _whole(off, clocks.ntp.error):
        return []
    return [
        (
            "this machine",
            off,
            f"This machine's clock is {duration(off)} off, exactly its distance from UTC: its clock was set to local time.",
        )
    ]


def _whole(seconds: float, error: float) -> bool:
    nearest = round(seconds / QUARTER_HOUR) * QUARTER_HOUR
    return abs(nearest) >= 2 * QUARTER_HOUR and abs(seconds - nearest) <= max(COINCIDENCE_SECONDS, error)
