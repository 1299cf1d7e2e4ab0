"""Which cause is the root, which are only its mechanisms (CHECKS 16.3, 16.4)."""

from __future__ import annotations

from authwizard.knowledge.dominance import SHOWN_TOGETHER, dominates
from authwizard.model.finding import Facts, Grade, Group
from authwizard.model.frozen import dataclass
from authwizard.verdict.ledger import Account, Ledger, account

STRONG = (Grade.P, Grade.S)


@dataclass(frozen=True)
class Ranking:
    """Root causes, best first, and for each dominated cause the root it is a mechanism of."""

    roots: tuple[Account, ...]
    mechanism_of: dict[str, str]

    def mechanisms(self, root: str) -> tuple[str, ...]:
        """The causes explained by this root, in order of their codes."""
        return tuple(sorted(m for m, r in self.mechanism_of.items() if r == root))


def rank(ledger: Ledger, facts: Facts) -> Ranking:
    """Apply dominance (transitively) and order the roots."""
    listed = ledger.listed
    parent: dict[str, str] = {}
    for below in listed:
        above = [a for a in listed if a.cause != below.cause and _explains(a, below, facts)]
        if above:
            parent[below.cause] = min(above, key=Account.rank).cause
    mechanism_of = {cause: _top(cause, parent) for cause in parent}
    roots = [_with_words(a, [b for b in listed if mechanism_of.get(b.cause) == a.cause]) for a in listed if a.cause not in parent]
    return Ranking(_what_before_why(sorted(roots, key=Account.rank)), mechanism_of)


def _what_before_why(roots: list[Account]) -> tuple[Account, ...]:
    """Of two causes that are one story the one that says what is wrong goes first, where it has evidence of its own."""
    for what, why in SHOWN_TOGETHER:
        head = next((r for r in roots if r.cause == what and r.best in STRONG), None)
        reason = next((r for r in roots if r.cause == why), None)
        if head is not None and reason is not None and roots.index(head) > roots.index(reason):
            roots.remove(head)
            roots.insert(roots.index(reason), head)
    return tuple(roots)


def _top(cause: str, parent: dict[str, str]) -> str:
    seen = {cause}
    while cause in parent and parent[cause] not in seen:
        cause = parent[cause]
        seen.add(cause)
    return cause


def _explains(above: Account, below: Account, facts: Facts) -> bool:
    condition = dominates(above.cause, below.cause)
    if condition is None or above.best is Grade.W:
        return False
    if below.proven and above.best not in STRONG:
        return False
    return _holds(condition, above, below, facts)


def _holds(condition: str, above: Account, below: Account, facts: Facts) -> bool:
    if condition == "only_local_clock":
        telling = [i for i in below.positive if i.argument.grade is not Grade.W] or list(below.positive)
        return all(i.argument.on_local_clock for i in telling)
    if condition == "alive_by_reference_clock":
        return bool(facts.get("alive_by_reference_clock", True))
    if condition == "renewal_failed":
        # Without the client's secret the renewal could not even be asked for.
        return bool(facts.get("renewal_failed")) or above.cause == "client_credentials_missing"
    if condition == "realm_is_api":
        return bool(facts.get("realm_is_api", True))
    if condition == "a_or_d_strong":
        return above.best in STRONG
    return True


def _with_words(root: Account, mechanisms: list[Account]) -> Account:
    """The server's words for a mechanism count for its root (16.4)."""
    words = [i for m in mechanisms for i in m.positive if i.argument.group is Group.SERVER_MESSAGE]
    if not words:
        return root
    return account(root.cause, {*root.positive, *root.negative, *words})
