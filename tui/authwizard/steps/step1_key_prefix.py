"""Does the beginning of the key fit what it is used for? S1-19."""

from __future__ import annotations

import re

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.key_prefixes import KeyPrefix, named
from authwizard.model.evidence import Baseline, CredentialSeen
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile
from authwizard.steps.differential import accepts

_TEST_HOST = late_pattern(r"(?:^|[.-])(?:test|sandbox|staging|stage|dev|qa|uat|preprod)(?:[.-]|\d|$)", re.IGNORECASE)
_KINDS = {
    "secret": "a secret key", "publishable": "a publishable key", "refresh": "a refresh token", "access": "an access token",
    "key_id": "the id of a key", "temporary_key_id": "the id of a temporary key",
}  # fmt: skip


@check(
    "S1-19", step=1, title="The key is of the right kind and environment",
    looks_for="The documented beginning of the key: test or live, secret or publishable, refresh token; and the checksum some keys carry.",
    causes=("environment_mismatch", "wrong_token_kind", "token_malformed", "session_token_missing"),
    sources=("docs.stripe.com, API keys", "docs.github.com, about authentication to GitHub", "docs.aws.amazon.com, IAM identifiers"),
)  # fmt: skip
def api_key_prefix(credential: CredentialSeen, profile: Profile, baseline: Baseline | None) -> Outcome:
    """Judge the known beginning of a key; an unknown one says nothing."""
    prefix = named(credential.key_prefix) if credential.key_prefix else None
    if prefix is None:
        return not_applicable("The credential does not begin like any key that is known here.")
    where = f", {prefix.environment}" if prefix.environment else ""
    line = Line("Begins with", prefix.start, None, f"{prefix.provider}: {_KINDS[prefix.kind]}{where}")
    if baseline is not None and accepts(baseline.exchange):
        return passed("The API accepts the key.", line)
    argument = _wrong_kind(prefix, profile) or _wrong_environment(prefix, profile) or _wrong_checksum(credential)
    if argument is None:
        return passed(f"The key begins like {_KINDS[prefix.kind]} of {prefix.provider}.", line)
    make = failed if argument.grade is Grade.S or argument.cause == "token_malformed" or _opposite(prefix, profile) else warned
    return make(argument.text, line, _checksum_line(credential), arguments=(argument,))


def _wrong_kind(prefix: KeyPrefix, profile: Profile) -> Argument | None:
    if prefix.kind == "publishable":
        text = f"The key begins with {prefix.start}: it is the publishable key of {prefix.provider}, meant for web pages; servers take the secret one."
        return Argument("wrong_token_kind", Grade.S, Group.LOCAL_BYTES, text)
    if prefix.kind == "refresh":
        text = f"The value begins with {prefix.start}: it is a refresh token of {prefix.provider}; APIs take access tokens only."
        return Argument("wrong_token_kind", Grade.S, Group.LOCAL_BYTES, text)
    if prefix.kind == "temporary_key_id" and not any(name.lower() == "x-amz-security-token" for name in profile.headers):
        text = (
            f"The key id begins with {prefix.start}: it is temporary and valid only together with its session token (X-Amz-Security-Token)."
        )
        return Argument("session_token_missing", Grade.S, Group.LOCAL_BYTES, text)
    return None


def _opposite(prefix: KeyPrefix, profile: Profile) -> bool:
    """Whether a test key stands in a production profile, or a live key in a development one."""
    production = profile.environment == "production"
    return (prefix.environment == "test" and production) or (
        prefix.environment == "live" and profile.environment in ("development", "staging")
    )


def _wrong_environment(prefix: KeyPrefix, profile: Profile) -> Argument | None:
    test_host = bool(_TEST_HOST.search(_host(profile.url)))
    against_host = prefix.environment == "live" and test_host
    if not _opposite(prefix, profile) and not against_host:
        return None
    place = f"the host {_host(profile.url)}" if against_host else f"a profile for {profile.environment}"
    text = f"The key begins with {prefix.start}: it is a {prefix.environment} key of {prefix.provider}, used with {place}."
    both = against_host and _opposite(prefix, profile)
    return Argument("environment_mismatch", Grade.S if both else Grade.M, Group.LOCAL_BYTES, text, provenance="user")


def _host(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].rpartition("@")[2].partition(":")[0]


def _wrong_checksum(credential: CredentialSeen) -> Argument | None:
    if credential.checksum_ok is not False:
        return None
    text = "The last characters of the key do not fit the ones before: it was mistyped or cut."
    return Argument("token_malformed", Grade.M, Group.LOCAL_BYTES, text)


def _checksum_line(credential: CredentialSeen) -> Line:
    if credential.checksum_ok is None:
        return Line("Checksum", "this kind of key has none")
    return Line("Checksum", "fits" if credential.checksum_ok else "does not fit", Status.PASS if credential.checksum_ok else Status.FAIL)
