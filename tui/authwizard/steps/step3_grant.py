"""Does the profile's grant fit its client, and is a flow with a sign-in still under way or over? S3-06."""

from __future__ import annotations

from collections.abc import Iterator

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.token_errors import PENDING
from authwizard.model.evidence import Discovery, FreshToken, MintedForRun, RefreshedToken, StoredSecrets, TokenGrant
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import OAuth, Profile
from authwizard.steps.token_answers import arguments_of, client_was_refused

FLOW_CAUSES = (
    "grant_not_allowed", "redirect_uri_mismatch", "pkce_mismatch", "device_code_expired", "authorization_code_reused",
    "authorization_code_invalid",
)  # fmt: skip
SECRET_METHODS = ("client_secret_basic", "client_secret_post")
WITH_SIGN_IN = ("authorization_code", "device_code")
ADVICE = {
    "grant_not_allowed": "Switch the grant on for this client at the authorization server, or use one that is on.",
    "redirect_uri_mismatch": (
        "The redirect address of the token request has to be that of the authorization request, and a registered one, letter by letter; "
        "127.0.0.1 and localhost are two addresses, and only of a loopback address may the port differ (RFC 8252 7.3)."
    ),
    "pkce_mismatch": (
        "The code_verifier has to be the one whose hash was sent as code_challenge when this sign-in began; a second sign-in in between, "
        "or another process, makes a new one (RFC 7636 4.6)."
    ),
    "device_code_expired": "Start the device sign-in anew and confirm it within the time its answer names (expires_in, RFC 8628 3.2).",
    "authorization_code_reused": "A code works once: sign in again, and look for what sends it twice (a reloaded page, a retry).",
    "authorization_code_invalid": "A code lives for a minute or so and for one client: sign in again and redeem it at once.",
}


@check(
    "S3-06", step=3, title="The grant fits the client",
    looks_for="a grant that this kind of client may use, PKCE, and what the token endpoint says of a redirect address or a code",
    causes=(*FLOW_CAUSES, "client_auth_method_wrong", "client_credentials_missing"),
    sources=("RFC 6749 4.4", "RFC 7636 4.6", "RFC 8252 7.3", "RFC 8628 3.5", "RFC 9126 2.2"),
)  # fmt: skip
def grant_fits(
    profile: Profile, secrets: StoredSecrets, discovery: Discovery | None, fresh: FreshToken | None, minted: MintedForRun | None,
    refreshed: RefreshedToken | None,
) -> Outcome:  # fmt: skip
    """S3-06: the grant against the client's kind, and the errors of flows with a sign-in."""
    oauth = profile.oauth
    if oauth is None or not oauth.client_id:
        return not_applicable("The profile names no client, so no grant has to fit it.")
    grant: TokenGrant | None = fresh or minted or refreshed
    lines = (
        Line("grant", oauth.grant),
        Line("client", "confidential" if oauth.client_auth != "none" else "public, it keeps no secret", None, oauth.client_auth),
        *_published_lines(oauth, discovery),
    )
    told = _told_by_answer(grant)
    if told is not None:
        advice = ADVICE[told.cause]
        return failed(f"{told.text} {advice}", *lines, arguments=(told,))
    if grant is not None and grant.answer.error == PENDING:
        return warned("The sign-in at the other device is not finished yet: nothing is wrong, ask again after the interval.", *lines)
    if grant is not None and grant.answer.ok:
        return passed("The authorization server grants what the profile asks for in this way.", *lines)
    odd = next(_odd(oauth, secrets, grant), None)
    if odd is not None:
        return warned(odd.text, *lines, arguments=(odd,))
    return passed("The grant fits the client, as far as the profile shows.", *lines)


def _told_by_answer(grant: TokenGrant | None) -> Argument | None:
    found = arguments_of(grant) if grant is not None else ()
    return next((a for a in found if a.cause in FLOW_CAUSES and a.grade is not Grade.W), None)


def _odd(oauth: OAuth, secrets: StoredSecrets, grant: TokenGrant | None) -> Iterator[Argument]:
    """What does not go together by the standard; a server may take it all the same, so it is a hint until one refuses the client."""
    refused = grant is not None and client_was_refused(grant)
    grade = Grade.M if refused else Grade.W
    stored = secrets.get("client_secret").status == "present"
    if oauth.client_auth == "none" and oauth.grant == "client_credentials" and not stored:
        text = "The grant client_credentials is for clients that can prove who they are, and this one has no secret, key or certificate."
        yield Argument("grant_not_allowed", grade, Group.ENVIRONMENT, text)
    if oauth.client_auth == "none" and stored:
        text = "A client secret is stored, but the profile says the client has none (client_auth none), so the secret is not sent."
        yield Argument("client_auth_method_wrong", grade, Group.ENVIRONMENT, text)
    if oauth.client_auth in SECRET_METHODS and secrets.get("client_secret").status == "absent" and oauth.grant in WITH_SIGN_IN:
        text = f"The profile sends a client secret ({oauth.client_auth}), and none is stored; a client without one has client_auth none."
        yield Argument("client_credentials_missing", Grade.W, Group.ENVIRONMENT, text)


def _published_lines(oauth: OAuth, discovery: Discovery | None) -> Iterator[Line]:
    metadata = discovery.metadata if discovery is not None else None
    if metadata is None or oauth.grant not in WITH_SIGN_IN:
        return
    if oauth.grant == "authorization_code":
        methods = metadata.code_challenge_methods_supported
        yield Line("PKCE", ", ".join(methods) or "not published", None if "S256" in methods or not methods else Status.WARN)
        if metadata.require_pushed_authorization_requests:
            yield Line("pushed requests", "required", None, "the authorization request is sent by POST first (RFC 9126)")
    else:
        yield Line("device sign-in", metadata.device_authorization_endpoint or "not published")
