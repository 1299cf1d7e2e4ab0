"""Does the credential carry the scheme the server reads, spelled as it reads it? S1-04, S1-05, S1-14."""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.knowledge.signature import challenges_of, same
from authwizard.model.evidence import Anonymous, Baseline, CleanedCall, CredentialSeen, Garbage, OtherSchemeCall, Respelled
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.token import TokenFault
from authwizard.protocol.scheme import CANONICAL
from authwizard.protocol.scheme_names import scheme_name
from authwizard.steps.answers import status_text
from authwizard.steps.differential import accepts
from authwizard.steps.step1_faults import fault_arguments, fault_lines, faults_of, is_separator
from authwizard.steps.swaps import swap_argument, swap_line, swaps_about

SCHEME_CAUSES = ("auth_scheme_missing", "auth_scheme_duplicated", "auth_scheme_wrong")
MANDATORY = {
    "digest": "digest_required", "negotiate": "negotiate_required", "ntlm": "negotiate_required", "dpop": "dpop_required",
    "aws4-hmac-sha256": "sigv4_required",
}  # fmt: skip
"""Which cause a challenge names that lists this scheme alone."""


@check(
    "S1-04", step=1, title="The credential has one scheme word before it",
    looks_for="A missing, doubled or foreign scheme word, and what stands between it and the value.",
    causes=(*SCHEME_CAUSES, "whitespace_in_credential"), sources=("RFC 6750 2.1", "RFC 9110 11.4"),
)  # fmt: skip
def scheme_word(
    credential: CredentialSeen, baseline: Baseline | None, anonymous: Anonymous | None, other: OtherSchemeCall | None,
    cleaned: CleanedCall | None,
) -> Outcome:  # fmt: skip
    """Judge the scheme word of the composed header."""
    if credential.place != "header" or credential.field_value is None or credential.kind not in ("bearer", "basic", "dpop", "digest"):
        return not_applicable("This credential needs no scheme word.")
    swaps = swaps_about(SCHEME_CAUSES, other, cleaned)
    proven = tuple(a for call in swaps if (a := swap_argument(call, baseline)) is not None)
    faults = faults_of(credential, SCHEME_CAUSES)
    separators = tuple(f for f in faults_of(credential, ("whitespace_in_credential",)) if is_separator(f, credential))
    arguments = (
        *_graded(faults, credential, _schemes(baseline, anonymous)),
        *fault_arguments(separators, {f.cause: Grade.M for f in separators}),
        *proven,
    )
    shown = f"{credential.scheme} <{credential.length} characters>" if credential.scheme else f"<{credential.length} characters>"
    lines = (Line(credential.name, shown), *fault_lines((*faults, *separators)), *(swap_line(c, c.factor) for c in swaps))
    positive = [a for a in arguments if not a.grade.against]
    if baseline is not None and accepts(baseline.exchange):
        return passed("The API accepts the header as it is.", *lines)
    if not positive:
        return passed(f"The header has one scheme word ({credential.scheme}).", *lines, arguments=arguments)
    worst = max(positive, key=lambda a: a.grade.points)
    make = warned if worst.grade is Grade.W or worst.cause == "whitespace_in_credential" else failed
    return make(worst.text, *lines, arguments=arguments)


def _graded(faults: tuple[TokenFault, ...], credential: CredentialSeen, asked: frozenset[str]) -> tuple[Argument, ...]:
    """Grade the faults of the scheme word: one that is merely another word is wrong only where the server wants the usual one.

    Some APIs do take Token or JWT; the word the server itself lists is right.
    """
    word = credential.scheme.lower()
    other_word = [f for f in faults if f.cause == "auth_scheme_wrong" and f.position == 0 and word]
    if word in asked:
        return fault_arguments([f for f in faults if f not in other_word])
    holds_jwt = word == "basic" and credential.token is not None and credential.token.kind == "jws"
    certain = credential.kind in asked or holds_jwt or not other_word
    return fault_arguments(faults, {"auth_scheme_wrong": Grade.M if certain else Grade.W})


def _schemes(*seen: Baseline | Anonymous | None) -> frozenset[str]:
    return frozenset(c.scheme for s in seen if s is not None for c in challenges_of(s.exchange))


@check(
    "S1-05", step=1, title="The scheme word is spelled as the registry spells it",
    looks_for="bearer or BEARER instead of Bearer: legal (RFC 9110 11.1), yet some servers compare letter by letter.",
    causes=("auth_scheme_case_rejected",), sources=("RFC 9110 11.1",),
)  # fmt: skip
def scheme_case(credential: CredentialSeen, baseline: Baseline | None, respelled: Respelled | None) -> Outcome:
    """Judge the spelling; only the request with the other spelling decides."""
    if credential.place != "header" or not credential.scheme:
        return not_applicable("No scheme word is sent.")
    canonical = CANONICAL.get(credential.scheme.lower(), credential.scheme)
    line = Line("Scheme", credential.scheme, Status.PASS if canonical == credential.scheme else Status.WARN)
    if canonical == credential.scheme:
        return passed(f"The scheme is spelled {canonical}.", line, *_measured(respelled))
    note = f"The scheme is spelled {credential.scheme}. That is legal, but some servers refuse anything but {canonical}; write {canonical}."
    if baseline is not None and accepts(baseline.exchange):
        return warned(f"{note} This server takes it.", line)
    if respelled is None or baseline is None or respelled.exchange.status is None:
        argument = Argument("auth_scheme_case_rejected", Grade.W, Group.LOCAL_BYTES, note)
        return with_facts(warned(note, line, arguments=(argument,)), scheme_not_canonical=True)
    after = Line(f"Spelled {respelled.scheme}", status_text(respelled.exchange.status), None, respelled.exchange.id)
    if accepts(respelled.exchange):
        text = (
            f"Spelled {respelled.scheme} the same credential is accepted ({status_text(respelled.exchange.status)}), "
            f"spelled {credential.scheme} it is refused: the server compares the word letter by letter, against RFC 9110 11.1."
        )
        return failed(text, line, after, arguments=(_case(Grade.P, text),))
    if same(baseline.exchange, respelled.exchange):
        return warned(note, line, after, arguments=(_case(Grade.XP, f"Spelled {respelled.scheme} the answer is the same."),))
    text = f"Spelled {respelled.scheme} the answer is another one ({status_text(respelled.exchange.status)}): the spelling matters here."
    return failed(text, line, after, arguments=(_case(Grade.S, text),))


def _case(grade: Grade, text: str) -> Argument:
    return Argument("auth_scheme_case_rejected", grade, Group.SWAP, text, factor="scheme spelling")


def _measured(respelled: Respelled | None) -> tuple[Line, ...]:
    if respelled is None:
        return ()
    return (Line(f"Spelled {respelled.scheme}", status_text(respelled.exchange.status), None, "to measure"),)


@check(
    "S1-14", step=1, title="The server asks for the scheme that is sent",
    looks_for="The schemes in the server's challenges (WWW-Authenticate, also under its renamed form) against the one sent.",
    causes=("auth_scheme_wrong", "digest_required", "negotiate_required", "dpop_required", "sigv4_required"),
    sources=("RFC 9110 11.6.1", "RFC 9449 7.1"),
)  # fmt: skip
def scheme_asked_for(
    credential: CredentialSeen, baseline: Baseline, anonymous: Anonymous | None, garbage: Garbage | None
) -> Outcome:  # fmt: skip
    """Compare the scheme sent with all challenges."""
    sent = credential.scheme.lower()
    if not sent or credential.place != "header":
        return not_applicable("The credential is sent without a scheme, so challenges do not speak of it.")
    if baseline.exchange.status is None and anonymous is None:
        return not_tried("No answer came, so nothing was asked for.")
    asked = _schemes(baseline, anonymous)
    if not asked:
        return _words_of_aws(baseline) or not_applicable(
            "The server sends no challenge (WWW-Authenticate), so it does not say what it wants."
        )
    lines = (Line("Sent", credential.scheme), Line("Asked for", _names(asked)))
    if sent in asked:
        return passed(f"The server asks for {credential.scheme}, and that is sent.", *lines)
    if accepts(baseline.exchange):
        return passed("The request is accepted, whatever the challenge lists.", *lines)
    cause = next(iter({MANDATORY.get(s, "auth_scheme_wrong") for s in asked})) if _one_mechanism(asked) else "auth_scheme_wrong"
    text = f"The server asks for {_names(asked)}; the profile sends {credential.scheme}."
    grade = Grade.M if cause == "sigv4_required" or not _no_effect(baseline, anonymous, garbage) else Grade.S
    argument = Argument(cause, grade, Group.RESPONSE_CLASS, text, provenance="server message")
    return failed(text, *lines, arguments=(argument,))


def _names(schemes: frozenset[str]) -> str:
    return ", ".join(map(scheme_name, sorted(schemes)))


def _one_mechanism(asked: frozenset[str]) -> bool:
    return len({MANDATORY.get(s, "auth_scheme_wrong") for s in asked}) == 1


def _no_effect(baseline: Baseline, anonymous: Anonymous | None, garbage: Garbage | None) -> bool:
    """Whether what was sent under this scheme made no difference: some servers list only the first scheme they take."""
    if anonymous is None:
        return False
    probes = [baseline.exchange, *((garbage.exchange,) if garbage is not None else ())]
    return all(same(anonymous.exchange, probe) for probe in probes)


def _words_of_aws(baseline: Baseline) -> Outcome | None:
    """AWS asks for signed requests in its body instead of a challenge."""
    body = baseline.exchange.body
    if "AWS4-HMAC-SHA256" not in body and not ("Authorization header requires" in body and baseline.exchange.header("x-amzn-errortype")):
        return None
    text = "The answer speaks of AWS signatures (AWS4-HMAC-SHA256): this address takes signed requests, not a bearer token, or it does not exist."
    return warned(text, arguments=(Argument("sigv4_required", Grade.M, Group.RESPONSE_CLASS, text),))
