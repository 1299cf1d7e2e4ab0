"""Which answers of a run tell a clock? Gathers them for the clock model."""

from __future__ import annotations

from dataclasses import replace

from authwizard.model.evidence import Anonymous, Baseline, Discovery, FreshCall, FreshToken, MintedForRun, NetworkTime, Reported, RunClock
from authwizard.model.exchange import Exchange
from authwizard.steps.clock_model import Clocks, http_date, read_clocks


def clocks_of(
    clock: RunClock,
    baseline: Baseline | None,
    anonymous: Anonymous | None,
    fresh_call: FreshCall | None,
    network: NetworkTime | None,
    minted: MintedForRun | None,
    fresh: FreshToken | None,
    discovery: Discovery | None,
    reported: Reported | None = None,
) -> Clocks:
    """Read every clock this run has seen.

    The authorization server's is read at its token endpoint, and from its metadata only where no token request was made:
    metadata often comes from a cache in front of it.
    """
    api = [seen.exchange for seen in (baseline, anonymous, fresh_call) if seen is not None]
    issuer: list[Exchange] = [seen.exchange for seen in (minted, fresh) if seen is not None]
    if not any(e.header("date") for e in issuer) and discovery is not None:
        issuer = list(discovery.exchanges)
    clocks = read_clocks(clock.now, api, issuer, network)
    pasted = reported.answer if reported is not None else None
    if clocks.server is None and pasted is not None:
        return replace(clocks, stated=http_date(pasted))
    return clocks
