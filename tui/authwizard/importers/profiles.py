"""Which profile does a document at hand make? One way in for every format that `profile import` takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import replace

from authwizard.importers.curl import is_curl, parse_curl
from authwizard.importers.har import read_har
from authwizard.importers.imported import Imported, checked, of_request
from authwizard.importers.raw_http import MASKS, read_transcript
from authwizard.importers.terminal import command_and_output
from authwizard.importers.transcript import Transcript
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile, origin_of
from authwizard.protocol.clean import safe_line

SOURCES = ("curl", "dotenv", "har", "postman", "openapi")
STRIPPED = (
    "Browsers leave credentials out of a HAR file unless they are asked for them, and none stands in this one: what is missing here may "
    "well have been sent. Store it, or save the file with sensitive data."
)
NAMELESS = "imported"
HALF_CHARACTERS = "It holds half a character (a lone surrogate such as \\ud800), which nothing can send."


@dataclass(frozen=True)
class Choices:
    """What the document leaves open and the user says: the request that fails (by name for Postman), the API's address, the environment."""

    name: str = ""
    request: str = ""
    base_url: str = ""
    environment: str = ""
    """The text of a Postman environment."""
    pick: str = ""
    """Which request of the document it is (`candidates.Candidate`), where that is known."""


def import_text(source: str, text: str, choices: Choices | None = None) -> Imported:
    """Return what a document would become; `source` is one of SOURCES. Raises ValueError with one sentence where nothing can be made."""
    said = choices or Choices()
    name = said.name or NAMELESS
    try:
        made = _READERS[source](name, text, said)
    except UnicodeError:
        raise ValueError(HALF_CHARACTERS) from None
    profile = made.profile
    if said.base_url and source != "openapi":
        profile = replace(profile, base_url=said.base_url)
    if said.request and source in ("curl", "dotenv", "har") and not profile.request:
        profile = replace(profile, request=said.request)
    return checked(replace(made, profile=replace(profile, name=said.name or _named_after(profile))))


def _named_after(profile: Profile) -> str:
    """Name a profile after its API's host."""
    host = origin_of(profile.base_url).partition("//")[2].rpartition(":")[0]
    return host if re.fullmatch(r"[a-z0-9][a-z0-9.-]{0,63}", host) else NAMELESS


def _curl(name: str, text: str, said: Choices) -> Imported:
    """A command, or what `curl -v` printed of one."""
    seen = command_and_output(text) if is_curl(text) else _printed(text)
    if seen is None or seen.request is None:
        return of_request(name, parse_curl(text, variables=True))
    status = (f"It was answered with {seen.answer.status}.",) if seen.answer is not None else ()
    return _without_masks(of_request(name, seen.request, status))


def _printed(text: str) -> Transcript | None:
    try:
        return read_transcript(text)
    except ValueError:
        return None


def _har(name: str, text: str, said: Choices) -> Imported:
    seen = read_har(text, number=int(said.pick) if said.pick else None)
    assert seen.request is not None  # a HAR without a refused request is refused
    status = f"The request that was refused ({seen.answer.status})" if seen.answer is not None else "The request that got no answer"
    taken = [] if said.pick else [f"{status} was taken: {safe_line(seen.request.method)}."]
    notes = [*taken, *([STRIPPED] if seen.sanitised else [])]
    made = _without_masks(of_request(name, seen.request, notes))
    return replace(made, profile=replace(made.profile, client="fetch")) if made.profile.client == "curl" else made


def _without_masks(made: Imported) -> Imported:
    """Leave out what a tool that shares recordings wrote in place of a secret."""
    masked = [field for field, secret in made.secrets.items() if MASKS.fullmatch(secret.reveal().rpartition(" ")[2])]
    notes = (f"Its {field} was masked by whoever wrote the file; store the real one." for field in masked)
    kept = {field: secret for field, secret in made.secrets.items() if field not in masked}
    return replace(made, secrets=kept, notes=(*made.notes, *notes)) if masked else made


def _dotenv(name: str, text: str, said: Choices) -> Imported:
    from authwizard.importers.dotenv_profile import read_dotenv

    return read_dotenv(name, text)


def _postman(name: str, text: str, said: Choices) -> Imported:
    from authwizard.importers.postman_profile import read_postman

    return read_postman(name, text, said.request, said.environment, int(said.pick) if said.pick else None)


def _openapi(name: str, text: str, said: Choices) -> Imported:
    from authwizard.importers.openapi_profile import read_description

    return read_description(name, text, said.request or said.pick, said.base_url)


_READERS: Mapping[str, Callable[[str, str, Choices], Imported]] = {
    "curl": _curl, "dotenv": _dotenv, "har": _har, "postman": _postman, "openapi": _openapi,
}  # fmt: skip
