"""How is one request sent and its answer read? The one door to the network.

It stands on httpx's transport and not on its client: the client would parse the `Location` of every redirect (and fail on
a bad one), keep cookies between probes, and write addresses to a log.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from authwizard.model.exchange import Exchange, TransportFault
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile, origin_of
from authwizard.model.run import RequestCount
from authwizard.model.secret import Secret
from authwizard.probe import Answer, Halted, Request
from authwizard.probes.budget import Budget
from authwizard.probes.faults import Attempt, CannotSend, closed_unanswered, fault_of, proxy_status
from authwizard.probes.limits import MAX_IN_FLIGHT, BodyReader, decode_field
from authwizard.probes.origins import OriginRules
from authwizard.probes.outgoing import Fields, Outgoing, userinfo
from authwizard.probes.pools import Pools
from authwizard.probes.proxies import proxy_for, shown
from authwizard.probes.recording import Received, Recorder
from authwizard.probes.wire import Wire

if TYPE_CHECKING:
    import httpx

    from authwizard.protocol.redaction import Redactor

_LOGGERS = (
    "httpx",
    "httpcore",
    "httpcore.connection",
    "httpcore.http11",
    "httpcore.http2",
    "httpcore.proxy",
    "httpcore.socks",
    "hpack",
    "h11",
)


_IDEMPOTENT = frozenset({"GET", "HEAD", "OPTIONS", "TRACE", "PUT", "DELETE"})
"""Methods whose request may be sent again where no answer came (RFC 9110 9.2.2)."""


class HttpSender:
    """Sends the requests of one run (probe.Sender).

    Args:
        profile: Whose network settings, own origins and User-Agent apply.
        options: Consent and budget.
        redactor: Masks what is recorded; every credential that is sent is registered with it.
        environ: Environment variables, for the proxies where the profile says `env`.
        transport: Takes the place of the network in tests.
    """

    def __init__(
        self,
        profile: Profile,
        options: RunOptions,
        redactor: Redactor,
        *,
        environ: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._network = profile.network
        self._environ = dict(environ or {})
        self._budget = Budget(options)
        self._rules = OriginRules(profile, options)
        self._outgoing = Outgoing(profile, redactor)
        self._pools = Pools(profile.network, redactor, transport)
        self._recorder = Recorder(redactor)
        self._records: list[Exchange | None] = []
        # A gate belongs to one event loop; what must not be stopped is sent from a loop of its own (probe.to_its_end).
        self._gates: defaultdict[tuple[int, str], asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(MAX_IN_FLIGHT))
        for name in _LOGGERS:
            # Below warnings these write addresses with their query, and hpack header values (CHECKS 1.3).
            logging.getLogger(name).setLevel(logging.WARNING)

    @property
    def exchanges(self) -> tuple[Exchange, ...]:
        """All exchanges so far, in the order they were sent."""
        return tuple(e for e in self._records if e is not None)

    @property
    def counts(self) -> RequestCount:
        """What was sent so far, by what it counts against."""
        return self._budget.counts

    @property
    def halted(self) -> str:
        """Why nothing with a credential is sent any more; "" where nothing stands against it."""
        return self._budget.halt

    def allow_origin(self, origin: str) -> None:
        """Let the authorization server's credentials go to a further origin that the user agreed to (never link-local)."""
        self._rules.allow(origin)

    async def send(self, request: Request) -> Answer:
        """Send one request without following redirects; raises Halted where it may not be sent."""
        url = request.url.reveal() if isinstance(request.url, Secret) else request.url
        proxy = "" if request.direct else proxy_for(url, self._network.proxy, self._environ)
        self._rules.admit(url, request.target, carries_secret=_carries_secret(request, url), proxy=proxy)
        async with self._gates[id(asyncio.get_running_loop()), _host(url)]:
            self._budget.admit(request)
            place = len(self._records)
            self._records.append(None)
            answer = await self._perform(request, url, proxy)
            self._records[place] = answer.exchange
            if answer.exchange.fault and answer.exchange.fault.layer == "refused_locally":
                self._budget.give_back(request.target)
            self._budget.observe(answer.exchange)
            return answer

    async def aclose(self) -> None:
        """Close all connections."""
        await self._pools.aclose()

    async def _perform(self, request: Request, url: str, proxy: str) -> Answer:
        under_way = await self._once(request, url, proxy)
        if under_way.on_a_dead_connection:
            # A server may end a kept connection at the very moment the next request is sent (RFC 9112 9.3.1): no answer to tell of.
            with contextlib.suppress(Halted):
                self._budget.admit(request)
                under_way = await self._once(replace(request, new_connection=True), url, proxy)
        received = under_way.received
        if received is not None and request.at_once is not None:
            fields = tuple((decode_field(n), decode_field(v)) for n, v in received.fields)
            await request.at_once(received.status, fields, received.body.raw)
        exchange = self._recorder.exchange(request, url, under_way.fields, under_way.wire, received or under_way.fault or _NO_ANSWER)
        return Answer(exchange, received.body.raw if received else b"", sent=_left(under_way.wire, exchange))

    async def _once(self, request: Request, url: str, proxy: str) -> _UnderWay:
        """Try to send the request, and return how far that went."""
        import httpx

        under_way = _UnderWay(Wire(lambda address: self._rules.stands_against(address, url, request.target)), proxy)
        try:
            await self._transfer(request, url, under_way)
        except CannotSend as reason:
            under_way.fault = reason.fault
        except (httpx.HTTPError, httpx.InvalidURL, UnicodeError, ValueError, TypeError, OSError, ImportError) as error:
            self._ended(error, url, under_way)
        return under_way

    async def _transfer(self, request: Request, url: str, under_way: _UnderWay) -> None:
        """Send, and read the answer up to the limits, all within the time one request has."""
        message = self._outgoing.message(request, url, under_way.wire)
        under_way.fields = list(message.headers.raw)
        pool, own = self._pools.take(
            under_way.proxy, message.url.scheme == "https", fresh=_on_its_own(request),
            certificate=request.certificate and self._rules.owns(url), http2=request.http2,
        )  # fmt: skip
        try:
            async with asyncio.timeout(self._network.timeout_seconds):
                await _exchange(pool, message, under_way)
        finally:
            if own:
                await pool.aclose()

    def _ended(self, error: Exception, url: str, under_way: _UnderWay) -> None:
        """What breaks after the status line came is no fault but a cut body; a proxy's 407 is an answer."""
        import httpx

        seconds = self._network.timeout_seconds
        if under_way.received is not None:
            late = isinstance(error, (TimeoutError, httpx.TimeoutException))
            under_way.received.body.cut = f"The answer was not complete within {seconds:g} s." if late else "The answer broke off."
        elif proxy_status(error) == 407:
            under_way.received = Received(407, "", (), BodyReader(""))
        else:
            host = origin_of(url).partition("://")[2] or "the address"
            attempt = Attempt(host, shown(under_way.proxy) if under_way.proxy else "", under_way.wire.connected, seconds)
            under_way.fault = fault_of(error, attempt)
            kept = under_way.wire.traced and not under_way.wire.opened
            under_way.on_a_dead_connection = kept and closed_unanswered(error)


class _UnderWay:
    """One request while it is sent: what is known of it so far, whatever ends it."""

    def __init__(self, wire: Wire, proxy: str) -> None:
        self.wire = wire
        self.fields: Fields = []
        self.proxy = proxy
        self.received: Received | None = None
        self.fault: TransportFault | None = None
        self.on_a_dead_connection = False
        """Whether it went over a kept connection that ended before any answer came."""


_NO_ANSWER = TransportFault("protocol", "No answer came.")


async def _exchange(pool: httpx.AsyncBaseTransport, message: httpx.Request, under_way: _UnderWay) -> None:
    import httpx

    response = await pool.handle_async_request(message)
    try:
        under_way.wire.answered(response.extensions.get("network_stream"))
        version = response.extensions.get("http_version", b"HTTP/1.1").decode("ascii", "replace")
        body = BodyReader(response.headers.get("content-encoding", ""))
        under_way.received = Received(response.status_code, version, list(response.headers.raw), body)
        assert isinstance(response.stream, httpx.AsyncByteStream)
        async for piece in response.stream:
            if not body.feed(piece):
                break
    finally:
        await response.aclose()


def _on_its_own(request: Request) -> bool:
    """Whether the request gets a connection of its own: also where it could not be sent again after a kept one ended."""
    return request.new_connection or request.http2 or request.method.upper() not in _IDEMPOTENT


def _left(wire: Wire, exchange: Exchange) -> bool:
    """Whether anything of the request may have left this machine for its host."""
    layer = exchange.fault.layer if exchange.fault is not None else None
    untold = not wire.traced and layer in (None, "timeout", "protocol")
    return layer != "refused_locally" and (wire.sent or untold)


def _host(url: str) -> str:
    return origin_of(url).partition("://")[2].rpartition(":")[0]


def _carries_secret(request: Request, url: str) -> bool:
    values = (request.url, request.body, *(value for _, value in request.headers))
    return any(isinstance(value, Secret) for value in values) or userinfo(url) != ("", "")
