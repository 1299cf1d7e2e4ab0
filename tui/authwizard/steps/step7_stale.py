"""Where else does this credential live, and which one does the user's program send? S7-04."""

from __future__ import annotations

from collections.abc import Iterator

from authwizard.check import check, passed, warned
from authwizard.model.evidence import Baseline, ClientEnvironment, CredentialSeen, OtherValue, RunClock, SentCredential, SentRequest
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.steps.differential import accepts
from authwizard.steps.time_words import duration
from authwizard.steps.token_times import times_of


@check(
    "S7-04", step=7, title="Your program sends the stored token and no older one",
    looks_for="variables and files that hold another value of this credential, and the fingerprint your program really sent",
    causes=("stale_env_value", "stale_token_sent", "quotes_in_token", "whitespace_in_credential"), sources=("docs.docker.com, env_file",),
)  # fmt: skip
def where_the_stale_one_lives(
    credential: CredentialSeen, environment: ClientEnvironment | None, sent: SentRequest | None, baseline: Baseline | None, clock: RunClock
) -> Outcome:
    """S7-04: other places that hold this credential. What they hold explains nothing where the stored one is refused too."""
    places = environment.other_values if environment is not None else ()
    theirs = _sent_in_its_place(sent, credential)
    other_sent = theirs is not None and theirs.same is False and not theirs.faults
    lines = [Line("stored", _stored_words(credential, clock))]
    lines += [Line(p.place, "holds another value", Status.WARN, _age(p, clock.now)) for p in places]
    lines += [Line(place, "holds the stored value", Status.PASS) for place in (environment.same_places if environment is not None else ())]
    if theirs is not None and theirs.same is not None:
        lines.append(Line("your program sent", theirs.fingerprint or "a credential", Status.WARN if other_sent else Status.PASS))
    cautions = environment.cautions if environment is not None else ()
    lines += [Line("caution", text, Status.WARN) for _, text in cautions]
    if cautions and not places and not other_sent:
        weak = tuple(Argument(cause, Grade.W, Group.ENVIRONMENT, text) for cause, text in cautions)
        return warned(cautions[0][1], *lines, arguments=() if _refused_here(baseline) else weak)
    if not places and not other_sent:
        same = " Your program sent the very same." if theirs is not None and theirs.same else ""
        return passed(f"No other place that was looked at holds another value of this credential.{same}", *lines)
    arguments = [*_place_arguments(places, theirs if other_sent else None, clock.now)]
    if other_sent and theirs is not None and not any(p.fingerprint and p.fingerprint == theirs.fingerprint for p in places):
        text = (
            f"Your program sent the credential {theirs.fingerprint}, but the stored one is {credential.fingerprint}: "
            "it still uses another, most likely an older one."
        )
        arguments.append(Argument("stale_token_sent", Grade.M, Group.ENVIRONMENT, text))
    summary = arguments[-1].text if arguments else "Another value of this credential was found."
    return warned(summary, *lines, arguments=() if _refused_here(baseline) else tuple(arguments))


def _refused_here(baseline: Baseline | None) -> bool:
    return baseline is not None and baseline.exchange.status is not None and not accepts(baseline.exchange)


def _sent_in_its_place(sent: SentRequest | None, credential: CredentialSeen) -> SentCredential | None:
    """What the user's program sent where this profile has its credential, under the same scheme."""
    if sent is None:
        return None
    found = (c for c in sent.credentials if c.place == credential.place and c.name.lower() == credential.name.lower())
    return next((c for c in found if c.scheme.lower() == credential.scheme.lower() and not c.stored_as), None)


def _place_arguments(places: tuple[OtherValue, ...], sent: SentCredential | None, now: float) -> Iterator[Argument]:
    """A place whose value is the one that was sent proves where it came from; one that has expired or is older tells more than one that differs."""
    if not places:
        return
    caught = next((p for p in places if sent is not None and p.fingerprint and p.fingerprint == sent.fingerprint), None)
    if caught is not None:
        text = f"{caught.place} holds the very value that your program sent ({caught.fingerprint}), and not the stored one."
        yield Argument("stale_env_value", Grade.S, Group.SENT, text)
    told = next((p for p in places if p.telling(now)), None)
    if told is not None:
        text = f"{told.place} holds another token than the stored one, and it {_why(told, now)}: a program that reads it sends that one."
        yield Argument("stale_env_value", Grade.S, Group.ENVIRONMENT, text)
        return
    names = ", ".join(p.place for p in places)
    text = (
        f"{names} {'holds' if len(places) == 1 else 'hold'} another value of this credential than the one stored: a program that reads it sends that one, "
        "and a running program keeps the value it started with."
    )
    yield Argument("stale_env_value", Grade.M, Group.ENVIRONMENT, text)


def _why(place: OtherValue, now: float) -> str:
    if place.expires is not None and place.expires < now:
        return f"expired {duration(now - place.expires)} ago"
    return "is the older one of the same issuer"


def _age(place: OtherValue, now: float) -> str:
    return _why(place, now) if place.telling(now) else place.fingerprint


def _stored_words(credential: CredentialSeen, clock: RunClock) -> str:
    issued = times_of(credential.token).iat
    age = f", made {duration(clock.now - issued)} ago" if issued is not None and issued <= clock.now else ""
    return f"{credential.fingerprint or 'no fingerprint'} from {credential.source or 'the store'}{age}"
