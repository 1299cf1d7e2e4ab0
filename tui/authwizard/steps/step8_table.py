"""What do the answers to probes with and without the credential say together? The decision table (CHECKS 13.3)."""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.check import Check, blocked, check, failed, not_applicable, passed, warned, with_facts
from authwizard.knowledge.signature import same
from authwizard.model.evidence import Anonymous, AnonymousAgain, Baseline, CredentialSeen, ExchangeSeen, Garbage, OddScheme, Tampered
from authwizard.model.finding import Argument, Grade, Group, Outcome, Table
from authwizard.model.token import TokenSeen
from authwizard.steps.answers import explained, status_text
from authwizard.steps.differential import CANONICAL, Comparison, accepts, comparison, only_spelling, refuses, says_absent, shows_absence
from authwizard.steps.left_open import left_open
from authwizard.steps.other_ways import TOKEN_CAUSES
from authwizard.steps.step8_address import ROWS as ADDRESS
from authwizard.steps.step8_flips import ROWS as FLIPS
from authwizard.steps.step8_reach import AFTER, BEFORE, LONG_VALUE, against, argue

INTEGRITY = ("signature_invalid", "jwks_stale_at_server", "alg_mismatch")
AUTHENTICATION = ("token_expired", "token_revoked", "token_malformed", "signature_invalid", "issuer_mismatch", "authorization_stripped")
"""What cannot be the reason where the server knows the caller (an audience can: Envoy answers it with 403)."""
OVERLOOKED = ("auth_scheme_case_rejected", "auth_scheme_wrong", "connection_header_strips_authorization", "header_too_large")
UNJUDGED = ("insufficient_scope", "token_expired", "token_not_yet_valid")
"""Faults that the token may have all the same, but that cannot be why a server that saw no token refuses."""
OF_KIND = {"basic": ("user_credentials_invalid",), "digest": ("user_credentials_invalid",), "api_key": ("api_key_invalid",)}
"""What a refusal without words means as likely as anything, by the kind of credential; nobody here can look into it."""
UNREADABLE = ("opaque", "uuid", "hex", "macaroon", "paseto")
NOTICED = "The server notices a meaningless token but treats this request as if it carried none: something about this header is overlooked."


@check(
    "R5", step=8, title="A meaningless token and this one are noticed alike", looks_for="garbage that is noticed where the real credential is not",
    causes=(*OVERLOOKED, "authorization_stripped"), sources=("RFC 9110 11.1", "RFC 9110 7.6.1"),
)  # fmt: skip
def ours_unseen(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, credential: CredentialSeen, again: AnonymousAgain | None
) -> Outcome:
    """R5: P0 equals D1, but garbage under the canonical scheme is answered otherwise."""
    compare = comparison(anonymous, again)
    if credential.field_value is None or credential.place != "header":
        return not_applicable("The credential does not travel in a header with a scheme.")
    if not _overlooked(compare, baseline, anonymous, garbage):
        return not_applicable("The real credential is not treated like none while garbage is noticed.")
    return failed(NOTICED, arguments=(*_overlooked_causes(compare, credential, NOTICED), _arrives(compare, "A meaningless token")))


def _overlooked(compare: Comparison, baseline: Baseline, anonymous: Anonymous, garbage: Garbage) -> bool:
    return refuses(baseline.exchange) and compare.same(baseline, anonymous) and compare.differ(garbage, anonymous)


def _overlooked_causes(compare: Comparison, credential: CredentialSeen, text: str) -> tuple[Argument, ...]:
    """What is particular to our header: its scheme word, else its length, else something nobody can see from here."""
    if credential.scheme not in CANONICAL:
        return (argue(_scheme_cause(credential), compare.grade(Grade.M), text),)
    long = credential.length >= LONG_VALUE
    return (
        argue("header_too_large", compare.grade(Grade.M) if long else Grade.W, text),
        argue("connection_header_strips_authorization", Grade.W, text),
    )


def _scheme_cause(credential: CredentialSeen) -> str:
    return "auth_scheme_case_rejected" if only_spelling(credential.scheme) else "auth_scheme_wrong"


def _arrives(compare: Comparison, what: str) -> Argument:
    return argue("authorization_stripped", compare.grade(Grade.XS), f"{what} changes the answer, so the header does arrive.")


@check(
    "R6", step=8, title="The credential reaches the component that checks it", looks_for="one answer to everything, saying that no credential was seen",
    causes=("authorization_stripped", "credential_location_wrong", *UNJUDGED), sources=("RFC 6750 3.1",),
)  # fmt: skip
def nothing_arrives(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, credential: CredentialSeen, tampered: Tampered | None, odd: OddScheme | None,
    again: AnonymousAgain | None,
) -> Outcome:  # fmt: skip
    """R6: no probe changes the answer, and the answer itself says that no credential was seen."""
    compare = comparison(anonymous, again)
    probes = _answered(anonymous, garbage, tampered, odd)
    if not _all_alike(compare, baseline, probes):
        return not_applicable("At least one probe is answered otherwise.")
    if not shows_absence(baseline.exchange, credential.scheme):
        return not_applicable("Every probe gets the same answer, but it does not say that no credential was seen: see R7.")
    text = "Whatever is sent, the answer is the one to a request without a credential, "
    if says_absent(baseline.exchange):
        text += "and its words say so: the header leaves here and does not reach the component that checks it."
    else:
        text += (
            "with a challenge that names no error: either the header that leaves here does not reach the component that checks it, "
            "or that component answers every refusal alike."
        )
    not_yet = against(UNJUDGED, Grade.XM, "The answer is the one to no credential at all, so nothing of the token was judged.")
    stripped = argue("authorization_stripped", compare.grade(Grade.M), text)
    return failed(text, _answers(baseline, probes), arguments=(stripped, argue("credential_location_wrong", Grade.W, text), *not_yet))


@check(
    "R7", step=8, title="Some value of the header changes the answer", looks_for="one answer to everything, without a word on why",
    causes=("uniform_401", "authorization_stripped", "user_credentials_invalid", "api_key_invalid"), sources=("RFC 9110 15.5.2",),
)  # fmt: skip
def nothing_changes(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, credential: CredentialSeen, tampered: Tampered | None, odd: OddScheme | None,
    again: AnonymousAgain | None,
) -> Outcome:  # fmt: skip
    """R7: the same without a sign of absence. From outside nobody can tell; never more than weak for a lost header."""
    compare = comparison(anonymous, again)
    probes = _answered(anonymous, garbage, tampered, odd)
    if not _all_alike(compare, baseline, probes):
        return _answered_otherwise(compare, baseline, anonymous, credential, _answers(baseline, probes))
    if shows_absence(baseline.exchange, credential.scheme):
        return not_applicable("Every probe gets the same answer, and it says that no credential was seen: see R6.")
    text = "The server gives one and the same answer to everything, with a credential, without, and to garbage: from outside no cause stands out."
    lost = () if credential.place == "query" else ("authorization_stripped",)  # what takes fields out leaves the address alone
    causes = ("uniform_401", *lost, *OF_KIND.get(credential.kind, ()))
    outcome = warned(text, _answers(baseline, probes), arguments=tuple(argue(c, Grade.W, text) for c in causes))
    return with_facts(outcome, left_open=left_open(credential, baseline.exchange.status))


def _answered_otherwise(
    compare: Comparison, baseline: Baseline, anonymous: Anonymous, credential: CredentialSeen, answers: Table
) -> Outcome:  # fmt: skip
    """A login or key that is answered otherwise than none, and in words that fit anything, was read and refused: there is nothing to it but its value."""
    causes = OF_KIND.get(credential.kind, ())
    noticed = baseline.exchange.status == 401 and compare.differ(baseline, anonymous)
    if not causes or not noticed or explained(baseline.exchange).message.kind == "names":
        return passed("At least one probe is answered otherwise.", answers)
    text = "The server answers this credential otherwise than none at all: it reads it and does not accept it."
    return warned(text, answers, arguments=tuple(argue(cause, compare.grade(Grade.M), text) for cause in causes))


def _answered(*probes: ExchangeSeen | None) -> list[ExchangeSeen]:
    return [p for p in probes if p is not None]


def _all_alike(compare: Comparison, baseline: Baseline, probes: Sequence[ExchangeSeen]) -> bool:
    return refuses(baseline.exchange) and all(compare.same(baseline, probe) for probe in probes)


def _answers(baseline: Baseline, probes: Sequence[ExchangeSeen]) -> Table:
    rows = tuple((e.exchange.id, e.exchange.purpose, status_text(e.exchange.status)) for e in (baseline, *probes))
    return Table(("probe", "what was sent", "answer"), rows)


@check(
    "R8", step=8, title="The real token is treated otherwise than garbage", looks_for="the real token answered exactly like a meaningless one",
    causes=("token_malformed", "wrong_token_kind", "opaque_token_no_audience", "token_rejected_unspecified", "authorization_stripped"),
    sources=("RFC 6750 3.1",),
)  # fmt: skip
def like_garbage(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, tampered: Tampered | None, again: AnonymousAgain | None,
    credential: CredentialSeen,
) -> Outcome:  # fmt: skip
    """R8: garbage differs from nothing, the real credential equals garbage (and its tampered twin)."""
    compare = comparison(anonymous, again)
    alike = compare.same(baseline, garbage) and (tampered is None or compare.same(baseline, tampered))
    if not refuses(baseline.exchange) or not compare.differ(garbage, anonymous) or not alike:
        return not_applicable("The real credential is not answered like garbage.")
    arrives = _arrives(compare, "Garbage")
    text = "The server sees a token and refuses it exactly like garbage."
    token = credential.token
    if token is not None and _broken(token):
        return failed(text, arguments=(argue("token_malformed", compare.grade(Grade.S), f"{text} Its text is damaged."), arrives))
    if token is not None and token.kind == "jws" and token.readable:
        text += " The token is well formed, so this server gives one answer to every invalid token."
        return _refused_without_reason(text, baseline, credential, arrives)
    if token is not None and token.kind in UNREADABLE and _wants_jwt(garbage):
        text += " Its words are about reading a JWT, and the token is none."
        grade = compare.grade(Grade.M)
        return failed(text, arguments=(argue("wrong_token_kind", grade, text), argue("opaque_token_no_audience", grade, text), arrives))
    return _refused_without_reason(text, baseline, credential, arrives)


def _refused_without_reason(text: str, baseline: Baseline, credential: CredentialSeen, *more: Argument) -> Outcome:
    outcome = warned(text, arguments=(argue("token_rejected_unspecified", Grade.W, text), *more))
    return with_facts(outcome, left_open=left_open(credential, baseline.exchange.status))


def _broken(token: TokenSeen) -> bool:
    """Whether a token that means to be a JWT cannot be read as one."""
    return token.kind in ("jws", "jws_json") and (not token.readable or any(f.cause == "token_malformed" for f in token.faults))


def _wants_jwt(garbage: Garbage) -> bool:
    message = explained(garbage.exchange).message
    return message.kind == "names" and message.causes[0] == "token_malformed"


@check(
    "R9", step=8, title="The genuine signature makes a difference", looks_for="the real token answered like its tampered twin, but not like garbage",
    causes=("token_rejected_unspecified", "token_malformed", "authorization_stripped"), sources=("RFC 7515 5.2",),
)  # fmt: skip
def like_tampered(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, tampered: Tampered, again: AnonymousAgain | None, credential: CredentialSeen
) -> Outcome:  # fmt: skip
    """R9: the token is parsed, and refused like one with a broken signature."""
    compare = comparison(anonymous, again)
    parsed = compare.differ(garbage, baseline) and compare.differ(tampered, anonymous)
    if not refuses(baseline.exchange) or not parsed or not compare.same(baseline, tampered):
        return not_applicable("The real token is not answered like its tampered twin alone.")
    text = "The server parses the token and answers it like one whose signature is broken: it refuses at the signature, or before it."
    malformed = argue("token_malformed", compare.grade(Grade.XM), "The server parses the token: garbage is answered otherwise.")
    arrives = _arrives(compare, "The token's own content")
    if explained(baseline.exchange).message.kind == "names":
        return warned(text, arguments=(malformed, arrives))
    return _refused_without_reason(text, baseline, credential, malformed, arrives)


@check(
    "R10", step=8, title="The signature is accepted", looks_for="an answer that changes when one character of the signature is changed",
    causes=(*INTEGRITY, "authorization_stripped"), sources=("RFC 7515 5.2",),
)  # fmt: skip
def past_the_signature(baseline: Baseline, tampered: Tampered, anonymous: Anonymous | None, again: AnonymousAgain | None) -> Outcome:
    """R10: P0 differs from its tampered twin, so the signature was checked and is good."""
    compare = comparison(anonymous, again)
    if not refuses(baseline.exchange) or accepts(tampered.exchange) or not compare.differ(baseline, tampered):
        return not_applicable("The tampered twin gets the same answer, or there is nothing to compare.")
    text = "One changed character in the signature changes the answer: the server accepts the genuine signature and refuses for another reason."
    return passed(text, arguments=against((*INTEGRITY, "authorization_stripped"), compare.grade(Grade.XS), text))


@check(
    "R11", step=8, title="A refusal is about authentication, not permission", looks_for="403 with the credential where everything else gets 401",
    causes=("insufficient_scope", "forbidden_by_policy", *AUTHENTICATION), sources=("RFC 9110 15.5.4", "RFC 6750 3.1"),
)  # fmt: skip
def forbidden_when_known(baseline: Baseline, anonymous: Anonymous, garbage: Garbage) -> Outcome:
    """R11: the server knows the caller and forbids the act. Where its words name another reason (Envoy: the audience), they stand."""
    if (baseline.exchange.status, anonymous.exchange.status, garbage.exchange.status) != (403, 401, 401):
        return not_applicable("It is not a 403 beside a 401 for everything else.")
    text = "With the credential the answer is 403, without it and with a meaningless one 401: the server knows who calls and does not permit this."
    known = against(AUTHENTICATION, Grade.XM, text)
    message = explained(baseline.exchange).message
    if message.one_meaning and message.causes[0] not in ("insufficient_scope", "forbidden_by_policy"):
        return passed(f'{text} Its words name the reason: "{message.words}".', arguments=known)
    # Status and words of one answer are one piece of evidence (CHECKS 13.4): they must not add up.
    permission = tuple(Argument(c, Grade.M, Group.SERVER_MESSAGE, text) for c in ("insufficient_scope", "forbidden_by_policy"))
    return failed(text, arguments=(*permission, *known))


@check(
    "R12", step=8, title="A 403 means that the caller is known", looks_for="the same 403 with and without the credential, but 401 for garbage",
    causes=(*OVERLOOKED, "authorization_stripped", "insufficient_scope"), sources=("kubernetes.io, authentication",),
)  # fmt: skip
def forbidden_as_anonymous(
    baseline: Baseline, anonymous: Anonymous, garbage: Garbage, credential: CredentialSeen, again: AnonymousAgain | None
) -> Outcome:
    """R12: some servers say 403 to a request whose credential they did not see; it is R5 under another status."""
    compare = comparison(anonymous, again)
    if baseline.exchange.status != 403 or garbage.exchange.status != 401 or not compare.same(baseline, anonymous):
        return not_applicable("It is not the same 403 with and without the credential, beside a 401 for garbage.")
    text = "This server says 403 to a request without a credential, and the same to this one: it did not see the credential."
    scope = argue("insufficient_scope", Grade.XM, text)
    return failed(text, arguments=(*_overlooked_causes(compare, credential, text), _arrives(compare, "A meaningless token"), scope))


@check(
    "R15", step=8, title="The scheme is one the server knows", looks_for="the credential answered like an unregistered scheme",
    causes=("auth_scheme_wrong", "auth_scheme_case_rejected"), sources=("RFC 9110 11.1",),
)  # fmt: skip
def like_odd_scheme(
    baseline: Baseline, anonymous: Anonymous, odd: OddScheme, garbage: Garbage, again: AnonymousAgain | None,
    credential: CredentialSeen | None,
) -> Outcome:  # fmt: skip
    """R15: an unregistered scheme has an answer of its own, which neither absence nor garbage gets, and ours gets it."""
    compare = comparison(anonymous, again)
    distinct = compare.differ(odd, anonymous) and compare.differ(odd, garbage)
    if not refuses(baseline.exchange) or not distinct or not compare.same(baseline, odd):
        return not_applicable("The credential is not answered like an unknown scheme.")
    text = "The server answers this credential exactly as it answers a scheme it has never heard of."
    # Where nothing but unknown words differ, a text that changes by itself may have fallen out that way.
    telling = "auth_scheme_wrong" in explained(odd.exchange).message.causes or not same(odd.exchange, anonymous.exchange, ignore_body=True)
    cause = _scheme_cause(credential) if credential is not None else "auth_scheme_wrong"
    return failed(text, arguments=(argue(cause, compare.grade(Grade.S if telling else Grade.M), text),))


@check(
    "R17", step=8, title="Invalid tokens are refused", looks_for="success with a meaningless or tampered token",
    causes=("endpoint_not_protected", *TOKEN_CAUSES), sources=("RFC 6750 3.1",),
)  # fmt: skip
def accepts_anything(anonymous: Anonymous, garbage: Garbage, tampered: Tampered | None) -> Outcome:
    """R17: the API accepts tokens it must refuse."""
    if accepts(anonymous.exchange):
        return not_applicable("The endpoint answers without a credential too, so what it says to a wrong one tells nothing.")
    seen = [p.exchange for p in (garbage, tampered) if p is not None and p.exchange.status is not None]
    accepted = [exchange for exchange in seen if accepts(exchange)]
    if not seen:
        return blocked("The requests with an invalid token got no answer.")
    if not accepted:
        return passed("No invalid token was accepted.")
    text = f"The API accepted an invalid token ({accepted[0].purpose}): it does not check what it is given. This is a security fault of the API."
    arguments = (argue("endpoint_not_protected", Grade.S, text), *against(TOKEN_CAUSES, Grade.XM, text))
    return with_facts(failed(text, arguments=arguments), **{"step:endpoint_not_protected": 8})


_ALL = (
    *BEFORE, ours_unseen, nothing_arrives, nothing_changes, like_garbage, like_tampered, past_the_signature, forbidden_when_known,
    forbidden_as_anonymous, *ADDRESS, like_odd_scheme, accepts_anything, *AFTER, *FLIPS,
)  # fmt: skip
ROWS: tuple[Check, ...] = tuple(sorted(_ALL, key=lambda row: int(row.id.removeprefix("R"))))
"""The rows of the table in its order."""
