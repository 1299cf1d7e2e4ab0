"""How much of an answer is read and kept? Bounds on size, decompression and header fields (DESIGN 5.6)."""

from __future__ import annotations

import codecs
import zlib

MAX_READ = 1 << 20
"""Bytes of a body that are read, before and after decompression."""
MAX_KEPT = 64 << 10
"""Characters of a body that are kept in the record."""
MAX_FIELDS = 100
"""Header fields that are kept."""
MAX_FIELD = 8 << 10
"""Characters of one header field value that are kept."""
MAX_IN_FLIGHT = 4
"""Requests to one host at the same time (CHECKS 0)."""

_WBITS = {"gzip": 31, "x-gzip": 31, "deflate": 15}


class BodyReader:
    """Collects a body piece by piece, decompressed, and says when enough was read."""

    def __init__(self, content_encoding: str) -> None:
        self._coding = content_encoding.strip().lower()
        self._inflate = zlib.decompressobj(_WBITS[self._coding]) if self._coding in _WBITS else None
        self._raw = bytearray()
        self._received = 0
        self.cut = (
            "" if self._inflate or self._coding in ("", "identity") else f"The body is coded as {self._coding[:40]!r} and was not decoded."
        )

    @property
    def raw(self) -> bytes:
        """What was read so far, at most MAX_READ bytes."""
        return bytes(self._raw)

    def feed(self, piece: bytes) -> bool:
        """Take a piece as it came; return False where no more is wanted."""
        self._received += len(piece)
        decoded = self._decoded(piece)
        room = MAX_READ - len(self._raw)
        self._raw += decoded[:room]
        if len(decoded) > room or self._received > MAX_READ:
            self.cut = f"More than {MAX_READ >> 20} MiB was sent; reading stopped there."
            return False
        return not self.cut or self._inflate is None

    def _decoded(self, piece: bytes) -> bytes:
        if self._inflate is None:
            return piece
        limit = MAX_READ - len(self._raw) + 1
        try:
            return self._inflate.decompress(piece, limit)
        except zlib.error:
            if self._coding == "deflate" and not self._raw and self._received == len(piece):
                # Some servers send raw deflate without the zlib frame that RFC 9110 8.4.1.2 asks for.
                self._inflate = zlib.decompressobj(-15)
                return self._raw_deflate(piece, limit)
            self.cut = f"The body is not valid {self._coding}; reading stopped there."
            return b""

    def _raw_deflate(self, piece: bytes, limit: int) -> bytes:
        assert self._inflate is not None
        try:
            return self._inflate.decompress(piece, limit)
        except zlib.error:
            self.cut = "The body is not valid deflate; reading stopped there."
            return b""


def decode_body(raw: bytes, content_type: str) -> str:
    """Decode a body by its declared charset where that is a plain one, else as UTF-8; never fails."""
    name = content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \"'")
    return raw.decode(_plain_codec(name), "replace")


def decode_field(raw: bytes) -> str:
    """Decode a header field value: UTF-8 where it is, else Latin-1, so that no byte is lost (RFC 9110 5.5)."""
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _plain_codec(name: str) -> str:
    # Some of Python's codecs are no charsets, or take quadratic time on hostile text (idna, punycode).
    try:
        found = codecs.lookup(name).name if name else "utf-8"
    except (LookupError, ValueError):
        return "utf-8"
    plain = found.startswith(("utf-8", "utf-16", "utf-32", "iso8859", "cp125", "koi8")) or found in (
        "ascii",
        "shift_jis",
        "gbk",
        "gb18030",
        "big5",
        "euc_jp",
        "euc_kr",
    )
    return found if plain else "utf-8"
