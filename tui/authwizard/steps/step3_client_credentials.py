"""Step 3: are the client's own id and secret accepted, and do issuer, audience and keys of the token fit?"""

from __future__ import annotations

import re
from dataclasses import replace

from authwizard.check import Check, blocked, check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.knowledge.token_errors import PENDING
from authwizard.model.evidence import (
    Baseline,
    ClientAuthVariants,
    CredentialSeen,
    Discovery,
    FreshToken,
    MintedForRun,
    NetworkTime,
    RunClock,
    SecretState,
    StoredSecrets,
    TokenGrant,
)
from authwizard.model.finding import Argument, Facts, Grade, Group, Line, Outcome, Status
from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import OAuth, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault
from authwizard.steps.answers import status_text
from authwizard.steps.clock_evidence import clocks_of
from authwizard.steps.clock_model import offset_of, tolerance
from authwizard.steps.identity import distinct
from authwizard.steps.step3_claims import audience_accepted, issuer_accepted
from authwizard.steps.step3_discovery import discovery_agrees
from authwizard.steps.step3_grant import grant_fits
from authwizard.steps.step3_identity import client_claim, environment_mixup
from authwizard.steps.step3_keys import key_published, shared_secret_fits, signature_holds
from authwizard.steps.step3_mtls import certificate_presented
from authwizard.steps.step3_standing import account_free, introspected_active, whoami_accepts
from authwizard.steps.step_text import StepText
from authwizard.steps.time_words import ahead_or_behind, duration
from authwizard.steps.token_answers import (
    BYTE_CAUSES,
    TOKEN_ERROR_CAUSES,
    arguments_of,
    client_was_refused,
    hygiene_arguments,
    renewal_is_needed,
    weighed,
)

FACTOR = "client authentication"
WRONG_SECRET_VALUE = "AADSTS7000215"
"""Entra: the secret is wrong, often its id in the place of its value (learn.microsoft.com, error codes)."""
_TEMPLATE = late_pattern(r"^your[_-]|^<.*>$|\$\{|\$\(|\{\{|[_-]here$|^(?:changeme|undefined|null|none|xxx+)$", re.IGNORECASE)
"""Narrower than for secrets: a client may well be called "my-app-id"."""
_GUID = late_pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
METHOD_WORDS = {
    "client_secret_basic": "id and secret in the Authorization header (client_secret_basic)",
    "client_secret_post": "id and secret in the form (client_secret_post)",
    "private_key_jwt": "a signed assertion (private_key_jwt)",
    "tls_client_auth": "a client certificate (tls_client_auth)",
    "none": "the id alone (none)",
}


# ── S3-01 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-01", step=3, title="Client id and secret are clean text",
    looks_for="blanks, quotes, placeholders, an id in the secret's place, in the client id and the stored secret",
    causes=BYTE_CAUSES, sources=("RFC 6749 2.3.1", "learn.microsoft.com, application credentials"),
)  # fmt: skip
def secret_hygiene(
    profile: Profile, secrets: StoredSecrets, credential: CredentialSeen | None, fresh: FreshToken | None, minted: MintedForRun | None,
    clock: RunClock, baseline: Baseline | None, network: NetworkTime | None,
) -> Outcome:  # fmt: skip
    """S3-01: the text of id, secret and key; a fault counts only where the authorization server refused them."""
    oauth = profile.oauth
    if oauth is None or not oauth.client_id:
        return not_applicable("The profile names no client, so there is no id or secret to look at.")
    grant: TokenGrant | None = fresh or minted
    refused = client_was_refused(grant) if grant is not None else credential is not None and credential.field_value is None
    needed = renewal_is_needed(credential, clocks_of(clock, baseline, None, None, network, minted, fresh, None).now_api)
    grade = Grade.W if not refused else Grade.S if needed else Grade.M
    states = [_client_id_state(oauth.client_id)]
    states += [s for name in ("client_secret", "private_key") if (s := secrets.get(name)).status == "present"]
    arguments = [a for state in states for a in hygiene_arguments(state.field.replace("_", " "), state, grade)]
    if grant is not None and WRONG_SECRET_VALUE in grant.answer.error_codes:
        arguments = [replace(a, grade=grade) if a.cause == "secret_id_instead_of_value" else a for a in arguments]
    arguments += _exchanged(oauth, secrets.get("client_secret"), Grade.M if refused else Grade.W)
    lines = tuple(Line(s.field.replace("_", " "), _shape(s), Status.WARN if s.faults else Status.PASS) for s in states)
    unreadable = next((s for name in ("client_secret", "private_key") if (s := secrets.get(name)).status == "unavailable"), None)
    if unreadable is not None:
        return blocked(unreadable.why or f"The {unreadable.field} could not be read.", *lines)
    if not arguments:
        return passed("Client id and secret hold no blanks, quotes, placeholders or other damage.", *lines)
    if grant is not None and grant.answer.ok:
        return warned(f"{arguments[0].text} The authorization server accepts it all the same.", *lines)
    placed: Facts = {f"step:{a.cause}": 3 for a in arguments} if refused else {}
    return (failed if refused else warned)(arguments[0].text, *lines, arguments=tuple(arguments), facts=placed)


def _client_id_state(client_id: str) -> SecretState:
    """Look at the client id as at a stored value; it is no secret and stands in the profile."""
    faults = []
    if client_id != client_id.strip() or re.search(r"\s", client_id):
        faults.append(TokenFault("whitespace_in_credential", "It holds white space."))
    if _TEMPLATE.search(client_id.strip()):
        faults.append(TokenFault("placeholder_value", "It is the sample text of a documentation, or a variable that was not replaced."))
    if len(client_id) > 1 and client_id[0] == client_id[-1] and client_id[0] in "\"'`":
        faults.append(TokenFault("quotes_in_token", "Quotes are part of it."))
    return SecretState("client_id", "present", length=len(client_id), faults=tuple(faults))


def _exchanged(oauth: OAuth, secret: SecretState, grade: Grade) -> list[Argument]:
    """The id stands where the secret should, or the two have each other's shape."""
    if secret.secret is not None and secret.secret == Secret(oauth.client_id):
        text = "The stored client secret is the client id once more: the id was stored in the secret's place."
        return [Argument("client_id_secret_swapped", grade, Group.LOCAL_BYTES, text)]
    id_like = any(f.cause == "secret_id_instead_of_value" for f in secret.faults)
    if id_like and len(oauth.client_id) >= 32 and not _GUID.fullmatch(oauth.client_id):
        text = "The stored client secret looks like an id, and the client id like a secret: the two were probably exchanged."
        return [Argument("client_id_secret_swapped", grade, Group.LOCAL_BYTES, text)]
    return []


def _shape(state: SecretState) -> str:
    return f"{state.length} characters {state.fingerprint}".strip()


# ── S3-04 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-04", step=3, title="The client identifies itself the way the server wants",
    looks_for="after invalid_client: the other encoding of id and secret, and the other of header and form",
    causes=("client_auth_method_wrong", "client_secret_encoding", "authorization_stripped"),
    sources=("RFC 6749 2.3.1", "OpenID Connect Core 9"),
)  # fmt: skip
def client_auth_method(
    fresh: FreshToken, variants: ClientAuthVariants | None, discovery: Discovery | None, credential: CredentialSeen | None,
    clock: RunClock, baseline: Baseline | None, network: NetworkTime | None,
) -> Outcome:  # fmt: skip
    """S3-04: does another way of client authentication succeed? Proof only where the run needs a new token."""
    method = METHOD_WORDS.get(fresh.client_auth, fresh.client_auth)
    if fresh.answer.ok:
        return passed(f"The server accepts {method}.")
    if not client_was_refused(fresh):
        return not_applicable("The server did not refuse the client itself, so the way it identifies itself is not in question.")
    offered = discovery.metadata.token_endpoint_auth_methods_supported if discovery is not None and discovery.metadata is not None else ()
    unlisted = bool(offered) and fresh.client_auth not in offered
    by_metadata = _not_offered(method, offered) if unlisted else ()
    if variants is None or not variants.tries:
        if by_metadata:
            return failed(by_metadata[0].text, arguments=by_metadata)
        return not_tried("Other ways of client authentication were not tried.")
    tried = tuple(zip(_labels(variants), variants.tries, strict=True))
    lines = tuple(Line(label, _said(grant), Status.PASS if grant.answer.ok else Status.FAIL) for label, grant in tried)
    winner = next(((label, grant) for label, grant in tried if grant.answer.ok), None)
    if winner is not None:
        now = clocks_of(clock, baseline, None, None, network, None, fresh, None).now_api
        needed = renewal_is_needed(credential, now)
        if fresh.client_auth in offered and _saw_no_client(fresh) and winner[1].client_auth == "client_secret_post":
            return _header_lost(lines, renewal_needed=needed)
        return _another_way_works(fresh, *winner, lines, renewal_needed=needed)
    text = f"The server refuses the client in every way tried: {distinct(label for label, _ in tried)}."
    answered = [grant for _, grant in tried if grant.exchange.status is not None]
    if not answered:
        return blocked("Other ways of client authentication got no answer.", *lines)
    causes = dict.fromkeys("client_auth_method_wrong" if g.client_auth != fresh.client_auth else "client_secret_encoding" for g in answered)
    against = tuple(Argument(c, Grade.XM, Group.SWAP, text, factor=FACTOR) for c in causes)
    return passed(f"{text} So it is not the way, but the client, its secret or its registration.", *lines, arguments=against)


def _saw_no_client(fresh: FreshToken) -> bool:
    return fresh.client_auth == "client_secret_basic" and any(a.cause == "client_credentials_missing" for a in arguments_of(fresh))


def _header_lost(lines: tuple[Line, ...], *, renewal_needed: bool) -> Outcome:
    """The way is one the server offers, the header went out, and the server saw none: somebody before it takes the header away."""
    text = (
        "The token endpoint offers id and secret in the Authorization header, says that it saw none, and accepts the very same in the form: "
        "the header gets lost on the way to the token endpoint."
    )
    proof = (Argument("authorization_stripped", Grade.P, Group.SWAP, text, factor=FACTOR),)
    return failed(text, *lines, arguments=weighed(proof, renewal_needed=renewal_needed), facts={"step:authorization_stripped": 3})


def _another_way_works(
    fresh: FreshToken, label: str, grant: TokenGrant, lines: tuple[Line, ...], *, renewal_needed: bool
) -> Outcome:  # fmt: skip
    if grant.client_auth != fresh.client_auth:
        cause = "client_auth_method_wrong"
        used, right = (METHOD_WORDS.get(m, m) for m in (fresh.client_auth, grant.client_auth))
        text = f"The same id and secret are accepted as {right}; the profile sends {used}."
    else:
        cause = "client_secret_encoding"
        text = f"The same id and secret are accepted with another encoding ({label}): the server reads reserved characters differently."
    proof = (Argument(cause, Grade.P, Group.SWAP, text, factor=FACTOR),)
    return failed(text, *lines, arguments=weighed(proof, renewal_needed=renewal_needed))


def _not_offered(method: str, offered: tuple[str, ...]) -> tuple[Argument, ...]:
    text = f"The server's metadata offers {distinct(offered)}; the profile uses {method}, and the client was refused."
    return (Argument("client_auth_method_wrong", Grade.M, Group.METADATA, text, provenance="discovery"),)


def _labels(variants: ClientAuthVariants) -> tuple[str, ...]:
    return tuple(
        variants.labels[i] if i < len(variants.labels) else METHOD_WORDS.get(grant.client_auth, grant.client_auth)
        for i, grant in enumerate(variants.tries)
    )


def _said(grant: TokenGrant) -> str:
    return f"{status_text(grant.exchange.status)} {grant.answer.error}".strip()


# ── S3-05 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-05", step=3, title="The token endpoint accepts the client",
    looks_for="one token request with the profile's client, grant, scope and audience, and what is said where it is refused",
    causes=TOKEN_ERROR_CAUSES, sources=("RFC 6749 5.2", "RFC 8707 2", "learn.microsoft.com, reference-error-codes"),
)  # fmt: skip
def client_credentials_live(
    fresh: FreshToken, credential: CredentialSeen | None, clock: RunClock, baseline: Baseline | None, network: NetworkTime | None
) -> Outcome:  # fmt: skip
    """S3-05: the token request. Where the stored token has not expired, a refusal here is not what the API refuses for."""
    status = fresh.exchange.status
    if status is None:
        why = fresh.exchange.fault.text if fresh.exchange.fault is not None else "The token endpoint gave no answer."
        return with_facts(blocked(why), renewal_tried=True)
    lines = (
        Line("token endpoint", fresh.exchange.url),
        Line(
            "answer",
            status_text(status),
            Status.PASS if fresh.answer.ok else Status.FAIL,
            " ".join((fresh.answer.error, *fresh.answer.error_codes)),
        ),
    )
    if fresh.answer.ok:
        lives = f" that lives {duration(fresh.answer.expires_in)}" if fresh.answer.expires_in else ""
        outcome = passed(f"The token endpoint accepts the client and issued a token{lives}.", *lines)
        return with_facts(outcome, renewal_tried=True, renewal_failed=False, token_url=fresh.exchange.url)
    if fresh.answer.error == PENDING:
        text = "The sign-in at the other device is not finished yet: nothing is wrong with the request."
        return with_facts(warned(text, *lines), waiting=text, unblock="Confirm the sign-in at the other device, then ask again.")
    now = clocks_of(clock, baseline, None, None, network, None, fresh, None).now_api
    arguments = weighed(arguments_of(fresh), renewal_needed=renewal_is_needed(credential, now))
    first = arguments[0] if arguments else None
    text = first.text if first is not None else f"The token endpoint answered {status_text(status)} without a token."
    facts: Facts = {
        "renewal_tried": True, "renewal_failed": True, "renewal_cause": first.cause if first is not None else "",
        "client_refused": client_was_refused(fresh), "token_url": fresh.exchange.url,
    }  # fmt: skip
    return failed(text, *lines, arguments=arguments, facts=facts)


# ── S3-07 ────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "S3-07", step=3, title="The client's signed assertion is accepted",
    looks_for="private_key_jwt: the answer to the assertion, its key id and audience, and this machine's clock, whose time it carries",
    causes=("client_assertion_invalid", "client_key_unknown", "clock_skew_client"), sources=("RFC 7523 3", "OpenID Connect Core 9"),
)  # fmt: skip
def private_key_jwt(
    profile: Profile, secrets: StoredSecrets | None, fresh: FreshToken | None, credential: CredentialSeen | None, clock: RunClock, baseline: Baseline | None,
    network: NetworkTime | None,
) -> Outcome:  # fmt: skip
    """S3-07: the client assertion."""
    oauth = profile.oauth
    if oauth is None or oauth.client_auth != "private_key_jwt":
        return not_applicable("The client does not identify itself with a signed assertion.")
    broken = next((f for f in secrets.get("private_key").faults if f.cause == "client_assertion_invalid"), None) if secrets else None
    if broken is not None and (fresh is None or not fresh.answer.ok):
        text = f"The stored private key cannot sign: {broken.text[:1].lower()}{broken.text[1:]}"
        return failed(text, Line("private key", broken.text, Status.FAIL),
                      arguments=(Argument("client_assertion_invalid", Grade.S, Group.LOCAL_BYTES, text),))  # fmt: skip
    if fresh is None:
        return not_tried("No token request was made, so the assertion was not put to the test.")
    lines = (
        Line("algorithm", oauth.assertion_alg),
        Line("kid", oauth.key_id or "none", None if oauth.key_id else Status.WARN),
        Line("audience", oauth.assertion_audience or "the token endpoint"),
    )
    if fresh.answer.ok:
        return passed("The authorization server accepts the signed assertion.", *lines)
    if not client_was_refused(fresh):
        return not_applicable("The server did not refuse the assertion; what it refused stands in S3-05.")
    skew = _assertion_clock(fresh, network, profile.expect.leeway_seconds)
    now = clocks_of(clock, baseline, None, None, network, None, fresh, None).now_api
    arguments = weighed(arguments_of(fresh), renewal_needed=renewal_is_needed(credential, now))
    text = "The server refuses the signed assertion: its key, its kid, its audience or its times are not what is registered."
    if arguments and arguments[0].cause == "client_key_unknown":
        text = "The server does not know the key that signed the assertion: register its public half, or name its kid in the profile."
    about = tuple(a for a in arguments if a.cause in ("client_assertion_invalid", "client_key_unknown"))
    return failed(f"{text} {arguments[0].text if arguments else ''}".strip(), *lines, arguments=(*about, *skew))


def _assertion_clock(fresh: FreshToken, network: NetworkTime | None, leeway: float) -> tuple[Argument, ...]:
    """This machine writes its own time into the assertion: a wrong clock makes it expired or early."""
    dated = offset_of(fresh.exchange)
    offset, error = (network.offset_seconds, network.error_seconds) if network is not None else (0.0, 0.0)
    source = "network time"
    if network is None and dated is not None:
        offset, error, source = dated.seconds, dated.error, "the token endpoint's clock"
    if abs(offset) - error <= tolerance(leeway):
        return ()
    text = f"The assertion carries this machine's time, and by {source} this machine is {ahead_or_behind(-offset)}."
    return (Argument("clock_skew_client", Grade.M, Group.TIME, text),)


CHECKS: tuple[Check, ...] = (
    secret_hygiene, discovery_agrees, environment_mixup, client_auth_method, client_credentials_live, grant_fits, private_key_jwt,
    certificate_presented, issuer_accepted, audience_accepted, client_claim, key_published, signature_holds, shared_secret_fits,
    account_free, introspected_active, whoami_accepts,
)  # fmt: skip
STEP = StepText(
    number=3,
    id="client_credentials",
    title="Client credentials",
    question="Are the client's id and secret accepted, and was this token made by the right server for the right API?",
    why=(
        "A token is issued to a client, by an issuer, for an audience. If the client's secret is wrong no new token comes; if issuer, "
        "audience or key belong to another environment, the API refuses a token that is otherwise perfect."
    ),
)
