"""A report leaves the program only after a scan for every secret finds nothing (CHECKS V-08)."""

from __future__ import annotations

import html
import json
import os
import tempfile
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path

from authwizard.model.errors import ConfigError, LeakError
from authwizard.model.profile import Profile, origin_of

METHODS = ("DELETE", "HEAD", "OPTIONS", "PATCH", "POST")
JUNIT_WORDS = (
    "testsuites",
    "testsuite",
    "testcase",
    "classname",
    "timestamp",
    "failures",
    "failure",
    "errors",
    "error",
    "skipped",
    "system-out",
)


def own_words(profile: Profile) -> str:
    """Return what a report says whatever the secrets are: the program's own words, and the profile's names and hosts.

    Paths and queries of the profile are left out: they may hold a secret.
    """
    oauth, network = profile.oauth, profile.network
    urls = [profile.base_url, profile.origin_url, profile.browser_origin, profile.target, *(row.request for row in profile.endpoints)]
    names = [profile.name, profile.credential.name, network.ntp_server, profile.expect.issuer, *profile.expect.audience]
    if oauth is not None:
        urls += [oauth.issuer, oauth.token_url, oauth.jwks_url, oauth.introspection_url, oauth.revocation_url]
        names += [oauth.client_id, oauth.key_id, *oauth.scopes]
    return "\n".join((*_fixed_words(), *map(origin_of, urls), *names))


@lru_cache(maxsize=1)
def _fixed_words() -> tuple[str, ...]:
    from authwizard.knowledge.causes import catalogue
    from authwizard.report.html_page import render_html_runs
    from authwizard.report.json_run import schema
    from authwizard.steps import CHECKS, STEPS

    checks = (f"{check.title}\n{check.looks_for}" for check in CHECKS)
    steps = (f"{step.title}\n{step.question}\n{step.why}" for step in STEPS)
    causes = (f"{one.code}\n{one.title}\n{one.explanation}\n{one.recognised}\n{one.remedy}" for one in catalogue().values())
    return (json.dumps(schema()), render_html_runs(()), *JUNIT_WORDS, *checks, *steps, *causes, *METHODS)


def ensure_clean(text: str, find: Callable[[str], Sequence[str]]) -> str:
    """Return the text if `find` sees no secret in it, as it is or as a browser shows it; raises LeakError naming the kinds found, never the values."""
    shown = html.unescape(text)
    found = tuple(dict.fromkeys((*find(text), *(find(shown) if shown != text else ()))))
    if found:
        raise LeakError(
            f"The report would have held a secret ({', '.join(found)}), so it was not written. Please report this as a fault of authwizard."
        )
    return text


def write_report(path: Path, text: str, find: Callable[[str], Sequence[str]]) -> Path:
    """Scan, then write with mode 0600, replacing an older file atomically; raises LeakError, ConfigError.

    Where the path is a symbolic link, the link is replaced and what it points to stays untouched.
    """
    ensure_clean(text, find)
    try:
        target = path.expanduser()
    except RuntimeError:
        raise ConfigError(f"The report cannot be written to {path}: there is no such home. Name another place with --output.") from None
    try:
        handle, name = tempfile.mkstemp(prefix=".authwizard-", dir=target.parent)
    except OSError as error:
        raise _unwritable(target.parent, error) from None
    temporary = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.chmod(0o600)
        temporary.replace(target)
    except OSError as error:
        raise _unwritable(target, error) from None
    finally:
        temporary.unlink(missing_ok=True)
    return target


def _unwritable(place: Path, error: OSError) -> ConfigError:
    why = error.strerror or type(error).__name__
    return ConfigError(f"The report cannot be written to {place}: {why}. Name another place with --output.")
