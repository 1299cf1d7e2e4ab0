"""Are the token's time claims there, and written as they should be? S2-01, S2-02, S2-06."""

from __future__ import annotations

import math

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, FreshToken, MintedForRun, RunClock
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.token import TokenSeen
from authwizard.steps.answers import explained
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import DIVISOR, lenient_number, number, times_of, unit_of

SHORT_SECONDS = 120
"""A token that lives less than this is gone before most programs renew it."""
LATEST_SECONDS = 4.1e9
"""Late 2099: expiry dates of long-lived device tokens stay below it."""
UNREADABLE = "The credential is no token whose claims can be read here, so it carries no times to look at."


def _claims(credential: CredentialSeen) -> TokenSeen | None:
    return credential.token if credential.token is not None and credential.token.readable else None


@check(
    "S2-01", step=2, title="The token says when it expires",
    looks_for="A claim named exp (the moment the token ends) that is a plain number, as RFC 7519 demands.",
    causes=("exp_missing", "exp_wrong_type"), sources=("RFC 7519 4.1.4", "RFC 7519 2", "RFC 9068 2.2"),
)  # fmt: skip
def exp_present(credential: CredentialSeen) -> Outcome:
    """Judge the presence and type of `exp`; tell which of `iat` and `nbf` are absent."""
    token = _claims(credential)
    if token is None:
        return not_applicable(UNREADABLE)
    absent = [name for name in ("exp", "iat", "nbf") if token.claims.get(name) is None]
    lines = tuple(Line(name, "absent" if name in absent else "present") for name in ("exp", "iat", "nbf"))
    if "exp" in absent:
        return _exp_missing(token, lines)
    value = token.claims["exp"]
    seconds = number(value)
    if seconds is not None and seconds >= 0:
        return passed("The token carries its expiry as a number.", *lines)
    kind = _kind_word(value)
    text = f"The token's exp is {kind} instead of a positive number of seconds; some servers read it all the same, others refuse the token."
    return failed(
        text, *lines, Line("exp", kind, Status.FAIL, "must be a number"),
        arguments=(Argument("exp_wrong_type", Grade.M, Group.LOCAL_CLAIMS, text),),
    )  # fmt: skip


def _exp_missing(token: TokenSeen, lines: tuple[Line, ...]) -> Outcome:
    typ = str(token.header.get("typ", "")).lower().removeprefix("application/")
    if typ == "at+jwt":
        text = "The token has no exp, which a token of type at+jwt must have (RFC 9068)."
        return failed(text, *lines, arguments=(Argument("exp_missing", Grade.M, Group.LOCAL_CLAIMS, text),))
    text = "The token has no exp: it never expires by itself, and some servers refuse such tokens."
    return warned(text, *lines, arguments=(Argument("exp_missing", Grade.W, Group.LOCAL_CLAIMS, text),))


def _kind_word(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, str):
        return "a text of digits" if lenient_number(value) is not None else "a text"
    if isinstance(value, (int, float)):
        return "a negative number" if math.isfinite(value) else "not a finite number"
    return "a list or an object"


@check(
    "S2-02", step=2, title="The expiry is written in seconds",
    looks_for="The size of exp: seconds since 1970 have ten digits, milliseconds thirteen, a span such as 3600 four.",
    causes=("exp_wrong_unit",), sources=("RFC 7519 2",),
)  # fmt: skip
def exp_unit(credential: CredentialSeen, clock: RunClock) -> Outcome:
    """Judge the unit of `exp` by its size, and compare with the unit of `iat`."""
    token = _claims(credential)
    times = times_of(token)
    if token is None or times.exp is None:
        return not_applicable("The token has no expiry that is a number.")
    unit, issued = unit_of(times.exp), unit_of(times.iat) if times.iat else None
    lines = (Line("exp", f"{times.exp:.0f}", None, unit), *((Line("iat", f"{times.iat:.0f}", None, issued),) if issued else ()))
    if unit == "seconds" and times.exp <= LATEST_SECONDS:
        return passed("exp is a number of seconds since 1970.", *lines)
    if unit == "seconds":
        return warned(f"exp is a date in seconds, but a far one ({utc(times.exp)}): this token practically never ends.", *lines)
    if unit == "relative":
        text = f"exp is {times.exp:.0f}: that is a span such as expires_in, not a date. Read as a date it lies in {utc(times.exp)[:4]}, long past."
        return failed(text, *lines, arguments=(Argument("exp_wrong_unit", Grade.M, Group.LOCAL_CLAIMS, text),))
    meant = times.exp / DIVISOR[unit]
    if meant <= clock.now:
        text = (
            f"exp is written in {unit}: a reader of seconds sees a token valid for {duration(times.exp - clock.now)}, "
            f"but it really ended on {utc(meant)}."
        )
        return failed(text, *lines, arguments=(Argument("exp_wrong_unit", Grade.S, Group.LOCAL_CLAIMS, text),))
    text = f"exp is written in {unit}, not in seconds; meant is {utc(meant)}. Some servers refuse such a token."
    return warned(text, *lines, arguments=(Argument("exp_wrong_unit", Grade.M, Group.LOCAL_CLAIMS, text),))


@check(
    "S2-06", step=2, title="The token's lifetime is sensible",
    looks_for="exp minus iat: neither zero nor very short nor very long, and the same as the expires_in of the token answer.",
    causes=("token_lifetime_too_short", "token_lifetime_too_long", "exp_expires_in_disagree"), sources=("RFC 7519 4.1.4", "RFC 6749 5.1"),
)  # fmt: skip
def lifetime(
    credential: CredentialSeen, minted: MintedForRun | None, fresh: FreshToken | None, baseline: Baseline | None
) -> Outcome:  # fmt: skip
    """Judge `exp - iat`, and compare it with `expires_in` of a token fetched in this run."""
    times = times_of(_claims(credential))
    disagree = _disagreement(minted or fresh)
    if times.exp is None or times.iat is None or unit_of(times.exp) != unit_of(times.iat):
        return disagree or not_applicable("The token does not name both its beginning and its end.")
    life = (times.exp - times.iat) / DIVISOR[unit_of(times.exp)]
    line = Line("Lifetime", duration(life) if life > 0 else f"{life:.0f} s", None, "exp minus iat")
    if life < SHORT_SECONDS:
        said = "it ends before it begins" if life <= 0 else f"it lives {duration(life)}"
        text = f"The token's lifetime is very short: {said}. Programs must renew before that, best at 80 % of it."
        return warned(text, line, arguments=(Argument("token_lifetime_too_short", Grade.W, Group.LOCAL_CLAIMS, text),))
    if baseline is not None and not accepts(baseline.exchange) and explained(baseline.exchange).cause == "token_lifetime_too_long":
        text = f"The token lives {duration(life)}, and the server says it takes none that live so long."
        return failed(text, line, arguments=(Argument("token_lifetime_too_long", Grade.M, Group.LOCAL_CLAIMS, text),))
    if disagree is not None:
        return disagree
    if life > 86_400:
        return warned(f"The token lives {duration(life)}. That is long for an access token: whoever finds it can use it that long.", line)
    return passed(f"The token lives {duration(life)}. Renew it at 80 % of that, not at its end.", line)


def _disagreement(grant: MintedForRun | FreshToken | None) -> Outcome | None:
    if grant is None or grant.answer.expires_in is None:
        return None
    times = times_of(grant.token)
    if times.exp is None or times.iat is None or unit_of(times.exp) != "seconds":
        return None
    life, said = times.exp - times.iat, grant.answer.expires_in
    if abs(life - said) <= 5:
        return None
    text = (
        f"The token answer says the token lives {duration(said)} (expires_in), the token itself {duration(life)}: "
        "programs that trust the longer one send it too late."
    )
    return warned(
        text, Line("expires_in", f"{said} s"), Line("exp minus iat", f"{life:.0f} s", Status.WARN, "differs"),
        arguments=(Argument("exp_expires_in_disagree", Grade.W, Group.TOKEN_ENDPOINT, text),),
    )  # fmt: skip
