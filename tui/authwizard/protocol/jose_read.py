"""What does a token say, and which part of it is broken? Reads anything, verifies nothing, never raises (S1-09 to S1-13)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from authwizard.model.token import TokenFault, TokenKind, TokenSeen
from authwizard.protocol.clean import safe_json, safe_line
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.jose_class import class_faults
from authwizard.protocol.jose_kind import kind_faults, kind_of, missing_head
from authwizard.protocol.jose_shape import KNOWN_ALGORITHMS, alphabet_faults, head_faults, part_faults, signature_faults
from authwizard.protocol.jose_text import Base64Seen, JsonSeen, read_base64url, read_json
from authwizard.protocol.placeholder import placeholder_of
from authwizard.protocol.scheme import without_scheme
from authwizard.protocol.token_wrap import peel

MAX_LENGTH = 1_048_576
"""Characters that are read; every server refuses far shorter header fields."""


def inspect_token(text: str) -> TokenSeen:
    """Read a token leniently: its kind, header, claims, and everything wrong with its text; never raises, never verifies.

    A scheme word in front is passed over. Where something is stored around the token (quotes, a whole response), that is
    a fault and the token inside is read. Positions count characters of `text`, from 0; inside a mended text there are none.
    """
    if len(text) > MAX_LENGTH:
        fault = TokenFault("token_malformed", f"The value is {len(text)} characters long; no server takes that.", "value")
        return TokenSeen("opaque", len(text), faults=(fault,))
    template = placeholder_of(text)
    if template:
        return TokenSeen("opaque", len(text), faults=(TokenFault("placeholder_value", f"The value is {template}.", "value"),))
    value = without_scheme(text)
    offset = len(text) - len(value)
    layers = peel(value)
    token = next((layer.inner for layer in reversed(layers) if layer.inner is not None), value)
    outer = tuple(
        TokenFault(layer.cause, layer.text, "value", layer.position + offset if layer.position is not None and index == 0 else None)
        for index, layer in enumerate(layers)
    )
    seen = _read(token, offset)
    inner = tuple(TokenFault(f.cause, f.text, f.part, None) for f in seen.faults) if layers else seen.faults
    folded = any(fault.cause == "token_case_folded" for fault in outer)
    return TokenSeen(
        seen.kind, len(text), seen.header, seen.claims, outer if folded else outer + inner, seen.parts, seen.signature_bytes,
        seen.duplicates, fingerprint(value, None),
    )  # fmt: skip


@dataclass
class _Reading:
    kind: TokenKind
    header: Mapping[str, Any] = field(default_factory=dict)
    claims: Mapping[str, Any] = field(default_factory=dict)
    faults: tuple[TokenFault, ...] = ()
    parts: tuple[int, ...] = ()
    signature_bytes: int | None = None
    duplicates: tuple[str, ...] = ()


def _read(token: str, offset: int) -> _Reading:
    kind = kind_of(token)
    if kind == "jws_json":
        return _read_jws_json(token)
    if kind not in ("jws", "jwe"):
        return _Reading(kind, faults=kind_faults(kind, token))
    if kind == "jwe" and token.lstrip().startswith("{"):
        return _Reading(kind)
    return _read_compact(kind, token, offset)


def _read_compact(kind: TokenKind, token: str, offset: int) -> _Reading:
    parts = token.split(".")
    missing = missing_head(token)
    seen = [read_base64url(missing + parts[0]), *map(read_base64url, parts[1:])]
    header = read_json(seen[0].data)
    payload = read_json(seen[1].data) if kind == "jws" and len(parts) > 1 else JsonSeen()
    shown_header, shown_claims = _object(header), _object(payload)
    damage = (*head_faults(token, missing), *part_faults(parts, shown_header, kind == "jwe"))
    cut = frozenset(
        "header" if fault.part == "header" else _names(kind)[min(len(parts), 5) - 1] for fault in damage if fault.part != "value"
    )
    signature = seen[2] if kind == "jws" and len(parts) == 3 else None
    sizes = tuple(signature_faults(signature, parts[2], str(shown_header.get("alg", "")), len(token))) if signature else ()
    faults = (
        *damage,
        *sizes,
        *(fault for fault in _alphabet(kind, parts, seen, offset) if fault.part not in cut and not (sizes and fault.part == "signature")),
        *(fault for fault in _json_faults(kind, header, payload, shown_header, len(parts)) if fault.part not in cut),
        *_algorithm_faults(kind, shown_header),
        *class_faults(shown_header, shown_claims),
    )
    return _Reading(
        kind,
        shown_header,
        shown_claims,
        _once(faults),
        tuple(map(len, parts)),
        len(signature.data) if signature else None,
        tuple(safe_line(name) for name in (*header.duplicates, *payload.duplicates)),
    )


def _names(kind: TokenKind) -> tuple[str, ...]:
    return ("header", "payload", "signature", "value", "value") if kind == "jws" else ("header", "value", "value", "value", "signature")


def _object(seen: JsonSeen) -> dict[str, Any]:
    value = safe_json(seen.value)
    return value if isinstance(value, dict) else {}


def _alphabet(kind: TokenKind, parts: list[str], seen: list[Base64Seen], offset: int) -> Iterator[TokenFault]:
    place = offset
    for name, part, data in zip(_names(kind), parts, seen, strict=False):
        if part != "SIGNATURE_REMOVED_BY_GOOGLE":
            yield from alphabet_faults(name, data, place)
        place += len(part) + 1


def _json_faults(kind: TokenKind, header: JsonSeen, payload: JsonSeen, shown: Mapping[str, Any], count: int) -> Iterator[TokenFault]:
    if header.problem or not isinstance(header.value, dict):
        yield TokenFault("token_malformed", f"The header {header.problem or 'is not a JSON object'}.", "header")
    elif "alg" not in header.value:
        yield TokenFault("token_malformed", "The header names no algorithm (`alg`).", "header")
    elif not isinstance(header.value.get("kid", ""), str):
        yield TokenFault("token_malformed", "The key id (`kid`) in the header is not text.", "header")
    if kind != "jws" or count < 2 or shown.get("b64") is False:
        return
    nested = str(shown.get("cty", "")).upper() == "JWT"
    if payload.empty:
        yield TokenFault("token_malformed", "The payload is empty: it was detached, or left out.", "payload")
    elif payload.problem and not nested:
        packed = "; it is compressed, which no JWT library expects" if shown.get("zip") else ""
        yield TokenFault("token_malformed", f"The payload {payload.problem}{packed}.", "payload")
    elif not isinstance(payload.value, dict) and not nested:
        yield TokenFault("token_malformed", "The payload is JSON but not an object, so it holds no claims.", "payload")


def _algorithm_faults(kind: TokenKind, header: Mapping[str, Any]) -> Iterator[TokenFault]:
    algorithm = header.get("alg")
    if kind != "jws" or algorithm is None:
        return
    if not isinstance(algorithm, str):
        yield TokenFault("token_malformed", "The algorithm (`alg`) in the header is not text.", "header")
    elif algorithm.lower() == "none":
        yield TokenFault("alg_none_or_unsupported", "The token is not signed (`alg` is none); no API may accept it.", "header")
    elif algorithm not in KNOWN_ALGORITHMS:
        known = next((name for name in KNOWN_ALGORITHMS if name.lower() == algorithm.lower()), "")
        hint = f"; names are case-sensitive, {known} is meant" if known else ""
        text = f"The algorithm “{safe_line(algorithm, 40)}” is not one of JOSE's{hint}."
        yield TokenFault("alg_none_or_unsupported", text, "header")


def _read_jws_json(token: str) -> _Reading:
    members = read_json(token.encode("utf-8", "replace"))
    value = members.value if isinstance(members.value, dict) else {}
    signatures = value.get("signatures") if isinstance(value.get("signatures"), list) else [value]
    first = signatures[0] if signatures and isinstance(signatures[0], dict) else {}
    protected, payload = (
        read_json(read_base64url(str(source.get(name, ""))).data) for source, name in ((first, "protected"), (value, "payload"))
    )
    text = "The token is in the JSON form of JWS; APIs take the compact form."
    fault = TokenFault("token_malformed", text, "value")
    return _Reading("jws_json", _object(protected), _object(payload), (fault,), duplicates=tuple(map(safe_line, members.duplicates)))


def _once(faults: tuple[TokenFault, ...]) -> tuple[TokenFault, ...]:
    """Keep the first fault of each cause and part: one damage shows in several rules."""
    kept: dict[tuple[str, str], TokenFault] = {}
    for fault in faults:
        kept.setdefault((fault.cause, fault.part), fault)
    return tuple(kept.values())
