"""A token by itself for a person and for a program (`authwizard token`): never its text, never its signature."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Mapping
from typing import Any

from authwizard.protocol.clean import safe_json, safe_line
from authwizard.protocol.redaction import Redactor
from authwizard.steps.token_alone import TokenAlone, span_words

WIDTH = 100
KINDS = {
    "jws": "a signed token (JWT)", "jwe": "an encrypted token (JWE)", "jws_json": "a signed token in JSON form", "paseto": "a PASETO token",
    "saml": "a SAML assertion", "macaroon": "a macaroon", "cookie": "a session cookie", "api_key": "an API key", "uuid": "an opaque token (a UUID)",
    "hex": "an opaque token (hexadecimal)", "opaque": "an opaque token: only its issuer can read it", "empty": "nothing",
}  # fmt: skip
PURPOSES = {
    "access": "an access token, which APIs take", "id": "an ID token: it tells a program who signed in; most APIs refuse it",
    "refresh": "a refresh token, for the token endpoint alone", "dpop_proof": "a DPoP proof, which goes into the DPoP header",
    "client_assertion": "a client assertion, for the token endpoint alone", "logout": "a logout token", "security_event": "a security event",
    "unknown": "not told by the token itself",
}  # fmt: skip
MEANINGS = {
    "iss": "who issued it", "sub": "whom it is about", "aud": "which API it is for", "exp": "until when it is valid", "nbf": "from when it is valid",
    "iat": "when it was issued", "auth_time": "when the user signed in", "jti": "its own id", "scope": "what it may do", "scp": "what it may do",
    "azp": "which program asked for it", "client_id": "which program asked for it", "appid": "which program asked for it",
    "cid": "which program asked for it", "roles": "what the caller may do", "permissions": "what the caller may do", "tid": "the tenant",
    "sid": "the login session", "nonce": "ties it to one login", "cnf": "the key it is bound to", "acr": "how strongly the user signed in",
    "amr": "how the user signed in", "typ": "what it is", "alg": "how it is signed", "kid": "which key signed it", "enc": "how it is encrypted",
    "token_use": "what it is for", "ver": "the version of its form", "email": "the user's address", "name": "the user's name",
    "htm": "the request's method", "htu": "the request's address", "ath": "the token it goes with",
}  # fmt: skip
_REDACTOR = Redactor()


def token_json(told: TokenAlone) -> dict[str, Any]:
    """Return the object of DESIGN section 3, and beside it what the token is for, its length, its times and the notes."""
    return {
        "kind": told.seen.kind, "header": _shown(told.seen.header), "claims": _shown(told.claims),
        "faults": [{"cause": fault.cause, "text": _text(fault.text)} for fault in told.faults],
        "signature": told.signature.status, "why": _text(told.signature.why), "purpose": told.purpose.name, "length": told.seen.length,
        "fingerprint": told.seen.fingerprint, "provider": told.prefix.provider if told.prefix else "",
        "times": {m.name: span_words(m) for m in told.moments}, "notes": [_text(note) for note in told.notes],
    }  # fmt: skip


def unreadable_token_json(why: str) -> dict[str, Any]:
    """Return the answer to a line that holds no token: the same members, and `error` with the reason in a sentence."""
    return {
        "error": why, "kind": "empty", "header": {}, "claims": {}, "faults": [], "signature": "not_checked", "why": why, "purpose": "unknown",
        "length": 0, "fingerprint": "", "provider": "", "times": {}, "notes": [],
    }  # fmt: skip


def render_token(told: TokenAlone) -> str:
    """Return a token as text: what it is, what is wrong with it, what it says, whether its signature holds."""
    size = f"{told.seen.length} character{'' if told.seen.length == 1 else 's'}"
    lines = [f"This is {KINDS[told.seen.kind]}, {size}" + (f", {told.seen.fingerprint}" if told.seen.fingerprint else "")]
    if told.seen.readable:
        lines.append(f"It is for: {PURPOSES[told.purpose.name]}" + (f" ({', '.join(told.purpose.signs)})" if told.purpose.signs else ""))
    if told.prefix is not None:
        place = {"test": ", for testing", "live": ", for production"}.get(told.prefix.environment, "")
        lines.append(f"Its beginning is {told.prefix.provider}'s: {_KEY_KINDS[told.prefix.kind]}{place}")
    lines += ["", *_faults(told)]
    lines += [line for note in told.notes for line in _wrap(f"Note: {_text(note)}", "  ", "    ")]
    moments = {m.name: span_words(m) for m in told.moments}
    lines += [*_members("Header", told.seen.header, {}), *_members("Claims", told.claims, moments)]
    status = {"verified": "verified", "failed": "does NOT hold", "not_checked": "not checked"}[told.signature.status]
    lines += ["", *_wrap(f"Signature: {status}. {_text(told.signature.why)}", "", "  ")]
    return "\n".join(lines) + "\n"


_KEY_KINDS = {
    "secret": "a secret key", "publishable": "a publishable key, which may be seen by anyone", "refresh": "a refresh token",
    "access": "an access token", "key_id": "the id of a key, not the key", "temporary_key_id": "the id of a temporary key, not the key",
}  # fmt: skip


def _faults(told: TokenAlone) -> list[str]:
    if not told.faults:
        return ["No fault can be seen in it."]
    lines = [f"Fault{'s' if len(told.faults) > 1 else ''}:"]
    lines += [line for fault in told.faults for line in _wrap(f"{_text(fault.text)} ({fault.cause})", "  - ", "    ")]
    return [*lines, "  In full: authwizard cause CODE"]


def _members(title: str, members: Mapping[str, Any], moments: Mapping[str, str]) -> list[str]:
    if not members:
        return []
    shown = _shown(members)
    width = min(max(map(len, shown)), 24) + 2
    lines = ["", title]
    for name, value in shown.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        note = "; ".join(part for part in (moments.get(name, ""), MEANINGS.get(name, "")) if part)
        lines += _wrap(safe_line(text, 600) + (f"  ({note})" if note else ""), f"  {name.ljust(width)}", " " * (width + 2))
    return lines


def _shown(members: Mapping[str, Any]) -> dict[str, Any]:
    """Claims are the user's own data; a whole token or key among them is masked all the same."""
    value = _redacted(safe_json(members))
    return value if isinstance(value, dict) else {}


def _redacted(value: Any) -> Any:
    if isinstance(value, str):
        return _REDACTOR.redact(value) if len(value) >= 16 else value
    if isinstance(value, dict):
        return {safe_line(name, 100): _redacted(item) for name, item in value.items()}
    return [_redacted(item) for item in value] if isinstance(value, list) else value


def _text(text: str) -> str:
    return safe_line(_REDACTOR.redact(text), 1000)


def _wrap(text: str, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=first, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False
    ) or [first.rstrip()]  # fmt: skip
