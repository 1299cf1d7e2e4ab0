"""The verdict: which kind of answer, which cause, how sure, because of what (CHECKS 16.4 to 16.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from authwizard.knowledge.causes import cause as catalogue_cause
from authwizard.model.finding import Finding, Grade, Owner
from authwizard.model.run import Candidate, Remedy, Sentence, Verdict, Warned
from authwizard.verdict import elsewhere, parts
from authwizard.verdict.facts import FAILING, text
from authwizard.verdict.hand_over import log_request
from authwizard.verdict.remedy import remedy
from authwizard.verdict.standing import NEVER_ROOT, Case, Standing, case_of, uniform

SUCCESS_IS_THE_FAULT = frozenset({"endpoint_not_protected", "cors_preflight_rejected", "cors_headers_missing_on_401"})
MOST_CANDIDATES = 6
"""Causes that are listed where none stands out; that nobody can tell is said besides."""
TRANSPORT = ("dns_failure", "tls_failure", "network_unreachable")
LOOKED_AT_NOTHING = frozenset(
    {"credential_missing", "placeholder_value", "keyring_unavailable", "mtls_certificate_missing", "mtls_certificate_mismatch",
     "mtls_certificate_expired"}
)  # fmt: skip
"""Causes that are named although the request got no answer: what is wrong was seen here, or said in the TLS handshake."""


def conclude(findings: Sequence[Finding]) -> Verdict:
    """Return the verdict of these findings. Pure: the same findings in any order give the same verdict."""
    case = case_of(findings)
    verdict = replace(_kind(case), contradictions=case.contradictions, ruled_out=parts.ruled_out(case))
    return replace(verdict, server_log_request=_log_request(case, verdict))


def _log_request(case: Case, verdict: Verdict) -> str:
    unsure = verdict.kind == "cannot_tell" or (verdict.kind == "cause" and verdict.confidence in ("likely", "possible"))
    theirs = verdict.kind in ("cause", "cannot_tell") and verdict.owner not in (Owner.YOU, Owner.YOUR_PROGRAM)
    return log_request(case.facts, verdict) if unsure or theirs else ""


def _kind(case: Case) -> Verdict:
    if case.triage == "success":
        return _after_success(case)
    if case.triage in FAILING:
        return _after_refusal(case)
    return _without_answer(case)


def _after_success(case: Case) -> Verdict:
    fault = next((r for r in case.ranking.roots if r.cause in SUCCESS_IS_THE_FAULT and r.best in (Grade.P, Grade.S)), None)
    if fault is not None:
        return _cause(case, Standing(fault, "proven" if fault.proven else "very_likely"))
    if case.facts.get("refresh_failed"):
        failed = next((r for r in case.ranking.roots if r.cause.startswith(("refresh_", "rotation_"))), None)
        if failed is not None:
            return _cause(case, Standing(failed, "proven" if failed.proven else "very_likely"))
    mixed = elsewhere.mixture(case.ranking.roots, case.facts)
    if mixed is not None:
        # One of the equal requests was refused: the 401 was seen here as well.
        return _cause(case, case.standing if case.standing.top is mixed else Standing(mixed, "likely"))
    if case.facts.get("reported_401"):
        return _not_reproduced(case)
    if case.facts.get("without_credential"):
        return _healthy(case, _NEEDS_NONE)
    status = text(case.facts, "status")
    return _healthy(case, f"The request works: it was answered with {status}." if status else "The request works.")


_NEEDS_NONE = "This address needs no credential: a request without one succeeds."
_TOKEN_REQUEST_WORKS = "The token request works: the authorization server issued a token."


def _healthy(case: Case, summary: str) -> Verdict:
    remedy = Remedy("Nothing to mend. Look at the warnings, if there are any, before they bite.")
    return Verdict("healthy", None, Owner.YOU, None, None, summary, warnings=parts.warnings(case), remedy=remedy)


def _after_refusal(case: Case) -> Verdict:
    if case.triage == "5xx":
        return _too_large(case) or _could_not_look(case, "server_error")
    at = case.standing
    if at.top is None or at.confidence is None or at.top.cause in NEVER_ROOT or uniform(case):
        return _cannot_tell(case, _what_came(case))
    return _cause(case, at)


def _what_came(case: Case) -> str:
    """Say what kind of answer it is that nothing explains: not every one is a refusal."""
    if case.triage == "3xx":
        return "The request is answered with a redirect"
    if case.triage == "other":
        return f"The request is answered with {text(case.facts, 'status')}, which need not be about the credential"
    return "The request is refused"


def _without_answer(case: Case) -> Verdict:
    """P0 got no answer, a 5xx, or was not sent."""
    too_large = _too_large(case)
    if too_large is not None:
        return too_large
    if case.triage == "5xx":
        return _could_not_look(case, "server_error")
    at = case.standing
    if case.triage == "not_sent" and case.facts.get("anonymous_ok") and (at.top is None or at.top.cause == "credential_missing"):
        return _healthy(case, _NEEDS_NONE)
    if case.facts.get("no_request") and case.facts.get("renewal_tried") and case.facts.get("renewal_failed") is False:
        return _healthy(case, _TOKEN_REQUEST_WORKS)
    reached = case.triage != "no_answer"
    unreached = next((c for c in (*TRANSPORT, "auth_server_error") if case.ledger.get(c).best in (Grade.P, Grade.S)), None)
    keyring = case.ledger.get("keyring_unavailable")
    if keyring.best in (Grade.P, Grade.S):
        return _could_not_look(case, "keyring_unavailable")
    # Where there is no request at all (a pasted token), what the token itself shows is all there is to say.
    enough = (Grade.P, Grade.S, Grade.M) if case.facts.get("no_request") else (Grade.P, Grade.S)
    if unreached and case.facts.get("unanswered") and at.top is not None and at.top.cause == "credential_missing":
        # Not even the request without a credential was answered, so what is missing is not the first trouble.
        return _could_not_look(case, unreached)
    strong = at.top is not None and at.top.best in enough and at.top.cause not in (*TRANSPORT, "auth_server_error")
    if strong and at.top is not None and at.confidence is not None and (reached or at.top.cause in LOOKED_AT_NOTHING):
        return _cause(case, at)
    if case.triage == "not_sent" and case.facts.get("renewal_failed") and unreached is None:
        return _cannot_tell(case, "The token request is refused")
    return _could_not_look(case, unreached)


def _too_large(case: Case) -> Verdict | None:
    """A request that some hop breaks off or fails on, where a short token is answered: the size is proven, whatever else was not seen."""
    found = case.ledger.get("header_too_large")
    return _cause(case, Standing(found, "proven")) if found.proven and case.triage in ("5xx", "no_answer") else None


def _cause(case: Case, at: Standing) -> Verdict:
    assert at.top is not None
    root, entry = at.top, catalogue_cause(at.top.cause)
    because = parts.sentences(root, case)
    owner = next((i.argument.owner for i in root.positive if i.argument.owner is not None), entry.owner)
    return Verdict(
        "cause",
        root.cause,
        owner,
        at.confidence,
        parts.step(case, root.cause),
        f"{entry.title}. {because[0].text}" if because else f"{entry.title}.",
        because=because,
        against=tuple(Sentence(i.check, i.argument.text) for i in root.negative),
        mechanisms=parts.mechanisms(case, root.cause),
        will_fail_next=parts.will_fail_next(case, at),
        candidates=parts.candidates(case),
        tie_with=at.tie_with,
        warnings=parts.warnings(case, root.cause),
        next_test=""
        if at.confidence in ("proven", "confirmed")
        else parts.next_test(case, root.cause, at.tie_with or parts.runner_up(case, root.cause), owner, even=at.tie_with is not None),
        remedy=remedy(root.cause, case.facts),
    )


def _cannot_tell(case: Case, what: str = "The request is refused") -> Verdict:
    roots = list(case.ranking.roots)
    same = next((r for r in roots if r.cause == "uniform_401"), None)
    if same is not None and uniform(case):
        roots = [same, *(r for r in roots if r is not same)]
    elif all(r.best is Grade.W for r in roots):
        # Where there are only hints, that nobody can tell is the answer, and not whichever hint comes first.
        roots.sort(key=lambda r: r.cause not in NEVER_ROOT)
    first = roots[0].cause if roots else "token_rejected_unspecified"
    second = next((r.cause for r in roots if r.cause != first), None)
    nothing_telling = first in NEVER_ROOT or all(r.best is Grade.W for r in roots)
    silent = parts.left_open(case, [r.cause for r in roots]) if nothing_telling else ()
    names = [catalogue_cause(c).clause for c in (*(r.cause for r in roots), *silent) if c not in NEVER_ROOT][:3]
    left = f" Still possible: {'; '.join(names)}." if names else ""
    besides = parts.standing_faults(case)
    if besides:
        left += f" Besides, whatever the reason, this has to be mended: {besides[0].positive[0].argument.text}"
    named = [r for r in roots if r.cause not in NEVER_ROOT][:MOST_CANDIDATES]
    candidates = (*(Candidate(r.cause, r.score, r.positive[0].argument.text) for r in roots if r in named or r.cause in NEVER_ROOT),
                  *(Candidate(c, 0, "Nothing that was seen speaks for it or against it.") for c in silent))  # fmt: skip
    return Verdict(
        "cannot_tell", None, Owner.NOBODY_CAN_TELL, None, 8 if first == "uniform_401" else parts.step(case, first),
        f"{what}, and nothing that can be seen from outside says why.{left}",
        candidates=candidates or (Candidate("token_rejected_unspecified", 0),),
        warnings=(*(Warned(a.cause, a.positive[0].check, a.positive[0].argument.text) for a in besides),
                  *parts.warnings(case, *(c.cause for c in candidates), *(a.cause for a in besides))),
        next_test=parts.next_test(case, first, second, Owner.NOBODY_CAN_TELL), remedy=remedy(first, case.facts),
    )  # fmt: skip


def _not_reproduced(case: Case) -> Verdict:
    roots = elsewhere.ranked(case.ranking.roots)
    first = roots[0] if roots else None
    hint = f" Most likely: {first.positive[0].argument.text}" if first is not None else ""
    return Verdict(
        "not_reproduced", None, Owner.YOUR_PROGRAM, None, parts.step(case, first.cause) if first is not None else None,
        f"This request works from here; your program sends something else.{elsewhere.tried(case.facts)}{hint}",
        candidates=parts.listed(roots), warnings=parts.warnings(case, *(r.cause for r in roots[:5])),
        next_test=elsewhere.next_test(case.facts, first is not None), remedy=elsewhere.remedy_of(first, case.facts),
    )  # fmt: skip


def _could_not_look(case: Case, cause: str | None) -> Verdict:
    entry = catalogue_cause(cause) if cause else None
    root = case.ledger.get(cause) if cause else None
    because = tuple(Sentence(i.check, i.argument.text) for i in root.positive) if root else ()
    how = text(case.facts, "unblock") or "Let it send the request: run it without --passive, and with --allow for what it asks."
    summary = (
        (f"{entry.title}. {because[0].text}" if because else f"{entry.title}.")
        if entry
        else text(case.facts, "waiting")
        if case.facts.get("waiting")
        else "The time of this run was over before an answer was seen."
        if case.facts.get("cut_short")
        else "Nothing was sent, so the refusal itself was not seen."
    )
    return Verdict(
        "could_not_look", cause, entry.owner if entry else Owner.YOU, None, entry.step if entry else None, summary,
        because=because, candidates=parts.candidates(case), warnings=parts.warnings(case, cause or ""),
        next_test=how if entry is None else parts.next_test(case, entry.code, None, entry.owner),
        remedy=remedy(entry.code, case.facts) if entry else Remedy(how),
    )  # fmt: skip
