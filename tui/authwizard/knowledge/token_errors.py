"""Which cause does a refused token request name? Reads `token_errors.toml` (RFC 6749 5.2; numbers of vendors are sure, their words are not)."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache

from authwizard.knowledge.messages import MessageSeen, read_message
from authwizard.knowledge.table_text import table_text
from authwizard.model.finding import Grade
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.oauth import TokenAnswer

Named = tuple[str, str, str]
"""A cause, the grade of the evidence, and the sentence."""
Reading = tuple[str, str]
"""A cause and the grade of what names it."""
PENDING = "authorization_pending"
"""RFC 8628 3.5: the person has not confirmed yet; the client asks again, nothing is wrong."""
UNREAD_CLIENT = frozenset({"client_credentials_missing", "client_secret_encoding"})
"""Causes that mean: the server could not read who the client is."""
NO_GRANT = ("client_credentials_invalid", "dpop_required", "grant_not_allowed")
"""What servers mean by invalid_grant where nothing was granted before (node-oidc-provider: a DPoP proof is absent; others: the client)."""
_NUMBER = late_pattern(r"^AADSTS\d+$")


@dataclass(frozen=True)
class TokenErrors:
    """The tables of `token_errors.toml`."""

    codes: Mapping[str, Reading]
    subcodes: Mapping[str, Reading]
    grants: Mapping[str, Reading]
    refines: Mapping[str, frozenset[str]]
    words: Mapping[str, tuple[tuple[re.Pattern[str], str, str], ...]]

    @property
    def causes(self) -> frozenset[str]:
        """Every cause the tables can name; numbers and words of the lexicon come besides."""
        told = {cause for table in (self.codes, self.subcodes, self.grants) for cause, _ in table.values()}
        return frozenset(
            told | {c for rows in self.words.values() for _, c, _ in rows} | {c for allowed in self.refines.values() for c in allowed}
        )


@lru_cache(maxsize=1)
def tables() -> TokenErrors:
    """Return the tables, read once."""
    read = tomllib.loads(table_text("token_errors"))

    def readings(name: str) -> dict[str, Reading]:
        return {key: (cause, grade) for key, (cause, grade) in read[name].items()}

    words = {group: tuple((re.compile(p, re.IGNORECASE), c, g) for p, c, g in rows) for group, rows in read["words"].items()}
    refines = {code: frozenset(causes) for code, causes in read["refines"].items()}
    return TokenErrors(readings("codes"), readings("subcodes"), readings("grants"), refines, words)


def refuses_client(answer: TokenAnswer) -> bool:
    """Tell whether an answer refuses the client itself, not the grant or the scope: invalid_client, or a 401 that names no error.

    RFC 6749 5.2 wants invalid_client; some servers say invalid_request of a client they cannot read (node-oidc-provider), in words.
    """
    if answer.ok:
        return False
    words = _first("request", answer.error_description) if answer.error == "invalid_request" else None
    unnamed = answer.status == 401 and not answer.error
    return answer.error == "invalid_client" or unnamed or (words is not None and words[0] in UNREAD_CLIENT)


def cause_of_token_error(answer: TokenAnswer, *, grant: str, client_auth: str, status: int | None, content_type: str) -> tuple[Named, ...]:
    """Return what a refused token request names, the strongest first; () for a success, where no answer came, or nothing is wrong yet."""
    if status is None or answer.ok or answer.error == PENDING:
        return ()
    said = _said(answer, status)
    by_number = _by_number(answer, grant)
    if by_number is not None:
        return ((*by_number, f"{said} Its number names it."),)
    if answer.suberror in tables().subcodes:
        return ((*tables().subcodes[answer.suberror], f"{said} Its further code is {answer.suberror}."),)
    standard = answer.error == "invalid_grant" or answer.error in tables().codes
    if not standard:
        by_status = _by_status(status, said)
        if by_status is not None:
            return (by_status,)
    elif status == 429 or status >= 500:
        return (_by_status(status, said) or ("auth_server_error", "S", said),)
    if not answer.error:
        return _without_code(answer, status, content_type, said)
    return _by_code(answer, grant, client_auth, said) if standard else _by_words_alone(answer, said)


def _said(answer: TokenAnswer, status: int) -> str:
    code = f" {answer.error}" if answer.error else ""
    words = f' ("{answer.error_description[:160]}")' if answer.error_description else ""
    return f"The token endpoint answers {status}{code}{words}."


def _by_number(answer: TokenAnswer, grant: str) -> Reading | None:
    """A vendor's number, which unlike its words is meant to be read by programs. Several in one answer: the first that is known."""
    for number in answer.error_codes:
        seen = _lexicon(number) if _NUMBER.match(number) else None
        if seen is None or seen.kind != "names":
            continue
        cause = seen.causes[0]
        if cause.startswith("refresh_token") and grant not in ("refresh_token", "client_credentials"):
            # Entra has one number for a refresh token and a code that are over.
            return tables().grants.get(grant, (cause, "M"))
        return cause, "S" if seen.grade is Grade.S else "M"
    return None


def _by_status(status: int, said: str) -> Named | None:
    if status in (404, 405):
        return "token_endpoint_wrong", "S", f"{said} There is no token endpoint at this address."
    if status == 429:
        return "rate_limited", "S", f"{said} Too many requests were made."
    if status >= 500:
        return "auth_server_error", "S", f"{said} The authorization server itself failed."
    return None


def _without_code(answer: TokenAnswer, status: int, content_type: str, said: str) -> tuple[Named, ...]:
    if 300 <= status < 400 or content_type == "text/html" or status < 300:
        return (("token_endpoint_wrong", "S", f"{said} This is not how a token endpoint answers."),)
    words = _first("client", answer.error_description)
    if words is not None:
        return ((words[0], "M", said),)
    if status in (400, 401, 403):
        return (("client_credentials_invalid", "M" if status == 401 else "W", f"{said} It names no error."),)
    return (("token_endpoint_wrong", "M", f"{said} This is not how a token endpoint answers."),)


def _by_code(answer: TokenAnswer, grant: str, client_auth: str, said: str) -> tuple[Named, ...]:
    if answer.error == "invalid_grant":
        return _grant(answer, grant, said)
    if answer.error == "invalid_client":
        return _client(answer, client_auth, said)
    if answer.error == "invalid_scope" and grant == "refresh_token":
        return (("refresh_scope_widened", "S", f"{said} A refresh cannot ask for more than was granted."),)
    if answer.error == "unsupported_grant_type":
        return (("grant_not_allowed", "S", f"{said} The server does not offer this grant."), ("token_request_malformed", "W", said))
    general = tables().codes[answer.error]
    narrowed = _narrowed(answer, answer.error, {"invalid_request": "request", "invalid_scope": "scope"}.get(answer.error, ""))
    if narrowed is None:
        return ((*general, said),)
    return _with_general(narrowed, general, said)


def _grant(answer: TokenAnswer, grant: str, said: str) -> tuple[Named, ...]:
    general = tables().grants.get(grant, ("client_credentials_invalid", "M"))
    kind = grant.rpartition(":")[2]
    key = f"grant:{kind}" if f"grant:{kind}" in tables().refines else "grant:other"
    narrowed = _narrowed(answer, key, kind)
    if narrowed is not None and narrowed[0] != general[0]:
        return ((*narrowed, said),)
    if grant == "client_credentials":
        told = f"{said} The code speaks of a grant that is over, and this one has none: it does not say what the server misses."
        return tuple((cause, "W", told) for cause in NO_GRANT)
    why = " The code covers an expired, revoked, reused and foreign refresh token alike." if grant == "refresh_token" else ""
    return ((*general, f"{said}{why}"),)


def _client(answer: TokenAnswer, client_auth: str, said: str) -> tuple[Named, ...]:
    """`invalid_client`: what was refused depends on how the client identified itself."""
    refuses = f"{said} It refuses this client's authentication."
    groups = {"private_key_jwt": ("assertion", "client"), "tls_client_auth": ("certificate", "client")}.get(client_auth, ("client",))
    narrowed = _narrowed(answer, "invalid_client", *groups)
    if client_auth == "none" and narrowed is None:
        # Nothing was sent that could be wrong: the id is not known, or this client has to prove who it is.
        return (("client_credentials_missing", "M", f"{refuses} The request carried its id alone."), ("client_unknown", "M", refuses))
    general = {"private_key_jwt": ("client_assertion_invalid", "S"), "tls_client_auth": ("mtls_certificate_mismatch", "M")}.get(
        client_auth, tables().codes["invalid_client"]
    )
    return ((*general, refuses),) if narrowed is None else _with_general(narrowed, general, said, refuses)


def _with_general(narrowed: Reading, general: Reading, said: str, told: str = "") -> tuple[Named, ...]:
    """Words of one meaning stand for themselves; others beside what the code says by itself."""
    if narrowed[0] == general[0]:
        return ((*general, told or said),)
    if narrowed[1] == "S":
        return ((*narrowed, said),)
    return ((*general, told or said), (*narrowed, said))


def _narrowed(answer: TokenAnswer, key: str, *groups: str) -> Reading | None:
    """What the words beside a code narrow it down to; None where they say nothing, or nothing that fits the code."""
    for group in groups:
        found = _first(group, answer.error_description)
        if found is not None:
            return found
    seen = _lexicon(answer.error_description) if answer.error_description else None
    if seen is None or seen.kind != "names":
        return None
    cause = next((c for c in seen.causes if c in tables().refines.get(key, frozenset())), None)
    return (cause, "S" if seen.grade is Grade.S and cause == seen.causes[0] else "M") if cause is not None else None


def _by_words_alone(answer: TokenAnswer, said: str) -> tuple[Named, ...]:
    """A code of no standard: the words beside it, read with care."""
    found = _first("client", answer.error_description)
    if found is None:
        seen = _lexicon(answer.error, answer.error_description)
        cause = next((c for c in seen.causes if c in tables().causes), None) if seen.kind == "names" else None
        found = (cause, "M") if cause is not None else None
    return ((found[0], "M", said),) if found is not None else (("token_request_malformed", "W", said),)


def _first(group: str, text: str) -> Reading | None:
    return next(((cause, grade) for pattern, cause, grade in tables().words.get(group, ()) if pattern.search(text)), None)


def _lexicon(*texts: str) -> MessageSeen:
    return read_message(400, (), json.dumps({"errors": [text for text in texts if text]}))
