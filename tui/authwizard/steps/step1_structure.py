"""What kind of token is it, and is it whole? S1-09, S1-10, S1-11."""

from __future__ import annotations

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CleanedCall, CredentialSeen, FreshToken, OtherSchemeCall
from authwizard.model.finding import Argument, Detail, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.model.token import TokenFault, TokenSeen
from authwizard.steps.step1_faults import fault_arguments, fault_lines, faults_of, shape_line
from authwizard.steps.step1_jwe import like_auth0
from authwizard.steps.swaps import swap_argument, swaps_about

STRUCTURE = ("token_malformed", "token_truncated", "token_concatenated", "signature_length_wrong", "authorization_replaced")
NAMES = {
    "jws": "a signed JWT", "jwe": "an encrypted JWT (JWE)", "jws_json": "a JWT in JSON form", "paseto": "a PASETO token",
    "saml": "a SAML assertion", "macaroon": "a macaroon", "cookie": "a session cookie", "api_key": "an API key", "uuid": "a UUID",
    "hex": "a hexadecimal number", "opaque": "an opaque token", "empty": "nothing",
}  # fmt: skip
OPAQUE = ("opaque", "uuid", "hex")
BUFFER_LENGTHS = frozenset({255, 256, 511, 512, 1023, 1024, 2047, 2048, 4095, 4096, 8190, 8191, 8192})
"""Sizes of columns and buffers that cut what is longer."""


@check(
    "S1-09", step=1, title="The credential is the kind of token the API reads",
    looks_for="What the value is: a JWT, an encrypted or opaque token, an API key, a SAML assertion, a cookie.",
    causes=("wrong_token_kind", "opaque_token_no_audience", "saml_not_jwt"), sources=("RFC 6749 1.4", "RFC 7516 9", "RFC 7522"),
)  # fmt: skip
def token_kind(credential: CredentialSeen, profile: Profile, fresh: FreshToken | None) -> Outcome:
    """Judge the kind of token against the profile; an opaque token is normal."""
    token = credential.token
    if token is None or token.kind == "empty" or credential.kind not in ("bearer", "dpop"):
        return not_applicable("The credential is no token.")
    faults = faults_of(credential, ("wrong_token_kind", "saml_not_jwt"))
    line = Line("Kind", NAMES.get(token.kind, token.kind), None, f"{token.length} characters")
    if token.kind == "saml" or any(f.cause == "saml_not_jwt" for f in faults):
        text = "The value is a SAML assertion; an API that reads access tokens wants it exchanged for one first."
        return failed(text, line, *fault_lines(faults), arguments=(Argument("saml_not_jwt", Grade.S, Group.LOCAL_BYTES, text),))
    if token.kind == "cookie" or faults:
        text = faults[0].text if faults else "The value is a signed session cookie, not an access token."
        return failed(text, line, *fault_lines(faults), arguments=(Argument("wrong_token_kind", Grade.M, Group.LOCAL_BYTES, text),))
    arguments = _not_made_for_an_api(token, profile, fresh)
    if arguments:
        return warned(arguments[0].text, line, arguments=arguments)
    if token.kind in OPAQUE:
        return passed("The token is opaque: only its issuer can read it, so nothing inside it can be checked here.", line)
    return passed(f"The value is {NAMES.get(token.kind, token.kind)}.", line)


def _not_made_for_an_api(token: TokenSeen, profile: Profile, fresh: FreshToken | None) -> tuple[Argument, ...]:
    if token.kind not in OPAQUE:  # an encrypted one is the business of S1-20
        return ()
    asked_for_api = profile.oauth is not None and bool(profile.oauth.audience or profile.oauth.resource)
    if like_auth0(token, profile) and not asked_for_api:
        text = (
            f"The token is {NAMES[token.kind]}, as its issuer hands out when no audience is asked for: only the issuer itself can read it."
        )
        return (Argument("opaque_token_no_audience", Grade.M, Group.LOCAL_CLAIMS, text),)
    if not _jwt_expected(profile, fresh):
        return ()
    why = "a new token of the same client is one" if fresh is not None and fresh.token is not None else "the profile says so"
    text = f"The token is {NAMES[token.kind]} where a JWT is expected ({why})."
    return (Argument("wrong_token_kind", Grade.M, Group.LOCAL_CLAIMS, text),)


def _jwt_expected(profile: Profile, fresh: FreshToken | None) -> bool:
    return "jwt" in profile.expect.type.lower() or (fresh is not None and fresh.token is not None and fresh.token.kind == "jws")


@check(
    "S1-10", step=1, title="The JWT is whole and well formed",
    looks_for="Three parts, each in base64url, a header and a payload in JSON, and a signature as long as its algorithm makes it.",
    causes=STRUCTURE, sources=("RFC 7515 3.1", "RFC 7519 7.2", "RFC 7518 3", "RFC 8725 2"),
)  # fmt: skip
def jws_structure(
    credential: CredentialSeen, baseline: Baseline | None, cleaned: CleanedCall | None, other: OtherSchemeCall | None
) -> Outcome:  # fmt: skip
    """Judge the parts of a JWT; what is no JWT has none."""
    token = credential.token
    faults = tuple(f for f in faults_of(credential, STRUCTURE) if not _head_is_cut(f))
    if token is None or (token.kind not in ("jws", "jws_json") and not faults):
        return not_applicable("The value is no signed JWT, so it has no parts to look at.")
    swaps = swaps_about(STRUCTURE, cleaned, other)
    tried = tuple(a for call in swaps if (a := swap_argument(call, baseline)) is not None)
    arguments = (*fault_arguments(faults, {"signature_length_wrong": Grade.M}), *tried)
    lines = (*_part_lines(token), *fault_lines(faults))
    if faults or any(a.grade is Grade.P for a in tried):
        return failed(faults[0].text if faults else tried[0].text, *lines, arguments=arguments)
    odd = _legal_oddity(token)
    if token.duplicate_members:
        named = ", ".join(token.duplicate_members)
        return warned(f"The token states {named} twice; readers disagree about which one counts.", *lines, *odd, arguments=arguments)
    return passed("The JWT has all its parts, and each can be read.", *lines, *odd, arguments=arguments)


def _head_is_cut(fault: TokenFault) -> bool:
    return fault.cause == "token_truncated" and fault.part == "header"


def _part_lines(token: TokenSeen) -> tuple[Line, ...]:
    names = ("header", "payload", "signature", "part 4", "part 5")
    lines = [Line(name, f"{length} characters") for name, length in zip(names, token.parts, strict=False)]
    if token.signature_bytes is not None:
        lines.append(Line("signature", f"{token.signature_bytes} bytes", None, str(token.header.get("alg", ""))))
    return tuple(lines)


def _legal_oddity(token: TokenSeen) -> tuple[Detail, ...]:
    """Return a line for shapes that look broken and are not (RFC 7797, RFC 7519 5.2)."""
    if token.header.get("b64") is False:
        return (Line("payload", "detached (b64: false)", Status.WARN, "legal, rare"),)
    if str(token.header.get("cty", "")).upper() == "JWT":
        return (Line("payload", "another JWT inside (cty: JWT)", Status.WARN, "legal, rare"),)
    return ()


@check(
    "S1-11", step=1, title="Neither end of the token is cut off",
    looks_for="A value that begins in the middle of a JWT's header, and lengths at which columns and buffers cut.",
    causes=("token_truncated",), sources=("RFC 7515 3.1",),
)  # fmt: skip
def ends_complete(credential: CredentialSeen) -> Outcome:
    """Judge the beginning of the value, and its length where nothing else shows that it is whole."""
    token = credential.token
    if token is None or token.kind == "empty" or credential.kind not in ("bearer", "dpop"):
        return not_applicable("The credential is no token.")
    faults = tuple(f for f in faults_of(credential, ("token_truncated",)) if _head_is_cut(f))
    if faults:
        return failed(faults[0].text, shape_line(credential), *fault_lines(faults), arguments=fault_arguments(faults))
    whole = token.kind in ("jws", "jwe") and not token.faults
    if not whole and token.length in BUFFER_LENGTHS:
        text = f"The token is exactly {token.length} characters long, a common size of columns and buffers: it may have been cut there."
        argument = Argument("token_truncated", Grade.W, Group.LOCAL_BYTES, text)
        return warned(text, shape_line(credential), arguments=(argument,))
    return passed("Nothing speaks for a cut end.", shape_line(credential))
