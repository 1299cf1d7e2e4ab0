"""When did each phase of a request happen, and with which machine? Marks taken while the transport works."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any

from authwizard.model.exchange import TransportFault
from authwizard.probes.faults import CannotSend
from authwizard.probes.tls import handshake


class Wire:
    """Receives the transport's trace events for one request (httpcore's `trace` extension).

    `stands_against` is asked about the address that was connected to, before anything is sent; "" lets it be used.
    """

    def __init__(self, stands_against: Callable[[str], str]) -> None:
        self._stands_against = stands_against
        self._began = time.perf_counter()
        self._at: dict[str, float] = {}
        self.sent_at = time.time()
        self.received_at = 0.0
        self.connected = False
        """Whether the machine the address names was reached (the proxy alone does not count)."""
        self.sent = False
        """Whether the request began to leave this machine for the machine the address names."""
        self.opened = False
        """Whether a connection was opened for this request; without that it went over one that was kept from an earlier one."""
        self.peer = ""
        self.tls: Mapping[str, str] = {}

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        """Note one event; raises CannotSend where the connection leads to a forbidden address."""
        self._at[event] = time.perf_counter()
        self.opened = self.opened or event.endswith("connect_tcp.started")
        if event == "connection.connect_tcp.complete":
            await self._connected_to(info.get("return_value"))
        elif event.endswith("send_request_headers.started"):
            # A CONNECT goes to the proxy; the machine behind it is reached once the proxy has answered.
            self.connected = self.sent = getattr(info.get("request"), "method", b"") != b"CONNECT"
            self.sent_at = time.time()
        elif event.endswith("receive_response_headers.complete"):
            self.connected = True
            self.received_at = time.time()

    def answered(self, stream: object) -> None:
        """Note peer and TLS of the connection an answer came over (it may have been opened by an earlier request)."""
        self.received_at = self.received_at or time.time()
        self.connected = self.sent = True
        self._at.setdefault("answered", time.perf_counter())
        if hasattr(stream, "get_extra_info"):
            self.peer = _address(stream.get_extra_info("server_addr")) or self.peer
            self.tls = handshake(stream.get_extra_info("ssl_object"))

    @property
    def traced(self) -> bool:
        """Whether the transport told anything (a double of the network in a test may not)."""
        return bool(self._at)

    def timing_ms(self) -> dict[str, int]:
        """Milliseconds per phase: connect, tls, first_byte (from the sent header to the answer's), total."""
        spans = {
            "connect": self._span("connection.connect_tcp"),
            "tls": self._span("connection.start_tls") or self._span("proxy.start_tls"),
            "first_byte": self._first_byte(),
            "total": time.perf_counter() - self._began,
        }
        return {name: round(seconds * 1000) for name, seconds in spans.items() if seconds is not None}

    async def _connected_to(self, stream: Any) -> None:
        address = stream.get_extra_info("server_addr") if hasattr(stream, "get_extra_info") else None
        self.peer = _address(address)
        why = self._stands_against(str(address[0])) if address else ""
        if why:
            await stream.aclose()
            raise CannotSend(TransportFault("refused_locally", why))

    def _span(self, name: str) -> float | None:
        start, end = self._at.get(f"{name}.started"), self._at.get(f"{name}.complete")
        return end - start if start is not None and end is not None else None

    def _first_byte(self) -> float | None:
        start = self._at.get("http11.send_request_headers.started")
        end = self._at.get("http11.receive_response_headers.complete", self._at.get("answered"))
        return end - start if start is not None and end is not None else None


def _address(address: Any) -> str:
    if not isinstance(address, tuple) or len(address) < 2:
        return ""
    return f"[{address[0]}]:{address[1]}" if ":" in str(address[0]) else f"{address[0]}:{address[1]}"
