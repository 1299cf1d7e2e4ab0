"""What does a captured request tell? The comparison of S8-06, on a request that was let come here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from authwizard.model.evidence import ClientEnvironment, CredentialSeen, SentRequest
from authwizard.model.finding import Grade, Table
from authwizard.model.frozen import dataclass
from authwizard.model.profile import Profile
from authwizard.steps.intake_environment import netrc_argument
from authwizard.steps.sent_request import Difference, Here, differences, netrc_place
from authwizard.steps.sent_table import table
from authwizard.steps.users_client import libraries

AFTER_A_CHALLENGE = (
    "Some clients send a user name and password only after a server has asked for Basic (Credentials in .NET, Authenticator in Java, "
    "CredentialsProvider in Apache HttpClient); this address asks for Bearer, so they send none here."
)


@dataclass(frozen=True)
class Judged:
    """Both requests side by side, what differs, and what is to be known besides."""

    table: Table
    differences: tuple[Difference, ...]
    remarks: tuple[str, ...]


def judge_capture(
    sent: SentRequest, profile: Profile, credential: CredentialSeen, method: str, url: str, fields: tuple[tuple[str, str], ...],
    environment: ClientEnvironment | None, now: float,
) -> Judged:  # fmt: skip
    """Compare a captured request with the one that the profile makes (`method`, masked `url` and `fields`) at `now`, Unix seconds."""
    if credential.field_value is None:
        credential = replace(credential, scheme=profile.credential.scheme_word if profile.credential.place == "header" else "")
        fields = (*fields, (credential.name, "no credential at hand")) if credential.missing else fields
    here = Here(method, url, fields, credential, now, same_address=False)
    found = differences(sent, here, netrc_place(environment, profile.url))
    hidden = tuple(_hidden(sent, profile, environment, found))
    found = (*hidden, *found)
    return Judged(table(sent, here), found, tuple(_remarks(sent, profile, credential, found)))


def _hidden(
    sent: SentRequest, profile: Profile, environment: ClientEnvironment | None, found: tuple[Difference, ...]
) -> Iterator[Difference]:  # fmt: skip
    """What happens to a request to the API and not to one that comes here, because it depends on the host."""
    argument = netrc_argument(environment, profile, libraries(profile, sent)) if environment is not None else None
    if argument is None or argument.grade is not Grade.S or any(d.cause == argument.cause for d in found):
        return
    text = f"{argument.text} That does not show in what came here, where the host is another."
    yield Difference(argument.cause, argument.grade, text)


def _remarks(sent: SentRequest, profile: Profile, credential: CredentialSeen, found: tuple[Difference, ...]) -> Iterator[str]:
    if credential.missing:
        yield f"{credential.missing} So only its place and its scheme were compared, not its value."
    elif credential.kind in ("digest", "dpop", "mtls"):
        yield "This kind of credential is made anew for every request or stands outside of it, so not all of it can be compared."
    if profile.credential.kind == "basic" and any(d.cause == "credential_missing" for d in found):
        yield AFTER_A_CHALLENGE
    if sent.agent.lower().startswith("mozilla/"):
        yield "Cookies that the browser keeps for the API's host are not sent to this address, and a page on another origin asks with a preflight."
    if sent.method in ("GET", "HEAD") and sent.body_bytes:
        yield f"It sends a body ({sent.body_bytes} bytes) with {sent.method}, which some servers and proxies refuse or drop."
    if any(name.lower() == "expect" for name, _ in sent.fields):
        yield "It asks for leave before it sends its body (Expect: 100-continue); it was answered at once."
