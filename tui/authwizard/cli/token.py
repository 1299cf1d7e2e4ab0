"""`authwizard token`: shows what a token is and what is wrong with it; the token comes from a file or standard input alone."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from authwizard.cli.json_lines import answer_lines
from authwizard.cli.output import say
from authwizard.cli.text_input import read_text
from authwizard.model.errors import UsageError
from authwizard.model.token import SignatureSeen
from authwizard.report.token import render_token, token_json, unreadable_token_json
from authwizard.steps.token_alone import NO_KEY, TokenAlone, judge_token, verify_token

MAX_KEYS = 4 * 1024 * 1024


def show_token(named: argparse.Namespace) -> int:
    """Show one token, or one a line; return 1 where it has faults, 0 where none is seen, 2 where there is no token."""
    if named.jsonl:
        if named.jwks or named.issuer:
            raise UsageError("With --jsonl each line brings its own key; leave out --jwks and --issuer.")
        return answer_lines(named.file, _answer_line, unreadable_token_json)
    text = _token_text(read_text(named.file, "the token (or a whole token response)"))
    keys, problem = _keys(named)
    told = _told(text, keys, problem, named.issuer or "")
    if named.format == "json":
        say(json.dumps(token_json(told), ensure_ascii=False, indent=2) + "\n")
    else:
        say(render_token(told))
    return 1 if told.faults else 0


def _answer_line(value: object) -> tuple[dict[str, Any], int]:
    if not isinstance(value, Mapping) or not isinstance(value.get("token"), str):
        raise ValueError("This is no JSON object with a token.")
    keys = value.get("jwks", value.get("jwk"))
    if keys is not None and not isinstance(keys, Mapping):
        raise ValueError("The keys are no JSON object.")
    told = _told(value["token"], keys, "", "", exact=True)
    return token_json(told), 1 if told.faults else 0


def _told(text: str, keys: Mapping[str, Any] | None, problem: str, issuer: str, *, exact: bool = False) -> TokenAlone:
    """Judge a token. `exact`: the key is for the text as it stands, which a strict server would not mend either."""
    signature = NO_KEY
    if problem:
        signature = SignatureSeen("not_checked", problem)
    elif keys is not None:
        signature = verify_token(text, keys, exact=exact)
    return judge_token(text, time.time(), signature, issuer)


def _token_text(text: str) -> str:
    """What was read, without the newline an editor or echo puts behind it."""
    value = text.lstrip("\ufeff")
    value = value[:-1] if value.endswith("\n") else value
    value = value.removesuffix("\r")
    if not value.strip():
        raise UsageError("There is no token to read.")
    if "\0" in value:
        raise UsageError("This is no token: it holds bytes that no text has.")
    return value


def _keys(named: argparse.Namespace) -> tuple[Mapping[str, Any] | None, str]:
    """The keys to verify with, and why there are none where some were asked for."""
    source = named.jwks or named.issuer
    if not source:
        return None, ""
    if named.issuer or source.lower().startswith(("http://", "https://")):
        from authwizard.cli.key_source import fetch

        return fetch(named.jwks or "", named.issuer or "")
    return _from_file(Path(source)), ""


def _from_file(path: Path) -> Mapping[str, Any]:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_KEYS + 1)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from None
    if len(data) > MAX_KEYS:
        raise UsageError(f"{path} is too long for a key set.")
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise UsageError(f"{path} is no key set: a JSON object with `keys`, or one key as JSON (RFC 7517).") from None
    if not isinstance(value, dict):
        raise UsageError(f"{path} is no key set: it is JSON, but not an object.")
    return value
