"""Is the request accepted on another way to the API, past a proxy or an edge? One factor changed: the path (CHECKS I-08, R22)."""

from __future__ import annotations

from authwizard.model.evidence import Baseline, DirectCall, OriginCall
from authwizard.model.finding import Argument, Grade, Group
from authwizard.steps.differential import accepts, refuses

HOP_CAUSES = ("proxy_strips_authorization", "edge_strips_authorization")
TOKEN_CAUSES = ("token_expired", "token_revoked", "token_malformed", "signature_invalid", "audience_mismatch", "issuer_mismatch")
"""What cannot be the reason where the same token is accepted on another way."""


def past_a_hop(baseline: Baseline, direct: DirectCall | None, origin: OriginCall | None) -> tuple[Argument, ...]:
    """Return what success on another way proves; () where the usual way gave no refusal, or no other way succeeded."""
    if not refuses(baseline.exchange):
        return ()
    ways = ((direct, HOP_CAUSES[0], "the proxy"), (origin, HOP_CAUSES[1], "the edge"))
    found = next(((cause, hop) for call, cause, hop in ways if call is not None and accepts(call.exchange)), None)
    if found is None:
        return ()
    cause, hop = found
    text = f"The same request past {hop} succeeds: {hop} changes or drops the credential."
    proof = Argument(cause, Grade.P, Group.SWAP, text, factor="path")
    return (proof, *(Argument(c, Grade.XP, Group.RESPONSE_CLASS, text) for c in TOKEN_CAUSES))
