"""Is every responder's log named?"""

from __future__ import annotations

import pytest
from each_row import for_each

from authwizard.knowledge.hand_over import _ALSO, GENERIC, WHERE_TO_LOOK, where_to_look


@for_each("name", list(WHERE_TO_LOOK))
def test_each_text_completes_the_sentence(name: str) -> None:
    where, what = WHERE_TO_LOOK[name]
    for part in (where, what):
        assert 20 < len(part) < 200
        assert part == part.strip()
        assert not part.endswith(".")
        assert "Please" not in part


def test_no_two_responders_share_a_text() -> None:
    texts = [part for pair in (*WHERE_TO_LOOK.values(), GENERIC) for part in pair]
    assert len(set(texts)) == len(texts)


def test_each_other_name_leads_to_a_responder() -> None:
    assert set(_ALSO.values()) <= set(WHERE_TO_LOOK)
    assert not set(_ALSO) & set(WHERE_TO_LOOK)


@for_each(
    ("spelling", "name"),
    [
        ("spring", "spring"),
        ("Spring Security", "spring"),
        ("ASP.NET Core", "aspnet"),
        ("istio", "envoy"),
        ("envoy-jwt_authn", "envoy"),
        ("nginx/1.24.0", "nginx"),
        ("aws-api-gateway", "api_gateway"),
        ("Azure API Management", "apim"),
        ("kong", "kong"),
        ("AWS WAF", "cloudfront"),
        ("Cloudflare", "cloudflare"),
        ("cloudfront", "cloudfront"),
        ("entra-id", "entra"),
        ("auth0", "auth0"),
        ("okta", "okta"),
        ("keycloak", "keycloak"),
        ("kubernetes", "kubernetes"),
        ("express", "express"),
        ("apache-httpd", "apache"),
        ("gunicorn", "python"),
    ],
)
def test_spellings_are_recognised(spelling: str, name: str) -> None:
    assert where_to_look(spelling) == WHERE_TO_LOOK[name]


@pytest.mark.parametrize("spelling", [None, "", "company-x", "springfield", "mynginxlike"])
def test_an_unknown_responder_gets_the_general_answer(spelling: str | None) -> None:
    assert where_to_look(spelling) == GENERIC
