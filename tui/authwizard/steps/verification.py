"""Verification: does it work now, everywhere, with a sound token, and is the endpoint protected at all?"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from authwizard.check import Check, blocked, check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CleanedCall,
    ClockSync,
    CredentialSeen,
    DirectCall,
    Discovery,
    EndpointCalls,
    ExchangeSeen,
    FinalUrlCall,
    FreshCall,
    FreshCallAgain,
    FreshToken,
    Garbage,
    KeySet,
    MintedForRun,
    NetworkTime,
    OriginCall,
    OtherSchemeCall,
    RecordScan,
    RefreshedCall,
    RefreshedCallAgain,
    RefreshedToken,
    Repeats,
    Respelled,
    RunClock,
    StoredSecrets,
    Tampered,
    UncachedCall,
)
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.model.token import SignatureSeen, TokenSeen
from authwizard.steps import granted_scopes, scope_table
from authwizard.steps.answers import status_text
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import Now
from authwizard.steps.differential import accepts
from authwizard.steps.step_text import StepText
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import times_of

SOON = 300
"""Seconds of life below which a token that works now is worth a warning."""
STEP = StepText(
    number=9,
    id="verification",
    title="Verification",
    question="Does the request succeed now, on every endpoint, and only with a credential?",
    why=(
        "One success can be luck or a public page. The endpoints of the scope table, the claims, and a request without any credential "
        "tell whether access really works."
    ),
)


# ── V-01, V-02, V-05 ─────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "V-01", step=9, title="The request succeeds", looks_for="a 2xx answer of the expected kind, with the stored, the fresh or the refreshed token",
    sources=("RFC 9110 15.3",),
)  # fmt: skip
def success(
    baseline: Baseline, fresh: FreshCall | None, refreshed: RefreshedCall | None, fresh_again: FreshCallAgain | None,
    refreshed_again: RefreshedCallAgain | None,
) -> Outcome:  # fmt: skip
    """V-01: a success that is no refusal or login page inside, with some credential."""
    calls: tuple[tuple[ExchangeSeen | None, str], ...] = (
        (baseline, "stored credential"), (refreshed, "refreshed token"), (fresh, "fresh token"),
        (refreshed_again, "refreshed token, some seconds after it was made"), (fresh_again, "fresh token, some seconds after it was made"),
    )  # fmt: skip
    for call, words in calls:
        if call is not None and accepts(call.exchange):
            kind = (call.exchange.header("content-type") or "no content type").partition(";")[0]
            return passed(f"The request succeeds with the {words}: {status_text(call.exchange.status)}, {kind}.")
    unsent = baseline.exchange.fault is not None and baseline.exchange.fault.layer == "refused_locally"
    return failed(f"The request does not succeed: {'it cannot be sent as it is' if unsent else status_text(baseline.exchange.status)}.")


@check(
    "V-02", step=9, title="Every endpoint of the scope table answers as expected", looks_for="each GET endpoint's status against the expected one",
    causes=("insufficient_scope", "route_auth_config"), sources=("RFC 9110 15",),
)  # fmt: skip
def several_endpoints(calls: EndpointCalls) -> Outcome:
    """V-02: all endpoints with the token that works. A 401 on one of them, with a token others take, is that route's setting."""
    rows = tuple((r, str(e), status_text(x.status), "as expected" if x.status == e else "differs") for r, e, x in calls.calls)
    table = Table(("endpoint", "expected", "answer", ""), rows)
    if not calls.calls:
        return not_applicable("The scope table names no endpoint that can be read.")
    wrong = [(r, e, x) for r, e, x in calls.calls if x.status != e]
    if not wrong:
        return passed(f"All {len(calls.calls)} endpoints answer as expected.", table)
    if all(x.status is None for _, _, x in wrong):
        return blocked(f"{len(wrong)} of {len(calls.calls)} endpoints gave no answer.", table)
    request, expected, answer = next(w for w in wrong if w[2].status is not None)
    text = f"{len(wrong)} of {len(calls.calls)} endpoints answer otherwise, first {request}: {status_text(answer.status)} instead of {expected}."
    arguments = []
    if any(x.status == 403 for _, _, x in wrong):
        arguments.append(Argument("insufficient_scope", Grade.W, Group.RESPONSE_CLASS, text))
    if any(x.status == 401 for _, _, x in wrong) and any(x.ok for _, _, x in calls.calls):
        arguments.append(Argument("route_auth_config", Grade.W, Group.RESPONSE_CLASS, text))
    return warned(text, table, arguments=tuple(arguments))


@check(
    "V-05", step=9, title="It succeeds every time", looks_for="the request on three and more new connections",
    sources=("RFC 9110 15.3",),
)  # fmt: skip
def steady_success(baseline: Baseline, repeats: Repeats) -> Outcome:
    """V-05: a success that holds. What a mixture means is told by I-05."""
    answers = [baseline.exchange, *repeats.exchanges]
    good = sum(accepts(e) for e in answers)
    if not accepts(baseline.exchange) and not good:
        return not_applicable("The request does not succeed.")
    if good < len(answers):
        return warned(f"{good} of {len(answers)} attempts succeed: see I-05.")
    return passed(f"{good} of {len(answers)} attempts on as many connections succeed.")


# ── V-03 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class InUse:
    """The token that counts: the one that works, else the stored one."""

    words: str
    token: TokenSeen | None
    signature: SignatureSeen | None


@check(
    "V-03", step=9, title="The token in use is sound in every claim", looks_for="signature, issuer, audience, times, scope, client and type of that token",
    sources=("RFC 7519 4.1", "RFC 9068 4"),
)  # fmt: skip
def claims(
    credential: CredentialSeen, profile: Profile, clock: RunClock, baseline: Baseline | None, keys: KeySet | None, fresh: FreshToken | None,
    fresh_call: FreshCall | None, refreshed: RefreshedToken | None, refreshed_call: RefreshedCall | None, minted: MintedForRun | None,
    network: NetworkTime | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    """V-03: each claim with its own judgement, by the API's clock where that was seen."""
    used = _in_use(credential, baseline, keys, fresh, fresh_call, refreshed, refreshed_call)
    if used.token is None or not used.token.readable:
        return not_applicable("The token is opaque: only the authorization server can read it.")
    now = clocks_of(clock, baseline, None, fresh_call, network, minted, fresh, discovery).now_api
    lines = (*_claim_lines(used.token, profile, now), _signature_line(used.signature))
    wrong = next((line for line in lines if line.mark is Status.FAIL), None)
    if wrong is not None:
        return failed(f"The {used.words} token's {wrong.label} is not as configured: {wrong.note}.", *lines)
    return passed(f"The {used.words} token is as configured in all that can be checked.", *lines)


def _in_use(
    credential: CredentialSeen, baseline: Baseline | None, keys: KeySet | None, fresh: FreshToken | None, fresh_call: FreshCall | None,
    refreshed: RefreshedToken | None, refreshed_call: RefreshedCall | None,
) -> InUse:  # fmt: skip
    stored = InUse("fetched" if credential.fetched else "stored", credential.token, keys.signature if keys is not None else None)
    if baseline is not None and accepts(baseline.exchange):
        return stored
    for words, grant, call in (("refreshed", refreshed, refreshed_call), ("fresh", fresh, fresh_call)):
        if grant is not None and grant.token is not None and call is not None and accepts(call.exchange):
            return InUse(words, grant.token, grant.signature)
    return stored


def _claim_lines(token: TokenSeen, profile: Profile, now: Now) -> tuple[Line, ...]:
    wanted = profile.expect
    issuer = wanted.issuer or (profile.oauth.issuer if profile.oauth else "")
    audience = granted_scopes.split(token.claims.get("aud"))
    client = profile.oauth.client_id if profile.oauth else ""
    held = str(token.claims.get("client_id") or token.claims.get("azp") or token.claims.get("appid") or "")
    typ = str(token.header.get("typ") or "")
    return (
        _line("issuer", str(token.claims.get("iss", "absent")), issuer, {str(token.claims.get("iss", ""))}),
        _line("audience", ", ".join(audience) or "absent", ", ".join(wanted.audience), audience, any_of=wanted.audience),
        *_time_lines(token, now, wanted.leeway_seconds),
        _scope_line(token, profile),
        _line("client", held or "absent", client if held else "", {held}),
        _line("type", typ or "absent", wanted.type, {typ.lower(), typ.lower().removeprefix("application/")}, any_of=(wanted.type.lower(),)),
    )


def _line(label: str, value: str, expected: str, found: Iterable[str], any_of: tuple[str, ...] = ()) -> Line:
    if not expected:
        return Line(label, value, Status.SKIP, "nothing to compare with")
    good = bool(set(found) & set(any_of or (expected,)))
    return Line(label, value, Status.PASS if good else Status.FAIL, "as expected" if good else f"expected {expected}")


def _time_lines(token: TokenSeen, now: Now, leeway: float) -> tuple[Line, ...]:
    times = times_of(token)
    return (
        _time_line("expiry", times.exp, times.exp is not None and times.exp > now.seconds - leeway, "in the past", now),
        _time_line("beginning", times.nbf, times.nbf is not None and times.nbf <= now.seconds + leeway, "in the future", now),
        _time_line("issued", times.iat, times.iat is not None and times.iat <= now.seconds + leeway, "in the future", now),
    )


def _time_line(label: str, at: float | None, good: bool, wrong: str, now: Now) -> Line:
    if at is None:
        return Line(label, "absent", Status.SKIP, "nothing to compare with")
    return Line(
        label, utc(at), Status.PASS if good else Status.FAIL, f"as it should be by {now.whose}" if good else f"{wrong} by {now.whose}"
    )


def _scope_line(token: TokenSeen, profile: Profile) -> Line:
    row = scope_table.row_for(profile)
    held = granted_scopes.union(granted_scopes.of_claims(token.claims))
    shown = " ".join(sorted(held)) or "none"
    if row is None or not scope_table.requirement(row):
        return Line("scope", shown, Status.SKIP, "the scope table does not say what this request needs")
    met = scope_table.compare(row, held).coverage
    mark = {"met": Status.PASS, "maybe": Status.WARN, "unmet": Status.FAIL}[met]
    return Line("scope", shown, mark, "as expected" if met == "met" else f"needed {scope_table.shown(row)}")


def _signature_line(signature: SignatureSeen | None) -> Line:
    if signature is None or signature.status == "not_checked":
        return Line("signature", "not checked", Status.SKIP, signature.why if signature is not None else "no published keys were read")
    good = signature.status == "verified"
    return Line("signature", signature.status, Status.PASS if good else Status.FAIL, signature.key_id if good else signature.why)


# ── V-04 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "V-04", step=9, title="The endpoint refuses requests without a credential", looks_for="success without a credential or with an invalid one",
    causes=("endpoint_not_protected",), sources=("RFC 9110 15.5.2",),
)  # fmt: skip
def negative_control(
    anonymous: Anonymous, baseline: Baseline | None, credential: CredentialSeen | None, garbage: Garbage | None, tampered: Tampered | None
) -> Outcome:
    """V-04: an endpoint that answers everybody proves nothing. Where nobody meant to send a credential, that is no fault."""
    if anonymous.exchange.status is None:
        return blocked("The request without a credential got no answer.")
    if accepts(anonymous.exchange):
        return with_facts(_public(anonymous, baseline, credential), anonymous_ok=True)
    refused = [f"without a credential {anonymous.exchange.status}"]
    for call, words in ((garbage, "with garbage"), (tampered, "with a tampered token")):
        if call is not None and accepts(call.exchange):
            return failed(f"The endpoint accepts a request {words}: see step 8.")
        if call is not None and call.exchange.status is not None:
            refused.append(f"{words} {call.exchange.status}")
    untried = " An invalid token was not tried." if garbage is None else ""
    return passed(f"The endpoint refuses: {', '.join(refused)}.{untried}")


def _public(anonymous: Anonymous, baseline: Baseline | None, credential: CredentialSeen | None) -> Outcome:
    status = status_text(anonymous.exchange.status)
    if baseline is None or credential is None or credential.field_value is None:
        return passed(f"The address answers {status} without any credential: it needs none.")
    if not accepts(baseline.exchange):
        return warned("Without a credential the endpoint answers, with this one it refuses: the credential itself causes the refusal.")
    text = f"The endpoint answers {status} without any credential, so its success proves nothing about yours."
    return failed(text, arguments=(Argument("endpoint_not_protected", Grade.S, Group.RESPONSE_CLASS, text),))


# ── V-06, V-07 ───────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "V-06", step=9, title="It will go on working", looks_for="how long the token lives, whether it can be renewed, when the client secret is due, the clock",
    sources=("RFC 6749 6",),
)  # fmt: skip
def outlook(
    profile: Profile, credential: CredentialSeen, clock: RunClock, baseline: Baseline, secrets: StoredSecrets | None,
    network: NetworkTime | None, sync: ClockSync | None,
) -> Outcome:  # fmt: skip
    """V-06: what will end, and when; and whether the clock that times it is kept."""
    if not accepts(baseline.exchange):
        return not_applicable("The request does not succeed, so there is nothing that could go on working.")
    now = clocks_of(clock, baseline, None, None, network, None, None, None).now_api
    exp = times_of(credential.token).exp
    renewable = _renewable(profile, secrets)
    lines = [Line("renewal", renewable or "not set up", Status.PASS if renewable else Status.WARN), *_due(profile, now.seconds)]
    if sync is not None:
        kept = "kept by a time service" if sync.synchronised else "kept by nothing"
        lines.append(Line("clock", kept, Status.PASS if sync.synchronised else None, sync.tool))
    if exp is not None:
        left = exp - now.seconds
        lines.insert(
            0,
            Line(
                "token ends",
                utc(exp),
                Status.WARN if left < SOON else Status.PASS,
                f"in {duration(left)}" if left > 0 else "within the leeway",
            ),
        )
    overdue = next((line for line in lines if line.mark is Status.WARN and line.label != "renewal"), None)
    if overdue is not None:
        return warned(f"It works now; {overdue.label} {overdue.value} ({overdue.note}).", *lines)
    if exp is not None and not renewable:
        return warned(f"It works for another {duration(exp - now.seconds)}; nothing is set up that renews the token then.", *lines)
    return passed("Nothing that is known ends soon." if exp is None else f"The token lives another {duration(exp - now.seconds)}.", *lines)


def _renewable(profile: Profile, secrets: StoredSecrets | None) -> str:
    if profile.oauth is None:
        return ""
    if profile.oauth.grant == "client_credentials":
        return "by a new token request (client_credentials)"
    held = secrets is not None and secrets.get("refresh_token").status == "present"
    return "by the stored refresh token" if held else ""


def _due(profile: Profile, now: float) -> list[Line]:
    today = dt.datetime.fromtimestamp(now, dt.UTC).date()
    lines = []
    for name, reference in sorted(profile.secrets.items()):
        if reference.created is None or reference.rotate_days is None:
            continue
        due = reference.created + dt.timedelta(days=reference.rotate_days)
        left = (due - today).days
        note = f"in {left} days" if left >= 0 else f"{-left} days ago"
        lines.append(Line(f"{name} is due", due.isoformat(), Status.WARN if left < 7 else Status.PASS, note))
    return lines


@check(
    "V-07", step=9, title="The cause is confirmed by a test of its own", looks_for="one thing changed, and the refusal turns into a success",
    sources=("RFC 9110 15.3",),
)  # fmt: skip
def confirmed(
    baseline: Baseline, cleaned: CleanedCall | None, other: OtherSchemeCall | None, respelled: Respelled | None, final: FinalUrlCall | None,
    origin: OriginCall | None, direct: DirectCall | None, uncached: UncachedCall | None, fresh: FreshCall | None,
    refreshed: RefreshedCall | None, fresh_again: FreshCallAgain | None, refreshed_again: RefreshedCallAgain | None,
) -> Outcome:  # fmt: skip
    """V-07: without a counterfactual that flipped, a success says only that it works now."""
    if accepts(baseline.exchange):
        return not_applicable("The request succeeds as it is, so no cause has to be confirmed.")
    calls = (cleaned, other, respelled, final, origin, direct, uncached, refreshed, fresh, refreshed_again, fresh_again)
    tried: list[ExchangeSeen] = [c for c in calls if c is not None]
    table = Table(("changed", "answer"), tuple((c.exchange.purpose, status_text(c.exchange.status)) for c in tried))
    works = next((c for c in tried if accepts(c.exchange)), None)
    if works is not None:
        outcome = passed(f"One thing was changed and the request succeeds: {works.exchange.purpose}.", table)
        return with_facts(outcome, one_change_succeeds=True)
    if tried:
        return warned("No change of one thing made the request succeed, so no test has confirmed a cause.", table)
    return not_tried("No request with one thing changed was sent, so no test has confirmed a cause.")


# ── V-08 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "V-08",
    step=9,
    title="The record of this run holds no secret",
    looks_for="every secret of the run, in every encoding, in all that was recorded",
)
def record_is_clean(scan: RecordScan) -> Outcome:
    """V-08: nothing recorded may hold a secret; a report is scanned once more before it is written."""
    if not scan.texts:
        return not_tried("Nothing was recorded.")
    if scan.labels:
        return failed(f"The record holds {', '.join(scan.labels)}; no report will be written. Please report this as a fault of authwizard.")
    return passed(f"{scan.texts} recorded texts hold no secret in any encoding.")


CHECKS: tuple[Check, ...] = (
    success, several_endpoints, claims, negative_control, steady_success, outlook, confirmed, record_is_clean,
)  # fmt: skip
