"""The form's texts and the profile: one from the other and back, and what is wrong said at the field."""

from __future__ import annotations

import datetime as dt

import pytest
from fake_services import PROFILE

from authwizard.model.profile import CredentialSpec, Endpoint, Expect, Links, Network, OAuth, Profile, Reference
from authwizard.ui.profile_fields import FIELDS, SECTIONS, secrets_after, section_of
from authwizard.ui.profile_problems import problems
from authwizard.ui.profile_values import profile_of, split_scheme, values_of

FULL = Profile(
    "prod",
    "https://api.example.com",
    "POST /v2/orders",
    "production",
    {"X-Tenant": "acme", "Accept": "a/b"},
    "GET /v2/me",
    "GET /userinfo",
    "https://origin.example.com",
    "https://app.example.com",
    "requests",
    "prod-admin",
    CredentialSpec("api_key", query="key", scheme="", charset="latin-1"),
    OAuth("https://auth.example.com", "https://auth.example.com/t", client_id="a", client_auth="private_key_jwt", scopes=("read", "write")),
    Expect("https://auth.example.com", ("https://api.example.com", "other"), "at+jwt", 30),
    Network(2.5, "/ca.pem", proxy="none", ntp_server="none", request_ids=False),
    {
        "client_secret": Reference("env:SECRET", created=dt.date(2026, 1, 1), rotate_days=90),
        "access_token": Reference(cmd=("pass", "show", "x")),
    },
    Links("https://portal.example.com"),
    (Endpoint("GET /v2/devices", ("read", "devices:read devices:list"), 200), Endpoint("GET /v2/x", (), 403)),
)


@pytest.mark.parametrize("profile", [PROFILE, FULL, Profile("x", "http://127.0.0.1:1", "GET /")], ids=["usual", "full", "least"])
def test_a_profile_survives_the_form(profile: Profile) -> None:
    assert not problems(values_of(profile))
    assert profile_of(values_of(profile), profile) == profile


def test_what_the_form_does_not_show_is_kept() -> None:
    values = {**values_of(FULL), "ref_client_secret": "file:/run/secret"}
    changed = profile_of(values, FULL)
    assert changed.secrets["client_secret"] == Reference("file:/run/secret", created=dt.date(2026, 1, 1), rotate_days=90)
    assert changed.secrets["access_token"].cmd == ("pass", "show", "x")
    assert changed.links == FULL.links


def test_an_emptied_reference_goes_away() -> None:
    assert "client_secret" not in profile_of({**values_of(FULL), "ref_client_secret": ""}, FULL).secrets


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("name", "", "needed"),
        ("name", "../x", "Letters"),
        ("base_url", "api.example.com", "https://"),
        ("base_url", "https://", "host is missing"),
        ("base_url", "https://a b", "no spaces"),
        ("base_url", "https://u:pw@h", "{secret:password}"),
        ("issuer", "ftp://x", "https://"),
        ("base_url", "https://h:99999999", "not an address"),
        ("request", "/v2/orders", "A method"),
        ("timeout_seconds", "0", "seconds"),
        ("timeout_seconds", "soon", "seconds"),
        ("leeway_seconds", "-1", "seconds"),
        ("leeway_seconds", "nan", "seconds"),
        ("headers", "X-Tenant acme", "Name: value"),
        ("ref_client_secret", "hunter2", "env:NAME"),
        ("ref_client_secret", "env:", "env:NAME"),
        ("endpoints", "devices", "Not understood"),
    ],
)
def test_a_wrong_value_is_named_at_its_field(key: str, value: str, says: str) -> None:
    found = problems({**values_of(FULL), key: value})
    assert list(found) == [key]
    assert says in found[key]


def test_a_problem_never_repeats_a_reference_that_may_be_a_secret() -> None:
    assert "hunter2" not in problems({**values_of(FULL), "ref_client_secret": "hunter2"})["ref_client_secret"]


def test_every_field_has_a_section_and_every_section_something_in_it() -> None:
    assert {f.section for f in FIELDS} | {"endpoints"} == set(SECTIONS)
    assert all(section_of(f.key) == f.section for f in FIELDS)
    assert (section_of("ref_refresh_token"), section_of("ref_password"), section_of("endpoints")) == ("oauth", "credential", "endpoints")
    assert secrets_after("charset", "basic") == ("username", "password", "second_credential")


@pytest.mark.parametrize(
    ("typed", "scheme", "value"),
    [
        ("Bearer abc.def", "Bearer", "abc.def"),
        ("bearer abc", "bearer", "abc"),
        ("Authorization: Bearer abc", "Bearer", "abc"),
        ("abc.def", "", "abc.def"),
        ("two words", "", "two words"),
    ],
)
def test_a_pasted_scheme_is_split_off(typed: str, scheme: str, value: str) -> None:
    assert split_scheme(typed) == (scheme, value)
