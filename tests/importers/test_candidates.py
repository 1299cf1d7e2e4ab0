"""Are the requests of a document offered by what they are, the likeliest first, and without a secret?"""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from authwizard.importers.candidates import MOST, candidates
from authwizard.importers.profiles import Choices, import_text

TOKEN, OTHER = ("fake" + secrets.token_hex(20) for _ in range(2))


def entry(method: str, url: str, status: int, **more: Any) -> dict[str, Any]:
    request = {"method": method, "url": url, "headers": [{"name": "Authorization", "value": f"Bearer {TOKEN}"}], **more}
    return {"request": request, "response": {"status": status}}


HAR = json.dumps({"log": {"entries": [
    entry("GET", "https://api.example.com/v2/me", 200),
    entry("GET", f"https://api.example.com/v2/orders?key={TOKEN}", 401),
    entry("OPTIONS", "https://api.example.com/v2/things", 401),
    entry("GET", f"https://user:{OTHER}@api.example.com/v2/{TOKEN}/x", 403),
    entry("POST", "https://auth.example.com/token", 0, postData={"text": "grant_type=client_credentials"}),
    entry("GET", "https://api.example.com/v2/me", 200),
    entry("GET", "data:image/png;base64,AAAA", 200),
]}})  # fmt: skip

COLLECTION = json.dumps({"item": [
    {"name": "Me", "request": {"url": f"https://api.example.com/me?api_key={TOKEN}"}},
    {"name": "Orders", "item": [{"name": "Me", "request": {"method": "POST", "url": "https://api.example.com/orders"}}]},
]})  # fmt: skip

DESCRIPTION = """
openapi: 3.1.0
servers: [{url: 'https://api.example.com'}]
components: {securitySchemes: {key: {type: apiKey, in: header, name: X-Key}, o: {type: oauth2, flows: {}}}}
paths:
  /open: {get: {}}
  /things/{id}:
    post: {security: [{o: [write]}]}
    get: {security: [{o: [read]}, {key: []}]}
"""


def test_refused_requests_of_a_har_come_first_and_a_repeated_one_once() -> None:
    found = candidates("har", HAR)
    assert [(c.label, c.note) for c in found] == [
        ("GET https://api.example.com/v2/orders", "answered with 401"),
        ("OPTIONS https://api.example.com/v2/things", "answered with 401"),
        (found[2].label, "answered with 403"),
        ("POST https://auth.example.com/token", "no answer, asks for a token"),
        ("GET https://api.example.com/v2/me", "answered with 200"),
    ]
    assert found[2].label.startswith("GET https://api.example.com/v2/<")


@pytest.mark.parametrize(("source", "text"), [("har", HAR), ("postman", COLLECTION)])
def test_no_label_holds_a_secret(source: str, text: str) -> None:
    shown = repr(candidates(source, text))
    assert TOKEN[4:] not in shown
    assert OTHER[4:] not in shown


def test_each_can_be_chosen_by_its_pick() -> None:
    made = [import_text("har", HAR, Choices(pick=c.pick)) for c in candidates("har", HAR)]
    assert [m.profile.request for m in made] == [
        "GET /v2/orders?key={secret:api_key}", "OPTIONS /v2/things", "GET /v2/{secret:access_token}/x", "", "GET /v2/me",
    ]  # fmt: skip
    assert not any("was taken" in note for m in made for note in m.notes), "who chose it knows"
    made = [import_text("postman", COLLECTION, Choices(pick=c.pick)) for c in candidates("postman", COLLECTION)]
    assert [m.profile.method for m in made] == ["GET", "POST"], "two of one name are told apart"


def test_operations_are_named_with_what_they_ask_for() -> None:
    found = candidates("openapi", DESCRIPTION)
    assert [(c.label, c.note) for c in found] == [
        ("GET /things/{id}", "o (read) or key"), ("GET /open", "asks for no credential"), ("POST /things/{id}", "o (write)"),
    ]  # fmt: skip
    assert [import_text("openapi", DESCRIPTION, Choices(pick=c.pick)).profile.request for c in found] == [c.label for c in found]


def test_a_command_has_none_to_choose_from() -> None:
    assert candidates("curl", "curl https://api.example.com") == candidates("dotenv", "A=1") == ()


def test_a_very_long_file_names_no_more_than_can_be_looked_through() -> None:
    text = json.dumps({"log": {"entries": [entry("GET", f"https://api.example.com/{n}", 200) for n in range(MOST + 10)]}})
    assert len(candidates("har", text)) == MOST


def test_hostile_names_are_neutralised() -> None:
    text = json.dumps({"item": [{"name": "\x1b]52;c;AAAA\x07[bold]", "request": {"method": "\x9b2J", "url": "https://a.example/\u202e"}}]})
    shown = repr(candidates("postman", text)[0].label + candidates("postman", text)[0].note)
    assert not any(character in shown for character in "\x1b\x07\x9b\u202e")
