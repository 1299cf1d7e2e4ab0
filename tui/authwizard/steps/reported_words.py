"""What does the 401 that the user's own program got say of what that program sent? (S8-06, CHECKS 13.1)"""

from __future__ import annotations

from collections.abc import Iterator

from authwizard.model.evidence import Reported, SentRequest
from authwizard.model.finding import Argument, Grade, Group
from authwizard.steps.answers import explained, status_text
from authwizard.steps.differential import accepts

STALE = frozenset({"token_expired", "token_revoked"})
"""Words that are wrong of the stored token, which succeeds: they were said of another one."""
AS_SAID = (
    "auth_scheme_wrong", "auth_scheme_missing", "issuer_mismatch", "audience_mismatch", "insufficient_scope", "rate_limited", "waf_blocked",
    "ip_not_allowed", "account_locked", "token_malformed", "duplicate_credentials",
)  # fmt: skip
"""Words that name the cause of that refusal themselves."""
CAUSES = ("stale_token_sent", "credential_missing", "authorization_stripped", *AS_SAID)


def told_by_the_answer(reported: Reported | None, sent: SentRequest | None) -> Iterator[Argument]:
    """Yield what the answer to the user's program says, where its words have one meaning and the same credential succeeds here."""
    answer = reported.answer if reported is not None else None
    if answer is None or answer.status is None or accepts(answer):
        return
    said = explained(answer)
    if not said.firm or said.cause is None:
        return
    words = f' ("{said.message.words}")' if said.message.words else ""
    front = f"Your program's own {status_text(answer.status)}{words}"
    same = any(c.same for c in sent.credentials) if sent is not None else False
    if said.cause in STALE and not same:
        yield _argument(
            "stale_token_sent", f"{front} speaks of a token that is over; the stored one is accepted, so your program sent another."
        )
    elif said.cause == "credential_missing" and same:
        text = f"{front} says that no credential arrived, though your program sent one that is accepted: something on its way takes it."
        yield _argument("authorization_stripped", text)
    elif said.cause == "credential_missing" and not (sent is not None and sent.credentials):
        yield _argument("credential_missing", f"{front} says that no credential arrived.")
    elif said.cause in AS_SAID:
        yield _argument(said.cause, f"{front} gives the reason itself, and the request from here does not meet it.")


def _argument(cause: str, text: str) -> Argument:
    return Argument(cause, Grade.M, Group.SERVER_MESSAGE, text, provenance="server message")
