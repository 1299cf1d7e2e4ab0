"""Rows B and C: the client's machine, and the path between it and the API."""

from __future__ import annotations

import asyncio
import socket

from e2e.rig.wire import Answer, passed_on
from e2e.rig.world import Rig
from e2e.rows.table import Rows

B = Rows()
C = Rows()
JWT_STYLES = "express spring aspnet envoy awshttp drf companyx"


def _netrc(rig: Rig) -> None:
    rig.profile["client"] = "requests"
    rig.other_secrets.append("plainly-fake-netrc-password")
    (rig.home / ".netrc").write_text("machine 127.0.0.1 login alice password plainly-fake-netrc-password\n")
    (rig.home / ".netrc").chmod(0o600)


@B.row("B01", None, 1, kind="not_reproduced", first="netrc_override", options="--reported-401")
def netrc(rig: Rig) -> None:
    """the user's program is requests, and ~/.netrc has an entry for the host"""
    _netrc(rig)


@B.row("B03", "proxy_auth_required", 1)
def proxy_asks_for_a_login(rig: Rig) -> None:
    """the proxy of this machine answers 407"""
    rig.through_forward_proxy()
    rig.forward.settings.asks_login = True


@B.row("B04", "proxy_strips_authorization", 1, sure="proven", styles=JWT_STYLES)
def proxy_strips(rig: Rig) -> None:
    """the proxy of this machine removes Authorization; without it the call works"""
    rig.through_forward_proxy()
    rig.forward.settings.strip = ("authorization",)


@B.row("B05", None, 7, kind="not_reproduced", first="stale_env_value", options="--reported-401", process=True)
def older_value_in_dotenv(rig: Rig) -> None:
    """.env has an older token than the store, and the user's program sends that one"""
    older = rig.auth.token(90000)
    (rig.home / ".env").write_text(f"API_TOKEN={older}\n")


@C.row("C01", "authorization_stripped", 1, styles=JWT_STYLES, star=True, sure="possible")
def edge_strips(rig: Rig) -> None:
    """a reverse proxy removes Authorization, and nobody knows the address behind it"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.strip = ("authorization",)


@C.row("C02", "edge_strips_authorization", 1, sure="proven", styles=JWT_STYLES)
def edge_strips_with_origin(rig: Rig) -> None:
    """the same, and the profile knows the address behind the edge"""
    edge_strips(rig)
    rig.profile["origin_url"] = rig.api.server.url


@C.row("C04", None, None, kind="healthy", checks={"I-07": "warn"})
def slash_added(rig: Rig) -> None:
    """308 to the same path with a slash at its end"""
    rig.api.settings.canonical_slash = True


@C.row("C05", "edge_auth_required", 1)
def edge_asks_for_a_login(rig: Rig) -> None:
    """the reverse proxy wants a Basic login of its own"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.realm = "Restricted"


@C.row("C07", "cached_401", 8)
def old_answer_from_a_cache(rig: Rig) -> None:
    """a cache has kept a 401 and serves it to everybody"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.cache = True
    asyncio.run(passed_on(_anonymous(rig), "127.0.0.1", rig.reverse.server.port))


def _anonymous(rig: Rig):
    from e2e.rig.wire import Asked

    return Asked("GET", "/v2/me", (("Host", f"127.0.0.1:{rig.reverse.server.port}"),))


@C.row("C09", "wrong_path_or_method", 8)
def unknown_path(rig: Rig) -> None:
    """the path does not exist, and the gateway answers 401 before it looks for a route"""
    rig.api.settings.unknown_paths = "401"
    rig.profile |= {"request": "GET /v2/mee", "whoami": "GET /v2/devices"}


@C.row("C10", "cors_preflight_rejected", 1)
def preflight_refused(rig: Rig) -> None:
    """authentication runs before CORS, so the preflight gets a 401"""
    rig.api.settings.preflight = "401"
    rig.profile["browser_origin"] = "https://app.example"


@C.row("C12", "network_unreachable", 0, kind="could_not_look")
def nobody_listens(rig: Rig) -> None:
    """the API's host is down"""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        rig.profile["base_url"] = f"http://127.0.0.1:{free.getsockname()[1]}"


@C.row("C13", "login_redirect", 0)
def sent_to_login(rig: Rig) -> None:
    """calls without a session are sent to the login page of the same site"""
    to_login = Answer(302, [("Location", f"{rig.stranger.url}/login"), ("Content-Type", "text/html")])
    rig.api.settings.override, rig.api.settings.login_at = to_login, f"{rig.stranger.url}/login"


@C.row("C15", "header_name_underscore", 1, sure="possible")
def underscore_in_header(rig: Rig) -> None:
    """the header's name has an underscore, and nginx drops it"""
    rig.behind_reverse_proxy()
    rig.reverse.settings.drop_underscores = True
    rig.api.settings.header = "X_Auth_Token"
    rig.profile["credential"] = {"kind": "bearer", "header": "X_Auth_Token", "scheme": ""}
