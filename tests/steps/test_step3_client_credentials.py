"""S3-01, S3-04, S3-05, S3-07: the client's own credentials."""

from __future__ import annotations

import dataclasses

import pytest

from authwizard.knowledge.messages import rows
from authwizard.knowledge.token_errors import tables
from authwizard.model.evidence import (
    ClientAuthVariants,
    CredentialSeen,
    FreshToken,
    MintedForRun,
    NetworkTime,
    NotApplicable,
    TokenGrant,
    Unavailable,
)
from authwizard.model.exchange import TransportFault
from authwizard.model.finding import Group, Status
from authwizard.model.profile import OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import GUESS, HINT, TokenFault
from authwizard.steps.step3_client_credentials import (
    CHECKS,
    STEP,
    client_auth_method,
    client_credentials_live,
    private_key_jwt,
    secret_hygiene,
)
from authwizard.steps.token_answers import TOKEN_ERROR_CAUSES

from .made_evidence import (
    ISSUER,
    NOW,
    about,
    credential,
    discovery,
    exchange,
    granted,
    judge,
    opaque,
    present,
    profile,
    refused,
    said,
    secrets,
    token,
)

BLANK = TokenFault("whitespace_in_credential", "The value ends with a space.")
GUID_FAULT = TokenFault("secret_id_instead_of_value", "The value has the shape of an id.")


NO_TOKEN = credential(token=None, field_value=None, missing="Nothing is stored.")


def jwt_profile(**oauth: object) -> Profile:
    return profile(oauth=OAuth(issuer=ISSUER, client_id="client-1", client_auth="private_key_jwt", **oauth))  # type: ignore[arg-type]


# ── S3-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_j02_a_blank_counts_where_the_secret_was_refused() -> None:
    stored = secrets(client_secret=present("client_secret", faults=(BLANK,)))
    finding = judge(secret_hygiene, stored, refused("invalid_client", 401), NO_TOKEN)
    assert (finding.status, said(finding)) == (Status.FAIL, {("whitespace_in_credential", "S")})
    assert said(judge(secret_hygiene, stored, refused("invalid_client", 401))) == {("whitespace_in_credential", "M")}
    assert finding.facts["step:whitespace_in_credential"] == 3
    assert about(finding, "whitespace_in_credential").group is Group.LOCAL_BYTES


@pytest.mark.parametrize("grant", [None, refused("invalid_scope")])
def test_a_blank_that_was_not_put_to_the_test_is_a_warning(grant: FreshToken | None) -> None:
    stored = secrets(client_secret=present("client_secret", faults=(BLANK,)))
    finding = judge(secret_hygiene, stored, *([grant] if grant else []))
    assert (finding.status, said(finding)) == (Status.WARN, {("whitespace_in_credential", "W")})
    assert not finding.facts


def test_a_blank_the_server_accepts_explains_nothing() -> None:
    stored = secrets(client_secret=present("client_secret", faults=(BLANK,)))
    finding = judge(secret_hygiene, stored, granted())
    assert (finding.status, said(finding)) == (Status.WARN, set())


def test_without_any_token_a_blank_is_all_there_is() -> None:
    stored = secrets(client_secret=present("client_secret", faults=(BLANK,)))
    finding = judge(secret_hygiene, stored, credential(field_value=None, token=None))
    assert said(finding) == {("whitespace_in_credential", "S")}


@pytest.mark.parametrize(
    ("client_id", "cause"),
    [(" client-1", "whitespace_in_credential"), ("client 1", "whitespace_in_credential"), ("YOUR_CLIENT_ID", "placeholder_value"),
     ("<client>", "placeholder_value"), ("CLIENT_ID_HERE", "placeholder_value"), ("${CLIENT_ID}", "placeholder_value"), ('"client-1"', "quotes_in_token")],
)  # fmt: skip
def test_the_client_id_is_looked_at_too(client_id: str, cause: str) -> None:
    own = profile(oauth=OAuth(client_id=client_id))
    finding = judge(secret_hygiene, secrets(), refused("invalid_client"), given={Profile: own})
    assert cause in {c for c, _ in said(finding)}


def test_a_clean_id_and_secret_pass() -> None:
    finding = judge(secret_hygiene, secrets(client_secret=present("client_secret", secret=Secret("made-up"))), refused("invalid_client"))
    assert (finding.status, said(finding)) == (Status.PASS, set())


def test_the_id_in_the_secrets_place() -> None:
    stored = secrets(client_secret=present("client_secret", secret=Secret("client-1")))
    assert said(judge(secret_hygiene, stored, refused("invalid_client"))) == {("client_id_secret_swapped", "M")}


def test_id_and_secret_exchanged_by_their_shapes() -> None:
    own = profile(oauth=OAuth(client_id="Q~8" + "x" * 37))
    stored = secrets(client_secret=present("client_secret", faults=(GUID_FAULT,)))
    finding = judge(secret_hygiene, stored, refused("invalid_client"), given={Profile: own})
    assert said(finding) == {("secret_id_instead_of_value", "M"), ("client_id_secret_swapped", "M")}


def test_the_number_of_entra_makes_the_id_strong() -> None:
    grant = refused("invalid_client", 401)
    grant = dataclasses.replace(grant, answer=dataclasses.replace(grant.answer, error_codes=("AADSTS7000215",)))
    stored = secrets(client_secret=present("client_secret", faults=(GUID_FAULT,)))
    assert said(judge(secret_hygiene, stored, grant, NO_TOKEN)) == {("secret_id_instead_of_value", "S")}


def test_a_secret_that_cannot_be_read_is_blocked() -> None:
    stored = secrets(client_secret=present("client_secret", status="unavailable", why="The keyring is locked."))
    finding = judge(secret_hygiene, stored)
    assert (finding.status, finding.summary) == (Status.BLOCKED, "The keyring is locked.")
    assert judge(secret_hygiene, secrets(), given={Profile: profile(oauth=None)}).status is Status.SKIP


# ── S3-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def tries(*grants: TokenGrant, labels: tuple[str, ...] = ()) -> ClientAuthVariants:
    return ClientAuthVariants(grants, labels)


def test_j04_the_other_method_succeeds() -> None:
    other = granted(kind=TokenGrant, client_auth="client_secret_post")
    finding = judge(client_auth_method, refused("invalid_client", 401), tries(other), NO_TOKEN)
    assert said(finding) == {("client_auth_method_wrong", "P")}
    assert said(judge(client_auth_method, refused("invalid_client", 401), tries(other))) == {("client_auth_method_wrong", "M")}
    argument = about(finding, "client_auth_method_wrong")
    assert (argument.group, argument.factor) == (Group.SWAP, "client authentication")
    assert "client_secret_post" in argument.text


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (("client_secret_basic", "client_secret_post"), {("authorization_stripped", "P")}),
        (("client_secret_post",), {("client_auth_method_wrong", "P")}),
        ((), {("client_auth_method_wrong", "P")}),
    ],
)
def test_a_header_that_the_server_offers_to_read_and_does_not_see_was_lost(
    offered: tuple[str, ...], expected: set[tuple[str, str]]
) -> None:
    unseen = refused("invalid_request", description="no client authentication mechanism provided")
    other = granted(kind=TokenGrant, client_auth="client_secret_post")
    finding = judge(client_auth_method, unseen, tries(other), NO_TOKEN, discovery(token_endpoint_auth_methods_supported=offered))
    assert expected <= said(finding)
    assert finding.facts.get("step:authorization_stripped") == (3 if ("authorization_stripped", "P") in expected else None)


def test_the_other_encoding_succeeds() -> None:
    variants = tries(granted(kind=TokenGrant), labels=("id and secret not form-encoded",))
    finding = judge(client_auth_method, refused("invalid_client", 401), variants, NO_TOKEN)
    assert said(finding) == {("client_secret_encoding", "P")}
    assert "not form-encoded" in finding.summary


def test_every_way_refused_speaks_against_the_way() -> None:
    variants = tries(
        refused("invalid_client", kind=TokenGrant), refused("invalid_client", kind=TokenGrant, client_auth="client_secret_post")
    )
    finding = judge(client_auth_method, refused("invalid_client", 401), variants)
    assert said(finding) == {("client_auth_method_wrong", "XM"), ("client_secret_encoding", "XM")}


def test_a_sign_in_under_way_is_no_refusal() -> None:
    finding = judge(client_credentials_live, refused("authorization_pending", grant="device_code"), NO_TOKEN)
    assert (finding.status, said(finding)) == (Status.WARN, set())
    assert "renewal_failed" not in finding.facts
    assert "ask again" in str(finding.facts["unblock"])


def test_only_what_was_tried_and_answered_is_spoken_against() -> None:
    one = judge(client_auth_method, refused("invalid_client", 401), tries(refused("invalid_client", kind=TokenGrant)))
    assert said(one) == {("client_secret_encoding", "XM")}
    silent = dataclasses.replace(refused("", kind=TokenGrant), exchange=exchange(None))
    assert judge(client_auth_method, refused("invalid_client", 401), tries(silent)).status is Status.BLOCKED


def test_a_firewall_in_front_of_the_token_endpoint_is_no_wrong_address() -> None:
    page = exchange(403, "<html><title>Just a moment...</title></html>", {"Content-Type": "text/html", "cf-mitigated": "challenge"})
    answer = dataclasses.replace(refused(""), exchange=page)
    assert said(judge(client_credentials_live, answer, NO_TOKEN)) == {("waf_blocked", "S")}


def test_metadata_without_the_method() -> None:
    found = discovery(token_endpoint_auth_methods_supported=("private_key_jwt",))
    assert said(judge(client_auth_method, refused("invalid_client", 401), found)) == {("client_auth_method_wrong", "M")}
    assert said(judge(client_auth_method, granted(), found)) == set()


def test_nothing_to_vary() -> None:
    assert judge(client_auth_method, granted()).status is Status.PASS
    assert judge(client_auth_method, refused("invalid_scope")).status is Status.SKIP
    pending = judge(client_auth_method, refused("invalid_client"))
    assert (pending.status, pending.skip) == (Status.SKIP, "not_tried")


# ── S3-05 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_an_accepted_client() -> None:
    finding = judge(client_credentials_live, granted())
    assert finding.status is Status.PASS
    assert (finding.facts["renewal_tried"], finding.facts["renewal_failed"]) == (True, False)


@pytest.mark.parametrize(
    ("error", "status", "cause"),
    [
        ("invalid_client", 401, "client_credentials_invalid"), ("invalid_client", 400, "client_credentials_invalid"),
        ("unauthorized_client", 400, "grant_not_allowed"), ("invalid_scope", 400, "scope_unknown"), ("invalid_target", 400, "audience_unknown"),
        ("invalid_request", 400, "token_request_malformed"), ("", 404, "token_endpoint_wrong"), ("", 503, "auth_server_error"),
        ("slow_down", 429, "rate_limited"),
    ],
)  # fmt: skip
def test_j_rows_a_refused_token_request(error: str, status: int, cause: str) -> None:
    finding = judge(client_credentials_live, refused(error, status), NO_TOKEN)
    assert finding.status is Status.FAIL
    assert (cause, "S") in said(finding)
    assert {a.group for a in finding.arguments} == {Group.TOKEN_ENDPOINT}
    assert finding.facts["renewal_failed"] is True
    assert finding.facts["renewal_cause"] == cause
    assert finding.facts["client_refused"] is (error == "invalid_client")


@pytest.mark.parametrize(
    ("seen", "grade"),
    [(credential(), "M"), (credential(opaque()), "M"), (credential(token({"exp": NOW - 60})), "S"), (credential(fetched=True), "S"), (NO_TOKEN, "S")],
)  # fmt: skip
def test_a_refused_client_does_not_explain_the_refusal_of_a_living_token(seen: CredentialSeen, grade: str) -> None:
    assert said(judge(client_credentials_live, refused("invalid_client", 401), seen)) == {("client_credentials_invalid", grade)}


def test_a_disabled_client_may_be_refused_by_the_api_as_well() -> None:
    finding = judge(client_credentials_live, refused("invalid_client", 401, description="Client is disabled"), credential())
    assert said(finding) == {("client_disabled", "S")}


def test_a_token_endpoint_that_is_not_reached_is_blocked_and_blames_no_client() -> None:
    lost = dataclasses.replace(
        refused(""), exchange=exchange(None, fault=TransportFault("connect", "Nothing listens there."))
    )  # fmt: skip
    finding = judge(client_credentials_live, lost)
    assert (finding.status, said(finding)) == (Status.BLOCKED, set())
    assert "renewal_failed" not in finding.facts
    assert judge(client_credentials_live, given={FreshToken: Unavailable("No name.")}).status is Status.BLOCKED
    assert judge(client_credentials_live, given={FreshToken: NotApplicable("Another grant.")}).status is Status.SKIP


def test_every_cause_of_the_mapping_is_declared() -> None:
    named = {row.causes[0] for row in rows() if row.stack == "entra" and "aadsts" in row.pattern.pattern}
    assert tables().causes | named <= set(TOKEN_ERROR_CAUSES)


# ── S3-07 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def assertion_refused(description: str = "", **changes: object) -> FreshToken:
    return refused("invalid_client", 401, description=description, client_auth="private_key_jwt", **changes)  # type: ignore[no-any-return]


def test_a_refused_assertion() -> None:
    finding = judge(private_key_jwt, NO_TOKEN, assertion_refused(), given={Profile: jwt_profile()})
    assert said(finding) == {("client_assertion_invalid", "S")}


@pytest.mark.parametrize(
    "words",
    ["unknown kid", "Unable to load public key", "No matching key found", "key not found: k-9", "No key with kid 'k-9' is registered",
     "The client_assertion JWT kid is invalid."],
)  # fmt: skip
def test_j10_an_unknown_key_outranks_the_general_refusal(words: str) -> None:
    for check in (private_key_jwt, client_credentials_live):
        finding = judge(check, NO_TOKEN, assertion_refused(words), given={Profile: jwt_profile()})
        assert said(finding) == {("client_key_unknown", "S"), ("client_assertion_invalid", "M")}


@pytest.mark.parametrize("offset", [600.0, -600.0])
def test_g02_a_wrong_clock_here_supports_skew(offset: float) -> None:
    finding = judge(private_key_jwt, NO_TOKEN, assertion_refused(), NetworkTime("ntp", offset, 0.1), given={Profile: jwt_profile()})
    assert ("clock_skew_client", "M") in said(finding)
    assert ("behind" if offset > 0 else "ahead") in about(finding, "clock_skew_client").text


def test_the_date_of_the_token_endpoint_tells_the_clock_too() -> None:
    dated = exchange(401, headers={"Date": "Fri, 15 Jan 2027 08:20:00 GMT"})  # 20 minutes after NOW
    finding = judge(private_key_jwt, NO_TOKEN, assertion_refused(exchange=dated), given={Profile: jwt_profile()})
    assert ("clock_skew_client", "M") in said(finding)
    near = judge(private_key_jwt, NO_TOKEN, assertion_refused(), NetworkTime("ntp", 20.0, 0.1), given={Profile: jwt_profile()})
    assert said(near) == {("client_assertion_invalid", "S")}


def test_a_key_that_cannot_sign_is_named_before_anything_is_sent() -> None:
    fault = TokenFault("client_assertion_invalid", "It is the public half of a key pair.", "value")
    held = secrets(private_key=present("private_key", faults=(fault,)))
    finding = judge(private_key_jwt, NO_TOKEN, held, given={Profile: jwt_profile()})
    assert (finding.status, said(finding)) == (Status.FAIL, {("client_assertion_invalid", "S")})
    accepted = granted(client_auth="private_key_jwt")
    assert judge(private_key_jwt, NO_TOKEN, held, accepted, given={Profile: jwt_profile()}).status is Status.PASS


def test_what_a_secret_only_looks_like_weighs_little() -> None:
    guess = TokenFault("double_encoded_token", "It is base64.", GUESS)
    hint = TokenFault("wrapper_in_token", "It ends with a sign.", HINT)
    for fault, grade in ((guess, "M"), (hint, "W")):
        held = secrets(client_secret=present("client_secret", faults=(fault,)))
        assert said(judge(secret_hygiene, held, NO_TOKEN, refused("invalid_client", 401))) == {(fault.cause, grade)}
        assert said(judge(secret_hygiene, held, NO_TOKEN, granted())) == set()


def test_other_clients_and_accepted_assertions() -> None:
    assert judge(private_key_jwt, refused("invalid_client")).status is Status.SKIP
    assert judge(private_key_jwt, granted(client_auth="private_key_jwt"), given={Profile: jwt_profile()}).status is Status.PASS
    other = refused("invalid_scope", client_auth="private_key_jwt")
    assert said(judge(private_key_jwt, other, given={Profile: jwt_profile()})) == set()


def test_the_step() -> None:
    assert (STEP.number, STEP.id) == (3, "client_credentials")
    ids = [check.id for check in CHECKS]
    assert ids == sorted(ids)
    assert {"S3-01", "S3-02", "S3-03", "S3-04", "S3-05", "S3-07", "S3-09", "S3-10", "S3-11", "S3-12", "S3-13", "S3-16"} <= set(ids)
    assert MintedForRun not in {need.kind for check in CHECKS for need in check.needs if not need.optional}
