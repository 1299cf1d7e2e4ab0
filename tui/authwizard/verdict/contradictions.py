"""Observations that disagree, each with what usually explains it (CHECKS 16.6)."""

from __future__ import annotations

from authwizard.model.finding import Argument, Facts, Finding, Grade, Group, Status
from authwizard.model.frozen import dataclass
from authwizard.verdict.ledger import Account, Ledger


@dataclass(frozen=True)
class Disagreement:
    """Two observations that cannot both be taken as they stand, and the usual explanations in order.

    `evidence`: what the disagreement itself speaks for; None where the check that found it says so already.
    `unresolved`: the verdict is less sure for it.
    """

    text: str
    evidence: Finding | None = None
    unresolved: bool = True


def contradictions(ledger: Ledger, facts: Facts) -> tuple[Disagreement, ...]:
    """Return each pair of observations that disagree, in a fixed order."""
    found = [
        # Other token, cache, clock, session: S2-08 has looked at each and argues for those it saw.
        Disagreement(_EXPIRED) if _words_denied(ledger, "token_expired") else None,
        Disagreement(_NOT_YET) if _words_denied(ledger, "token_not_yet_valid") else None,
        _signature(ledger),
        _scope(ledger),
        Disagreement(_NOT_SEEN) if _seen_and_not_seen(ledger) else None,
        Disagreement(_FLAPPING) if facts.get("flapping") else None,
        # Bodies were left out of every comparison, and their evidence was graded lower, where it was weighed.
        Disagreement(_VOLATILE, unresolved=False) if facts.get("volatile") else None,
    ]
    proofs = sorted(_PROOF.format(cause=a.cause) for a in ledger.accounts.values() if proof_both_ways(a))
    return tuple(d for d in [*found, *map(Disagreement, proofs)] if d is not None)


def _words_denied(ledger: Ledger, cause: str) -> bool:
    """Whether the server's words name a cause that something else, seen from here, speaks against."""
    account = ledger.get(cause)
    said = any(i.argument.group is Group.SERVER_MESSAGE and i.argument.grade in (Grade.P, Grade.S) for i in account.positive)
    return said and any(i.argument.group is not Group.SERVER_MESSAGE for i in account.negative)


def _signature(ledger: Ledger) -> Disagreement | None:
    """Refused for its signature and yet verified here: the server's key is another one than the issuer's."""
    verified = any(i.argument.group is Group.METADATA for i in ledger.get("signature_invalid").negative)
    if not _words_denied(ledger, "signature_invalid") or not verified:
        return Disagreement(_SIGNATURE) if _words_denied(ledger, "signature_invalid") else None
    return Disagreement(_SIGNATURE, _speaks_for("S3-13", _SIGNATURE, "jwks_stale_at_server", "server_key_misconfigured"))


def _scope(ledger: Ledger) -> Disagreement | None:
    if not _words_denied(ledger, "insufficient_scope"):
        return None
    return Disagreement(_SCOPE, _speaks_for("S5-02", _SCOPE, "forbidden_by_policy"))


def _speaks_for(check: str, text: str, *causes: str) -> Finding:
    arguments = tuple(Argument(cause, Grade.M, Group.RESPONSE_CLASS, text) for cause in causes)
    return Finding(check, 8, "Observations agree", Status.WARN, text, arguments=arguments)


def _seen_and_not_seen(ledger: Ledger) -> bool:
    """The server's words say both that a credential was seen and that none was."""
    account = ledger.get("authorization_stripped")
    by_words = Group.SERVER_MESSAGE
    said = any(i.argument.group is by_words and i.argument.grade is not Grade.W for i in account.positive)
    return said and any(i.argument.group is by_words and i.argument.grade is Grade.XS for i in account.negative)


def proof_both_ways(account: Account) -> bool:
    """Whether one test proves a cause and another excludes it."""
    return account.proven and any(i.argument.grade is Grade.XP for i in account.negative)


_EXPIRED = (
    "The server says the token expired, but its exp lies ahead: usually another token is on the wire, the answer is a cached one, "
    "the API's clock is off, or a session ended and is reported as expiry."
)
_NOT_YET = "The server says the token is not valid yet, but its times say it is: usually the API's clock is behind."
_SIGNATURE = (
    "The server refuses the signature, but it verifies here with the issuer's published key: usually the server holds an old or a "
    "wrong key, or another token is on the wire."
)
_SCOPE = "The server misses a scope that the token carries: usually the scope table is out of date or the server reads another claim."
_NOT_SEEN = (
    "The server's words say that no credential was seen, and also that a token was refused: usually two components answer, one in front "
    "of the other, and the header is lost between them."
)
_FLAPPING = "The same request with the same token was both accepted and refused: usually one of several servers behind the address differs."
_VOLATILE = (
    "Two equal requests without a credential got different answers: usually the text carries something made anew each time; it is left "
    "out of every comparison."
)
_PROOF = "One test proves {cause} and another excludes it: usually more than one factor changed between the two requests."
