"""Step 3, discovery: does the profile agree with what the authorization server publishes about itself?"""

from __future__ import annotations

from urllib.parse import urlsplit

from authwizard.check import blocked, check, failed, not_applicable, passed, warned
from authwizard.model.evidence import CredentialSeen, Discovery, FreshToken, OtherProfiles
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.oauth import AuthorizationServerMetadata
from authwizard.model.profile import OAuth, Profile, is_loopback
from authwizard.steps import identity
from authwizard.steps.token_answers import issuer_unanswered


@check(
    "S3-02", step=3, title="The profile agrees with the authorization server's metadata",
    looks_for="the issuer's published document: its issuer text, token endpoint, key set, grants and ways of client authentication",
    causes=("issuer_mismatch", "issuer_trailing_slash", "tenant_mismatch", "token_version_mismatch", "token_endpoint_wrong",
            "environment_mismatch", "grant_not_allowed", "client_auth_method_wrong", "plaintext_http", "auth_server_error"),
    sources=("RFC 8414 3", "RFC 8414 3.3", "OpenID Connect Discovery 4.3"),
)  # fmt: skip
def discovery_agrees(
    profile: Profile, discovery: Discovery, others: OtherProfiles | None, fresh: FreshToken | None, credential: CredentialSeen | None
) -> Outcome:  # fmt: skip
    """S3-02: the document, and everything of the profile it contradicts. What the token says is judged by S3-09."""
    metadata, oauth = discovery.metadata, profile.oauth
    if metadata is None:
        return _no_document(discovery, needed=_missing(credential) and issuer_unanswered(profile, discovery))
    lines = [_issuer_line(discovery, metadata)]
    arguments = list(_other_issuer(discovery, metadata, credential))
    if oauth is not None:
        works = fresh is not None and fresh.answer.ok
        refused = fresh is not None and fresh.exchange.status is not None and not fresh.answer.ok
        lines += [*_endpoint_lines(oauth, metadata), *_ability_lines(metadata)]
        arguments += [] if works else _other_token_endpoint(profile, oauth, metadata, others, refused=refused)
        arguments += [] if works else _unsupported(oauth, metadata)
    arguments += _insecure(metadata)
    different = metadata.issuer != discovery.issuer and not _template(metadata.issuer, discovery.issuer)
    strong = any(a.grade is not Grade.W for a in arguments)
    if different or strong:
        text = next(
            (a.text for a in arguments if a.grade is not Grade.W), arguments[0].text if arguments else _issuer_text(discovery, metadata)
        )
        return failed(text, *lines, arguments=tuple(arguments))
    if arguments:
        return warned(arguments[0].text, *lines, arguments=tuple(arguments))
    if any(line.mark is Status.WARN for line in lines):
        return warned(
            "The profile names other addresses than the authorization server publishes, which is right only where they answer.", *lines
        )
    return passed("The profile agrees with what the authorization server publishes.", *lines)


def _missing(credential: CredentialSeen | None) -> bool:
    return credential is not None and credential.field_value is None


def _no_document(discovery: Discovery, *, needed: bool) -> Outcome:
    unreached = [e for e in discovery.exchanges if e.status is None or e.status >= 500]
    failing = next((e for e in unreached if e.status is not None), None)
    if needed and failing is not None:
        text = f"No token could be fetched: {discovery.issuer} answers {failing.status} when asked where its token endpoint is."
        argument = Argument("auth_server_error", Grade.S, Group.TOKEN_ENDPOINT, text)
        return Outcome(Status.BLOCKED, text, arguments=(argument,))
    if discovery.exchanges and len(unreached) == len(discovery.exchanges):
        return blocked(discovery.problem or f"The metadata of {discovery.issuer} could not be read.")
    if discovery.problem and not all(e.status == 404 for e in discovery.exchanges):
        return warned(discovery.problem)
    return not_applicable(f"{discovery.issuer} publishes no metadata, which is allowed; the profile's own addresses are used.")


def _issuer_line(discovery: Discovery, metadata: AuthorizationServerMetadata) -> Line:
    good = metadata.issuer == discovery.issuer or _template(metadata.issuer, discovery.issuer)
    return Line(
        "issuer", metadata.issuer or "absent", Status.PASS if good else Status.FAIL, "" if good else f"asked for {discovery.issuer}"
    )


def _other_issuer(
    discovery: Discovery, metadata: AuthorizationServerMetadata, credential: CredentialSeen | None
) -> tuple[Argument, ...]:  # fmt: skip
    """The document names another issuer than was asked for: clients must refuse it. Whether the API minds depends on the token.

    Moderate only where the token carries the text that was configured and not the one published.
    """
    if metadata.issuer == discovery.issuer or not metadata.issuer or _template(metadata.issuer, discovery.issuer):
        return ()
    cause, difference = identity.issuer_cause(discovery.issuer, metadata.issuer)
    text = f"The profile's issuer is {discovery.issuer}, but that server calls itself {metadata.issuer}: {difference}."
    claims = credential.token.claims if credential is not None and credential.token is not None else {}
    grade = Grade.M if claims.get("iss") == discovery.issuer else Grade.W
    return (Argument(cause, grade, Group.METADATA, text, provenance="discovery"),)


def _issuer_text(discovery: Discovery, metadata: AuthorizationServerMetadata) -> str:
    return f"The document found for {discovery.issuer} does not say whose it is." if not metadata.issuer else discovery.issuer


def _endpoint_lines(oauth: OAuth, metadata: AuthorizationServerMetadata) -> list[Line]:
    alias = metadata.mtls_endpoint_aliases.get("token_endpoint", "") if oauth.client_auth == "tls_client_auth" else ""
    pairs = (
        ("token endpoint", oauth.token_url, alias or metadata.token_endpoint),
        ("key set", oauth.jwks_url, metadata.jwks_uri),
        ("introspection", oauth.introspection_url, metadata.introspection_endpoint),
        ("revocation", oauth.revocation_url, metadata.revocation_endpoint),
    )
    return [
        Line(name, published, Status.PASS if own in ("", published) else Status.WARN, "" if own in ("", published) else f"profile: {own}")
        for name, own, published in pairs
        if published
    ]


def _ability_lines(metadata: AuthorizationServerMetadata) -> list[Line]:
    """What the server says it can, as far as it bears on a refusal."""
    told = (
        ("grants", metadata.grant_types_supported),
        ("client authentication", metadata.token_endpoint_auth_methods_supported),
        ("PKCE", metadata.code_challenge_methods_supported),
        ("DPoP", metadata.dpop_signing_alg_values_supported),
        ("endpoints for clients with a certificate", tuple(sorted(metadata.mtls_endpoint_aliases))),
    )
    return [Line(name, ", ".join(values)) for name, values in told if values]


def _other_token_endpoint(
    profile: Profile, oauth: OAuth, metadata: AuthorizationServerMetadata, others: OtherProfiles | None, *, refused: bool
) -> list[Argument]:  # fmt: skip
    """The profile sends token requests elsewhere than published; that matters only where they fail."""
    if not oauth.token_url or not metadata.token_endpoint or oauth.token_url.rstrip("/") in _endpoints(metadata):
        return []
    text = f"The profile's token_url is {oauth.token_url}, but the authorization server publishes {metadata.token_endpoint}."
    grade = Grade.M if refused else Grade.W
    found = [Argument("token_endpoint_wrong", grade, Group.METADATA, text, provenance="discovery")]
    owner = _profile_of_address(profile, oauth.token_url, others)
    if owner:
        told = f"The profile's token_url {oauth.token_url} is that of the profile {owner}, not of its own issuer."
        found.append(Argument("environment_mismatch", grade, Group.CROSS_PROFILE, told, provenance="other profile"))
    return found


def _endpoints(metadata: AuthorizationServerMetadata) -> set[str]:
    return {url.rstrip("/") for url in (metadata.token_endpoint, metadata.mtls_endpoint_aliases.get("token_endpoint", "")) if url}


def _profile_of_address(profile: Profile, address: str, others: OtherProfiles | None) -> str:
    host = _host(address)
    for other in others.profiles if others is not None else ():
        if other.name == profile.name or other.oauth is None:
            continue
        if host and host in (_host(other.oauth.token_url), _host(other.oauth.issuer)):
            return other.name
    return ""


def _unsupported(oauth: OAuth, metadata: AuthorizationServerMetadata) -> list[Argument]:
    found = []
    if metadata.grant_types_supported and oauth.grant not in metadata.grant_types_supported and oauth.grant != "device_code":
        text = f"The authorization server does not list the grant {oauth.grant} among those it supports."
        found.append(Argument("grant_not_allowed", Grade.W, Group.METADATA, text, provenance="discovery"))
    offered = metadata.token_endpoint_auth_methods_supported
    if offered and oauth.client_auth not in offered:
        text = f"The authorization server does not list {oauth.client_auth} among the ways a client may identify itself ({', '.join(offered)})."
        found.append(Argument("client_auth_method_wrong", Grade.W, Group.METADATA, text, provenance="discovery"))
    return found


def _insecure(metadata: AuthorizationServerMetadata) -> list[Argument]:
    plain = [u for u in (metadata.token_endpoint, metadata.jwks_uri) if u.startswith("http://") and not is_loopback(u)]
    if not plain:
        return []
    text = f"The authorization server publishes an address without TLS ({plain[0]}): secrets would travel readable."
    return [Argument("plaintext_http", Grade.W, Group.METADATA, text, provenance="discovery")]


def _template(published: str, asked: str) -> bool:
    """Entra's shared documents name `{tenantid}` in the place of the directory."""
    return bool(identity.ANY_TENANT.search(published)) and identity.same_issuer(published, asked)


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
