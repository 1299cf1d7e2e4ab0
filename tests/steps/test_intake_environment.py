"""I-06: what on this machine changes the request."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import ClientEnvironment, OtherValue
from authwizard.model.finding import Status
from authwizard.model.profile import Client
from authwizard.steps.intake_environment import client_environment

from .evidence_of_first_steps import baseline, grades, judge, profile, spec

NETRC = ClientEnvironment(netrc_hosts=("api.acme.io",), netrc_path="~/.netrc")
DEFAULT = ClientEnvironment(netrc_hosts=("default",), netrc_path="~/.netrc")
OTHER_VALUE = ClientEnvironment(other_values=(OtherValue("PROD_TOKEN", "access_token"), OtherValue("TOKEN in .env", "access_token")))


@pytest.mark.parametrize(
    ("client", "seen", "status", "causes"),
    [
        ("requests", NETRC, "fail", {"netrc_override": "S"}),
        ("requests", DEFAULT, "fail", {"netrc_override": "S"}),
        ("other", NETRC, "warn", {"netrc_override": "M"}),
        ("httpx", NETRC, "warn", {}),
        ("curl", NETRC, "warn", {}),
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
