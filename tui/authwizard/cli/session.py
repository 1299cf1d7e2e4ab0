"""One profile made ready to run: its secrets, its network, its engine. Assembled here and nowhere else."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncGenerator, Mapping
from dataclasses import field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from authwizard.model.errors import StoreError
from authwizard.model.events import Event
from authwizard.model.evidence import Evidence, Reported
from authwizard.model.frozen import dataclass
from authwizard.model.options import RunOptions
from authwizard.model.profile import Network, Profile
from authwizard.model.secret import Secret
from authwizard.protocol.redaction import Redactor

if TYPE_CHECKING:
    from authwizard.engine import Plan
    from authwizard.probe import Sender, World
    from authwizard.store.command_files import CommandSeen
    from authwizard.store.file_store import AskPassphrase
    from authwizard.store.secrets import SecretStore
    from authwizard.store.vault import Vault


@dataclass(frozen=True)
class Subject:
    """What a run is about.

    `source` is the file the profile comes from, None for one in memory only (pasted, practice platform). `memory` holds the secrets
    of such a profile; `given` is evidence that was brought along and is not looked for again.
    """

    profile: Profile
    options: RunOptions
    source: Path | None = None
    others: tuple[Profile, ...] = ()
    memory: Mapping[str, Secret] = field(default_factory=dict)
    others_memory: Mapping[str, Mapping[str, Secret]] = field(default_factory=dict)
    """As `memory`, for the other profiles by name: they are compared by fingerprint alone."""
    known_good_memory: Mapping[str, Secret] = field(default_factory=dict)
    """As `memory`, for the profile named as known_good."""
    known_good_problem: str = ""
    """Why the credential of the profile named as known_good may not be used in this run; "" = it may."""
    known_good_trusted: bool = False
    known_good_commands: Mapping[str, CommandSeen] = field(default_factory=dict)
    """As `commands`, for the profile named as known_good."""
    memory_counts: bool = False
    trusted: bool = False
    commands: Mapping[str, CommandSeen] = field(default_factory=dict)
    """What was agreed that the profile's commands run, by field; looked at again right before each starts."""
    reported: Reported | None = None
    given: tuple[Evidence, ...] = ()
    home: str | None = None
    environ: Mapping[str, str] | None = None
    """The environment variables that a run looks at; None = those of this process."""
    leaves_nothing: bool = False
    """Not even the key for fingerprints is kept on this machine (practice platform)."""


def plan() -> Plan:
    """Return every probe, check and step of the product."""
    from authwizard.engine import Plan
    from authwizard.knowledge.read_tables import read_tables
    from authwizard.probes import PROBES
    from authwizard.steps import CHECKS, STEPS

    return Plan(PROBES, CHECKS, STEPS, read_tables)


class Session:
    """A subject with its own network, secrets and redactor; the redactor goes on to guard the report."""

    def __init__(self, subject: Subject, store: SecretStore | None) -> None:
        self.subject = subject
        self._store = store
        self._key = secrets.token_bytes(32) if subject.leaves_nothing else _install_key()
        self.redactor = Redactor(self._key)
        for name, secret in subject.memory.items():
            self.redactor.add(name, secret)

    def find(self, text: str) -> tuple[str, ...]:
        """Return the kinds of secret that a report would give away (CHECKS V-08)."""
        from authwizard.report.export import own_words

        return self.redactor.find(text, lambda: own_words(self.subject.profile))

    def world(self, sender: Sender) -> World:
        """Return what probes may touch, with this way to the network."""
        from authwizard.probe import World
        from authwizard.store.other_secrets import OtherSecrets
        from authwizard.store.vault import Vault

        subject = self.subject
        vault = Vault(
            subject.profile, self._store, base=self._base, memory=subject.memory,
            memory_counts=subject.memory_counts, trusted=subject.trusted or subject.source is None,
            commands=subject.commands,
        )  # fmt: skip
        return World(
            subject.profile, subject.options, vault, sender, self.redactor, subject.others, dict(self._environ),
            str(Path.home()) if subject.home is None else subject.home, self._key, str(Path.cwd()) if subject.home is None else "",
            self._control(), subject.known_good_problem,
            OtherSecrets(subject.others, subject.source, self._key, subject.others_memory), str(self._base),
        )  # fmt: skip

    @property
    def _base(self) -> Path:
        """Where relative paths of the profile start: in the directory of its file."""
        return self.subject.source.parent if self.subject.source else Path.cwd()

    @property
    def _environ(self) -> Mapping[str, str]:
        return os.environ if self.subject.environ is None else self.subject.environ

    async def events(self) -> AsyncGenerator[Event]:
        """Run the subject and yield what happens; the connections are closed at the end, whatever the end is."""
        from authwizard.engine import Engine
        from authwizard.probes.http_client import HttpSender

        subject = self.subject
        profile = replace(subject.profile, network=located(subject.profile.network, self._base))
        sender = HttpSender(profile, subject.options, self.redactor, environ=self._environ)
        engine = Engine(plan(), self.world(sender), subject.reported, subject.given)
        events = engine.events()
        try:
            async for event in events:
                yield event
        finally:
            await events.aclose()
            await sender.aclose()

    def _control(self) -> Vault | None:
        """Return the secrets of the profile named as known_good, where its credential may be used."""
        from authwizard.store.vault import Vault

        subject = self.subject
        other = next((p for p in subject.others if p.name == subject.profile.known_good), None)
        if other is None or subject.known_good_problem:
            return None
        return Vault(
            other, self._store, base=self._base, memory=subject.known_good_memory, trusted=subject.known_good_trusted or subject.source is None,
            commands=subject.known_good_commands,
        )  # fmt: skip


def located(network: Network, base: Path) -> Network:
    """Return the settings with the paths of its files as they are meant: `~` is the home directory, a relative one starts at `base`."""
    paths = [str(base / os.path.expanduser(text)) if text else "" for text in (network.ca_bundle, network.client_cert)]
    return replace(network, ca_bundle=paths[0], client_cert=paths[1])


def open_configured_store(ask: AskPassphrase | None = None) -> tuple[SecretStore | None, str]:
    """Return the store for secrets without a reference, or None and why there is none.

    `ask` gives the passphrase of the encrypted file; None = it is asked for on the terminal.
    """
    from authwizard.cli.passphrase import ask_passphrase
    from authwizard.store.open_store import open_store
    from authwizard.store.settings import load_settings

    try:
        return open_store(load_settings(), ask or ask_passphrase), ""
    except StoreError as error:
        return None, str(error)


def _install_key() -> bytes | None:
    from authwizard.store.paths import install_key

    try:
        return install_key()
    except StoreError:
        # Without the key, fingerprints of short secrets are left out; nothing else depends on it.
        return None
