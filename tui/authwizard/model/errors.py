"""The exceptions that end a command, each one clear sentence.

AuthwizardError
├── UsageError      the command line asks for something that does not exist (exit 2)
├── ConfigError     a profile or settings file is wrong: says file, line, key (exit 2)
├── TrustError      a profile's references have not been agreed to (exit 2)
├── StoreError      a secret store cannot be read or written
└── LeakError       a report would have held a secret: it was not written
"""

from __future__ import annotations


class AuthwizardError(Exception):
    """Base of all errors that are shown to the user as one sentence; never holds a secret."""


class UsageError(AuthwizardError):
    """The command line names something that does not exist or does not fit."""


class ConfigError(AuthwizardError):
    """A file of the user is wrong; the text says which file, line and key, and what to do."""


class TrustError(AuthwizardError):
    """A profile's references were not agreed to yet; the text lists each with the host it would go to."""


class StoreError(AuthwizardError):
    """A secret store cannot be used now: locked, absent, hanging, refusing. The text says what would unblock it."""


class LeakError(AuthwizardError):
    """An export held a secret, so nothing was written. The text names the field, never the value."""
