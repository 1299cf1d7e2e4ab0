"""Is the token encrypted, so that only the API can read it? S1-20."""

from __future__ import annotations

from urllib.parse import urlsplit

from authwizard.check import check, not_applicable, passed, warned
from authwizard.model.evidence import Baseline, CredentialSeen, FreshToken
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.model.profile import Profile
from authwizard.model.token import TokenSeen
from authwizard.steps.differential import accepts

AUTH0 = (".auth0.com",)


@check(
    "S1-20", step=1, title="The token is one the API can read",
    looks_for="An encrypted token (five parts), and whether its issuer hands such tokens out only where no API was asked for.",
    causes=("opaque_token_no_audience",), sources=("RFC 7516 9", "RFC 7519 3", "auth0.com/docs, access tokens"),
)  # fmt: skip
def encrypted(credential: CredentialSeen, profile: Profile, baseline: Baseline | None, fresh: FreshToken | None) -> Outcome:
    """Judge an encrypted token; an API may well take one, so nothing here is a failure."""
    token = credential.token
    if token is None or token.kind != "jwe" or credential.kind not in ("bearer", "dpop"):
        return not_applicable("The token is not encrypted.")
    key = "none, the key is agreed on directly" if len(token.parts) == 5 and not token.parts[1] else "inside the token"
    lines = tuple(Line(name, str(token.header[name])) for name in ("alg", "enc", "kid") if name in token.header)
    lines = (*lines, Line("Encrypted key", key))
    accepted = baseline is not None and accepts(baseline.exchange)
    why = "" if accepted or _asked_for_api(profile) else _sign(token, profile, fresh)
    if not why:
        return passed("The token is encrypted: only the API can read it, so its claims and times cannot be checked here.", *lines)
    text = f"The token is encrypted, and {why}: its issuer makes such tokens for itself where no audience is asked for."
    return warned(text, *lines, arguments=(Argument("opaque_token_no_audience", Grade.M, Group.LOCAL_CLAIMS, text),))


def _asked_for_api(profile: Profile) -> bool:
    return profile.oauth is not None and bool(profile.oauth.audience or profile.oauth.resource)


def _sign(token: TokenSeen, profile: Profile, fresh: FreshToken | None) -> str:
    if like_auth0(token, profile):
        return "its issuer is one that falls back to tokens of its own"
    if "jwt" in profile.expect.type.lower():
        return "the profile says that the API reads signed ones"
    signed = fresh is not None and fresh.token is not None and fresh.token.kind == "jws"
    return "a new token of the same client is a signed one" if signed else ""


def like_auth0(token: TokenSeen, profile: Profile) -> bool:
    """Whether the issuer is one that falls back to tokens for itself: by its name, or by the direct encryption it uses for them."""
    named = (profile.oauth.issuer if profile.oauth is not None else "", str(token.header.get("iss", "")))
    if any(_host(name).endswith(AUTH0) for name in named):
        return True
    return token.kind == "jwe" and token.header.get("alg") == "dir"


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
