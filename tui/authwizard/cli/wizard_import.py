"""The wizard's import: a document read without holding up the screen, shown as it would become, and saved once agreed to."""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from authwizard.cli.configured import refuse_known
from authwizard.cli.profile_preview import FOR_ONCE, preview_object
from authwizard.cli.text_input import MAX_INPUT
from authwizard.importers.source import EXPORT
from authwizard.model.errors import AuthwizardError, UsageError
from authwizard.model.profile import wanted_fields
from authwizard.protocol.clean import safe_line
from authwizard.ui.importing import Document, ImportRead, Preview, Row

if TYPE_CHECKING:
    from authwizard.cli.import_job import Done
    from authwizard.importers.imported import Imported
    from authwizard.model.profile import Profile
    from authwizard.model.secret import Secret

MOST_LEFT_OUT = 60


async def read_import(document: Document, profiles: Path) -> ImportRead:
    """Read what the user gave and return what it would become; nothing is written. Never raises for what is in it."""
    from authwizard.cli.import_child import read_aside
    from authwizard.cli.import_job import Job
    from authwizard.store.background import aside

    try:
        data = await aside(lambda: _content(document.path)) if document.path else document.text
        environment = await aside(lambda: _content(document.environment)) if document.environment else ""
        made = await read_aside(Job(data, environment, document.pick))
        return await aside(lambda: _shown(made, profiles))
    except AuthwizardError as error:
        return ImportRead(problem=str(error), wants_environment=bool(document.environment))


def _content(path: str) -> bytes:
    """Read a file that somebody names; raises UsageError where it is none, or too large, or cannot be read."""
    name = Path(path.strip().strip("'\"").removeprefix("file://")).expanduser()
    try:
        seen = name.stat()
        if not stat.S_ISREG(seen.st_mode):
            raise UsageError(f"{safe_line(path)} is no ordinary file.")
        if seen.st_size > MAX_INPUT:
            raise UsageError(f"{safe_line(path)} is larger than {MAX_INPUT >> 20} MiB; give the part that matters.")
        with name.open("rb") as file:
            return file.read(MAX_INPUT)
    except (OSError, ValueError, RuntimeError) as error:
        why = error.strerror if isinstance(error, OSError) else "this is no path"
        raise UsageError(f"{safe_line(path)} cannot be read: {why}.") from None


def _shown(made: Done, profiles: Path) -> ImportRead:
    postman = made.source == "postman"
    if made.problem or made.imported is None:
        return ImportRead(made.sentence, made.found, problem=made.problem.replace(" (--environment FILE)", ""), wants_environment=postman)
    return ImportRead(
        made.sentence, preview=_preview(made.imported, _known(profiles), foreign=made.source == EXPORT), wants_environment=postman
    )


def _known(profiles: Path) -> frozenset[str]:
    from authwizard.store.profiles import load_profiles

    return frozenset(load_profiles(profiles))


def _preview(imported: Imported, known: frozenset[str], *, foreign: bool) -> Preview:
    seen = preview_object(imported)
    lasting = FOR_ONCE not in seen["notes"]
    hidden = ("name", "environment", *imported.missing)  # these have fields of their own
    origins = {row.becomes: safe_line(row.source, 60) for row in imported.mapping if row.becomes}
    secrets = [_secret_row(one, origins, lasting=lasting) for one in seen["secrets"]]
    references = [Row(one["field"], f"{safe_line(one['reference'], 200)}{_to(one['goes_to'])}") for one in seen["references"]]
    settings = [Row(key, safe_line(value, 400), origins.get(key, "")) for key, value in _flat(seen["profile"]) if key not in hidden]
    left = [safe_line(row.source, 60) for row in imported.mapping if not row.becomes]
    more = [f"and {len(left) - MOST_LEFT_OUT} more"] if len(left) > MOST_LEFT_OUT else []
    return Preview(
        imported.profile, imported.secrets, _free(imported.profile.name, known), imported.missing, tuple(secrets), tuple(references),
        tuple(settings), (*left[:MOST_LEFT_OUT], *more), (*(note for note in seen["notes"] if note != FOR_ONCE), *_still_needed(imported)), foreign,
    )  # fmt: skip


def _secret_row(one: Mapping[str, Any], origins: Mapping[str, str], *, lasting: bool) -> Row:
    """Show a secret by its length and, where that will be the same later, by its fingerprint."""
    mark = f" {one['fingerprint']}" if lasting and one["fingerprint"] else ""
    return Row(one["field"], f"{one['length']} characters{mark}{_to(one['goes_to'])}", origins.get(f"secrets.{one['field']}", ""))


def _still_needed(imported: Imported) -> Iterator[str]:
    profile = imported.profile
    left = [field for field in wanted_fields(profile) if field not in profile.secrets and field not in imported.secrets]
    if left:
        yield f"Not in it, and needed: {', '.join(left)}. Give it in the form (e on Home), or with: authwizard store set"


def _to(origins: list[str]) -> str:
    return f"  to {', '.join(_host(origin) for origin in origins) or 'this machine only'}"


def _host(origin: str) -> str:
    """Return an origin without the port that its scheme has anyway."""
    usual = {"https": ":443", "http": ":80"}.get(origin.partition(":")[0], "")
    return safe_line(origin.removesuffix(usual) if usual else origin, 120)


def _flat(settings: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, str]]:
    """Yield settings one by one under their whole names; the scope table by its first rows."""
    for key, value in settings.items():
        if key == "endpoints":
            rows = [str(row.get("request", "")) for row in value]
            yield key, f"{len(rows)}: {', '.join(rows[:4])}" + (", ..." if len(rows) > 4 else "")
        elif isinstance(value, Mapping):
            yield from _flat(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", " ".join(map(str, value)) if isinstance(value, list) else str(value)


def _free(name: str, known: frozenset[str]) -> str:
    return next(n for n in (name, *(f"{name[:60]}-{number}" for number in range(2, len(known) + 3))) if n not in known)


def checked_import(profile: Profile, secrets: Mapping[str, Secret], path: Path) -> None:
    """Raise UsageError or ConfigError where a profile that was imported cannot be saved as it is now: its name, or what was filled in."""
    from authwizard.importers.imported import Imported, checked
    from authwizard.store.other_files import refuse_of_other
    from authwizard.store.profiles import NAME

    if not NAME.fullmatch(profile.name):
        raise UsageError("A name has letters, digits, '.', '_' and '-', at most 64 of them.")
    refuse_known(profile.name, path)
    refuse_of_other(profile, secrets, path)
    try:
        checked(Imported(profile, secrets))
    except ValueError as error:
        raise UsageError(str(error)) from None


def agree(profile: Profile, path: Path, *, foreign: bool) -> None:
    """Note what the preview showed as agreed to; but nothing of somebody else's profile, and no secret stored under this name before."""
    from authwizard.store.trust import forget_trust, stale_fields, trust

    forget_trust(profile.name, path)
    if not foreign and not stale_fields(profile, path):
        trust(profile, path)
