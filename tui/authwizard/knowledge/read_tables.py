"""Which tables does judging an answer need? They can be read while that answer is waited for."""

from __future__ import annotations

from authwizard.knowledge.clients import clients
from authwizard.knowledge.explanation import explain
from authwizard.knowledge.token_errors import tables


def read_tables() -> None:
    """Read the tables that judging an answer needs, so that it finds them in memory. May run in a thread of its own."""
    clients()
    tables()
    explain(401, (("WWW-Authenticate", "Bearer"),), "Unauthorized")  # messages, responders and the catalogue of causes
