"""Do words about a place of the credential mean that it stands wrongly, or that a second one is wanted? Beside what was sent (S1-15, R4, S8-03)."""

from __future__ import annotations

from dataclasses import replace

from authwizard.knowledge.messages import MessageSeen
from authwizard.knowledge.places import place_cause
from authwizard.model.evidence import CredentialSeen
from authwizard.model.finding import Grade


def holds_token(credential: CredentialSeen) -> bool:
    """Whether what is sent is a signed token, which no server would take for a key."""
    return credential.kind in ("bearer", "dpop") and credential.token is not None and credential.token.kind == "jws"


def about_this_kind(seen: MessageSeen, credential: CredentialSeen | None) -> MessageSeen:
    """Return the words with the likelier of the two meanings first, moderate then, since the other stays open; else unchanged."""
    first = place_cause(seen, holds_token=holds_token(credential)) if credential is not None else ""
    if not first or first == seen.causes[0]:
        return seen
    return replace(seen, causes=(first, *(c for c in seen.causes if c != first)), grade=Grade.M if seen.grade is Grade.S else seen.grade)
