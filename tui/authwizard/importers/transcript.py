"""What a text showed of somebody's request: the request, its answer, and how far the text can be trusted to be whole."""

from __future__ import annotations

from dataclasses import field

from authwizard.importers.request import ImportedRequest
from authwizard.model.frozen import dataclass


@dataclass(frozen=True, repr=False)
class ImportedAnswer:
    """A response as pasted."""

    status: int
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: str = ""

    def __repr__(self) -> str:
        return f"<ImportedAnswer {self.status}>"


@dataclass(frozen=True)
class Transcript:
    """What a pasted text showed: the request, the answer, or both (the last ones, after redirects)."""

    request: ImportedRequest | None
    answer: ImportedAnswer | None
    earlier: tuple[ImportedRequest, ...] = ()
    """The requests that were redirected to this one, the first one first."""
    sanitised: bool = False
    """Whoever wrote the text may have left credentials out (a browser's HAR): what is absent may have been sent."""
    fields_known: bool = True
    """False where the text tells of the request but not of its header fields (one line of a log)."""
    source: str = "curl -v text"
    unanswered: bool = False
    """The browser saw no answer that it would show (a refused preflight, a blocked request)."""
