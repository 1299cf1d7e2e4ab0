"""What can be said of a token by itself: what it is for, its times, and every fault that shows without a request?"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from authwizard.check import Check
from authwizard.knowledge.key_prefixes import KeyPrefix, checksum_fits, prefix_of
from authwizard.model.evidence import CredentialSeen, RunClock
from authwizard.model.finding import Outcome, Status
from authwizard.model.frozen import dataclass
from authwizard.model.token import SignatureSeen, TokenFault, TokenSeen
from authwizard.protocol.jose import ClassSeen, inspect_token, token_class, verify_signature
from authwizard.protocol.jose_text import read_json
from authwizard.protocol.other_tokens import paseto_claims, saml_claims, seconds_of
from authwizard.protocol.scheme import without_scheme
from authwizard.protocol.token_package import token_answer_of
from authwizard.protocol.token_wrap import bare_token
from authwizard.steps.step1_token_class import remarks_of
from authwizard.steps.step2_claims import exp_present, exp_unit, lifetime
from authwizard.steps.time_words import duration, utc
from authwizard.steps.token_times import number, unit_of

NO_KEY = SignatureSeen("not_checked", "No key was given to check it with.")
_TIMES = ("iat", "nbf", "exp", "auth_time")


@dataclass(frozen=True)
class Moment:
    """A time claim: Unix seconds, and how far that is from now (positive = ahead)."""

    name: str
    seconds: float
    ahead: float


@dataclass(frozen=True)
class TokenAlone:
    """A token as it stands. `purpose` says what it is for; `notes` are sentences that are no faults."""

    seen: TokenSeen
    claims: Mapping[str, Any]
    purpose: ClassSeen
    signature: SignatureSeen
    faults: tuple[TokenFault, ...] = ()
    notes: tuple[str, ...] = ()
    moments: tuple[Moment, ...] = ()
    prefix: KeyPrefix | None = None


@dataclasses.dataclass
class _Found:
    faults: list[TokenFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def judge_token(text: str, now: float, signature: SignatureSeen = NO_KEY, issuer: str = "") -> TokenAlone:
    """Judge a token against this machine's clock alone; never raises.

    Args:
        text: What was given: a token, `Bearer` and a token, or a whole token response.
        now: Unix seconds.
        signature: What verifying it said.
        issuer: The issuer the token should be of; "" = unknown.
    """
    found = _Found()
    value, seen = _inside(text, found)
    if signature is NO_KEY and seen.kind not in ("jws", "jws_json"):
        signature = unsigned(seen.kind)
    claims = _claims_of(seen, value)
    purpose = token_class(seen) if seen.readable else ClassSeen("unknown")
    found.faults += seen.faults
    if seen.readable:
        _judge_claims(seen, now, found)
    moments = tuple(Moment(n, at, at - now) for n in _TIMES if (at := _moment(claims.get(n))) is not None)
    found.faults += _time_faults({m.name: m.ahead for m in moments})
    found.faults += _issuer_faults(claims, issuer)
    _judge_signature(signature, found)
    prefix = prefix_of(value.strip()) if seen.kind in ("opaque", "api_key", "hex", "uuid", "macaroon") else None
    found.faults += _prefix_faults(value.strip())
    return TokenAlone(seen, claims, purpose, signature, _once(found.faults), tuple(dict.fromkeys(found.notes)), moments, prefix)


def verify_token(text: str, keys: Mapping[str, Any], *, exact: bool = False) -> SignatureSeen:
    """Verify what was given, as far as it is signed.

    Args:
        text: A token, `Bearer` and a token, a whole token response, or a JWS in JSON form.
        keys: A key set or one key.
        exact: The text is the token as it stands and is not mended.
    """
    if exact:
        return verify_signature(_compact(text), keys)
    answer = token_answer_of(text)
    value = bare_token(without_scheme(answer["access_token"] if answer else text))
    kind = inspect_token(value).kind
    if kind not in ("jws", "jws_json"):
        return unsigned(kind)
    return verify_signature(_compact(value), keys)


def unsigned(kind: str) -> SignatureSeen:
    """Say why nothing can be verified in a token of this kind."""
    if kind == "jwe":
        return SignatureSeen("not_checked", "The token is encrypted: only the API it is for can open it.")
    if kind in ("paseto", "saml", "macaroon"):
        return SignatureSeen("not_checked", "Signatures of this kind of token are not checked here.")
    return SignatureSeen("not_checked", "It carries no signature: only its issuer can say whether it is genuine.")


def _compact(text: str) -> str:
    """The compact form of a JWS in JSON form with one signature (RFC 7515 7.2); any other text as it is."""
    members = read_json(text.encode("utf-8", "replace")).value if text.lstrip().startswith("{") else None
    if not isinstance(members, dict):
        return text
    several = members.get("signatures")
    one = several[0] if isinstance(several, list) and len(several) == 1 and isinstance(several[0], dict) else members
    parts = [one.get("protected"), members.get("payload"), one.get("signature")]
    return ".".join(map(str, parts)) if all(isinstance(part, str) for part in parts) and "header" not in one else text


def _inside(text: str, found: _Found) -> tuple[str, TokenSeen]:
    """The token a text holds. A whole token response is what people have at hand, and no fault of the token in it."""
    answer = token_answer_of(text)
    if answer is None:
        return bare_token(without_scheme(text)), inspect_token(text)
    others = [name for name in ("refresh_token", "id_token") if isinstance(answer.get(name), str) and answer[name]]
    also = f" It also holds {' and '.join(f'{_article(o)} {o}' for o in others)}, not shown." if others else ""
    life = seconds_of(answer.get("expires_in"))
    told = f" By its expires_in the token lives {duration(life)} from when it was issued." if life and life > 0 else ""
    found.notes.append(f"This is a token response; its access_token is shown.{also}{told}")
    return bare_token(without_scheme(answer["access_token"])), inspect_token(answer["access_token"])


def _article(name: str) -> str:
    return "an" if name[0] in "aeio" else "a"


def _claims_of(seen: TokenSeen, value: str) -> Mapping[str, Any]:
    if seen.kind == "paseto":
        return paseto_claims(value)
    return saml_claims(value) if seen.kind == "saml" else seen.claims


def _moment(value: object) -> float | None:
    seconds = number(value) if not isinstance(value, str) else seconds_of(value)
    return seconds if seconds is not None and unit_of(seconds) == "seconds" else None


def _judge_claims(seen: TokenSeen, now: float, found: _Found) -> None:
    """Let the checks of step 2 judge what they can see without a run."""
    credential = CredentialSeen("bearer", "header", "Authorization", "Bearer", None, seen, seen.length)
    for declared, arguments in (
        (exp_present, (credential,)), (exp_unit, (credential, RunClock(now))), (lifetime, (credential, None, None, None)),
    ):  # fmt: skip
        _take(declared, declared.judge(*arguments), found)
    if seen.duplicate_members:
        names = ", ".join(seen.duplicate_members[:5])
        found.notes.append(f"Members stand twice in it ({names}); programs disagree which of the two counts.")
    found.notes += [f"The header holds {line.label}: {line.value}; {line.note}." for line in remarks_of(seen.header)]


def _take(declared: Check, outcome: Outcome, found: _Found) -> None:
    if outcome.status is Status.FAIL:
        found.faults += [TokenFault(a.cause, a.text, "payload") for a in outcome.arguments]
    elif outcome.status is Status.WARN:
        found.notes.append(outcome.summary)


def _time_faults(ahead: Mapping[str, float]) -> Iterator[TokenFault]:
    """By this machine's clock, to the second: whether a server gives a minute's grace is its own choice."""
    if "exp" in ahead and ahead["exp"] <= 0:
        yield TokenFault("token_expired", f"The token expired {duration(ahead['exp'])} ago by this machine's clock.", "payload")
    begins = max((ahead[name] for name in ("nbf", "iat") if name in ahead), default=0.0)
    if begins > 1:
        text = f"The token begins to be valid in {duration(begins)} by this machine's clock."
        yield TokenFault("token_not_yet_valid", text, "payload")


def _issuer_faults(claims: Mapping[str, Any], issuer: str) -> Iterator[TokenFault]:
    named = claims.get("iss")
    if not issuer or named == issuer:
        return
    if not isinstance(named, str) or not named:
        yield TokenFault("claim_missing", "The token names no issuer (iss).", "payload")
    elif named.rstrip("/") == issuer.rstrip("/"):
        text = "The token's issuer (iss) and the one you named differ by the slash at the end; servers compare them letter by letter."
        yield TokenFault("issuer_trailing_slash", text, "payload")
    else:
        yield TokenFault("issuer_mismatch", f"The token was issued by {named[:200]}, not by the issuer you named.", "payload")


def _judge_signature(signature: SignatureSeen, found: _Found) -> None:
    if signature.status == "failed":
        found.faults.append(TokenFault(signature.cause or "signature_invalid", signature.why, "signature"))
    elif signature.status == "not_checked" and signature.cause == "signing_key_unknown":
        found.faults.append(TokenFault(signature.cause, signature.why, "signature"))


def _prefix_faults(value: str) -> Iterator[TokenFault]:
    if checksum_fits(value) is False:
        yield TokenFault("token_malformed", "The checksum in the key is wrong: a character was lost or changed in copying.", "value")


def _once(faults: list[TokenFault]) -> tuple[TokenFault, ...]:
    kept: dict[str, TokenFault] = {}
    for fault in faults:
        if fault.cause not in kept or (fault.part, fault.text) != (kept[fault.cause].part, kept[fault.cause].text):
            kept.setdefault(f"{fault.cause}:{fault.part}", fault)
    return tuple(kept.values())


def span_words(moment: Moment) -> str:
    """Return a moment for a person: its date, and how far it is away."""
    if abs(moment.ahead) < 1:
        return f"{utc(moment.seconds)}, now"
    return f"{utc(moment.seconds)}, {'in ' if moment.ahead > 0 else ''}{duration(moment.ahead)}{'' if moment.ahead > 0 else ' ago'}"
