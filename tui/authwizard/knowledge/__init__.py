"""What is known of servers, causes and clients: data files, each with one small reader."""

from __future__ import annotations

from authwizard.knowledge.explanation import Explanation, explain

__all__ = ["Explanation", "explain"]
