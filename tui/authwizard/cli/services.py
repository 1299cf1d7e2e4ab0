"""What the wizard may ask, filled with the real profiles, stores and engine."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncGenerator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from authwizard.cli.check import remember
from authwizard.cli.configured import profiles_file, read_profiles, recovered, subject_of
from authwizard.cli.profile_services import ProfileServices
from authwizard.cli.session import Session, Subject, open_configured_store, plan
from authwizard.cli.wizard_compare import PROFILE, comparables, compare_with_run, kept, started_seconds
from authwizard.model.errors import AuthwizardError, ConfigError, StoreError, UsageError
from authwizard.model.events import Event, ProbeStarted, RunEnded
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import Profile, is_loopback, origin_of
from authwizard.model.run import Run, StepSeen
from authwizard.model.secret import Secret
from authwizard.ui import services as ui

if TYPE_CHECKING:
    from authwizard.cli.shared_secrets import Shared
    from authwizard.demo.platform import Platform
    from authwizard.importers.door import Pasted
    from authwizard.model.evidence import Reported
    from authwizard.report.comparison import Comparison
    from authwizard.store.secrets import SecretStore
    from authwizard.ui.importing import Preview


class WizardServices(ProfileServices):
    """The services of the wizard over one profiles file. Secrets that no store would take live in memory until it closes."""

    def __init__(self, config: Path | None = None) -> None:
        """Load the packages of a run whole.

        Later the screens, the warm-up and the reader of profiles import in threads of their own, and of a package that one thread
        imports while another imports a part of it, CPython hands out half.
        """
        import authwizard.importers
        import authwizard.report  # noqa: F401 - loaded, not used

        plan()
        self._config = config
        self._store: SecretStore | None = None
        self._store_problem = ""
        self._keyring_problem = ""
        self._opened = False
        self._chosen: str | None = None
        self._passphrase: Secret | None = None
        self._memory: dict[str, dict[str, Secret]] = {}
        self._redactors: list[Session] = []
        self._sent: dict[str, Reported] = {}
        self._runs: tuple[Run, ...] = ()
        self._told: dict[str, str] = {}

    def bundle(self) -> ui.Services:
        """Return the callables for the screens."""
        return ui.Services(
            steps=self.steps, profiles=self.profiles, load=self.load, save=self.save, remove=self.remove, store_status=self.store_status,
            recognise=self.recognise, plan=self.plan, start_run=self.start_run, trust_items=self.trust_items, trust=self.trust,
            consented=self.consented, remember_consent=self.remember_consent, preview_report=self.preview_report,
            write_report=self.write_report, cause_title=self.cause_title, warm_up=self.warm_up,
            read_import=self.read_import, save_import=self.save_import, copy_profile=self.copy_profile, rename_profile=self.rename_profile,
            export_text=self.export_text, write_export=self.write_export,
            take_sent=self.take_sent, comparables=self.comparables, compare_run=self.compare_run, compare=self.compare,
            demo=False, skip_keyring=self.skip_keyring, keyring_problem=lambda: self._keyring_problem,
            store_question=self.store_question, choose_store=self.choose_store, unlock_store=self.unlock_store,
        )  # fmt: skip

    # ── what there is ────────────────────────────────────────────────────────────────────────────────────────────

    def steps(self) -> tuple[ui.StepWords, ...]:
        """Return the ten steps with their checks, before any run."""
        from authwizard.steps import CHECKS, STEPS

        return tuple(
            ui.StepWords(
                StepSeen(s.number, s.id, s.title, s.question, s.why),
                tuple(ui.CheckWords(c.id, c.title) for c in CHECKS if c.step == s.number),
            )
            for s in STEPS
        )

    def profiles(self) -> tuple[ui.ProfileCard, ...]:
        """Return every saved profile as a card."""
        from authwizard.cli.shared_secrets import shared_secrets

        self._told |= recovered(self._config)
        profiles = read_profiles(self._config)
        shared = shared_secrets(profiles, profiles_file(self._config), self._memory)
        cards = [self._card(profile, shared.get(profile.name, ())) for profile in profiles.values()]
        if cards and "" in self._told:
            cards[0] = replace(cards[0], cut_short=f"{cards[0].cut_short} {self._told['']}".strip())
        return tuple(cards)

    def _card(self, profile: Profile, shared: tuple[Shared, ...]) -> ui.ProfileCard:
        from authwizard.store.state import last_verdict

        last = last_verdict(profile.name)
        seen = None if last is None else ui.LastVerdict(last.kind, last.cause, last.at)  # type: ignore[arg-type]
        return ui.ProfileCard(
            profile.name,
            profile.environment,
            f"{profile.method} {profile.target}",
            profile.url,
            seen,
            (*self._ages(profile), *(ui.SecretAge(one.field, one.words) for one in shared)),
            self.trust_items(profile.name),
            f"{_standing(profile)} {self._told.get(profile.name, '')}".strip(),
        )

    def _ages(self, profile: Profile) -> tuple[ui.SecretAge, ...]:
        from authwizard.cli.secret_ages import secret_ages

        return tuple(ui.SecretAge(age.field, age.words, age.overdue) for age in secret_ages(profile) if age.days is not None)

    def load(self, name: str) -> Profile:
        """Return a profile to edit; raises UsageError where there is none of that name."""
        profiles = read_profiles(self._config)
        if name not in profiles:
            raise UsageError(f"There is no profile {name!r} any more.")
        return profiles[name]

    # ── saving ───────────────────────────────────────────────────────────────────────────────────────────────────

    async def store_status(self) -> ui.StoreStatus:
        """Try the store (write, read back, delete) within its own time limit."""
        from authwizard.store.background import aside

        store = self._open()
        if store is None:
            return ui.StoreStatus("no store", usable=False, sentence=self._store_problem)
        place = await aside(store.describe)
        if place.id == "references":
            return ui.StoreStatus(place.title, usable=False, sentence=place.problem, references=True)
        question = await self.store_question("")
        if question == "choose":
            return ui.StoreStatus("a place you are asked for when you save", usable=False, sentence=self._keyring_problem, asks=True)
        if place.backend == "file" and not place.problem and question in ("passphrase", "new_passphrase"):
            return ui.StoreStatus(place.title, usable=True, sentence=f"Secrets are kept in {place.title}; saving asks for its passphrase.")
        if question == "unusable":
            return ui.StoreStatus(place.title, usable=False, sentence=self._keyring_problem)
        try:
            await aside(store.probe)
        except StoreError as error:
            return ui.StoreStatus(place.title, usable=False, sentence=str(error))
        return ui.StoreStatus(place.title, usable=True, sentence=f"Secrets are kept in {place.title}.")

    def skip_keyring(self) -> bool:
        """Stop waiting for the keyring: it counts as not answering. Return whether anything waited for it."""
        from authwizard.store.keyring_store import KeyringStore

        return isinstance(self._store, KeyringStore) and self._store.give_up()

    def _open(self) -> SecretStore | None:
        if not self._opened or self._is_chosen_anew():
            from authwizard.store.settings import load_settings

            self._opened = True
            self._store, self._store_problem = open_configured_store(lambda _: self._given())
            self._chosen = load_settings().store
        return self._store

    def _is_chosen_anew(self) -> bool:
        """Tell whether another authwizard has chosen another place since (store use, store move): what is saved goes there.

        What is in memory is not given up for it.
        """
        from authwizard.store.settings import load_settings

        if self._chosen is None or self._store is None or not self._store.durable:
            return False
        try:
            return load_settings().store != self._chosen
        except ConfigError:
            return False  # said at the next start; until then all is as it was

    def _given(self) -> Secret | None:
        """Return the passphrase that was typed or that the environment names: the terminal belongs to the screens."""
        from authwizard.cli.passphrase import given_passphrase

        return self._passphrase or given_passphrase()

    async def store_question(self, profile: str) -> ui.StoreQuestion:
        """Say what must be asked before a profile is run, or (no name) before secrets are saved."""
        from authwizard.store.background import aside

        return await aside(lambda: self._question(profile))

    def _question(self, profile: str) -> ui.StoreQuestion:
        from authwizard.store.file_store import FileStore
        from authwizard.store.keyring_faults import Fault, KeyringFault
        from authwizard.store.keyring_store import KeyringStore
        from authwizard.store.references_only import ReferencesOnly
        from authwizard.store.settings import load_settings
        from authwizard.store.state import stored_secrets

        store = self._open()
        try:
            if isinstance(store, ReferencesOnly):
                return "" if profile else "references"
            if isinstance(store, FileStore):
                store.ask_again()  # what the environment names may be another passphrase by now
                if store.is_open or self._given() or (profile and not stored_secrets(profile)):
                    return ""
                return "passphrase" if store.exists() else "" if profile else "new_passphrase"
            if isinstance(store, KeyringStore) and not profile:
                store.probe()
        except KeyringFault as fault:
            self._keyring_problem = fault.why
            return "choose" if fault.kind is Fault.NONE and not load_settings().store else "unusable"
        except AuthwizardError:
            return ""  # what is wrong shows where the store is used
        return ""

    async def choose_store(self, choice: Literal["file", "memory", "references"]) -> str:
        """Write the choice to settings.toml and use that place; return why not, "" when done."""
        from authwizard.store.settings_write import pin_store

        try:
            pin_store(choice)
        except AuthwizardError as error:
            return str(error)
        self._opened = False
        return ""

    async def unlock_store(self, passphrase: Secret) -> str:
        """Open the encrypted file; where there is none yet, it is made with this passphrase. Return why not, "" when done."""
        from authwizard.store.background import aside
        from authwizard.store.file_store import FileStore

        store = self._open()
        self._passphrase = passphrase
        try:
            if isinstance(store, FileStore):
                await aside(store.unlock)
        except StoreError as error:
            self._passphrase = None
            return str(error)
        return ""

    # ── running ──────────────────────────────────────────────────────────────────────────────────────────────────

    def recognise(self, text: str) -> ui.Recognised:
        """Say what a pasted text is."""
        from authwizard.importers.door import recognise

        return _recognised(recognise(text))

    def plan(self, subject: ui.Subject, options: RunOptions) -> ui.RunPlan:
        """Return what a run would send at the most, and which files it reads."""
        return _plan(self._profile(subject), options)

    def _profile(self, subject: ui.Subject) -> Profile:
        if isinstance(subject, str):
            return self.load(subject)
        assert subject.profile is not None
        return subject.profile

    async def start_run(self, subject: ui.Subject, options: RunOptions) -> AsyncGenerator[Event]:
        """Run a subject and yield its events; the session stays known, since its redactor guards the report."""
        made = self._subject(subject, options)
        session = Session(made, self._open() if made.source is not None else None)
        self._redactors = [*self._redactors[-3:], session]
        async with contextlib.aclosing(session.events()) as events:
            async for event in events:
                if isinstance(event, RunEnded):
                    remember(made, event.run)
                    self._runs = kept(self._runs, event.run)
                yield _named_wait(event) if made.source is not None else event

    def _subject(self, subject: ui.Subject, options: RunOptions) -> Subject:
        if isinstance(subject, str):
            profiles = read_profiles(self._config)
            made = subject_of(self.load(subject), profiles, profiles_file(self._config), options, trust=False)
            reported = self._sent.get(subject) if options.reported_401 else None
            return replace(made, memory=self._memory.get(subject, {}), others_memory=self._memory, reported=reported)
        return _pasted_subject(subject, options)

    def take_sent(self, subject: ui.Subject, text: str) -> ui.Taken:
        """Read what the user's program sent; runs of this subject compare it from now on."""
        from authwizard.importers.sent import read_sent

        try:
            reported = read_sent(text, own=self._profile(subject).own_origins)
        except (ValueError, AuthwizardError) as error:
            return ui.Taken(problem=str(error))
        if isinstance(subject, str):
            self._sent[subject] = reported
            return ui.Taken(subject)
        given = subject.handle[1] if isinstance(subject.handle, tuple) else ()
        return ui.Taken(replace(subject, handle=(reported, given)))

    def comparables(self, subject: ui.Subject, run: Run) -> tuple[ui.Comparable, ...]:
        """List what a run can be compared with."""
        return comparables(run, self._runs, self._others(subject))

    def _others(self, subject: ui.Subject) -> tuple[str, ...]:
        """Names of the profiles a subject can be compared with: only a saved profile has settings that were written down."""
        return tuple(read_profiles(self._config)) if isinstance(subject, str) else ()

    async def compare_run(self, subject: ui.Subject, run: Run, item: str) -> Comparison:
        """Compare a run with an earlier one, or its profile with another; sends nothing."""
        if item.startswith(PROFILE) and isinstance(subject, str):
            return await self.compare(subject, item.removeprefix(PROFILE))
        return compare_with_run(run, self._runs, item)

    def trust_items(self, name: str) -> tuple[ui.TrustItem, ...]:
        """Return what a profile needs agreement for."""
        from authwizard.store.trust import needs_trust

        return tuple(
            ui.TrustItem(
                i.reference if i.reference != "the stored secret" else f"stored {i.field}",
                i.host,
                i.changed or (f"set as network.{i.field}" if i.field in ("proxy", "ca_bundle", "client_cert") else f"used as {i.field}"),
            )
            for i in needs_trust(self.load(name), profiles_file(self._config))
        )

    def trust(self, name: str) -> None:
        """Remember the agreement to a profile as it is now."""
        from authwizard.store.trust import trust

        trust(self.load(name), profiles_file(self._config))

    def consented(self, name: str) -> bool:
        """Tell whether everything up to C4 was agreed to for this profile."""
        from authwizard.store.consent import remembered_consent

        return frozenset(Cost) - {Cost.C5} <= remembered_consent(self.load(name))

    def remember_consent(self, name: str) -> None:
        """Remember the consent to C1 to C4, as far as this environment lets it be remembered."""
        from authwizard.store.consent import remember_consent

        remember_consent(self.load(name), frozenset(Cost) - {Cost.C5})

    # ── after the run ────────────────────────────────────────────────────────────────────────────────────────────

    def preview_report(self, run: Run, form: ui.ReportFormat) -> str:
        """Return a report as it would be written."""
        from authwizard.report import RENDERERS

        return RENDERERS[form](run)

    def write_report(self, run: Run, form: ui.ReportFormat, path: str) -> ui.Written:
        """Scan a report for every secret of the session and write it with mode 0600."""
        from authwizard.report.export import write_report

        def find(text: str) -> tuple[str, ...]:
            return tuple(label for session in self._redactors for label in session.find(text))

        try:
            return ui.Written(path=str(write_report(Path(path), self.preview_report(run, form), find)))
        except AuthwizardError as error:
            return ui.Written(problem=str(error))

    async def compare(self, one: str, other: str) -> Comparison:
        """Return what differs between two saved profiles; the secrets of one that was not agreed to are not read."""
        from authwizard.cli.compare import Secrets, compared

        return await compared(
            self.load(one), self.load(other), profiles_file(self._config), Secrets(self._open(), self._store_problem, self._memory)
        )

    def cause_title(self, code: str) -> str:
        """Return a cause's title, or the code where it is unknown."""
        from authwizard.knowledge.causes import catalogue

        entry = catalogue().get(code)
        return entry.title if entry is not None else code

    def warm_up(self) -> None:
        """Import what every run needs, so that its first request does not wait for it."""
        import anyio._backends._asyncio
        import httpcore
        import httpx

        _ = (anyio._backends._asyncio, httpcore, httpx)  # noqa: SLF001 - the module is wanted, not its private parts


class DemoServices(WizardServices):
    """The same wizard on the practice platform: one profile, secrets in memory, nothing asked, nothing written but reports."""

    def __init__(self, platform: Platform) -> None:
        super().__init__()
        self._platform = platform

    def bundle(self) -> ui.Services:
        """Return the callables, marked as the practice platform's."""
        return replace(super().bundle(), demo=True)

    def _demo_subject(self, options: RunOptions) -> Subject:
        from authwizard.cli.demo import subject

        return subject(self._platform, options, home="")

    def profiles(self) -> tuple[ui.ProfileCard, ...]:
        """Return the platform's one profile, with its last verdict of this sitting."""
        profile = self.load("")
        mine = [run for run in self._runs if run.profile == profile.name]
        last = ui.LastVerdict(mine[-1].verdict.kind, mine[-1].verdict.cause, started_seconds(mine[-1])) if mine else None
        return (ui.ProfileCard(profile.name, profile.environment, f"{profile.method} {profile.target}", profile.url, last),)

    def load(self, name: str) -> Profile:
        """Return the platform's profile."""
        return self._demo_subject(RunOptions()).profile

    async def save(self, profile: Profile, secrets: Mapping[str, Secret], in_memory: bool = False) -> ui.SaveResult:
        """Refuse: the practice platform stores nothing."""
        return ui.SaveResult(
            saved=False, problem="The practice platform stores nothing. Start authwizard without demo to save a profile of your own."
        )

    async def save_import(self, preview: Preview, profile: Profile, in_memory: bool = False) -> ui.SaveResult:
        """Refuse, as `save` does."""
        return await self.save(profile, preview.secrets)

    async def copy_profile(self, name: str, new: str) -> str:
        """Refuse: nothing is stored."""
        return (await self.save(self.load(name), {})).problem

    async def rename_profile(self, name: str, new: str) -> str:
        """Refuse: nothing is stored."""
        return (await self.save(self.load(name), {})).problem

    async def remove(self, name: str) -> str:
        """Refuse: there is nothing to remove."""
        return "The practice platform stores nothing, so there is nothing to remove."

    async def store_status(self) -> ui.StoreStatus:
        """Return that secrets are in memory."""
        return ui.StoreStatus("memory", usable=True, sentence="The practice platform keeps its secrets in memory; nothing is stored.")

    async def store_question(self, profile: str) -> ui.StoreQuestion:
        """Nothing is stored, so nothing is asked."""
        return ""

    def _subject(self, subject: ui.Subject, options: RunOptions) -> Subject:
        if not isinstance(subject, str):
            return _pasted_subject(subject, options)
        made = self._demo_subject(options)
        return replace(made, reported=self._sent.get(subject, made.reported) if options.reported_401 else made.reported)

    def _others(self, subject: ui.Subject) -> tuple[str, ...]:
        """Return nothing: the platform has one profile to work on."""
        return ()

    def trust_items(self, name: str) -> tuple[ui.TrustItem, ...]:
        """Return nothing: the platform's profile is this program's own."""
        return ()

    def trust(self, name: str) -> None:
        """There is nothing to remember."""

    def consented(self, name: str) -> bool:
        """Everything up to C4 counts as agreed to."""
        return True

    def remember_consent(self, name: str) -> None:
        """There is nothing to remember."""


def _named_wait(event: Event) -> Event:
    """Name the keyring where a run reads from it: its password window may wait behind others, and Esc goes on without it."""
    if isinstance(event, ProbeStarted) and event.probe == "stored_secrets":
        return replace(event, purpose="Waiting for your system keyring (Esc: continue without it)")
    return event


def _standing(profile: Profile) -> str:
    """Say what became of a refresh that was under way when authwizard stopped; "" for nothing. No store is asked."""
    from authwizard.store.rotation import standing
    from authwizard.store.rotation_places import store_id

    return standing(store_id(profile.name)) if "refresh_token" not in profile.secrets else ""


def _recognised(pasted: Pasted) -> ui.Recognised:
    return ui.Recognised(
        pasted.kind, pasted.sentence, pasted.profile, pasted.secrets, pasted.options, pasted.problem, (pasted.reported, pasted.given)
    )


def _pasted_subject(subject: ui.Recognised, options: RunOptions) -> Subject:
    if subject.profile is None:
        raise UsageError(subject.problem or "There is nothing to run.")
    reported, given = subject.handle if isinstance(subject.handle, tuple) else (None, ())
    return Subject(subject.profile, options, None, (), subject.secrets, memory_counts=True, trusted=True, reported=reported, given=given)


def _plan(profile: Profile, options: RunOptions) -> ui.RunPlan:
    oauth = profile.oauth
    token_host = origin_of(oauth.token_url or oauth.issuer).partition("//")[2] if oauth is not None else ""
    changes = profile.method if profile.method not in ("GET", "HEAD") else ""
    stand_in = profile.probe or profile.whoami
    return ui.RunPlan(
        api_host=origin_of(profile.base_url).partition("//")[2],
        with_token=8,
        invalid=0 if Cost.C3 not in options.costs else 6 if options.thorough else 5,
        token_requests=options.token_budget if oauth is not None and Cost.C4 in options.costs else 0,
        auth_host=token_host,
        anonymous=4,
        files=("~/.netrc", "~/.curlrc", ".env and compose files in this directory"),
        production=profile.environment == "production",
        changes_data=changes,
        stand_in=stand_in if changes else "",
        plain_http=profile.base_url.startswith("http://") and not is_loopback(profile.base_url),
    )
