"""The verdict: which kind of answer, which cause, how sure, because of what (CHECKS 16.4 to 16.8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from authwizard.knowledge.causes import cause as catalogue_cause
from authwizard.knowledge.dominance import shown_together
from authwizard.knowledge.next_tests import next_test
from authwizard.model.finding import Argument, Facts, Finding, Grade, Group, Owner, Status
from authwizard.model.run import Candidate, Confidence, Remedy, RuledOut, Sentence, Verdict, Warned
from authwizard.verdict import elsewhere
from authwizard.verdict.contradictions import contradictions, proof_both_ways
from authwizard.verdict.facts import FAILING, gather, text, triage
from authwizard.verdict.hand_over import log_request
from authwizard.verdict.ledger import Account, Item, Ledger, open_ledger
from authwizard.verdict.rank import Ranking, rank
from authwizard.verdict.remedy import remedy

ANSWERED_ELSEWHERE = frozenset({"proxy_auth_required", "rate_limited", "waf_blocked", "edge_auth_required"})
"""Triage causes that outrank token causes of a grade below P: the request never reached the API's check."""
NEVER_ROOT = frozenset({"uniform_401", "token_rejected_unspecified"})
"""Tops that mean: nobody outside can tell."""
SUCCESS_IS_THE_FAULT = frozenset({"endpoint_not_protected", "cors_preflight_rejected", "cors_headers_missing_on_401"})
MOST_CANDIDATES = 6
"""Causes that are listed where none stands out; that nobody can tell is said besides."""
MOST_REASONS = 6
"""Sentences that are shown for a cause; a reader wants the telling ones, and the steps have all of them."""
TRANSPORT = ("dns_failure", "tls_failure", "network_unreachable")
READ_THE_TOKEN = frozenset("EFGHI")
"""Families of causes a server can only refuse for after it has read the token."""
FOREIGN = frozenset("EF")
"""Families of causes that make a token the wrong one, however young it is: servers judge issuer, key and kind before or after its times."""
EFFECT_ONLY = frozenset({"signature_invalid"})
"""Causes that a server's words name only as the effect: a wrong signature may be the token's fault or that of the server's keys."""
OF_THE_ANSWER = frozenset({Group.SERVER_MESSAGE, Group.RESPONSE_CLASS, Group.SWAP})
"""Groups of arguments that speak of this one refusal, and of nothing that outlasts it."""
LOOKED_AT_NOTHING = frozenset(
    {"credential_missing", "placeholder_value", "keyring_unavailable", "mtls_certificate_missing", "mtls_certificate_mismatch",
     "mtls_certificate_expired"}
)  # fmt: skip
"""Causes that are named although the request got no answer: what is wrong was seen here, or said in the TLS handshake."""
STEPPED_DOWN: dict[Confidence, Confidence | None] = {
    "confirmed": "proven", "proven": "very_likely", "very_likely": "likely", "likely": "possible", "possible": None,
}  # fmt: skip


@dataclass(frozen=True)
class Standing:
    """The best cause as the findings stand, before the kind of the verdict is decided."""

    top: Account | None
    confidence: Confidence | None
    tie_with: str | None = None

    @property
    def proven(self) -> bool:
        """Whether the best cause is proven."""
        return self.top is not None and self.top.proven


@dataclass(frozen=True)
class _Case:
    """All that the kinds of verdict are built from."""

    facts: Facts
    ledger: Ledger
    ranking: Ranking
    standing: Standing
    contradictions: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def triage(self) -> str:
        return triage(self.facts)


def standing(findings: Sequence[Finding]) -> Standing:
    """Return the best cause and how sure it is, as the findings stand now."""
    return _case(findings).standing


def leading(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the causes that are left, the best first; where a server has one answer for everything, that first (CHECKS 13.5)."""
    case = _case(findings)
    roots = [r.cause for r in case.ranking.roots]
    return tuple(sorted(roots, key=lambda cause: cause != "uniform_401")) if _uniform(case) else tuple(roots)


def conclude(findings: Sequence[Finding]) -> Verdict:
    """Return the verdict of these findings. Pure: the same findings in any order give the same verdict."""
    case = _case(findings)
    verdict = replace(_kind(case), contradictions=case.contradictions, ruled_out=_ruled_out(case))
    return replace(verdict, server_log_request=_log_request(case, verdict))


def _case(findings: Sequence[Finding]) -> _Case:
    ordered = tuple(sorted(findings, key=lambda f: f.check))
    facts = gather(ordered)
    ledger = open_ledger(ordered)
    disagreements = contradictions(ledger, facts)
    ledger = open_ledger((*ordered, *(d.evidence for d in disagreements if d.evidence is not None)))
    ranking = rank(ledger, facts)
    at = _standing(ranking, facts, any(d.unresolved for d in disagreements))
    return _Case(facts, ledger, ranking, at, tuple(d.text for d in disagreements), ordered)


def _standing(ranking: Ranking, facts: Facts, open_contradiction: bool) -> Standing:
    roots = _outranked(ranking.roots)
    if not roots:
        return Standing(None, None)
    top = roots[0]
    others = [r for r in roots[1:] if r.cause not in NEVER_ROOT and not shown_together(top.cause, r.cause)]
    if top.proven:
        sure: Confidence = "confirmed" if facts.get("repaired") else "proven"
        return Standing(top, _as_pasted(STEPPED_DOWN[sure] if proof_both_ways(top) else sure, facts))
    lead = top.score - (others[0].score if others else 0)
    close = [r for r in others if top.score - r.score < 15 and r.score >= 30]
    if len(close) >= 2:
        return Standing(top, None)
    confidence: Confidence | None = _word(top, lead)
    if close:
        return Standing(top, "possible" if confidence else None, close[0].cause)
    if open_contradiction and confidence is not None:
        confidence = STEPPED_DOWN[confidence]
    rival = _rival(top, others)
    if rival is not None and confidence is not None:
        return Standing(top, "possible", rival.cause)
    return Standing(top, _as_pasted(_capped(top, confidence, facts), facts))


def _rival(top: Account, others: Sequence[Account]) -> Account | None:
    """A second fault of the same token for which it is refused just as well, where no word of the server says which one it met first."""
    told = any(i.argument.group is Group.SERVER_MESSAGE and i.argument.grade is not Grade.W for i in top.positive)
    if told or top.cause != "token_expired":
        return None
    return next((r for r in others if catalogue_cause(r.cause).family in FOREIGN and r.solid and _own_evidence(r)), None)


def _as_pasted(confidence: Confidence | None, facts: Facts) -> Confidence | None:
    """Nothing was sent where an answer was pasted: it is as sure as its words, and they may be of another day."""
    return "likely" if facts.get("pasted") and confidence in ("confirmed", "proven", "very_likely") else confidence


def _capped(top: Account, confidence: Confidence | None, facts: Facts) -> Confidence | None:
    """Hold back where the evidence, strong as it is, leaves another explanation open."""
    telling = [i.argument for i in top.positive if i.argument.grade is not Grade.W]
    words = [a for a in telling if a.group is Group.SERVER_MESSAGE]
    if confidence in ("very_likely", "likely") and top.cause in EFFECT_ONLY and len(words) == len(telling):
        return "possible"
    if confidence is not None and top.cause == "token_expired" and facts.get("alive_by_this_machine"):
        return "possible"  # by one of two clocks it is over, by the other it is not, and no third was seen
    unread = bool(facts.get("like_none")) and catalogue_cause(top.cause).family in READ_THE_TOKEN
    return "likely" if confidence == "very_likely" and unread else confidence


def _word(top: Account, lead: int) -> Confidence | None:
    if (top.score >= 90 or (top.best is Grade.S and top.score >= 60)) and lead >= 30:
        return "very_likely"
    if top.score >= 60 and lead >= 15:
        return "likely"
    return "possible" if top.score >= 30 else None


def _outranked(roots: tuple[Account, ...]) -> list[Account]:
    ahead = [r for r in roots if r.cause in ANSWERED_ELSEWHERE and r.best in (Grade.P, Grade.S)]
    if not ahead or (roots and roots[0].proven):
        return list(roots)
    return [*ahead, *(r for r in roots if r not in ahead)]


# ── the kinds ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _kind(case: _Case) -> Verdict:
    if case.triage == "success":
        return _after_success(case)
    if case.triage in FAILING:
        return _after_refusal(case)
    return _without_answer(case)


def _after_success(case: _Case) -> Verdict:
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


def _healthy(case: _Case, summary: str) -> Verdict:
    remedy = Remedy("Nothing to mend. Look at the warnings, if there are any, before they bite.")
    return Verdict("healthy", None, Owner.YOU, None, None, summary, warnings=_warnings(case), remedy=remedy)


def _after_refusal(case: _Case) -> Verdict:
    if case.triage == "5xx":
        return _too_large(case) or _could_not_look(case, "server_error")
    at = case.standing
    if at.top is None or at.confidence is None or at.top.cause in NEVER_ROOT or _uniform(case):
        return _cannot_tell(case)
    return _cause(case, at)


def _without_answer(case: _Case) -> Verdict:
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


def _too_large(case: _Case) -> Verdict | None:
    """A request that some hop breaks off or fails on, where a short token is answered: the size is proven, whatever else was not seen."""
    found = case.ledger.get("header_too_large")
    return _cause(case, Standing(found, "proven")) if found.proven and case.triage in ("5xx", "no_answer") else None


def _cause(case: _Case, at: Standing) -> Verdict:
    assert at.top is not None
    root, entry = at.top, catalogue_cause(at.top.cause)
    because = _sentences(root, case)
    return Verdict(
        "cause",
        root.cause,
        next((i.argument.owner for i in root.positive if i.argument.owner is not None), entry.owner),
        at.confidence,
        _step(case, root.cause),
        f"{entry.title}. {because[0].text}" if because else f"{entry.title}.",
        because=because,
        against=tuple(Sentence(i.check, i.argument.text) for i in root.negative),
        mechanisms=_mechanisms(case, root.cause),
        will_fail_next=_will_fail_next(case, at),
        candidates=_candidates(case),
        tie_with=at.tie_with,
        warnings=_warnings(case, root.cause),
        next_test=next_test(root.cause, at.tie_with or _runner_up(case, root.cause))
        if at.confidence not in ("proven", "confirmed")
        else "",
        remedy=remedy(root.cause, case.facts),
    )


def _cannot_tell(case: _Case, what: str = "The request is refused") -> Verdict:
    roots = list(case.ranking.roots)
    uniform = next((r for r in roots if r.cause == "uniform_401"), None)
    if uniform is not None and _uniform(case):
        roots = [uniform, *(r for r in roots if r is not uniform)]
    elif all(r.best is Grade.W for r in roots):
        # Where there are only hints, that nobody can tell is the answer, and not whichever hint comes first.
        roots.sort(key=lambda r: r.cause not in NEVER_ROOT)
    first = roots[0].cause if roots else "token_rejected_unspecified"
    second = next((r.cause for r in roots if r.cause != first), None)
    nothing_telling = first in NEVER_ROOT or all(r.best is Grade.W for r in roots)
    silent = _left_open(case, [r.cause for r in roots]) if nothing_telling else ()
    names = [catalogue_cause(c).title.lower() for c in (*(r.cause for r in roots), *silent) if c not in NEVER_ROOT][:3]
    left = f" Still possible: {'; '.join(names)}." if names else ""
    besides = _standing_faults(case)
    if besides:
        left += f" Besides, whatever the reason, this has to be mended: {besides[0].positive[0].argument.text}"
    named = [r for r in roots if r.cause not in NEVER_ROOT][:MOST_CANDIDATES]
    candidates = (*(Candidate(r.cause, r.score, r.positive[0].argument.text) for r in roots if r in named or r.cause in NEVER_ROOT),
                  *(Candidate(c, 0, "Nothing that was seen speaks for it or against it.") for c in silent))  # fmt: skip
    return Verdict(
        "cannot_tell", None, Owner.NOBODY_CAN_TELL, None, 8 if first == "uniform_401" else _step(case, first),
        f"{what}, and nothing that can be seen from outside says why.{left}",
        candidates=candidates or (Candidate("token_rejected_unspecified", 0),),
        warnings=(*(Warned(a.cause, a.positive[0].check, a.positive[0].argument.text) for a in besides),
                  *_warnings(case, *(c.cause for c in candidates), *(a.cause for a in besides))),
        next_test=next_test(first, second), remedy=remedy(first, case.facts),
    )  # fmt: skip


def _left_open(case: _Case, listed: Sequence[str]) -> tuple[str, ...]:
    """What a refusal without words may mean besides the causes listed: all that nothing has been said against."""
    unsaid = (c for c in text(case.facts, "left_open").split() if c not in listed)
    return tuple(c for c in unsaid if not (case.ledger.get(c).negative or case.ledger.get(c).positive))


def _not_reproduced(case: _Case) -> Verdict:
    roots = elsewhere.ranked(case.ranking.roots)
    first = roots[0] if roots else None
    hint = f" Most likely: {first.positive[0].argument.text}" if first is not None else ""
    return Verdict(
        "not_reproduced", None, Owner.YOUR_PROGRAM, None, _step(case, first.cause) if first is not None else None,
        f"This request works from here; your program sends something else.{elsewhere.tried(case.facts)}{hint}",
        candidates=_listed(roots), warnings=_warnings(case, *(r.cause for r in roots[:5])),
        next_test=elsewhere.next_test(case.facts, first is not None), remedy=elsewhere.remedy_of(first, case.facts),
    )  # fmt: skip


def _could_not_look(case: _Case, cause: str | None) -> Verdict:
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
        because=because, candidates=_candidates(case), warnings=_warnings(case, cause or ""),
        next_test=how if entry is None else next_test(entry.code, None),
        remedy=remedy(entry.code, case.facts) if entry else Remedy(how),
    )  # fmt: skip


# ── the parts ────────────────────────────────────────────────────────────────────────────────────────────────────────


def _uniform(case: _Case) -> bool:
    """One answer to everything, and no cause with evidence of its own beyond that."""
    uniform = case.ledger.get("uniform_401")
    top = case.standing.top
    return bool(uniform.positive) and (top is None or top.cause in NEVER_ROOT or case.standing.confidence is None)


def _step(case: _Case, code: str) -> int:
    """The step of record; a check may place a cause elsewhere by a fact `step:CODE` (section 15, "Step of record")."""
    if case.facts.get("no_request") and case.facts.get("renewal_tried"):
        return 3  # what was pasted is a token request, so it is the request of record
    placed = case.facts.get(f"step:{code}")
    return int(placed) if isinstance(placed, (int, float)) else catalogue_cause(code).step


def _mechanisms(case: _Case, root: str) -> tuple[str, ...]:
    """What the root explains, and the reason of it where the two are one story."""
    reasons = (r.cause for r in case.ranking.roots if r.solid and shown_together(root, r.cause))
    return (*case.ranking.mechanisms(root), *reasons)


def _sentences(root: Account, case: _Case) -> tuple[Sentence, ...]:
    own = [Sentence(i.check, i.argument.text) for i in _telling(root.positive)]
    words = [
        Sentence(i.check, i.argument.text)
        for mechanism in _mechanisms(case, root.cause)
        for i in case.ledger.get(mechanism).positive
        if i.argument.grade is not Grade.W
    ]
    return tuple(dict.fromkeys([*own, *words]))[:MOST_REASONS]


def _telling(items: Sequence[Item]) -> list[Item]:
    """The strongest of each group first: what comes after it in a group says the same in other words (13.4)."""
    first: dict[tuple[Group, str], Item] = {}
    for item in items:
        first.setdefault((item.argument.group, item.argument.factor), item)
    leading = list(first.values())
    return [*leading, *(item for item in items if item not in leading)]


def _will_fail_next(case: _Case, at: Standing) -> tuple[str, ...]:
    assert at.top is not None
    return tuple(
        r.cause for r in case.ranking.roots
        if r.cause not in (at.top.cause, at.tie_with) and r.solid and r.cause not in NEVER_ROOT and _own_evidence(r)
        and not shown_together(at.top.cause, r.cause)
    ) + tuple(a.cause for a in _standing_faults(case) if a.cause not in (at.top.cause, at.tie_with))  # fmt: skip


def _standing_faults(case: _Case) -> tuple[Account, ...]:
    """Faults that are certain in themselves and yet not the reason of this refusal: they stand in the way once the reason is gone."""
    named = {r.cause for r in case.ranking.roots} | set(case.ranking.mechanism_of)
    left = (a for a in case.ledger.accounts.values() if a.positive and a.cause not in named and not a.dead)
    return tuple(a for a in left if any(_certain(i.argument, a) for i in a.positive))


def _certain(argument: Argument, account: Account) -> bool:
    """A sum or a comparison made here with grade S, which nothing of its own kind denies."""
    denied = any(i.argument.group is argument.group for i in account.negative)
    return argument.grade is Grade.S and argument.group in (Group.TIME, Group.LOCAL_CLAIMS, Group.LOCAL_BYTES) and not denied


def _own_evidence(account: Account) -> bool:
    """Evidence that does not come from the refused answer itself, which the root already explains."""
    own = {"local-claims", "local-bytes", "time", "metadata", "cross-profile", "token-endpoint", "introspection", "swap"}
    return any(i.argument.group.value in own and i.argument.grade is not Grade.W for i in account.positive)


def _candidates(case: _Case) -> tuple[Candidate, ...]:
    return _listed(case.ranking.roots)


def _listed(roots: Sequence[Account]) -> tuple[Candidate, ...]:
    return tuple(Candidate(r.cause, r.score, r.positive[0].argument.text) for r in roots[:5])


def _runner_up(case: _Case, root: str) -> str | None:
    return next((r.cause for r in case.ranking.roots if r.cause != root), None)


def _ruled_out(case: _Case) -> tuple[RuledOut, ...]:
    out = [a for a in case.ledger.accounts.values() if a.negative and (a.dead or a.score < 0)]
    return tuple(RuledOut(a.cause, a.negative[0].argument.text) for a in sorted(out, key=lambda a: (a.score, a.cause)))


def _warnings(case: _Case, *told: str) -> tuple[Warned, ...]:
    """What would bite although it does not explain this answer.

    Of a refusal, hints that were only read out of the answer itself are no such thing: they are candidates, and what the run excluded is neither.
    """
    explained = {*told, *(m for cause in told for m in case.ranking.mechanisms(cause))}
    refused = case.triage != "success"
    seen: dict[str, Warned] = {}
    for finding in case.findings:
        if finding.status is not Status.WARN and (refused or finding.status is not Status.FAIL):
            continue
        lasting = [a for a in finding.arguments if not (refused and (a.group in OF_THE_ANSWER or case.ledger.get(a.cause).score <= 0))]
        for code in dict.fromkeys(a.cause for a in lasting if not a.grade.against):
            if code not in explained and code not in NEVER_ROOT:
                seen.setdefault(code, Warned(code, finding.check, finding.summary))
    return tuple(seen.values())


def _log_request(case: _Case, verdict: Verdict) -> str:
    unsure = verdict.kind == "cannot_tell" or (verdict.kind == "cause" and verdict.confidence in ("likely", "possible"))
    theirs = verdict.kind in ("cause", "cannot_tell") and verdict.owner not in (Owner.YOU, Owner.YOUR_PROGRAM)
    return log_request(case.facts, verdict) if unsure or theirs else ""
