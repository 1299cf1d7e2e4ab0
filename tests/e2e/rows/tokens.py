"""Rows E, F and G: what the token says, who issued it, and what time it is."""

from __future__ import annotations

import time

from e2e.rig.tokens import key, with_claims
from e2e.rig.world import Rig
from e2e.rows.table import Rows

E = Rows()
F = Rows()
G = Rows()
JWT_STYLES = "express spring aspnet envoy awshttp drf companyx"


@E.row("E01", "token_expired", 2, styles=JWT_STYLES, star=True)
def expired(rig: Rig) -> None:
    """the token expired two hours ago"""
    rig.secrets["access_token"] = rig.auth.token(10800)


@E.row("E02", "token_revoked", 7, styles="companyx express spring aspnet drf awshttp")
def revoked_in_vague_words(rig: Rig) -> None:
    """ "invalid or has expired" of a token that was revoked and has not expired; introspection is not known"""
    rig.api.settings.introspects = True
    rig.auth.revoked.add(rig.secrets["access_token"])
    del rig.profile["oauth"]["introspection_url"]


@E.row("E04", "token_not_yet_valid", 2, styles=JWT_STYLES)
def not_yet_valid(rig: Rig) -> None:
    """the token counts from ten minutes ahead"""
    rig.secrets["access_token"] = rig.auth.token(nbf=int(time.time()) + 600)


@E.row("E06", None, None, kind="healthy", checks={"S2-03": "warn"})
def within_leeway(rig: Rig) -> None:
    """the token expired 20 seconds ago, and the API allows 60"""
    rig.secrets["access_token"] = rig.auth.token(3620)


@E.row("E07", "signature_invalid", 3, styles=JWT_STYLES)
def payload_changed(rig: Rig) -> None:
    """a byte of the payload was changed"""
    rig.secrets["access_token"] = with_claims(rig.secrets["access_token"], jti="another")


@E.row("E08", "signing_key_rotated", 3, styles=JWT_STYLES)
def key_withdrawn(rig: Rig) -> None:
    """keys were rotated, and the token's is not published any more"""
    rig.auth.signs = key("prod-new")
    rig.auth.published = [rig.auth.signs]


@E.row("E10", "replica_inconsistent", 8, mechanisms=("jwks_stale_at_server",))
def one_replica_behind(rig: Rig) -> None:
    """one of two replicas has not read the new key"""
    old = list(rig.auth.published)
    rig.auth.signs = key("prod-new")
    rig.auth.published = [*old, rig.auth.signs]
    rig.secrets["access_token"] = rig.auth.token()
    rig.api.split(known_keys=lambda: old)


@E.row("E11", "server_key_misconfigured", 8)
def keys_of_another(rig: Rig) -> None:
    """the API reads the keys of another authorization server"""
    rig.api.settings.known_keys = lambda: list(rig.staging_auth.published)


@F.row("F01", "environment_mismatch", 3, styles=JWT_STYLES, star=True)
def staging_token(rig: Rig) -> None:
    """the staging token is stored for production"""
    rig.others["staging"] = rig.staging_profile()
    rig.secrets["access_token"] = rig.staging_auth.token()


@F.row("F02", "issuer_trailing_slash", 3, styles=JWT_STYLES, sure="possible")
def slash_at_issuer(rig: Rig) -> None:
    """the issuer in tokens ends with a slash, the API expects none"""
    rig.auth.settings.slash = "/"
    rig.secrets["access_token"] = rig.auth.token()


@F.row("F04", "audience_mismatch", 3, styles=JWT_STYLES, star=True)
def other_audience(rig: Rig) -> None:
    """the token is for another API"""
    rig.secrets["access_token"] = rig.auth.token(aud="https://reports.prod.example")


@F.row("F06", None, None, kind="healthy")
def several_audiences(rig: Rig) -> None:
    """the right audience is one of several"""
    rig.secrets["access_token"] = rig.auth.token(aud=["https://reports.prod.example", rig.auth.audience])


@G.row("G01", None, None, kind="healthy", warns=("clock_skew_client",), faketime="-15m")
def local_clock_behind(rig: Rig) -> None:
    """this machine is 15 minutes behind; the token is fine"""


@G.row("G02", "clock_skew_client", 6, faketime="-10m")
def assertion_of_the_past(rig: Rig) -> None:
    """this machine is 10 minutes behind, so its client assertion is refused"""
    client = key("prod-client")
    rig.without_token()
    rig.auth.client.methods, rig.auth.client.keys = ("private_key_jwt",), (client,)
    rig.profile["oauth"] |= {"client_auth": "private_key_jwt", "key_id": client.kid, "assertion_alg": "RS256"}
    del rig.secrets["client_secret"]
    rig.secrets["private_key"] = client.pem


@G.row("G04", "clock_skew_issuer_api", 6, styles=JWT_STYLES)
def issuer_ahead(rig: Rig) -> None:
    """the authorization server is five minutes ahead of the API"""
    rig.auth.settings.clock = rig.auth.server.date_offset = 300
    rig.secrets["access_token"] = rig.auth.token(0)


@G.row("G06", None, None, kind="healthy")
def wrong_date_header(rig: Rig) -> None:
    """the edge's Date is two hours off, the API is right"""
    rig.api.server.date_offset = 7200
