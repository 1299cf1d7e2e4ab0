"""A Postman collection's requests, each with the authentication it really uses; an environment's variables."""

from __future__ import annotations

import pytest

from authwizard.importers import read
from authwizard.importers.postman import read_collection, read_variables

COLLECTION = {
    "info": {"schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"},
    "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}", "type": "string"}]},
    "item": [
        {
            "name": "Orders",
            "auth": {"type": "basic", "basic": {"username": "me", "password": "fake"}},
            "item": [
                {"name": "List", "request": {"method": "GET", "url": {"raw": "{{base}}/orders"}, "header": [{"key": "A", "value": "1"}]}},
                {"name": "Own", "request": {"method": "POST", "url": "https://a.example", "auth": {"type": "noauth"}}},
                {"name": "Null", "request": {"url": "https://a.example", "auth": None}},
            ],
        },
        {"name": "Short", "request": "https://a.example/short"},
        {"name": "Written", "request": {"method": "GET", "header": "Authorization: Bearer x\nB: 2"}},
        {
            "name": "Off",
            "request": {
                "method": "GET",
                "url": {"host": ["a"]},
                "header": [{"key": "Authorization", "value": "x", "disabled": True}, {"key": "n", "value": 7}],
            },
        },
        {"name": "Empty", "request": {}},
    ],
}


def test_a_request_uses_its_own_authentication_else_its_folders_else_the_collections() -> None:
    seen = {request.name: request for request in read_collection(COLLECTION)}
    assert {name: request.auth_type for name, request in seen.items()} == {
        "Orders/List": "basic", "Orders/Own": "noauth", "Orders/Null": "basic", "Short": "bearer", "Written": "bearer", "Off": "bearer",
    }  # fmt: skip
    assert seen["Short"].auth == {"token": "{{token}}"}
    assert seen["Orders/List"].auth == {"username": "me", "password": "fake"}


def test_addresses_and_headers_in_every_shape() -> None:
    seen = {request.name: request for request in read_collection({"collection": COLLECTION})}
    assert [seen[n].url for n in ("Orders/List", "Short", "Written", "Off")] == ["{{base}}/orders", "https://a.example/short", None, None]
    assert (seen["Orders/Null"].method, seen["Short"].method) == ("GET", "GET")
    assert seen["Written"].authorization == "Bearer x"
    assert seen["Off"].headers == (("n", "7"),)
    assert seen["Off"].authorization is None


def test_the_plain_shape() -> None:
    said = read("postman-collection", COLLECTION)["requests"]
    assert said[0] == {
        "name": "Orders/List", "method": "GET", "url": "{{base}}/orders", "auth": {"type": "basic", "params": {"username": "me", "password": "fake"}},
        "authorization_header": None,
    }  # fmt: skip


def test_an_environments_variables_without_those_turned_off() -> None:
    rows = [
        {"key": "base", "value": "https://a.example", "type": "default", "enabled": True}, {"key": "token", "value": "fake", "type": "secret"},
        {"key": "old", "value": "x", "enabled": False}, {"value": "nameless"}, {"key": "n", "value": 1}, {"key": "none", "value": None},
    ]  # fmt: skip
    seen = read_variables({"name": "prod", "values": rows})
    assert [(v.key, v.value, v.secret) for v in seen] == [
        ("base", "https://a.example", False), ("token", "fake", True), ("n", "1", False), ("none", "", False),
    ]  # fmt: skip
    assert "fake" not in repr(seen)
    assert "fake" not in repr(read_collection(COLLECTION))


def test_what_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="no Postman collection"):
        read_collection({"info": {}})
    with pytest.raises(ValueError, match="no Postman environment"):
        read_variables([])
    deep: dict[str, object] = {"name": "x", "request": "https://a.example"}
    for _ in range(100):
        deep = {"name": "f", "item": [deep]}
    with pytest.raises(ValueError, match="nested too deeply"):
        read_collection({"item": [deep]})


def test_a_har_gives_its_requests_with_what_they_got() -> None:
    entry = {
        "request": {"method": "GET", "url": "https://a.example", "headers": [{"name": "A", "value": "1"}]},
        "response": {"status": 401},
    }
    assert read("har", {"log": {"entries": [entry, {"request": {"method": "POST"}}]}}) == {
        "requests": [
            {"method": "GET", "url": "https://a.example", "headers": [["A", "1"]], "status": 401},
            {"method": "POST", "url": "", "headers": [], "status": None},
        ]
    }
    assert read("har-request", entry["request"]) == {"method": "GET", "url": "https://a.example", "headers": [["A", "1"]]}
