"""Does the program renew its token in a way that does not lock it out? Advice, and signs of two renewals at once (S4-07)."""

from __future__ import annotations

from authwizard.check import check, not_applicable, passed, warned
from authwizard.model.evidence import CredentialSeen, RefreshedToken, RunClock, SecretState, StoredSecrets
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.model.profile import Profile
from authwizard.steps.time_words import duration
from authwizard.steps.token_answers import arguments_of
from authwizard.steps.token_times import DIVISOR, times_of, unit_of

RACE_SECONDS = 10
"""Two renewals closer together than this are two programs, not one that needed two tokens."""
EARLY = 0.8
"""The share of a token's life after which it is renewed."""
SPARE_SECONDS = 300
RENEWING_GRANTS = ("refresh_token", "authorization_code", "device_code")
ONE_AT_A_TIME = "Let one process renew at a time, and let the others wait for its token and read it again from where it is kept."


@check(
    "S4-07", step=4, title="The token is renewed early, and by one process at a time",
    looks_for="the life of the token against the time to renew it, and signs of two renewals at once",
    causes=("refresh_race",), sources=("RFC 9700 4.14.2", "RFC 6749 6"),
)  # fmt: skip
def refresh_design(
    profile: Profile, secrets: StoredSecrets, clock: RunClock, credential: CredentialSeen | None, refreshed: RefreshedToken | None
) -> Outcome:  # fmt: skip
    """S4-07: how a program should renew. What two renewals at once do is seen only where they left a trace."""
    if profile.oauth is None or (profile.oauth.grant not in RENEWING_GRANTS and secrets.get("refresh_token").status != "present"):
        return not_applicable("Nothing here is renewed with a refresh token.")
    state = secrets.get("access_token")
    lines = (Line("renew", _when(credential, state), None, "and add a few seconds of chance where many processes start together"),)
    race = _race(state, clock, refreshed)
    if race:
        text = f"{race} {ONE_AT_A_TIME}"
        return warned(text, *lines, arguments=(Argument("refresh_race", Grade.W, Group.ENVIRONMENT, race),))
    seen = (
        "Nothing shows two renewals at once."
        if refreshed is not None
        else "Nothing was renewed in this run, so two at once would not show."
    )
    return passed(f"{seen} {ONE_AT_A_TIME}", *lines)


def _race(state: SecretState, clock: RunClock, refreshed: RefreshedToken | None) -> str:
    """Say what looks like two renewals at once; "" where nothing does."""
    if refreshed is None:
        return ""
    if any(a.cause == "refresh_token_reused" for a in arguments_of(refreshed)):
        return "The refresh token had been used before: most often two processes renew at the same time, each with the same token."
    if state.obtained_at is not None and 0 <= clock.now - state.obtained_at < RACE_SECONDS:
        return f"The stored token had been fetched only {duration(clock.now - state.obtained_at)} before it was renewed: somebody else renews it too."
    return ""


def _when(credential: CredentialSeen | None, state: SecretState) -> str:
    """The moment to renew: after 80 % of the token's life, or five minutes before its end where that is later."""
    life = float(state.expires_in) if state.expires_in is not None else None
    times = times_of(credential.token if credential is not None else None)
    if times.exp is not None and times.iat is not None and unit_of(times.exp) == unit_of(times.iat):
        life = (times.exp - times.iat) / DIVISOR[unit_of(times.exp)]
    if life is None or life <= 0:
        return "after 80 % of its life, which this token does not tell"
    return f"{duration(max(EARLY * life, life - SPARE_SECONDS))} after it was issued, of the {duration(life)} it lives"
