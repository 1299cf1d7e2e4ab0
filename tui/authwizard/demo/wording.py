"""In which words does the practice API refuse a request: status, challenge, body (RFC 6750 section 3)?"""

from __future__ import annotations

import base64
import datetime as dt
import enum
import json

from authwizard.demo.http_message import Response, json_response
from authwizard.demo.settings import ApiSettings, Wording
from authwizard.model.frozen import dataclass

REALM = "Company X API"
GENERIC = "The access token is invalid or has expired"
"""What Company X says of every token it has no better words for."""


class Reason(enum.Enum):
    """Why a request is refused."""

    ABSENT = enum.auto()
    SEVERAL = enum.auto()
    MALFORMED = enum.auto()
    UNKNOWN_KEY = enum.auto()
    BAD_SIGNATURE = enum.auto()
    WRONG_ISSUER = enum.auto()
    WRONG_AUDIENCE = enum.auto()
    EXPIRED = enum.auto()
    NOT_YET_VALID = enum.auto()
    REVOKED = enum.auto()
    SCOPE = enum.auto()
    HIDDEN_RULE = enum.auto()
    UNKNOWN_PATH = enum.auto()
    UNKNOWN_TOKEN = enum.auto()
    BAD_API_KEY = enum.auto()
    BAD_LOGIN = enum.auto()
    STALE_NONCE = enum.auto()
    NO_PROOF = enum.auto()
    NO_NONCE = enum.auto()
    NO_CERTIFICATE = enum.auto()
    ENDED_SESSION = enum.auto()
    KEY_EXPIRED = enum.auto()
    WEAK_SIGN_IN = enum.auto()
    STALE_LOGIN = enum.auto()
    NO_PERSON = enum.auto()
    SESSION_ENDED = enum.auto()
    LOCKED = enum.auto()


_CODES = {
    Reason.ABSENT: "E-AUTH-002",
    Reason.SCOPE: "E-AUTH-003",
    Reason.BAD_API_KEY: "E-AUTH-004",
    Reason.BAD_LOGIN: "E-AUTH-005",
    Reason.SEVERAL: "E-AUTH-006",
    Reason.KEY_EXPIRED: "E-AUTH-007",
    Reason.WEAK_SIGN_IN: "E-AUTH-008",
    Reason.STALE_LOGIN: "E-AUTH-009",
    Reason.NO_PERSON: "E-AUTH-010",
    Reason.SESSION_ENDED: "E-AUTH-011",
    Reason.LOCKED: "E-AUTH-012",
}
"""The API's own numbers; E-AUTH-001 is every refused token."""

_WORDS = {
    Reason.ABSENT: "No authorization token was found",
    Reason.SEVERAL: "The request carries more than one credential",
    Reason.UNKNOWN_KEY: "The signature key was not found",
    Reason.BAD_SIGNATURE: "Token signature verification failed",
    Reason.WRONG_ISSUER: "The iss claim is not valid",
    Reason.WRONG_AUDIENCE: "The aud claim is not valid",
    Reason.EXPIRED: "Token has expired",
    Reason.SCOPE: "Token lacks required scope",
    Reason.BAD_API_KEY: "The API key is not valid",
    Reason.BAD_LOGIN: "The user name or the password is not valid",
    Reason.STALE_NONCE: "The nonce is out of date",
    Reason.NO_CERTIFICATE: "The token is bound to a client certificate",
    Reason.KEY_EXPIRED: "The API key has expired",
    Reason.WEAK_SIGN_IN: "A different authentication level is required",
    Reason.STALE_LOGIN: "The sign-in must be evaluated again",
    Reason.NO_PERSON: "Application tokens are not accepted here",
    Reason.SESSION_ENDED: "The session has ended",
    Reason.LOCKED: "The account is locked",
}
"""What the API says where it names reasons; for the others it has only the generic sentence."""


@dataclass(frozen=True)
class Refusal:
    """A refused request: why, where it was asked, and what the answer may need to say."""

    reason: Reason
    scope: str = ""
    not_before: float = 0.0
    takes_api_keys: bool = False
    """Whether the endpoint would also take an API key (version 3)."""
    nonce: str = ""
    """The next nonce of a Digest challenge or of a DPoP proof."""


def refusal_response(refusal: Refusal, api: ApiSettings, timestamp: str, request_id: str) -> Response:
    """Return the API's answer to a refused request."""
    if api.wording is Wording.MUTE:
        return json_response(401, {"error": "authentication_failed", "code": 401})
    status = _status(refusal.reason, api)
    document = {
        "error": _error(refusal.reason, status),
        "error_description": _words(refusal, api),
        "error_code": _CODES.get(refusal.reason, "E-AUTH-001"),
        "timestamp": timestamp,
        "request_id": request_id,
    }
    nonce = (("DPoP-Nonce", refusal.nonce),) if refusal.reason is Reason.NO_NONCE else ()
    return json_response(status, document, *(("WWW-Authenticate", c) for c in _challenges(refusal, api)), *nonce)


def _status(reason: Reason, api: ApiSettings) -> int:
    if reason is Reason.SCOPE:
        return api.scope_refusal
    if reason is Reason.NO_PERSON:
        return 403
    return 400 if reason is Reason.SEVERAL else 401


def _error(reason: Reason, status: int) -> str:
    if reason in (Reason.BAD_API_KEY, Reason.KEY_EXPIRED):
        return "invalid_api_key"
    return {400: "invalid_request", 403: "forbidden"}.get(status, "unauthorized")


def _words(refusal: Refusal, api: ApiSettings) -> str:
    spoken = api.wording is Wording.NAMED or refusal.reason in _CODES
    if refusal.reason is Reason.NOT_YET_VALID and spoken:
        begins = dt.datetime.fromtimestamp(refusal.not_before, dt.UTC)
        return f"The token is not valid before {begins:%Y-%m-%dT%H:%M:%SZ}"
    return _WORDS.get(refusal.reason, GENERIC) if spoken else GENERIC


def _challenges(refusal: Refusal, api: ApiSettings) -> list[str]:
    if api.scheme == "Basic":
        return [f'Basic realm="{REALM}", charset="UTF-8"']
    if api.scheme == "Digest":
        stale = ", stale=true" if refusal.reason is Reason.STALE_NONCE else ""
        return [f'Digest realm="{REALM}", qop="auth", algorithm=SHA-256, nonce="{refusal.nonce}"{stale}']
    if refusal.reason in (Reason.NO_PROOF, Reason.NO_NONCE):
        code = "use_dpop_nonce" if refusal.reason is Reason.NO_NONCE else "invalid_token"
        return [f'DPoP algs="ES256", error="{code}"']
    also = [f'ApiKey realm="{REALM}", in="header", name="X-Api-Key"'] if refusal.takes_api_keys else []
    return [f'Bearer realm="{REALM}"{_bearer_parameters(refusal, api)}', *also]


def _bearer_parameters(refusal: Refusal, api: ApiSettings) -> str:
    # RFC 6750 3.1: no error code where no token was seen
    silent = refusal.reason in (Reason.ABSENT, Reason.BAD_API_KEY, Reason.KEY_EXPIRED, Reason.UNKNOWN_PATH)
    if silent or api.wording is Wording.VAGUE:
        return ""
    error = _ERRORS.get(refusal.reason, "invalid_token")
    wanted = f', scope="{refusal.scope}"' if refusal.scope else ""
    return f', error="{error}", error_description="{_words(refusal, api)}"{wanted}{_MORE.get(refusal.reason, "")}'


_ERRORS = {
    Reason.SCOPE: "insufficient_scope",
    Reason.SEVERAL: "invalid_request",
    Reason.WEAK_SIGN_IN: "insufficient_user_authentication",
    Reason.STALE_LOGIN: "insufficient_claims",
}
"""RFC 6750 3.1, RFC 9470 3; the last one is Microsoft's."""
_ANEW = base64.b64encode(json.dumps({"access_token": {"nbf": {"essential": True, "value": "1"}}}).encode()).decode("ascii")
_MORE = {
    Reason.WEAK_SIGN_IN: ', acr_values="phr", max_age="300"',
    Reason.STALE_LOGIN: f', claims="{_ANEW}"',
}
"""Further parameters of the challenge: what a new sign-in has to bring."""
