"""The box: a paste whose line breaks a terminal doubled is read as it was copied."""

from __future__ import annotations

import pytest

from authwizard.ui.widgets.door import single_breaks


@pytest.mark.parametrize(
    ("pasted", "read"),
    [
        ("HTTP/1.1 401 x\r\rServer: y\r\r\r\r{}", "HTTP/1.1 401 x\nServer: y\n\n{}"), ("a\rb\r\rc", "a\rb\r\rc"), ("a\r\nb", "a\r\nb"),
        ("a\n\nb", "a\n\nb"), ("a", "a"),
    ],
)  # fmt: skip
def test_only_breaks_that_are_all_doubled_are_made_single(pasted: str, read: str) -> None:
    assert single_breaks(pasted) == read
