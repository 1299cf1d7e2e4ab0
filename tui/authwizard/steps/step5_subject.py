"""Does the token speak for a person or for an application, and which of the two does the API want? S5-05."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.explanation import Explanation
from authwizard.model.evidence import Baseline, CredentialSeen, Introspection
from authwizard.model.finding import Argument, Code, Grade, Group, Line, Outcome
from authwizard.model.profile import Profile
from authwizard.steps.expectations import words_of
from authwizard.steps.identity import client_of

Subject = Literal["application", "person", ""]
CAUSE = "wrong_subject_type"
PERSONAL = frozenset({"me", "self", "myself", "userinfo", "whoami"})
"""Segments of a path that stand for "the person who signed in"."""
PERSON_CLAIMS = ("upn", "unique_name", "preferred_username", "email", "auth_time", "amr", "sid", "nonce")
"""Claims that only a sign-in of a person brings (OpenID Connect Core 2 and 5.1, Entra access token claims)."""


@check(
    "S5-05", step=5, title="The token speaks for whom the API wants",
    looks_for="whether the token is an application's own or a signed-in person's, and words that ask for the other kind",
    causes=(CAUSE,), sources=("RFC 9068 2.2", "RFC 8693 4.1", "learn.microsoft.com, access token claims (idtyp, scp, roles)"),
)  # fmt: skip
def right_subject(profile: Profile, credential: CredentialSeen, baseline: Baseline | None, introspection: Introspection | None) -> Outcome:
    """S5-05: application or person. Without the server's word it is a hint at most: many endpoints take both."""
    if credential.kind not in ("bearer", "dpop"):
        return not_applicable("This credential is no access token.")
    claims = claims_of(credential, introspection)
    subject, why = subject_of(claims)
    lines = (Line("token of", {"application": "an application", "person": "a person"}.get(subject, "not said"), None, why),)
    words = words_of(baseline)
    if words is not None and words.cause == CAUSE and words.certainty != "says_nothing":
        return _other_kind_wanted(words, subject, lines)
    if subject == "application" and words is not None and _personal(profile):
        text = (
            "The request asks for the signed-in person's own data, and the token is an application's own: nobody has signed in with it. "
            "Where the API wants a person, get a token with a sign-in (authorization code)."
        )
        return warned(text, *lines, arguments=(Argument(CAUSE, Grade.W, Group.LOCAL_CLAIMS, text),))
    if not subject:
        return not_applicable("The token does not say whether it speaks for a person or an application, and nobody asks for either.")
    return passed("Nothing says that the API wants another kind of token.", *lines)


def subject_of(claims: Mapping[str, Any]) -> tuple[Subject, str]:
    """Return for whom a token speaks, and by which claim that is told; "" where nothing tells."""
    kind = str(claims.get("idtyp") or claims.get("gty") or "").lower()
    if kind in ("app", "client-credentials"):
        return "application", "by idtyp" if "idtyp" in claims else "by gty"
    if kind == "user" or ("tid" in claims and isinstance(claims.get("scp"), str)):
        return "person", "by idtyp" if kind else "by scp, which Entra gives tokens of a sign-in alone"
    sub, client = str(claims.get("sub") or ""), client_of(claims)
    if str(claims.get("preferred_username", "")).startswith("service-account-"):
        return "application", "by the service account it names"
    if sub and client and sub.removesuffix("@clients") == client:
        return "application", "its subject is its client (RFC 9068 2.2)"
    person = next((name for name in PERSON_CLAIMS if name in claims), None)
    if person is not None:
        return "person", f"by {person}"
    return ("application", "it has roles and no scp") if "tid" in claims and "roles" in claims else ("", "")


def _other_kind_wanted(words: Explanation, subject: Subject, lines: tuple[Line, ...]) -> Outcome:
    wanted = {"application": "a person's", "person": "an application's own"}.get(subject, "another kind of")
    text = f"The server says that it wants {wanted} token here; a new scope does not help, another grant does."
    argument = Argument(CAUSE, Grade.M, Group.SERVER_MESSAGE, text)
    return failed(text, *lines, Code(words.message.words, "the server's words"), arguments=(argument,))


def claims_of(credential: CredentialSeen, introspection: Introspection | None) -> Mapping[str, Any]:
    """Return what is known of the stored token's claims: its own, else what introspection told of it."""
    if credential.token is not None and credential.token.readable:
        return credential.token.claims
    return introspection.result.members if introspection is not None and introspection.result.active else {}


def _personal(profile: Profile) -> bool:
    path = profile.target.partition("?")[0].lower()
    return bool(PERSONAL & set(path.split("/")))
