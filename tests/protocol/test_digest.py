"""Digest: the examples of RFC 7616 3.9, and what cannot be answered."""

from __future__ import annotations

import pytest

from authwizard.protocol.digest import Login, answerable, choose, field_value, is_stale

RFC = {"realm": "http-auth@example.org", "qop": "auth, auth-int", "nonce": "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v",
       "opaque": "FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"}  # fmt: skip
MUFASA = Login("Mufasa", "Circle of Life", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ")
HIDDEN = {"realm": "api@example.org", "qop": "auth", "algorithm": "SHA-512-256", "charset": "UTF-8", "userhash": "true",
          "nonce": "5TsQWLVdgBdmrQ0XsxbDODV+57QdFR34I9HAbC/RVvkK", "opaque": "HRPCssKJSGjCrkzDg8OhwpzCiGPChXYjwrI2QmXDnsOS"}  # fmt: skip
DOE = Login("J\u00e4s\u00f8n Doe", "Secret, or not?", "NTg6RKcb9boFIAS3KrFK9BGeh+niz/sm")


def part(value: str, name: str) -> str:
    return value.partition(f'{name}="')[2].partition('"')[0]


@pytest.mark.parametrize(
    ("algorithm", "response"),
    [
        ("MD5", "8ca523f5e9506fed4657c9700eebdbec"),
        ("SHA-256", "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ],
)
def test_the_example_of_the_standard(algorithm: str, response: str) -> None:
    value = field_value({**RFC, "algorithm": algorithm}, "GET", "/dir/index.html", MUFASA)
    assert part(value, "response") == response
    assert (part(value, "username"), part(value, "uri")) == ("Mufasa", "/dir/index.html")
    assert f"algorithm={algorithm}" in value
    assert "qop=auth," in value
    assert MUFASA.password not in value


def test_without_an_algorithm_it_is_md5_and_none_is_named() -> None:
    value = field_value(RFC, "GET", "/dir/index.html", MUFASA)
    assert part(value, "response") == "8ca523f5e9506fed4657c9700eebdbec"
    assert "algorithm" not in value


def test_the_user_name_is_hashed_where_the_server_wants_it() -> None:
    value = field_value(HIDDEN, "GET", "/doe.json", DOE)
    assert len(part(value, "username")) == 64
    assert value.endswith("userhash=true")
    assert "Doe" not in value.replace("/doe.json", "")


def test_the_oldest_form_has_no_quality_of_protection() -> None:
    old = {"realm": "r", "nonce": "n"}
    value = field_value(old, "GET", "/", Login("ann", "p", "c"))
    assert "cnonce" not in value
    assert "qop" not in value
    assert part(value, "response") != part(field_value({**old, "algorithm": "MD5-sess"}, "GET", "/", Login("ann", "p", "c")), "response")


@pytest.mark.parametrize(
    ("changes", "word"),
    [({"algorithm": "SHA3-256"}, "SHA3-256"), ({"qop": "auth-int"}, "auth-int"), ({"nonce": None}, "nonce"), ({"realm": None}, "realm")],
)
def test_what_cannot_be_answered_is_said(changes: dict[str, str | None], word: str) -> None:
    challenge = {name: value for name, value in {**RFC, **changes}.items() if value is not None}
    assert word in answerable(challenge)
    with pytest.raises(ValueError, match=word):
        field_value(challenge, "GET", "/", MUFASA)


def test_the_first_that_can_be_answered_is_chosen() -> None:
    good = {**RFC, "algorithm": "SHA-256"}
    assert choose([{**RFC, "algorithm": "SHA3-256"}, good, RFC]) is good
    assert choose([{"realm": "r"}]) is None


def test_quotes_in_a_name_are_escaped() -> None:
    assert 'username="a\\"b\\\\"' in field_value(RFC, "GET", "/", Login('a"b\\', "p", "c"))


@pytest.mark.parametrize(("text", "stale"), [("true", True), ("TRUE", True), ("false", False), ("", False)])
def test_stale(text: str, stale: bool) -> None:
    assert is_stale({**RFC, "stale": text}) is stale
