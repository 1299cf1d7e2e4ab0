"""What do the screens of an import ask for, and what do they get? An import is read, shown, and only then saved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import TYPE_CHECKING

from authwizard.model.frozen import dataclass

if TYPE_CHECKING:
    from authwizard.importers.candidates import Candidate
    from authwizard.model.profile import Profile
    from authwizard.model.secret import Secret
    from authwizard.ui.services import SaveResult


@dataclass(frozen=True, repr=False)
class Document:
    """What the user gave: a pasted text or the path of a file. It may hold secrets, so it has no useful repr."""

    text: str = ""
    path: str = ""
    environment: str = ""
    """The path of a Postman environment beside a collection."""
    pick: str = ""
    """Which of the requests in it is meant (`Candidate.pick`)."""


@dataclass(frozen=True)
class Row:
    """One line of a preview: what becomes of something, and what it was called in the document."""

    label: str
    value: str
    origin: str = ""


@dataclass(frozen=True)
class Preview:
    """What a document would become. No text in it holds a secret; `secrets` goes back to be stored."""

    profile: Profile
    secrets: Mapping[str, Secret] = field(repr=False)
    name: str
    """A name that no saved profile has."""
    missing: tuple[str, ...]
    """Required settings (base_url, request) that the document does not tell."""
    secret_rows: tuple[Row, ...] = ()
    reference_rows: tuple[Row, ...] = ()
    setting_rows: tuple[Row, ...] = ()
    left_out: tuple[str, ...] = ()
    """Names in the document that were not taken."""
    notes: tuple[str, ...] = ()
    foreign: bool = False
    """It comes from somebody else: nothing it refers to is read before that was agreed to."""


@dataclass(frozen=True)
class ImportRead:
    """What became of a document: a preview, or candidates to choose one from, or the problem."""

    sentence: str = ""
    """What it was recognised as, e.g. "A HAR file with 12 requests"."""
    candidates: tuple[Candidate, ...] = ()
    preview: Preview | None = None
    problem: str = ""
    wants_environment: bool = False
    """It is a Postman collection, whose variables may have their values in an environment."""


@dataclass(frozen=True)
class ImportEnded:
    """How an import ended that was not given up: saved, or to be changed in the form before it is saved."""

    profile: Profile
    secrets: Mapping[str, Secret] = field(default_factory=dict, repr=False)
    result: SaveResult | None = None
    """None = it goes to the form."""
    run: bool = False
