"""What does the server's Digest or Negotiate challenge want, and can it be given? S1-25."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from authwizard.check import check, failed, not_applicable, passed, warned
from authwizard.knowledge.signature import challenges_of
from authwizard.model.evidence import Anonymous, Baseline, CredentialSeen, FreshNonceCall
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome
from authwizard.model.profile import Client, Profile
from authwizard.protocol.digest import algorithm_of, answerable, is_stale
from authwizard.protocol.scheme_names import scheme_name
from authwizard.steps.answers import status_text
from authwizard.steps.differential import accepts
from authwizard.steps.swaps import swap_line

DIGEST_CAUSES = ("digest_stale_nonce", "digest_algorithm_unsupported", "digest_uri_rewritten", "negotiate_required")
WINDOWS = frozenset({"negotiate", "ntlm", "kerberos"})
KNOWN_TO: Mapping[Client, frozenset[str]] = {
    "requests": frozenset({"md5", "md5-sess", "sha", "sha-256", "sha-512"}),
    "httpx": frozenset({f"{name}{end}" for name in ("md5", "sha", "sha-256", "sha-512") for end in ("", "-sess")}),
    "go": frozenset(),
}
"""Digest algorithms a client's own library computes, where its sources say so: requests auth.py, httpx _auth.py, net/http (none)."""

Params = Mapping[str, str]


@check(
    "S1-25", step=1, title="A Digest or Negotiate challenge can be answered",
    looks_for="The algorithm, the protection and the age of the nonce in a Digest challenge; a path that was changed on the way; Kerberos and NTLM.",
    causes=DIGEST_CAUSES, sources=("RFC 7616 3.3", "RFC 7616 3.4", "RFC 4559 4", "psf/requests auth.py", "encode/httpx _auth.py"),
)  # fmt: skip
def digest_negotiate(
    credential: CredentialSeen, profile: Profile, baseline: Baseline, anonymous: Anonymous | None, fresh: FreshNonceCall | None
) -> Outcome:  # fmt: skip
    """Judge what the challenge asks for beside what was sent; the login itself is never tried a second time."""
    schemes, asked = _schemes(baseline, anonymous), _digest(baseline) or _digest(anonymous)
    uses_digest = credential.kind == "digest" or credential.scheme.lower() == "digest"
    if not uses_digest and not schemes & WINDOWS:
        return not_applicable("Neither the profile nor the server speaks of Digest or Negotiate.")
    lines = [Line("Challenge", _shown(params)) for params in asked]
    if accepts(baseline.exchange):
        return _accepted(profile, _digest(anonymous), lines) if uses_digest else passed("The API accepts the credential.", *lines)
    if fresh is not None:
        lines.append(swap_line(fresh, "the nonce"))
    found = [*_windows(credential, schemes)]
    if uses_digest and asked:
        found += [
            *_stale(credential, baseline, fresh),
            *_unsupported(credential, asked),
            *_path(credential, profile, baseline, anonymous),
        ]
    positive = [a for a in found if not a.grade.against]
    if not positive:
        return passed("Nothing in the challenge stands against the answer that was sent.", *lines)
    worst = max(positive, key=lambda a: a.grade.points)
    make = failed if worst.grade in (Grade.P, Grade.S) else warned
    return make(worst.text, *lines, arguments=tuple(found))


def _schemes(*seen: Baseline | Anonymous | None) -> frozenset[str]:
    return frozenset(c.scheme for s in seen if s is not None for c in challenges_of(s.exchange))


def _digest(seen: Baseline | Anonymous | None) -> tuple[Params, ...]:
    return tuple(c.params for c in challenges_of(seen.exchange) if c.scheme == "digest") if seen is not None else ()


def _shown(params: Params) -> str:
    parts = [
        f"algorithm {algorithm_of(params)}",
        *(f"{name} {params[name]}" for name in ("qop", "stale", "userhash", "charset") if name in params),
    ]
    return "Digest, " + ", ".join(parts)


def _windows(credential: CredentialSeen, schemes: frozenset[str]) -> Iterator[Argument]:
    """Kerberos and NTLM alone: another scheme beside them may be what the profile sends."""
    if schemes and schemes <= WINDOWS and credential.scheme.lower() not in schemes:
        text = f"The server asks for {' and '.join(map(scheme_name, sorted(schemes)))} alone: a login of its Windows or Kerberos domain."
        yield Argument("negotiate_required", Grade.M, Group.RESPONSE_CLASS, text, provenance="server message")


def _stale(credential: CredentialSeen, baseline: Baseline, fresh: FreshNonceCall | None) -> Iterator[Argument]:
    if any(is_stale(params) for params in _digest(baseline)):
        text = "The server says stale=true: the nonce was out of date, and name and password were right."
        yield Argument("digest_stale_nonce", Grade.S, Group.SERVER_MESSAGE, text, provenance="server message")
        if fresh is not None and accepts(fresh.exchange):
            works = f"With the server's new nonce and nothing else changed, the request succeeds ({status_text(fresh.exchange.status)})."
            yield Argument("digest_stale_nonce", Grade.P, Group.SWAP, works, factor="nonce")
    elif credential.whole and credential.scheme.lower() == "digest" and baseline.exchange.status == 401:
        text = "A Digest value that was made once answers one nonce, and each count of it once: servers refuse it when it comes again."
        yield Argument("digest_stale_nonce", Grade.M, Group.LOCAL_BYTES, text)


def _unsupported(credential: CredentialSeen, asked: tuple[Params, ...]) -> Iterator[Argument]:
    reasons = [answerable(params) for params in asked]
    if all(reasons) and not credential.whole:
        text = f"The server's Digest challenge cannot be answered. {reasons[0]}"
        yield Argument("digest_algorithm_unsupported", Grade.S, Group.RESPONSE_CLASS, text, provenance="server message")


def _accepted(profile: Profile, asked: tuple[Params, ...], lines: list[Line]) -> Outcome:
    """The login works from here; the user's own client may lack the algorithm."""
    known = KNOWN_TO.get(profile.client)
    offered = [algorithm_of(params) for params in asked]
    if known is None or not offered or any(name.lower() in known for name in offered):
        return passed("The API accepts the login.", *lines)
    text = f"The login works from here, but the server offers {', '.join(offered)} alone, which {profile.client} does not compute."
    argument = Argument("digest_algorithm_unsupported", Grade.M, Group.ENVIRONMENT, text, provenance=profile.client)
    return warned(text, *lines, arguments=(argument,))


def _path(credential: CredentialSeen, profile: Profile, baseline: Baseline, anonymous: Anonymous | None) -> Iterator[Argument]:
    signed, sent = credential.parameters.get("uri", ""), _path_of(profile.url)
    if credential.whole and signed and sent and "{" not in sent and _path_of(signed) != sent:
        text = f"The stored Digest value was made for {signed}; the request goes to {sent}."
        yield Argument("digest_uri_rewritten", Grade.S, Group.LOCAL_BYTES, text)
        return
    plain = anonymous is not None and anonymous.exchange.status == 401
    if plain and baseline.exchange.status == 400 and credential.field_value is not None:
        text = "The Digest answer gets 400 where no answer gets 401: by the standard that is how a server says that the path it sees is another one."
        yield Argument("digest_uri_rewritten", Grade.M, Group.RESPONSE_CLASS, text)


def _path_of(url: str) -> str:
    """Return the path of an address, or of what is a path already."""
    try:
        return urlsplit(url).path or "/"
    except ValueError:
        return ""
