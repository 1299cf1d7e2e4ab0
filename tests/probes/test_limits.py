from __future__ import annotations

import gzip
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.probes.limits import MAX_READ, BodyReader, decode_body, decode_field


def test_a_bomb_is_never_blown_up_in_memory() -> None:
    bomb = gzip.compress(b"\0" * 300_000_000, 1)[:900_000]
    reader = BodyReader("gzip")
    tracemalloc.start()
    try:
        more = reader.feed(bomb)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert not more
    assert len(reader.raw) == MAX_READ
    assert peak < 8 * MAX_READ


def test_a_coding_that_yields_nothing_ends_too() -> None:
    reader = BodyReader("gzip")
    empty = gzip.compress(b"")
    turns = 0
    while reader.feed(empty * 100):
        turns += 1
        assert turns < MAX_READ
    assert "MiB" in reader.cut


@given(st.lists(st.binary(max_size=300), max_size=20), st.sampled_from(["", "gzip", "deflate", "br", "x-gzip", "gzip, gzip"]))
def test_any_pieces_are_taken(pieces: list[bytes], coding: str) -> None:
    reader = BodyReader(coding)
    for piece in pieces:
        if not reader.feed(piece):
            break
    assert len(reader.raw) <= MAX_READ


@pytest.mark.parametrize(
    ("raw", "content_type", "text"),
    [
        ("ä".encode(), "text/plain", "ä"),
        ("ä".encode("latin-1"), "text/plain; charset=iso-8859-1", "ä"),
        ("ä".encode("utf-16"), 'text/plain; charset="UTF-16"', "ä"),
        (b"abc", "text/plain; charset=idna", "abc"),
        (b"abc", "text/plain; charset=punycode", "abc"),
        (b"abc", "text/plain; charset=base64", "abc"),
        (b"abc", "text/plain; charset=no-such", "abc"),
        (b"abc", "text/plain; charset=\0", "abc"),
        (b"\xff", "", "\ufffd"),
    ],
)
def test_charsets(raw: bytes, content_type: str, text: str) -> None:
    assert decode_body(raw, content_type) == text


@given(st.binary(max_size=50), st.text(max_size=20))
def test_decoding_never_fails(raw: bytes, charset: str) -> None:
    decode_body(raw, f"text/plain; charset={charset}")
    assert decode_field(raw) in (raw.decode("utf-8", "replace"), raw.decode("latin-1"))
