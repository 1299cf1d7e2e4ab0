"""Is the Basic value what user name and password make by the standard? S1-18. It is judged, never changed: every other value is a login."""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.model.token import TokenFault
from authwizard.steps.differential import accepts
from authwizard.steps.step1_faults import fault_lines, faults_of, shape_line

PAYLOAD_CAUSES = ("basic_malformed", "basic_charset", "whitespace_in_credential")


@check(
    "S1-18", step=1, title="The Basic value holds one user name and one password",
    looks_for="Base64 that can be read, a colon, no line break at the end, letters in the charset the server reads.",
    causes=PAYLOAD_CAUSES, sources=("RFC 7617 2", "RFC 7617 2.1"),
)  # fmt: skip
def basic_payload(
    credential: CredentialSeen, profile: Profile, baseline: Baseline | None, anonymous: Anonymous | None
) -> Outcome:  # fmt: skip
    """Judge the payload. No other value is tried in this check: each would count as a login."""
    if credential.scheme.lower() != "basic" or credential.field_value is None or credential.token is not None:
        return not_applicable("No user name and password are sent by Basic.")
    found = tuple(f for f in faults_of(credential, PAYLOAD_CAUSES) if _of_payload(f))
    wanted = _charset(baseline, anonymous)
    charset = "as it was made elsewhere" if credential.whole else profile.credential.charset
    lines = (shape_line(credential), Line("Charset", charset, None, f"the server asks for {wanted}" if wanted else ""))
    if baseline is not None and accepts(baseline.exchange):
        return passed("The API accepts the user name and the password.", *lines)
    graded = [(f, _grade(f, wanted)) for f in found]
    arguments = tuple(Argument(f.cause, grade, Group.LOCAL_BYTES, _text(f, wanted)) for f, grade in graded if grade is not None)
    if not arguments:
        return passed("The value is well formed.", *lines)
    worst = max(arguments, key=lambda a: a.grade.points)
    broken = worst.grade is Grade.S
    marked = fault_lines([f for f, grade in graded if grade is not None], Status.FAIL if broken else Status.WARN)
    return (failed if broken else warned)(worst.text, *lines, *marked, arguments=arguments)


def _of_payload(fault: TokenFault) -> bool:
    """Blanks are judged here only at the end of the password; those around the field are the business of S1-06."""
    return fault.cause != "whitespace_in_credential" or "password ends" in fault.text


def _charset(baseline: Baseline | None, anonymous: Anonymous | None) -> str:
    """Return the charset the server names in its Basic challenge; RFC 7617 knows UTF-8 alone."""
    seen = [s.exchange for s in (baseline, anonymous) if s is not None]
    named = (c.params.get("charset", "") for e in seen for c in challenges_of(e) if c.scheme == "basic")
    return next((name.upper() for name in named if name), "")


def _grade(fault: TokenFault, wanted: str) -> Grade | None:
    """A value that cannot be read is wrong; an empty half may be meant; letters are wrong for one charset alone."""
    if fault.cause != "basic_charset":
        return Grade.W if " empty;" in fault.text else Grade.S
    if wanted == "UTF-8":
        return Grade.S if _latin(fault) else None
    return Grade.M


def _latin(fault: TokenFault) -> bool:
    return "sent as Latin-1" in fault.text


def _text(fault: TokenFault, wanted: str) -> str:
    if fault.cause == "basic_charset" and wanted == "UTF-8":
        return "The user name or password holds letters beyond ASCII and is sent as Latin-1, but the server's challenge asks for UTF-8."
    return fault.text
