"""Where an answer wants the credential."""

from __future__ import annotations

import pytest

from authwizard.knowledge.messages import rows
from authwizard.knowledge.places import DEFAULT_OF, named_places

APIM = '{"statusCode": 401, "message": "Access denied due to missing subscription key. Make sure to include subscription key when making requests."}'


@pytest.mark.parametrize(
    ("challenge", "body", "names"),
    [
        ("", '{"message":"No API key found in request"}', ("apikey",)),
        ("", APIM, ("Ocp-Apim-Subscription-Key",)),
        ("", '{"error":"send X-API-Key or api-key"}', ("X-API-Key", "api-key")),
        ('ApiKey in="header", name="X-Acme-Ident"', '{"error":"see X-Api-Key"}', ("X-Acme-Ident", "X-Api-Key")),
        ('ApiKey in="query", name="key"', "", ()),
        ('ApiKey in="header", name="not a name\x01"', "", ()),
        ('Bearer realm="X-Access-Token"', "", ("X-Access-Token",)),
        ("", "x-keyboard and monkey-api-keys and 401", ()),
        ("", "jwt expired", ()),
        ("", "", ()),
    ],
)
def test_names(challenge: str, body: str, names: tuple[str, ...]) -> None:
    fields = (("WWW-Authenticate", challenge),) if challenge else ()
    assert named_places([(fields, body)], "Authorization") == names


def test_the_place_in_use_is_not_named_and_each_once() -> None:
    answers = [((), "X-Api-Key"), ((), "x-api-key, X-Other-Key")]
    assert named_places(answers, "X-API-KEY") == ("X-Other-Key",)
    assert named_places(answers, "") == ("X-Api-Key", "X-Other-Key")


def test_only_known_servers_have_a_default() -> None:
    assert set(DEFAULT_OF) <= {row.stack for row in rows()}
