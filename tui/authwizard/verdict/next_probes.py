"""Which probes could still change the verdict, cheapest and most decisive first (DESIGN 2, CHECKS 13.1, 16.9)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

from authwizard.knowledge.next_tests import find_test
from authwizard.model.finding import Facts, Finding, Grade, Group
from authwizard.steps.attribution import DELAY, EXCLUDED_BY_SAME_ANSWER
from authwizard.verdict.facts import FAILING, gather, triage
from authwizard.verdict.ledger import Account, Ledger, open_ledger
from authwizard.verdict.standing import Standing, leading, standing

Wave = tuple[str, ...]

SWAPS = (
    "cleaned_call", "other_scheme_call", "respelled", "second_credential_call", "leaner_call", "fresh_nonce_call", "other_token_call",
    "final_url_call", "origin_call", "direct_call",
)  # fmt: skip
OVERSIZED = ("garbage",)
"""A short token beside a long one that was not even judged: the size is all that differs."""
STATE = ("introspection", "fresh_token", "other_key_sets")
RENEWAL = ("refreshed_token",)
DIFFERENTIAL = ("anonymous_again", "garbage", "tampered", "odd_scheme")
STEADY = ("anonymous_again",)
CONTROL = ("garbage", "tampered")
KNOWN_GOOD = ("known_good_call",)
PERMISSION = frozenset({"insufficient_scope", "forbidden_by_policy"})
EXPECTATIONS = ("resource_metadata", "whoami_call", "other_endpoints")
"""What the API says it accepts, and where else the token is accepted: a few requests, and only where the swaps proved nothing."""
INVALID = frozenset({"garbage", "tampered", "odd_scheme", "empty_header", "foreign_token"})
THOROUGH = ("path_canary", "uncached_call", "empty_header", "foreign_token", "repeats", "neighbours", "other_version_call")
"""What is looked at besides where the user asked for everything (`--thorough`)."""
PROBES_OF_TEST = {
    "S7-05": KNOWN_GOOD, "S8-09": ("path_canary",), "S8-10": ("uncached_call",), "D6": ("empty_header",), "S3-17": ("whoami_call",),
    "I-05": ("repeats",), "S8-07": ("resource_metadata",), "S5-07": ("other_endpoints",),
}  # fmt: skip
"""The probes that a next test stands for, where a run can do it itself; all others are asked for anyway or are a person's to do."""
LAST = ("record_scan", "clock_drift")
"""What looks back on the run itself, and sends nothing."""
OF_ONE_REPLICA = frozenset({"signing_key_unknown", "server_key_misconfigured"})
"""What may be wrong with one of several servers alone: the same request again tells."""
STOPPED = frozenset({"waf_blocked", "rate_limited", "account_locked", "captcha_required", "proxy_auth_required"})
"""Causes after which nothing more is sent: further attempts would prolong the trouble (CHECKS 0)."""


def next_probes(findings: Sequence[Finding], settled: frozenset[str]) -> Wave:
    """Return the ids of the probes to run next, () where none would change the verdict. Pure."""
    for wave in [*_waves(findings), LAST]:
        fresh = tuple(p for p in wave if p not in settled)
        if fresh:
            return fresh
    return ()


def _waves(findings: Sequence[Finding]) -> list[Wave]:
    facts = gather(findings)
    ledger = open_ledger(findings)
    seen = triage(facts)
    if facts.get("passive") or any(a.cause in STOPPED and a.solid for a in ledger.listed):
        return []
    variants = ("client_auth_variants",) if facts.get("client_refused") else ()
    if facts.get("oversized") and seen not in FAILING:
        return [OVERSIZED]
    if seen == "success":
        first: Wave = ("repeats",) if facts.get("reported_401") else ()
        last: Wave = ("other_version_call",) if facts.get("thorough") else ()
        return [first, STATE, variants, CONTROL, ("endpoints",), ("repeats",), last]
    if seen == "not_sent":
        mended: Wave = ("cleaned_call",) if facts.get("unsendable") else ()
        return [mended, ("fresh_token",), variants, RENEWAL, ("refreshed_call",)]
    if seen not in FAILING:
        return []
    return _after_refusal(findings, facts, ledger, variants)


def _after_refusal(findings: Sequence[Finding], facts: Facts, ledger: Ledger, variants: Wave) -> list[Wave]:
    top = standing(findings)
    # A published key that the server does not know is what one replica with an old key set looks like.
    replicas = ("repeats",) if any(a.cause in OF_ONE_REPLICA and _shown_here(a) for a in ledger.listed) else ()
    again = ("repeats",) if _may_flip(facts, ledger) else ()
    thorough = THOROUGH if facts.get("thorough") else ()
    # A gate in front never lets an invalid token through to the API: it would only add to the gate's counters.
    gated = ledger.get("edge_auth_required").solid
    if top.proven:
        return [again, ("endpoints",), _sent(thorough, gated)]
    # Not sure enough to stop while the answer may be the one to no credential, or a 403 the one to any token.
    told = facts.get("like_none") or (top.top is not None and top.top.cause in PERMISSION)
    sure = top.confidence == "very_likely" and not told
    address = ("path_canary",) if triage(facts) in ("404", "405") else ()
    cache = ("uncached_call",) if facts.get("from_cache") else ()
    always: list[Wave] = [SWAPS, cache, address, STATE, variants, replicas, ("fresh_call",)]
    if sure or _way_is_open(ledger):
        return [*always, RENEWAL, ("refreshed_call",), again, _sent(thorough, gated)]
    return [
        *always, EXPECTATIONS, RENEWAL, ("refreshed_call",), again, KNOWN_GOOD, STEADY, _sent(DIFFERENTIAL, gated),
        *(_sent(wave, gated) for wave in _deciding(findings, facts, top)), _second_try(facts, ledger), _sent(thorough, gated),
    ]  # fmt: skip


def _way_is_open(ledger: Ledger) -> bool:
    """Whether another token was accepted on the same way: what no token, garbage or another path is answered then tells nothing more."""
    return any(i.argument.group is Group.SWAP and i.argument.grade is Grade.XS for i in ledger.get("authorization_stripped").negative)


def _sent(wave: Wave, gated: bool) -> Wave:
    return tuple(p for p in wave if not (gated and p in INVALID))


def _may_flip(facts: Facts, ledger: Ledger) -> bool:
    """Whether one of several servers may have answered: a flip that nothing else explains, or one that time may explain."""
    late = bool(ledger.get(DELAY).positive)
    return bool(facts.get("sometimes")) or late or any(a.only_by_swap for a in ledger.listed)


def _deciding(findings: Sequence[Finding], facts: Facts, top: Standing) -> list[Wave]:
    """Return the tests that separate the leading causes from each other, by cost and requests, where none is likely (CHECKS 16.9)."""
    if top.confidence in ("likely", "very_likely"):
        return []
    tests = {find_test(first, second) for first, second in combinations(leading(findings)[:3], 2)}
    ordered = sorted(tests, key=lambda test: (test.cost, test.requests, test.probe, test.text))
    named = [PROBES_OF_TEST.get(test.probe, ()) for test in ordered]
    return [*named, ("path_canary",), ("uncached_call",) if facts.get("like_none") else (), ("empty_header",)]


def _second_try(facts: Facts, ledger: Ledger) -> Wave:
    """A new token that is refused may only be too new: worth the wait where nothing else explains its refusal (CHECKS S7-02)."""
    wanted = (("new_token_refused", "fresh_call_again"), ("refreshed_token_refused", "refreshed_call_again"))
    wave = tuple(probe for fact, probe in wanted if facts.get(fact))
    others = (a for a in ledger.listed if a.cause not in EXCLUDED_BY_SAME_ANSWER)
    explained = any(a.best in (Grade.P, Grade.S) for a in others) or ledger.get("authorization_stripped").solid
    return () if explained else wave


def _shown_here(account: Account) -> bool:
    """Whether the key set speaks for it, and not the server's words alone."""
    return any(i.argument.group is Group.METADATA and i.argument.grade is not Grade.W for i in account.positive)
