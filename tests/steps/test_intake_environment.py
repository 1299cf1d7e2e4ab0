"""I-06: what on this machine changes the request."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import ClientEnvironment, OtherValue, SentRequest
from authwizard.model.finding import Status
from authwizard.model.profile import Client
from authwizard.steps.intake_environment import client_environment

from .evidence_of_first_steps import baseline, grades, judge, profile, spec

NETRC = ClientEnvironment(netrc_hosts=("api.acme.io",), netrc_path="~/.netrc")
DEFAULT = ClientEnvironment(netrc_hosts=("default",), netrc_path="~/.netrc")
OTHER_VALUE = ClientEnvironment(other_values=(OtherValue("PROD_TOKEN", "access_token"), OtherValue("TOKEN in .env", "access_token")))


@for_each(
    ("client", "seen", "status", "causes"),
    [
        ("requests", NETRC, "fail", {"netrc_override": "S"}),
        ("requests", DEFAULT, "fail", {"netrc_override": "S"}),
        ("other", NETRC, "warn", {"netrc_override": "M"}),
        ("httpx", NETRC, "warn", {}),
        ("curl", NETRC, "warn", {"netrc_override": "XM"}),
        ("go", NETRC, "warn", {"netrc_override": "XM"}),
        ("requests", ClientEnvironment(netrc_hosts=("auth.acme.io",)), "pass", {}),
        ("other", ClientEnvironment(), "pass", {}),
        ("other", ClientEnvironment(proxy_variables=("HTTPS_PROXY",)), "warn", {"proxy_in_path": "W"}),
        ("other", ClientEnvironment(proxy_variables=("NO_PROXY", "no_proxy")), "pass", {}),
        ("other", OTHER_VALUE, "warn", {"stale_env_value": "M"}),
        ("other", ClientEnvironment(curlrc=True, ca_variables=("SSL_CERT_FILE",)), "pass", {}),
    ],
)
def test_surroundings(client: Client, seen: ClientEnvironment, status: str, causes: dict[str, str]) -> None:
    finding = judge(client_environment, seen, profile(client=client))
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert judge(client_environment, seen, profile(client=client), baseline(200)).arguments == finding.arguments


CURLRC = ClientEnvironment(curlrc=True, curlrc_options=("header Authorization", "proxy"))
PROXY = ClientEnvironment(proxy_variables=("http_proxy", "no_proxy"), no_proxy_cidr=True, exempt_by_block=True)
LETTERS = ClientEnvironment(login_beyond_ascii=True)


@for_each(
    ("client", "seen", "causes", "words"),
    [
        ("curl", CURLRC, {"duplicate_credentials": "S"}, "curl adds this"),
        ("go", CURLRC, {}, "only curl adds this"),
        ("curl", ClientEnvironment(curlrc=True, curlrc_options=("cookie",)), {"cookie_overrides_token": "W"}, "cookie"),
        ("httpx", PROXY, {"proxy_in_path": "W", "proxy_strips_authorization": "W"}, "httpx (Python) ignores that form"),
        ("go", PROXY, {"proxy_in_path": "W"}, "net/http (Go) honours that form"),
        ("other", PROXY, {"proxy_in_path": "W"}, "many clients ignore that form"),
        ("java", ClientEnvironment(proxy_variables=("https_proxy",), proxied=True), {"proxy_in_path": "W"}, "it may take another way"),
        (
            "curl",
            ClientEnvironment(proxy_variables=("HTTP_PROXY",), proxied=True),
            {"proxy_in_path": "W"},
            "ignores HTTP_PROXY in capitals",
        ),
        ("requests", LETTERS, {"basic_charset": "M"}, "sent here as utf-8"),
        ("curl", LETTERS, {}, "sent here as utf-8"),
        ("fetch", LETTERS, {"basic_charset": "M"}, "sent here as latin-1"),
        ("requests", ClientEnvironment(ca_variables=("REQUESTS_CA_BUNDLE",)), {}, "certifi"),
    ],
)
def test_each_client_has_its_own_habits(client: Client, seen: ClientEnvironment, causes: dict[str, str], words: str) -> None:
    charset = spec(kind="basic", charset="latin-1" if client == "fetch" else "utf-8")
    finding = judge(client_environment, seen, profile(client=client, credential=charset if seen is LETTERS else spec()), baseline(200))
    assert grades(finding) == causes
    assert words in str(finding.details)


def test_the_client_that_was_seen_to_send_counts_more_than_the_profiles_word() -> None:
    sent = SentRequest(agent="python-requests/2.34.2")
    assert grades(judge(client_environment, NETRC, profile(client="curl"), sent)) == {"netrc_override": "S"}


def test_a_netrc_entry_that_is_the_profiles_own_login_changes_nothing() -> None:
    same = ClientEnvironment(netrc_hosts=("api.acme.io",), netrc_same=True)
    assert grades(judge(client_environment, same, profile(client="requests", credential=spec(kind="basic")))) == {}


@pytest.mark.parametrize("seen", [NETRC, OTHER_VALUE])
def test_they_do_not_explain_a_refusal_that_is_seen_here(seen: ClientEnvironment) -> None:
    finding = judge(client_environment, seen, profile(client="requests"), baseline(401))
    assert (finding.status, grades(finding)) == (Status.WARN, {})


@pytest.mark.parametrize(
    ("credential", "causes"),
    [(spec(kind="basic"), {"netrc_override": "M"}), (spec(kind="api_key", header="X-Api-Key"), {}), (spec(kind="cookie"), {})],
)
def test_netrc_only_replaces_the_authorization_header(credential: Any, causes: dict[str, str]) -> None:
    assert grades(judge(client_environment, NETRC, profile(client="requests", credential=credential))) == causes
