"""Which probes could still change the verdict, cheapest and most decisive first (DESIGN 2, CHECKS 13.1, 16.9)."""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.model.finding import Finding, Grade, Group
from authwizard.verdict.conclude import standing
from authwizard.verdict.facts import FAILING, gather, triage
from authwizard.verdict.ledger import Account, open_ledger

SWAPS = ("cleaned_call", "other_scheme_call", "respelled", "final_url_call", "origin_call", "direct_call")
STATE = ("introspection", "fresh_token", "other_key_sets")
RENEWAL = ("refreshed_token",)
DIFFERENTIAL = ("anonymous_again", "garbage", "tampered", "odd_scheme")
STEADY = ("anonymous_again",)
CONTROL = ("garbage", "tampered")
PERMISSION = frozenset({"insufficient_scope", "forbidden_by_policy"})
EXPECTATIONS = ("resource_metadata", "whoami_call", "other_endpoints")
"""What the API says it accepts, and where else the token is accepted: a few requests, and only where the swaps proved nothing."""
INVALID = frozenset({"garbage", "tampered", "odd_scheme"})
LAST = ("record_scan", "clock_drift")
"""What looks back on the run itself, and sends nothing."""
OF_ONE_REPLICA = frozenset({"signing_key_unknown", "server_key_misconfigured"})
"""What may be wrong with one of several servers alone: the same request again tells."""
STOPPED = frozenset({"waf_blocked", "rate_limited", "account_locked", "captcha_required", "proxy_auth_required"})
"""Causes after which nothing more is sent: further attempts would prolong the trouble (CHECKS 0)."""


def next_probes(findings: Sequence[Finding], settled: frozenset[str]) -> tuple[str, ...]:
    """Return the ids of the probes to run next, () where none would change the verdict. Pure."""
    for wave in [*_waves(findings), LAST]:
        fresh = tuple(p for p in wave if p not in settled)
        if fresh:
            return fresh
    return ()


def _waves(findings: Sequence[Finding]) -> list[tuple[str, ...]]:
    facts = gather(findings)
    ledger = open_ledger(findings)
    seen = triage(facts)
    if facts.get("passive") or any(a.cause in STOPPED and a.solid for a in ledger.listed):
        return []
    variants = ("client_auth_variants",) if facts.get("client_refused") else ()
    if seen == "success":
        again = ("repeats",) if facts.get("reported_401") else ()
        return [again, STATE, variants, CONTROL, ("endpoints",)]
    if seen == "not_sent":
        return [("fresh_token",), variants, RENEWAL, ("refreshed_call",)]
    if seen not in FAILING:
        return []
    top = standing(findings)
    # A published key that the server does not know is what one replica with an old key set looks like.
    behind = any(a.cause in OF_ONE_REPLICA and _shown_here(a) for a in ledger.listed)
    replicas = ("repeats",) if behind else ()
    # A flip that nothing else explains may be one of several servers answering: the same request again tells.
    again = ("repeats",) if facts.get("sometimes") or any(a.only_by_swap for a in ledger.listed) else ()
    if top.proven:
        return [again, ("endpoints",)]
    # Not sure enough to stop while the answer may be the one to no credential, or a 403 the one to any token.
    told = facts.get("like_none") or (top.top is not None and top.top.cause in PERMISSION)
    sure = top.confidence == "very_likely" and not told
    # A gate in front never lets an invalid token through to the API: it would only add to the gate's counters.
    gated = ledger.get("edge_auth_required").solid
    differential = tuple(p for p in DIFFERENTIAL if not (gated and p in INVALID))
    return [
        SWAPS, STATE, variants, replicas, ("fresh_call",), () if sure else EXPECTATIONS, RENEWAL, ("refreshed_call",), again,
        () if sure else STEADY, () if sure else differential,
    ]  # fmt: skip


def _shown_here(account: Account) -> bool:
    """Whether the key set speaks for it, and not the server's words alone."""
    return any(i.argument.group is Group.METADATA and i.argument.grade is not Grade.W for i in account.positive)
