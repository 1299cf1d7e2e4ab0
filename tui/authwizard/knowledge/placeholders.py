"""How are the names of a profile put into a remedy, and safely into its commands?"""

from __future__ import annotations

import shlex
from collections.abc import Mapping

from authwizard.model.late_pattern import late_pattern

STAND_INS: Mapping[str, str] = {
    "profile": "the profile",
    "issuer": "the authorization server",
    "audience": "the API's identifier",
    "scope": "the scope",
    "token_url": "the token endpoint",
    "client_id": "the client",
    "host": "the API's host",
    "host_port": "the API's host and port",
    "url": "the API's address",
    "header": "its header",
    "scheme": "the one that is sent",
}
"""Every placeholder a remedy may hold, and the words that stand for it where the profile does not say."""

_PLACEHOLDER = late_pattern(r"\{(" + "|".join(STAND_INS) + r")\}")


def fill_text(text: str, values: Mapping[str, str]) -> str:
    """Return a remedy with its placeholders replaced; other braces stay, and a value is never searched again."""
    return _PLACEHOLDER.sub(lambda m: values.get(m[1]) or STAND_INS[m[1]], text)


def fill_command(command: str, values: Mapping[str, str]) -> str:
    """Return a command to copy into a shell.

    Values are quoted: an issuer may come from a token that somebody else wrote, and must not become a command.
    An unknown value becomes a shell variable of that name, e.g. `"$ISSUER"`, for the user to set.
    """
    return _PLACEHOLDER.sub(lambda m: shlex.quote(values[m[1]]) if values.get(m[1]) else f'"${m[1].upper()}"', command)
