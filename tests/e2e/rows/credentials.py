"""Rows A: the stored credential, its spelling, its place and its kind."""

from __future__ import annotations

import json
from urllib.parse import quote

from e2e.rig.tokens import encrypted, opaque, unsigned
from e2e.rig.world import Rig
from e2e.rows.table import Rows

A = Rows()
JWT_STYLES = "express spring aspnet envoy awshttp drf companyx"


def _token(rig: Rig) -> str:
    return rig.secrets["access_token"]


@A.row("A01", "credential_missing", 1)
def nothing_stored(rig: Rig) -> None:
    """the keyring entry was deleted, and only a person can sign in again"""
    rig.without_token()
    rig.profile["oauth"]["grant"] = "authorization_code"


@A.row("A02", "placeholder_value", 1, styles=JWT_STYLES)
def placeholder(rig: Rig) -> None:
    """the example's YOUR_ACCESS_TOKEN was never replaced"""
    rig.secrets["access_token"] = "YOUR_ACCESS_TOKEN"


@A.row("A03", "placeholder_value", 1)
def shell_substitution(rig: Rig) -> None:
    """single quotes kept the shell from computing the Basic value"""
    rig.api.settings.mode = "basic"
    rig.api.settings.login = ("u", "p")
    rig.without_token()
    rig.profile["credential"] = {"kind": "basic"}
    del rig.profile["oauth"], rig.profile["expect"], rig.secrets["client_secret"]
    rig.secrets["authorization"] = "Basic $(echo -n u:p | base64)"


@A.row("A04", "whitespace_in_credential", 1, styles=JWT_STYLES)
def trailing_line_feed(rig: Rig) -> None:
    """a line feed stands at the end"""
    rig.secrets["access_token"] += "\n"


@A.row("A05", "line_break_in_token", 1, styles=JWT_STYLES)
def wrapped(rig: Rig) -> None:
    """the token was wrapped every 76 characters"""
    token = _token(rig)
    rig.secrets["access_token"] = "\n".join(token[i : i + 76] for i in range(0, len(token), 76))


@A.row("A07", "invisible_characters", 1, styles=JWT_STYLES)
def byte_order_mark(rig: Rig) -> None:
    """a byte order mark stands in front"""
    rig.secrets["access_token"] = "\ufeff" + _token(rig)


@A.row("A09", "quotes_in_token", 1, styles=JWT_STYLES)
def quoted(rig: Rig) -> None:
    """the quotes are part of the value"""
    rig.secrets["access_token"] = f'"{_token(rig)}"'


@A.row("A10", "token_response_pasted", 1, styles=JWT_STYLES)
def whole_answer(rig: Rig) -> None:
    """the whole answer of the token endpoint was stored"""
    rig.secrets["access_token"] = json.dumps({"access_token": _token(rig), "token_type": "Bearer", "expires_in": 3600})


@A.row("A11", "auth_scheme_duplicated", 1, styles=JWT_STYLES)
def twice_bearer(rig: Rig) -> None:
    """the word Bearer stands twice"""
    rig.secrets["access_token"] = f"Bearer {_token(rig)}"


@A.row("A13", "auth_scheme_case_rejected", 1, styles="envoy drf", sure="proven")
def lower_case_refused(rig: Rig) -> None:
    """bearer in lower case, and the server minds"""
    rig.profile["credential"]["scheme"] = "bearer"


@A.row("A14", "token_expired", 2, styles="spring express aspnet", checks={"S1-05": "warn"})
def lower_case_beside_expiry(rig: Rig) -> None:
    """bearer in lower case, which the server takes, and an expired token"""
    rig.profile["credential"]["scheme"] = "bearer"
    rig.secrets["access_token"] = rig.auth.token(10800)


@A.row("A15", "auth_header_name_wrong", 1, styles=JWT_STYLES)
def wrong_header_name(rig: Rig) -> None:
    """the header is called Authentication"""
    rig.profile["credential"]["header"] = "Authentication"


@A.row("A16", "token_truncated", 1, styles=JWT_STYLES, star=True)
def cut_off(rig: Rig) -> None:
    """the last 40 characters are missing"""
    rig.secrets["access_token"] = _token(rig)[:-40]


@A.row("A18", "url_encoded_token", 1, styles=JWT_STYLES)
def percent_encoded(rig: Rig) -> None:
    """dots were percent-encoded"""
    rig.secrets["access_token"] = quote(_token(rig), safe="").replace(".", "%2E")


@A.row("A20", "token_concatenated", 1, styles=JWT_STYLES)
def two_tokens(rig: Rig) -> None:
    """two tokens were joined"""
    rig.secrets["access_token"] = rig.auth.token() + rig.auth.token()


@A.row("A21", "id_token_used", 1, styles=JWT_STYLES)
def id_token(rig: Rig) -> None:
    """the ID token is stored instead of the access token"""
    rig.secrets["access_token"] = rig.auth.token(
        typ="JWT", aud=rig.auth.client.id, client_id=None, scope=None, nonce="n-0S6_WzA2Mj", at_hash="MTIzNDU2Nzg5MDEyMzQ1Ng",
        email="alice@example.com",
    )  # fmt: skip


@A.row("A23", "refresh_token_used", 1, styles=JWT_STYLES)
def refresh_token(rig: Rig) -> None:
    """the refresh token is stored as the access token"""
    rig.secrets["refresh_token"] = rig.secrets["access_token"] = rig.auth.refresh_token()


@A.row("A24", "opaque_token_no_audience", 1, styles=JWT_STYLES)
def encrypted_token(rig: Rig) -> None:
    """no audience was asked for, so the authorization server issued a token for itself"""
    rig.secrets["access_token"] = encrypted()
    rig.profile["oauth"]["audience"] = ""


@A.row("A25", "alg_none_or_unsupported", 1, styles=JWT_STYLES)
def no_signature(rig: Rig) -> None:
    """the token says alg none"""
    rig.secrets["access_token"] = unsigned(_token(rig))


@A.row("A26", "auth_scheme_wrong", 1)
def basic_api(rig: Rig) -> None:
    """the API wants Basic, the profile sends Bearer"""
    rig.api.settings.mode = "basic"
    rig.api.settings.login = ("alice", "plainly-fake-password")
    del rig.profile["oauth"], rig.profile["expect"], rig.secrets["client_secret"]


@A.row("A27", "basic_charset", 1, sure="possible")
def latin_1_password(rig: Rig) -> None:
    """the password goes out as Latin-1, the server reads UTF-8"""
    _basic(rig, "pä-plainly-fake")
    rig.profile["credential"]["charset"] = "latin-1"


def _basic(rig: Rig, password: str) -> None:
    rig.api.settings.mode = "basic"
    rig.api.settings.login = ("alice", password)
    rig.without_token()
    rig.profile["credential"] = {"kind": "basic"}
    del rig.profile["oauth"], rig.profile["expect"], rig.secrets["client_secret"]
    rig.secrets |= {"username": "alice", "password": password}


@A.row("A29", "credential_location_wrong", 1)
def key_as_bearer(rig: Rig) -> None:
    """the API key belongs into X-API-Key and is sent as Bearer"""
    _api_key(rig, opaque("key_"))
    rig.secrets["access_token"] = rig.api.settings.api_key


def _api_key(rig: Rig, key: str) -> None:
    rig.api.settings.mode, rig.api.settings.header, rig.api.settings.api_key = "api_key", "X-API-Key", key
    rig.other_secrets.append(key)
    rig.without_token()
    del rig.profile["oauth"], rig.profile["expect"], rig.secrets["client_secret"]


@A.row("A31", "environment_mismatch", 3)
def test_key(rig: Rig) -> None:
    """a test key is used in production"""
    _api_key(rig, opaque("sk_live_"))
    rig.profile["credential"] = {"kind": "api_key", "header": "X-API-Key"}
    rig.secrets["api_key"] = opaque("sk_test_")


@A.row("A32", "duplicate_credentials", 1, styles="express spring")
def header_and_query(rig: Rig) -> None:
    """the token is in the header and in the address"""
    rig.profile["request"] = "GET /v2/me?access_token={secret:access_token}"


@A.row("A34", "dpop_required", 1)
def bound_to_a_key(rig: Rig) -> None:
    """a DPoP-bound token is sent as Bearer"""
    rig.secrets["access_token"] = rig.auth.token(cnf={"jkt": "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"})


@A.row("A35", "mtls_certificate_missing", 1)
def bound_to_a_certificate(rig: Rig) -> None:
    """a token bound to a client certificate is sent without one"""
    rig.secrets["access_token"] = rig.auth.token(cnf={"x5t#S256": "bwcK0esc3ACC3DB2Y5_lESsXE8o9ltc05O89jdN-dg2"})


@A.row("A36", "digest_stale_nonce", 1)
def stale_nonce(rig: Rig) -> None:
    """the server calls every nonce stale"""
    _basic(rig, "plainly-fake-password")
    rig.api.settings.mode, rig.api.settings.nonces = "digest", "stale"
    rig.profile["credential"] = {"kind": "digest"}
