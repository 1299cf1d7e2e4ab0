"""Step 3, claims: was the token made by the issuer the API trusts, and is it meant for this API?"""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, Discovery, ResourceMetadataSeen
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Owner, Status
from authwizard.model.profile import Profile
from authwizard.model.token import TokenSeen
from authwizard.steps import expectations, identity
from authwizard.steps.expectations import GROUPS, Expected, names, words_of
from authwizard.steps.identity import OPAQUE, distinct

# ── S3-09 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-09", step=3, title="The token's issuer is the one the API trusts",
    looks_for="the claim iss, compared letter by letter with what the profile, the API's metadata or the issuer's metadata say",
    causes=("issuer_mismatch", "issuer_trailing_slash", "tenant_mismatch", "token_version_mismatch", "claim_missing"),
    sources=("RFC 7519 4.1.1", "RFC 8725 3.8", "RFC 9068 4"),
)  # fmt: skip
def issuer_accepted(
    profile: Profile,
    credential: CredentialSeen,
    resource: ResourceMetadataSeen | None,
    discovery: Discovery | None,
    baseline: Baseline | None,
) -> Outcome:
    """S3-09: the claim iss against every expectation, the difference named."""
    token = credential.token
    if token is None or not token.readable:
        return not_applicable(OPAQUE.format(what="who issued it"))
    words = words_of(baseline)
    known = expectations.issuers(profile, resource, discovery, words)
    issuer = str(token.claims.get("iss") or "")
    if not issuer:
        return _claim_absent("iss", "who made it", "claim_missing", known, token)
    lines = (Line("token iss", issuer), *(_issuer_line(issuer, e) for e in known))
    if not known:
        return not_applicable(f"Nothing says which issuer the API trusts; the token was made by {issuer}.", *lines)
    refused = names(words, "issuer_mismatch")
    if not _issuer_in(issuer, known[0]):
        return _issuer_differs(issuer, known, lines)
    return _issuer_refused(issuer, known, lines) if refused else _issuer_right(issuer, known, lines)


def _issuer_differs(issuer: str, known: tuple[Expected, ...], lines: tuple[Line, ...]) -> Outcome:
    first = known[0]
    cause, difference = _difference(issuer, first)
    text = f"The token was made by {issuer}, but {first.source} expects {distinct(first.values)}: {difference}."
    arguments = [Argument(cause, _grade(first), GROUPS[first.provenance], text, provenance=first.provenance)]
    arguments += [a for a in _by_words(issuer, known[1:]) if a not in arguments]
    return failed(text, *lines, arguments=tuple(arguments), facts={"issuer": first.values[0]})


def _issuer_refused(issuer: str, known: tuple[Expected, ...], lines: tuple[Line, ...]) -> Outcome:
    """The token's issuer is as expected, and the API's words refuse it all the same: somebody's expectation is wrong."""
    arguments = list(_by_words(issuer, known))
    declared = next((e for e in known if e.provenance in ("discovery", "metadata") and issuer in e.values), None)
    if declared is not None:
        text = (
            f"The API refuses the issuer {issuer}, although {declared.source} says it is exactly that. "
            "The API's own setting is at fault: it has to be this text, letter by letter."
        )
        owner = Owner.API_OWNER
        arguments.append(Argument("issuer_mismatch", Grade.S, Group.METADATA, text, provenance=declared.provenance, owner=owner))
    else:
        text = f"The API refuses the issuer {issuer}, although {known[0].source} expects it: one of the two is out of date."
    return failed(text, *lines, arguments=tuple(arguments), facts={"issuer": issuer})


def _issuer_right(issuer: str, known: tuple[Expected, ...], lines: tuple[Line, ...]) -> Outcome:
    text = f"The token was made by {issuer}, as {known[0].source} expects."
    declared = any(e.provenance == "metadata" and issuer in e.values for e in known)
    against = Argument("issuer_mismatch", Grade.XM, Group.METADATA, text, provenance="metadata")
    return passed(text, *lines, arguments=(against,) if declared else ())


def _by_words(issuer: str, known: tuple[Expected, ...]) -> tuple[Argument, ...]:
    """The refusal names the issuer it wants: an exact difference, as strong as the server's words."""
    named = next((e for e in known if e.provenance == "server message"), None)
    if named is None or _issuer_in(issuer, named):
        return ()
    cause, difference = _difference(issuer, named)
    text = f"The API's refusal names the issuer it wants, {distinct(named.values)}; the token's is {issuer}: {difference}."
    return (Argument(cause, Grade.S, Group.SERVER_MESSAGE, text, provenance="server message"),)


def _difference(issuer: str, expected: Expected) -> tuple[str, str]:
    found = [identity.issuer_cause(issuer, value) for value in expected.values]
    return next((item for item in found if item[0] != "issuer_mismatch"), found[0])


def _issuer_in(issuer: str, expected: Expected) -> bool:
    return issuer in expected.values or any(identity.ANY_TENANT.search(v) and identity.same_issuer(issuer, v) for v in expected.values)


def _issuer_line(issuer: str, expected: Expected) -> Line:
    good = _issuer_in(issuer, expected)
    note = "the same" if good else _difference(issuer, expected)[1]
    return Line(expected.label, distinct(expected.values), Status.PASS if good else Status.FAIL, note, issuer)


def _grade(expected: Expected) -> Grade:
    return Grade.S if expected.provenance == "server message" else Grade.M


def _claim_absent(claim: str, meaning: str, cause: str, known: tuple[Expected, ...], token: TokenSeen) -> Outcome:
    """A claim some servers require is absent: told to be required by an expectation, or by the token's own type (RFC 9068)."""
    typed = str(token.header.get("typ", "")).lower() in ("at+jwt", "application/at+jwt")
    asked = any(e.firm for e in known)
    why = ", and a token of its type has to" if typed else ", and the API asks for that" if asked else ""
    text = f"The token does not say {meaning} (there is no claim {claim}){why}."
    argument = Argument(cause, Grade.M if typed or asked else Grade.W, Group.LOCAL_CLAIMS, text)
    return (failed if typed else warned)(text, arguments=(argument,))


# ── S3-10 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-10", step=3, title="The token is meant for this API",
    looks_for="the claim aud, one text or a list, with at least one value the API accepts",
    causes=("audience_mismatch", "audience_missing", "id_token_used"),
    sources=("RFC 7519 4.1.3", "RFC 8707 2", "RFC 9068 3", "RFC 9728 2"),
)  # fmt: skip
def audience_accepted(
    profile: Profile, credential: CredentialSeen, resource: ResourceMetadataSeen | None, baseline: Baseline | None
) -> Outcome:
    """S3-10: the claim aud against every expectation."""
    token = credential.token
    if token is None or not token.readable:
        return not_applicable(OPAQUE.format(what="which API it is for"))
    words = words_of(baseline)
    known = expectations.audiences(profile, resource, words)
    audience = identity.audience_of(token.claims)
    if not audience:
        return _audience_absent(token, known)
    lines = (Line("token aud", ", ".join(audience)), *(_audience_line(audience, e) for e in known))
    if not known:
        return not_applicable(f"Nothing says which audience the API accepts; the token is for {distinct(audience)}.", *lines)
    if not set(audience) & set(known[0].values):
        return _audience_differs(profile, token, audience, known, lines)
    if names(words, "audience_mismatch"):
        return _audience_refused(audience, known, lines)
    text = f"The token is for {distinct(set(audience) & set(known[0].values))}, as {known[0].source} expects."
    against = Argument("audience_mismatch", Grade.XM, GROUPS[known[0].provenance], text, provenance=known[0].provenance)
    return passed(text, *lines, arguments=(against,) if known[0].firm else ())


def _audience_absent(token: TokenSeen, known: tuple[Expected, ...]) -> Outcome:
    client = identity.client_of(token.claims)
    if known and client in known[0].values:
        return passed(f"The token has no audience, but its client {client} is what {known[0].source} expects; some gateways accept that.")
    return _claim_absent("aud", "which API it is for", "audience_missing", known, token)


def _audience_differs(
    profile: Profile, token: TokenSeen, audience: tuple[str, ...], known: tuple[Expected, ...], lines: tuple[Line, ...]
) -> Outcome:
    first = known[0]
    text = f"The token is for {distinct(audience)}, but {first.source} expects {distinct(first.values)}{_spelling(audience, first)}."
    grade = Grade.S if first.provenance == "server message" or (first.provenance == "metadata" and _any_url(audience)) else Grade.M
    arguments = [Argument("audience_mismatch", grade, GROUPS[first.provenance], text, provenance=first.provenance)]
    arguments += [a for a in _audience_by_words(audience, known[1:]) if first.provenance != "server message"]
    client = profile.oauth.client_id if profile.oauth is not None else identity.client_of(token.claims)
    if client in audience and not _looks_like_access_token(token):
        told = f"The token's audience is the client itself ({client}): that is how an ID token looks, which is for the client and not for an API."
        arguments.append(Argument("id_token_used", Grade.M, Group.LOCAL_CLAIMS, told))
    judge = failed if first.firm else warned
    return judge(text, *lines, arguments=tuple(arguments), facts={"audience": first.values[0]})


def _audience_refused(audience: tuple[str, ...], known: tuple[Expected, ...], lines: tuple[Line, ...]) -> Outcome:
    """The audience is as expected, and the API's words refuse it all the same."""
    first = known[0]
    arguments = list(_audience_by_words(audience, known))
    text = f"The API refuses the audience {distinct(audience)}, although {first.source} expects it: one of the two is out of date."
    if first.provenance == "metadata":
        text = f"The API refuses the audience {distinct(audience)}, although its own metadata asks for it: its setting is at fault."
        owner = Owner.API_OWNER
        arguments.append(Argument("audience_mismatch", Grade.S, Group.METADATA, text, provenance="metadata", owner=owner))
    return failed(text, *lines, arguments=tuple(arguments), facts=_named_audience(known))


def _audience_by_words(audience: tuple[str, ...], known: tuple[Expected, ...]) -> tuple[Argument, ...]:
    named = next((e for e in known if e.provenance == "server message"), None)
    if named is None or set(audience) & set(named.values):
        return ()
    text = f"The API's refusal names the audience it wants, {distinct(named.values)}; the token is for {distinct(audience)}."
    return (Argument("audience_mismatch", Grade.S, Group.SERVER_MESSAGE, text, provenance="server message"),)


def _named_audience(known: tuple[Expected, ...]) -> dict[str, str | float | bool]:
    return next(({"audience": e.values[0]} for e in known if e.provenance == "server message"), {})


def _spelling(audience: tuple[str, ...], expected: Expected) -> str:
    alike = any(identity.same_audience(a, v) for a in audience for v in expected.values)
    return "; these are two spellings of the same API, but they are compared letter by letter" if alike else ""


def _audience_line(audience: tuple[str, ...], expected: Expected) -> Line:
    good = bool(set(audience) & set(expected.values))
    return Line(
        expected.label,
        distinct(expected.values),
        Status.PASS if good else Status.FAIL,
        "included" if good else "absent",
    )


def _looks_like_access_token(token: TokenSeen) -> bool:
    """Whether something says access token: its type, or a claim that grants something (Azure AD B2C puts a client id into aud)."""
    typed = str(token.header.get("typ", "")).lower() in ("at+jwt", "application/at+jwt") or token.claims.get("token_use") == "access"
    return typed or any(name in token.claims for name in ("scope", "scp", "roles", "permissions"))


def _any_url(values: tuple[str, ...]) -> bool:
    return any("://" in value for value in values)
