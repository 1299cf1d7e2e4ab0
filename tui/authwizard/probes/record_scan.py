"""Is there a secret in what this run has recorded? (CHECKS V-08)"""

from __future__ import annotations

from authwizard.model.evidence import Absence, RecordScan
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.probe import World, probe


@probe("record_scan", purpose="Search the record for secrets", cost=Cost.C0, when="asked")
async def record_scan(world: World) -> RecordScan | Absence:
    """Search every recorded text for every secret of the run, in every encoding."""
    texts = [text for exchange in world.sender.exchanges for text in _texts(exchange)]
    labels = [label for text in texts for label in world.redactor.find(text)]
    return RecordScan(tuple(dict.fromkeys(labels)), len(texts))


def _texts(exchange: Exchange) -> list[str]:
    headers = [f"{name}: {value}" for name, value in (*exchange.request_headers, *exchange.response_headers)]
    fault = [exchange.fault.text] if exchange.fault is not None else []
    return [text for text in (exchange.url, exchange.body, *headers, *fault) if text]
