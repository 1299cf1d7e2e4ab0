"""What does a document make, whatever it is? Recognised, its requests listed, one of them made a profile; all without the screen."""

from __future__ import annotations

from authwizard.cli.output import without_secrets
from authwizard.cli.text_input import decoded
from authwizard.importers.candidates import MOST, Candidate, candidates
from authwizard.importers.imported import Imported
from authwizard.importers.profiles import Choices, import_text
from authwizard.importers.source import ENVIRONMENT, EXPORT, TAKEN, source_of
from authwizard.model.errors import ConfigError
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.protocol.clean import safe_line

NAMES = {
    "curl": "A curl command", "dotenv": "A .env file", "har": "A HAR file", "postman": "A Postman collection",
    "openapi": "An OpenAPI document", EXPORT: "A profile exported by authwizard",
}  # fmt: skip
_COUNTED = {"har": "request", "postman": "request", "openapi": "operation", EXPORT: "profile"}


@dataclass(frozen=True, repr=False)
class Job:
    """A document as it came (bytes of a file, or a pasted text), a Postman environment beside it, and which request is meant."""

    data: bytes | str
    environment: bytes | str = ""
    pick: str = ""


@dataclass(frozen=True)
class Done:
    """What a document makes: `imported`, or `found` to choose from, or a `problem` in one sentence without a secret."""

    source: str = ""
    sentence: str = ""
    found: tuple[Candidate, ...] = ()
    imported: Imported | None = None
    problem: str = ""


def done(job: Job) -> Done:
    """Read a document; never raises for what is in it."""
    source = sentence = ""
    try:
        text = _text(job.data)
        source = source_of(text)
        if source == ENVIRONMENT:
            return Done(
                source, problem="This is a Postman environment. Give the collection first; its variables are filled in from this then."
            )
        sentence = NAMES[source]
        profiles = _exported(text) if source == EXPORT else {}
        listed = tuple(Candidate(name, name, profile.request) for name, profile in profiles.items())
        found = () if job.pick else listed or candidates(source, text)
        sentence = _sentence(source, len(found))
        if len(found) > 1:
            return Done(source, sentence, found)
        pick = job.pick or (found[0].pick if found else "")
        if source == EXPORT:
            return Done(source, sentence, imported=Imported(profiles[pick], {}))
        return Done(source, sentence, imported=import_text(source, text, Choices(environment=_text(job.environment), pick=pick)))
    except (ValueError, ConfigError) as error:
        said = without_secrets(safe_line(str(error), 400))
        return Done(source, sentence, problem=f"This cannot be imported: {said}" if source else said)
    except (MemoryError, RecursionError):
        return Done(
            source, sentence, problem=f"It is too large or too deeply nested to be read. Give {TAKEN} with the request that matters alone."
        )


def _text(data: bytes | str) -> str:
    return data if isinstance(data, str) else decoded(data)


def _exported(text: str) -> dict[str, Profile]:
    from authwizard.store.profiles import parse_profiles

    found = parse_profiles(text, "It")
    if not found:
        raise ValueError("It holds no profile.")
    return found


def _sentence(source: str, number: int) -> str:
    noun = _COUNTED.get(source, "")
    if not noun or number < 2:
        return NAMES[source]
    return f"{'A file' if source == EXPORT else NAMES[source]} with {number}{' or more' if number == MOST else ''} {noun}s"
