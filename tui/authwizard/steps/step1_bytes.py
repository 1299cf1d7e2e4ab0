"""Is the credential exactly what was issued, byte for byte? Blanks, wrappers and encodings: S1-06, S1-07, S1-08."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CleanedCall, CredentialSeen, OtherSchemeCall
from authwizard.model.finding import Grade, Line, Outcome, Status
from authwizard.model.token import TokenFault, TokenSeen
from authwizard.steps.step1_faults import fault_arguments, fault_lines, faults_of, is_separator, shape_line
from authwizard.steps.swaps import Swap, swap_argument, swap_line, swaps_about

BLANKS = ("whitespace_in_credential", "line_break_in_token", "invisible_characters", "non_ascii_in_token")
WRAPPERS = ("quotes_in_token", "wrapper_in_token", "token_response_pasted", "double_encoded_token")
ENCODINGS = ("url_encoded_token", "standard_base64_token", "token_case_folded")
PASSWORD_KINDS = ("basic", "digest")


@check(
    "S1-06", step=1, title="No blanks and no invisible characters in the credential",
    looks_for="Blanks, tabs, line breaks, zero-width characters, quotation marks of a word processor, letters of other alphabets.",
    causes=BLANKS, sources=("RFC 6750 2.1", "RFC 9110 5.5"),
)  # fmt: skip
def whitespace_and_invisibles(
    credential: CredentialSeen, baseline: Baseline | None, cleaned: CleanedCall | None, other: OtherSchemeCall | None
) -> Outcome:  # fmt: skip
    """Judge the characters of the value; a password may hold any of them, so there it is only a hint."""
    if credential.field_value is None:
        return not_applicable("There is no credential to look at.")
    found = tuple(f for f in faults_of(credential, BLANKS) if not is_separator(f, credential))
    grades = dict.fromkeys(BLANKS, Grade.W) if credential.kind in PASSWORD_KINDS else {}
    if credential.kind in PASSWORD_KINDS:
        found = tuple(f for f in found if f.cause != "non_ascii_in_token")
    gentle = credential.kind in PASSWORD_KINDS or (not credential.unsendable and all(_at_an_end(f) for f in found))
    return _judged(credential, found, BLANKS, grades, (baseline, cleaned, other), "No blanks and no invisible characters.", gentle=gentle)


def _at_an_end(fault: TokenFault) -> bool:
    """Whether trimming mends it; the reader of tokens says so in its words."""
    return fault.cause == "whitespace_in_credential" and "inside" not in fault.text


@check(
    "S1-07", step=1, title="Nothing is wrapped around the token",
    looks_for="Quotes, an export line, a header name, a curl command, a whole token response, or a JWT that was encoded once more.",
    causes=WRAPPERS, sources=("RFC 6750 2.1", "RFC 6749 5.1"),
)  # fmt: skip
def wrapper_artifacts(
    credential: CredentialSeen, baseline: Baseline | None, cleaned: CleanedCall | None, other: OtherSchemeCall | None
) -> Outcome:  # fmt: skip
    """Judge what was pasted along with the token; an API key may hold quotes of its own."""
    if credential.field_value is None or credential.kind in PASSWORD_KINDS:
        return not_applicable("There is no token to look at.")
    found = faults_of(credential, WRAPPERS)
    key = credential.kind not in ("bearer", "dpop")
    grades = {"quotes_in_token": Grade.M} if key else {}
    gentle = key and all(f.cause == "quotes_in_token" for f in found)
    return _judged(credential, found, WRAPPERS, grades, (baseline, cleaned, other), "The value is the token alone.", gentle=gentle)


@check(
    "S1-08", step=1, title="The token is in the encoding it was issued in",
    looks_for="Percent signs, plus signs, slashes or padding in a JWT, and letters that were all made small.",
    causes=ENCODINGS, sources=("RFC 7515 2", "RFC 4648 5"),
)  # fmt: skip
def encoding(
    credential: CredentialSeen, baseline: Baseline | None, cleaned: CleanedCall | None, other: OtherSchemeCall | None
) -> Outcome:  # fmt: skip
    """Judge the encoding of a token; an opaque one may hold `+ / = ~` by right, and padding alone is often forgiven."""
    if credential.field_value is None or credential.kind not in ("bearer", "dpop"):
        return not_applicable("The credential is no token, so its encoding is its own affair.")
    found = faults_of(credential, ENCODINGS)
    opaque = credential.token is not None and credential.token.kind in ("opaque", "api_key", "uuid", "hex")
    padded = all(f.cause == "standard_base64_token" and _padding_only(f, credential.token) for f in found)
    grades: dict[str, Grade] = {}
    if opaque:
        found = tuple(f for f in found if f.cause != "standard_base64_token")
        grades = {"url_encoded_token": Grade.M, "token_case_folded": Grade.M}
    elif padded:
        grades = {"standard_base64_token": Grade.M}
    return _judged(
        credential, found, ENCODINGS, grades, (baseline, cleaned, other), "The token is in its own encoding.", gentle=opaque or padded
    )  # fmt: skip


def _padding_only(fault: TokenFault, token: TokenSeen | None) -> bool:
    """Whether the first character outside base64url stands at the end of a part, where only padding stands."""
    if token is None or fault.position is None:
        return False
    ends = [sum(token.parts[: i + 1]) + i for i in range(len(token.parts))]
    return fault.position in ends


Calls = tuple[Baseline | None, CleanedCall | None, OtherSchemeCall | None]


def _judged(
    credential: CredentialSeen, found: Sequence[TokenFault], causes: tuple[str, ...], grades: dict[str, Grade], calls: Calls, good: str,
    *, gentle: bool,
) -> Outcome:  # fmt: skip
    """Word the faults found; a repaired request that succeeds turns a hint into a failure."""
    baseline, cleaned, other = calls
    swaps = swaps_about(causes, cleaned, other)
    tried = tuple(a for call in swaps if (a := swap_argument(call, baseline)) is not None)
    lines = (shape_line(credential), *fault_lines(found, Status.WARN if gentle else Status.FAIL), *_swap_lines(swaps))
    arguments = (*fault_arguments(found, grades), *tried)
    if any(a.grade in (Grade.P, Grade.S) for a in tried):
        return failed(next(a.text for a in tried if a.grade in (Grade.P, Grade.S)), *lines, arguments=arguments)
    if not found:
        return passed(good, *lines, arguments=arguments)
    make: Callable[..., Outcome] = warned if gentle else failed
    return make(_summary(found), *lines, arguments=arguments)


def _summary(found: Sequence[TokenFault]) -> str:
    more = f" And {len(found) - 1} more like it." if len(found) > 1 else ""
    return f"{found[0].text}{more}"


def _swap_lines(swaps: Sequence[Swap]) -> tuple[Line, ...]:
    return tuple(swap_line(call, call.factor) for call in swaps)
