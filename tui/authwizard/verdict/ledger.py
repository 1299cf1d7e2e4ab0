"""What speaks for and against each cause: arguments added up as CHECKS 13.4 and 16.2 say."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import field, replace

from authwizard.knowledge.causes import catalogue, family_rank
from authwizard.model.finding import Argument, Finding, Grade, Group
from authwizard.model.frozen import dataclass

COMPARED = frozenset({Group.SWAP, Group.RESPONSE_CLASS})
"""Groups of arguments that rest on the comparison of answers."""
TOKEN_FAMILIES = frozenset("EFGH")
"""Families of causes that lie in the token or in what its issuer knows of it."""
LOCKED = frozenset({"account_locked", "captcha_required"})
STRENGTH = {Grade.P: 4, Grade.S: 3, Grade.M: 2, Grade.W: 1, Grade.XP: 4, Grade.XS: 3, Grade.XM: 2}


@dataclass(frozen=True)
class Item:
    """An argument and the check it comes from."""

    check: str
    argument: Argument

    @property
    def sort_key(self) -> tuple[int | str, ...]:
        """Strongest first, then by check, text and whatever else may differ: the same order whatever the order of findings."""
        said = self.argument
        rest = (said.group.value, said.provenance, said.owner.value if said.owner else "", int(said.on_local_clock))
        return (-STRENGTH[said.grade], self.check, said.factor, said.text, *rest)


@dataclass(frozen=True)
class Account:
    """All arguments about one cause."""

    cause: str
    positive: tuple[Item, ...]
    negative: tuple[Item, ...]

    @property
    def score(self) -> int:
        """Sum of the strongest argument of each group, for and against; weak ones count at most twice."""
        points = sum(_strongest_per_group(self.positive))
        return points + sum(_strongest_per_group(self.negative))

    @property
    def best(self) -> Grade | None:
        """The strongest grade that speaks for the cause."""
        return self.positive[0].argument.grade if self.positive else None

    @property
    def proven(self) -> bool:
        """Whether one factor was changed and the result flipped."""
        return self.best is Grade.P

    @property
    def only_by_swap(self) -> bool:
        """Whether one changed answer is all that speaks for the cause with more than weak grade."""
        telling = [i.argument for i in self.positive if i.argument.grade is not Grade.W]
        return bool(telling) and all(a.group is Group.SWAP for a in telling)

    @property
    def dead(self) -> bool:
        """Excluded by proof, and not itself proven."""
        return not self.proven and any(i.argument.grade is Grade.XP for i in self.negative)

    @property
    def solid(self) -> bool:
        """Has evidence of its own of at least moderate grade that is not outweighed."""
        return self.score > 0 and self.best in (Grade.P, Grade.S, Grade.M)

    def rank(self) -> tuple[bool, int, int, str]:
        """Sort key of 16.3 (proof, score, family, code); the best comes first."""
        return (not self.proven, -self.score, family_rank(self.cause), self.cause)


@dataclass(frozen=True)
class Ledger:
    """The accounts of all causes any finding argues about."""

    accounts: dict[str, Account] = field(default_factory=dict)

    @property
    def listed(self) -> tuple[Account, ...]:
        """Causes that may be named: something speaks for them, on balance, and they are no mere context.

        A cause that one test proves and another excludes stays: the two tests disagree, which is said (CHECKS 16.6).
        """
        live = (a for a in self.accounts.values() if a.positive and not a.dead and (a.score > 0 or a.proven))
        return tuple(sorted((a for a in live if not catalogue()[a.cause].context_only), key=Account.rank))

    def get(self, cause: str) -> Account:
        """Return a cause's account; an empty one where nothing was said."""
        return self.accounts.get(cause) or Account(cause, (), ())


def open_ledger(findings: Sequence[Finding]) -> Ledger:
    """Sort all arguments of the findings into accounts.

    Where equal requests were seen to get both success and refusal (fact `flapping`), it proves nothing that two different ones
    were answered differently: what was concluded from that speaks weakly for a cause and not at all against one. Where the server says
    the same words whatever is sent (fact `words_said_to_all`), no reading of them is more than weak.
    """
    flapping = any(finding.facts.get("flapping") for finding in findings)
    said_to_all = any(finding.facts.get("words_said_to_all") for finding in findings)
    items: dict[str, set[Item]] = defaultdict(set)
    for finding in findings:
        for argument in finding.arguments:
            by_chance = flapping and argument.group in COMPARED and not finding.facts.get("flapping")
            weak = by_chance or (said_to_all and not argument.grade.against and _about_the_token(argument))
            if not (by_chance and argument.grade.against):
                items[argument.cause].add(Item(finding.check, replace(argument, grade=Grade.W) if weak else argument))
    return Ledger({cause: account(cause, said) for cause, said in sorted(items.items()) if cause in catalogue()})


def _about_the_token(argument: Argument) -> bool:
    """Words that would be about this very token. A lock-out is heeded whoever is told of it."""
    known = catalogue().get(argument.cause)
    told = argument.group is Group.SERVER_MESSAGE and argument.cause not in LOCKED
    return told and known is not None and known.family in TOKEN_FAMILIES


def account(cause: str, items: Iterable[Item]) -> Account:
    """Make a cause's account, strongest arguments first."""
    ordered = sorted(items, key=lambda i: i.sort_key)
    return Account(
        cause,
        tuple(i for i in ordered if not i.argument.grade.against),
        tuple(i for i in ordered if i.argument.grade.against),
    )


def _strongest_per_group(items: Sequence[Item]) -> list[int]:
    best: dict[tuple[Group, str], int] = {}
    for item in items:
        key = (item.argument.group, item.argument.factor if item.argument.group is Group.SWAP else "")
        points = item.argument.grade.points
        if key not in best or abs(points) > abs(best[key]):
            best[key] = points
    weak = [p for p in best.values() if p == Grade.W.points][:2]
    return [p for p in best.values() if p != Grade.W.points] + weak
