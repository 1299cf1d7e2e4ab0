"""What a refused token request means: codes, numbers of vendors, and words beside them."""

from __future__ import annotations

import json

import pytest
from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.token_errors import NO_GRANT, cause_of_token_error, refuses_client, tables
from authwizard.model.oauth import TokenAnswer
from authwizard.protocol.oauth import read_token_answer

JSON = [("Content-Type", "application/json")]


def refused(error: str, description: str = "", status: int = 401) -> TokenAnswer:
    return read_token_answer(status, JSON, json.dumps({"error": error, "error_description": description}))


@for_each(
    ("error", "description", "grant", "method", "cause", "grade"),
    [
        ("invalid_client", "", "client_credentials", "client_secret_basic", "client_credentials_invalid", "S"),
        ("invalid_client", "", "client_credentials", "private_key_jwt", "client_assertion_invalid", "S"),
        ("invalid_client", "Client is disabled", "client_credentials", "client_secret_post", "client_disabled", "S"),
        ("invalid_client", "AADSTS7000222: keys are expired", "client_credentials", "client_secret_post", "client_secret_expired", "S"),
        ("unauthorized_client", "", "client_credentials", "client_secret_basic", "grant_not_allowed", "S"),
        ("invalid_scope", "", "client_credentials", "client_secret_basic", "scope_unknown", "S"),
        ("invalid_scope", "", "refresh_token", "client_secret_basic", "refresh_scope_widened", "S"),
        ("invalid_target", "", "client_credentials", "client_secret_basic", "audience_unknown", "S"),
        ("invalid_request", "missing parameter", "client_credentials", "client_secret_basic", "token_request_malformed", "S"),
        (
            "invalid_request",
            "id and secret are not properly encoded",
            "client_credentials",
            "client_secret_basic",
            "client_secret_encoding",
            "S",
        ),
        ("invalid_request", "this grant type is not allowed here", "client_credentials", "client_secret_basic", "grant_not_allowed", "S"),
        ("invalid_scope", "the scope is not allowed", "client_credentials", "client_secret_basic", "scope_not_granted", "S"),
        ("invalid_grant", "", "client_credentials", "client_secret_basic", "client_credentials_invalid", "W"),
        (
            "invalid_request",
            "no client authentication mechanism provided",
            "client_credentials",
            "client_secret_basic",
            "client_credentials_missing",
            "S",
        ),
        ("invalid_grant", "", "refresh_token", "client_secret_basic", "refresh_token_invalid", "M"),
        ("invalid_grant", "Token is not active", "refresh_token", "client_secret_basic", "refresh_token_expired", "S"),
        ("invalid_grant", "Refresh token was already used", "refresh_token", "client_secret_basic", "refresh_token_reused", "S"),
        ("invalid_grant", "The refresh token is invalid or expired", "refresh_token", "client_secret_basic", "refresh_token_invalid", "M"),
        ("temporarily_unavailable", "", "client_credentials", "client_secret_basic", "auth_server_error", "S"),
    ],
)
def test_a_refused_request_names_its_cause(error: str, description: str, grant: str, method: str, cause: str, grade: str) -> None:
    named = cause_of_token_error(refused(error, description), grant=grant, client_auth=method, status=401, content_type="application/json")
    assert named[0][:2] == (cause, grade)


@pytest.mark.parametrize(
    ("status", "content_type", "cause"),
    [
        (404, "text/html", "token_endpoint_wrong"),
        (302, "", "token_endpoint_wrong"),
        (200, "text/html", "token_endpoint_wrong"),
        (429, "", "rate_limited"),
        (503, "", "auth_server_error"),
    ],
)  # fmt: skip
def test_an_answer_without_a_code_is_judged_by_its_status(status: int, content_type: str, cause: str) -> None:
    answer = read_token_answer(status, [("content-type", content_type)], "<html>")
    assert (
        cause_of_token_error(
            answer, grant="client_credentials", client_auth="client_secret_basic", status=status, content_type=content_type
        )[0][0]
        == cause
    )


def test_a_success_and_silence_name_nothing() -> None:
    good = read_token_answer(200, JSON, '{"access_token": "x"}')
    assert cause_of_token_error(good, grant="client_credentials", client_auth="none", status=200, content_type="") == ()
    assert cause_of_token_error(TokenAnswer(False), grant="client_credentials", client_auth="none", status=None, content_type="") == ()


CODE, DEVICE, EXCHANGE = "authorization_code", "device_code", "urn:ietf:params:oauth:grant-type:token-exchange"


@for_each(
    ("error", "description", "grant", "cause", "grade"),
    [
        # numbers are sure where they have one meaning, whatever the words beside them
        ("invalid_client", "AADSTS7000215: Invalid client secret provided.", "client_credentials", "client_credentials_invalid", "S"),
        ("unauthorized_client", "AADSTS700016: Application not found in the directory.", "client_credentials", "client_unknown", "M"),
        ("invalid_resource", "AADSTS500011: The resource principal was not found.", "client_credentials", "audience_unknown", "S"),
        ("invalid_grant", "AADSTS50076: use multi-factor authentication", "refresh_token", "mfa_or_policy_required", "S"),
        ("invalid_grant", "AADSTS53003: blocked", "client_credentials", "mfa_or_policy_required", "S"),
        ("invalid_grant", "AADSTS50053: locked", "password", "account_locked", "S"),
        ("invalid_grant", "AADSTS65001: consent", "refresh_token", "consent_or_policy_denied", "S"),
        ("invalid_grant", "AADSTS700082: expired due to inactivity", "refresh_token", "refresh_token_expired", "S"),
        ("invalid_grant", "AADSTS70008: expired", CODE, "authorization_code_invalid", "S"),
        ("invalid_grant", "AADSTS54005: already redeemed", CODE, "authorization_code_reused", "S"),
        ("invalid_grant", "AADSTS501481: verifier", CODE, "pkce_mismatch", "S"),
        ("invalid_client", "AADSTS700027: key not known", "client_credentials", "client_assertion_invalid", "S"),
        ("expired_token", "AADSTS70019: code expired", DEVICE, "device_code_expired", "S"),
        # flows with a sign-in
        ("invalid_grant", "", CODE, "authorization_code_invalid", "S"),
        ("invalid_grant", "redirect_uri does not match", CODE, "redirect_uri_mismatch", "S"),
        ("invalid_grant", "redirect_uri differs from the one of the authorization request.", CODE, "redirect_uri_mismatch", "S"),
        ("redirect_uri_mismatch", "Bad Request", CODE, "redirect_uri_mismatch", "S"),
        ("invalid_grant", "code_verifier does not match the code_challenge.", CODE, "pkce_mismatch", "S"),
        ("invalid_grant", "PKCE verification failed", CODE, "pkce_mismatch", "S"),
        ("invalid_request", "code_verifier is missing", CODE, "pkce_mismatch", "S"),
        ("invalid_grant", "The authorization code was already used", CODE, "authorization_code_reused", "S"),
        ("invalid_grant", "The authorization code is unknown, was used, or has expired.", CODE, "authorization_code_invalid", "S"),
        ("expired_token", "", DEVICE, "device_code_expired", "S"),
        ("slow_down", "", DEVICE, "rate_limited", "S"),
        ("access_denied", "", DEVICE, "consent_or_policy_denied", "S"),
        ("invalid_grant", "", DEVICE, "device_code_expired", "M"),
        # pushed requests, token exchange, authorization details
        ("invalid_request_uri", "The request_uri has expired", CODE, "token_request_malformed", "S"),
        ("invalid_target", "", EXCHANGE, "audience_unknown", "S"),
        ("invalid_request", "subject_token_type is missing", EXCHANGE, "token_request_malformed", "S"),
        ("invalid_grant", "subject token", EXCHANGE, "token_request_malformed", "M"),
        ("invalid_authorization_details", "", CODE, "token_request_malformed", "S"),
        # words of the lexicon, where they fit the code
        ("invalid_grant", "Invalid username or password", "password", "user_credentials_invalid", "S"),
        ("invalid_grant", "Account is not fully set up", "password", "mfa_or_policy_required", "S"),
        ("invalid_client", "Invalid client or Invalid client credentials", "client_credentials", "client_credentials_invalid", "S"),
        ("invalid_client", "The audience is invalid", "client_credentials", "client_credentials_invalid", "S"),
        ("invalid_grant", "Invalid refresh token. Token client and authorized client don't match", "refresh_token", "refresh_client_mismatch", "S"),
        # codes of no standard
        ("E0000069", "User Locked", "client_credentials", "account_locked", "M"),
        ("odd", "nobody knows", "client_credentials", "token_request_malformed", "W"),
        ("too_many_attempts", "", "password", "account_locked", "S"),
        ("mfa_required", "Multifactor authentication required", "password", "mfa_or_policy_required", "S"),
    ],
)  # fmt: skip
def test_codes_numbers_and_words(error: str, description: str, grant: str, cause: str, grade: str) -> None:
    named = cause_of_token_error(
        refused(error, description, 400), grant=grant, client_auth="client_secret_basic", status=400, content_type="application/json"
    )
    assert named[0][:2] == (cause, grade), named


@pytest.mark.parametrize(
    ("further", "cause"),
    [
        ({"suberror": "basic_action"}, "mfa_or_policy_required"), ({"suberror": "consent_required"}, "consent_or_policy_denied"),
        ({"suberror": "client_mismatch"}, "refresh_client_mismatch"), ({"error_subtype": "rapt_required"}, "mfa_or_policy_required"),
        ({"suberror": "no such thing"}, "refresh_token_invalid"), ({"error_codes": [700082]}, "refresh_token_expired"),
    ],
)  # fmt: skip
def test_further_codes_refine_invalid_grant(further: dict[str, object], cause: str) -> None:
    answer = read_token_answer(400, JSON, json.dumps({"error": "invalid_grant", **further}))
    assert (
        cause_of_token_error(answer, grant="refresh_token", client_auth="none", status=400, content_type="application/json")[0][0] == cause
    )


def test_a_sign_in_under_way_names_nothing() -> None:
    pending = refused("authorization_pending", status=400)
    assert cause_of_token_error(pending, grant=DEVICE, client_auth="none", status=400, content_type="application/json") == ()


@pytest.mark.parametrize(
    ("method", "description", "expected"),
    [
        ("none", "", {("client_credentials_missing", "M"), ("client_unknown", "M")}),
        ("none", "Client is disabled", {("client_disabled", "S")}),
        ("tls_client_auth", "", {("mtls_certificate_mismatch", "M")}),
        ("tls_client_auth", "no client certificate was presented", {("mtls_certificate_missing", "S")}),
        ("tls_client_auth", "client certificate expired", {("mtls_certificate_mismatch", "M"), ("mtls_certificate_expired", "M")}),
        ("private_key_jwt", "unknown kid", {("client_assertion_invalid", "S"), ("client_key_unknown", "M")}),
    ],
)
def test_what_invalid_client_refuses_depends_on_how_the_client_said_who_it_is(
    method: str, description: str, expected: set[tuple[str, str]]
) -> None:
    named = cause_of_token_error(
        refused("invalid_client", description), grant="client_credentials", client_auth=method, status=401, content_type="application/json"
    )
    assert {(cause, grade) for cause, grade, _ in named} == expected


def test_the_tables_hold_known_causes_and_grades() -> None:
    read = tables()
    assert read.causes <= set(catalogue())
    grades = {grade for table in (read.codes, read.subcodes, read.grants) for _, grade in table.values()}
    assert grades | {grade for rows in read.words.values() for _, _, grade in rows} <= {"S", "M", "W"}


@given(st.integers(100, 599) | st.none(), st.text(max_size=200))
def test_any_answer_is_read(status: int | None, text: str) -> None:
    answer = read_token_answer(status, [("Content-Type", text)], text)
    cause_of_token_error(answer, grant="refresh_token", client_auth="private_key_jwt", status=status, content_type=text)


@pytest.mark.parametrize(
    ("status", "error", "description", "refuses"),
    [
        (400, "invalid_client", "", True),
        (401, "", "", True),
        (400, "invalid_request", "no client authentication mechanism provided", True),
        (400, "invalid_request", "the secret is not properly encoded", True),
        (400, "invalid_request", "missing parameter", False),
        (400, "invalid_scope", "", False),
    ],
)
def test_a_client_that_the_server_could_not_read_is_refused_whatever_the_code(
    status: int, error: str, description: str, refuses: bool
) -> None:
    answer = read_token_answer(status, JSON, json.dumps({"error": error, "error_description": description} if error else {}))
    assert refuses_client(answer) is refuses


def test_invalid_grant_without_a_grant_leaves_open_what_the_server_misses() -> None:
    answer = read_token_answer(400, JSON, json.dumps({"error": "invalid_grant"}))
    named = cause_of_token_error(
        answer, grant="client_credentials", client_auth="client_secret_basic", status=400, content_type="application/json"
    )
    assert {(cause, grade) for cause, grade, _ in named} == {(cause, "W") for cause in NO_GRANT}
