"""What a row expects, and whether a run met it: verdict, budget, costs, secrets."""

from __future__ import annotations

import base64
import binascii
import contextlib
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from e2e.rig.product import Seen
from e2e.rig.wire import Asked
from e2e.rig.world import Rig
from leak_search import leaks

from authwizard.model.secret import Secret

CONFIDENCES = (None, "possible", "likely", "very_likely", "proven", "confirmed")
API_BUDGET, TOKEN_BUDGET, INVALID_BUDGET = 12, 3, 3
PROBE = "authwizard-probe"
HIDDEN_FIELDS = ("client_secret", "refresh_token", "private_key", "password")
JWT = re.compile(r"eyJ[A-Za-z0-9_-]{12,}")


@dataclass(frozen=True)
class Expected:
    """The right answer. `cause` None: no cause is named; `sure` is the least confidence."""

    cause: str | None
    step: int | None
    kind: str = "cause"
    sure: str = "likely"
    tie: str = ""
    """The right answer may also be `one of two` with this cause."""
    first: str = ""
    """The first candidate of a run that names no cause."""
    mechanisms: tuple[str, ...] = ()
    next: tuple[str, ...] = ()
    """What will fail next."""
    warns: tuple[str, ...] = ()
    """Causes that stand in the warnings."""
    checks: dict[str, str] = field(default_factory=dict)
    """Check id to its status."""
    also: Callable[[Rig, Seen], Iterable[str]] = lambda rig, seen: ()
    """Further demands of the row; what is not met, as sentences."""


def problems_of_verdict(expected: Expected, seen: Seen) -> Iterator[str]:
    """What in the verdict is not as expected."""
    verdict = seen.verdict
    got = {"kind": verdict["kind"], "cause": verdict["cause"], "step": verdict["step"]}
    if expected.tie and verdict["kind"] == "cause" and {verdict["cause"], verdict["tie_with"]} == {expected.cause, expected.tie}:
        return
    if expected.kind == "cannot_tell" and verdict["kind"] == "cannot_tell":
        got["step"] = expected.step if expected.step is None else got["step"]
    wanted = {"kind": expected.kind, "cause": expected.cause, "step": expected.step}
    if got != wanted:
        yield f"wanted {wanted}, got {got} ({verdict['confidence']}, tie {verdict['tie_with']}): {verdict['summary']}"
    elif expected.kind == "cause" and CONFIDENCES.index(verdict["confidence"]) < CONFIDENCES.index(expected.sure):
        yield f"only {verdict['confidence']}, wanted {expected.sure}; tie {verdict['tie_with']}; candidates {_named(verdict['candidates'])}"
    if expected.first and _named(verdict["candidates"])[:1] != [expected.first]:
        yield f"first candidate should be {expected.first}: {_named(verdict['candidates'])}"
    for words, part, codes in (("mechanism", verdict["mechanisms"], expected.mechanisms), ("next", verdict["will_fail_next"], expected.next),
                               ("warning", _named(verdict["warnings"]), expected.warns)):  # fmt: skip
        yield from (f"{words} {code} is not named: {part}" for code in codes if code not in part)
    yield from (
        f"{i} is {seen.checks[i]['status']}, not {status}" for i, status in expected.checks.items() if seen.checks[i]["status"] != status
    )


def wrongly_sure(expected: Expected, seen: Seen) -> bool:
    """Whether another cause than the expected is named at likely or above."""
    verdict = seen.verdict
    sure = CONFIDENCES.index(verdict["confidence"]) >= CONFIDENCES.index("likely")
    return verdict["kind"] == "cause" and verdict["cause"] not in (expected.cause, expected.tie or None) and sure


def problems_of_manners(rig: Rig, seen: Seen) -> Iterator[str]:
    """What the run did that it must never do, by the servers' own logs and the texts it wrote."""
    yield from (f"a server of the rig stumbled: {error!r}" for error in rig.errors)
    yield from (f"{c['id']} crashed: {c['summary']}" for c in seen.checks.values() if c["status"] == "crashed")
    yield from _budget(rig)
    yield from _places(rig)
    if seen.shuffled_verdicts_differ():
        yield "the same findings in another order give another verdict"
    secrets = [Secret(value) for value in dict.fromkeys(rig.all_secrets)]
    for where, text in seen.texts.items():
        yield from (f"{where}: {leak}" for leak in leaks(secrets, text))
        yield from (f"{where}: looks like a token: {found[:16]}..." for found in JWT.findall(text))


def _budget(rig: Rig) -> Iterator[str]:
    extra = {str(e["request"]).partition(" ")[2] for e in rig.profile.get("endpoints", ())}
    own = str(rig.profile["request"]).partition(" ")[2]
    counted = [a for a in rig.api_requests if a.target not in extra - {own}]
    if len(counted) > API_BUDGET:
        yield f"{len(counted)} requests to the API"
    if len(rig.token_requests) > TOKEN_BUDGET:
        yield f"{len(rig.token_requests)} requests to the token endpoints"
    invalid = [a for a in counted if _invalid(a, rig)]
    if len(invalid) > INVALID_BUDGET:
        yield f"{len(invalid)} requests with invalid tokens"
    elsewhere = [a for server in rig.servers for a in server.log if PROBE in a.text.lower() and server not in _api_side(rig)]
    if elsewhere:
        yield f"an invalid token went to {elsewhere[0].target}"


def _invalid(asked: Asked, rig: Rig) -> bool:
    """Whether a request carries a made-up credential: the garbage, the odd scheme, or a real token with a changed signature."""
    if PROBE in asked.text.lower():
        return True
    held = " ".join(rig.all_secrets)
    found = re.search(r"(eyJ[\w-]+\.[\w-]+)\.([\w-]*)", asked.header("authorization"))
    return found is not None and found[1] in held and found[0] not in held


def _api_side(rig: Rig) -> tuple[Any, ...]:
    return (rig.api.server, rig.reverse.server, rig.forward.server)


def _places(rig: Rig) -> Iterator[str]:
    """Credentials go to their own origins alone; those of the token endpoint never to the API."""
    real = {v.strip() for v in rig.all_secrets if len(v.strip()) >= 6}
    for server in (rig.stranger, rig.staging_api.server, rig.staging_auth.server):
        yield from (f"a real credential went to a foreign origin: {a.method} {a.target}" for a in server.log if _holds(a, real))
    kept = {rig.secrets[f].strip() for f in HIDDEN_FIELDS if f in rig.secrets and f != "password"} - {rig.secrets.get("access_token", "")}
    for server in (rig.api.server, rig.reverse.server):
        yield from (f"a secret of the token endpoint went to the API: {a.target}" for a in server.log if _holds(a, kept))


def _holds(asked: Asked, values: set[str]) -> bool:
    text = asked.text
    scheme, _, value = asked.header("authorization").partition(" ")
    if scheme.lower() == "basic":
        with contextlib.suppress(binascii.Error):
            text += base64.b64decode(value).decode("utf-8", "replace")
    return any(value in text for value in values)


def _named(listed: list[dict[str, Any]]) -> list[str]:
    return [item["cause"] for item in listed]
