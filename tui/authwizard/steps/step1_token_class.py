"""Is it an access token at all? The JOSE header, and ID, refresh and other tokens in its place: S1-12, S1-13."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from authwizard.check import check, failed, not_applicable, passed, warned, with_facts
from authwizard.model.evidence import Baseline, CredentialSeen, KeySet, OtherTokenCall, StoredSecrets, TokenEndpoint
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status
from authwizard.model.profile import Profile
from authwizard.model.token import TokenSeen
from authwizard.steps.answers import explained
from authwizard.steps.differential import accepts
from authwizard.steps.step1_faults import faults_of
from authwizard.steps.swaps import swapped

ALGORITHMS = frozenset({
    "HS256", "HS384", "HS512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "ES256K", "EdDSA",
    "Ed25519", "Ed448", "ML-DSA-44", "ML-DSA-65", "ML-DSA-87",
})  # fmt: skip
"""Signature algorithms of the IANA JOSE registry; names are compared letter by letter (RFC 7515 4.1.1)."""
OTHER_CLASSES = {
    "dpop+jwt": "a DPoP proof", "logout+jwt": "a logout token", "secevent+jwt": "a security event", "client-authentication+jwt": "a client assertion",
    "token-introspection+jwt": "an introspection answer", "oauth-authz-req+jwt": "an authorization request", "entity-statement+jwt": "a federation statement",
}  # fmt: skip
"""`typ` values of JWTs that are no access tokens."""
GRAPH = frozenset({"https://graph.microsoft.com", "00000003-0000-0000-c000-000000000000", "https://graph.microsoft.com/"})
ID_MARKS = ("nonce", "at_hash", "c_hash")
ACCESS_MARKS = ("scope", "scp", "roles", "client_id")


def _jws(credential: CredentialSeen) -> TokenSeen | None:
    token = credential.token
    return token if token is not None and token.kind in ("jws", "jws_json") and credential.kind in ("bearer", "dpop") else None


@check(
    "S1-12", step=1, title="The token's header names a usable algorithm and type",
    looks_for="alg (none, or one nobody knows), typ (another class of token), embedded keys, and the nonce of tokens made for another API.",
    causes=("alg_none_or_unsupported", "alg_mismatch", "wrong_token_type", "third_party_token"),
    sources=("RFC 8725 3.1", "RFC 8725 3.11", "RFC 9068 2.1", "RFC 7515 4.1"),
)  # fmt: skip
def jose_header(credential: CredentialSeen, profile: Profile, keys: KeySet | None) -> Outcome:
    """Judge the JOSE header."""
    token = _jws(credential)
    if token is None or not token.header:
        return not_applicable("The value has no JOSE header that can be read.")
    header = token.header
    arguments = [*_algorithm(credential, header, keys), *_type(credential, header, profile), *_made_for_graph(credential, token, profile)]
    remarks = remarks_of(header)
    lines = tuple(Line(name, str(header[name])) for name in ("alg", "typ", "kid") if name in header)
    facts = {"signature_uncheckable": True} if "nonce" in header else {}
    if any(a.grade is Grade.S for a in arguments):
        worst = next(a for a in arguments if a.grade is Grade.S)
        return with_facts(failed(worst.text, *lines, *remarks, arguments=tuple(arguments)), **facts)
    if arguments or remarks:
        text = arguments[0].text if arguments else f"The header is unusual: {remarks[0].label}, {remarks[0].value}."
        return with_facts(warned(text, *lines, *remarks, arguments=tuple(arguments)), **facts)
    return with_facts(passed(f"The token is signed with {header.get('alg')}.", *lines), **facts)


def _algorithm(credential: CredentialSeen, header: Mapping[str, Any], keys: KeySet | None) -> list[Argument]:
    alg = header.get("alg")
    named = str(alg) if alg is not None else ""
    if named.lower() == "none":
        text = 'The token is not signed (alg is "none"): no API may accept it.'
        return [Argument("alg_none_or_unsupported", Grade.S, Group.LOCAL_CLAIMS, text)]
    if named not in ALGORITHMS or not isinstance(alg, str):
        right = next((a for a in ALGORITHMS if a.lower() == named.lower()), "")
        hint = f"; the name is compared letter by letter, right is {right}" if right else ""
        text = f"The token names the signature algorithm {named or '(none given)'}, which is not a registered one{hint}."
        return [Argument("alg_none_or_unsupported", Grade.S, Group.LOCAL_CLAIMS, text)]
    if faults := faults_of(credential, ("alg_none_or_unsupported",)):
        return [Argument("alg_none_or_unsupported", Grade.S, Group.LOCAL_CLAIMS, faults[0].text)]
    if named.startswith("HS") and keys is not None and keys.keys and all(k.kty != "oct" for k in keys.keys):
        text = f"The token is signed with {named}, a shared secret, while the issuer publishes public keys: its tokens are normally signed with those."
        return [Argument("alg_mismatch", Grade.M, Group.LOCAL_CLAIMS, text)]
    return []


def _type(credential: CredentialSeen, header: Mapping[str, Any], profile: Profile) -> list[Argument]:
    typ = str(header.get("typ", "")).lower().removeprefix("application/")
    if typ in OTHER_CLASSES:
        text = f"The token's typ is {typ}: it is {OTHER_CLASSES[typ]}, not an access token."
        return [Argument("wrong_token_type", Grade.S, Group.LOCAL_CLAIMS, text)]
    if faults := faults_of(credential, ("wrong_token_type",)):
        return [Argument("wrong_token_type", Grade.S, Group.LOCAL_CLAIMS, faults[0].text)]
    wanted = profile.expect.type.lower().removeprefix("application/")
    if wanted and typ != wanted:
        text = f"The token's typ is {typ or 'absent'}; the profile says the API accepts {wanted} only."
        return [Argument("wrong_token_type", Grade.S, Group.LOCAL_CLAIMS, text, provenance="user")]
    return []


def _made_for_graph(credential: CredentialSeen, token: TokenSeen, profile: Profile) -> list[Argument]:
    """A nonce in the header marks Microsoft's tokens for Graph, whose signature nobody else can check."""
    for_graph = bool(set(_audience(token.claims)) & GRAPH)
    if "nonce" not in token.header or "graph.microsoft.com" in profile.url:
        return []
    if not for_graph and not faults_of(credential, ("third_party_token",)):
        return []
    text = "The token's header holds a nonce, as Microsoft's tokens for Graph do" + (", and its aud is Graph" if for_graph else "")
    return [Argument("third_party_token", Grade.M, Group.LOCAL_CLAIMS, f"{text}: it was made for another API, which alone can check it.")]


def remarks_of(header: Mapping[str, Any]) -> tuple[Line, ...]:
    """Name members of a JOSE header that many servers refuse or must ignore."""
    lines = [
        Line(name, "a key or its address inside the token", Status.WARN, "servers must ignore it")
        for name in ("jwk", "jku", "x5u")
        if name in header
    ]
    if "crit" in header:
        lines.append(Line("crit", "extensions that must be understood", Status.WARN, "many libraries refuse it"))
    if "kid" in header and not isinstance(header["kid"], str):
        lines.append(Line("kid", "is no text", Status.WARN, "many libraries refuse it"))
    if "zip" in header:
        lines.append(Line("zip", "a compressed payload", Status.WARN, "not allowed in a signed token"))
    return tuple(lines)


@check(
    "S1-13", step=1, title="It is the access token, not the ID or refresh token",
    looks_for="Claims that only ID tokens or refresh tokens carry, and whether the value is the stored ID or refresh token itself.",
    causes=("id_token_used", "refresh_token_used", "client_assertion_used"),
    sources=("OpenID Connect Core 2", "RFC 9068 2.2", "RFC 8725 3.11", "RFC 7523 3"),
)  # fmt: skip
def access_not_id_or_refresh(
    credential: CredentialSeen, profile: Profile, stored: StoredSecrets | None, baseline: Baseline | None, endpoint: TokenEndpoint | None,
    other: OtherTokenCall | None = None,
) -> Outcome:  # fmt: skip
    """Judge which of the tokens of a login this is; some platforms want the ID token, which only the request with it tells."""
    if credential.field_value is None or credential.kind not in ("bearer", "dpop"):
        return not_applicable("The credential is no token.")
    token = credential.token
    claims: Mapping[str, Any] = token.claims if token is not None else {}
    header: Mapping[str, Any] = token.header if token is not None else {}
    lines = tuple(Line(name, "present") for name in (*ID_MARKS, "auth_time", *ACCESS_MARKS, "token_use") if name in claims)
    swap = swapped(other, baseline, "id_token_used", "token, now the stored ID token,") if other is not None else None
    if swap is not None and not swap.grade.against:
        text = f"{swap.text} This platform reads ID tokens."
        return failed(text, *lines, arguments=(replace(swap, text=text),))
    for argument in (*_refresh(credential, claims, stored), *_assertion(credential, header, profile, endpoint)):
        return failed(argument.text, *lines, arguments=(argument,))
    why = _why_id_token(claims, profile, _is_stored(credential, stored, "id_token"))
    if why:
        argument = _id_token(why, claims, profile, baseline)
        return warned(argument.text, *lines, arguments=(argument,))
    if token is None or not token.readable:
        return not_applicable("The token cannot be read, and it is none of the other stored tokens.")
    return passed("Nothing marks it as an ID or refresh token.", *lines)


def _is_stored(credential: CredentialSeen, stored: StoredSecrets | None, field: str) -> bool:
    state = stored.get(field) if stored is not None else None
    if state is None or not state.fingerprint:
        return False
    return state.fingerprint == credential.fingerprint and state.length == credential.length


def _refresh(credential: CredentialSeen, claims: Mapping[str, Any], stored: StoredSecrets | None) -> list[Argument]:
    typ = str(claims.get("typ", "")).lower()
    if _is_stored(credential, stored, "refresh_token"):
        text = "The value sent as access token is the stored refresh token: APIs take access tokens only."
    elif typ in ("refresh", "offline"):
        text = f"The token says of itself that it is a refresh token (typ: {claims['typ']}): APIs take access tokens only."
    elif credential.key_prefix in ("1//", "0.A", "1.A"):
        text = "The value begins as refresh tokens of this provider do: APIs take access tokens only."
        return [Argument("refresh_token_used", Grade.M, Group.LOCAL_BYTES, text)]
    else:
        found = faults_of(credential, ("refresh_token_used",))
        # What only the beginning of an opaque value tells is a likeness, what a claim says is certain.
        grade = Grade.S if found and found[0].part == "payload" else Grade.M
        return [Argument("refresh_token_used", grade, Group.LOCAL_CLAIMS, found[0].text)] if found else []
    return [Argument("refresh_token_used", Grade.S, Group.LOCAL_CLAIMS, text)]


def _assertion(
    credential: CredentialSeen, header: Mapping[str, Any], profile: Profile, endpoint: TokenEndpoint | None
) -> list[Argument]:  # fmt: skip
    claims: Mapping[str, Any] = credential.token.claims if credential.token is not None else {}
    if str(header.get("typ", "")).lower() == "dpop+jwt" or ("htm" in claims and "htu" in claims):
        text = "The value is a DPoP proof, which belongs into the DPoP header, not the access token."
        return [Argument("client_assertion_used", Grade.S, Group.LOCAL_CLAIMS, text)]
    if faults := faults_of(credential, ("client_assertion_used",)):
        return [Argument("client_assertion_used", Grade.S, Group.LOCAL_CLAIMS, faults[0].text)]
    oauth = profile.oauth
    issuer, subject = claims.get("iss"), claims.get("sub")
    if not issuer or issuer != subject or (oauth is not None and oauth.client_id and issuer != oauth.client_id):
        return []
    places = {
        p.rstrip("/") for p in (endpoint.url if endpoint else "", oauth.token_url if oauth else "", oauth.issuer if oauth else "") if p
    }
    if not ({a.rstrip("/") for a in _audience(claims)} & places):
        return []
    text = "The token was made by the client about itself for the token endpoint: it is a client assertion, not an access token."
    return [Argument("client_assertion_used", Grade.S, Group.LOCAL_CLAIMS, text)]


def _audience(claims: Mapping[str, Any]) -> tuple[str, ...]:
    value = claims.get("aud")
    if isinstance(value, str):
        return (value,)
    return tuple(str(v) for v in value) if isinstance(value, (list, tuple)) else ()


def _why_id_token(claims: Mapping[str, Any], profile: Profile, is_stored: bool) -> str:
    """Return why this looks like an ID token, "" where more speaks for an access token."""
    if is_stored:
        return "it is the stored ID token"
    if str(claims.get("token_use", "")).lower() == "id":
        return "it says so itself (token_use: id)"
    if str(claims.get("typ", "")).lower() == "id":
        return "it says so itself (typ: ID)"
    if claims.get("token_use") == "access" or str(claims.get("typ", "")).lower() == "bearer":
        return ""
    client = profile.oauth.client_id if profile.oauth is not None else ""
    for_client = bool(client) and client in _audience(claims)
    marks = [name for name in ID_MARKS if name in claims]
    access = [name for name in ACCESS_MARKS if name in claims]
    if "auth_time" in claims and for_client:
        marks.append("auth_time")
    if not access and (marks or for_client):
        told = [f"it carries {' and '.join(marks)}"] if marks else []
        return " and ".join([*told, *(["its audience is the client itself"] if for_client else [])])
    return f"it carries {' and '.join(marks)} and is meant for the client itself" if for_client and len(marks) >= 2 else ""


def _id_token(why: str, claims: Mapping[str, Any], profile: Profile, baseline: Baseline | None) -> Argument:
    client = profile.oauth.client_id if profile.oauth is not None else ""
    refused = baseline is not None and baseline.exchange.status is not None and not accepts(baseline.exchange)
    about_audience = refused and baseline is not None and "audience_mismatch" in explained(baseline.exchange).message.causes
    strong = about_audience and bool(client) and client in _audience(claims)
    text = f"The token looks like an ID token: {why}. An ID token tells your program who signed in; APIs want the access token."
    if strong:
        text += " The server refuses its audience, which is the client."
    return Argument("id_token_used", Grade.S if strong else Grade.M, Group.LOCAL_CLAIMS, text)
