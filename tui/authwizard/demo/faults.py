"""What can go wrong on the practice platform? Every fault, once; the plainest of a cause is called as the cause."""

from __future__ import annotations

from authwizard.demo import damage
from authwizard.demo.fault import Fault
from authwizard.demo.holdings import Holdings, StoredToken
from authwizard.demo.settings import (
    HOUR,
    MINUTE,
    PORTAL_ORIGIN,
    REPORTS_AUDIENCE,
    ApiSettings,
    ClientSettings,
    Clocks,
    PlatformSettings,
    Wording,
)

SERVER_AHEAD = 2 * HOUR + 7 * MINUTE
"""More than a token's life, and no number of quarter hours: that would look like a wrong time zone."""
AHEAD = 11 * MINUTE
NARROW = ("read", "write")
LEARNING = 0.6
"""Seconds: longer than the first request takes to follow the token, and over before it is sent once more."""
NO_TOKEN = Holdings(access_token=None)
LOGS = "GET /v2/logs/audit"
"""A request that needs `logs:read` or `admin`."""

LOGIN = Holdings(access_token=None, client_secret="none", login=True)
LOGIN_PROFILE = {"credential": {"kind": "basic", "scheme": "Basic"}, "oauth": None, "expect": None}
"""A profile that knows a user name and a password, and no authorization server."""

HEALTHY = (
    Fault("healthy", "healthy", None, "nothing: the token is accepted", 0),
    Fault(
        "healthy-private_key_jwt", "healthy", None, "nothing: the client signs an assertion to get its token", 0,
        held=Holdings(access_token=None, private_key=True),
    ),
    Fault(
        "healthy-api_key", "healthy", None, "nothing: version 3 of the API accepts the API key", 0,
        held=Holdings(access_token=None, client_secret="none", api_key="own"),
    ),
    Fault(
        "healthy-basic", "healthy", None, "nothing: the API accepts the user name and the password", 0,
        settings=PlatformSettings(api=ApiSettings(scheme="Basic")), held=LOGIN, profile=LOGIN_PROFILE,
    ),
    Fault(
        "healthy-dpop", "healthy", None, "nothing: the token is bound to a key, and every request proves that it is held", 0,
        settings=PlatformSettings(api=ApiSettings(bound_tokens=True)), held=Holdings(access_token=StoredToken(bound_to="key")),
        profile={"credential": {"kind": "dpop", "scheme": "DPoP"}},
    ),
)  # fmt: skip

FORMAT = (
    Fault(
        "credential_missing", "credential_missing", 1, "no access token is stored, and nobody has signed in",
        held=NO_TOKEN, profile={"oauth": {"grant": "authorization_code"}},
    ),
    Fault(
        "auth_header_name_wrong", "auth_header_name_wrong", 1, "the token is sent in a header called Authentication",
        profile={"credential": {"header": "Authentication"}},
    ),
    Fault("auth_scheme_missing", "auth_scheme_missing", 1, "the word Bearer is missing in front of the token", profile={"credential": {"scheme": ""}}),
    Fault(
        "auth_scheme_duplicated", "auth_scheme_duplicated", 1, "the word Bearer stands twice in front of the token",
        held=Holdings(access_token=StoredToken(damage=damage.with_scheme)),
    ),
    Fault(
        "auth_scheme_case_rejected", "auth_scheme_case_rejected", 1, "bearer is written in lower case, and this server minds",
        settings=PlatformSettings(api=ApiSettings(any_case=False)), profile={"credential": {"scheme": "bearer"}},
    ),
    Fault(
        "auth_scheme_wrong", "auth_scheme_wrong", 1, "the API wants Basic, the program sends Bearer",
        settings=PlatformSettings(api=ApiSettings(scheme="Basic")), held=Holdings(login=True),
    ),
    Fault(
        "quotes_in_token", "quotes_in_token", 1, "the quotes of a settings file are part of the token",
        held=Holdings(access_token=StoredToken(damage=damage.quoted)),
    ),
    Fault(
        "line_break_in_token", "line_break_in_token", 1, "the token is broken into lines of 76 characters",
        held=Holdings(access_token=StoredToken(damage=damage.wrapped)),
    ),
    Fault(
        "whitespace_in_credential", "whitespace_in_credential", 1, "a line feed stands at the end of the token",
        held=Holdings(access_token=StoredToken(damage=damage.newline_at_end)),
    ),
    Fault(
        "token_truncated", "token_truncated", 1, "the last 40 characters of the token are cut off",
        held=Holdings(access_token=StoredToken(damage=damage.cut_off)),
    ),
    Fault(
        "placeholder_value", "placeholder_value", 1, "the example's placeholder was never replaced by a token",
        held=Holdings(access_token=StoredToken(damage=damage.placeholder)),
    ),
    Fault(
        "refresh_token_used", "refresh_token_used", 1, "the refresh token is stored where the access token belongs",
        held=Holdings(access_token="refresh_token", refresh_token="live"), profile={"oauth": {"grant": "client_credentials"}},
    ),
    Fault(
        "credential_location_wrong", "credential_location_wrong", 1, "the API key is sent as a Bearer token, the API reads X-Api-Key",
        held=Holdings(access_token=None, client_secret="none", api_key="own"),
        profile={"credential": {"kind": "api_key", "header": "Authorization", "scheme": "Bearer"}},
    ),
    Fault(
        "basic_charset", "basic_charset", 1, "the password has an \u00f6 and is sent in Latin-1, the server reads UTF-8",
        settings=PlatformSettings(api=ApiSettings(scheme="Basic", letters_in_password=True)), held=LOGIN,
        profile={**LOGIN_PROFILE, "credential": {"kind": "basic", "scheme": "Basic", "charset": "latin-1"}},
    ),
    Fault(
        "digest_stale_nonce", "digest_stale_nonce", 1, "the program keeps a Digest answer and sends it again an hour later",
        settings=PlatformSettings(api=ApiSettings(scheme="Digest")),
        held=Holdings(access_token=None, client_secret="none", login=True, kept_digest=True),
        profile={**LOGIN_PROFILE, "credential": {"kind": "digest", "scheme": "Digest"}},
    ),
    Fault(
        "dpop_required", "dpop_required", 1, "the token is bound to a key, and is sent as a Bearer token without a proof",
        settings=PlatformSettings(api=ApiSettings(bound_tokens=True)), held=Holdings(access_token=StoredToken(bound_to="key")),
    ),
    Fault(
        "mtls_certificate_missing", "mtls_certificate_missing", 1, "the token is bound to a client certificate that the profile does not name",
        settings=PlatformSettings(api=ApiSettings(bound_tokens=True)), held=Holdings(access_token=StoredToken(bound_to="certificate")),
    ),
    Fault(
        "cookie_overrides_token", "cookie_overrides_token", 1, "an old session cookie goes along, and the API looks at it before the token",
        settings=PlatformSettings(api=ApiSettings(sessions=True)), held=Holdings(session=True),
        profile={"headers": {"Cookie": "session={secret:session_cookie}"}},
    ),
    Fault(
        "header_too_large", "header_too_large", 1, "the token lists three hundred groups and is larger than the API's limit for headers",
        settings=PlatformSettings(api=ApiSettings(header_limit=8192)), held=Holdings(access_token=StoredToken(groups=300)),
    ),
)  # fmt: skip

PATH = (
    Fault(
        "authorization_stripped", "authorization_stripped", 1, "a proxy in front of the API does not pass Authorization on",
        settings=PlatformSettings(front="proxy"),
    ),
    Fault(
        "authorization_stripped-known_good", "authorization_stripped", 1, "the same proxy; a credential known to work is refused there as well",
        settings=PlatformSettings(front="proxy"), profile={"known_good": "admin"},
    ),
    Fault(
        "cached_401", "cached_401", 8, "a cache in front of the API hands out the refusal that somebody else got",
        settings=PlatformSettings(front="cache"),
    ),
    Fault(
        "wrong_path_or_method", "wrong_path_or_method", 8, "the path is misspelt, and the API answers 401 to paths it does not know",
        settings=PlatformSettings(api=ApiSettings(authenticates_first=True)), profile={"request": "GET /v2/organisations/current"},
    ),
    Fault(
        "edge_strips_authorization", "edge_strips_authorization", 1, "the same proxy, and the address behind it is known",
        settings=PlatformSettings(front="proxy"), profile={"origin_url": "{api}"},
    ),
    Fault(
        "proxy_strips_authorization", "proxy_strips_authorization", 1, "the proxy of this machine does not pass Authorization on",
        settings=PlatformSettings(front="proxy"), profile={"base_url": "{api}", "network": {"proxy": "{base}"}},
    ),
    Fault(
        "connection_header_strips_authorization", "connection_header_strips_authorization", 1,
        "the program's Connection field names Authorization, so a proxy takes it out",
        settings=PlatformSettings(front="relay"), profile={"headers": {"Connection": "close, Authorization"}},
    ),
    Fault(
        "redirect_drops_authorization", "redirect_drops_authorization", 1, "the API has moved to another port; clients drop Authorization on the way",
        settings=PlatformSettings(front="moved"),
    ),
    Fault(
        "cors_preflight_rejected", "cors_preflight_rejected", 1, "the call works, but the browser's preflight is refused",
        settings=PlatformSettings(api=ApiSettings(preflight_needs_token=True)), profile={"browser_origin": PORTAL_ORIGIN},
    ),
)  # fmt: skip

TIME = (
    Fault(
        "token_expired", "token_expired", 2, "the access token expired two hours ago",
        held=Holdings(access_token=StoredToken(age=3 * HOUR)),
    ),
    Fault(
        "token_expired-refreshable", "token_expired", 2, "the access token expired, and the refresh token still works",
        held=Holdings(access_token=StoredToken(age=3 * HOUR), refresh_token="live"),
    ),
    Fault(
        "token_not_yet_valid", "token_not_yet_valid", 2, "the access token counts only from six hours on",
        held=Holdings(access_token=StoredToken(postponed=6 * HOUR)),
    ),
    Fault(
        "session_expired", "session_expired", 2, "the login behind the token has ended, and the API says so",
        settings=PlatformSettings(api=ApiSettings(rule="session")), held=Holdings(access_token=StoredToken(revoked=True)),
    ),
    Fault(
        "claims_challenge", "claims_challenge", 2, "the API wants the login judged anew, and hands out what to ask for",
        settings=PlatformSettings(api=ApiSettings(rule="claims")),
    ),
    Fault(
        "api_key_expired", "api_key_expired", 2, "the API key is past its date",
        held=Holdings(access_token=None, client_secret="none", api_key="expired"),
    ),
    Fault(
        "clock_skew_client", "clock_skew_client", 6, "this machine is eleven minutes behind the platform, so its client assertion is refused",
        settings=PlatformSettings(clocks=Clocks(api=AHEAD, auth=AHEAD, ntp=AHEAD)), held=Holdings(access_token=None, private_key=True),
    ),
    Fault(
        "clock_skew_server", "clock_skew_server", 6, "the API's clock is two hours ahead, so every new token has expired there",
        settings=PlatformSettings(clocks=Clocks(api=SERVER_AHEAD)),
    ),
    Fault(
        "clock_skew_issuer_api", "clock_skew_issuer_api", 6, "the authorization server's clock is eleven minutes ahead of the API's",
        settings=PlatformSettings(clocks=Clocks(auth=AHEAD)), held=Holdings(access_token=StoredToken(age=0)),
    ),
)  # fmt: skip

TRUST = (
    Fault(
        "environment_mismatch", "environment_mismatch", 3, "the staging token is sent to production",
        held=Holdings(access_token=StoredToken(environment="staging")),
    ),
    Fault(
        "environment_mismatch-api_key", "environment_mismatch", 3, "a test key is sent to the live API",
        held=Holdings(access_token=None, client_secret="none", api_key="staging"),
    ),
    Fault(
        "api_key_invalid", "api_key_invalid", 3, "the API key was deleted",
        held=Holdings(access_token=None, client_secret="none", api_key="unknown"),
    ),
    Fault(
        "audience_mismatch", "audience_mismatch", 3, "the stored token was issued for another API",
        held=Holdings(access_token=StoredToken(audience=REPORTS_AUDIENCE)),
    ),
    Fault(
        "audience_mismatch-requested", "audience_mismatch", 3, "the profile asks for tokens for another API",
        held=Holdings(access_token=StoredToken(audience=REPORTS_AUDIENCE)), profile={"oauth": {"audience": REPORTS_AUDIENCE}},
    ),
    Fault(
        "issuer_mismatch", "issuer_mismatch", 3, "the stored token names its issuer by another host name",
        held=Holdings(access_token=StoredToken(issuer_host="localhost")),
    ),
    Fault(
        "issuer_mismatch-api", "issuer_mismatch", 3, "the API is set to trust another issuer than its own",
        settings=PlatformSettings(api=ApiSettings(trusted_issuer="https://login.company-x.test")), profile={"expect": {"issuer": None}},
    ),
    Fault(
        "signature_invalid", "signature_invalid", 3, "one character inside the token was changed",
        held=Holdings(access_token=StoredToken(damage=damage.altered)),
    ),
    Fault(
        "signing_key_rotated", "signing_key_rotated", 3, "the key that signed the token is no longer published",
        settings=PlatformSettings(key_rotated=True),
    ),
    Fault(
        "token_revoked", "token_revoked", 7, 'the token was revoked, and the API says only "invalid or has expired"',
        settings=PlatformSettings(api=ApiSettings(wording=Wording.VAGUE)), held=Holdings(access_token=StoredToken(revoked=True)),
    ),
)  # fmt: skip

STATE = (
    Fault(
        "token_propagation_delay", "token_propagation_delay", 7, "a new token takes a moment until the API knows it",
        settings=PlatformSettings(api=ApiSettings(learning_seconds=LEARNING)), held=NO_TOKEN,
    ),
)  # fmt: skip

CLIENT = (
    Fault(
        "client_credentials_invalid", "client_credentials_invalid", 3, "the client secret is wrong",
        held=Holdings(access_token=None, client_secret="wrong"),
    ),
    Fault(
        "whitespace_in_credential-client_secret", "whitespace_in_credential", 3, "a blank stands behind the client secret",
        held=Holdings(access_token=None, client_secret="padded"),
    ),
    Fault(
        "account_locked", "account_locked", 3, "the account is locked, and each further attempt would prolong that",
        settings=PlatformSettings(api=ApiSettings(rule="locked")),
    ),
    Fault(
        "client_unknown", "client_unknown", 3, "the client was deleted at the authorization server",
        settings=PlatformSettings(client=ClientSettings(status="deleted")), held=NO_TOKEN,
    ),
    Fault(
        "client_disabled", "client_disabled", 3, "the client was switched off at the authorization server",
        settings=PlatformSettings(client=ClientSettings(status="disabled")), held=NO_TOKEN,
    ),
    Fault(
        "client_secret_expired", "client_secret_expired", 3, "the client secret is past its date",
        settings=PlatformSettings(client=ClientSettings(status="secret_expired")), held=NO_TOKEN,
    ),
    Fault(
        "client_auth_method_wrong", "client_auth_method_wrong", 3, "the secret is sent by Basic, the server takes it only in the body",
        settings=PlatformSettings(client=ClientSettings(auth_methods=("client_secret_post",))), held=NO_TOKEN,
    ),
    Fault(
        "grant_not_allowed", "grant_not_allowed", 3, "the client may not use client_credentials",
        settings=PlatformSettings(client=ClientSettings(grants=("authorization_code", "refresh_token"))), held=NO_TOKEN,
    ),
    Fault(
        "token_endpoint_wrong", "token_endpoint_wrong", 3, "the token address in the profile is not the token endpoint",
        held=NO_TOKEN, profile={"oauth": {"token_url": "{auth}/oauth2/token"}},
    ),
)  # fmt: skip

REFRESH = (
    Fault(
        "refresh_token_expired", "refresh_token_expired", 4, "the access token expired, and so did the refresh token",
        allow=("refresh",), without_allow=("token_expired", 2),
        held=Holdings(access_token=StoredToken(age=3 * HOUR), refresh_token="expired"),
    ),
    Fault(
        "refresh_token_reused", "refresh_token_reused", 4, "the access token expired, and the refresh token was already used",
        allow=("refresh",), without_allow=("token_expired", 2),
        held=Holdings(access_token=StoredToken(age=3 * HOUR), refresh_token="used"),
    ),
)  # fmt: skip

SCOPE = (
    Fault(
        "insufficient_scope", "insufficient_scope", 5, "the token lacks the scope for this endpoint, and the API says 403",
        held=Holdings(scopes=NARROW), profile={"request": LOGS},
    ),
    Fault(
        "insufficient_scope-401", "insufficient_scope", 5, "the token lacks the scope for this endpoint, and the API says 401",
        settings=PlatformSettings(api=ApiSettings(scope_refusal=401)), held=Holdings(scopes=NARROW), profile={"request": LOGS},
    ),
    Fault(
        "scope_not_granted", "scope_not_granted", 5, "the authorization server leaves out a scope that the profile asks for",
        settings=PlatformSettings(client=ClientSettings(scopes=NARROW)), profile={"request": LOGS},
    ),
    Fault(
        "scope_unknown", "scope_unknown", 5, "the profile asks for a scope that does not exist",
        held=NO_TOKEN, profile={"oauth": {"scopes": ["read", "write", "logs:reed"]}},
    ),
    Fault(
        "scope_separator_wrong", "scope_separator_wrong", 5, "the profile writes its scopes with a comma, which makes them one",
        held=NO_TOKEN, profile={"oauth": {"scopes": ["read,write"]}},
    ),
    Fault(
        "step_up_required", "step_up_required", 5, "the API wants a stronger and newer sign-in than the token's",
        settings=PlatformSettings(api=ApiSettings(rule="step_up")),
    ),
    Fault(
        "wrong_subject_type", "wrong_subject_type", 5, "the API wants a person's token, and the program sends its own",
        settings=PlatformSettings(api=ApiSettings(rule="person")),
    ),
    Fault(
        "route_auth_config", "route_auth_config", 5, "one path of the API is set up wrongly and refuses every token",
        settings=PlatformSettings(api=ApiSettings(wording=Wording.VAGUE, closed_path="/devices")), profile={"request": "GET /v2/devices"},
    ),
)  # fmt: skip

SERVER = (
    Fault(
        "rate_limited", "rate_limited", 0, "the hour's requests are used up",
        settings=PlatformSettings(api=ApiSettings(hourly_limit=0)),
    ),
    Fault(
        "endpoint_not_protected", "endpoint_not_protected", 9, "the endpoint answers everybody, with or without a token",
        settings=PlatformSettings(api=ApiSettings(public=True)),
    ),
    Fault(
        "cannot_tell", "cannot_tell", 8, "the API gives the same bare 401 to everything, for a reason of its own", 3,
        settings=PlatformSettings(api=ApiSettings(wording=Wording.MUTE, refuses_everybody=True), introspection=False),
    ),
    Fault(
        "not_reproduced", "not_reproduced", 7, "this request works; the user's program sends an older token", 5,
        check_options=("--sent",), sent="older_token",
    ),
    Fault(
        "not_reproduced-no_credential", "not_reproduced", 1, "this request works; the user's program sends no token", 5,
        check_options=("--sent",), sent="no_credential",
    ),
    Fault(
        "not_reproduced-netrc", "not_reproduced", 1, "this request works; the user's program sends the login of a netrc file", 5,
        check_options=("--sent",), sent="login", profile={"client": "requests"},
    ),
    Fault(
        "not_reproduced-environment", "not_reproduced", 7, "this request works; a variable that programs read holds an older token", 5,
        check_options=("--reported-401",), surroundings="older_token",
    ),
)  # fmt: skip

FAULTS: tuple[Fault, ...] = (*HEALTHY, *FORMAT, *PATH, *TIME, *TRUST, *STATE, *CLIENT, *REFRESH, *SCOPE, *SERVER)
"""All faults, in the order `demo --list` prints them."""


def fault_named(name: str) -> Fault:
    """Return the fault of that name; raises UsageError with the nearest names where there is none."""
    from difflib import get_close_matches

    from authwizard.model.errors import UsageError

    found = next((f for f in FAULTS if f.name == name), None)
    if found is None:
        near = get_close_matches(name, [f.name for f in FAULTS], n=3)
        hint = f"Perhaps {' or '.join(near)}?" if near else "`authwizard demo --list` names them all."
        raise UsageError(f"The practice platform has no fault called {name[:80]!r}. {hint}")
    return found


def listing() -> str:
    """Return what `demo --list` prints: one line a fault, name, code and text between tabs."""
    return "".join(f"{f.name}\t{f.code}\t{f.text}\n" for f in FAULTS)
