"""What one answer says by itself: never more than its words, and what follows from challenge and status where there are none."""

from __future__ import annotations

import json

from each_row import for_each
from hypothesis import given
from hypothesis import strategies as st

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.error_codes import AT_TOKEN_ENDPOINT, CODES, TOKEN_ENDPOINT_CODES
from authwizard.knowledge.explanation import ABSENT, explain, explain_log
from authwizard.knowledge.messages import rows
from authwizard.model.finding import Grade, Owner

from .message_examples import EXAMPLES
from .more_message_examples import MORE


def bearer(parameters: str = "") -> list[tuple[str, str]]:
    return [("WWW-Authenticate", f"Bearer {parameters}".strip())]


@for_each(
    ("status", "headers", "body", "cause", "certainty"),
    [
        # words of one meaning
        (401, [], "jwt expired", "token_expired", "names_it"),
        (403, bearer('error="invalid_token"'), "Audiences in Jwt are not allowed", "audience_mismatch", "names_it"),
        # words that leave another cause open
        (401, [], "Jwt not yet valid", "token_not_yet_valid", "hints"),
        (401, [], '{"message": "Incorrect API key provided"}', "api_key_invalid", "hints"),
        (401, [], '{"message": "Invalid username/password."}', "user_credentials_invalid", "hints"),
        # a request that was not seen to carry anything
        (401, [], '{"message": "Missing Authorization Header"}', "credential_missing", "hints"),
        (401, bearer('realm="api"'), "", "credential_missing", "hints"),
        # vague words
        (401, [], '{"error": "unauthorized"}', "token_rejected_unspecified", "hints"),
        (401, bearer('error="invalid_token"'), "", "token_rejected_unspecified", "hints"),
        (401, bearer('realm="x"'), '{"detail": "Token is invalid or expired"}', "token_rejected_unspecified", "hints"),
        (401, [], "", "token_rejected_unspecified", "says_nothing"),
        # codes of the standards
        (403, bearer('error="insufficient_scope", scope="write"'), "", "insufficient_scope", "names_it"),
        (401, bearer('error="insufficient_user_authentication"'), "", "step_up_required", "names_it"),
        (401, [("WWW-Authenticate", 'DPoP error="use_dpop_nonce"')], "", "dpop_nonce_required", "names_it"),
        (400, bearer('error="invalid_request"'), "", "authorization_header_malformed", "hints"),
        # the token endpoint
        (401, [], '{"error": "invalid_client"}', "client_credentials_invalid", "hints"),
        (400, [], '{"error": "invalid_grant"}', "refresh_token_invalid", "hints"),
        (400, [], '{"error": "unauthorized_client"}', "grant_not_allowed", "hints"),
        (400, [], '{"error": "invalid_target"}', "audience_unknown", "names_it"),
        # statuses and schemes
        (407, [], "", "proxy_auth_required", "names_it"),
        (429, [], "slow", "rate_limited", "names_it"),
        (431, [], "", "header_too_large", "names_it"),
        (403, [], "Forbidden", "forbidden_by_policy", "hints"),
        (403, bearer(), "", "insufficient_scope", "hints"),
        (401, [("WWW-Authenticate", 'Basic realm="x"')], "", "user_credentials_invalid", "hints"),
        (401, [("WWW-Authenticate", 'Digest realm="x", nonce="n", stale=true')], "", "digest_stale_nonce", "hints"),
        (401, [("WWW-Authenticate", "Negotiate")], "", "negotiate_required", "hints"),
        (401, [("WWW-Authenticate", "Key")], "", "api_key_invalid", "hints"),
        (401, [("WWW-Authenticate", 'DPoP algs="ES256"')], "", "dpop_required", "hints"),
        # no refusal
        (200, [], '{"ok": true}', None, "says_nothing"),
        (404, [], "Not Found", None, "says_nothing"),
    ],
)  # fmt: skip
def test_answers(status: int, headers: list[tuple[str, str]], body: str, cause: str | None, certainty: str) -> None:
    said = explain(status, headers, body)
    assert (said.cause, said.certainty) == (cause, certainty)
    assert said.candidates[:1] == ((cause,) if cause else ())


def test_absence_keeps_all_three_explanations() -> None:
    assert explain(401, [], "Jwt is missing").candidates == ABSENT


def test_a_bare_challenge_beside_words_about_a_token_is_no_absence() -> None:
    said = explain(401, bearer('realm="api"'), '{"message": "Could not validate credentials"}')
    assert said.candidates[0] == "token_rejected_unspecified"


@for_each("code", sorted(TOKEN_ENDPOINT_CODES))
@for_each("words", ["Token has expired", "Token has been revoked", "No credentials", "Session expired"])
def test_at_a_token_endpoint_the_token_is_the_one_that_was_handed_in(code: str, words: str) -> None:
    said = explain(400, [], f'{{"error": "{code}", "error_description": "{words}"}}')
    assert not set(said.candidates[:2]) & (set(AT_TOKEN_ENDPOINT) | set(ABSENT))
    assert said.certainty == "hints"


def test_beside_invalid_token_the_token_is_an_access_token() -> None:
    """RFC 6750 3.1 is the resource server's code; an expired refresh token is `invalid_grant` (RFC 6749 5.2)."""
    assert explain(401, bearer('error="invalid_token", error_description="Token has expired"'), "").certainty == "names_it"
    assert explain(401, bearer(), "Token has expired").candidates == ("token_expired", "refresh_token_expired")
    assert explain(401, bearer('error="invalid_token"'), "refresh token has expired").candidates == ("refresh_token_expired",)
    assert explain(401, [], '{"error": "invalid_token", "message": "Token has expired"}').certainty == "hints", "a body may be anybody's"


def test_a_stack_that_numbers_its_errors_knows_which_token_it_means() -> None:
    said = explain(
        400, [], '{"error": "invalid_grant", "error_description": "AADSTS500133: Assertion is not within its valid time range."}'
    )
    assert said.cause == "token_expired"


@for_each("stack", [stack for stack in (*EXAMPLES, *MORE) if not stack.endswith(" log")])
def test_only_one_meaning_is_named(stack: str) -> None:
    """The rule behind `names_it`: a row of grade S with one cause; a second cause these words could stand for makes it a hint."""
    for text, _ in (EXAMPLES | MORE)[stack]:
        said = explain(401, [], json.dumps({"message": text}))
        row = rows()[int(said.message.key.removeprefix("row:"))]
        single = row.kind == "names" and row.grade is Grade.S and len(row.causes) == 1
        assert said.certainty == ("names_it" if single else "hints"), text
        assert said.candidates == (ABSENT if row.kind == "absent" else row.causes if row.kind == "names" else said.candidates), text


def test_a_code_names_one_cause_or_hints() -> None:
    assert [code for code, (certainty, causes) in CODES.items() if (certainty == "names_it") and len(causes) != 1] == []


def test_firm_is_what_the_server_says_in_so_many_words() -> None:
    assert explain(401, [], "Jwt not yet valid").firm
    assert explain(401, [], "Jwt is missing").firm
    assert not explain(401, [], "unauthorized").firm
    assert not explain(401, bearer(), "").firm


def test_the_summary_quotes_the_server_and_the_owner_is_the_causes() -> None:
    said = explain(401, [], '{"message": "jwt expired"}')
    assert '"jwt expired"' in said.summary
    assert said.owner is catalogue()["token_expired"].owner
    assert explain(204, [], "").owner is Owner.NOBODY_CAN_TELL


def test_a_malformed_challenge_is_said_to_be_one() -> None:
    assert explain(401, [("WWW-Authenticate", 'Bearer realm="unterminated')], "").malformed
    assert not explain(401, bearer('realm="x"'), "").malformed


def test_a_renamed_challenge_is_read() -> None:
    headers = [("x-amzn-Remapped-WWW-Authenticate", 'Bearer error="invalid_token", error_description="jwt expired"')]
    assert explain(401, headers, "").cause == "token_expired"


def test_log_lines_name_what_the_answer_hides() -> None:
    said = explain_log('info: Bearer was not authenticated. Failure message: IDX10214: Audience validation failed. Audiences: "x".')
    assert (said.cause, said.certainty) == ("audience_mismatch", "names_it")
    assert explain_log("started").certainty == "says_nothing"


@given(
    st.integers(100, 599), st.lists(st.tuples(st.sampled_from(["WWW-Authenticate", "Server", "X"]), st.text(max_size=60)), max_size=3),
    st.text(max_size=300),
)  # fmt: skip
def test_any_answer_is_explained(status: int, headers: list[tuple[str, str]], body: str) -> None:
    said = explain(status, headers, body)
    assert said.summary
    assert set(said.candidates) <= set(catalogue())
    assert (said.cause is None) == (not said.candidates)
    assert said.cause is None or said.cause == said.candidates[0]
    assert len(set(said.candidates)) == len(said.candidates)
