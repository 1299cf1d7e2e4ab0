"""S1-01 to S1-03: presence, sendability, header name."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.check import run_check
from authwizard.model.evidence import (
    CleanedCall,
    CredentialSeen,
    Discovery,
    MintedForRun,
    OtherSchemeCall,
    SecretState,
    StoredSecrets,
    Unavailable,
)
from authwizard.model.finding import Status
from authwizard.model.profile import Profile, Reference
from authwizard.model.token import TokenFault
from authwizard.protocol.repair_name import name_faults
from authwizard.steps.step1_presence import credential_present, header_name, header_sendable

from .evidence_of_first_steps import baseline, credential, exchange, grades, granted, judge, jws, oauth, profile, spec

NOTHING = credential(None, field_value=None, missing="No access token is stored for prod.")
PLACEHOLDER = TokenFault("placeholder_value", "The value is the sample text of a documentation.")


def stored(**states: str) -> StoredSecrets:
    return StoredSecrets({n: SecretState(n, s, "Secret Service", "it is locked") for n, s in states.items()})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("evidence", "status", "causes"),
    [
        ((credential(jws()),), "pass", {}),
        ((credential(jws(), fetched=True),), "pass", {}),
        ((NOTHING,), "fail", {"credential_missing": "S"}),
        ((NOTHING, stored(access_token="absent")), "fail", {"credential_missing": "S"}),
        ((NOTHING, stored(access_token="unavailable")), "blocked", {"keyring_unavailable": "S"}),
        ((NOTHING, stored(refresh_token="unavailable", access_token="absent")), "fail", {"credential_missing": "S"}),
        ((credential(None, faults=(PLACEHOLDER,)),), "fail", {"placeholder_value": "S"}),
        ((credential(None, kind="mtls", field_value=None),), "pass", {}),
        (
            (credential(None, kind="mtls", field_value=None, missing="No client certificate is named."),),
            "fail",
            {"credential_missing": "S"},
        ),
        ((credential(jws(), kind="dpop", scheme="DPoP", missing="No DPoP key is stored."),), "fail", {"credential_missing": "S"}),
        (
            (credential(jws(), kind="dpop", missing="It is locked."), stored(dpop_key="unavailable")),
            "blocked",
            {"keyring_unavailable": "S"},
        ),
    ],
)
def test_presence(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(credential_present, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_token_that_could_not_be_fetched_either_is_the_token_endpoints_matter() -> None:
    refused = granted(MintedForRun, None, status=401, error="invalid_client")
    finding = judge(credential_present, NOTHING, stored(access_token="absent"), refused)
    assert (finding.status, grades(finding)) == (Status.BLOCKED, {})
    assert "step 3" in finding.summary.lower()


def test_an_issuer_that_does_not_answer_is_the_reason_why_no_token_could_be_fetched() -> None:
    silent = Discovery("https://auth.acme.io", exchanges=(exchange(fault="connect"), exchange(503)))
    found = [
        judge(credential_present, profile(oauth=made), NOTHING, stored(access_token="absent"), silent)
        for made in (oauth(token_url=""), oauth(), oauth(token_url="", grant="authorization_code"))
    ]
    assert [(f.status, grades(f)) for f in found] == [
        (Status.BLOCKED, {}),
        (Status.FAIL, {"credential_missing": "S"}),
        (Status.FAIL, {"credential_missing": "S"}),
    ]


def test_one_of_two_secrets_locked_is_enough() -> None:
    basic = profile(credential=spec(kind="basic"))
    finding = judge(credential_present, basic, NOTHING, stored(username="present", password="unavailable"))
    assert grades(finding) == {"keyring_unavailable": "S"}


def test_a_credential_that_could_not_be_looked_at_argues_for_the_named_cause_alone() -> None:
    def found(cause: str) -> Any:
        return run_check(credential_present, {Profile: profile(), CredentialSeen: Unavailable("It is locked.", "Unlock it.", cause)})

    assert grades(found("keyring_unavailable")) == {"keyring_unavailable": "S"}
    assert found("keyring_unavailable").status is Status.BLOCKED
    assert grades(found("network_unreachable")) == {}
    assert grades(found("")) == {}


LINE_FEED = TokenFault("whitespace_in_credential", "A line feed stands behind the value.", "value", 300)


@pytest.mark.parametrize(
    ("seen", "status", "causes"),
    [
        (credential(jws()), "pass", {}),
        (credential(jws(), faults=(LINE_FEED,), unsendable="character 301 is a line feed."), "fail", {"whitespace_in_credential": "S"}),
        (credential(jws(), unsendable="character 5 is U+200B."), "fail", {}),
        (NOTHING, "skip", {}),
    ],
)
def test_sendable(seen: CredentialSeen, status: str, causes: dict[str, str]) -> None:
    finding = judge(header_sendable, seen)
    assert finding.facts.get("unsendable", False) is bool(seen.unsendable)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_the_place_of_a_character_counts_from_one() -> None:
    finding = judge(header_sendable, credential(jws(), faults=(LINE_FEED,), unsendable="character 301 is a line feed."))
    assert any(getattr(d, "label", "") == "value, character 301" for d in finding.details)


def named(name: str, kind: str = "bearer") -> CredentialSeen:
    """Return the credential under this header name, with the faults the reader of names finds."""
    faults = tuple(TokenFault(cause, text, "value", place) for cause, _, text, place, _ in name_faults(name, kind))
    return credential(jws(), name=name, kind=kind, faults=faults)


@for_each(
    ("name", "kind", "status", "causes"),
    [
        ("Authorization", "bearer", "pass", {}),
        ("authorization", "bearer", "pass", {}),
        ("Authentication", "bearer", "fail", {"auth_header_name_wrong": "S"}),
        ("Authorisation", "bearer", "fail", {"auth_header_name_wrong": "S"}),
        ("Authorizaton", "basic", "fail", {"auth_header_name_wrong": "S"}),
        ("Authorization:", "bearer", "fail", {"auth_header_name_wrong": "S"}),
        ("X-Authorization", "bearer", "fail", {"auth_header_name_wrong": "S"}),
        ("Token", "bearer", "fail", {"auth_header_name_wrong": "S"}),
        ("Token", "api_key", "pass", {}),
        ("Proxy-Authorization", "bearer", "fail", {"auth_header_name_wrong": "S"}),
        ("X-Serverless-Authorization", "bearer", "pass", {}),
        ("Authorization-Custom", "bearer", "pass", {}),
        ("X-Api-Key", "api_key", "pass", {}),
        ("X_Auth_Token", "api_key", "warn", {"header_name_underscore": "M"}),
    ],
)
def test_header_names(name: str, kind: str, status: str, causes: dict[str, str]) -> None:
    finding = judge(header_name, named(name, kind))
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_name_the_api_accepts_is_right() -> None:
    assert judge(header_name, named("X-Authorization"), baseline(200)).status is Status.PASS


@pytest.mark.parametrize(("server", "speaks_against"), [("nginx/1.22.1", False), ("openresty", False), ("Kestrel", True)])
def test_a_hyphen_that_does_not_help_says_nothing_behind_a_server_that_drops_underscores(server: str, speaks_against: bool) -> None:
    refusal = exchange(401, headers=(("Server", server),))
    hyphen = CleanedCall(refusal, "header_name_underscore", "header name")
    finding = judge(header_name, named("X_Auth_Token", "api_key"), baseline(401, headers=(("Server", server),)), hyphen)
    assert any(a.grade.against for a in finding.arguments) == speaks_against


def test_the_request_under_the_right_name_proves_the_wrong_one() -> None:
    other = OtherSchemeCall(exchange(200), "auth_header_name_wrong", "header name")
    finding = judge(header_name, named("Authentication"), baseline(401), other)
    assert grades(finding) == {"auth_header_name_wrong": "P"}


def test_a_swap_of_another_cause_is_shown_elsewhere() -> None:
    other = CleanedCall(exchange(200), "quotes_in_token", "quotes")
    assert grades(judge(header_name, credential(jws()), baseline(401), other)) == {}


def test_a_locked_store_is_said_to_hold_what_the_user_put_there() -> None:
    """The whole field value is looked for first, and hardly anybody stores that."""
    finding = judge(credential_present, NOTHING, stored(authorization="unavailable", access_token="unavailable"))
    assert finding.summary.startswith("The place where access_token is kept could not be read")


@pytest.mark.parametrize(
    ("kind", "states", "references", "facts"),
    [
        ("bearer", {"access_token": "absent"}, {"access_token": "env:API_TOKEN"},
         {"credential_field": "access_token", "credential_place": "env", "reference:access_token": "env:API_TOKEN"}),
        ("bearer", {"access_token": "absent"}, {}, {"credential_field": "access_token"}),
        ("api_key", {"api_key": "present"}, {"api_key": "file:key.txt"}, {"credential_field": "api_key", "reference:api_key": "file:key.txt"}),
        ("basic", {"username": "absent", "password": "present"}, {}, {"credential_field": "username"}),
        ("basic", {"username": "present", "password": "present"}, {}, {"credential_field": "password"}),
    ],
)  # fmt: skip
def test_it_tells_where_a_remedy_has_to_put_a_value(
    kind: str, states: dict[str, str], references: dict[str, str], facts: dict[str, str]
) -> None:
    made = profile(credential=spec(kind=kind), secrets={name: Reference(ref) for name, ref in references.items()})
    finding = judge(credential_present, credential(None, kind=kind, field_value=None), made, stored(**states))
    assert dict(finding.facts) == facts
