"""What to send to the server's owner, so that one look into a log decides (CHECKS section 19)."""

from __future__ import annotations

from authwizard.knowledge.causes import cause
from authwizard.knowledge.hand_over import SEARCH_KEYS, where_to_look
from authwizard.model.finding import Facts
from authwizard.model.run import Verdict
from authwizard.verdict.facts import text


def log_request(facts: Facts, verdict: Verdict) -> str:
    """Return the text, or "" where no answer of the API was seen. S8-05 brings the part that names the request."""
    head = text(facts, "hand_over")
    if not head:
        return ""
    where, what = where_to_look(text(facts, "responder") or None)
    ruled_out = "; ".join(f"{r.cause} ({r.text})" for r in verdict.ruled_out[:4])
    left = ", ".join(cause(c.cause).clause for c in verdict.candidates[:4])
    lines = [head]
    if ruled_out:
        lines.append(f"Ruled out: {ruled_out}.")
    if left:
        lines.append(f"Left: {left}.")
    lines.append(f"Please look in {where} for {what}.")
    lines.append(f"Search by, in this order: {'; '.join(SEARCH_KEYS)}.")
    return "\n".join(lines)
