"""Does the credential stand where the API looks for it, and is one enough? S1-15."""

from __future__ import annotations

from collections.abc import Iterator

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned
from authwizard.knowledge.places import about_a_place, named_places
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    CredentialSeen,
    OtherSchemeCall,
    ResourceMetadataSeen,
    SecondCredentialCall,
    StoredSecrets,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.steps.answers import explained
from authwizard.steps.differential import accepts
from authwizard.steps.places import about_this_kind, holds_token
from authwizard.steps.swaps import swap_line, swapped, swaps_about

PLACE_CAUSES = ("credential_location_wrong", "second_credential_missing")
NAME_OF_METHOD = {"header": "header", "query": "query"}
"""Places of a token by the name RFC 9728 has for them; its third, `body`, is none that a GET has."""


@check(
    "S1-15", step=1, title="The credential stands where the API looks for it, and one is enough",
    looks_for="Words that name another header or a second key, the API's own metadata, and the same request with the credential moved or a second one added.",
    causes=PLACE_CAUSES,
    sources=("RFC 9728 2", "RFC 6750 2", "learn.microsoft.com, API Management subscriptions", "docs.konghq.com, key authentication"),
)  # fmt: skip
def credential_location(
    credential: CredentialSeen, baseline: Baseline, anonymous: Anonymous | None, other: OtherSchemeCall | None,
    second: SecondCredentialCall | None, metadata: ResourceMetadataSeen | None, stored: StoredSecrets | None,
) -> Outcome:  # fmt: skip
    """Judge the place by what the answers say, and by the swap."""
    if credential.kind == "mtls" or credential.field_value is None:
        return not_applicable("Nothing is sent that could stand in another place.")
    if baseline.exchange.status is None:
        return not_tried("No answer came, so nothing was asked for.")
    here = Line("Sent in", f"{credential.place} {credential.name or 'Cookie'}")
    if accepts(baseline.exchange):
        return passed("The API accepts the credential where it stands.", here)
    wanted = next(iter(_places(credential, baseline, anonymous)), "")
    swaps = swaps_about(PLACE_CAUSES, other)
    lines = [here, *((Line("The answer names", wanted),) if wanted else ()), *(swap_line(c, c.factor) for c in swaps)]
    if second is not None:
        lines.append(swap_line(second, f"the second credential in {second.name}"))
    arguments = [
        *_tried(credential, baseline, other, second),
        *_said(credential, baseline, wanted, stored),
        *_published(credential, metadata),
    ]
    positive = [a for a in arguments if not a.grade.against]
    if not positive:
        return passed("Nothing asks for the credential in another place, or for a second one.", *lines, arguments=tuple(arguments))
    worst = max(positive, key=lambda a: a.grade.points)
    make = failed if worst.grade in (Grade.P, Grade.S) else warned
    return make(worst.text, *lines, arguments=tuple(arguments))


def _places(credential: CredentialSeen, baseline: Baseline, anonymous: Anonymous | None) -> tuple[str, ...]:
    answers = [seen.exchange for seen in (baseline, anonymous) if seen is not None]
    return named_places(((a.response_headers, a.body) for a in answers), credential.name)


def _tried(
    credential: CredentialSeen, baseline: Baseline, other: OtherSchemeCall | None, second: SecondCredentialCall | None
) -> Iterator[Argument]:  # fmt: skip
    if second is not None:
        found = swapped(second, baseline, "second_credential_missing", f"second credential added in {second.name}")
        yield from (found,) if found is not None else ()
    if other is None or other.cause not in PLACE_CAUSES:
        return
    found = swapped(other, baseline, other.cause, other.factor)
    if found is not None:
        yield found
    elif holds_token(credential) and explained(other.exchange).cause == "api_key_invalid":
        text = "Moved to the place the answer names, the token is refused as a key: the API wants a key there, and this is none."
        yield Argument("second_credential_missing", Grade.M, Group.SWAP, text, factor=other.factor)


def _said(credential: CredentialSeen, baseline: Baseline, wanted: str, stored: StoredSecrets | None) -> Iterator[Argument]:
    said = explained(baseline.exchange)
    message = about_this_kind(said.message, credential)
    if about_a_place(message):
        where = f", in the header {wanted}" if wanted else ""
        meaning = "a further key beside the token" if message.causes[0] == "second_credential_missing" else "the credential elsewhere"
        held = _is_held(message.causes[0], stored)
        text = f'The server says "{message.words}": it looks for {meaning}{where}.{held}'
        grade = Grade.S if said.firm and message.grade is Grade.S else Grade.M
        yield Argument(message.causes[0], grade, Group.SERVER_MESSAGE, text, provenance="server message")
    elif wanted and message.kind != "names" and not _takes_ours(credential, baseline.exchange):
        text = f"The answer names the header {wanted}, and asks for no credential of the kind that is sent."
        cause = "second_credential_missing" if holds_token(credential) else "credential_location_wrong"
        yield Argument(cause, Grade.M, Group.SERVER_MESSAGE, text, provenance="server message")


def _is_held(cause: str, stored: StoredSecrets | None) -> str:
    state = stored.get("second_credential") if stored is not None else None
    if cause != "second_credential_missing" or state is None:
        return ""
    return " One is stored as second_credential." if state.status == "present" else " None is stored as second_credential."


def _takes_ours(credential: CredentialSeen, answer: Exchange) -> bool:
    """Whether challenge or words list the scheme that is sent as well: then other headers they name are alternatives."""
    scheme = credential.scheme.lower()
    return bool(scheme) and (scheme in {c.scheme for c in challenges_of(answer)} or f"{scheme} " in answer.body.lower())


def _published(credential: CredentialSeen, metadata: ResourceMetadataSeen | None) -> Iterator[Argument]:
    """The API's own metadata lists where it takes bearer tokens (RFC 9728 2)."""
    methods = metadata.metadata.bearer_methods_supported if metadata is not None else ()
    if not methods or credential.kind not in ("bearer", "dpop") or NAME_OF_METHOD.get(credential.place, "") in methods:
        return
    text = f"The API's own metadata says that it takes tokens in: {', '.join(methods)}; this one is sent in the {credential.place}."
    yield Argument("credential_location_wrong", Grade.S, Group.METADATA, text, provenance="metadata")
