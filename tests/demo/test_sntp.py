"""Is the platform's answer to SNTP clients a valid packet that carries its own clock?"""

from __future__ import annotations

import asyncio
import socket
import struct
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from authwizard.demo.clock import Clock
from authwizard.demo.sntp import EPOCH, SntpServer, ntp_time, reply


def question(version: int = 4, mode: int = 3, transmit: bytes = b"\x01\x02\x03\x04\x05\x06\x07\x08") -> bytes:
    return bytes([version << 3 | mode]) + bytes(39) + transmit


def seconds(stamp: bytes) -> float:
    whole, fraction = struct.unpack("!II", stamp)
    return float(whole - EPOCH + fraction / 2**32)


@pytest.mark.parametrize("version", [1, 2, 3, 4])
def test_answers_in_the_version_it_was_asked_in(version: int) -> None:
    answer = reply(question(version), Clock(), 1000.5)
    assert answer is not None
    assert len(answer) == 48
    leap, spoken, mode = answer[0] >> 6, answer[0] >> 3 & 7, answer[0] & 7
    assert (leap, spoken, mode) == (0, version, 4)
    assert 1 <= answer[1] <= 15
    assert answer[24:32] == b"\x01\x02\x03\x04\x05\x06\x07\x08"
    assert seconds(answer[32:40]) == pytest.approx(1000.5)
    assert seconds(answer[16:24]) <= seconds(answer[32:40])


@pytest.mark.parametrize("packet", [b"", question()[:47], question(mode=4), question(mode=6), question(version=0), question(version=7)])
def test_is_silent_about_what_is_no_question(packet: bytes) -> None:
    assert reply(packet, Clock(), 0.0) is None


@given(st.binary(max_size=120))
def test_never_stumbles(packet: bytes) -> None:
    answer = reply(packet, Clock(), 1.0)
    assert answer is None or len(answer) == 48


def test_times_after_the_first_era_wrap_around() -> None:
    assert struct.unpack("!I", ntp_time(2**32 - EPOCH + 5)[:4]) == (5,)


@pytest.mark.parametrize("ahead", [0.0, 660.0, -3.25])
async def test_tells_its_own_clock_over_the_network(ahead: float) -> None:
    server = await SntpServer.start(Clock(ahead))
    loop = asyncio.get_running_loop()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.setblocking(False)
        await loop.sock_sendto(client, b"not a question", ("127.0.0.1", server.port))
        sent = time.time()
        await loop.sock_sendto(client, question(transmit=ntp_time(sent)), ("127.0.0.1", server.port))
        async with asyncio.timeout(2):
            answer = await loop.sock_recv(client, 200)
        received = time.time()
    await server.close()
    offset = ((seconds(answer[32:40]) - sent) + (seconds(answer[40:48]) - received)) / 2
    assert offset == pytest.approx(ahead, abs=0.2)
    assert answer[24:32] == ntp_time(sent)
