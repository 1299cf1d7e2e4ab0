"""Does an answer with a status of success say in its body that authentication failed?"""

from __future__ import annotations

import json
import re
from typing import Any

from authwizard.model.exchange import Exchange
from authwizard.model.late_pattern import late_pattern

AUTH_WORDS = late_pattern(
    r"\bauth(?:entication|orization|enticated|orized)?\b|unauthori[sz]ed|unauthenticated|\btoken\b|credential|\bbearer\b|\bjwt\b"
    r"|api[ _-]?key|subscription key|invalid_request|invalid_auth|not_authed|login|\bsession\b|signature|missing_scope|account_inactive",
    re.IGNORECASE,
)
"""Words of an answer that speaks of authentication; they count only where the answer is a refusal already."""
_GRAPHQL_CODES = frozenset({"UNAUTHENTICATED", "UNAUTHORIZED"})
_SAYING = ("error", "message", "msg", "error_description", "errorMessage", "errmsg", "error_msg", "detail", "reason")
"""Members in which APIs put the words of a refusal."""
_FLAGS = ("ok", "success", "succeeded", "isSuccess", "is_success")
_CODES = ("code", "status", "statusCode", "status_code", "errorCode", "error_code", "errcode")
_FAILED = frozenset({"error", "fail", "failed", "failure"})
_DATA = ("data", "result", "results", "items", "payload")
_BESIDE_ERRORS = frozenset({"errors", "extensions", "meta", "links", "jsonapi", "messages"})
"""What GraphQL and JSON:API write beside a list of errors, and is no data."""
_SUCCEEDED = frozenset({"ok", "success", "succeeded"})
_REFUSAL = late_pattern(
    r"unauthori[sz]ed|unauthenticated|not[ _](?:logged[ _]in|authenticated|authori[sz]ed)|(?:authentication|login) (?:is )?required",
    re.IGNORECASE,
)
"""All that a `message` may say to be a refusal where no member beside it says that the call failed: more words may be data."""
_ABOUT = frozenset({"timestamp", "time", "path", "requestid", "traceid", "correlationid", "errorid", "id", "type", "title", "instance", "name",
                    "help", "hint", "docs", "documentationurl", "erroruri", "version"})  # fmt: skip
"""Members that speak about an answer and are no data, without their underscores and in small letters."""


def soft_failure(answer: Exchange) -> str:
    """Return what in a 2xx answer says that authentication failed, "" where nothing does."""
    seraph = (answer.header("x-seraph-loginreason") or "").upper()
    if any(word.strip() in ("AUTHENTICATED_FAILED", "OUT") for word in seraph.split(",")):
        return f"X-Seraph-LoginReason is {seraph}"
    try:
        body = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    return _in_errors(body) or _in_members(body) if isinstance(body, dict) else ""


def _in_errors(body: dict[str, Any]) -> str:
    """A list of errors (GraphQL, JSON:API). Their code decides; their words only where no data came along."""
    errors = body.get("errors")
    # a count or a page beside them: a log of what happened to others, and the answer to this request
    alone = not any(value for name, value in body.items() if name not in _BESIDE_ERRORS and not (_no_data(name) and name not in _DATA))
    for error in errors if isinstance(errors, list) else []:
        if not isinstance(error, dict):
            continue
        extensions = error.get("extensions")
        code = extensions.get("code") if isinstance(extensions, dict) else None
        if isinstance(code, str) and code.upper() in _GRAPHQL_CODES:
            return f"an error of the code {code}"
        if alone and (_is_401(error.get("status")) or (code is None and _speaks_of_authentication(error.get("message")))):
            return f"an error with the words {error.get('message') or error.get('title') or error.get('status')}"
    return ""


def _in_members(body: dict[str, Any]) -> str:
    """A flag or code that says the call failed, beside words about authentication and without any data."""
    if any(body.get(name) for name in _DATA):
        return ""
    said = next((v for name in _SAYING if (v := _words(body.get(name)))), "")
    flag = next((name for name in _FLAGS if body.get(name) is False), "")
    if flag and (_speaks_of_authentication(said) or (flag == "ok" and not said and not body.get("error"))):
        return f'"{flag}": false' + (f" with the error {said}" if said else "")
    code = next((name for name in _CODES if _is_401(body.get(name))), "")
    if code and (said or flag):
        return f'"{code}": {body[code]}' + (f" with the words {said}" if said else "")
    if str(body.get("status", "")).lower() in _FAILED and _speaks_of_authentication(said):
        return f'"status": "{body["status"]}" with the words {said}'
    return _in_words_alone(body)


def _in_words_alone(body: dict[str, Any]) -> str:
    """An answer that is nothing but words: an error about authentication, or a sentence that refuses the caller."""
    if not all(_no_data(name) for name in body) or _says_success(body):
        return ""
    for name in _SAYING:
        words = _words(body.get(name))
        if ("err" in name and _speaks_of_authentication(words)) or _REFUSAL.fullmatch(words.strip(" .!")):
            return f'"{name}": "{words}" and no data'
    return ""


def _says_success(body: dict[str, Any]) -> bool:
    """Whether a flag, a code or a status says that the call went well; 0 is the code for that (WeChat, Baidu, Google's RPCs)."""
    inner = body.get("error")
    codes = [body.get(name) for name in _CODES] + ([inner.get("code")] if isinstance(inner, dict) else [])
    flagged = any(body.get(name) is True for name in _FLAGS) or str(body.get("status", "")).lower() in _SUCCEEDED
    return flagged or any(code == 0 and code is not False for code in codes) or "0" in codes


def _no_data(name: str) -> bool:
    known = name in _SAYING or name in _CODES or name in _FLAGS
    return known or name in _DATA or name.replace("_", "").replace("-", "").lower() in _ABOUT


def _words(value: object) -> str:
    """The words of a member: its text, or the message of an object in it."""
    said = value.get("message") if isinstance(value, dict) else value
    return said if isinstance(said, str) else ""


def _is_401(value: object) -> bool:
    return isinstance(value, (int, str)) and str(value) == "401"


def _speaks_of_authentication(said: object) -> bool:
    return isinstance(said, str) and AUTH_WORDS.search(f"{said.replace('_', ' ')} {said}") is not None
