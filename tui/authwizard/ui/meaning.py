"""What does a step's result mean for the verdict, and what is the one next action?"""

from __future__ import annotations

from collections.abc import Callable

from authwizard.model.finding import Finding, Skip, Status
from authwizard.model.frozen import dataclass
from authwizard.model.options import Cost
from authwizard.model.run import Verdict
from authwizard.ui.signs import STEP_NAMES, count
from authwizard.ui.state import Place, RunState, next_place
from authwizard.ui.words import CONFIDENCE_WORDS


@dataclass(frozen=True)
class Next:
    """The one next action: a sentence or two, what Enter does, and further keys with their words."""

    advice: str
    label: str
    action: str
    """An action of the app, as a binding would name it; "" = Enter does nothing here."""
    others: tuple[tuple[str, str], ...] = ()


def meaning(state: RunState, number: int, cause_title: Callable[[str], str]) -> str:
    """Say in a sentence or two what a step's result means for the verdict."""
    findings = state.step_findings(number)
    status, skip = state.step_mark(number)
    if state.phase == "idle":
        return "Nothing has been looked at yet."
    if status is None:
        return "Still looking." if state.phase == "running" else "This step was not reached."
    if status is Status.PASS and state.phase == "running":
        return "Nothing is wrong here so far."
    verdict = state.verdict
    if verdict and verdict.cause and verdict.step == number and _settled(state):
        return f"The answer is found in this step: {_title(verdict.cause, cause_title)}, {_sure(verdict)}."
    return _of_status(status, skip, findings, verdict if _settled(state) else None, cause_title)


def _settled(state: RunState) -> bool:
    return state.phase == "done" and state.verdict is not None


def _sure(verdict: Verdict) -> str:
    return CONFIDENCE_WORDS[verdict.confidence] if verdict.confidence else "as far as can be told"


def _title(code: str, cause_title: Callable[[str], str]) -> str:
    """A cause's title as part of a sentence."""
    title = cause_title(code).rstrip(".")
    return title[:1].lower() + title[1:] if title[1:2].islower() else title


def _of_status(
    status: Status, skip: Skip | None, findings: tuple[Finding, ...], verdict: Verdict | None, cause_title: Callable[[str], str]
) -> str:
    healthy = verdict is not None and verdict.kind == "healthy"
    match status:
        case Status.PASS:
            return "Nothing is wrong here." if healthy else "Nothing here explains a 401: look elsewhere."
        case Status.FAIL:
            return _of_failure(findings, verdict, cause_title)
        case Status.WARN:
            number = sum(f.status is Status.WARN for f in findings)
            alone = "the request succeeds all the same" if healthy else "no explanation of the 401 alone"
            return f"{count(number, 'warning')}: worth mending, but {alone}."
        case Status.BLOCKED:
            return "Part of this could not be seen, so the step speaks neither for nor against. The lines above say what would help."
        case Status.CRASHED:
            return "authwizard failed here itself. The rest of the run stands; please report it."
        case Status.SKIP if skip is Skip.NOT_APPLICABLE:
            return "Does not apply to this request."
        case Status.SKIP:
            return "Not tried, for the reason above, so the step speaks neither for nor against."


def _of_failure(findings: tuple[Finding, ...], verdict: Verdict | None, cause_title: Callable[[str], str]) -> str:
    causes = [c for f in findings if f.status is Status.FAIL for c in f.causes]
    if verdict is None:
        return "Something is wrong here; the verdict weighs it against the other steps."
    if any(c in verdict.mechanisms for c in causes):
        root = _title(verdict.cause, cause_title) if verdict.cause else "the root cause"
        return f"A consequence, not the root: {root}."
    later = next((c for c in verdict.will_fail_next if c in causes), None)
    if later:
        return f"Not what fails now, but it fails next: {_title(later, cause_title)}."
    if verdict.kind == "healthy":
        return "The request succeeds all the same; mend it before it bites."
    told = {s.check for s in verdict.because}
    if verdict.cause and verdict.step is not None and any(f.check in told for f in findings if f.status is Status.FAIL):
        return f"It speaks for the answer found in step {verdict.step}: {_title(verdict.cause, cause_title)}."
    return "Something is wrong here, but it does not explain the answer best; key w says why."


def next_action(state: RunState, place: Place) -> Next:
    """Return the one next action at a place of the walk."""
    match state.phase:
        case "idle":
            return Next("", "Run", "app.rerun")
        case "running":
            return Next(_looking(state), _walk_label(place), "app.walk(1)", (("Esc", "cancel the run"),))
        case "cancelled":
            return Next("The run was cancelled; what was found so far stays readable.", "Run again", "app.rerun")
        case "failed":
            return Next(state.problem, "Run again", "app.rerun")
        case "done":
            return _after(state, place)


def _looking(state: RunState) -> str:
    purposes = [a.purpose for a in state.active.values()]
    return "Looking: " + ", ".join(purposes) if purposes else "Looking."


def _walk_label(place: Place) -> str:
    after = next_place(place)
    return "Verdict" if after == "verdict" else f"Next: {after} {STEP_NAMES[int(after)]}"


def _after(state: RunState, place: Place) -> Next:
    verdict = state.verdict
    if verdict is None:
        return Next("", "Run again", "app.rerun")
    decided = place in ("verdict", verdict.step)
    if not decided:
        return Next(_pointer(verdict), _walk_label(place), "app.walk(1)", _others(state))
    advice = verdict.remedy.text or verdict.next_test
    if offers_refresh(state):
        return Next(advice, "Refresh the token (asks first)", "app.refresh_token", _others(state))
    if offers_further(state):
        return Next(advice, "Send the further tests (asks first)", "app.further", _others(state))
    if verdict.kind == "not_reproduced" and not state.sent_given:
        return Next(advice, "Show what your program sends", "app.reported", _others(state))
    if place != "verdict":
        return Next(advice, "See the whole verdict", "app.go('verdict')", _others(state))
    return Next(advice, "Write the report", "app.report", _others(state))


def _pointer(verdict: Verdict) -> str:
    if verdict.step is None or verdict.kind == "healthy":
        return ""
    name = f"{verdict.step} {STEP_NAMES[verdict.step]}"
    return f"The answer is found in step {name}." if verdict.kind == "cause" else f"The best lead is in step {name}."


def _others(state: RunState) -> tuple[tuple[str, str], ...]:
    keys: list[tuple[str, str]] = []
    if offers_reported(state) and state.verdict and state.verdict.kind == "healthy":
        keys.append(("a", "my program gets a 401 here"))
    if offers_saving(state):
        keys.append(("s", "save as a profile"))
    if state.verdict and state.verdict.kind != "healthy" and (state.verdict.remedy.text or state.verdict.remedy.commands):
        keys.append(("y", "copy the fix"))
    return tuple(keys)


def offers_refresh(state: RunState) -> bool:
    """Whether spending the refresh token is the next thing to try: step 4 held back only for want of leave."""
    held = state.findings.get("S4-03")
    failing = state.verdict is not None and state.verdict.kind in ("cause", "cannot_tell")
    return failing and not state.options.allow_refresh and held is not None and held.skip is Skip.NOT_TRIED


def offers_further(state: RunState) -> bool:
    """Whether leave for invalid tokens or token requests was not given and could change the verdict."""
    undecided = state.verdict is not None and state.verdict.kind != "healthy" and state.verdict.confidence not in ("proven", "confirmed")
    return undecided and not state.options.passive and not {Cost.C3, Cost.C4} <= state.options.costs


def offers_reported(state: RunState) -> bool:
    """Whether to ask about the user's own program, which got a 401, or may have got one, where this run succeeded."""
    kind = state.verdict.kind if state.verdict is not None else ""
    return kind == "not_reproduced" or (kind == "healthy" and not state.options.reported_401)


def offers_saving(state: RunState) -> bool:
    """Whether the run was made from a pasted text that names a request worth keeping as a profile."""
    return not isinstance(state.subject, str) and state.subject.profile is not None and bool(state.subject.profile.base_url)


def ruled_out_lines(verdict: Verdict, cause_title: Callable[[str], str]) -> list[str]:
    """Say each reason that rules something out once, followed by the causes it rules out."""
    return [f"{why} So it is not: {'; '.join(map(cause_title, causes))}." for why, causes in verdict.ruled_out_by_reason.items()]
