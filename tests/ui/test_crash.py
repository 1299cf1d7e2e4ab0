"""A crash tells kinds and places, never a value, an exception's text or a source line."""

from __future__ import annotations

import secrets

from authwizard.model.errors import ConfigError
from authwizard.ui import crash

TOKEN = secrets.token_urlsafe(24)


def failing(token: str) -> None:
    client_secret = token
    try:
        raise KeyError(client_secret)
    except KeyError as error:
        raise ValueError(f"illegal header value {token}") from error


def caught() -> ValueError:
    try:
        failing(TOKEN)
    except ValueError as error:
        return error
    raise AssertionError


def test_the_report_names_kinds_and_calls_but_no_value() -> None:
    report = crash.report_of(caught())
    assert "builtins.ValueError" in report
    assert "caused by builtins.KeyError" in report
    assert "failing" in report
    assert TOKEN not in report
    assert "illegal header" not in report
    assert "client_secret" not in report


def test_a_failure_of_ours_is_told_by_its_place() -> None:
    assert crash.sentence_of(caught()).startswith("authwizard failed here itself (ValueError in failing, test_crash.py line ")
    assert TOKEN not in crash.sentence_of(caught())


def test_an_expected_failure_speaks_for_itself() -> None:
    assert crash.sentence_of(ConfigError("profiles.toml line 3: no such field.")) == "profiles.toml line 3: no such field."
