"""A root cause of the catalogue: what it is, whose turn it is, how it is recognised, how it is fixed."""

from __future__ import annotations

from authwizard.model.finding import Owner
from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class RemedyWhere:
    """Another remedy, for runs in which a fact has a value: what helps depends on how this profile renews its token, say."""

    fact: str
    value: str
    remedy: str
    commands: tuple[str, ...] = ()


@dataclass(frozen=True)
class Cause:
    """One entry of `knowledge/causes.toml`. `code` is public API and never renamed."""

    code: str
    family: str
    """Letter A to K or N of CHECKS section 15: the default order in a request's life."""
    step: int
    """Step of record: 0 intake, 1 to 8, 9 verification."""
    owner: Owner
    title: str
    """Two to six words for a heading, e.g. "The access token has expired"."""
    explanation: str
    recognised: str
    remedy: str
    commands: tuple[str, ...] = ()
    remedies: tuple[RemedyWhere, ...] = ()
    """Remedies that fit better where their fact holds; the first that does counts."""
    sources: tuple[str, ...] = ()
    confused_with: tuple[str, ...] = ()
    context_only: bool = False
    """Context or triage class, never named as the root (proxy_in_path, gateway_rejected, 400_auth ...)."""

    @property
    def clause(self) -> str:
        """The title as part of a sentence: names such as API keep their capitals."""
        first, rest = self.title[:1], self.title[1:]
        return f"{first.lower()}{rest}" if not rest[:1].isupper() else self.title
