"""Which tables does judging an answer need? They can be read while that answer is waited for."""

from __future__ import annotations

from authwizard.knowledge.causes import catalogue
from authwizard.knowledge.clients import clients
from authwizard.knowledge.explanation import explain
from authwizard.knowledge.next_tests import next_test
from authwizard.knowledge.token_errors import tables


def read_tables() -> None:
    """Read the tables that judging an answer needs, so that it finds them in memory. May run in a thread of its own."""
    catalogue()
    clients()
    tables()
    next_test("token_expired", None)
    explain(401, (("WWW-Authenticate", "Bearer"),), "Unauthorized")
