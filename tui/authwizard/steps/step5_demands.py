"""Does the API ask for a stronger sign-in, or for permissions finer than scopes? S5-08, S5-09."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import Baseline, CredentialSeen, FreshToken, Introspection, MintedForRun, NetworkTime, RunClock
from authwizard.model.finding import Argument, Code, Detail, Facts, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.protocol.challenge import Challenge
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Now
from authwizard.steps.expectations import words_of
from authwizard.steps.granted_scopes import split
from authwizard.steps.identity import audience_of, distinct, same_audience
from authwizard.steps.step5_subject import claims_of
from authwizard.steps.time_words import duration
from authwizard.steps.token_times import lenient_number

STEP_UP = "step_up_required"
DETAILS = "insufficient_authorization_details"


# ── S5-08 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-08", step=5, title="The sign-in is strong and recent enough",
    looks_for="insufficient_user_authentication, acr_values and max_age in the challenge, against the token's acr, amr and auth_time",
    causes=(STEP_UP,), sources=("RFC 9470 3", "OpenID Connect Core 2"),
)  # fmt: skip
def sign_in_suffices(
    credential: CredentialSeen, baseline: Baseline, clock: RunClock, introspection: Introspection | None, network: NetworkTime | None
) -> Outcome:  # fmt: skip
    """S5-08: a step-up challenge. Its parameters without its error code are a hint only (RFC 9470 3 makes the code required)."""
    words = words_of(baseline)
    if words is None:
        return not_applicable("The request was not refused.")
    claims = claims_of(credential, introspection)
    asked = next((c for c in words.challenges if _asks(c)), None)
    coded = asked is not None and asked.params.get("error", "").lower() == "insufficient_user_authentication"
    said = words.cause == STEP_UP and words.certainty != "says_nothing"
    if asked is None and not said:
        return passed("The refusal asks for no stronger or newer sign-in.")
    now = clocks_of(clock, baseline, None, None, network, None, None, None).now_api
    lines = _sign_in_lines(asked, claims, now)
    what = _wanted(asked)
    if not (coded or said):
        text = f"The challenge names {what} without saying that the sign-in falls short of it."
        return warned(text, *lines, arguments=(Argument(STEP_UP, Grade.W, Group.SERVER_MESSAGE, text),))
    text = f"The server wants {what}: the person has to sign in again in that way. A refresh does not help, it keeps the old sign-in."
    argument = Argument(STEP_UP, Grade.S if coded or words.firm else Grade.M, Group.SERVER_MESSAGE, text)
    quoted = (Code(words.message.words, "the server's words"),) if words.message.words else ()
    return failed(text, *lines, *quoted, arguments=(argument,), facts=_request_facts(asked))


def _asks(challenge: Challenge) -> bool:
    params = challenge.params
    return params.get("error", "").lower() == "insufficient_user_authentication" or "acr_values" in params or "max_age" in params


def _wanted(asked: Challenge | None) -> str:
    parts = []
    if asked is not None and asked.params.get("acr_values"):
        parts.append(f"a sign-in of the level {distinct(split(asked.params['acr_values'])).replace(' and ', ' or ')}")
    age = _seconds(asked)
    if age is not None:
        parts.append(f"a sign-in no older than {duration(age)}")
    return " and ".join(parts) or "a stronger or newer sign-in"


def _sign_in_lines(asked: Challenge | None, claims: Mapping[str, Any], now: Now) -> tuple[Detail, ...]:
    level = str(claims.get("acr") or "")
    levels = split(asked.params.get("acr_values", "")) if asked is not None else ()
    age, limit = _age(claims, now), _seconds(asked)
    methods = ", ".join(split(claims.get("amr")))
    return (
        Line("level asked for", " or ".join(levels) or "none named"),
        Line("token acr", level or "absent", _mark(level in levels) if levels else None, f"methods: {methods}" if methods else ""),
        Line("age allowed", duration(limit) if limit is not None else "none named"),
        Line(
            "signed in",
            f"{duration(age)} ago" if age is not None else "not said",
            _mark(age is not None and age <= limit) if limit else None,
        ),
    )


def _request_facts(asked: Challenge | None) -> Facts:
    """What a new authorization request has to carry."""
    params = asked.params if asked is not None else {}
    return {name: params[name] for name in ("acr_values", "max_age") if params.get(name)}


def _age(claims: Mapping[str, Any], now: Now) -> float | None:
    begun = lenient_number(claims.get("auth_time"))
    return max(0.0, now.seconds - begun) if begun is not None else None


def _seconds(asked: Challenge | None) -> int | None:
    text = asked.params.get("max_age", "") if asked is not None else ""
    return int(text[:9]) if text.isdecimal() else None


def _mark(good: bool) -> Status:
    return Status.PASS if good else Status.FAIL


# ── S5-09 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S5-09", step=5, title="The token carries the details and the resource that were asked for",
    looks_for="authorization_details in the token and in the refusal, and whether the resource of the token request came back as audience",
    causes=(DETAILS, "audience_mismatch"), sources=("RFC 9396 5", "RFC 9396 9", "RFC 8707 2"),
)  # fmt: skip
def details_granted(
    profile: Profile, credential: CredentialSeen, baseline: Baseline | None, fresh: FreshToken | None, minted: MintedForRun | None,
    introspection: Introspection | None,
) -> Outcome:  # fmt: skip
    """S5-09: permissions finer than scopes (RFC 9396) and the resource indicator (RFC 8707)."""
    held = detail_types(claims_of(credential, introspection).get("authorization_details"))
    words = words_of(baseline)
    lines = (Line("authorization_details", ", ".join(held) or "none in the token"),)
    if words is not None and _says_details(words):
        return _details_missing(words, held, lines)
    ignored = _resource_ignored(profile, fresh or minted)
    if ignored:
        return warned(ignored, *lines, arguments=(Argument("audience_mismatch", Grade.M, Group.LOCAL_CLAIMS, ignored),))
    if not held and not (profile.oauth is not None and profile.oauth.resource):
        return not_applicable("Neither authorization details nor a resource are used here.")
    return passed("Nothing says that authorization details or the resource fall short.", *lines)


def detail_types(value: Any) -> tuple[str, ...]:
    """Return the types of authorization details (RFC 9396 2); what is no such list has none."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return tuple(dict.fromkeys(str(item["type"]) for item in items if isinstance(item, Mapping) and isinstance(item.get("type"), str)))


def _says_details(words: Explanation) -> bool:
    return words.code == DETAILS or (words.cause == DETAILS and words.certainty != "says_nothing")


def _details_missing(words: Explanation, held: tuple[str, ...], lines: tuple[Line, ...]) -> Outcome:
    has = f"it carries {distinct(held)}" if held else "it carries none"
    text = f"The server says that the token's authorization details are not enough; {has}. Ask for them in the authorization request."
    return failed(text, *lines, arguments=(Argument(DETAILS, Grade.M, Group.SERVER_MESSAGE, text),))


def _resource_ignored(profile: Profile, grant: FreshToken | MintedForRun | None) -> str:
    """Say where a token was asked for one resource and is for others; "" where that cannot be told."""
    asked = profile.oauth.resource if profile.oauth is not None else ""
    token = grant.token if grant is not None and grant.answer.ok else None
    if not asked or token is None or not token.readable:
        return ""
    audience = audience_of(token.claims)
    if not audience or any(same_audience(value, asked) for value in audience):
        return ""
    return f"A token was asked for the resource {asked}, and the one that came is for {distinct(audience)}: the server did not heed the resource."
