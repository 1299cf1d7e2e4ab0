"""What time is it, here and by a time server?"""

from __future__ import annotations

import time

from authwizard.model.evidence import Absence, ClockDrift, NetworkTime, NotApplicable, NotTried, RunClock, Unavailable
from authwizard.model.options import Cost
from authwizard.probe import World, probe
from authwizard.probes.sntp import BadAnswer, Sample, ask

SAMPLES = 3
TIMEOUT = 2.0
NTP_PORT = 123


@probe("run_clock", purpose="Read this machine's clock", cost=Cost.C0)
async def run_clock(world: World) -> RunClock | Absence:
    """The time of the run, or the time the user said to judge at."""
    told = world.options.now
    now = told if told is not None else time.time()
    return RunClock(now, time.localtime(now).tm_gmtoff, time.monotonic() if told is None else None)


@probe("clock_drift", purpose="Look whether the clock was set while testing", cost=Cost.C0, when="asked")
async def clock_drift(world: World, clock: RunClock) -> ClockDrift | Absence:
    """S6-07: the time that passed by the clock of this machine, against a clock that nobody sets."""
    if clock.monotonic is None:
        return NotApplicable("The moment to judge at was given, so no clock ran.")
    elapsed = time.monotonic() - clock.monotonic
    return ClockDrift(time.time() - clock.now - elapsed, elapsed)


@probe("network_time", purpose="Ask a time server", cost=Cost.C1)
async def network_time(world: World) -> NetworkTime | Absence:
    """S6-01: up to three SNTP samples; the one with the shortest round trip counts."""
    server = world.profile.network.ntp_server.strip()
    if server.lower() in ("none", ""):
        return NotTried("The profile switches the time query off (network.ntp_server).")
    host, port = _address(server)
    samples: list[Sample] = []
    problem = ""
    for _ in range(SAMPLES):
        try:
            samples.append(await ask(host, port, timeout_seconds=TIMEOUT))
        except TimeoutError:
            problem = f"no answer within {TIMEOUT:g} s"
        except OSError:
            problem = "it cannot be reached"
        except BadAnswer as bad:
            problem = str(bad)
        if not samples:
            # A server that does not answer the first question would only cost its time-out again.
            break
    if not samples:
        return Unavailable(f"The time server {server} gave no time: {problem}.", "Name one that can be reached in network.ntp_server.")
    best = min(samples, key=lambda sample: sample.delay)
    return NetworkTime(server, best.offset, best.delay / 2, len(samples))


def _address(server: str) -> tuple[str, int]:
    """Read `host`, `host:port`, `[v6]:port` or a bare IPv6 address."""
    host, colon, port = server.rpartition(":")
    if colon and port.isdigit() and (host.count(":") == 0 or host.endswith("]")):
        return host.strip("[]"), int(port)
    return server.strip("[]"), NTP_PORT
