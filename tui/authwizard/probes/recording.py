"""What is kept of a request and its answer? Everything is redacted and neutralised here, when it is recorded."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from authwizard.model.exchange import Exchange, TransportFault
from authwizard.model.frozen import dataclass
from authwizard.probe import Request
from authwizard.probes.limits import MAX_FIELD, MAX_FIELDS, MAX_KEPT, BodyReader, decode_body, decode_field
from authwizard.probes.wire import Wire
from authwizard.protocol.clean import safe, safe_line
from authwizard.protocol.redaction import Redactor

_MARGIN = 32 << 10
"""Characters at the end of a cut text that may be the first part of a secret, and are left out."""

Fields = Iterable[tuple[bytes, bytes]]


@dataclass(frozen=True)
class Received:
    """The answer's status line, fields and body."""

    status: int
    http_version: str
    fields: Fields
    body: BodyReader


class Recorder:
    """Turns raw requests and answers into Exchanges, with the secrets of this run masked."""

    def __init__(self, redactor: Redactor) -> None:
        self._redactor = redactor

    def exchange(self, request: Request, url: str, sent: Fields, wire: Wire, outcome: Received | TransportFault) -> Exchange:
        """Record one request with its answer, or with the reason why none came. `url` is the address as it was sent."""
        unanswered = Exchange(
            id=request.id,
            purpose=request.purpose,
            cost=str(request.cost),
            target=request.target,
            method=request.method,
            url=safe_line(self._redactor.redact_url(url), MAX_FIELD),
            request_headers=self._fields(sent, request=True),
            header_bytes=sum(len(name) + len(value) + 4 for name, value in sent),
            peer=wire.peer,
            sent_at=wire.sent_at,
            timing_ms=wire.timing_ms(),
            tls={name: self._line(value) for name, value in wire.tls.items()},
        )
        if isinstance(outcome, TransportFault):
            return replace(unanswered, fault=TransportFault(outcome.layer, self._line(outcome.text)))
        text, cut = self._body(outcome)
        return replace(
            unanswered,
            status=outcome.status,
            http_version=safe_line(outcome.http_version, 16),
            response_headers=self._fields(outcome.fields, request=False),
            body=text,
            body_bytes=len(outcome.body.raw),
            body_cut=self._line(cut),
            received_at=wire.received_at,
        )

    def _fields(self, fields: Fields, *, request: bool) -> tuple[tuple[str, str], ...]:
        pairs = [(decode_field(name), decode_field(value)) for name, value in fields][:MAX_FIELDS]
        redacted = self._redactor.redact_headers(pairs, request=request)
        return tuple((safe_line(name, 256), safe_line(value, MAX_FIELD)) for name, value in redacted)

    def _body(self, received: Received) -> tuple[str, str]:
        """Return the text that is kept and why it is not the whole body."""
        content_type = next((decode_field(v) for n, v in received.fields if n.lower() == b"content-type"), "")
        text = decode_body(received.body.raw, content_type)
        looked_at = text[: MAX_KEPT + 2 * _MARGIN]
        incomplete = len(looked_at) < len(text) or bool(received.body.cut)
        redacted = self._redactor.redact(looked_at)
        if incomplete:
            redacted = redacted[:-_MARGIN] if len(looked_at) > 2 * _MARGIN else self._without_token_start(redacted)
        cut = received.body.cut
        if len(redacted) > MAX_KEPT or (incomplete and not cut):
            cut = cut or f"The first {MAX_KEPT >> 10} KiB of {len(received.body.raw)} bytes are kept."
        return safe(redacted[:MAX_KEPT]), cut

    def _without_token_start(self, text: str) -> str:
        """Leave out the last word of a text that broke off where it is long: it may be the first part of a secret."""
        end = max(text.rfind(sign) for sign in " \n\t\"'=:,;<>&")
        return text if len(text) - end - 1 < 6 else text[: end + 1] + "…"

    def _line(self, text: str) -> str:
        return safe_line(self._redactor.redact(text), 400)
