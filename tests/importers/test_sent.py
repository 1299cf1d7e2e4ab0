"""`--sent` takes many texts and nothing else: whatever is in them, the answer is a Reported or one ValueError, soon."""

from __future__ import annotations

import contextlib
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.importers.sent import read_sent

FAKE = "plainly-fake-value-0123456789"
PIECES = st.sampled_from([
    "curl ", "-H ", "'", '"', "> GET / HTTP/1.1\n", "< HTTP/1.1 401 Unauthorized\n", "* ", '{"log":', '{"entries":[', "}", "]", "send: b'",
    "--> GET https://a.example/ ", "<-- 401 ", "Method: GET, RequestUri: 'https://a.example/'", "{\n", "Authorization: Bearer x\n",
    'HTTP Request: GET https://a.example/ "HTTP/1.1 401', "\x00", "\ud800",
])  # fmt: skip


@given(st.lists(PIECES | st.text(max_size=10), max_size=12).map("".join))
def test_any_mixture_is_read_or_refused(text: str) -> None:
    with contextlib.suppress(ValueError):
        assert read_sent(text).address is not None


@pytest.mark.parametrize(
    "text",
    [
        "> GET / HTTP/1.1\n> Host: a.example\n" + "> X: 1\n" * 50_000 + "< HTTP/1.1 401 x\n",
        "send: b'" + "\\\\" * 100_000,
        "--> GET https://a.example/ " + " " * 200_000 + "\n<-- 401",
        "HTTP Request: GET https://" + "a" * 200_000,
        'https://a.example "GET ' + " " * 200_000,
        '{"log": {"entries": [' + '{"request": {"url": "https://a.example"}, "response": {"status": 401}},' * 2000 + "1]}}",
    ],
    ids=["many fields", "escapes", "blanks", "long address", "urllib3", "many entries"],
)
def test_a_long_text_is_read_in_no_time(text: str) -> None:
    began = time.process_time()
    with contextlib.suppress(ValueError):
        assert len(read_sent(text).fields) <= 200
    assert time.process_time() - began < 5


@pytest.mark.parametrize(
    "text", ["", "nonsense", f"HTTP/1.1 401 Unauthorized\n\n{FAKE}", f"{{{FAKE}", f"curl --nope {FAKE} https://a.example"]
)
def test_what_shows_no_request_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(ValueError) as told:
        read_sent(text)
    assert FAKE not in str(told.value)
