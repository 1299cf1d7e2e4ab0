"""Did changing exactly one thing change the answer? The only source of proof (CHECKS 13.1 S-swap, R19, R20)."""

from __future__ import annotations

from authwizard.knowledge.signature import same
from authwizard.model.evidence import Baseline, CleanedCall, ExchangeSeen, LeanerCall, OtherSchemeCall
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Status
from authwizard.steps.answers import status_text
from authwizard.steps.differential import accepts

Swap = CleanedCall | OtherSchemeCall | LeanerCall


def swap_argument(call: Swap, baseline: Baseline | None) -> Argument | None:
    """Return what a swap proves about its cause; None where it proves nothing (no answer, or another refusal).

    A request that could not be sent at all before the repair counts as refused.
    """
    return swapped(call, baseline, call.cause, call.factor)


def swapped(call: ExchangeSeen, baseline: Baseline | None, cause: str, factor: str) -> Argument | None:
    """Judge one swap: a success where the original failed is proof, the same answer speaks against the cause."""
    before, after = baseline.exchange if baseline is not None else None, call.exchange
    if after.status is None or (before is not None and accepts(before)):
        return None
    if accepts(after):
        text = f"With the {factor} changed and nothing else, the request succeeds ({status_text(after.status)}); {_was(before)}."
        return Argument(cause, Grade.P, Group.SWAP, text, factor=factor)
    if before is None or before.status is None:
        return None
    if before.status == 401 and after.status == 403:
        text = f"With the {factor} changed the answer is 403 instead of 401: the credential is recognised now, but not permitted."
        return Argument(cause, Grade.S, Group.SWAP, text, factor=factor)
    if same(before, after):
        text = f"With the {factor} changed the answer stays the same ({status_text(after.status)})."
        return Argument(cause, Grade.XM, Group.SWAP, text, factor=factor)
    return None


def _was(before: Exchange | None) -> str:
    if before is None or (before.fault is not None and before.fault.layer == "refused_locally"):
        return "as it is stored it cannot be sent"
    return f"before it was {'not answered' if before.status is None else status_text(before.status)}"


def swap_line(call: ExchangeSeen, factor: str) -> Line:
    """Return the line that shows a swap's answer."""
    return Line(
        f"With {factor} changed", status_text(call.exchange.status), Status.PASS if accepts(call.exchange) else None, call.exchange.id
    )


def swaps_about(causes: tuple[str, ...], *calls: Swap | None) -> tuple[Swap, ...]:
    """Return the swaps that test one of these causes."""
    return tuple(call for call in calls if call is not None and call.cause in causes)
