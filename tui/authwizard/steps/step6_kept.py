"""Is this machine's clock kept right, does it hold what is signed here within its window, and did it move? S6-05, S6-06, S6-07."""

from __future__ import annotations

from urllib.parse import urlsplit

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    ClockDrift,
    ClockSync,
    Discovery,
    FreshCall,
    FreshToken,
    MintedForRun,
    NetworkTime,
    RunClock,
)
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Clocks, Role, majority, tolerance
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import ahead_or_behind, compared_with, duration

CHECKING_CLOCK = "the server's that checks"
STEP_SECONDS = 1.0
"""Two clocks of one machine run apart by less than this, unless one of them is set."""
S3_WINDOW = 900.0
SIGV4_WINDOW = 300.0
DPOP_NARROW, DPOP_WIDE = 60.0, 300.0
ASSERTION_NARROW, ASSERTION_WIDE = 60.0, 300.0


@check(
    "S6-05", step=6, title="This machine keeps its clock by itself",
    looks_for="What timedatectl, chronyc or w32tm say about the time service.",
    causes=("clock_unsynchronised",), sources=("freedesktop.org, timedatectl", "RFC 5905 7.3"),
)  # fmt: skip
def kept_by_itself(sync: ClockSync) -> Outcome:
    """S6-05: a clock that nothing keeps drifts; that explains no refusal today."""
    line = Line(sync.tool, sync.said, Status.PASS if sync.synchronised else Status.WARN)
    if sync.synchronised:
        return passed(f"This machine's clock is kept by a time service ({sync.tool}).", line)
    text = f"No time service keeps this machine's clock ({sync.tool} says it is not synchronised), so it will drift."
    return warned(text, line, arguments=(Argument("clock_unsynchronised", Grade.W, Group.ENVIRONMENT, text),))


@dataclass(frozen=True)
class Window:
    """How far a signer's clock may be off: below `narrow` seconds every server takes it, above `wide` none does."""

    what: str
    against: Role
    narrow: float
    wide: float


@check(
    "S6-06", step=6, title="What this machine signs is within its time window",
    looks_for="The difference to the verifier's clock against the window of signed requests, DPoP proofs and client assertions.",
    causes=("clock_skew_client", "clock_skew_server", "clock_skew_issuer_api"),
    sources=("RFC 9449 11.1", "RFC 7523 3", "docs.aws.amazon.com, Signature Version 4"),
)  # fmt: skip
def signed_window(
    clock: RunClock, profile: Profile, baseline: Baseline | None, anonymous: Anonymous | None, fresh_call: FreshCall | None,
    network: NetworkTime | None, minted: MintedForRun | None, fresh: FreshToken | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    """S6-06: only what this machine signs with its own time is judged; a bearer token is not."""
    windows = _windows(profile)
    if not windows:
        return not_applicable("This machine signs nothing with its own time for this request.")
    clocks = clocks_of(clock, baseline, anonymous, fresh_call, network, minted, fresh, discovery)
    seen = [(window, offset) for window in windows if (offset := clocks.offset(window.against)) is not None]
    if not seen:
        return not_tried("The clock of the server that checks the signature was not seen.")
    lines = tuple(Line(w.what, ahead_or_behind(-o.seconds), None, f"allowed are {w.narrow:.0f} to {w.wide:.0f} s") for w, o in seen)
    window, offset = max(seen, key=lambda pair: abs(pair[1].seconds) - pair[0].wide)
    off = max(0.0, abs(offset.seconds) - offset.error)
    if off <= window.narrow:
        return passed("What this machine signs is well within its time window.", *lines)
    text = f"This machine's clock is {compared_with(-offset.seconds, CHECKING_CLOCK)} {window.what}"
    if off <= window.wide:
        return warned(f"{text}: some servers allow {window.narrow:.0f} s only.", *lines)
    text = f"{text}; more than {window.wide:.0f} s are allowed nowhere."
    if _was_taken(window, baseline, fresh, minted):
        return warned(f"{text} This server took it all the same.", *lines)
    return failed(text, *lines, arguments=(_whose(clocks, window, tolerance(profile.expect.leeway_seconds), text),))


def _windows(profile: Profile) -> tuple[Window, ...]:
    found = []
    scheme = profile.credential.scheme_word.lower()
    if profile.credential.kind == "dpop":
        found.append(Window("the DPoP proof", "server", DPOP_NARROW, DPOP_WIDE))
    if scheme.startswith("aws4-"):
        wide = S3_WINDOW if _is_s3(profile) else SIGV4_WINDOW
        found.append(Window("the request's signature", "server", wide, wide))
    if profile.oauth is not None and profile.oauth.client_auth == "private_key_jwt":
        found.append(Window("the client assertion", "issuer", ASSERTION_NARROW, ASSERTION_WIDE))
    return tuple(found)


def _is_s3(profile: Profile) -> bool:
    host = urlsplit(profile.base_url).hostname or ""
    return host.endswith(".amazonaws.com") and any(part == "s3" or part.startswith("s3-") for part in host.split("."))


def _was_taken(window: Window, baseline: Baseline | None, fresh: FreshToken | None, minted: MintedForRun | None) -> bool:
    """Whether the server accepted what was signed with this very clock."""
    if window.against == "issuer":
        return any(grant is not None and grant.answer.ok for grant in (fresh, minted))
    return baseline is not None and accepts(baseline.exchange)


def _whose(clocks: Clocks, window: Window, limit: float, text: str) -> Argument:
    """The majority of the clocks tells which one is wrong; where there is none, this machine's is only the likelier one."""
    vote = majority(clocks, limit)
    if vote.decided and "client" not in vote.off and window.against in vote.off:
        return _verifier_off(clocks, window, f"{text} The other clocks agree with this machine's.")
    return Argument("clock_skew_client", Grade.S if vote.decided else Grade.M, Group.TIME, text)


def _verifier_off(clocks: Clocks, window: Window, text: str) -> Argument:
    """An assertion that is over by the issuer's clock is refused by all; one from the future by some (node-oidc-provider takes it)."""
    if window.against != "issuer":
        return Argument("clock_skew_server", Grade.M, Group.TIME, text)
    offset = clocks.offset("issuer")
    over = offset is not None and offset.seconds > 0
    return Argument("clock_skew_issuer_api", Grade.S if over else Grade.M, Group.TIME, text)


@check(
    "S6-07", step=6, title="The clock was not set while testing",
    looks_for="The time of the run by this machine's clock, against a clock that nobody sets.",
    causes=("clock_unsynchronised",), sources=("POSIX clock_gettime, CLOCK_MONOTONIC",),
)  # fmt: skip
def not_set_meanwhile(drift: ClockDrift) -> Outcome:
    """S6-07: a step in the middle of a run makes the judgements of steps 2 and 6 those of two different clocks."""
    line = Line("moved by", f"{drift.seconds:+.2f} s in {drift.elapsed_seconds:.1f} s")
    if abs(drift.seconds) <= STEP_SECONDS:
        return passed("This machine's clock ran evenly during the run.", line)
    text = (
        f"This machine's clock was set by {duration(drift.seconds)} {'forward' if drift.seconds > 0 else 'back'} while testing, or the "
        "machine slept: what steps 2 and 6 say of times may be wrong. Run it again."
    )
    return warned(text, line, arguments=(Argument("clock_unsynchronised", Grade.W, Group.ENVIRONMENT, text),))
