"""I-01: odd addresses, and the names that remedies are filled with."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.model.evidence import ClientEnvironment, Reported
from authwizard.model.finding import Status
from authwizard.model.profile import Endpoint, Profile
from authwizard.steps.intake_url import addresses_sane, placeholder_facts, without_userinfo

from .evidence_of_first_steps import baseline, exchange, grades, judge, oauth, profile, spec

ENDPOINTS = (Endpoint("GET /v2/a"), Endpoint("GET /v2/b"))


@for_each(
    ("settings", "status", "causes"),
    [
        ({}, "pass", {}),
        ({"base_url": "http://127.0.0.1:8080"}, "pass", {}),
        ({"base_url": "http://[::1]:8080"}, "pass", {}),
        ({"request": "GET /v2/users?$filter=x&$top=5"}, "pass", {}),
        ({"request": 'GET /v2/q?f={"a":1}'}, "pass", {}),
        ({"request": "GET /v2/me?key={secret:api_key}"}, "pass", {}),
        ({"request": "GET /v1/things:cancel"}, "pass", {}),
        ({"base_url": "http://api.acme.io"}, "warn", {"plaintext_http": "W"}),
        ({"base_url": "https://u:p@api.acme.io"}, "fail", {"credential_override_by_userinfo": "S"}),
        ({"base_url": "https://u:p@api.acme.io", "client": "requests"}, "fail", {"credential_override_by_userinfo": "S"}),
        ({"base_url": "https://u:p@api.acme.io", "client": "curl"}, "warn", {}),
        ({"base_url": "https://{secret:username}:{secret:password}@api.acme.io"}, "fail", {"credential_override_by_userinfo": "S"}),
        ({"base_url": "https://u:p@api.acme.io", "credential": spec(kind="basic")}, "warn", {}),
        ({"base_url": "https://u:p@api.acme.io", "credential": spec(kind="api_key", header="X-Api-Key")}, "warn", {}),
        ({"oauth": oauth(token_url="https://u:p@auth.acme.io/token")}, "warn", {}),
        ({"request": "GET /v2/users/{id}"}, "fail", {"placeholder_value": "S"}),
        ({"request": "GET /v2/users/:id/photos"}, "fail", {"placeholder_value": "S"}),
        ({"base_url": "https://$API_HOST"}, "fail", {"placeholder_value": "S"}),
        ({"base_url": "https://{{baseUrl}}"}, "fail", {"placeholder_value": "S"}),
        ({"base_url": "https://<your-host>"}, "fail", {"placeholder_value": "S"}),
        ({"oauth": oauth(issuer="https://your-tenant.auth.io")}, "fail", {"placeholder_value": "S"}),
        ({"base_url": "https://api.example.com"}, "warn", {"placeholder_value": "W"}),
        ({"base_url": "api.acme.io"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "https:///v2"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "https://api.acme.io:abc"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "ftp://api.acme.io"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "https://api.acme.io\u200b"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "https://api.acme.io /v2"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "https://api.acme.io/#/v2"}, "fail", {"wrong_base_url": "M"}),
        ({"request": "GET /v2/me#top"}, "warn", {}),
        ({"base_url": "https://api.acme.io/v2?x=1"}, "fail", {"wrong_base_url": "M"}),
        ({"base_url": "https://api.acme.io/v2"}, "warn", {"wrong_base_url": "M"}),
        ({"base_url": "https://api.acme.io/v", "request": "GET /v2/me"}, "pass", {}),
        ({"request": "GET /v2/me/", "endpoints": ENDPOINTS}, "warn", {}),
        ({"request": "GET /v2/me", "endpoints": ENDPOINTS}, "pass", {}),
    ],
)  # fmt: skip
def test_addresses(settings: dict[str, Any], status: str, causes: dict[str, str]) -> None:
    finding = judge(addresses_sane, profile(**settings))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_the_container_remark_needs_a_silent_loopback() -> None:
    inside = ClientEnvironment(in_container=True)
    local = profile(base_url="http://127.0.0.1:8080")
    assert grades(judge(addresses_sane, local, inside)) == {"wrong_base_url": "W"}
    assert judge(addresses_sane, local, inside, baseline(401)).status is Status.PASS
    assert grades(judge(addresses_sane, local, inside, baseline(fault="connect"))) == {"wrong_base_url": "W"}


def test_a_host_that_answered_is_no_placeholder() -> None:
    documented = profile(base_url="https://api.example.com")
    assert judge(addresses_sane, documented, baseline(401)).status is Status.PASS
    assert judge(addresses_sane, documented, Reported(answer=exchange(401))).status is Status.PASS


def test_no_user_name_of_an_address_is_shown() -> None:
    finding = judge(addresses_sane, profile(base_url="https://alice:wonder@api.acme.io"))
    assert "alice" not in repr(finding)
    assert "wonder" not in repr(finding)


def test_remedies_are_filled_with_plain_settings() -> None:
    facts = placeholder_facts(profile(base_url="https://u:p@api.acme.io", oauth=oauth(scopes=("a", "b"), audience="https://aud")))
    assert facts == {
        "profile": "prod", "url": "https://api.acme.io/v2/me", "host": "api.acme.io", "header": "Authorization", "scheme": "Bearer",
        "issuer": "https://auth.acme.io", "audience": "https://aud", "scope": "a b", "token_url": "https://auth.acme.io/token",
        "client_id": "client-7", "host_port": "api.acme.io:443",
    }  # fmt: skip


def test_what_the_profile_does_not_say_is_no_fact() -> None:
    assert set(placeholder_facts(profile())) == {"profile", "url", "host", "host_port", "header", "scheme"}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.acme.io:8443/x", "api.acme.io:8443"), ("https://[::1]/", "[::1]:443"), ("http://api.acme.io", None),
        ("https://api.acme.io:99999", None),
    ],
)  # fmt: skip
def test_a_certificate_is_asked_for_at_the_port_of_the_profile(url: str, shown: str | None) -> None:
    assert placeholder_facts(profile(base_url=url)).get("host_port") == shown


@pytest.mark.parametrize(
    ("url", "bare"),
    [
        ("https://u:p@h/x", "https://h/x"),
        ("https://u:p@q@h/x", "https://h/x"),
        ("https://h/x?mail=a@b", "https://h/x?mail=a@b"),
        ("https://h/@me", "https://h/@me"),
    ],
)
def test_only_the_user_part_goes(url: str, bare: str) -> None:
    assert without_userinfo(url) == bare


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_text_in_the_address_is_judged(base: str, request: str) -> None:
    judge(addresses_sane, Profile("p", base, request))


def test_a_secret_in_the_query_that_is_no_credential_is_not_shown() -> None:
    signed = profile(request="GET /v2/me?tab=2&sig=" + "x7" * 8)
    finding = judge(addresses_sane, signed)
    assert "x7x7" not in repr(finding)
    assert "tab=2" in repr(finding)
