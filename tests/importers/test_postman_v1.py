"""Collections of format 1.0: requests in one list, folders by ids, authentication as a helper."""

from __future__ import annotations

import json
from typing import Any

from authwizard.importers.postman import read_collection
from authwizard.importers.profiles import Choices, import_text
from authwizard.importers.source import source_of


def one(key: str, **more: Any) -> dict[str, Any]:
    return {"id": key, "name": key.upper(), "method": "GET", "url": f"https://a.example/{key}", **more}


OLD: dict[str, Any] = {
    "id": "c", "name": "old", "order": ["b"], "folders_order": ["f"], "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "t"}]},
    "folders": [
        {"id": "f", "name": "F", "order": ["a", "gone"], "folders_order": ["g", "f"], "auth": {"type": "noauth"}},
        {"id": "g", "name": "G", "order": ["d", "a"]},
    ],
    "requests": [
        one("a", headers="X-A: 1\n//X-Off: 2\n"),
        one("b", currentHelper="basicAuth", helperAttributes={"id": "basic", "username": "me", "password": "fake"}),
        one("d", headerData=[{"key": "X-D", "value": "1"}, {"key": "X-Off", "value": "2", "enabled": False}]),
        one("e", url="https://a.example/:x", pathVariableData=[{"key": "x", "value": "7"}]),
    ],
}  # fmt: skip


def test_folders_come_first_and_every_request_once() -> None:
    seen = read_collection(OLD)
    assert [request.name for request in seen] == ["F/G/D", "F/G/A", "B", "E"]
    assert [request.auth_type for request in seen] == ["noauth", "noauth", "basic", "bearer"]
    assert (seen[0].headers, seen[1].headers) == ((("X-D", "1"),), (("X-A", "1"),))
    assert seen[2].auth == {"username": "me", "password": "fake"}


def test_it_is_recognised_and_makes_a_profile() -> None:
    text = json.dumps(OLD)
    assert source_of(text) == "postman"
    assert import_text("postman", text, Choices(request="E")).profile.request == "GET /7"


def test_a_collection_kept_as_yaml_is_recognised() -> None:
    text = "info:\n  _postman_id: 0\n  name: x\nitem:\n  - name: r\n    request: https://a.example/x\n"
    assert source_of(text) == "postman"
    assert import_text("postman", text).profile.request == "GET /x"
