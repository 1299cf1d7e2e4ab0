"""Which component answered, as the findings tell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from authwizard.knowledge.hand_over import where_to_look
from authwizard.model.finding import Finding
from authwizard.model.run import Confidence, Responder
from authwizard.verdict.facts import gather, text


def responder(findings: Sequence[Finding]) -> Responder | None:
    """Return who answered the baseline and where its logs are, or None where no mark names it."""
    facts = gather(findings)
    name = text(facts, "responder")
    if not name:
        return None
    confidence = text(facts, "responder_confidence") or "likely"
    return Responder(name, cast("Confidence", confidence), where_to_look(name)[0])
