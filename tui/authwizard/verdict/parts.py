"""What a verdict consists of besides its cause: reasons, candidates, warnings, what fails next (CHECKS 16.6 to 16.8)."""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.knowledge import next_tests
from authwizard.knowledge.causes import cause as catalogue_cause
from authwizard.knowledge.dominance import shown_together
from authwizard.model.finding import Argument, Grade, Group, Owner, Status
from authwizard.model.run import Candidate, RuledOut, Sentence, Warned
from authwizard.verdict.facts import text
from authwizard.verdict.ledger import Account, Item
from authwizard.verdict.standing import NEVER_ROOT, Case, Standing, own_evidence

MOST_REASONS = 6
"""Sentences that are shown for a cause; a reader wants the telling ones, and the steps have all of them."""
OF_THE_ANSWER = frozenset({Group.SERVER_MESSAGE, Group.RESPONSE_CLASS, Group.SWAP})
"""Groups of arguments that speak of this one refusal, and of nothing that outlasts it."""


def step(case: Case, code: str) -> int:
    """Return the step of record; a check may place a cause elsewhere by a fact `step:CODE` (section 15, "Step of record")."""
    if case.facts.get("no_request") and case.facts.get("renewal_tried"):
        return 3  # what was pasted is a token request, so it is the request of record
    placed = case.facts.get(f"step:{code}")
    return int(placed) if isinstance(placed, (int, float)) else catalogue_cause(code).step


def mechanisms(case: Case, root: str) -> tuple[str, ...]:
    """What the root explains, and the reason of it where the two are one story."""
    reasons = (r.cause for r in case.ranking.roots if r.solid and shown_together(root, r.cause))
    return (*case.ranking.mechanisms(root), *reasons)


def sentences(root: Account, case: Case) -> tuple[Sentence, ...]:
    """Return why this cause is named: its own evidence, the most telling first, then that of what it explains."""
    own = [Sentence(i.check, i.argument.text) for i in _telling(root.positive)]
    words = [
        Sentence(i.check, i.argument.text)
        for mechanism in mechanisms(case, root.cause)
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


def next_test(case: Case, first: str, second: str | None, owner: Owner, *, even: bool = True) -> str:
    """Return what would decide between the leading causes, `even` or not, of what this run has not done itself (CHECKS 16.9)."""
    judged = {f.check for f in case.findings if f.status in (Status.PASS, Status.WARN, Status.FAIL)}
    left = next_tests.next_test(first, second, judged, even=even)
    if left:
        return left
    if owner in (Owner.YOU, Owner.YOUR_PROGRAM):
        return "All that can be tested from here is done. Mend it as said and check again: a success proves the cause."
    return "All that can be tested from here is done. The log line of this request, at the server that refused it, decides."


def will_fail_next(case: Case, at: Standing) -> tuple[str, ...]:
    """Return what stands in the way once the cause is gone, each with evidence of its own (CHECKS 16.6).

    Where the request was seen to succeed after one change, nothing does; and two readings of one answer are no two faults.
    """
    assert at.top is not None
    if case.facts.get("one_change_succeeds"):
        return ()
    told = {i.check for c in (at.top.cause, *mechanisms(case, at.top.cause)) for i in case.ledger.get(c).positive}
    return tuple(
        r.cause for r in case.ranking.roots
        if r.cause not in (at.top.cause, at.tie_with) and r.solid and r.cause not in NEVER_ROOT and own_evidence(r, but=told)
        and not shown_together(at.top.cause, r.cause)
    ) + tuple(a.cause for a in standing_faults(case) if a.cause not in (at.top.cause, at.tie_with))  # fmt: skip


def standing_faults(case: Case) -> tuple[Account, ...]:
    """Faults that are certain in themselves and yet not the reason of this refusal: they stand in the way once the reason is gone."""
    named = {r.cause for r in case.ranking.roots} | set(case.ranking.mechanism_of)
    left = (a for a in case.ledger.accounts.values() if a.positive and a.cause not in named and not a.dead)
    return tuple(a for a in left if any(_certain(i.argument, a) for i in a.positive))


def _certain(argument: Argument, account: Account) -> bool:
    """A sum or a comparison made here with grade S, which nothing of its own kind denies."""
    denied = any(i.argument.group is argument.group for i in account.negative)
    return argument.grade is Grade.S and argument.group in (Group.TIME, Group.LOCAL_CLAIMS, Group.LOCAL_BYTES) and not denied


def candidates(case: Case) -> tuple[Candidate, ...]:
    """Return the causes that are left, the best first."""
    return listed(case.ranking.roots)


def listed(roots: Sequence[Account]) -> tuple[Candidate, ...]:
    """Return the first five of these causes with what speaks most for each."""
    return tuple(Candidate(r.cause, r.score, r.positive[0].argument.text) for r in roots[:5])


def runner_up(case: Case, root: str) -> str | None:
    """Return the best cause besides the root, if any."""
    return next((r.cause for r in case.ranking.roots if r.cause != root), None)


def ruled_out(case: Case) -> tuple[RuledOut, ...]:
    """Return the causes that evidence speaks against, the most excluded first."""
    out = [a for a in case.ledger.accounts.values() if a.negative and (a.dead or a.score < 0)]
    return tuple(RuledOut(a.cause, a.negative[0].argument.text) for a in sorted(out, key=lambda a: (a.score, a.cause)))


def warnings(case: Case, *told: str) -> tuple[Warned, ...]:
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
                # Where one finding warns of several things, each is told in its own words.
                said = {a.cause: a.text for a in reversed(lasting)}
                seen.setdefault(code, Warned(code, finding.check, said[code] if len(said) > 1 else finding.summary))
    return tuple(seen.values())


def left_open(case: Case, listed: Sequence[str]) -> tuple[str, ...]:
    """What a refusal without words may mean besides the causes listed: all that nothing has been said against."""
    unsaid = (c for c in text(case.facts, "left_open").split() if c not in listed)
    return tuple(c for c in unsaid if not (case.ledger.get(c).negative or case.ledger.get(c).positive))
