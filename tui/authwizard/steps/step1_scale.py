"""The credential drawn to scale: how long are its scheme word and its parts, and where does a faulty character stand?"""

from __future__ import annotations

from collections.abc import Iterator

from authwizard.model.evidence import CredentialSeen
from authwizard.model.finding import Scale, Span

PARTS = ("header", "payload", "signature")
MOST_FAULTS = 3


def scale_of(credential: CredentialSeen) -> tuple[Scale, ...]:
    """Return the field value part by part, in characters; nothing where it has one part and no character that stands out."""
    begin = len(credential.scheme) + 1 if credential.scheme else 0
    pieces = [*_scheme(credential), *_value(credential, begin)]
    pieces += [("faulty", f"character {p + 1} of the value", Span.point(begin + p + 0.5)) for p in _faulty(credential)]
    if len(pieces) < 2:
        return ()
    rows = tuple((name, length) for name, length, _ in pieces)
    return (Scale(("part", "length"), rows, "The credential, to scale", spans=tuple(span for *_, span in pieces)),)


def _scheme(credential: CredentialSeen) -> Iterator[tuple[str, str, Span]]:
    if credential.scheme:
        size = len(credential.scheme)
        yield credential.scheme, f"{size} characters", Span(0, size)
        yield "separator", "1 blank", Span(size, size + 1)


def _value(credential: CredentialSeen, begin: int) -> Iterator[tuple[str, str, Span]]:
    """The dots between the parts are the gaps between their stretches."""
    parts: tuple[int, ...] = credential.token.parts if credential.token is not None and credential.token.kind == "jws" else ()
    names: tuple[str, ...] = PARTS
    if len(parts) != len(PARTS) or sum(parts) + len(parts) - 1 != credential.length:
        parts, names = (credential.length,), ("value",)
    for name, size in zip(names, parts, strict=True):
        yield name, f"{size} characters", Span(begin, begin + size)
        begin += size + 1


def _faulty(credential: CredentialSeen) -> list[int]:
    inner = credential.token.faults if credential.token is not None else ()
    seen = [f.position for f in (*credential.faults, *inner) if f.position is not None and 0 <= f.position < credential.length]
    return list(dict.fromkeys(seen))[:MOST_FAULTS]
