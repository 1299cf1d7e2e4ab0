"""What is cut is put together as it was, or not at all."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from authwizard.store import chunks

LONG = st.builds(lambda piece, times: piece * times, st.text(min_size=1, max_size=40), st.integers(1, 120))


@given(LONG | st.text())
def test_any_text_survives_cutting(text: str) -> None:
    parts = chunks.split(text)
    header = chunks.header_of(text, len(parts), 3)
    assert all(chunks.units(part) <= chunks.PART_UNITS for part in parts)
    assert all(len(part.encode("utf-16-le", "surrogatepass")) == 2 * chunks.units(part) for part in parts)
    assert chunks.join(header, list(parts)) == text
    assert chunks.read_header(str(header)) == header


@given(LONG, st.data())
def test_a_missing_or_changed_part_is_noticed(text: str, data: st.DataObject) -> None:
    parts: list[str | None] = list(chunks.split(text))
    header = chunks.header_of(text, len(parts), 1)
    number = data.draw(st.integers(0, len(parts) - 1))
    for wrong in (None, (parts[number] or "") + "x", ""):
        if wrong != parts[number]:
            assert chunks.join(header, [*parts[:number], wrong, *parts[number + 1 :]]) is None


@given(st.text())
def test_a_header_is_told_from_a_secret(text: str) -> None:
    assert chunks.read_header(text) is None
    assert not chunks.must_split(text, None)


def test_a_secret_that_looks_like_a_header_is_stored_in_parts() -> None:
    assert chunks.must_split(f"c1.1.2.{'0' * 64}", None)
    assert chunks.read_header(f"c1.1.2.{'0' * 64}\n") is None


def test_length_counts_as_windows_counts() -> None:
    assert chunks.must_split("a" * 1201, 1200)
    assert not chunks.must_split("a" * 1200, 1200)
    assert chunks.must_split("\U0001f511" * 601, 1200)
    assert not chunks.must_split("a" * 100_000, None)
