"""Is this a 401 at all, and if not, what is it? I-03 classifies the answer; every later judgement stands on the class."""

from __future__ import annotations

import re
from typing import Literal

from authwizard.check import blocked, check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen, RedirectChain, Reported
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Code, Detail, Grade, Group, Line, Outcome, Status
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile, is_loopback
from authwizard.steps.answers import ends_at_login, is_login_page, names_login, status_text
from authwizard.steps.soft_refusal import AUTH_WORDS, soft_failure

Triage = Literal[
    "success", "soft_401", "400_auth", "401", "403", "404", "405", "407", "421", "429", "431", "3xx", "5xx", "other", "no_answer", "not_sent"
]  # fmt: skip

_SIZE_WORDS = late_pattern(
    r"header (?:or cookie )?(?:fields? )?(?:is |are )?too (?:large|long|big)|request too long|size of the request headers is too long"
    r"|header_too_large|exceeds? (?:the )?(?:server|header|size) limit",
    re.IGNORECASE,
)
_WHAT_NEXT: dict[str, str] = {
    "403": "This is a 403: the server most likely knows you and forbids this request; step 5 looks at permissions.",
    "404": "This is a 404: the address is unknown, or the server hides what you may not see.",
    "405": "This is a 405: the address exists, but not for this method.",
    "421": "This is a 421: the connection belongs to another host; a fresh connection usually mends it.",
}


@dataclass(frozen=True)
class Classified:
    """The class of an answer, and what it argues for."""

    triage: Triage
    status: Status
    summary: str
    arguments: tuple[Argument, ...] = ()
    details: tuple[Detail, ...] = ()


@check(
    "I-03", step=0, title="The request is answered with a success, or the 401 is reproduced",
    looks_for="The status of the answer to your request, and whether a success hides a refusal inside.",
    causes=("proxy_auth_required", "rate_limited", "header_too_large", "login_redirect", "server_error"),
    sources=("RFC 9110 15.5.2", "RFC 9110 15.5.4", "RFC 9110 15.5.8", "RFC 6585 5"),
)  # fmt: skip
def status_triage(
    options: RunOptions, profile: Profile, baseline: Baseline | None, credential: CredentialSeen | None, reported: Reported | None,
    chain: RedirectChain | None, anonymous: Anonymous | None,
) -> Outcome:  # fmt: skip
    """Classify the baseline's answer; without one the pasted answer; else say why there is none."""
    if baseline is None and anonymous is not None and options.without_credential:
        baseline = Baseline(anonymous.exchange)
    pasted = reported.answer if reported is not None and reported.answer is not None and reported.answer.status is not None else None
    saw_401 = options.reported_401 or options.sometimes or (pasted is not None and pasted.status == 401)
    if baseline is not None and baseline.exchange.status is not None:
        seen = _classify(_last_of_own(baseline.exchange, chain))
        outcome = _reproduced(seen, baseline, saw_401=saw_401)
        extra: dict[str, str | float | bool] = {"standin": baseline.standin} if baseline.standin else {}
        if baseline.exchange.cost == Cost.C0:
            extra["pasted"] = True
        triage, status = seen.triage, (_last_of_own(baseline.exchange, chain).status or 0)
    elif baseline is not None and baseline.exchange.fault is not None:
        triage, outcome = _no_answer(baseline.exchange)
        extra, status = {"fault_layer": baseline.exchange.fault.layer}, 407 if triage == "407" else 0
        if triage == "no_answer":
            extra |= {"waiting": f"The request got no answer. {baseline.exchange.fault.text}", "unblock": _SILENT}
    elif pasted is not None:
        seen = _classify(pasted)
        outcome, triage, extra, status = _as_outcome(seen), seen.triage, {"pasted": True}, pasted.status or 0
    elif anonymous is not None and (anonymous.exchange.status == 429 or (_held_back(options, profile, credential) and _failed(anonymous))):
        # The limit or the failure was met before the credential could be sent, and nothing more is sent after it.
        seen = _classify(anonymous.exchange)
        outcome, triage, extra, status = _as_outcome(seen), seen.triage, {}, anonymous.exchange.status or 0
    elif anonymous is not None and _held_back(options, profile, credential) and (wait := _asked_to_wait(anonymous.exchange)):
        triage, outcome, status = "not_sent", blocked(wait, unblock=_WAIT), 0
        extra = {"waiting": wait, "unblock": _WAIT}
    else:
        triage, (outcome, found), status = "not_sent", _not_sent(options, profile, credential), 0
        extra = {**found, "unanswered": anonymous is not None and anonymous.exchange.fault is not None}
    if triage == "429":
        extra["step:rate_limited"] = 0
    return with_facts(
        outcome, triage=triage, status=status, reported_401=saw_401, sometimes=options.sometimes, passive=options.passive, **extra
    )  # fmt: skip


def _last_of_own(first: Exchange, chain: RedirectChain | None) -> Exchange:
    """Return the answer that counts: behind a redirect within the same origin it is the one at its end."""
    if chain is None or chain.crosses_origin or not chain.hops:
        return first
    last = chain.hops[-1]
    return (
        last if last.status is not None and not 300 <= last.status < 400 and not ends_at_login(first.url, chain.final_url, last) else first
    )


_SILENT = "Run it again. If it stays so, ask whoever runs the API, or what stands in front of it, what becomes of this request."
_WAIT = "Wait as long as it asks, then run again."


def _held_back(options: RunOptions, profile: Profile, credential: CredentialSeen | None) -> bool:
    """Whether there was a request that could and might have been sent, so that only the first answer can have held it back."""
    ready = credential is None or not (credential.missing or credential.unsendable)
    return ready and bool(profile.request) and not _leave_needed(options, profile)


def _failed(anonymous: Anonymous) -> bool:
    return (anonymous.exchange.status or 0) >= 500


def _asked_to_wait(answer: Exchange) -> str:
    """Say that the first answer asked to wait, "" where it did not: a run sends nothing more after that."""
    wait = (answer.header("retry-after") or "").strip()[:40]
    if not wait or answer.status is None:
        return ""
    how_long = f"{wait} s" if wait.isdecimal() else f"until {wait}"
    return f"The API answered {status_text(answer.status)} and asks to wait ({how_long}), so the request with the credential was not sent."


def _reproduced(seen: Classified, baseline: Baseline, *, saw_401: bool) -> Outcome:
    outcome = _as_outcome(seen)
    lines: list[Detail] = [Line("Request", f"{baseline.exchange.method} {baseline.exchange.url}")]
    if baseline.standin:
        lines.append(Line("Stand-in", baseline.standin))
    if seen.triage == "success" and saw_401:
        summary = f"The request works from here ({status_text(baseline.exchange.status)}), although a 401 was reported."
        return warned(summary, *lines, *outcome.details)
    return Outcome(outcome.status, outcome.summary, (*lines, *outcome.details), outcome.arguments)


def _as_outcome(seen: Classified) -> Outcome:
    make = {Status.PASS: passed, Status.WARN: warned, Status.FAIL: failed}[seen.status]
    return make(seen.summary, *seen.details, arguments=seen.arguments)


# ── the classes ──────────────────────────────────────────────────────────────────────────────────────────────────────


def _classify(answer: Exchange) -> Classified:
    status = answer.status or 0
    line = Line("Answer", status_text(status), _mark(status))
    if status == 407:
        return _argued(
            "407", answer, "proxy_auth_required", Grade.S, "A proxy on the way wants credentials of its own (407); the API was not reached."
        )
    if 300 <= status < 400:
        return _redirect(answer)
    if 200 <= status < 300:
        return _success(answer, line)
    if status in (400, 422, 494):
        return _bad_request(answer, line)
    if status == 429:
        return _argued("429", answer, "rate_limited", Grade.S, f"The API counts too many requests (429){_retry_after(answer)}.")
    if status == 431:
        return _argued("431", answer, "header_too_large", Grade.S, "The API says the header fields are too large (431).")
    if status >= 500:
        text = f"The API failed itself ({status_text(status)}): it did not get as far as judging the credential."
        return _argued("5xx", answer, "server_error", Grade.S, text)
    if status == 401:
        return Classified("401", Status.PASS, "The 401 is reproduced.", (), (line,))
    known: dict[int, Triage] = {403: "403", 404: "404", 405: "405", 421: "421"}
    triage = known.get(status, "other")
    text = _WHAT_NEXT.get(triage, f"The answer is {status_text(status)}, which is no refusal of a credential by itself.")
    return Classified(triage, Status.WARN, text, (), (line,))


def _argued(triage: Triage, answer: Exchange, cause: str, grade: Grade, text: str) -> Classified:
    line = Line("Answer", status_text(answer.status), Status.FAIL)
    return Classified(triage, Status.FAIL, text, (Argument(cause, grade, Group.RESPONSE_CLASS, text),), (line,))


def _mark(status: int) -> Status:
    return Status.PASS if status == 401 or 200 <= status < 300 else Status.WARN


def _retry_after(answer: Exchange) -> str:
    wait = (answer.header("retry-after") or "").strip()
    return f" and asks to wait {wait} s" if wait.isdecimal() and len(wait) < 10 else ""


def _redirect(answer: Exchange) -> Classified:
    target = answer.header("location") or ""
    line = Line("Answer", status_text(answer.status), Status.WARN, f"to {target}" if target else "without a Location")
    text = f"The API redirects ({status_text(answer.status)}) instead of answering."
    if target and names_login(target) and not names_login(answer.url):
        text = (
            "The API redirects to a login page instead of answering 401: it takes the request for one of a browser that has not signed in."
        )
        return Classified("3xx", Status.FAIL, text, (Argument("login_redirect", Grade.M, Group.RESPONSE_CLASS, text),), (line,))
    return Classified("3xx", Status.WARN, text, (), (line,))


def _success(answer: Exchange, line: Line) -> Classified:
    if is_login_page(answer):
        text = "The API answers with a login page instead of data: status 200, but nobody is signed in."
        argument = Argument("login_redirect", Grade.M, Group.RESPONSE_CLASS, text)
        return Classified("soft_401", Status.FAIL, text, (argument,), (line,))
    reason = soft_failure(answer)
    if reason:
        text = f"The status says success ({status_text(answer.status)}), but the answer says that authentication failed: {reason}."
        return Classified("soft_401", Status.FAIL, text, (), (line, Code(answer.body[:400], "the answer")))
    return Classified("success", Status.PASS, f"The request succeeds ({status_text(answer.status)}).", (), (line,))


def _bad_request(answer: Exchange, line: Line) -> Classified:
    said = f"{answer.header('www-authenticate') or ''} {answer.body[:4000]}"
    if answer.status == 494 or _SIZE_WORDS.search(said):
        text = f"The server says the request's header is too large ({status_text(answer.status)})."
        return Classified("400_auth", Status.FAIL, text, (Argument("header_too_large", Grade.S, Group.RESPONSE_CLASS, text),), (line,))
    if answer.header("www-authenticate") is not None or AUTH_WORDS.search(said):
        text = f"The answer is {status_text(answer.status)}, and it speaks of authentication: treated as a refusal."
        return Classified("400_auth", Status.WARN, text, (), (line,))
    return Classified(
        "other", Status.WARN, f"The answer is {status_text(answer.status)} and does not speak of authentication.", (), (line,)
    )


# ── no answer ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _no_answer(exchange: Exchange) -> tuple[Triage, Outcome]:
    assert exchange.fault is not None
    line = Line("Request", f"{exchange.method} {exchange.url}")
    if exchange.fault.layer == "refused_locally":
        return "not_sent", blocked(f"The request could not be sent. {exchange.fault.text}", line)
    if exchange.fault.layer == "too_large":
        text = f"{exchange.fault.text} The API, or a hop before it, does not answer as clients can read it."
        return "5xx", failed(text, line, arguments=(Argument("server_error", Grade.S, Group.RESPONSE_CLASS, text),))
    if exchange.fault.layer == "proxy" and re.search(r"\b407\b", exchange.fault.text):
        argument = Argument("proxy_auth_required", Grade.S, Group.RESPONSE_CLASS, exchange.fault.text)
        return "407", failed(exchange.fault.text, line, arguments=(argument,))
    return "no_answer", blocked(f"No answer came. {exchange.fault.text}", line, unblock="I-02 names the layer that failed.")


def _not_sent(options: RunOptions, profile: Profile, credential: CredentialSeen | None) -> tuple[Outcome, dict[str, str | bool]]:
    unblock = _leave_needed(options, profile)
    extra: dict[str, str | bool] = {"unblock": unblock} if unblock else {}
    extra |= {} if profile.request else {"no_request": True}
    if not profile.request:
        return not_applicable("What was pasted names no request to the API, so there is no answer of it to look at."), extra
    if options.passive:
        return not_tried(f"Nothing may be sent in this run, so there is no answer to look at. {unblock}"), extra
    if credential is not None and credential.unsendable:
        return blocked(f"The request could not be sent: {credential.unsendable}"), extra
    if credential is not None and credential.missing:
        return blocked(f"The request was not sent: {credential.missing}"), extra
    if not unblock and options.timeout_seconds is not None:
        more = "Give it more time with --timeout."
        text = f"No answer to the request was seen within the {options.timeout_seconds:g} s this run was given."
        return blocked(text, unblock=more), {**extra, "unblock": more, "cut_short": True}
    return not_tried(f"The request was not sent. {unblock}".strip()), extra


def _leave_for_token_request(options: RunOptions, profile: Profile) -> str:
    if Cost.C4 not in options.costs:
        return "Leave out --no-token-requests to send the token request."
    if profile.oauth is not None and profile.oauth.grant in ("authorization_code", "device_code") and not options.allow_refresh:
        return "Agree to redeem the code, once: --allow refresh."
    if profile.oauth is not None and profile.oauth.grant == "refresh_token" and not options.allow_refresh:
        return "Agree to spend the refresh token, once: --allow refresh."
    return ""


def _leave_needed(options: RunOptions, profile: Profile) -> str:
    """Return what would allow the request to be sent, "" where nothing forbids it."""
    if not profile.request and profile.oauth is None:
        return "Paste the curl command of the request that is refused, or its answer: they show what the API says."
    if options.passive:
        return "Leave out --passive to send the request."
    if not profile.request:
        return _leave_for_token_request(options, profile)
    if profile.url.lower().startswith("http://") and not is_loopback(profile.url) and not options.allow_http:
        return "The credential would travel readable over plain http: allow it with --allow http, or use the https address."
    if profile.method not in ("GET", "HEAD") and not options.allow_write and not profile.probe:
        return f"A {profile.method} may change data: allow it with --allow write, or name a harmless request as probe in the profile."
    return ""
