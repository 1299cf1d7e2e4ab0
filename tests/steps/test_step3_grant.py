"""S3-06: the grant against the client, and the errors of flows with a sign-in."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.finding import Status
from authwizard.model.profile import OAuth, Profile
from authwizard.steps.step3_grant import grant_fits

from .made_evidence import discovery, granted, judge, present, profile, refused, said, secrets


def client(**changes: Any) -> dict[type, object]:
    return {Profile: profile(oauth=OAuth(**{"client_id": "client-1", "token_url": "https://auth.example.com/token", **changes}))}


@pytest.mark.parametrize(
    ("grant", "error", "words", "cause"),
    [
        ("authorization_code", "invalid_grant", "redirect_uri does not match", "redirect_uri_mismatch"),
        ("authorization_code", "invalid_grant", "PKCE verification failed", "pkce_mismatch"),
        ("authorization_code", "invalid_grant", "The authorization code was already used", "authorization_code_reused"),
        ("authorization_code", "invalid_grant", "", "authorization_code_invalid"),
        ("device_code", "expired_token", "", "device_code_expired"),
        ("client_credentials", "unauthorized_client", "", "grant_not_allowed"),
    ],
)
def test_the_token_endpoint_names_it(grant: str, error: str, words: str, cause: str) -> None:
    answer = refused(error, description=words, grant=grant)
    finding = judge(grant_fits, secrets(), answer, given=client(grant=grant))
    assert (finding.status, said(finding)) == (Status.FAIL, {(cause, "S")}), finding.summary


@pytest.mark.parametrize(
    ("oauth", "stored", "answer", "status", "expected"),
    [
        ({"client_auth": "none"}, False, None, "warn", {("grant_not_allowed", "W")}),
        ({"client_auth": "none"}, False, "invalid_client", "warn", {("grant_not_allowed", "M")}),
        ({"client_auth": "none"}, True, "invalid_client", "warn", {("client_auth_method_wrong", "M")}),
        ({"client_auth": "none", "grant": "authorization_code"}, False, None, "pass", set()),
        ({"grant": "authorization_code"}, False, None, "warn", {("client_credentials_missing", "W")}),
        ({"grant": "authorization_code"}, True, None, "pass", set()),
        ({}, True, None, "pass", set()),
        ({}, True, "invalid_client", "pass", set()),
        ({"client_auth": "private_key_jwt"}, False, None, "pass", set()),
    ],
)
def test_the_kind_of_client(oauth: dict[str, Any], stored: bool, answer: str | None, status: str, expected: set[tuple[str, str]]) -> None:
    held = secrets(client_secret=present("client_secret")) if stored else secrets()
    evidence = () if answer is None else (refused(answer),)
    finding = judge(grant_fits, held, *evidence, given=client(**oauth))
    assert (finding.status, said(finding)) == (Status(status), expected), finding.summary


def test_what_the_server_accepts_is_right_however_odd() -> None:
    finding = judge(grant_fits, secrets(), granted(), given=client(client_auth="none"))
    assert (finding.status, said(finding)) == (Status.PASS, set())


def test_a_sign_in_that_is_still_under_way_is_no_fault() -> None:
    finding = judge(grant_fits, secrets(), refused("authorization_pending", grant="device_code"), given=client(grant="device_code"))
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "not finished yet" in finding.summary


def test_pkce_and_pushed_requests_are_shown_as_published() -> None:
    published = discovery(code_challenge_methods_supported=("plain",), require_pushed_authorization_requests=True)
    finding = judge(grant_fits, secrets(), published, given=client(grant="authorization_code", client_auth="none"))
    marks = {line.label: line.mark for line in finding.details if hasattr(line, "label")}
    assert marks["PKCE"] is Status.WARN
    assert "pushed requests" in marks


def test_no_client() -> None:
    assert judge(grant_fits, secrets(), given={Profile: profile(oauth=None)}).status is Status.SKIP
