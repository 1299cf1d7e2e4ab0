"""P1, a client's forwarding proxy, and P2, a reverse proxy in front of the API."""

from __future__ import annotations

import email.utils
import hashlib
import time
from dataclasses import dataclass
from urllib.parse import urlsplit

from e2e.rig.wire import Answer, Asked, Server, as_json, passed_on

HOP = "X-Rig-Hop"
"""Marks a request that a proxy of the rig has passed on, so that it is not counted twice."""

AGE = 240
"""Seconds for which the cache has held what it serves."""


@dataclass
class ProxySettings:
    """What can be turned, on either proxy."""

    strip: tuple[str, ...] = ()
    replace: str = ""
    """An Authorization value of its own instead of the caller's."""
    rename: str = ""
    """Where the caller's Authorization goes."""
    redirect: str = ""
    """Everything is sent elsewhere (301)."""
    cache: bool = False
    limit: int = 0
    realm: str = ""
    """Asks for its own Basic login."""
    page: bool = False
    """A firewall's block page."""
    drop_underscores: bool = False
    asks_login: bool = False
    """407 (P1)."""
    via: str = ""


class Proxy:
    """A proxy to one upstream (`port`), or to wherever the absolute-form target says (forwarding)."""

    def __init__(self, port: int = 0, product: str = "") -> None:
        self.settings = ProxySettings()
        self.upstream = port
        self.server = Server(self._answer, product)
        self._cached: dict[str, Answer] = {}

    async def _answer(self, asked: Asked) -> Answer:
        return self._own(asked) or await self._upstream(asked)

    def _own(self, asked: Asked) -> Answer | None:
        """What the proxy answers itself, None where it asks on."""
        s = self.settings
        if s.asks_login:
            return _page(407, "407 Proxy Authentication Required", ("Proxy-Authenticate", 'Basic realm="proxy"'))
        if s.page:
            blocked = "<h1>Sorry, you have been blocked</h1>error code: 1020"
            return _page(
                403, "Attention Required! | Cloudflare", ("Server", "cloudflare"), ("CF-RAY", "8f2e1c3b4d5a6789-FRA"), body=blocked
            )
        if s.realm and not asked.header("authorization").lower().startswith("basic "):
            return _page(401, "401 Authorization Required", ("WWW-Authenticate", f'Basic realm="{s.realm}"'))
        if s.limit and sum(len(k) + len(v) + 4 for k, v in asked.fields) > s.limit:
            return _page(400, "400 Request Header Or Cookie Too Large")
        if s.redirect:
            return Answer(301, [("Location", f"{s.redirect}{asked.target}")])
        return None

    async def _upstream(self, asked: Asked) -> Answer:
        s = self.settings
        key = hashlib.sha256(asked.target.encode()).hexdigest()
        if s.cache and key in self._cached and "no-cache" not in asked.header("cache-control"):
            kept = self._cached[key]
            dated = [(k, v) for k, v in kept.fields if k.lower() != "date"]
            then = email.utils.formatdate(time.time() - AGE, usegmt=True)
            return Answer(kept.status, [*dated, ("Date", then), ("Age", str(AGE)), ("X-Cache", "HIT")], kept.body)
        answer = await self._passed(self._changed(asked))
        if s.cache and answer.status in (200, 401):
            self._cached[key] = Answer(answer.status, list(answer.fields), answer.body)
            answer.fields.append(("X-Cache", "MISS"))
        if s.via:
            answer.fields.append(("Via", s.via))
        return answer

    def _changed(self, asked: Asked) -> Asked:
        s = self.settings
        held = asked.header("authorization")
        # What Connection lists is for this hop alone (RFC 9110 7.6.1).
        gone = {*s.strip, *(name.strip().lower() for name in asked.header("connection").split(","))}
        fields = [(k, v) for k, v in asked.fields if k.lower() not in gone and not (s.drop_underscores and "_" in k)]
        fields.append((HOP, "1"))
        if s.rename or s.replace:
            fields = [(k, v) for k, v in fields if k.lower() != "authorization"]
            fields += [(s.rename, held)] if s.rename and held else []
            fields += [("Authorization", s.replace)] if s.replace else []
        return Asked(asked.method, asked.target, tuple(fields), asked.body, asked.at)

    async def _passed(self, asked: Asked) -> Answer:
        url = urlsplit(asked.target)
        host, port = (url.hostname or "127.0.0.1", url.port or 80) if url.netloc else ("127.0.0.1", self.upstream)
        target = f"{url.path or '/'}{'?' + url.query if url.query else ''}"
        try:
            return await passed_on(asked, host, port, target)
        except OSError:
            return as_json(502, {"message": "Bad Gateway"})


def _page(status: int, title: str, *fields: tuple[str, str], body: str = "") -> Answer:
    """An answer as nginx writes it."""
    shown = body or f"<center><h1>{title}</h1></center><hr><center>nginx</center>"
    text = f"<html><head><title>{title}</title></head><body>{shown}</body></html>"
    return Answer(status, [*fields, ("Content-Type", "text/html")], text.encode())
