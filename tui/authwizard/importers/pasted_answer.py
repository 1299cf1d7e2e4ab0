"""What did somebody paste to have explained: an answer of a server (raw, from curl, from a HAR), or lines of its log?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import field
from typing import Any

from authwizard.importers.raw_http import HEADER_LINE, STATUS_LINE, read_transcript
from authwizard.importers.transcript import ImportedAnswer, Transcript
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.secret import Secret

MAX_READ = 2 * 1024 * 1024
"""Characters of a long text that are looked at."""
_MARK = r"(?:[<>*] ?)?"
_STATUS = late_pattern(rf"^[ \t]*{_MARK}HTTP/\d(?:\.\d)? \d{{3}}", re.MULTILINE)
_TELLING_HEADERS = frozenset(("www-authenticate", "proxy-authenticate", "authentication-info", "x-amzn-errortype", "x-ms-error-code"))
_CREDENTIALS = frozenset(("authorization", "proxy-authorization", "cookie", "x-api-key", "dpop"))
_STATUS_MEMBERS = ("status", "statusCode", "status_code", "code")
_PREFERRED = (401, 407, 403, 400)


@dataclass(frozen=True, repr=False)
class PastedAnswer:
    """An answer, or (`log`) the lines of a server's log. `status` 0 = the text does not tell."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""
    log: str = ""
    sent: tuple[Secret, ...] = ()
    """Credentials of the request beside it: an answer may repeat them, and they must not be shown."""

    def __repr__(self) -> str:
        return f"<PastedAnswer {self.status}>"


def read_pasted(text: str) -> PastedAnswer:
    """Say what a text is; raises ValueError with the reason where nothing can be read."""
    stripped = text.strip().lstrip("\ufeff").strip()
    if not stripped:
        raise ValueError("There is nothing to read.")
    if stripped.count("\0") > len(stripped) // 100:
        raise ValueError("This is no text: it holds bytes that no answer is shown with.")
    if stripped[0] in "{[":
        found = _of_json(stripped)
        if found is not None:
            return found
    return _of_text(_bounded(stripped))


def read_answer_object(value: object) -> PastedAnswer:
    """Read `{"status": 401, "headers": {..} or [[name, value], ..], "body": ".."}`; raises ValueError with the reason."""
    if not isinstance(value, Mapping):
        raise ValueError("This is no JSON object with status, headers and body.")
    status, body = value.get("status", 0), value.get("body")
    if isinstance(status, str) and status.isascii() and status.isdigit():
        status = int(status[:4])
    if not isinstance(status, int) or isinstance(status, bool) or not 0 <= status <= 999:
        raise ValueError("The status is no number between 0 and 999.")
    if not {"status", "headers", "body"} & value.keys():
        raise ValueError("It has none of the members status, headers and body.")
    return PastedAnswer(status, list(_pairs(value.get("headers"))), _body_text(body))


def _pairs(headers: object) -> Iterator[tuple[str, str]]:
    if headers is None:
        return
    if isinstance(headers, Mapping):
        items: list[tuple[object, object]] = [(n, one) for n, v in headers.items() for one in (v if isinstance(v, list) else [v])]
    elif isinstance(headers, list):
        items = [_pair(item) for item in headers]
    else:
        raise ValueError("The headers are neither an object nor a list of pairs.")
    yield from ((str(name), "" if value is None else str(value)) for name, value in items)


def _pair(item: object) -> tuple[object, object]:
    if isinstance(item, Mapping) and "name" in item:
        return item["name"], item.get("value")
    if isinstance(item, list) and len(item) == 2:
        return item[0], item[1]
    raise ValueError("A header is no pair of name and value.")


def _body_text(body: object) -> str:
    if body is None:
        return ""
    return body if isinstance(body, str) else json.dumps(body, ensure_ascii=False)


def _bounded(text: str) -> str:
    """Of a long text the part that counts: an answer stands at its beginning, the newest line of a log at its end."""
    if len(text) <= MAX_READ:
        return text
    return text[:MAX_READ] if _STATUS.search(text, 0, MAX_READ) else text[-MAX_READ:]


def _of_json(text: str) -> PastedAnswer | None:
    """A HAR, one of its entries, an answer as an object, or the body of an answer; None where it is no JSON."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(value, dict):
        return PastedAnswer(0, [], text)
    entries = value["log"].get("entries") if isinstance(value.get("log"), dict) else None
    if isinstance(entries, list):
        return _of_har(entries)
    if isinstance(value.get("response"), dict):
        return _of_entry(value)
    if isinstance(value.get("status"), (int, str)) and ("headers" in value or "body" in value):
        return read_answer_object(value)
    return PastedAnswer(_status_in(value), [], text)


def _status_in(value: Mapping[str, Any]) -> int:
    """The status a body repeats, 0 where it repeats none."""
    found = [value.get(name) for name in _STATUS_MEMBERS]
    return next((s for s in found if isinstance(s, int) and not isinstance(s, bool) and 400 <= s <= 599), 0)


def _of_har(entries: list[Any]) -> PastedAnswer:
    answered = [e for e in entries if isinstance(e, dict) and isinstance(e.get("response"), dict)]
    if not answered:
        raise ValueError("This HAR holds no answer.")
    return _of_entry(max(enumerate(answered), key=lambda pair: (_telling(pair[1]), pair[0]))[1])


def _telling(entry: Mapping[str, Any]) -> int:
    """How much an entry's answer speaks of authentication: 401 first, then the other refusals, then any failure."""
    status = entry["response"].get("status")
    if status in _PREFERRED:
        return len(_PREFERRED) - _PREFERRED.index(status) + 2
    return 2 if isinstance(status, int) and status >= 400 else 1 if isinstance(status, int) and status > 0 else 0


def _of_entry(entry: Mapping[str, Any]) -> PastedAnswer:
    response = entry["response"]
    content = response.get("content")
    body = content.get("text") if isinstance(content, dict) else ""
    if isinstance(content, dict) and content.get("encoding") == "base64":
        body = _from_base64(str(body or ""))
    answer = read_answer_object({"status": response.get("status") or 0, "headers": response.get("headers"), "body": body})
    request = entry.get("request")
    sent = _pairs(request.get("headers")) if isinstance(request, dict) else iter(())
    return PastedAnswer(answer.status, answer.headers, answer.body, sent=_credentials(list(sent)))


def _from_base64(text: str) -> str:
    import base64
    import binascii

    try:
        return base64.b64decode(text, validate=True).decode("utf-8", "replace")
    except (binascii.Error, ValueError):
        return text


def _credentials(headers: list[tuple[str, str]]) -> tuple[Secret, ...]:
    values = [value.strip() for name, value in headers if name.lower() in _CREDENTIALS and value.strip()]
    parts = [part for value in values for part in (value, value.partition(" ")[2].strip()) if len(part) >= 8]
    return tuple(Secret(part) for part in dict.fromkeys(parts))


def _of_text(text: str) -> PastedAnswer:
    if _STATUS.search(text):
        return _of_transcript(text)
    if text.startswith("<"):
        return PastedAnswer(0, [], text)
    lines = [line for line in text.splitlines() if line.strip()]
    headers = [(m[1], m[2]) for line in lines[:200] if (m := HEADER_LINE.match(re.sub(rf"^{_MARK}", "", line)))]
    if len(headers) == len(lines) and any(name.lower() in _TELLING_HEADERS for name, _ in headers):
        return PastedAnswer(0, headers)
    return PastedAnswer(log=text)


def _of_transcript(text: str) -> PastedAnswer:
    try:
        seen = read_transcript(text)
    except ValueError:
        seen = Transcript(None, None)
    answer = seen.answer or _first_line(text)
    if answer is None:
        raise ValueError("This text begins like an answer, but its status line cannot be read.")
    sent = _credentials(seen.request.headers) if seen.request is not None else ()
    return PastedAnswer(answer.status, answer.headers, answer.body, sent=sent)


def _first_line(text: str) -> ImportedAnswer | None:
    """A lone line of `curl -v` (`< HTTP/1.1 401`), which is no transcript yet."""
    lines = (re.sub(rf"^[ \t]*{_MARK}", "", line).strip() for line in text.splitlines())
    return next((ImportedAnswer(int(m[1])) for line in lines if (m := STATUS_LINE.match(line))), None)
