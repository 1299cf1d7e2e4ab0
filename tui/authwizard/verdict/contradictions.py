"""Observations that disagree, each with what usually explains it (CHECKS 16.6)."""

from __future__ import annotations

from authwizard.model.finding import Facts, Grade, Group
from authwizard.verdict.ledger import Account, Ledger


def contradictions(ledger: Ledger, facts: Facts) -> tuple[str, ...]:
    """Return one sentence per pair of observations that disagree, in a fixed order."""
    found = [
        _words_against(ledger, "token_expired", Group.SERVER_MESSAGE, _EXPIRED),
        _words_against(ledger, "token_not_yet_valid", Group.SERVER_MESSAGE, _NOT_YET),
        _words_against(ledger, "signature_invalid", Group.SERVER_MESSAGE, _SIGNATURE),
        _words_against(ledger, "insufficient_scope", Group.SERVER_MESSAGE, _SCOPE),
        _NOT_SEEN if _seen_and_not_seen(ledger) else "",
        _FLAPPING if facts.get("flapping") else "",
    ]
    proofs = [_PROOF.format(cause=a.cause) for a in ledger.accounts.values() if proof_both_ways(a)]
    return tuple(text for text in [*found, *sorted(proofs)] if text)


def _words_against(ledger: Ledger, cause: str, group: Group, sentence: str) -> str:
    account = ledger.get(cause)
    said = any(i.argument.group is group and i.argument.grade in (Grade.P, Grade.S) for i in account.positive)
    denied = any(i.argument.group is not group for i in account.negative)
    return sentence if said and denied else ""


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
_PROOF = "One test proves {cause} and another excludes it: usually more than one factor changed between the two requests."
