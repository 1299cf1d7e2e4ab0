"""Does a credential that is known to work get through here? It separates the credential from the way it goes. S7-05."""

from __future__ import annotations

from authwizard.check import blocked, check, failed, passed, warned
from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, KnownGoodCall, RunClock
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.steps.answers import status_text
from authwizard.steps.attribution import EXCLUDED_BY_SUCCESS
from authwizard.steps.differential import accepts, comparison
from authwizard.steps.expectations import words_of
from authwizard.steps.step3_keys import KEY_UNKNOWN
from authwizard.steps.time_words import duration
from authwizard.steps.token_times import times_of

FACTOR = "known good credential"
OF_THE_CREDENTIAL = (
    "token_expired", "token_revoked", "token_malformed", "token_truncated", "signature_invalid", "signing_key_rotated", "id_token_used",
    "refresh_token_used", "wrong_token_kind", "environment_mismatch", "issuer_mismatch", "audience_mismatch", "insufficient_scope",
    "stale_token_sent", "api_key_invalid", "user_credentials_invalid",
)  # fmt: skip
"""Faults of one credential, which another one that is known to work does not share."""
OF_THE_WAY = tuple(
    cause for cause in EXCLUDED_BY_SUCCESS if cause not in ("auth_scheme_wrong", "auth_scheme_case_rejected", "forbidden_by_policy")
)
"""Faults of the path and the server. The scheme word is the profile's own, and a policy may be about this caller."""


@check(
    "S7-05", step=7, title="A credential known to work is accepted on this way",
    looks_for="the same request with the credential of the profile named as known_good",
    causes=(*OF_THE_CREDENTIAL, *OF_THE_WAY, "edge_strips_authorization", "clock_skew_server"), sources=("RFC 9110 11.6.2",),
)  # fmt: skip
def known_good_control(
    call: KnownGoodCall, baseline: Baseline, anonymous: Anonymous | None, again: AnonymousAgain | None, clock: RunClock,
) -> Outcome:  # fmt: skip
    """S7-05: refused too, the reason lies on the way or at the server; accepted, it lies in the credential."""
    status = call.exchange.status
    lines = (
        Line("this profile", status_text(baseline.exchange.status)),
        Line(call.profile, status_text(status), Status.PASS if accepts(call.exchange) else Status.FAIL),
    )
    if status is None:
        return blocked("The request with the credential known to work got no answer.", *lines)
    if accepts(call.exchange):
        text = f"The credential of the profile {call.profile} is accepted on the very same request: way and server are in order."
        return passed(text, *lines, arguments=_all(OF_THE_WAY, Grade.XS, text))
    over = _ended(call, clock)
    if over:
        return warned(f"The credential of the profile {call.profile} is refused too, but it expired {over} ago: it proves nothing.", *lines)
    if call.exchange.status in (401, 403) and not comparison(anonymous, again).same(baseline, call):
        return warned(f"The credential of the profile {call.profile} is refused too, but otherwise: {status_text(status)}.", *lines)
    text = f"The credential of the profile {call.profile}, known to work here, gets the same refusal ({status})"
    text = f"{text}: the reason lies on the way or at the server, not in the credential."
    return failed(text, *lines, arguments=(*_all(OF_THE_CREDENTIAL, Grade.XS, text), *_reasons(baseline, anonymous, again, call, text)))


def _reasons(
    baseline: Baseline, anonymous: Anonymous | None, again: AnonymousAgain | None, call: KnownGoodCall, text: str
) -> tuple[Argument, ...]:  # fmt: skip
    """What lies on the way or at the server: a lost header where the answer is the one to none, else how the server judges tokens."""
    if anonymous is not None and comparison(anonymous, again).same(baseline, anonymous):
        lost = f"{text} And it is the answer to no credential at all."
        weak = _all(("edge_strips_authorization", "server_key_misconfigured", "wrong_path_or_method"), Grade.W, text)
        return (*_all(("authorization_stripped",), Grade.M, lost), *weak)
    words = words_of(call)
    about_keys = words is not None and (words.cause == "signature_invalid" or words.cause in KEY_UNKNOWN)
    about_time = words is not None and words.cause in ("token_expired", "token_not_yet_valid")
    if about_time:
        return _all(("clock_skew_server",), Grade.M, text)
    others = () if about_keys else ("clock_skew_server", "wrong_path_or_method")
    return (*_all(("server_key_misconfigured",), Grade.M, text), *_all(others, Grade.W, text))


def _ended(call: KnownGoodCall, clock: RunClock) -> str:
    exp = times_of(call.token).exp
    return duration(clock.now - exp) if exp is not None and exp <= clock.now else ""


def _all(causes: tuple[str, ...], grade: Grade, text: str) -> tuple[Argument, ...]:
    return tuple(Argument(cause, grade, Group.SWAP, text, factor=FACTOR) for cause in causes)
