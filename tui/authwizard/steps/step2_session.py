"""Did the login behind the token end before the token did? Words, codes and claims that tell so (S2-09)."""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import Baseline, CredentialSeen, NetworkTime, Reported, RunClock
from authwizard.model.finding import Argument, Code, Detail, Grade, Group, Line, Outcome, Status
from authwizard.steps.answers import explained
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.step2_words import refusal_of
from authwizard.steps.time_words import utc
from authwizard.steps.token_times import time_faults, times_of

CAUSES = ("claims_challenge", "session_expired", "token_revoked")
MEANING = {
    "session_expired": "The server says that the login this token goes back to has ended, whatever the token's own expiry says",
    "token_revoked": "The server says that this token was revoked before its time",
}
LOGIN_CLAIMS = ("sid", "session_state", "auth_time")
"""Claims that tie a token to a login: OpenID Connect Front-Channel Logout 3, Keycloak, OpenID Connect Core 2."""


@check(
    "S2-09", step=2, title="The login behind the token has not ended",
    looks_for="Words and codes that tell of an ended session, a revoked token, a changed password, or a demand to have the login judged anew.",
    causes=CAUSES, sources=("RFC 6750 3.1", "OpenID Connect Core 5.5", "learn.microsoft.com, Continuous access evaluation"),
)  # fmt: skip
def session_alive(
    credential: CredentialSeen, clock: RunClock, baseline: Baseline | None, reported: Reported | None, network: NetworkTime | None
) -> Outcome:  # fmt: skip
    """Judge what the refusal says of the login. A token past its time needs no other reason: the same words then mean just that."""
    answer = refusal_of(baseline, reported)
    if answer is None:
        return not_applicable("There is no refusal that could speak of a login.")
    if credential.kind not in ("bearer", "dpop"):
        return not_applicable("The credential is no token of a login; what the server says of it is judged in step 8.")
    said = explained(answer)
    lines = _login_lines(credential)
    demanded = _claims_demanded(said)
    if demanded is not None:
        return _reevaluate(demanded, said, lines)
    if said.cause not in MEANING or said.certainty == "says_nothing":
        return passed("The refusal does not speak of a session, a logout or a revocation.", *lines)
    now = clocks_of(clock, baseline, None, None, network, None, None, None, reported).now_api
    return _ended(said, lines, over="expired" in time_faults(times_of(credential.token), now, 0))


def _ended(said: Explanation, lines: tuple[Detail, ...], *, over: bool) -> Outcome:
    assert said.cause is not None
    words = Code(said.message.words, "the server's words") if said.message.words else Line("error", said.code)
    if over and said.cause == "session_expired":
        text = f"{MEANING[said.cause]}; but the token itself is past its time, and some servers call just that an ended session."
        return warned(text, *lines, words, arguments=(Argument(said.cause, Grade.W, Group.SERVER_MESSAGE, text),))
    # That a session ended is said in so many words or not at all; "revoked" is also said of what was only replaced or never issued.
    grade = Grade.S if said.cause == "session_expired" and said.message.kind == "names" else Grade.M
    text = f"{MEANING[said.cause]}: a new sign-in is needed."
    return failed(text, *lines, words, arguments=(Argument(said.cause, grade, Group.SERVER_MESSAGE, text),))


def _claims_demanded(said: Explanation) -> str | None:
    """Return the `claims` parameter of a challenge that demands them, "" where it carries none; None where nothing is demanded."""
    for challenge in said.challenges:
        coded = challenge.params.get("error", "").lower() == "insufficient_claims"
        if coded or ("claims" in challenge.params and challenge.scheme == "bearer"):
            return challenge.params.get("claims", "")
    return "" if said.cause == "claims_challenge" and said.firm else None


def _reevaluate(claims: str, said: Explanation, lines: tuple[Detail, ...]) -> Outcome:
    text = (
        "The API demands that the login be judged anew (a claims challenge): the program has to hand the claims parameter of this answer, "
        "decoded from base64, to the authorization server with its next token request; a plain refresh may bring the same token again."
    )
    shown: tuple[Detail, ...] = (Line("claims", claims, Status.FAIL),) if claims else ()
    words: tuple[Detail, ...] = (Code(said.message.words, "the server's words"),) if said.message.words else ()
    return failed(text, *lines, *shown, *words, arguments=(Argument("claims_challenge", Grade.S, Group.SERVER_MESSAGE, text),))


def _login_lines(credential: CredentialSeen) -> tuple[Detail, ...]:
    """Tell whether the token is tied to a login at all; a session's id itself stays out."""
    if credential.token is None or not credential.token.readable:
        return ()
    claims, times = credential.token.claims, times_of(credential.token)
    tied = [name for name in LOGIN_CLAIMS if name in claims]
    if not tied:
        return (Line("login", "the token names none", None, "it carries no sid and no auth_time"),)
    since = f"signed in {utc(times.auth_time)}" if times.auth_time is not None and times.auth_time < 1e11 else "tied to a login"
    return (Line("login", since, None, f"by its {' and '.join(tied)}"),)
