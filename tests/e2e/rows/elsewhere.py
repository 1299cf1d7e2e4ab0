"""Rows X: faults and good states that the matrix does not list, and that the same rules must get right."""

from __future__ import annotations

import socket
import time

from e2e.rig.tokens import key, opaque
from e2e.rig.wire import Answer, as_json
from e2e.rig.world import Rig
from e2e.rows.credentials import _api_key, _basic
from e2e.rows.state import _needs_write, _refreshable
from e2e.rows.table import Rows

X = Rows()
JWT_STYLES = "express spring aspnet envoy awshttp drf companyx"


# ── nothing wrong ────────────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X01", None, None, kind="healthy", styles="express spring", checks={"S1-05": "warn"})
def lower_case_taken(rig: Rig) -> None:
    """bearer in lower case, and the server takes it"""
    rig.profile["credential"]["scheme"] = "bearer"


@X.row("X02", None, None, kind="healthy")
def proxy_in_between(rig: Rig) -> None:
    """this machine's proxy passes everything on"""
    rig.through_forward_proxy()
    rig.forward.settings.via = "1.1 proxy"


@X.row("X03", None, None, kind="healthy")
def bare_token(rig: Rig) -> None:
    """a token without jti, type or scope"""
    rig.secrets["access_token"] = rig.auth.token(typ="JWT", jti=None, scope=None)


@X.row("X04", None, None, kind="healthy")
def api_key_accepted(rig: Rig) -> None:
    """an API key in its header"""
    _api_key(rig, opaque("key_"))
    rig.profile["credential"] = {"kind": "api_key", "header": "X-API-Key"}
    rig.secrets["api_key"] = rig.api.settings.api_key


@X.row("X05", None, None, kind="healthy")
def login_accepted(rig: Rig) -> None:
    """a user name and a password beyond ASCII, sent as UTF-8"""
    _basic(rig, "pä-plainly-fake")


@X.row("X06", None, None, kind="healthy")
def digest_accepted(rig: Rig) -> None:
    """a Digest login"""
    _basic(rig, "plainly-fake-password")
    rig.api.settings.mode = "digest"
    rig.profile["credential"] = {"kind": "digest"}


@X.row("X07", None, None, kind="healthy")
def assertion_accepted(rig: Rig) -> None:
    """a client that signs an assertion to get its token"""
    client = key("prod-client")
    rig.without_token()
    rig.auth.client.methods, rig.auth.client.keys = ("private_key_jwt",), (client,)
    rig.profile["oauth"] |= {"client_auth": "private_key_jwt", "key_id": client.kid, "assertion_alg": "RS256"}
    del rig.secrets["client_secret"]
    rig.secrets["private_key"] = client.pem


# ── the path ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X10", "authorization_stripped", 1, sure="possible", styles="express spring envoy")
def renamed_on_the_way(rig: Rig) -> None:
    """a platform moves Authorization to X-Forwarded-Authorization"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.rename = "X-Forwarded-Authorization"


@X.row("X11", "header_too_large", 1)
def header_limit(rig: Rig) -> None:
    """the proxy takes no header of this size"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.limit = 500


@X.row("X12", "waf_blocked", 8)
def firewall(rig: Rig) -> None:
    """a firewall answers with its page"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.page = True


@X.row("X13", "redirect_drops_authorization", 1)
def moved_to_another_port(rig: Rig) -> None:
    """the API has moved to another port, and clients drop Authorization on the way"""
    rig.behind_reverse_proxy()
    rig.profile["origin_url"] = rig.reverse.settings.redirect = rig.api.server.url


@X.row("X14", "rate_limited", 0)
def too_many_requests(rig: Rig) -> None:
    """the API answers 429"""
    limited = as_json(429, {"message": "Too Many Requests"}, ("Retry-After", "30"))
    rig.api.settings.override = limited


@X.row("X15", "server_error", 0, kind="could_not_look")
def broken_api(rig: Rig) -> None:
    """the API fails while it authenticates"""
    rig.api.settings.override = as_json(500, {"message": "Internal Server Error"})


@X.row("X16", "edge_auth_required", 1)
def edge_login_behind_an_expired_token(rig: Rig) -> None:
    """the edge wants a login of its own, and the token has expired besides"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.realm = "Restricted"
    rig.secrets["access_token"] = rig.auth.token(10800)


@X.row("X17", "connection_header_strips_authorization", 1)
def listed_in_connection(rig: Rig) -> None:
    """a header of the profile tells the next hop to drop Authorization"""
    rig.behind_reverse_proxy()
    rig.profile["headers"] = {"Connection": "close, Authorization"}


@X.row("X18", "proxy_strips_authorization", 1, sure="proven")
def replaced_by_the_proxy(rig: Rig) -> None:
    """this machine's proxy puts a login of its own in the token's place"""
    rig.through_forward_proxy()
    rig.forward.settings.replace = "Basic cGxhaW5seTpmYWtl"


@X.row("X19", "network_unreachable", 0, kind="could_not_look")
def proxy_down(rig: Rig) -> None:
    """nobody listens at this machine's proxy"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        rig.environ["http_proxy"] = f"http://127.0.0.1:{free.getsockname()[1]}"
    rig.profile["network"]["proxy"] = "env"


# ── time ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X20", "clock_skew_server", 6, styles=JWT_STYLES)
def api_clock_ahead(rig: Rig) -> None:
    """the API's clock is two hours ahead, so every token has expired there"""
    rig.api.settings.clock = rig.api.server.date_offset = 7620


@X.row("X21", "token_expired", 2, styles="express bland")
def expired_and_wrong_date(rig: Rig) -> None:
    """the token expired long ago, and the edge's Date is wrong besides"""
    rig.api.server.date_offset = 7620
    rig.secrets["access_token"] = rig.auth.token(200000)


@X.row("X22", "token_expired", 2, styles=JWT_STYLES)
def within_the_profiles_leeway_only(rig: Rig) -> None:
    """the token expired 30 seconds ago, and this API allows nothing"""
    rig.api.settings.leeway = 0
    rig.secrets["access_token"] = rig.auth.token(3630)


@X.row("X23", "clock_skew_server", 6, styles="express spring envoy", sure="possible")
def api_clock_behind(rig: Rig) -> None:
    """the API's clock is ten minutes behind, and the edge writes the right Date"""
    rig.api.settings.clock = -600


# ── issuer and keys ──────────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X30", "server_key_misconfigured", 8, tie="jwks_stale_at_server", sure="possible")
def old_copy_of_the_keys(rig: Rig) -> None:
    """the API holds the key set of before the rotation; from outside that is no other thing than a wrong key set"""
    old = list(rig.auth.published)
    rig.auth.signs = key("prod-new")
    rig.auth.published = [*old, rig.auth.signs]
    rig.secrets["access_token"] = rig.auth.token()
    rig.api.settings.known_keys = lambda: old


@X.row("X31", "jwks_unreachable_for_server", 8, styles="express spring envoy")
def keys_out_of_reach(rig: Rig) -> None:
    """the API cannot fetch the keys"""
    rig.api.settings.keys_unreachable = True


# ── credentials ──────────────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X32", "exp_missing", 2, styles="bland express", sure="proven")
def token_without_end(rig: Rig) -> None:
    """the token never expires, which the API does not take"""
    rig.secrets["access_token"] = rig.auth.token(exp=None)
    rig.api.settings.rule = lambda claims: "exp" in claims


@X.row("X33", "claim_missing", 1, styles="bland express", tie="authorizer_cache", sure="possible")
def claim_of_the_company(rig: Rig) -> None:
    """the API looks at a claim of its own, which tokens carry since yesterday"""
    rig.api.settings.rule = lambda claims: claims.get("department") == "sales"
    rig.auth.more_claims = {"department": "sales"}


@X.row("X34", "issuer_mismatch", 3)
def issued_under_another_name(rig: Rig) -> None:
    """the authorization server calls itself by the name it was asked under, as in a container"""
    rig.secrets["access_token"] = rig.auth.token(iss=rig.auth.issuer.replace("127.0.0.1", "keycloak"))


@X.row("X40", "user_credentials_invalid", 1, sure="possible")
def wrong_password(rig: Rig) -> None:
    """the password is wrong"""
    _basic(rig, "plainly-fake-password")
    rig.secrets["password"] = "plainly-fake-and-wrong"


@X.row("X41", "api_key_invalid", 3)
def deleted_key(rig: Rig) -> None:
    """the API key was deleted"""
    _api_key(rig, opaque("key_"))
    rig.profile["credential"] = {"kind": "api_key", "header": "X-API-Key"}
    rig.secrets["api_key"] = opaque("key_")


@X.row("X42", "credential_location_wrong", 1)
def key_in_the_wrong_header(rig: Rig) -> None:
    """the API key is sent in another header than the API reads"""
    _api_key(rig, opaque("key_"))
    rig.profile["credential"] = {"kind": "api_key", "header": "X-Token"}
    rig.secrets["api_key"] = rig.api.settings.api_key


# ── state and permission ─────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X50", "refresh_token_reused", 4, options="--allow refresh")
def spent_twice(rig: Rig) -> None:
    """the refresh token was spent before, and its successor lost"""
    _refreshable(rig, "spent")


@X.row("X51", "refresh_token_invalid", 4, options="--allow refresh")
def unknown_refresh_token(rig: Rig) -> None:
    """the authorization server does not know the refresh token"""
    _refreshable(rig)
    rig.secrets["refresh_token"] = opaque("rt_")


@X.row("X52", "insufficient_scope", 5, styles="express spring")
def scope_asked_for_and_not_granted(rig: Rig) -> None:
    """a GET that needs write, with the profile's scopes read alone"""
    _needs_write(rig, "GET /v2/devices")


@X.row("X53", "claims_challenge", 2)
def conditional_access(rig: Rig) -> None:
    """the resource wants further claims (continuous access evaluation)"""
    claims = "eyJhY2Nlc3NfdG9rZW4iOnt9fQ=="
    said = f'Bearer realm="", authorization_uri="https://login.example/authorize", error="insufficient_claims", claims="{claims}"'
    rig.api.settings.override = Answer(401, [("WWW-Authenticate", said)])


# ── the client ───────────────────────────────────────────────────────────────────────────────────────────────────────


@X.row("X54", "upstream_401_relayed", 8, sure="possible")
def refused_behind(rig: Rig) -> None:
    """the API passes on the 401 that its own call to a service behind it got"""
    rig.api.settings.override = as_json(401, {"message": "Request failed with status code 401"})


@X.row("X55", "rate_limited", 0)
def limit_behind_a_401(rig: Rig) -> None:
    """the API says with a 401 that its limit was met"""
    rig.api.settings.override = as_json(401, {"message": "Rate limit exceeded, retry later"}, ("Retry-After", "60"))


@X.row("X56", "token_propagation_delay", 7)
def known_a_moment_later(rig: Rig) -> None:
    """a new token is not known at once: its first use is refused"""
    rig.without_token()
    rig.api.denied_once = True


@X.row("X60", "client_unknown", 3)
def unknown_client(rig: Rig) -> None:
    """no client of that id is registered"""
    rig.without_token()
    rig.profile["oauth"]["client_id"] = "another-client"


@X.row("X61", "client_secret_encoding", 3, sure="proven")
def secret_with_special_letters(rig: Rig) -> None:
    """the secret has letters that are form-encoded in Basic, and this server does not undo that"""
    rig.without_token()
    rig.auth.client.secret = rig.secrets["client_secret"] = opaque("plainly-fake+/%=")
    rig.auth.client.decodes_basic = False
    rig.auth.client.methods = ("client_secret_basic",)


@X.row("X62", "auth_server_error", 3, kind="could_not_look")
def broken_authorization_server(rig: Rig) -> None:
    """the token endpoint answers 503"""
    rig.without_token()
    rig.auth.server.handler = lambda asked: as_json(503, {"error": "temporarily_unavailable"})


@X.row("X65", "auth_server_error", 3, kind="could_not_look")
def broken_token_endpoint(rig: Rig) -> None:
    """the token endpoint answers 503, and the profile names it"""
    broken_authorization_server(rig)
    rig.profile["oauth"]["token_url"] = f"{rig.auth.issuer}/token"


@X.row("X66", "network_unreachable", 0, kind="could_not_look")
def authorization_server_down(rig: Rig) -> None:
    """nobody listens at the issuer's address, and no token is stored"""
    rig.without_token()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        rig.profile["oauth"] |= {"issuer": f"http://127.0.0.1:{free.getsockname()[1]}", "introspection_url": ""}


@X.row("X63", None, None, kind="healthy", warns=("client_credentials_invalid",))
def wrong_secret_behind_a_living_token(rig: Rig) -> None:
    """the token works, and the client secret is wrong: it will fail at the next renewal"""
    rig.secrets["client_secret"] = "plainly-fake-and-wrong-secret"


@X.row("X64", "token_expired", 2, sure="possible")
def expired_and_no_way_to_renew(rig: Rig) -> None:
    """the token expired, and the profile knows no authorization server"""
    rig.secrets["access_token"] = rig.auth.token(10800, nbf=int(time.time()) - 10800)
    del rig.profile["oauth"], rig.secrets["client_secret"]
