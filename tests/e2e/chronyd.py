"""chronyd as a time server on 127.0.0.1: it never touches this machine's clock, and under libfaketime it serves a wrong one."""

from __future__ import annotations

import contextlib
import socket
import time
from pathlib import Path

from .launch import PATIENCE, Launcher, free_ports, require_programs, shifted

CONFIGURATION = """
port {port}
bindaddress 127.0.0.1
bindcmdaddress {folder}/chronyd-{port}.sock
cmdport 0
allow 127.0.0.1
local stratum 3
pidfile {folder}/chronyd-{port}.pid
"""
ASKED = b"\x23" + b"\0" * 47
"""A request of an SNTP client, version 4 (RFC 5905 7.3)."""


def start_chronyd(launcher: Launcher, folder: Path, shift: int) -> str:
    """Start one whose clock is off by seconds; return its host and port."""
    require_programs("chronyd", *(["faketime"] if shift else []))
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    configuration = folder / f"chronyd-{port}.conf"
    configuration.write_text(CONFIGURATION.format(port=port, folder=folder))
    launcher.silent([*shifted(shift), "chronyd", "-U", "-x", "-n", "-d", "-f", str(configuration)])
    _wait_for_an_answer(port)
    return f"127.0.0.1:{port}"


def _wait_for_an_answer(port: int) -> None:
    begun = time.monotonic()
    with socket.socket(type=socket.SOCK_DGRAM) as asking:
        asking.settimeout(0.1)
        asking.connect(("127.0.0.1", port))
        while time.monotonic() - begun < PATIENCE:
            with contextlib.suppress(TimeoutError, ConnectionRefusedError):
                asking.send(ASKED)
                if len(asking.recv(200)) >= 48:
                    return
    raise AssertionError(f"chronyd does not answer on port {port}")
