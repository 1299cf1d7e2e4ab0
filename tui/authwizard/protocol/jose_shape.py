"""Do a compact token's parts add up: their number, their alphabet, the signature's size for its algorithm? (S1-10, S1-11)"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from authwizard.model.token import TokenFault
from authwizard.protocol.jose_text import Base64Seen

RSA_BYTES = tuple(range(128, 2049, 64))
"""Signature sizes of RSA keys of 1024 to 16384 bits."""
_USUAL_RSA_BYTES = (256, 384, 512, 1024, 2048)
FIXED_BYTES: Mapping[str, tuple[int, ...]] = {
    "HS256": (32,), "HS384": (48,), "HS512": (64,), "ES256": (64,), "ES256K": (64,), "ES384": (96,), "ES512": (132,),
    "EdDSA": (64, 114), "Ed25519": (64,), "Ed448": (114,), "ML-DSA-44": (2420,), "ML-DSA-65": (3309,), "ML-DSA-87": (4627,),
}  # fmt: skip
"""Signature sizes in bytes by algorithm (RFC 7518 3, RFC 8037 3.1, RFC 8812, ML-DSA)."""
KNOWN_ALGORITHMS = frozenset((*FIXED_BYTES, "RS256", "RS384", "RS512", "PS256", "PS384", "PS512"))

_LIMITS = frozenset((255, 256, 511, 512, 1000, 1023, 1024, 2000, 2047, 2048, 4000, 4095, 4096, 8190, 8191, 8192))
REMOVED_BY_GOOGLE = "SIGNATURE_REMOVED_BY_GOOGLE"


def sizes_of(algorithm: str) -> tuple[int, ...]:
    """Return the sizes in bytes a signature of this algorithm can have; empty where the algorithm is not known."""
    return RSA_BYTES if algorithm[:2] in ("RS", "PS") and algorithm in KNOWN_ALGORITHMS else FIXED_BYTES.get(algorithm, ())


def head_faults(text: str, missing: str) -> Iterator[TokenFault]:
    """Name a cut head (`missing` is what `missing_head` found), or characters in front of it."""
    if text.startswith("."):
        yield TokenFault("token_truncated", "The beginning is cut off: the header is missing.", "header", 0)
    elif missing:
        words = f"The beginning is cut off: {_count(len(missing))} missing in front of the header."
        yield TokenFault("token_truncated", words, "header", 0)
    elif "eyJ" in text[1:4]:
        before = text[:4].index("eyJ")
        yield TokenFault("token_malformed", f"{_count(before).capitalize()} standing in front of the token.", "header", 0)


def part_faults(parts: list[str], header: Mapping[str, Any], encrypted: bool) -> Iterator[TokenFault]:
    """Name a wrong number of parts: a JWS has three, a JWE five (RFC 7515 7.1, RFC 7516 7.1)."""
    wanted, got = (5 if encrypted else 3), len(parts)
    at_limit = _limit_words(sum(map(len, parts)) + got - 1)
    if got < wanted:
        named = "only the header is there" if got == 1 else f"only {got} of {wanted} parts are there"
        yield TokenFault("token_truncated", f"The end is cut off: {named}{at_limit}.", "signature")
    elif got > wanted:
        yield TokenFault("token_malformed", f"The token has {got} parts where {wanted} belong, and its header names no `enc`.", "value")
    elif not encrypted and not parts[2] and str(header.get("alg", "")).lower() != "none":
        yield TokenFault("token_truncated", f"The end is cut off: the signature is empty{at_limit}.", "signature")


def alphabet_faults(part: str, seen: Base64Seen, offset: int) -> Iterator[TokenFault]:
    """Name what a strict base64url decoder refuses in one part; `offset` is the part's place in the token."""
    if seen.bad_at is not None:
        text = f"The {part} holds a character that base64url does not have (character {seen.bad_at + 1} of this part)."
        yield TokenFault("token_malformed", text, part, offset + seen.bad_at)
    elif seen.odd_length:
        cause = "token_truncated" if part == "signature" else "token_malformed"
        yield TokenFault(cause, f"The {part} has a length base64url cannot have: at least one character is missing.", part)
    elif seen.stray_bits:
        text = f"The last character of the {part} carries bits no encoder writes: it was changed or cut."
        yield TokenFault("token_malformed", text, part)


def signature_faults(signature: Base64Seen, text: str, algorithm: str, length: int) -> Iterator[TokenFault]:
    """Compare the signature's size with its algorithm; `length` is that of the whole token, for the usual limits."""
    sizes = sizes_of(algorithm)
    size = len(signature.data)
    if text == REMOVED_BY_GOOGLE:
        words = "A Google front end removed the signature; nobody behind it can verify this token."
        yield TokenFault("authorization_replaced", words, "signature")
    elif sizes and text and size not in sizes:
        larger = next((full for full in (_USUAL_RSA_BYTES if sizes is RSA_BYTES else sizes) if full > size), None)
        if larger is not None:
            words = f"The signature has {size} of {_sizes(sizes, larger)} bytes: the end is cut off{_limit_words(length)}."
            yield TokenFault("token_truncated", words, "signature")
        else:
            der = signature.data[:1] == b"\x30" and algorithm.startswith("ES")
            why = "; it is in DER form, JOSE wants both numbers side by side" if der else ""
            words = f"The signature has {size} bytes; {algorithm} makes {_sizes(sizes, sizes[-1])}{why}."
            yield TokenFault("signature_length_wrong", words, "signature")


def _sizes(sizes: tuple[int, ...], nearest: int) -> str:
    return str(nearest) if sizes is RSA_BYTES else " or ".join(map(str, sizes))


def _limit_words(length: int) -> str:
    return f" (the value is {length} characters long, a usual limit of columns and buffers)" if length in _LIMITS else ""


def _count(number: int) -> str:
    return "one character is" if number == 1 else f"{number} characters are"
