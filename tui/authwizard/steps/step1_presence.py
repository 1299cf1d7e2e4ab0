"""Is there a credential, can it be sent, and under the right name? S1-01 to S1-03."""

from __future__ import annotations

from authwizard.check import blocked, check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CleanedCall,
    CredentialSeen,
    Discovery,
    MintedForRun,
    OtherSchemeCall,
    StoredSecrets,
)
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.options import RunOptions
from authwizard.model.profile import SECRET_OF_KIND, Profile
from authwizard.protocol.clean import safe_line
from authwizard.steps.answers import status_text
from authwizard.steps.differential import accepts
from authwizard.steps.step1_faults import fault_arguments, fault_lines, faults_of, shape_line
from authwizard.steps.step1_scale import scale_of
from authwizard.steps.swaps import swap_argument, swap_line, swaps_about
from authwizard.steps.token_answers import issuer_unanswered

UNSENDABLE = ("invisible_characters", "line_break_in_token", "non_ascii_in_token", "whitespace_in_credential")
NAME_CAUSES = ("auth_header_name_wrong", "header_name_underscore")
DROPS_UNDERSCORES = ("nginx", "openresty", "tengine")
"""Servers that drop fields with an underscore unless told otherwise (nginx.org, underscores_in_headers), by their Server field."""
NAME_GRADES = {"header_name_underscore": Grade.M}


@check(
    "S1-01", step=1, title="A credential is stored and is no placeholder",
    looks_for="The stored secret: whether it is there, can be read, and is a value and not the text of a template.",
    causes=("credential_missing", "placeholder_value", "keyring_unavailable"), sources=("RFC 9110 11.6.2",),
)  # fmt: skip
def credential_present(
    credential: CredentialSeen, profile: Profile, stored: StoredSecrets | None, minted: MintedForRun | None,
    options: RunOptions | None, anonymous: Anonymous | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    """Judge whether there is anything to send; where a token could not be fetched either, the token endpoint's answer is the reason."""
    outcome = _presence(credential, profile, stored, minted, options, anonymous, discovery)
    return with_facts(outcome, **_places(profile, credential, stored))


def _places(profile: Profile, credential: CredentialSeen, stored: StoredSecrets | None) -> dict[str, str]:
    """Where a remedy's command has to put a value: in which field, and which fields the profile only refers to."""
    fields = ("authorization",) if credential.whole else SECRET_OF_KIND.get(profile.credential.kind, ())
    missing = next((f for f in fields if stored is not None and stored.get(f).status != "present"), "")
    facts = {f"reference:{name}": safe_line(one.ref) or "a command" for name, one in profile.secrets.items()}
    if fields:
        facts["credential_field"] = missing or fields[-1 if profile.credential.kind in ("basic", "digest") else 0]
    if missing and missing in profile.secrets:
        facts["credential_place"] = profile.secrets[missing].scheme
    return facts


def _presence(
    credential: CredentialSeen, profile: Profile, stored: StoredSecrets | None, minted: MintedForRun | None,
    options: RunOptions | None, anonymous: Anonymous | None, discovery: Discovery | None,
) -> Outcome:  # fmt: skip
    if credential.kind == "mtls" and not credential.missing:
        return passed("The credential is a client certificate, and one is named that can be shown.")
    if credential.field_value is None and not profile.request:
        return not_applicable("What was pasted names no request to the API, so none needs a credential.")
    if credential.field_value is None and options is not None and options.without_credential:
        return _none_pasted(anonymous)
    if credential.field_value is None:
        failed_before = minted is not None or issuer_unanswered(profile, discovery)
        return _nothing_to_send(credential, profile, stored, fetching_failed=failed_before)
    if credential.missing:
        return _not_whole(credential, stored)
    faults = faults_of(credential, ("placeholder_value",))
    if faults:
        return failed(
            faults[0].text, shape_line(credential), *fault_lines(faults), *scale_of(credential), arguments=fault_arguments(faults)
        )
    if credential.fetched:
        return passed("No token is stored; one was fetched for this run.", shape_line(credential), *scale_of(credential))
    return passed("A credential is stored.", shape_line(credential), *scale_of(credential))


def _not_whole(credential: CredentialSeen, stored: StoredSecrets | None) -> Outcome:
    """The token is there, and the key that every request with it must prove is not."""
    text = credential.missing
    if stored is not None and stored.get("dpop_key").status == "unavailable":
        base = blocked(text, shape_line(credential))
        return Outcome(base.status, base.summary, base.details, (Argument("keyring_unavailable", Grade.S, Group.ENVIRONMENT, text),))
    return failed(text, shape_line(credential), arguments=(Argument("credential_missing", Grade.S, Group.LOCAL_BYTES, text),))


def _none_pasted(anonymous: Anonymous | None) -> Outcome:
    """The pasted request has no credential: its answer tells whether it needs one."""
    status = anonymous.exchange.status if anonymous is not None else None
    if anonymous is None or status is None or status >= 500:
        return not_tried("The request has no credential; whether it needs one was not seen.")
    if accepts(anonymous.exchange):
        return passed("The request has no credential and succeeds without one.")
    text = f"The request has no credential, and it is answered with {status_text(status)}."
    grade = {401: Grade.S, 403: Grade.M}.get(status, Grade.W)
    return failed(text, arguments=(Argument("credential_missing", grade, Group.LOCAL_BYTES, text),))


def _nothing_to_send(
    credential: CredentialSeen, profile: Profile, stored: StoredSecrets | None, *, fetching_failed: bool
) -> Outcome:  # fmt: skip
    fields = ("authorization", *SECRET_OF_KIND.get(profile.credential.kind, ()))
    states = [stored.get(name) for name in (*fields[1:], fields[0])] if stored is not None else []
    locked = next((s for s in states if s.status == "unavailable"), None)
    if locked is not None:
        text = f"The place where {locked.field} is kept could not be read: {locked.why or 'no reason given'}"
        argument = Argument("keyring_unavailable", Grade.S, Group.ENVIRONMENT, text)
        base = blocked(text, Line(locked.field, "cannot be read", Status.BLOCKED, locked.source))
        return Outcome(base.status, base.summary, base.details, (argument,))
    text = credential.missing or f"No {' or '.join(fields[1:]) or 'credential'} is stored for {profile.name}."
    if fetching_failed:
        return blocked(text, unblock="Step 3 shows what the authorization server said.")
    lines = (
        Line(s.field, s.status, Status.FAIL if s.status == "absent" else Status.PASS, s.source)
        for s in states
        if s.field != "authorization"
    )
    return failed(text, *lines, arguments=(Argument("credential_missing", Grade.S, Group.LOCAL_BYTES, text),))


@check(
    "S1-02", step=1, title="The credential can be sent as it is stored",
    looks_for="Characters that HTTP does not allow in a header field: line breaks, control characters, letters outside ASCII, blanks at the ends.",
    causes=UNSENDABLE, sources=("RFC 9110 5.5",),
)  # fmt: skip
def header_sendable(credential: CredentialSeen) -> Outcome:
    """Judge the composed field value against the grammar of RFC 9110 5.5."""
    if credential.field_value is None:
        return not_applicable("There is no credential to send.")
    if not credential.unsendable:
        return passed("The field value is legal HTTP.", shape_line(credential))
    faults = faults_of(credential, UNSENDABLE)
    text = f"The credential cannot be sent as it is stored: {credential.unsendable}"
    hint = Line("Other clients", "some send such a value all the same", None, "so it may seem to work elsewhere")
    outcome = failed(text, shape_line(credential), *fault_lines(faults), hint, arguments=fault_arguments(faults))
    return with_facts(outcome, unsendable=True)


@check(
    "S1-03", step=1, title="The credential goes under the name the API reads",
    looks_for="Misspelled header names, Proxy-Authorization, and names with an underscore, which some servers drop.",
    causes=NAME_CAUSES, sources=("RFC 9110 11.6.2", "RFC 9110 11.7.2"),
)  # fmt: skip
def header_name(
    credential: CredentialSeen, baseline: Baseline | None, other: OtherSchemeCall | None, cleaned: CleanedCall | None
) -> Outcome:  # fmt: skip
    """Judge the name of the header; whether another place is wanted is asked by S1-15."""
    if credential.place != "header":
        return passed(f"The credential goes into the {credential.place} under the name {credential.name or 'Cookie'}.")
    swaps = swaps_about(NAME_CAUSES, other, cleaned)
    proven = tuple(a for call in swaps if (a := swap_argument(call, baseline)) is not None and not _other_name_unknown(a, baseline))
    lines = (Line("Header", credential.name), *(swap_line(c, c.factor) for c in swaps))
    if baseline is not None and accepts(baseline.exchange):
        return passed(f"The API accepts the credential in {credential.name}.", *lines)
    faults = faults_of(credential, NAME_CAUSES)
    arguments = (*fault_arguments(faults, NAME_GRADES), *proven)
    positive = [a for a in arguments if not a.grade.against]
    if not positive:
        return passed(f"The credential goes into {credential.name}.", *lines, arguments=arguments)
    worst = max(positive, key=lambda a: a.grade.points)
    make = failed if worst.grade in (Grade.P, Grade.S) else warned
    return make(worst.text, *lines, *fault_lines(faults), arguments=arguments)


def _other_name_unknown(argument: Argument, baseline: Baseline | None) -> bool:
    """Whether a hyphen that did not help says nothing: behind a server that drops underscores the API may still know the old name alone."""
    server = (baseline.exchange.header("server") or "").lower() if baseline is not None else ""
    return argument.cause == "header_name_underscore" and argument.grade.against and server.startswith(DROPS_UNDERSCORES)
