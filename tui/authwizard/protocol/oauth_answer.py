"""What did a token or introspection endpoint answer? (RFC 6749 5, RFC 7662 2.2)"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import parse_qsl

from authwizard.model.late_pattern import late_pattern
from authwizard.model.oauth import Introspected, TokenAnswer
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe, safe_json, safe_line

VENDOR_CODES = late_pattern(r"AADSTS\d{4,}")
MAX_NESTING_TEXT = 64 * 1024


def read_token_answer(status: int | None, headers: Sequence[tuple[str, str]], body: str) -> TokenAnswer:
    """Read a token answer leniently; token values become Secret, all other texts are neutralised. Never raises."""
    content_type = next((v.partition(";")[0].strip().lower() for n, v in headers if n.lower() == "content-type"), "")
    members, is_json = _members(body, content_type)
    error = members.get("error")
    if isinstance(error, dict):
        # Some servers wrap the error in an object of their own.
        members = {**members, **error}
        error = error.get("code") or error.get("type") or error.get("error")
    description = _text(members.get("error_description") or members.get("message") or members.get("detail") or members.get("errorSummary"))
    access = _secret(members.get("access_token"))
    return TokenAnswer(
        ok=status is not None and 200 <= status < 300 and access is not None,
        status=status,
        content_type=safe_line(content_type),
        is_json=is_json,
        access_token=access,
        refresh_token=_secret(members.get("refresh_token")),
        id_token=_secret(members.get("id_token")),
        token_type=_text(members.get("token_type")),
        expires_in=_seconds(members.get("expires_in")),
        scope=_scope(members.get("scope")),
        error=_text(error or members.get("errorCode")),
        error_description=description,
        error_uri=_text(members.get("error_uri")),
        error_codes=_numbers(description, members.get("error_codes")),
        suberror=_text(members.get("suberror") or members.get("error_subtype")),
    )


def read_introspection(status: int | None, body: str) -> Introspected:
    """Read an introspection answer; `active` is None where the endpoint did not answer the question. Never raises."""
    members, _ = _members(body, "application/json")
    active = members.get("active")
    if status is None or not 200 <= status < 300 or not isinstance(active, bool):
        return Introspected(None, {}, _text(members.get("error")) or (f"status {status}" if status is not None else "no answer"))
    cleaned = safe_json(members)
    return Introspected(active, cleaned if isinstance(cleaned, dict) else {})


def _members(body: str, content_type: str) -> tuple[dict[str, Any], bool]:
    try:
        loaded = json.loads(body)
    except (ValueError, RecursionError):
        if content_type == "application/x-www-form-urlencoded" or re.match(r"(access_token|error)=", body):
            return dict(parse_qsl(body[:MAX_NESTING_TEXT])), False
        return {}, False
    return (loaded, True) if isinstance(loaded, dict) else ({}, False)


def _secret(value: object) -> Secret | None:
    return Secret(value) if isinstance(value, str) and value else None


def _text(value: object) -> str:
    return safe(value)[:1000] if isinstance(value, str) else ""


def _seconds(value: object) -> int | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, str) and re.fullmatch(r"\d{1,12}", value):
        return int(value)
    return int(value) if isinstance(value, (int, float)) and abs(value) < 10**12 else None


def _numbers(description: str, listed: object) -> tuple[str, ...]:
    """Entra's numbers: those its words name, then those it lists apart."""
    apart = [f"AADSTS{n}" for n in listed[:10] if isinstance(n, int) and not isinstance(n, bool)] if isinstance(listed, list) else []
    return tuple(dict.fromkeys([*VENDOR_CODES.findall(description), *apart]))


def _scope(value: object) -> str | None:
    if isinstance(value, list):
        return " ".join(safe_line(item) for item in value if isinstance(item, str))
    return safe_line(value) if isinstance(value, str) else None
