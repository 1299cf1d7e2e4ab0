"""What servers and the things in front of them do to an answer: framing, headers, bodies, statuses. Each takes an answer and returns one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable

from e2e.rig.wire import Answer, Asked, Fields
from e2e.rig.world import Rig

Quirk = Callable[[Answer], Answer]
REFUSED = (401, 403)
CHALLENGE = "www-authenticate"


def install(rig: Rig, quirk: Quirk) -> None:
    """Have every answer of the API pass through a quirk."""
    inner = rig.api.answer

    def answer(asked: Asked) -> Answer:
        whole = inner(asked)
        return quirk(Answer(whole.status, list(whole.fields), whole.body))

    rig.api.server.handler = answer


def _without(answer: Answer, *names: str) -> Fields:
    return [(k, v) for k, v in answer.fields if k.lower() not in names]


def _raw(answer: Answer, fields: Fields, body: bytes, version: str = "HTTP/1.1", before: bytes = b"") -> Answer:
    head = "".join(f"{k}: {v}\r\n" for k, v in fields)
    return Answer(answer.status, raw=before + f"{version} {answer.status} -\r\n{head}\r\n".encode("latin-1") + body)


def _with_page(answer: Answer, page: str, *fields: tuple[str, str]) -> Answer:
    if answer.status not in REFUSED:
        return answer
    return Answer(answer.status, [*_without(answer, "content-type"), ("Content-Type", "text/html; charset=utf-8"), *fields], page.encode())


# ── framing (RFC 9112) ───────────────────────────────────────────────────────────────────────────────────────────────


def chunked(answer: Answer) -> Answer:
    """Small chunks with extensions, and a trailer."""
    pieces = [answer.body[i : i + 7] for i in range(0, len(answer.body), 7)]
    body = b"".join(b"%x;x=1\r\n%s\r\n" % (len(p), p) for p in pieces) + b"0\r\nX-Trailer: 1\r\n\r\n"
    return _raw(answer, [*answer.fields, ("Transfer-Encoding", "chunked")], body)


def http_1_0(answer: Answer) -> Answer:
    """HTTP/1.0, no length: the end of the connection is the end of the body."""
    return _raw(answer, answer.fields, answer.body, "HTTP/1.0")


def folded(answer: Answer) -> Answer:
    """A challenge over several lines (obs-fold)."""
    fields = [(k, v.replace(", ", ",\r\n  ") if k.lower() == CHALLENGE else v) for k, v in answer.fields]
    return _raw(answer, [*fields, ("Content-Length", str(len(answer.body)))], answer.body)


def early_hints(answer: Answer) -> Answer:
    """An interim answer first (RFC 8297)."""
    before = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"
    return _raw(answer, [*answer.fields, ("Content-Length", str(len(answer.body)))], answer.body, before=before)


def no_date(answer: Answer) -> Answer:
    """A server without a clock sends no Date (RFC 9110 6.6.1)."""
    return _raw(answer, [*answer.fields, ("Content-Length", str(len(answer.body)))], answer.body)


def gzipped(answer: Answer) -> Answer:
    """A compressed body, whatever was asked for."""
    return Answer(answer.status, [*answer.fields, ("Content-Encoding", "gzip")], gzip.compress(answer.body))


# ── headers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


def several_challenges(answer: Answer) -> Answer:
    """Windows authentication is offered beside Bearer, each in a field of its own."""
    offered = [("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "NTLM"), ("WWW-Authenticate", 'Bearer realm="api"')]
    return Answer(answer.status, [*(offered if answer.status == 401 else []), *answer.fields], answer.body)


def one_field_two_challenges(answer: Answer) -> Answer:
    """Basic and Bearer in one field."""
    both = [("WWW-Authenticate", 'Basic realm="api", Bearer realm="api"')] if answer.status == 401 else []
    return Answer(answer.status, [*both, *_without(answer, CHALLENGE)], answer.body)


def remapped(answer: Answer) -> Answer:
    """API Gateway renames the challenge."""
    fields = [("x-amzn-Remapped-WWW-Authenticate" if k.lower() == CHALLENGE else k, v) for k, v in answer.fields]
    return Answer(answer.status, fields, answer.body)


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def tomcat_page(answer: Answer) -> Answer:
    """The page of a servlet container instead of the application's words."""
    text = "The request has not been applied to the target resource because it lacks valid authentication credentials for that resource."
    return _with_page(answer, f"<html><head><title>HTTP Status 401 – Unauthorized</title></head><body><p>{text}</p></body></html>")


def iis_page(answer: Answer) -> Answer:
    """The page of IIS."""
    title = "401 - Unauthorized: Access is denied due to invalid credentials."
    return _with_page(
        answer, f"<html><head><title>{title}</title></head><body><h2>{title}</h2></body></html>", ("Server", "Microsoft-IIS/10.0")
    )


def empty(answer: Answer) -> Answer:
    """No body at all."""
    return Answer(answer.status, _without(answer, "content-type"), b"") if answer.status in REFUSED else answer


def utf_16(answer: Answer) -> Answer:
    """JSON in UTF-16."""
    fields = [*_without(answer, "content-type"), ("Content-Type", "application/json; charset=utf-16")]
    return Answer(answer.status, fields, answer.body.decode().encode("utf-16"))


def marked_utf_8(answer: Answer) -> Answer:
    """JSON after a byte order mark."""
    return Answer(answer.status, answer.fields, b"\xef\xbb\xbf" + answer.body)


def problem_details(answer: Answer) -> Answer:
    """RFC 9457, with nothing but the status in words."""
    if answer.status not in REFUSED:
        return answer
    document = {
        "type": "about:blank",
        "title": "Unauthorized",
        "status": answer.status,
        "traceId": "00-84c1fd4063c38d9f3900d06e56542d48-01",
    }
    fields = [*_without(answer, "content-type"), ("Content-Type", "application/problem+json")]
    return Answer(answer.status, fields, json.dumps(document).encode())


def german(answer: Answer) -> Answer:
    """Words in another language."""
    if answer.status not in REFUSED:
        return answer
    said = '{"fehler": "Zugriff verweigert", "meldung": "Die Anmeldung ist ungültig oder abgelaufen."}'
    return Answer(answer.status, [*_without(answer, "content-type", CHALLENGE), ("Content-Type", "application/json")], said.encode())


def everything_expired(answer: Answer) -> Answer:
    """A server that calls every refusal an expired session."""
    if answer.status != 401:
        return answer
    return Answer(401, _without(answer, CHALLENGE), b'{"error": "unauthorized", "message": "Session expired, please login again"}')


# ── statuses ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def soft(answer: Answer) -> Answer:
    """200 with an error inside, as Slack does."""
    return Answer(200, _without(answer, CHALLENGE), b'{"ok": false, "error": "invalid_auth"}') if answer.status == 401 else answer


def graphql(answer: Answer) -> Answer:
    """200 with an error inside, as GraphQL servers do."""
    said = b'{"errors": [{"message": "Not authorized", "extensions": {"code": "UNAUTHENTICATED"}}], "data": null}'
    return Answer(200, _without(answer, CHALLENGE), said) if answer.status == 401 else answer


def always_403(answer: Answer) -> Answer:
    """403 whatever the reason."""
    return Answer(403, _without(answer, CHALLENGE), answer.body) if answer.status == 401 else answer


def always_400(answer: Answer) -> Answer:
    """400 whatever the reason."""
    return Answer(400, _without(answer, CHALLENGE), answer.body) if answer.status == 401 else answer


QUIRKS: tuple[Quirk, ...] = (
    chunked, http_1_0, folded, early_hints, no_date, gzipped, several_challenges, one_field_two_challenges, remapped, tomcat_page, iis_page,
    empty, utf_16, marked_utf_8, problem_details, german, everything_expired, soft, graphql, always_403, always_400,
)  # fmt: skip
