"""Which one test decides next? The cheapest that separates two causes, else the cheapest that confirms one."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from authwizard.knowledge.separating_groups import GROUPS
from authwizard.model.errors import UsageError
from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class NextTest:
    """A test in words for a person. `cost` is the class C0 to C5, `requests` what it sends, `probe` the check or probe that is it.

    `own`: a run does it itself, so that it is done once its check is judged; all others are for a person, or for later.
    """

    text: str
    probe: str
    cost: int
    requests: int = 0
    own: bool = False


def _each(
    cause: str, rivals: str, text: str, probe: str, cost: int, requests: int, own: bool
) -> tuple[tuple[tuple[str, ...], NextTest], ...]:
    """Return the pairs of one cause with each of several others, which one test tells apart."""
    test = NextTest(text, probe, cost, requests, own)
    return tuple(((cause, rival), test) for rival in rivals.split())


def _of(names: str, text: str, probe: str, cost: int, requests: int = 0, *, own: bool = False) -> tuple[tuple[str, ...], NextTest]:
    return tuple(names.split()), NextTest(text, probe, cost, requests, own)


SEPARATING: tuple[tuple[tuple[str, ...], NextTest], ...] = (
    # The path.
    _of("authorization_stripped uniform_401",
        "Send a credential that is known to work on this request: if it is refused too, the header is lost or nobody is let in.",
        "S7-05", 2, 1, own=True),
    _of("auth_scheme_case_rejected authorization_stripped",
        "Send the same credential with the word Bearer written canonically: if that succeeds, the spelling was the cause.", "D5", 2, 1),
    _of("authorization_stripped insufficient_scope",
        "Call an endpoint that only needs a living token: success there means the header arrives and a permission is missing.",
        "S3-17", 2, 1, own=True),
    _of("authorization_stripped credential_location_wrong",
        "Send the same credential in the place the API's documentation names.", "S1-15", 2, 1),
    _of("authorization_stripped edge_strips_authorization",
        "Send the request to the API's origin directly: success there puts the loss at the edge.", "I-08", 2, 1),
    _of("authorization_stripped proxy_strips_authorization",
        "Send the request once without the outgoing proxy: success there puts the loss at the proxy.", "I-08", 2, 1),
    _of("authorization_stripped redirect_drops_authorization",
        "Follow the redirects by hand and send the credential to the final address.", "I-07", 2, 1),
    _of("authorization_stripped credential_missing",
        "Look at what really left this machine: step 8 shows whether the request carried the header.", "S8-06", 0),
    _of("proxy_auth_required edge_auth_required",
        "Send the request once without the outgoing proxy: if the demand for a login stays, it comes from the API's side.", "I-08", 2, 1),
    _of("edge_auth_required auth_scheme_wrong",
        "Compare who answers this request with who answers the site's front page: another component means a gate in front.", "I-04", 1, 1),
    _of("edge_auth_required waf_blocked",
        "Read the answer's challenge: a gate asks for a login, a firewall does not.", "S8-01", 0, own=True),
    _of("waf_blocked ip_not_allowed",
        "Repeat the request from another network: an address list lets it through there, a behaviour rule does not.", "I-04", 2, 1),
    _of("forbidden_by_policy ip_not_allowed",
        "Repeat the request from a network that is known to be on the list.", "S3-15", 2, 1),
    _of("waf_blocked rate_limited",
        "Wait for a few minutes and send the request once: a limit has passed by then.", "I-03", 2, 1),
    _of("wrong_path_or_method sigv4_required",
        "Call an invented path beside yours: the same answer means that the route is unknown.", "S8-09", 1, 1, own=True),
    _of("wrong_path_or_method wrong_base_url",
        "Call a path that the documentation says exists on this host: if it is unknown too, the base address is wrong.", "S8-09", 1, 1),
    _of("wrong_path_or_method insufficient_scope",
        "Call an invented path with the credential: if it is answered just like yours, the route is the problem.", "S8-09", 2, 1, own=True),
    _of("wrong_base_url environment_mismatch",
        "Compare the token's issuer and audience with every saved profile.", "S3-03", 0, own=True),
    _of("cached_401 token_expired", "Repeat the request with the cache bypassed.", "S8-10", 2, 1, own=True),
    _of("cached_401 authorizer_cache",
        "Repeat the request with the cache bypassed: a gateway's remembered decision does not change by that.", "S8-10", 2, 1, own=True),
    _of("http_version_dependent replica_inconsistent",
        "Repeat the request several times over one HTTP version: a steady answer clears the replicas.", "I-05", 2, 3, own=True),
    _of("netrc_override stale_env_value",
        "Log what your program sends (curl -v text) and give it to `authwizard check --sent FILE`: a Basic login there points to netrc.", "S8-06", 0),
    _of("netrc_override redirect_drops_authorization",
        "Log the first request your program sends, before any redirect: a wrong header there comes from netrc.",
        "S8-06", 0),
    _of("stale_env_value stale_token_sent",
        "Restart your program: a value read from the environment at start changes then only if the variable was updated.", "S7-04", 0),
    # The form of the credential.
    _of("auth_scheme_wrong credential_location_wrong",
        "Send no credential and read the challenge: it names the scheme, or speaks of another place.", "S1-14", 1, 1, own=True),
    _of("credential_location_wrong second_credential_missing",
        "Send the key in the place the server names and keep the token in the header: success means both are wanted.", "S1-15", 2, 1),
    _of("id_token_used audience_mismatch",
        "Send the other token of the same sign-in response.", "S1-13", 2, 1),
    _of("opaque_token_no_audience token_malformed",
        "Request a token with the API named as audience and look at its form.", "S7-01", 4, 1),
    _of("wrong_token_kind token_malformed",
        "Compare prefix and form of the value with what the service issues.", "S1-09", 0),
    _of("token_malformed token_truncated",
        "Compare the value's length with that of a token issued just now.", "S1-10", 0),
    _of("signature_invalid token_truncated",
        "Count the bytes of the signature: a full length rules out the cut.", "S1-10", 0, own=True),
    _of("dpop_required dpop_proof_invalid",
        "Look whether the request that was sent carries a DPoP header.", "S8-06", 0),
    _of("user_credentials_invalid account_locked",
        "Sign in once on the service's web page as this user; do not let a program try again.", "S3-15", 0),
    _of("client_credentials_invalid account_locked",
        "Ask the administrator whether the account is locked; no further attempt from here.", "S3-15", 0),
    _of("account_locked captcha_required",
        "Sign in once in a browser: a puzzle shows itself, a lock says so.", "S3-15", 0),
    _of("account_locked rate_limited",
        "Wait without any attempt for the time Retry-After names, then send one request: a limit has gone by then, a lock may stay.",
        "S3-15", 2, 1),
    # Issuer, keys, audience.
    _of("environment_mismatch issuer_mismatch",
        "Compare issuer, audience, key id and client of the token with every saved profile.", "S3-03", 0, own=True),
    _of("environment_mismatch audience_mismatch",
        "Compare the token's issuer with this profile's: if it is the same, only the audience is wrong.", "S3-09", 0, own=True),
    _of("environment_mismatch signing_key_rotated",
        "Look for the token's key id in the key sets of the other profiles' issuers.", "S3-12", 1, 1, own=True),
    _of("environment_mismatch api_key_invalid",
        "Look on the provider's page in which environment this key is listed.", "S3-03", 0),
    _of("environment_mismatch client_unknown",
        "Look in which environment's token endpoint the client is registered.", "S3-03", 0),
    _of("issuer_mismatch audience_mismatch",
        "Fetch the API's own metadata: it lists the issuers and the audience it accepts.", "S8-07", 1, 1, own=True),
    _of("issuer_mismatch server_key_misconfigured",
        "Compare the token's issuer with the issuer's metadata, letter by letter: if they agree, the API's settings are at fault.",
        "S3-09", 1, 1, own=True),
    _of("signing_key_rotated jwks_stale_at_server",
        "Look for the token's key id in the issuer's key set, then send a fresh token.", "S3-12", 1, 1),
    _of("signing_key_rotated signing_key_unknown",
        "Fetch the issuer's key set and look for the token's key id.", "S3-12", 1, 1, own=True),
    _of("signature_invalid jwks_stale_at_server",
        "Verify the signature here with the issuer's published key: if it fits, the server's copy is behind.", "S3-13", 1, 1, own=True),
    _of("signature_invalid server_key_misconfigured",
        "Verify the signature here with the key the issuer publishes: if it fits, the API uses another one.", "S3-13", 1, 1, own=True),
    _of("jwks_stale_at_server server_key_misconfigured",
        "Repeat the request in an hour: a cached key set renews itself, a wrong setting does not.", "I-05", 2, 1),
    _of("jwks_stale_at_server replica_inconsistent",
        "Repeat the request on several new connections and note which server answers.", "I-05", 2, 3, own=True),
    _of("replica_inconsistent rate_limited",
        "Repeat the request slowly, one a minute: a limit does not answer at that pace, a deviating server does.", "I-05", 2, 3),
    _of("replica_inconsistent token_propagation_delay",
        "Repeat the request in a minute: a delay is over by then.", "S7-02", 2, 1),
    _of("audience_mismatch insufficient_scope",
        "Send the same token to another endpoint of this API that needs no special permission: success leaves only the scope.",
        "S5-07", 2, 1, own=True),
    # Time.
    _of("token_expired clock_skew_client", "Compare this machine's clock with a time server.", "S6-01", 1, 1, own=True),
    _of("token_expired clock_skew_server", "Compare the API's Date header with a time server and with the issuer's.", "S6-02", 1, 2, own=True),
    _of("token_not_yet_valid clock_skew_issuer_api",
        "Compare the Date headers of the authorization server and the API.", "S6-02", 1, 2, own=True),
    _of("clock_skew_server clock_skew_issuer_api",
        "Compare both servers' Date headers with a time server: the one that stands apart is wrong.", "S6-02", 1, 3, own=True),
    _of("timezone_bug clock_skew_issuer_api",
        "Measure the difference to the second: a whole number of quarter hours means a time zone.", "S6-04", 1, 1, own=True),
    _of("dpop_proof_invalid clock_skew_client",
        "Compare this machine's clock with the API's Date header before anything else about the proof.", "S6-02", 1, 1, own=True),
    _of("request_signature_mismatch clock_skew_client",
        "Compare this machine's clock with the Date header of the API: a signed request allows a few minutes.", "S6-02", 1, 1, own=True),
    _of("client_assertion_invalid clock_skew_client",
        "Compare this machine's clock with the Date header of the token endpoint.", "S6-02", 1, 1, own=True),
    # State.
    _of("token_revoked server_key_misconfigured",
        "Send a fresh token of the same client: success means the old one was withdrawn, the same refusal means the server.",
        "S7-02", 4, 2, own=True),
    _of("token_revoked environment_mismatch",
        "Request a fresh token with this profile and compare its claims with the stored one's.", "S7-03", 4, 1, own=True),
    _of("token_revoked audience_mismatch",
        "Send a fresh token of the same client and audience: success rules the audience out.", "S7-02", 4, 2, own=True),
    _of("token_revoked token_expired",
        "Compare the token's expiry with the API's clock; for a token that cannot be read, ask the introspection endpoint.", "S2-03", 0, own=True),
    _of("token_revoked session_expired",
        "Ask the introspection endpoint, or look for the session in the issuer's console.", "S3-16", 4, 1),
    _of("token_revoked account_disabled",
        "Request a fresh token: a disabled account gets none, or one that is refused as well.", "S7-02", 4, 2, own=True),
    _of("token_revoked authorizer_cache",
        "Wait five minutes and send the same token again: a remembered decision ends, a withdrawal stays.", "S8-11", 2, 1),
    _of("token_revoked wrong_authorization_server",
        "Fetch the key sets of both authorization servers and look for the token's key id.", "S3-12", 1, 2, own=True),
    _of("token_rejected_unspecified uniform_401",
        "Send an empty Authorization header: an answer unlike the anonymous one proves that the header arrives.", "D6", 3, 1),
    # Permission.
    _of("insufficient_scope forbidden_by_policy",
        "Compare the token's scopes with what the endpoint documents; if none is missing, ask which rule decided.", "S5-02", 0),
    _of("insufficient_scope scope_not_granted",
        "Compare the scopes that were requested with those in the token response.", "S5-04", 0, own=True),
    _of("insufficient_scope wrong_subject_type",
        "Look whether the token stands for a user or for an application, and which the endpoint wants.", "S5-05", 0, own=True),
    _of("insufficient_scope route_auth_config",
        "Send the same token to another endpoint that needs the same scope.", "S5-07", 2, 1, own=True),
    _of("scope_not_granted consent_or_policy_denied",
        "Look in the issuer's console whether consent for this client and scope is recorded.", "S5-04", 0),
    # The token endpoint.
    _of("client_credentials_invalid client_auth_method_wrong",
        "Send the same id and secret in the other way the server offers, in the header or in the form.", "S3-04", 4, 1, own=True),
    _of("client_credentials_invalid client_secret_encoding",
        "Send the same secret in the form, where no further encoding applies.", "S3-04", 4, 1),
    _of("client_credentials_invalid client_secret_expired",
        "Look up the end date of the secret in the client's registration.", "S3-05", 0),
    _of("client_credentials_invalid client_unknown",
        "Look up the client id in the registration of exactly this tenant or realm.", "S3-05", 0),
    _of("client_assertion_invalid client_key_unknown",
        "Compare the thumbprint of the stored key with the one registered for the client.", "S3-07", 0),
    _of("refresh_token_expired refresh_token_reused",
        "Look in the issuer's log for the refusal's reason; trying the refresh token again can only do harm.", "S4-03", 0),
    _of("refresh_token_invalid refresh_client_mismatch",
        "Compare the client id of the sign-in that produced the refresh token with the profile's.", "S4-03", 0),
    _of("redirect_uri_mismatch pkce_mismatch",
        "Compare the return address of both requests of the flow, letter by letter.", "S3-06", 0),
    *(pair for group in GROUPS for pair in _each(*group)),
)  # fmt: skip
"""For an unordered pair of causes the test that tells them apart."""

CONFIRMING: tuple[tuple[tuple[str, ...], NextTest], ...] = (
    _of("credential_missing", "Supply the credential and run again: another answer shows that nothing else was missing.", "S-swap", 0),
    _of("placeholder_value authorization_header_malformed auth_header_name_wrong",
        "Look at the request in step 8, as it left this machine, and compare it with the API's documentation.", "S8-06", 0),
    _of("keyring_unavailable", "Run `authwizard store`: it writes a dummy entry, reads it back and deletes it.", "S1-01", 0),
    _of("whitespace_in_credential line_break_in_token invisible_characters non_ascii_in_token quotes_in_token wrapper_in_token"
        " token_response_pasted double_encoded_token url_encoded_token standard_base64_token auth_scheme_duplicated",
        "Send the same request with the cleaned value: success proves the cause.", "S-swap", 2, 1),
    _of("token_case_folded token_truncated token_concatenated token_malformed signature_length_wrong wrong_token_kind saml_not_jwt"
        " wrong_token_type refresh_token_used client_assertion_used",
        "Store a fresh copy from where the credential was issued and send the request again.", "S-swap", 2, 1),
    _of("basic_malformed basic_charset user_credentials_invalid",
        "Sign in once on the service's web page with the same name and password; each try from a program counts towards a lock.",
        "S1-18", 0),
    _of("secret_id_instead_of_value client_id_secret_swapped client_credentials_invalid client_unknown client_disabled"
        " client_secret_expired audience_unknown grant_not_allowed scope_unknown consent_or_policy_denied client_credentials_missing",
        "Compare the profile with the client's registration at the authorization server.", "S3-05", 0),
    _of("client_auth_method_wrong client_secret_encoding", "Send id and secret once in the other permitted way.", "S3-04", 4, 1, own=True),
    _of("client_assertion_invalid client_key_unknown",
        "Compare the assertion's claims and key id with the client's registration.", "S3-07", 0),
    _of("token_endpoint_wrong wrong_authorization_server token_version_mismatch",
        "Fetch the issuer's metadata and compare it with the profile.", "S3-02", 1, 1, own=True),
    _of("token_request_malformed redirect_uri_mismatch pkce_mismatch device_code_expired authorization_code_reused"
        " authorization_code_invalid",
        "Start the sign-in anew and record the requests of the flow.", "S3-06", 5, 2),
    _of("netrc_override credential_override_by_userinfo stale_env_value stale_token_sent duplicate_credentials cookie_overrides_token"
        " connection_header_strips_authorization not_reproduced csrf_missing",
        "Log what your program sends (curl -v text) and compare it with `authwizard check --sent FILE`.", "S8-06", 0),
    _of("proxy_in_path proxy_auth_required proxy_strips_authorization tls_interception",
        "Send the request once without the outgoing proxy, if your network permits that.", "I-08", 2, 1),
    _of("network_unreachable dns_failure tls_failure", "Try the same address from another network.", "I-02", 1, 1),
    _of("wrong_base_url wrong_path_or_method 404_masking",
        "Call an invented path beside yours and compare the answers.", "S8-09", 1, 1, own=True),
    _of("plaintext_http redirect_drops_authorization login_redirect",
        "Send the request straight to the final address of the redirects.", "I-07", 2, 1),
    _of("edge_auth_required waf_blocked ip_not_allowed gateway_rejected",
        "Give the component that answered the request id and the time, and ask for its log line.", "S8-13", 0),
    _of("edge_strips_authorization authorization_stripped authorization_replaced uniform_401 header_name_underscore",
        "Send a credential that is known to work on exactly this request.", "S7-05", 2, 1, own=True),
    _of("header_too_large 400_auth", "Send a short, invalid token: a plain 401 proves that size or form is the problem.", "D2", 3, 1),
    _of("http_version_dependent", "Send the request over the other HTTP version.", "S1-22", 2, 1),
    _of("cached_401 authorizer_cache", "Repeat the request with the cache bypassed, and again after five minutes.", "S8-10", 2, 2),
    _of("cors_preflight_rejected cors_headers_missing_on_401",
        "Send the browser's OPTIONS request by hand and read its headers.", "S1-24", 1, 1, own=True),
    _of("auth_scheme_missing auth_scheme_wrong auth_scheme_case_rejected credential_kind_retired",
        "Send the same credential with the scheme the challenge names.", "S-swap", 2, 1),
    _of("credential_location_wrong second_credential_missing",
        "Send the credential in the place the server's message names.", "S1-15", 2, 1),
    _of("digest_required negotiate_required sigv4_required dpop_required digest_stale_nonce digest_algorithm_unsupported"
        " digest_uri_rewritten dpop_nonce_required",
        "Repeat the call once with a client that supports the mechanism the challenge asks for.", "S1-14", 2, 1),
    _of("sigv4_malformed sigv4_scope_wrong request_signature_mismatch session_token_missing dpop_proof_invalid",
        "Compare this machine's clock with the API's, then sign the same request with the vendor's own tool.", "S6-06", 1, 1),
    _of("mtls_certificate_missing mtls_certificate_mismatch mtls_certificate_expired",
        "Compare the certificate's dates and thumbprint with the token and with what is registered.", "S3-08", 0),
    _of("cookie_session_expired session_expired mfa_or_policy_required step_up_required sso_authorization_required captcha_required"
        " token_too_old claims_challenge",
        "Sign in once interactively and send the request with the result.", "S7-02", 5, 2),
    _of("account_locked account_disabled",
        "Ask an administrator for the state of the account; no further attempts from here.", "S3-15", 0),
    _of("opaque_token_no_audience audience_mismatch audience_missing claim_missing",
        "Request a token that names the API as its audience and send it.", "S7-02", 4, 2),
    _of("id_token_used", "Send the other token of the same response.", "S1-13", 2, 1),
    _of("third_party_token issuer_mismatch issuer_trailing_slash tenant_mismatch environment_mismatch",
        "Compare the token's issuer and audience with the API's published metadata and with the other profiles.", "S3-03", 1, 1, own=True),
    _of("alg_none_or_unsupported alg_mismatch signature_invalid signing_key_rotated signing_key_unknown symmetric_key_encoding",
        "Verify the signature here with the issuer's published keys.", "S3-13", 1, 2, own=True),
    _of("jwks_stale_at_server jwks_unreachable_for_server server_key_misconfigured upstream_401_relayed token_rejected_unspecified",
        "Send a fresh token of the same client, then ask the API's owner for the log line of that request.", "S7-02", 4, 2, own=True),
    _of("token_expired token_not_yet_valid exp_missing exp_wrong_type exp_wrong_unit token_lifetime_too_short exp_expires_in_disagree"
        " token_lifetime_too_long",
        "Send a fresh token of the same client: success proves it.", "S7-02", 4, 2, own=True),
    _of("clock_skew_client clock_skew_server clock_skew_issuer_api timezone_bug clock_unsynchronised",
        "Compare this machine, the API and the authorization server with a time server.", "S6-01", 1, 3, own=True),
    _of("token_revoked", "Ask the introspection endpoint, or send a fresh token of the same client.", "S3-16", 4, 1),
    _of("api_key_expired api_key_invalid api_key_restricted", "Look the key up on the provider's page: state, limits, end date.", "S2-10", 0),
    _of("token_propagation_delay replica_inconsistent rate_limited server_error auth_server_error",
        "Wait a minute and repeat the request a few times, slowly.", "I-05", 2, 3),
    _of("insufficient_scope scope_not_granted scope_separator_wrong scope_case_mismatch insufficient_authorization_details",
        "Request a token with the missing permission and compare what is granted.", "S5-04", 4, 1),
    _of("wrong_subject_type forbidden_by_policy route_auth_config",
        "Send the same token to another protected endpoint with the same requirement.", "S5-07", 2, 1, own=True),
    _of("refresh_token_missing refresh_token_expired refresh_token_reused refresh_token_invalid refresh_client_mismatch"
        " refresh_scope_widened rotation_not_persisted refresh_race",
        "Sign in again and renew once, from one program only.", "S4-03", 5, 2),
    _of("soft_401", "Read the body: the code inside it says what was refused.", "S8-03", 0, own=True),
    _of("endpoint_not_protected", "Choose an endpoint that requires a login and test that one.", "V-04", 1, 1),
)  # fmt: skip
"""For each cause the test that confirms it or rules it out."""


def find_test(first: str, second: str | None = None) -> NextTest:
    """Return the separating test of a pair, else the cheaper of the two that confirm one. Raises `UsageError` for an unknown code."""
    separating, confirming = _tests(first, second)
    return (separating or sorted(confirming, key=lambda test: (test.cost, test.requests)))[0]


def next_test(first: str, second: str | None, judged: Collection[str] = (), *, even: bool = True) -> str:
    """Return in one sentence what to try next, "" where all of it is done. Raises like `find_test`.

    Args:
        first: The leading cause.
        second: Its rival, None where it has none.
        judged: The checks that this run has judged: what a run does itself is done with them (CHECKS 16.9).
        even: Whether the rival stands so well that a test of the rival alone decides too.
    """
    separating, confirming = _tests(first, second)
    tests = [*separating, *(confirming if even else confirming[:1])]
    return next((test.text for test in tests if not (test.own and test.probe in judged)), "")


def _tests(first: str, second: str | None) -> tuple[list[NextTest], list[NextTest]]:
    """Return the test that separates the two, where there is one, and those that confirm one of them."""
    pairs, single = _tables()
    unknown = next((code for code in (first, second) if code is not None and code not in single), None)
    if unknown is not None:
        raise UsageError(f"There is no cause called {unknown[:60]!r}; `authwizard cause` lists them all.")
    pair = pairs.get(frozenset({first, second})) if second is not None else None
    return [pair] if pair is not None else [], [single[code] for code in (first, second) if code is not None]


@lru_cache(maxsize=1)
def _tables() -> tuple[dict[frozenset[str], NextTest], dict[str, NextTest]]:
    pairs = {frozenset(codes): test for codes, test in SEPARATING}
    return pairs, {code: test for codes, test in CONFIRMING for code in codes}
