"""Scripted services: runs as the engine would tell them, a store that works or does not, and a record of what was asked of them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from authwizard.model.errors import ConfigError, UsageError
from authwizard.model.events import Event, Judged, Leading, Note, ProbeEnded, ProbeStarted, RunEnded, RunStarted
from authwizard.model.exchange import Exchange, TransportFault
from authwizard.model.finding import Argument, Code, Detail, Finding, Grade, Group, Line, Owner, Skip, Status, Table
from authwizard.model.options import Cost, RunOptions
from authwizard.model.profile import CredentialSpec, OAuth, Profile, Reference
from authwizard.model.run import Candidate, Remedy, RequestCount, Responder, RuledOut, Run, Sentence, StepSeen, Verdict, Warned
from authwizard.model.secret import Secret
from authwizard.ui.services import (
    CheckWords,
    Comparable,
    LastVerdict,
    ProfileCard,
    Recognised,
    ReportFormat,
    RunPlan,
    SaveResult,
    SecretAge,
    Services,
    StepWords,
    StoreQuestion,
    StoreStatus,
    Subject,
    Taken,
    TrustItem,
    Written,
)

if TYPE_CHECKING:  # the first frame does not load it, and a test watches that
    from authwizard.report.comparison import Comparison

PASS, WARN, FAIL, SKIP, BLOCKED, CRASHED = Status.PASS, Status.WARN, Status.FAIL, Status.SKIP, Status.BLOCKED, Status.CRASHED

URL = "https://api.example.com/v2/organizations/current"

STEP_TEXTS = (
    (0, "intake", "Intake", "Is this a 401, and who wrote it?", "Another status, or another component, needs another answer."),
    (
        1,
        "token_format",
        "Token format and presence",
        "Is the credential there, and is it sent as the API can read it?",
        "A server that cannot read the header answers as if there were none.",
    ),
    (2, "expiration", "Expiration", "Is the token within its lifetime?", "An expired token is the most frequent reason for a 401."),
    (
        3,
        "client_credentials",
        "Client credentials, issuer, audience, keys",
        "Is the token from the right server, for this API?",
        "A valid token of another environment is refused like a forged one.",
    ),
    (4, "refresh", "Refresh", "Can the token be renewed?", "A renewal that fails is a 401 that comes back every hour."),
    (5, "scopes", "Scopes", "Does the token hold what this request needs?", "Some APIs answer 401 where 403 is meant."),
    (6, "system_time", "System time", "Do the clocks agree?", "Lifetimes are judged by clocks: three of them must agree."),
    (
        7,
        "fresh_token",
        "Fresh token",
        "Does a new token work where the stored one does not?",
        "It separates the token from everything else.",
    ),
    (
        8,
        "debug",
        "Verbose debug",
        "Does the server answer differently to no, a wrong and the real credential?",
        "The difference tells how far the request got.",
    ),
    (
        9,
        "verification",
        "Verification",
        "Does the whole thing work with a good token?",
        "One success proves little; the endpoints in use prove more.",
    ),
)

CHECK_TITLES = {
    "I-01": "The addresses are sound",
    "I-02": "The API can be reached",
    "I-03": "The answer is a 401",
    "S1-01": "A credential is stored",
    "S1-02": "The header can be sent",
    "S1-04": "The scheme word fits",
    "S1-09": "The token is of the expected kind",
    "S2-01": "The token has times",
    "S2-03": "The token is within its lifetime",
    "S2-06": "The lifetime is plausible",
    "S3-02": "The authorization server can be found",
    "S3-03": "The token belongs to this environment",
    "S3-05": "The client can get a token",
    "S4-01": "The refresh token is usable",
    "S4-03": "The refresh works",
    "S5-01": "The token holds the scopes",
    "S6-01": "This machine's clock is right",
    "S7-02": "A fresh token is accepted",
    "S8-01": "The challenge says what is wrong",
    "S8-02": "The server tells credentials apart",
    "V-01": "The request succeeds with a good token",
}


def _step_of(check: str) -> int:
    return 0 if check.startswith("I") else 9 if check.startswith("V") else int(check[1])


def finding(check: str, status: Status, summary: str, *details: Detail, skip: Skip | None = None, causes: Sequence[str] = ()) -> Finding:
    """A finding of a known check."""
    arguments = tuple(Argument(c, Grade.S, Group.TIME, summary) for c in causes)
    return Finding(check, _step_of(check), CHECK_TITLES.get(check, check), status, summary, tuple(details), arguments, skip=skip)


def step_words() -> tuple[StepWords, ...]:
    """The ten steps with their checks."""
    return tuple(
        StepWords(StepSeen(n, i, t, q, w), tuple(CheckWords(c, title) for c, title in CHECK_TITLES.items() if _step_of(c) == n))
        for n, i, t, q, w in STEP_TEXTS
    )


BROKEN = (
    finding("I-01", PASS, "One host, https, nothing odd.", Line("url", URL)),
    finding(
        "I-02",
        PASS,
        "The API answers over TLS 1.3.",
        Line("address", "203.0.113.7:443", PASS, "answers"),
        Line("certificate", "CN=api.example.com", PASS, "valid 61 days"),
    ),
    finding("I-03", PASS, "The request is answered with 401.", Line("status", "401 Unauthorized")),
    finding(
        "S1-01",
        PASS,
        "An access token is stored in the Secret Service.",
        Line("credential", "Bearer <token 842 B #9f3c1a2b>", PASS, "present"),
    ),
    finding("S1-02", PASS, "Every character of the header may be sent."),
    finding("S1-04", WARN, 'The scheme is spelled "bearer".', Line("scheme", "bearer", WARN, "legal, but some servers refuse it")),
    finding("S1-09", PASS, "A signed JWT.", Line("kind", "JWS, RS256"), Line("parts", "36 . 464 . 342")),
    finding("S2-01", PASS, "exp, iat and nbf are there."),
    finding(
        "S2-03",
        FAIL,
        "The token ended 3 h 12 m before the API's clock.",
        Line("expires", "2026-01-01 09:14:05 UTC", FAIL, "3 h 12 m ago"),
        Line("now", "2026-01-01 12:26:11 UTC by the API", PASS, "clocks agree"),
        Line("sent", "Bearer <token 842 B #9f3c1a2b>", PASS, "one header"),
        Line("server", '"invalid or expired"', WARN, "says little"),
        causes=("token_expired",),
    ),
    finding("S2-06", PASS, "One hour, as expires_in said."),
    finding("S3-02", PASS, "Discovery names every endpoint."),
    finding(
        "S3-03",
        PASS,
        "Issuer, audience and client are those of this profile.",
        Table(
            ("", "profile", "token", "staging"),
            (
                ("iss", "https://auth.example.com", "https://auth.example.com", "https://auth.staging.example.com"),
                ("aud", "https://api.example.com", "https://api.example.com", "https://api.staging.example.com"),
                ("client_id", "orders", "orders", "orders-staging"),
            ),
        ),
    ),
    finding("S3-05", PASS, "The client gets a token."),
    finding("S4-01", PASS, "A refresh token is stored."),
    finding("S4-03", SKIP, "Not tried: it spends the refresh token. Enter on step 4 asks.", skip=Skip.NOT_TRIED),
    finding("S5-01", WARN, "The scope table wants devices:read for one endpoint; the token lacks it.", causes=("insufficient_scope",)),
    finding("S6-01", PASS, "This machine is 0.02 s behind network time.", Line("offset", "+0.02 s ± 0.01 s", PASS, "right")),
    finding("S7-02", PASS, "A new token of the same client is accepted.", Line("stored", "401"), Line("fresh", "200", PASS, "accepted")),
    finding("S8-01", PASS, "The challenge names the realm only.", Code('Bearer realm="Company X API"', "WWW-Authenticate")),
    finding("S8-02", PASS, "None and wrong credentials get the same answer."),
    finding("V-01", PASS, "2 of 2 endpoints answer as expected."),
)

EXPIRED = Verdict(
    "cause",
    "token_expired",
    Owner.YOU,
    "proven",
    2,
    "The access token expired 3 h 12 m ago; a new one for the same client is accepted.",
    because=(
        Sentence("S2-03", "exp 09:14:05 UTC is 3 h 12 m before the API's clock."),
        Sentence("S7-02", "A fresh token of the same client succeeds."),
    ),
    against=(Sentence("S8-01", 'The server says only "invalid or expired".'),),
    mechanisms=(),
    will_fail_next=("insufficient_scope",),
    candidates=(Candidate("token_expired", 1060), Candidate("token_revoked", 30, "would look the same to the API")),
    warnings=(Warned("auth_scheme_case_rejected", "S1-04", "Spell the scheme Bearer."),),
    ruled_out=(
        RuledOut("clock_skew_client", "Network time and this machine agree within 0.02 s."),
        RuledOut("authorization_stripped", "The answers to no and to the real credential differ."),
        RuledOut("environment_mismatch", "Issuer, audience and client are those of this profile."),
    ),
    next_test="Refresh the token once.",
    remedy=Remedy(
        "Get a new access token before each hour ends, at the latest 60 s before exp.", ("authwizard check prod --allow refresh",)
    ),
    server_log_request="Please look for request id 4f1c2a at 2026-01-01T12:26:11Z and tell the reason for the 401.",
)

EXCHANGES = (
    Exchange(
        "P0",
        "your request",
        "C2",
        "api",
        "GET",
        URL,
        (("Authorization", "Bearer <token 842 bytes #9f3c1a2b>"), ("User-Agent", "authwizard/0.1.0")),
        401,
        (("WWW-Authenticate", 'Bearer realm="Company X API"'), ("Content-Type", "application/json")),
        '{"error": "E-AUTH-001", "message": "invalid or expired"}',
        57,
        http_version="HTTP/1.1",
        peer="203.0.113.7:443",
        sent_at=1000.0,
        received_at=1000.11,
        timing_ms={"total": 112},
    ),
    Exchange(
        "D1",
        "the same without a credential",
        "C1",
        "api",
        "GET",
        URL,
        (),
        401,
        (("WWW-Authenticate", "Bearer"),),
        "{}",
        2,
        http_version="HTTP/1.1",
        sent_at=1000.0,
        received_at=1000.09,
        timing_ms={"total": 90},
    ),
    Exchange(
        "T1",
        "a new token",
        "C4",
        "token",
        "POST",
        "https://auth.example.com/oauth/token",
        (),
        200,
        (),
        "{}",
        2,
        http_version="HTTP/1.1",
        sent_at=1000.12,
        received_at=1000.31,
        timing_ms={"total": 190},
    ),
    Exchange(
        "F1",
        "your request with the new token",
        "C2",
        "api",
        "GET",
        URL,
        (),
        200,
        (),
        "{}",
        2,
        http_version="HTTP/1.1",
        sent_at=1000.32,
        received_at=1000.4,
        timing_ms={"total": 80},
    ),
)


def run_of(findings: Sequence[Finding], verdict: Verdict, exchanges: Sequence[Exchange] = EXCHANGES, name: str = "prod") -> Run:
    """A whole run."""
    steps = tuple(replace(w.step, findings=tuple(f for f in findings if f.step == w.step.number)) for w in step_words())
    return Run(
        name,
        "production",
        f"GET {URL}",
        "2026-01-01T12:26:11Z",
        812,
        RequestCount(3, 1, 2, 4),
        verdict,
        steps,
        tuple(exchanges),
        Responder("nginx", "likely"),
    )


def events_of(run: Run) -> tuple[Event, ...]:
    """The events an engine would have told for a run."""
    findings = [f for s in run.steps for f in s.findings]
    middle = len(findings) // 2
    return (
        RunStarted(run.profile, ("P0", "D1")),
        ProbeStarted("P0", "your request"),
        ProbeStarted("D1", "the same without a credential"),
        *(Judged(f) for f in findings[:middle]),
        ProbeEnded("P0", "seen"),
        Leading(replace(run.verdict, confidence="likely") if run.verdict.kind == "cause" else run.verdict),
        Note("Second phase: what would change the verdict."),
        *(Judged(f) for f in findings[middle:]),
        ProbeEnded("D1", "seen"),
        RunEnded(run),
    )


def healthy_run() -> Run:
    """A run whose request succeeds."""
    verdict = Verdict("healthy", None, Owner.YOU, None, None, "The request succeeds, and 2 of 2 endpoints answer as expected.")
    good = [replace(f, status=PASS, arguments=()) if f.status is FAIL else f for f in BROKEN]
    return run_of(good, verdict, [replace(EXCHANGES[0], status=200)])


def cannot_tell_run() -> Run:
    """A 401 nobody outside can explain."""
    verdict = Verdict(
        "cannot_tell",
        None,
        Owner.NOBODY_CAN_TELL,
        None,
        8,
        "The server gives every credential the same answer, a fresh token too.",
        candidates=(Candidate("authorization_stripped", 20, "the header may not arrive"), Candidate("uniform_401", 20)),
        next_test="Ask the server's owner which reason the log has for the request below.",
        server_log_request="Request id 4f1c2a, 12:26:11Z.",
    )
    return run_of([finding("S8-02", WARN, "All answers are the same.")], verdict)


def could_not_look_run() -> Run:
    """The API could not be reached."""
    verdict = Verdict(
        "could_not_look",
        "dns_failure",
        Owner.NETWORK,
        "proven",
        0,
        "The name api.example.com does not resolve.",
        next_test="Try again from another network.",
    )
    exchange = replace(EXCHANGES[0], status=None, fault=TransportFault("dns", "The name api.example.com does not resolve."), body="")
    return run_of(
        [finding("I-02", FAIL, "The name does not resolve."), finding("S1-01", BLOCKED, "The keyring is locked. Unlock it and run again.")],
        verdict,
        [exchange],
    )


def crashed_run() -> Run:
    """A check of ours failed."""
    crash = finding("S2-03", CRASHED, "authwizard failed here itself (KeyError in judge, line 12); please report it.")
    return run_of([crash, *(f for f in BROKEN if f.check != "S2-03")], replace(EXPIRED, confidence="possible"))


RUNS = {"healthy": healthy_run, "cannot_tell": cannot_tell_run, "could_not_look": could_not_look_run, "crashed": crashed_run}


@dataclass
class Script:
    """What the services will do, and what was asked of them."""

    run: Run = field(default_factory=lambda: run_of(BROKEN, EXPIRED))
    events: tuple[Event, ...] | None = None
    """Instead of those of `run`."""
    gate: asyncio.Event | None = None
    """The engine waits here before its last event."""
    error: Exception | None = None
    """Raised by the engine instead of its last event."""
    cards: tuple[ProfileCard, ...] = ()
    config_error: str = ""
    trust: tuple[TrustItem, ...] = ()
    consented: bool = False
    plan: RunPlan = field(default_factory=lambda: RunPlan("api.example.com", 9, 3, 3, "auth.example.com", 4, ("~/.netrc", "~/.curlrc")))
    store: StoreStatus = field(
        default_factory=lambda: StoreStatus("Secret Service (gnome-keyring)", True, "Works: wrote, read back, deleted.")
    )
    save_result: SaveResult = field(default_factory=lambda: SaveResult(True, {"access_token": "Secret Service"}))
    recognised: Recognised | None = None
    written: Written = field(default_factory=lambda: Written("authwizard-prod.md"))
    comparables: tuple[Comparable, ...] = ()
    demo: bool = False
    store_questions: list[StoreQuestion] = field(default_factory=list)
    unlock_problems: list[str] = field(default_factory=list)
    calls: list[tuple[str, object]] = field(default_factory=list)

    def asked(self, name: str) -> list[object]:
        """The arguments of each call of that name."""
        return [argument for called, argument in self.calls if called == name]


CARDS = (
    ProfileCard(
        "prod",
        "production",
        "GET /v2/organizations/current",
        URL,
        LastVerdict("cause", "token_expired", 0),
        (SecretAge("client_secret", "84 d old, rotate in 6 d"),),
    ),
    ProfileCard("prod-admin", "production", "GET /v2/organizations/current", URL, LastVerdict("healthy", None, 0)),
    ProfileCard("staging", "staging", "GET /v2/organizations/current", "https://api.staging.example.com/v2/organizations/current"),
    ProfileCard("imported", "development", "GET /me", "http://127.0.0.1:8080/me", trust=(TrustItem("env:DEV_TOKEN", "127.0.0.1:8080"),)),
)

PROFILE = Profile(
    "prod",
    "https://api.example.com",
    "GET /v2/organizations/current",
    "production",
    credential=CredentialSpec("bearer"),
    oauth=OAuth("https://auth.example.com", client_id="orders", scopes=("read", "write")),
    secrets={"client_secret": Reference("env:PROD_SECRET")},
)


def services(script: Script) -> Services:
    """The services that follow a script."""
    note = script.calls.append

    def profiles() -> tuple[ProfileCard, ...]:
        if script.config_error:
            raise ConfigError(script.config_error)
        return script.cards

    def load(name: str) -> Profile:
        if name == "broken":
            raise ConfigError("profiles.toml line 3: unknown field basurl; did you mean base_url?")
        return replace(PROFILE, name=name)

    async def save(profile: Profile, secrets: Mapping[str, Secret], in_memory: bool = False) -> SaveResult:
        note(("save_in_memory" if in_memory else "save", (profile, dict(secrets))))
        return script.save_result

    async def remove(name: str) -> str:
        note(("remove", name))
        return ""

    async def store_status() -> StoreStatus:
        return script.store

    async def store_question(profile: str) -> StoreQuestion:
        note(("store_question", profile))
        if script.store_questions[:1] == ["unusable"]:  # the next time it is asked, the user has had time to unlock it
            return script.store_questions.pop(0)
        return script.store_questions[0] if script.store_questions else ""

    async def choose_store(choice: str) -> str:
        note(("choose_store", choice))
        script.store_questions.pop(0)
        return ""

    async def unlock_store(passphrase: Secret) -> str:
        note(("unlock_store", passphrase))
        problem = script.unlock_problems.pop(0) if script.unlock_problems else ""
        if not problem:
            script.store_questions.pop(0)
        return problem

    def recognise(text: str) -> Recognised:
        note(("recognise", text))
        return script.recognised or Recognised("nothing", "", problem="This is neither a curl command nor a response, a token or a URL.")

    def plan(subject: Subject, options: RunOptions) -> RunPlan:
        note(("plan", options))
        return script.plan

    async def start_run(subject: Subject, options: RunOptions) -> AsyncIterator[Event]:
        note(("start_run", (subject, options)))
        events = script.events or events_of(script.run)
        try:
            for event in events[:-1]:
                yield event
            if script.gate is not None:
                await script.gate.wait()
            if script.error is not None:
                raise script.error
            yield events[-1]
        finally:
            note(("run_closed", subject))

    def trust(name: str) -> None:
        note(("trust", name))
        script.trust = ()

    def remember(name: str) -> None:
        note(("remember_consent", name))
        script.consented = True

    def preview(run: Run, format: ReportFormat) -> str:
        return f"# {format} report of {run.profile}\n\n{run.verdict.summary}"

    def write(run: Run, format: ReportFormat, path: str) -> Written:
        note(("write_report", (format, path)))
        return script.written

    async def compare(one: str, other: str) -> Comparison:
        note(("compare", (one, other)))
        return _compared(one, other)

    async def compare_run(subject: Subject, run: Run, item: str) -> Comparison:
        note(("compare_run", item))
        if item == "gone":
            raise UsageError("The file is gone.")
        return _compared("before", "now")

    def take_sent(subject: Subject, text: str) -> Taken:
        note(("take_sent", (subject, text)))
        return Taken(subject) if "curl" in text else Taken(problem="This shows no request.")

    return Services(
        step_words,
        profiles,
        load,
        save,
        remove,
        store_status,
        recognise,
        plan,
        start_run,
        lambda name: script.trust,
        trust,
        lambda name: script.consented,
        remember,
        preview,
        write,
        lambda code: TITLES.get(code, code),
        lambda: note(("warm_up", None)),
        compare,
        take_sent,
        lambda subject, run: script.comparables,
        compare_run,
        script.demo,
        store_question=store_question,
        keyring_problem=lambda: "Secret Service is locked. Unlock it in your desktop's password manager, then try again.",
        choose_store=choose_store,
        unlock_store=unlock_store,
    )


def _compared(one: str, other: str) -> Comparison:
    from authwizard.report.comparison import Comparison, Difference

    telling = Difference("issuer", "https://auth.example.com", "https://auth.staging.example.com", ("environment_mismatch",))
    rest = (Difference("header [/x]", "a\x1b[2J", "b"), Difference("timeout", "10", "20"))
    return Comparison("profiles", one, other, (telling, *rest), ("scheme",), (f"{other}: its secrets: no keyring.",))


TITLES = {
    "token_expired": "The access token has expired",
    "token_revoked": "The token was revoked",
    "insufficient_scope": "The token lacks a scope",
    "clock_skew_client": "This machine's clock is wrong",
    "authorization_stripped": "The Authorization header is lost on the way",
    "environment_mismatch": "The token belongs to another environment",
    "auth_scheme_case_rejected": "The server compares the scheme by case",
    "uniform_401": "The server answers every credential the same",
    "dns_failure": "The name does not resolve",
}

LOCAL_ONLY = frozenset({Cost.C0})
