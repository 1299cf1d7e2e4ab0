"""Is a signed request complete, and signed for this host, this day and these fields? AWS signatures and HMAC: S1-26."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, RunClock
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import Profile
from authwizard.protocol.auth_parameters import AWS, HMAC
from authwizard.steps.differential import accepts

SIGNED_CAUSES = ("sigv4_malformed", "session_token_missing", "sigv4_scope_wrong", "request_signature_mismatch")
OLD = 15 * 60
"""Seconds after which AWS services take no signature any more (five to fifteen minutes, by service)."""
_SCOPE = late_pattern(r"[^/]*/(?P<date>[^/]*)/(?P<region>[^/]*)/(?P<service>[^/]*)/(?P<end>[^/]*)")
_HOSTS = (
    (late_pattern(r"\.execute-api\.([a-z0-9-]+)\.amazonaws\.com$"), "execute-api"),
    (late_pattern(r"\.lambda-url\.([a-z0-9-]+)\.on\.aws$"), "lambda"),
    (late_pattern(r"(?:^|\.)s3[.-]([a-z]{2}-[a-z-]+-\d)\.amazonaws\.com$"), "s3"),
    (late_pattern(r"\.([a-z]{2}-[a-z-]+-\d)\.es\.amazonaws\.com$"), "es"),
    (late_pattern(r"\.([a-z]{2}-[a-z-]+-\d)\.amazonaws\.com$"), ""),
)
"""Hosts that tell their region, and the service where its signing name is that of the host ("" = not always)."""
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
"""SHA-256 of nothing: what a request without a body is signed with."""


@check(
    "S1-26", step=1, title="A signed request is complete and signed for this host",
    looks_for="The parts of an AWS signature, its region and service against the host, its age, and the fields an HMAC covers.",
    causes=SIGNED_CAUSES, sources=("docs.aws.amazon.com, Signature Version 4", "docs.konghq.com, HMAC authentication"),
)  # fmt: skip
def signed_requests(credential: CredentialSeen, profile: Profile, clock: RunClock, baseline: Baseline | None) -> Outcome:
    """Judge the structure; whether the signature itself is right only the server can tell, which holds the same key."""
    scheme = credential.scheme.lower()
    aws = scheme == AWS
    if not aws and not (scheme in HMAC and "headers" in credential.parameters):
        return not_applicable("The request is not signed.")
    lines = tuple(Line(name, value) for name, value in credential.parameters.items() if name not in ("signature", "credential") or aws)
    if baseline is not None and accepts(baseline.exchange):
        return passed("The API accepts the signature.", *lines)
    found = list(_aws(credential, profile, clock.now) if aws else _hmac(credential, profile))
    if not found:
        return passed("The signature has all its parts, and they fit this request as far as it can be seen.", *lines)
    worst = max(found, key=lambda a: a.grade.points)
    return (failed if worst.grade is Grade.S else warned)(worst.text, *lines, arguments=tuple(found))


def _local(cause: str, text: str, grade: Grade = Grade.S) -> Argument:
    return Argument(cause, grade, Group.LOCAL_BYTES, text)


def _aws(credential: CredentialSeen, profile: Profile, now: float) -> Iterator[Argument]:
    parameters = credential.parameters
    absent = [name for name in ("Credential", "SignedHeaders", "Signature") if not parameters.get(name.lower())]
    if absent:
        yield _local("sigv4_malformed", f"The AWS signature lacks {' and '.join(absent)}.")
        return
    if parameters["signature"] != "64":
        yield _local("sigv4_malformed", f"The signature has {parameters['signature']} characters; an AWS signature has 64.")
    scope = _SCOPE.fullmatch(parameters["credential"])
    if scope is None or scope["end"] != "aws4_request" or not re.fullmatch(r"\d{8}", scope["date"]):
        yield _local("sigv4_malformed", "The credential is not written as key/date/region/service/aws4_request.")
        return
    yield from _scope(scope, profile)
    yield from _fields(credential, profile, scope["date"], now)


def _scope(scope: re.Match[str], profile: Profile) -> Iterator[Argument]:
    host = _host(profile.url)
    region, service = next(((m[1], service) for pattern, service in _HOSTS if (m := pattern.search(host))), ("", ""))
    if region and scope["region"] != region:
        yield _local("sigv4_scope_wrong", f"The request is signed for the region {scope['region']}, and the host is in {region}.")
    elif service and scope["service"] != service:
        yield _local("sigv4_scope_wrong", f"The request is signed for the service {scope['service']}, and the host is one of {service}.")


def _fields(credential: CredentialSeen, profile: Profile, day: str, now: float) -> Iterator[Argument]:
    headers = {name.lower(): value for name, value in profile.headers.items()}
    signed = [name.strip().lower() for name in credential.parameters["signedheaders"].split(";")]
    if "host" not in signed:
        yield _local("sigv4_malformed", "Host is not among the signed headers, and AWS wants it there.")
    if "x-amz-date" not in headers and "date" not in headers:
        yield _local("sigv4_malformed", "The request carries no X-Amz-Date, which every AWS signature needs.")
    unsent = [name for name in signed if name and name not in headers and name not in ("host", "user-agent", "accept", "accept-encoding")]
    unsent = [name for name in unsent if name != "x-amz-date" or "date" in headers]
    if unsent:
        yield _local("request_signature_mismatch", f"The signature covers {', '.join(unsent)}, which the request does not carry.")
    if credential.parameters["credential"].startswith("ASIA") and "x-amz-security-token" not in headers:
        text = "The key id begins with ASIA: it is temporary, and the request carries no X-Amz-Security-Token."
        yield _local("session_token_missing", text)
    body = headers.get("x-amz-content-sha256", "")
    if re.fullmatch(r"[0-9a-f]{64}", body) and body != EMPTY and profile.method in ("GET", "HEAD"):
        yield _local("request_signature_mismatch", f"The signature covers a body, and a {profile.method} has none.")
    yield from _date(headers.get("x-amz-date", ""), day, now)


def _date(stamp: str, day: str, now: float) -> Iterator[Argument]:
    try:
        signed_at = calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        if stamp and "{" not in stamp:
            yield _local("sigv4_malformed", "X-Amz-Date is not written as YYYYMMDDTHHMMSSZ.")
        return
    if not stamp.startswith(day):
        yield _local("sigv4_scope_wrong", f"The credential is for the day {day}, and X-Amz-Date says {stamp}.")
    if now - signed_at > OLD:
        text = f"The request was signed at {stamp}, {round((now - signed_at) / 60)} minutes ago: AWS takes a signature for minutes only."
        yield _local("request_signature_mismatch", text, Grade.M)


def _hmac(credential: CredentialSeen, profile: Profile) -> Iterator[Argument]:
    """A signature over fields that are not sent, or that every proxy may change, cannot be checked."""
    headers = {name.lower() for name in profile.headers}
    covered = credential.parameters["headers"].lower().split()
    always = {"host", "request-line", "user-agent", "accept", "accept-encoding", "@request-target"}
    unsent = [name for name in covered if not name.startswith("(") and name not in headers and name not in always]
    if unsent:
        yield _local("request_signature_mismatch", f"The signature covers {', '.join(unsent)}, which the request does not carry.")
    if not credential.parameters.get("signature"):
        yield _local("request_signature_mismatch", "The value names the fields it covers and holds no signature.")


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").lower()
    except ValueError:
        return ""
