"""Over which connections does a request go? One pool per proxy, one TLS context per run."""

from __future__ import annotations

import ssl
from dataclasses import replace
from typing import TYPE_CHECKING

from authwizard.model.exchange import TransportFault
from authwizard.model.profile import Network
from authwizard.model.secret import Secret
from authwizard.probes.faults import CannotSend
from authwizard.probes.masking import register_pair
from authwizard.probes.outgoing import userinfo
from authwizard.probes.proxies import shown
from authwizard.probes.tls import ssl_context

if TYPE_CHECKING:
    import httpx

    from authwizard.protocol.redaction import Redactor

_PROXY_SCHEMES = ("http://", "https://", "socks5://", "socks5h://")


class Pools:
    """The connection pools of one run. `fixed` takes the place of the network in tests."""

    def __init__(self, network: Network, redactor: Redactor, fixed: httpx.AsyncBaseTransport | None = None) -> None:
        self._network = network
        self._redactor = redactor
        self._fixed = fixed
        self._pools: dict[tuple[str, bool, bool], httpx.AsyncBaseTransport] = {}
        self._contexts: dict[bool, ssl.SSLContext] = {}

    def take(
        self, proxy: str, tls: bool, *, fresh: bool, certificate: bool = True, http2: bool = False
    ) -> tuple[httpx.AsyncBaseTransport, bool]:
        """Return the pool to use, and whether it is for this request alone and must be closed after it.

        `certificate`: whether the profile's client certificate is shown. It is a credential, so foreign origins never see it.
        Raises CannotSend where the proxy's address or a certificate file of the profile is of no use, and ImportError for
        a SOCKS proxy without the package it needs.
        """
        if self._fixed is not None:
            return self._fixed, False
        if fresh:
            return self._new(proxy, tls, certificate, http2=http2), True
        kind = (proxy, tls, certificate)
        if kind not in self._pools:
            self._pools[kind] = self._new(*kind)
        return self._pools[kind], False

    async def aclose(self) -> None:
        """Close all connections."""
        pools, self._pools = self._pools, {}
        for pool in pools.values():
            await pool.aclose()

    def _new(self, proxy: str, tls: bool, certificate: bool, *, http2: bool = False) -> httpx.AsyncBaseTransport:
        import httpx

        # Reading the trusted certificates takes time that a plain connection need not spend.
        context = self._tls(certificate) if tls or proxy.startswith("https:") else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        if not proxy:
            return httpx.AsyncHTTPTransport(verify=context, trust_env=False, http2=http2)
        if not proxy.lower().startswith(_PROXY_SCHEMES):
            raise CannotSend(TransportFault("proxy", f"The proxy {shown(proxy)} is no http://, https:// or socks5:// address."))
        user, password = userinfo(proxy)
        register_pair(self._redactor, user, Secret(password), "proxy_password")
        through = httpx.Proxy(proxy, ssl_context=self._tls(certificate=False) if proxy.startswith("https:") else None)
        return httpx.AsyncHTTPTransport(verify=context, trust_env=False, proxy=through, http2=http2)

    def _tls(self, certificate: bool) -> ssl.SSLContext:
        shown_there = certificate and bool(self._network.client_cert)
        if shown_there not in self._contexts:
            self._contexts[shown_there] = ssl_context(self._network if shown_there else replace(self._network, client_cert=""))
        return self._contexts[shown_there]
