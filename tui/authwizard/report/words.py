"""The words that every renderer shares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from authwizard.model.finding import Finding, Owner, Skip, Status
from authwizard.model.run import Candidate, StepSeen, Verdict

OWNERS: Mapping[Owner, str] = {
    Owner.YOU: "Your turn",
    Owner.YOUR_PROGRAM: "Your program's turn",
    Owner.API_OWNER: "The API owner's turn",
    Owner.AUTHORIZATION_SERVER_ADMIN: "The authorization server admin's turn",
    Owner.NETWORK: "The network's turn",
    Owner.NOBODY_CAN_TELL: "Nobody can tell from outside",
}
KINDS: Mapping[str, str] = {
    "cause": "cause found",
    "cannot_tell": "cannot tell",
    "healthy": "healthy",
    "not_reproduced": "not reproduced",
    "could_not_look": "could not look",
}
GLYPHS: Mapping[Status, str] = {
    Status.PASS: "✓", Status.WARN: "!", Status.FAIL: "✗", Status.SKIP: "–", Status.BLOCKED: "?", Status.CRASHED: "☠",
}  # fmt: skip


def status_word(status: Status, skip: Skip | None) -> str:
    """Return the word of a status: PASS, WARN, FAIL, BLOCKED, CRASHED, NOT TRIED or N/A."""
    if status is Status.SKIP:
        return "NOT TRIED" if skip is Skip.NOT_TRIED else "N/A"
    return status.value.upper()


def headline(verdict: Verdict) -> str:
    """Return whose turn it is and how sure that is: the first line of every report."""
    if verdict.kind == "healthy":
        return "Nothing to do: healthy"
    sure = (verdict.confidence or "").replace("_", " ")
    return f"{OWNERS[verdict.owner]} ({sure or KINDS[verdict.kind]})"


def step_name(step: StepSeen) -> str:
    """Return what a step is called: its number and title, but for the two around the eight."""
    return {0: "Intake", 9: "Verification"}.get(step.number, f"Step {step.number} {step.title}")


def deciding_test(verdict: Verdict) -> str:
    """Return the test that would decide, "" where the remedy says the very same."""
    return "" if verdict.next_test == verdict.remedy.text else verdict.next_test


def open_causes(verdict: Verdict) -> tuple[Candidate, ...]:
    """Return what may be the cause besides the one that is named: nothing where that one is sure enough."""
    if verdict.kind in ("healthy", "could_not_look") or verdict.confidence in ("confirmed", "proven", "very_likely"):
        return ()
    return tuple(c for c in verdict.candidates if c.cause != verdict.cause)


def ruled_out(verdict: Verdict) -> tuple[str, ...]:
    """Return what is ruled out and why, each reason once with all the causes it rules out."""
    return tuple(f"{', '.join(causes)}: {why}" for why, causes in verdict.ruled_out_by_reason.items())


def step_line(step: StepSeen, record: int | None) -> str:
    """Return what a step found in one line: its worst finding's summary."""
    worst = [f for f in step.findings if f.status is step.status and f.skip == step.skip] or list(step.findings)
    text = worst[0].summary if worst else "Nothing was looked at."
    return text if step.number == record or step.status is not Status.FAIL or record is None else f"{text} (consequence of step {record})"


def told_once(findings: Iterable[Finding]) -> tuple[tuple[str, Finding], ...]:
    """Return the findings with the ids of those that say the same joined, so that one missing answer is told once."""
    groups: dict[tuple[Status, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding.status, finding.summary), []).append(finding)
    return tuple((_ids([f.check for f in group]), group[0]) for group in groups.values())


def _ids(checks: list[str]) -> str:
    return ", ".join(checks) if len(checks) < 4 else f"{checks[0]} and {len(checks) - 1} more checks"
