"""Which cause stands best as the findings are now, and how sure is it (CHECKS 16.4 and 16.5)?"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from authwizard.knowledge.causes import cause as catalogue_cause
from authwizard.knowledge.dominance import shown_together
from authwizard.model.finding import Facts, Finding, Grade, Group
from authwizard.model.frozen import dataclass
from authwizard.model.run import Confidence
from authwizard.verdict.contradictions import contradictions, proof_both_ways
from authwizard.verdict.facts import gather, triage
from authwizard.verdict.ledger import Account, Ledger, open_ledger
from authwizard.verdict.rank import Ranking, rank

ANSWERED_ELSEWHERE = frozenset({"proxy_auth_required", "rate_limited", "waf_blocked", "edge_auth_required"})
"""Triage causes that outrank token causes of a grade below P: the request never reached the API's check."""
NEVER_ROOT = frozenset({"uniform_401", "token_rejected_unspecified"})
"""Tops that mean: nobody outside can tell."""
READ_THE_TOKEN = frozenset("EFGHI")
"""Families of causes a server can only refuse for after it has read the token."""
FOREIGN = frozenset("EF")
"""Families of causes that make a token the wrong one, however young it is: servers judge issuer, key and kind before or after its times."""
EFFECT_ONLY = frozenset({"signature_invalid"})
"""Causes that a server's words name only as the effect: a wrong signature may be the token's fault or that of the server's keys."""
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
class Case:
    """All that the kinds of verdict are built from."""

    facts: Facts
    ledger: Ledger
    ranking: Ranking
    standing: Standing
    contradictions: tuple[str, ...]
    findings: tuple[Finding, ...]

    @property
    def triage(self) -> str:
        """The class of the baseline's answer (I-03)."""
        return triage(self.facts)


def standing(findings: Sequence[Finding]) -> Standing:
    """Return the best cause and how sure it is, as the findings stand now."""
    return case_of(findings).standing


def leading(findings: Sequence[Finding]) -> tuple[str, ...]:
    """Return the causes that are left, the best first; where a server has one answer for everything, that first (CHECKS 13.5)."""
    case = case_of(findings)
    roots = [r.cause for r in case.ranking.roots]
    return tuple(sorted(roots, key=lambda cause: cause != "uniform_401")) if uniform(case) else tuple(roots)


def case_of(findings: Sequence[Finding]) -> Case:
    """Open the case of these findings: their facts, the ledger with its contradictions, the ranking."""
    ordered = tuple(sorted(findings, key=lambda f: f.check))
    facts = gather(ordered)
    ledger = open_ledger(ordered)
    disagreements = contradictions(ledger, facts)
    ledger = open_ledger((*ordered, *(d.evidence for d in disagreements if d.evidence is not None)))
    ranking = rank(ledger, facts)
    at = _standing(ranking, facts, any(d.unresolved for d in disagreements))
    return Case(facts, ledger, ranking, at, tuple(d.text for d in disagreements), ordered)


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
    return next((r for r in others if catalogue_cause(r.cause).family in FOREIGN and r.solid and own_evidence(r)), None)


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


def uniform(case: Case) -> bool:
    """One answer to everything, and no cause with evidence of its own beyond that."""
    uniform = case.ledger.get("uniform_401")
    top = case.standing.top
    return bool(uniform.positive) and (top is None or top.cause in NEVER_ROOT or case.standing.confidence is None)


def own_evidence(account: Account, but: Collection[str] = ()) -> bool:
    """Evidence that does not come from the refused answer itself, which the root already explains; nor from the checks named."""
    own = {"local-claims", "local-bytes", "time", "metadata", "cross-profile", "token-endpoint", "introspection", "swap"}
    return any(i.argument.group.value in own and i.argument.grade is not Grade.W and i.check not in but for i in account.positive)
