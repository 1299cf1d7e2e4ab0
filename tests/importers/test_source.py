"""Is a document recognised by its shape, and is what is none told in one sentence?"""

from __future__ import annotations

import json

import pytest

from authwizard.importers.profiles import SOURCES
from authwizard.importers.source import ENVIRONMENT, EXPORT, source_of

DOCUMENTS = {
    "curl": ["curl https://api.example.com/v2/me", "\ufeff\n  $ curl -s https://a.example", "curl.exe -H 'A: b' https://a.example",
             "* Connected\n> GET / HTTP/2\n> Host: a\n"],
    "dotenv": ["API_KEY=abc\n", "# made by hand\n\nexport API_URL = https://a.example\n", "A=1"],
    "har": ['{"log": {"entries": []}}', '{\n  "log": {"version": "1.2"}}', '{"comment": "x", "log": {"entries": []}}'],
    "postman": ['{"info": {}, "item": []}', '{"collection": {"info": {}, "item": []}}'],
    "openapi": [
        '{"openapi": "3.1.0"}', '{"info": {"title": "log"}, "swagger": "2.0", "tags": ["log"]}', "openapi: 3.0.0\ninfo: {}\n", "# API\n'swagger': '2.0'\n",
    ],
    EXPORT: [
        'version = 1\n\n[profile.prod]\nbase_url = "https://a.example"\n', "# The authwizard profile prod\n[profile.prod]\n", '[[profile."a b".endpoints]]\n',
    ],
    ENVIRONMENT: ['{"name": "staging", "values": []}'],
}  # fmt: skip


@pytest.mark.parametrize(("source", "text"), [(source, text) for source, texts in DOCUMENTS.items() for text in texts])
def test_every_document_is_told_by_its_shape(source: str, text: str) -> None:
    assert source_of(text) == source


def test_every_format_of_the_command_line_is_recognised() -> None:
    assert set(SOURCES) <= DOCUMENTS.keys()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "There is nothing in it."),
        (" \ufeff \n", "There is nothing in it."),
        ("PNG\0\r\n\x1a\n", "This is no text."),
        ("Dear colleague, it does not work.", "This was not recognised."),
        ("<html>", "This was not recognised."),
        ('{"a": 1}', "This is JSON, but neither a HAR file"),
        ("{broken", "The JSON breaks off or is wrong in line 1"),
        ("[1, 2]", "This was not recognised."),
        ("{" + '"a":[' * 100_000, "The JSON"),
    ],
)
def test_what_is_none_is_told_in_one_sentence(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said.replace("(", "[(]")) as caught:
        source_of(text)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("value", [[], "text", 7, None, [[]]])
def test_members_of_another_kind_are_no_har(value: object) -> None:
    with pytest.raises(ValueError, match="This is JSON"):
        source_of(json.dumps({"comment": "", "log": value}))
