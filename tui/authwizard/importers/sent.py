"""What did the user's own program send? Reads the texts that `--sent` takes, and what a capture caught."""

from __future__ import annotations

from authwizard.importers.client_dump import looks_like_dump, read_dump
from authwizard.importers.curl import is_curl, parse_curl
from authwizard.importers.debug_log import looks_like_log, read_log
from authwizard.importers.har import looks_like_har, read_har
from authwizard.importers.raw_http import is_masked, read_transcript
from authwizard.importers.terminal import command_and_output
from authwizard.importers.transcript import Transcript
from authwizard.model.evidence import Reported, SentHop
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.protocol.clean import safe, safe_line
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.redaction import Redactor

MAX_FIELDS = 200


def read_sent(text: str, install_key: bytes | None = None, own: frozenset[str] = frozenset()) -> Reported:
    """Read what the user's program sent: a curl command, `curl -v` text, a HAR file, a raw request, a Python program's
    debug log, an OkHttp log or a .NET request dump.

    Args:
        text: What the user gives.
        install_key: The key of this installation's fingerprints, where there is one.
        own: Origins of the profile: in a text with several requests those come first.

    Raises:
        ValueError: Nothing of this kind is in it; the reason is one sentence without the text.
    """
    stripped = text.strip().lstrip("\ufeff").strip()
    transcript = _transcript(stripped, own)
    if transcript.request is None:
        raise ValueError("This text shows an answer but not the request your program sent; give the curl -v text or a curl command.")
    return reported_of(transcript, transcript.source, install_key)


def _transcript(text: str, own: frozenset[str]) -> Transcript:
    if is_curl(text):
        return command_and_output(text) or Transcript(parse_curl(text), None, source="a curl command")
    if looks_like_har(text):
        return read_har(text, own)
    return read_logged(text) or read_transcript(text)


def read_logged(text: str) -> Transcript | None:
    """Return what the log of a program's HTTP library shows, None where the text is none; raises ValueError where it shows no request."""
    if looks_like_log(text):
        return read_log(text)
    return read_dump(text) if looks_like_dump(text) else None


def reported_of(seen: Transcript, source: str, install_key: bytes | None) -> Reported:
    """Return what a transcript shows of the user's program: names, scheme and fingerprint in clear, values as secrets."""
    request = seen.request
    if request is None:
        return Reported(answer=exchange_of(seen), source=source)
    value = request.header("Authorization")
    scheme, _, rest = (value or "").partition(" ")
    fields = request.headers[:MAX_FIELDS]
    return Reported(
        request.method,
        Redactor().redact_url(request.url),
        tuple(safe_line(n) for n, _ in fields),
        None if value is None else (safe_line(scheme) if rest else ""),
        "" if value is None or is_masked(value) else fingerprint(rest or scheme, install_key),
        (value is not None and is_masked(value)) or (value is None and seen.sanitised) or not seen.fields_known,
        exchange_of(seen) if seen.answer is not None else None,
        source,
        address=Secret(request.url),
        fields=tuple((safe_line(n), Secret(v)) for n, v in fields),
        fields_known=seen.fields_known,
        sanitised=seen.sanitised,
        masked_names=tuple(safe_line(n) for n, v in fields if is_masked(v)),
        body_bytes=len(request.body) if request.body is not None else None,
        hops=tuple(SentHop(Secret(r.url), r.header("Authorization") is not None) for r in seen.earlier),
    )


def exchange_of(seen: Transcript) -> Exchange:
    """Return a pasted answer as an exchange, redacted and neutralised like one that was asked for."""
    redactor = Redactor()
    answer = seen.answer
    assert answer is not None
    headers = tuple((safe_line(n), safe_line(redactor.redact(v))) for n, v in redactor.redact_headers(answer.headers, request=False))
    request = seen.request
    return Exchange(
        "P0", "the answer you pasted", Cost.C0, "other", request.method if request else "GET",
        redactor.redact_url(request.url) if request else "", (), answer.status, headers, safe(redactor.redact(answer.body))[:65536],
        len(answer.body.encode("utf-8", "replace")),
    )  # fmt: skip
