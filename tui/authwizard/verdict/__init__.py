"""From findings to one answer: pure, deterministic, independent of their order (CHECKS section 16)."""

from authwizard.verdict.conclude import conclude
from authwizard.verdict.next_probes import next_probes
from authwizard.verdict.responder import responder

__all__ = ["conclude", "next_probes", "responder"]
