"""What does one answer say by itself? Challenge, words and status of a response, without sending anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Literal

from authwizard.knowledge.causes import cause
from authwizard.knowledge.error_codes import AT_TOKEN_ENDPOINT, CODES, TOKEN_ENDPOINT_CODES
from authwizard.knowledge.messages import MessageSeen, read_log, read_message
from authwizard.knowledge.responders import responder_of
from authwizard.model.finding import Grade, Owner
from authwizard.model.frozen import dataclass
from authwizard.protocol.challenge import Challenge, challenge_fields, parse_challenges

Certainty = Literal["names_it", "hints", "says_nothing"]
ABSENT = ("credential_missing", "auth_scheme_wrong", "authorization_stripped")
"""What "no credential was seen" may mean: from the answer alone nobody can tell which, so it is never more than a hint."""
KEY_SCHEMES = frozenset({"apikey", "key", "api-key", "x-api-key"})
STATUSES: dict[int, tuple[Certainty, tuple[str, ...]]] = {
    407: ("names_it", ("proxy_auth_required",)),
    429: ("names_it", ("rate_limited",)),
    431: ("names_it", ("header_too_large",)),
    494: ("names_it", ("header_too_large",)),
}


@dataclass(frozen=True)
class Explanation:
    """What a response says: `candidates` ranked, the first is `cause` (None where nothing is said)."""

    challenges: tuple[Challenge, ...]
    malformed: bool
    responder: str
    cause: str | None
    certainty: Certainty
    candidates: tuple[str, ...]
    owner: Owner
    summary: str
    message: MessageSeen
    code: str = ""
    """The error code of the challenge or of the JSON body (RFC 6749 5.2, RFC 6750 3.1), "" where there is none."""

    @property
    def firm(self) -> bool:
        """Whether the server itself says `cause` in so many words; other causes may lie behind it, so it is less than `names_it`.

        "Not valid yet" is firm, and whether the token or a clock is to blame stays open.
        """
        return self.certainty == "names_it" or (self.message.kind in ("names", "absent") and self.message.grade is Grade.S)


def explain(status: int, headers: Sequence[tuple[str, str]], body: str) -> Explanation:
    """Explain one response by its own marks; claims `names_it` only where this stack's text has one meaning."""
    try:
        challenges, malformed = parse_challenges(challenge_fields(headers)), False
    except ValueError:
        challenges, malformed = (), True
    code = error_code(challenges, body)
    message = _at_its_endpoint(read_message(status, headers, body), code)
    if any(c.params.get("error", "").strip().lower() == "invalid_token" for c in challenges):
        message = _about_an_access_token(message)
    certainty, candidates = _weigh(status, challenges, message, code)
    malformed = malformed or any(c.malformed for c in challenges)
    return _explanation(challenges, malformed, responder_of(headers, body).name, certainty, candidates, message, code)


def explain_log(text: str) -> Explanation:
    """Explain lines of a server's own log, where the reason stands in plain words."""
    message = read_log(text)
    certainty, candidates = _by_words(message)
    return _explanation((), False, "", certainty, candidates, message, "")


def error_code(challenges: Sequence[Challenge], body: str) -> str:
    """Return the error code of a challenge, else the member `error` of a JSON body; small letters, "" where there is none."""
    named = next((c.params["error"] for c in challenges if c.params.get("error")), "")
    if named:
        return named.strip().lower()
    try:
        members = json.loads(body) if body.lstrip()[:1] == "{" else None
    except (ValueError, RecursionError):
        return ""
    found = members.get("error") if isinstance(members, dict) else None
    return found.strip().lower() if isinstance(found, str) and found.strip().lower() in CODES else ""


def _explanation(
    challenges: tuple[Challenge, ...], malformed: bool, responder: str, certainty: Certainty, candidates: tuple[str, ...],
    message: MessageSeen, code: str,
) -> Explanation:  # fmt: skip
    first = candidates[0] if candidates else None
    owner = cause(first).owner if first else Owner.NOBODY_CAN_TELL
    return Explanation(
        challenges, malformed, responder, first, certainty, candidates, owner, _summary(certainty, first, message), message, code
    )


def _at_its_endpoint(message: MessageSeen, code: str) -> MessageSeen:
    """Read words about "the token" in the answer of a token endpoint as words about what was handed in there."""
    if code not in TOKEN_ENDPOINT_CODES or message.stack:
        return message  # a stack's own words and numbers already say what they are about
    if message.kind == "absent":
        return replace(message, kind="names", causes=("client_credentials_missing", "token_request_malformed"))
    translated = tuple(dict.fromkeys(AT_TOKEN_ENDPOINT.get(c, c) for c in message.causes))
    if translated == message.causes:
        return message
    # the same words may speak of a code or an assertion: the code of the answer does not say which
    return replace(message, causes=(*translated, *(c for c in CODES[code][1] if c not in translated)))


def _about_an_access_token(message: MessageSeen) -> MessageSeen:
    """Read words about "the token" beside the challenge `invalid_token`: a refresh token that has expired is `invalid_grant` (RFC 6750 3.1, 6749 5.2)."""
    return replace(message, causes=tuple(c for c in message.causes if c != "refresh_token_expired" or c == message.causes[0]))


def _weigh(status: int, challenges: tuple[Challenge, ...], message: MessageSeen, code: str) -> tuple[Certainty, tuple[str, ...]]:
    if 200 <= status < 300 and message.kind != "names":
        return "says_nothing", ()
    if message.kind in ("absent", "names"):
        return _by_words(message)
    certainty, causes = CODES.get(code, ("hints", ()))
    if code == "invalid_request" and not challenges:
        # RFC 6749 5.2: without a challenge it is the answer of a token endpoint, about its parameters
        causes = ("token_request_malformed", *(c for c in causes if c != "token_request_malformed"))
    if certainty == "names_it":
        return certainty, causes
    if status in STATUSES:
        return STATUSES[status]
    if causes or message.causes:
        return _vague(message, code, causes)
    return _by_scheme(status, challenges, message)


def _by_words(message: MessageSeen) -> tuple[Certainty, tuple[str, ...]]:
    if message.kind == "absent":
        return "hints", ABSENT
    if message.kind == "names":
        return ("names_it" if message.one_meaning else "hints"), message.causes
    return ("hints", ("token_rejected_unspecified", *message.causes)) if message.kind == "ambiguous" else ("says_nothing", ())


def _vague(message: MessageSeen, code: str, causes: tuple[str, ...]) -> tuple[Certainty, tuple[str, ...]]:
    """A code with several meanings, and words with several: of a token endpoint the words come first, of an API no cause does."""
    if code in TOKEN_ENDPOINT_CODES:
        return "hints", tuple(dict.fromkeys((*message.causes, *causes)))
    of_a_token = bool(message.causes) and message.causes[0].startswith(("token_", "signature_"))
    first = () if causes and causes[0] != "token_rejected_unspecified" and not of_a_token else ("token_rejected_unspecified",)
    return "hints", tuple(dict.fromkeys((*first, *message.causes, *causes)))


def _by_scheme(status: int, challenges: tuple[Challenge, ...], message: MessageSeen) -> tuple[Certainty, tuple[str, ...]]:
    """Nothing but the status and the schemes it asks for."""
    schemes = [c.scheme for c in challenges]
    if status == 403:
        return "hints", ("insufficient_scope", "forbidden_by_policy") if "bearer" in schemes else (
            "forbidden_by_policy",
            "insufficient_scope",
        )
    if status == 400 and "bearer" in schemes:
        # RFC 6750 3.1: a request that cannot be read as one with a token
        return "hints", ("authorization_header_malformed", "auth_scheme_wrong", "auth_scheme_missing", "duplicate_credentials")
    if status == 401 and schemes:
        return _wanted(challenges, schemes)
    if status in (400, 401, 422):
        return ("hints" if message.kind == "ambiguous" else "says_nothing"), ("token_rejected_unspecified",)
    return "says_nothing", ()


def _wanted(challenges: tuple[Challenge, ...], schemes: list[str]) -> tuple[Certainty, tuple[str, ...]]:
    if "dpop" in schemes and "bearer" not in schemes:
        return "hints", ("dpop_required", *ABSENT)
    if "bearer" in schemes:
        # RFC 6750 3.1: without an error code no authentication information was seen, but many never send one
        return "hints", (*ABSENT, "token_rejected_unspecified")
    if "digest" in schemes:
        stale = any(c.params.get("stale", "").lower() == "true" for c in challenges)
        return "hints", (*(("digest_stale_nonce",) if stale else ()), "digest_required", "user_credentials_invalid", "credential_missing")
    if "basic" in schemes:
        return "hints", ("user_credentials_invalid", "credential_missing", "auth_scheme_wrong", "edge_auth_required")
    if "negotiate" in schemes or "ntlm" in schemes:
        return "hints", ("negotiate_required", *ABSENT)
    if KEY_SCHEMES & set(schemes):
        return "hints", ("api_key_invalid", "credential_missing", "credential_location_wrong")
    return "hints", ("auth_scheme_wrong", "credential_missing", "token_rejected_unspecified")


def _summary(certainty: Certainty, first: str | None, message: MessageSeen) -> str:
    if first is None:
        return "This answer says nothing about authentication."
    title = cause(first).title
    words = f' The server says "{message.words}".' if message.words else ""
    lead = {"names_it": "The server names it", "hints": "The answer hints at it", "says_nothing": "The answer gives no reason"}[certainty]
    if certainty == "says_nothing" or (message.grade is Grade.W and first == "token_rejected_unspecified"):
        return f"The answer gives no reason.{words}"
    return f"{lead}: {title[0].lower()}{title[1:]}.{words}"
