"""What is a fault of the practice platform?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any, Literal

from authwizard.demo.holdings import Holdings
from authwizard.demo.settings import PlatformSettings
from authwizard.model.frozen import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, and what a right verdict says of it.

    `code` is the cause, or the kind `healthy`, `cannot_tell`, `not_reproduced`; `step` is the step of record (None where
    the verdict has none); `exit_status` that of `authwizard check`.
    """

    name: str
    code: str
    step: int | None
    text: str
    """What is broken, one clause for a list."""
    exit_status: int = 1
    allow: tuple[str, ...] = ()
    """What `--allow` must name before the verdict can be this one."""
    without_allow: tuple[str, int] | None = None
    """The cause and the step where nothing of `allow` is given."""
    check_options: tuple[str, ...] = ()
    """Further options of `authwizard check`; `--sent` is given the platform's `sent` text."""
    settings: PlatformSettings = field(default_factory=PlatformSettings)
    held: Holdings = field(default_factory=Holdings)
    profile: Mapping[str, Any] = field(default_factory=dict)
    """What is laid over the profile; `{auth}`, `{api}` and `{base}` in a text are the servers' addresses, None takes a key out."""
    sent: Literal["", "older_token", "no_credential", "login"] = ""
    """What the user's own program sent, where that differs from what the profile says; `login`: that of a netrc file, as requests sends it."""
    surroundings: Literal["", "older_token"] = ""
    """What a variable of the invented machine holds, where a program would read it."""
