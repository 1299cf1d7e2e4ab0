"""What may the screens ask of the rest of the product? A bundle of callables that the command line fills.

The screens know no store, no probe and no network: they call these, and nothing else. Where a callable may fail, it says so here
and how; a text that reaches a person is one sentence, neutralised and without a secret. Callables that are not `async` answer
from memory or from small files and must not wait for a keyring or the network.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from dataclasses import field
from typing import TYPE_CHECKING, Literal

from authwizard.model.frozen import dataclass

if TYPE_CHECKING:
    from authwizard.model.events import Event
    from authwizard.model.options import RunOptions
    from authwizard.model.profile import Profile
    from authwizard.model.run import Run, StepSeen, VerdictKind
    from authwizard.model.secret import Secret
    from authwizard.report.comparison import Comparison
    from authwizard.ui.importing import Document, ImportRead, Preview

ReportFormat = Literal["markdown", "html", "text", "json", "junit"]

RecognisedKind = Literal["curl", "token request", "curl -v", "response", "token", "url", "har", "nothing"]


@dataclass(frozen=True)
class CheckWords:
    """A check before it is judged: its id and its title, which states the good state."""

    id: str
    title: str


@dataclass(frozen=True)
class StepWords:
    """A step before a run: its words in `step` (without findings) and the checks it will make, in order."""

    step: StepSeen
    checks: tuple[CheckWords, ...] = ()


@dataclass(frozen=True)
class LastVerdict:
    """How the last run of a profile ended. `at` is Unix seconds."""

    kind: VerdictKind
    cause: str | None
    at: float


@dataclass(frozen=True)
class SecretAge:
    """How old a stored secret is: its field, and a short phrase such as "84 days old, rotate in 6"."""

    field: str
    text: str
    due: bool = False
    """Whether it should have been rotated by now."""


@dataclass(frozen=True)
class TrustItem:
    """One reference of a profile and where its value would go (DESIGN 5.4)."""

    reference: str
    """As the profile writes it: `env:PROD_TOKEN`, `keyring:service/user`, or "stored client_secret"."""
    goes_to: str
    """The host (with the port where it is not the usual one)."""
    why: str = ""
    """Why it is asked now: new, imported, host changed."""


@dataclass(frozen=True)
class ProfileCard:
    """A profile as the list of Home shows it; read without a keyring."""

    name: str
    environment: str
    request: str
    """Method and path, e.g. "GET /v2/orders"."""
    url: str
    """The whole address, secrets in it as `{secret:FIELD}`."""
    last: LastVerdict | None = None
    ages: tuple[SecretAge, ...] = ()
    trust: tuple[TrustItem, ...] = ()
    """What must be agreed to before it runs; empty = trusted."""
    cut_short: str = ""
    """What became of a refresh, a renaming or a removal that was under way when the program stopped; "" = nothing to tell."""


@dataclass(frozen=True)
class StoreStatus:
    """Where secrets are kept and whether it works."""

    name: str
    """The place, e.g. "Secret Service (gnome-keyring)", or "no keyring"."""
    usable: bool
    sentence: str
    """What was seen; where it does not work also what would unblock it."""
    references: bool = False
    """Whether nothing is stored because the user chose so."""
    asks: bool = False
    """Whether it is asked where secrets are kept when some are saved; `name` says so."""


@dataclass(frozen=True)
class SaveResult:
    """What became of a profile and its secrets."""

    saved: bool
    """Whether the profile itself was written."""
    places: Mapping[str, str] = field(default_factory=dict)
    """Where each secret went: field to the place's name ("Secret Service", "memory")."""
    problem: str = ""
    """Why something was not kept as wanted, "" = all was. With `saved` true: the secrets are in memory for this session."""


def _plain_options() -> RunOptions:
    from authwizard.model.options import RunOptions

    return RunOptions()


@dataclass(frozen=True)
class Recognised:
    """What the one door made of a text. `problem` set = nothing can be run, and why; then the other members are empty."""

    kind: RecognisedKind
    sentence: str
    """What was recognised, e.g. "A curl command: GET https://api.example.com/v2/orders with a bearer token (842 characters)."."""
    profile: Profile | None = None
    """A profile made for this run alone."""
    secrets: Mapping[str, Secret] = field(default_factory=dict)
    options: RunOptions = field(default_factory=_plain_options)
    """What the text itself decides: a pasted 401 sets `reported_401`, a pasted answer `now` and passive costs."""
    problem: str = ""
    handle: object = None
    """Whatever the command line wants back in `start_run` (a pasted answer, the reported request); never shown."""


Subject = str | Recognised
"""What a run is about: the name of a saved profile, or what the one door recognised."""


@dataclass(frozen=True)
class RunPlan:
    """What a run would send and read, for the consent (DESIGN 5.5). Numbers are the most that may be sent."""

    api_host: str
    with_token: int
    """Requests to the API with the real credential (C2)."""
    invalid: int
    """Requests to the API with an invalid token (C3)."""
    token_requests: int
    """POSTs to the token or introspection endpoint (C4)."""
    auth_host: str = ""
    """Host of the token endpoint, "" where none is known yet."""
    anonymous: int = 0
    """Requests without any credential: discovery, keys, preflight, time (C1)."""
    files: tuple[str, ...] = ()
    """Files of the user that are read after the consent, e.g. "~/.netrc"."""
    production: bool = False
    changes_data: str = ""
    """The request where it may change data (neither GET nor HEAD), e.g. "POST api.example.com/v2/orders"."""
    stand_in: str = ""
    """The harmless request sent instead where `changes_data` is set and no leave is given, "" = none is sent."""
    plain_http: bool = False
    """The credential would travel unencrypted to a host that is not this machine."""


@dataclass(frozen=True)
class Written:
    """The outcome of writing a report: its path, or why it was not written."""

    path: str = ""
    problem: str = ""


StoreQuestion = Literal["", "choose", "unusable", "passphrase", "new_passphrase", "references"]
"""What must be asked before secrets are stored or read: where, or the passphrase of the encrypted file; "" = nothing.

"unusable": a keyring is there and does not work now (`keyring_problem`). "references": nothing is asked, and nothing is stored, as the
user chose once.
"""


async def _nothing(_: object) -> Literal[""]:
    return ""


async def _unread(_: object) -> ImportRead:
    from authwizard.ui.importing import ImportRead

    return ImportRead(problem="Nothing can be imported here.")


async def _not_here(*_: object) -> str:
    return "The practice platform has one profile, and stores nothing."


def _not_written(*_: object) -> Written:
    return Written(problem="Nothing can be written here.")


async def _unsaved(*_: object) -> SaveResult:
    return SaveResult(saved=False, problem="Nothing can be imported here.")


@dataclass(frozen=True)
class Taken:
    """What became of a text that shows what the user's own program sent: the subject to run with it, or why it shows nothing."""

    subject: Subject | None = None
    problem: str = ""


@dataclass(frozen=True)
class Comparable:
    """Something a run, or its profile, can be compared with. `id` is for `Services.compare`."""

    id: str
    label: str
    note: str = ""


@dataclass(frozen=True)
class Services:
    """Everything the wizard can do, as callables. See the module's docstring for what each may rely on."""

    steps: Callable[[], tuple[StepWords, ...]]
    """The ten steps (0 to 9) with their words, without findings."""
    profiles: Callable[[], tuple[ProfileCard, ...]]
    """All saved profiles; raises ConfigError where the file is wrong. Called in a thread."""
    load: Callable[[str], Profile]
    """One profile, to edit it; raises ConfigError."""
    save: Callable[[Profile, Mapping[str, Secret], bool], Awaitable[SaveResult]]
    """Write a profile and keep its secrets, in memory alone where that is wanted (True); trouble is in the result."""
    remove: Callable[[str], Awaitable[str]]
    """Remove a profile and its stored secrets; "" or why not."""
    store_status: Callable[[], Awaitable[StoreStatus]]
    """Where secrets would be kept; ends within the store's own time limit."""
    recognise: Callable[[str], Recognised]
    """Say what a pasted text is; never raises."""
    plan: Callable[[Subject, RunOptions], RunPlan]
    """What a run would send; raises AuthwizardError for a profile that cannot be read."""
    start_run: Callable[[Subject, RunOptions], AsyncGenerator[Event, None]]
    """Run. Ends with RunEnded; AuthwizardError is its only exception. Closed early (`aclose`) when the user cancels."""
    trust_items: Callable[[str], tuple[TrustItem, ...]]
    """What a profile needs agreement for, () = trusted."""
    trust: Callable[[str], None]
    """Remember the agreement to exactly these items."""
    consented: Callable[[str], bool]
    """Whether C1 to C4 were consented to for this profile and its origins."""
    remember_consent: Callable[[str], None]
    preview_report: Callable[[Run, ReportFormat], str]
    """The report as it would be written (redacted)."""
    write_report: Callable[[Run, ReportFormat, str], Written]
    """Scan for secrets and write; trouble is in the result."""
    cause_title: Callable[[str], str]
    """A cause's short title, the code itself where it is unknown."""
    warm_up: Callable[[], None]
    """Import what a run needs; called once in a thread after the first frame."""
    compare: Callable[[str, str], Awaitable[Comparison]]
    """What differs between two saved profiles; nothing is sent. Raises AuthwizardError where they cannot be read."""
    take_sent: Callable[[Subject, str], Taken]
    """Read what the user's program sent; runs of the returned subject with `reported_401` compare it. Trouble is in the result."""
    comparables: Callable[[Subject, Run], tuple[Comparable, ...]]
    """What there is to compare a run and its profile with, () = nothing yet; raises AuthwizardError."""
    compare_run: Callable[[Subject, Run, str], Awaitable[Comparison]]
    """Compare a run, or its profile, with the one of this id; nothing is sent. Raises AuthwizardError where it cannot be read."""
    demo: bool = False
    """The practice platform: nothing is asked, nothing is stored."""
    skip_keyring: Callable[[], bool] = bool
    """Stop waiting for the keyring and go on without it; whether anything waited for it."""
    store_question: Callable[[str], Awaitable[StoreQuestion]] = _nothing
    """What must be asked before a profile of that name is run ("" = before secrets are saved)."""
    keyring_problem: Callable[[], str] = str
    """Why no keyring can be used, where `store_question` answered "choose" or "unusable", and what would unblock it."""
    choose_store: Callable[[Literal["file", "memory", "references"]], Awaitable[str]] = _nothing
    """Keep secrets there from now on; "" or why not."""
    copy_profile: Callable[[str, str], Awaitable[str]] = _not_here
    """Save a profile's settings under a second name, without its stored secrets; "" or why not."""
    rename_profile: Callable[[str, str], Awaitable[str]] = _not_here
    """Give a profile another name, with its stored secrets; "" or why not."""
    export_text: Callable[[str], str] = str
    """A profile as it would be exported, with what the receiver must supply; raises AuthwizardError."""
    write_export: Callable[[str, str], Written] = _not_written
    """Write an export to a file that is not there yet; trouble is in the result."""
    read_import: Callable[[Document], Awaitable[ImportRead]] = _unread
    """Say what a document would become; nothing is written. Trouble is in the answer."""
    save_import: Callable[[Preview, Profile, bool], Awaitable[SaveResult]] = _unsaved
    """Save what was previewed, with the name and settings that were filled in, as `save` does; all or nothing, trouble is in the result."""
    unlock_store: Callable[[Secret], Awaitable[str]] = _nothing
    """Open the encrypted file with its passphrase, or take the one it is to be made with; "" or why not."""
