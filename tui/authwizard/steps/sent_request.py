"""In what does the request of the user's program differ from this profile's, and what would each difference explain? (S8-06, capture)"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from authwizard.model.evidence import ClientEnvironment, CredentialSeen, SentCredential, SentRequest
from authwizard.model.finding import Grade
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import origin_of
from authwizard.protocol.repair_name import name_faults
from authwizard.steps.step1_session import SESSION_COOKIE

SENT_CAUSES = (
    "credential_missing", "auth_scheme_wrong", "auth_scheme_missing", "auth_scheme_case_rejected", "auth_scheme_duplicated",
    "auth_header_name_wrong", "header_name_underscore", "credential_location_wrong", "stale_token_sent", "wrong_base_url",
    "wrong_path_or_method", "cookie_overrides_token", "duplicate_credentials", "credential_override_by_userinfo", "netrc_override",
    "plaintext_http", "redirect_drops_authorization", "refresh_token_used", "id_token_used", "environment_mismatch", "token_expired",
    "placeholder_value", "whitespace_in_credential", "line_break_in_token", "invisible_characters", "non_ascii_in_token", "quotes_in_token",
    "wrapper_in_token", "token_response_pasted", "double_encoded_token", "url_encoded_token", "standard_base64_token", "token_case_folded",
    "token_truncated", "token_concatenated", "basic_malformed", "basic_charset", "connection_header_strips_authorization",
    "second_credential_missing",
)  # fmt: skip
"""What a difference can explain."""
MASK = late_pattern(r"<[^<>]*>")
INCIDENTAL = frozenset(
    {"host", "connection", "accept-encoding", "content-length", "transfer-encoding", "x-request-id", "traceparent", "accept-language",
     "sec-fetch-mode", "sec-fetch-site", "sec-fetch-dest", "postman-token", "cache-control", "keep-alive"}
)  # fmt: skip
"""Fields every client adds in its own way; they are shown and argue for nothing."""
OFTEN_TAKEN = frozenset({"auth_scheme_case_rejected", "basic_charset", "whitespace_in_credential"})
"""Faults that many servers read past."""
SPELLING = frozenset({"auth_scheme_missing", "auth_scheme_wrong", "auth_scheme_case_rejected", "auth_scheme_duplicated", "basic_charset"})
"""Faults of the words in front of a value, and of letters: the value behind them is compared all the same."""
OWN_DEFAULTS = frozenset({"user-agent", "accept", "cookie"})
"""Fields whose absence decides nothing about who asks."""
USED_AS = {"refresh_token": "refresh_token_used", "id_token": "id_token_used"}


@dataclass(frozen=True)
class Here:
    """What this profile sends: the request with masked fields, and its credential. `method` "" = not to be compared."""

    method: str
    url: str
    fields: tuple[tuple[str, str], ...]
    credential: CredentialSeen
    now: float = 0.0
    """Unix seconds, to see whether a token that was sent has expired; 0 = not known."""
    same_address: bool = True
    """Whether the address is meant to be the same (a capture stands in for the API, so only the path counts)."""


@dataclass(frozen=True)
class Difference:
    """One difference, the cause it would explain, and how strongly; the sentence is about the user's program ("it ...")."""

    cause: str
    grade: Grade
    text: str


def differences(sent: SentRequest, here: Here, netrc: str = "") -> tuple[Difference, ...]:
    """Return what differs, the most telling first. `netrc` names a netrc file with an entry for the host, "" for none."""
    found = [*_address(sent, here), *_credential(sent, here, netrc), *_beside(sent, here)]
    strength = {Grade.S: 0, Grade.M: 1, Grade.W: 2}
    return tuple(sorted(dict.fromkeys(found), key=lambda d: strength.get(d.grade, 3)))


def netrc_place(environment: ClientEnvironment | None, url: str) -> str:
    """The netrc file that has an entry for the host of a request, "" for none."""
    if environment is None:
        return ""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return (environment.netrc_path or "netrc") if {host, "default"} & set(environment.netrc_hosts) else ""


# ── the credential ───────────────────────────────────────────────────────────────────────────────────────────────────


def _credential(sent: SentRequest, here: Here, netrc: str) -> Iterator[Difference]:
    own = here.credential
    if own.field_value is None and not (own.missing and own.scheme):
        return
    theirs = [c for c in sent.credentials if c.place == own.place and (c.place == "cookie" or c.name.lower() == own.name.lower())]
    userinfo = next((c for c in sent.credentials if c.place == "userinfo"), None)
    if userinfo is not None and own.kind != "basic":
        text = "it has a user name and password in its address, which many clients send in place of the Authorization header."
        yield Difference("credential_override_by_userinfo", Grade.S, text)
    if not theirs:
        # Digest is made only after a challenge; its absence before one says nothing.
        yield from () if userinfo is not None or own.kind == "digest" else _absent(sent, own)
        return
    if len(theirs) > 1:
        yield Difference("duplicate_credentials", Grade.S, f"it carries {len(theirs)} {own.name} fields; only one may be there.")
    yield from _compared(theirs[0], here, netrc, sent)


def _absent(sent: SentRequest, own: CredentialSeen) -> Iterator[Difference]:
    """No credential where this profile has it: under another name, in another place, lost on a redirect, or none at all."""
    if own.place == "header" and not sent.fields_known:
        return
    lost = next((url for url, authorized in sent.hops if authorized and _origin(url) != _origin(sent.url)), "")
    if lost and own.name.lower() == "authorization":
        text = f"it was redirected from {lost} to {sent.url}, and the Authorization header was left behind on the way."
        yield Difference("redirect_drops_authorization", Grade.S, text)
        return
    misnamed = next((c for c in sent.credentials if c.place == "header" and _misspelt(c, own)), None)
    if misnamed is not None:
        yield Difference("auth_header_name_wrong", Grade.S, f"its credential stands in a field called {misnamed.name}, here in {own.name}.")
        return
    elsewhere = next(iter(sent.credentials), None)
    if elsewhere is not None:
        where = {"query": f"the query parameter {elsewhere.name}", "userinfo": "the address"}.get(
            elsewhere.place, f"the field {elsewhere.name}"
        )
        yield Difference("credential_location_wrong", Grade.S, f"its credential stands in {where}, here in {_place(own)}.")
    elif not sent.silent and own.name not in sent.masked_names:
        yield Difference("credential_missing", Grade.S, f"it carries no credential: {_place(own)} is not there.")


def _misspelt(theirs: SentCredential, own: CredentialSeen) -> bool:
    return own.name.lower() == "authorization" and any(
        cause == "auth_header_name_wrong" for cause, *_ in name_faults(theirs.name, own.kind)
    )


def _place(own: CredentialSeen) -> str:
    return {"query": f"the query parameter {own.name}", "cookie": "the Cookie header"}.get(own.place, f"the {own.name} header")


def _compared(theirs: SentCredential, here: Here, netrc: str, sent: SentRequest) -> Iterator[Difference]:
    """The two credentials, word by word."""
    own = here.credential
    told = {fault.cause for fault in theirs.faults}
    if theirs.scheme.lower() != own.scheme.lower() and theirs.scheme.lower() == "basic":
        yield from _basic(own, netrc, sent)
        return
    for fault in theirs.faults:
        grade = Grade.M if fault.cause in OFTEN_TAKEN else Grade.S
        yield Difference(fault.cause, grade, f"its credential has a fault. {fault.text}")
    if theirs.scheme != own.scheme and not told & SPELLING:
        yield _scheme(own.scheme, theirs.scheme)
    if theirs.same is False and own.field_value is not None and not _made_anew(own) and not any(cause not in SPELLING for cause in told):
        yield _value(theirs, here)


def _made_anew(own: CredentialSeen) -> bool:
    """Whether the value is computed for every request (a digest, a signature), so that two are never the same."""
    return own.kind == "digest" or own.scheme.lower().startswith(
        ("aws4-", "digest", "hawk", "signature", "hmac", "ntlm", "negotiate", "oauth")
    )


def _basic(own: CredentialSeen, netrc: str, sent: SentRequest) -> Iterator[Difference]:
    """A user name and password where this profile sends something else: somebody put them there."""
    if netrc:
        text = f"it sends Basic where this profile sends {own.scheme or 'the bare value'}, and {netrc} has an entry for this host."
        yield Difference("netrc_override", Grade.S, text)
        return
    yield Difference(
        "auth_scheme_wrong", Grade.S, f"it sends a user name and password (Basic), this profile {own.scheme or 'the bare value'}."
    )
    if sent.agent.lower().startswith("python-requests"):
        text = (
            "it uses requests, which takes a user name and password from a netrc file in place of the header: look for one where it runs."
        )
        yield Difference("netrc_override", Grade.M, text)


def _scheme(own: str, theirs: str) -> Difference:
    text = f"its scheme word is {theirs or 'missing'}, here it is {own or 'missing'}."
    if not theirs:
        return Difference("auth_scheme_missing", Grade.S, text)
    return (
        Difference("auth_scheme_case_rejected", Grade.M, text)
        if theirs.lower() == own.lower()
        else Difference("auth_scheme_wrong", Grade.S, text)
    )


def _value(theirs: SentCredential, here: Here) -> Difference:
    """Another value: which one, as far as it can be told."""
    own = here.credential
    if theirs.stored_as:
        cause = USED_AS.get(theirs.stored_as, "stale_token_sent")
        return Difference(cause, Grade.S, f"it sends what is stored as {theirs.stored_as} in the credential's place.")
    marks = f" ({theirs.fingerprint or f'{theirs.length} characters'}, here {own.fingerprint or f'{own.length} characters'})"
    expires = _seconds(theirs, "exp")
    if expires is not None and 0 < expires < here.now:
        return Difference("stale_token_sent", Grade.S, f"it sends another token{marks}, and that one has expired.")
    older, newer = _seconds(theirs, "iat"), own.token.claims.get("iat") if own.token is not None else None
    if _issuer(theirs.token) and own.token is not None and _issuer(own.token) and _issuer(theirs.token) != _issuer(own.token):
        text = f"it sends a token of another issuer ({_issuer(theirs.token)}, here {_issuer(own.token)})."
        return Difference("environment_mismatch", Grade.S, text)
    if older is not None and isinstance(newer, (int, float)) and older < newer:
        return Difference("stale_token_sent", Grade.S, f"it sends an older token{marks}.")
    return Difference("stale_token_sent", Grade.M, f"it sends another credential{marks}.")


def _seconds(theirs: SentCredential, claim: str) -> float | None:
    value = theirs.token.claims.get(claim) if theirs.token is not None else None
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _issuer(token: object) -> str:
    claims = getattr(token, "claims", {})
    value = claims.get("iss")
    return value if isinstance(value, str) else ""


# ── the address and the rest ─────────────────────────────────────────────────────────────────────────────────────────


def _address(sent: SentRequest, here: Here) -> Iterator[Difference]:
    theirs, own = _origin(sent.url), _origin(here.url)
    redirected = bool(sent.hops) and _origin(sent.hops[0][0]) == own
    if here.same_address and theirs != own and not redirected:
        if theirs.partition("://")[2].rpartition(":")[0] == own.partition("://")[2].rpartition(":")[0] and theirs.startswith("http:"):
            text = "it goes out over plain http, this one over https: a redirect from there to https can cost it the credential."
            yield Difference("plaintext_http", Grade.M, text)
        else:
            yield Difference("wrong_base_url", Grade.S, f"it goes to {theirs or 'another address'}, this one to {own}.")
        return
    if redirected and here.same_address:
        return
    their_path, own_path = path_of(sent.url), path_of(here.url)
    if their_path != own_path:
        yield Difference("wrong_path_or_method", Grade.M, f"its path is {their_path}, here {own_path}.")
    elif sent.method and here.method and sent.method != here.method:
        yield Difference("wrong_path_or_method", Grade.W, f"its method is {sent.method}, here {here.method}.")
    elif _parameters(sent.url) != _parameters(here.url):
        yield Difference("wrong_path_or_method", Grade.W, "its query parameters are others than here.")


def _bare(url: str) -> str:
    """The address without user name and password, its masks replaced: the `#` of a fingerprint would end its path."""
    return re.sub(r"^([A-Za-z][A-Za-z0-9+.-]*://)[^/?]*@", r"\1", MASK.sub("x", url))


def _origin(url: str) -> str:
    return origin_of(_bare(url))


def path_of(url: str) -> str:
    """Return the path of an address, masked or not; "/" where it has none."""
    try:
        return urlsplit(_bare(url)).path or "/"
    except ValueError:
        return "/"


def _parameters(url: str) -> list[str]:
    try:
        return sorted(name for name, _ in parse_qsl(urlsplit(_bare(url)).query, keep_blank_values=True))
    except ValueError:
        return []


def _beside(sent: SentRequest, here: Here) -> Iterator[Difference]:
    """Fields beside the credential: a cookie more, a second credential less, a field that takes the header away."""
    names = {name.lower() for name, _ in sent.fields}
    own = {name.lower(): name for name, _ in here.fields}
    if "cookie" in names and "cookie" not in own and here.credential.place != "cookie":
        session = [c for c in sent.cookies if SESSION_COOKIE.search(c)]
        text = f"it also carries a cookie{f' ({session[0]})' if session else ''}, which some servers look at before the token."
        yield Difference("cookie_overrides_token", Grade.M if session else Grade.W, text)
    listed = next((v for n, v in sent.fields if n.lower() == "connection"), "")
    if here.credential.name.lower() in [word.strip().lower() for word in listed.split(",")]:
        text = f"its Connection field names {here.credential.name}, which tells the next proxy to take that field away."
        yield Difference("connection_header_strips_authorization", Grade.S, text)
    if sent.silent:
        return
    for lower, name in own.items():
        if lower in names or lower == here.credential.name.lower() or lower in INCIDENTAL | OWN_DEFAULTS:
            continue
        secret = next(v for n, v in here.fields if n.lower() == lower).startswith("<")
        text = f"it lacks the field {name}, which this profile sends{' as a second credential' if secret else ''}."
        yield Difference("second_credential_missing", Grade.M if secret else Grade.W, text)
