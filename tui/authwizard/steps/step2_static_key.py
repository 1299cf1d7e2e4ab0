"""Is a key that lives for months past its date? What answers and the profile say of its end (S2-10)."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterator

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, NetworkTime, Reported, RunClock
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Code, Grade, Group, Line, Outcome, Status
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import SECRET_OF_KIND, Profile
from authwizard.steps.answers import explained
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Now
from authwizard.steps.differential import accepts
from authwizard.steps.step2_words import refusal_of
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import times_of, unit_of

WARNING_SECONDS = 14 * 86_400
"""So long before its end a key is worth replacing in peace."""
EXPIRY_FIELD = late_pattern(
    r"(?:^|-)(?:api|access)?(?:token|key|pat|credentials?|secret|authentication)(?:-\w+)*-expir(?:ation|es|y)(?:-(?:at|date|time|on))?$"
)
"""Header fields that tell when a key ends, e.g. GitHub-Authentication-Token-Expiration; `Expires` is about the answer (RFC 9111 5.3)."""
_OF_ANOTHER = late_pattern(r"[cx]srf|refresh|session|cookie|ratelimit|rate-limit")
_DATES = ("%Y-%m-%d %H:%M:%S %z", "%Y-%m-%d %H:%M:%S")


@check(
    "S2-10", step=2, title="The key is not past its date",
    looks_for="The date some APIs send with their answers for the key that was used, and the dates the profile keeps for it.",
    causes=("api_key_expired",), sources=("docs.github.com, token expiration and revocation",),
)  # fmt: skip
def key_in_date(
    profile: Profile, credential: CredentialSeen, clock: RunClock, baseline: Baseline | None, reported: Reported | None,
    network: NetworkTime | None,
) -> Outcome:  # fmt: skip
    """Judge the end of a key that carries no time of its own."""
    if credential.field_value is None or times_of(credential.token).exp is not None or credential.kind in ("cookie", "mtls"):
        return not_applicable("The credential is no key with a date of its own: a token's times are judged above.")
    now = clocks_of(clock, baseline, None, None, network, None, None, None, reported).now_api
    answer = baseline.exchange if baseline is not None and baseline.exchange.status is not None else refusal_of(baseline, reported)
    told = next(_ends_told(answer), None) if answer is not None else None
    by_words = _expired_by_words(answer) if answer is not None else None
    if told is not None:
        accepted = baseline is not None and accepts(baseline.exchange)
        return _judge_date(*told, now, by_words, accepted=accepted)
    if by_words is not None:
        return by_words
    return _by_profile(profile, credential, now) or not_applicable("Neither the API nor the profile says when this key ends.")


def _judge_date(field: str, ends: float, now: Now, by_words: Outcome | None, *, accepted: bool) -> Outcome:
    left = ends - now.seconds
    if left <= -now.error:
        text = f"The API says that the key ended {duration(left)} ago ({utc(ends)}, by its header {field})."
        if accepted:
            return warned(f"{text} It accepts the key all the same.", Line("Key ends", utc(ends), Status.WARN, f"{duration(left)} ago"))
        line = Line("Key ends", utc(ends), Status.FAIL, f"{duration(left)} ago")
        return failed(text, line, arguments=(Argument("api_key_expired", Grade.S, Group.SERVER_MESSAGE, text),))
    if by_words is not None:
        return by_words
    mark = Status.WARN if left < WARNING_SECONDS else Status.PASS
    line = Line("Key ends", utc(ends), mark, f"in {duration(left)}, by the header {field}")
    if left < WARNING_SECONDS:
        return warned(f"The key ends in {duration(left)}: replace it before that.", line)
    return passed(f"The key lives another {duration(left)}.", line)


def _expired_by_words(answer: Exchange) -> Outcome | None:
    said = explained(answer)
    if accepts(answer) or said.cause != "api_key_expired" or not said.firm:
        return None
    text = "The server says that the key is past its date."
    argument = Argument("api_key_expired", Grade.S, Group.SERVER_MESSAGE, text)
    return failed(text, Code(said.message.words, "the server's words"), arguments=(argument,))


def _by_profile(profile: Profile, credential: CredentialSeen, now: Now) -> Outcome | None:
    """The day the profile wants it replaced by is the owner's own plan: a key past it may well work."""
    fields = SECRET_OF_KIND.get(credential.kind, ())
    dated = [(f, r.created, r.rotate_days) for f in fields if (r := profile.secrets.get(f)) is not None and r.created and r.rotate_days]
    if not dated:
        return None
    field, created, days = dated[0]
    due = created + dt.timedelta(days=days)
    left = (due - dt.datetime.fromtimestamp(now.seconds, dt.UTC).date()).days
    name = field.replace("_", " ")
    if left < 0:
        text = f"The {name} was due to be replaced {-left} days ago ({due.isoformat()}): it may have ended, which only its provider knows."
        line = Line("Due", due.isoformat(), Status.WARN, f"{-left} days ago")
        return warned(text, line, arguments=(Argument("api_key_expired", Grade.W, Group.ENVIRONMENT, text),))
    line = Line("Due", due.isoformat(), Status.WARN if left < 14 else Status.PASS, f"in {left} days")
    if left < 14:
        return warned(f"The {name} is due to be replaced in {left} days ({due.isoformat()}).", line)
    return passed(f"The {name} is due to be replaced in {left} days; when it ends, the API does not say.", line)


def _ends_told(answer: Exchange) -> Iterator[tuple[str, float]]:
    for name, value in answer.response_headers:
        at = moment(value) if EXPIRY_FIELD.search(name.lower()) and not _OF_ANOTHER.search(name.lower()) else None
        if at is not None:
            yield name, at


def moment(text: str) -> float | None:
    """Read a date as APIs write one: Unix seconds, ISO 8601, `2026-01-31 12:00:00 UTC`, or that of HTTP; None for anything else."""
    from email.utils import parsedate_to_datetime

    plain = text.strip()
    if re.fullmatch(r"\d{9,11}", plain):
        return float(plain) if unit_of(float(plain)) == "seconds" else None
    spaced = re.sub(r" (?:UTC|GMT)$", " +0000", plain)
    for read in (*(_by(form) for form in _DATES), dt.datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(spaced if read is not parsedate_to_datetime else plain)
            return (found if found.tzinfo else found.replace(tzinfo=dt.UTC)).timestamp()
        except (ValueError, OverflowError):
            continue
    return None


def _by(form: str) -> Callable[[str], dt.datetime]:
    return lambda text: dt.datetime.strptime(text, form)  # noqa: DTZ007 - a date without a zone is taken for UTC right after
