"""What is known of HTTP clients: the rows, and what their rules say of redirects."""

from __future__ import annotations

import typing

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.clients import HttpClient, clients, lost, of_agent, of_profile
from authwizard.model.profile import Client

HOST, PORT, OTHER = "https://api.example.com/a", "https://api.example.com:8443/a", "https://www.example.org/a"
BELOW, PLAIN, UPGRADED, SAME = (
    "https://eu.api.example.com/a",
    "http://api.example.com/a",
    "https://api.example.com/b",
    "https://api.example.com/b",
)
CHOICES = {name: set(typing.get_args(hint)) for name, hint in typing.get_type_hints(HttpClient).items() if typing.get_args(hint)}


def client(library: str) -> HttpClient:
    return next(c for c in clients() if c.library.startswith(library))


@for_each("row", clients(), ids=lambda row: row.library)
def test_each_row_is_whole(row: HttpClient) -> None:
    assert row.name in {"", *typing.get_args(Client)}
    assert row.library
    assert row.trusts
    assert row.sources["redirects"]
    assert row.agent == row.agent.lower()
    for name, allowed in CHOICES.items():
        if name not in ("sources", "no_proxy_blocks"):
            assert getattr(row, name) in allowed, name
    assert row.netrc != "never" or not row.netrc_wins


def test_every_client_a_profile_may_name_is_known() -> None:
    assert {c.name for c in clients()} - {""} == set(typing.get_args(Client)) - {"other"}
    assert of_profile("other") == ()
    assert {c.library.split()[0] for c in of_profile("java")} == {"java.net.http.HttpClient", "OkHttp", "Apache"}


@pytest.mark.parametrize(
    ("agent", "library"),
    [
        ("python-requests/2.34.2", "requests"), ("curl/8.5.0", "curl"), ("node", "fetch in Node.js"), ("axios/1.21.1", "axios"),
        ("Go-http-client/2.0", "net/http"), ("okhttp/4.12.0", "OkHttp"), ("PostmanRuntime/7.44", "Postman"),
        ("Mozilla/5.0 (X11; Linux)", "fetch or XMLHttpRequest"), ("Java-http-client/17", "java.net.http"), ("Python/3.11 aiohttp/3.14.5", "aiohttp"),
    ],
)  # fmt: skip
def test_a_client_is_known_by_its_user_agent(agent: str, library: str) -> None:
    seen = of_agent(agent)
    assert seen is not None
    assert seen.library.startswith(library)


def test_a_name_of_ones_own_says_nothing() -> None:
    assert of_agent("my-app/1.0") is of_agent("") is None


@for_each(
    ("library", "header", "before", "after", "gone"),
    [
        ("curl", "Authorization", HOST, SAME, False),
        ("curl", "Authorization", HOST, PORT, True),
        ("curl", "authorization", PLAIN, UPGRADED, True),
        ("requests", "Authorization", PLAIN, UPGRADED, False),
        ("requests", "Cookie", HOST, SAME, True),
        ("requests", "X-Api-Key", HOST, OTHER, False),
        ("HttpClient", "Authorization", HOST, SAME, True),
        ("HttpClient", "Cookie", HOST, OTHER, False),
        ("net/http", "Authorization", HOST, PORT, False),
        ("net/http", "Authorization", HOST, BELOW, False),
        ("net/http", "Authorization", BELOW, HOST, True),
        ("net/http", "Authorization", HOST, "https://evil-api.example.com/", True),
        ("Postman", "Authorization", HOST, PORT, False),
        ("Postman", "Authorization", HOST, BELOW, True),
        ("axios", "Authorization", HOST, BELOW, False),
        ("axios", "Authorization", HOST, PORT, True),
        ("axios", "Authorization", HOST, PLAIN, True),
        ("axios", "Authorization", PLAIN, UPGRADED, False),
        ("java.net.http", "Authorization", HOST, OTHER, None),
        ("java.net.http", "Authorization", HOST, SAME, False),
        ("OkHttp", "Authorization", HOST, PORT, True),
    ],
)
def test_what_a_redirect_takes_away(library: str, header: str, before: str, after: str, gone: bool | None) -> None:
    assert client(library).loses(header, before, after) is gone


@given(
    st.sampled_from(["any", "origin", "host_or_below", "hostname", "hostname_or_below", "never", "unsure"]),
    st.text(max_size=40),
    st.text(max_size=40),
)
def test_no_address_crashes_a_rule(loss: typing.Any, before: str, after: str) -> None:
    assert lost(loss, before, "https://" + after) in (True, False, None)
    assert lost(loss, "http://" + before, after, upgrade=True) in (True, False, None)
