"""What credential does P0 send, exactly as it goes out, and what is wrong with its bytes and shape (DESIGN 4, "What is sent")?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from authwizard.knowledge.key_prefixes import checksum_fits, prefix_of
from authwizard.model.evidence import Absence, ClientCertificate, CredentialSeen, MintedForRun, StoredSecrets
from authwizard.model.options import Cost
from authwizard.model.profile import SECRET_OF_KIND, Profile
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault, TokenSeen
from authwizard.probe import World, probe
from authwizard.probes.api_call import Carried
from authwizard.probes.masking import register
from authwizard.protocol.auth_parameters import public_parameters
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.jose import inspect_token
from authwizard.protocol.repair import Composed, compose, faults_of, sendable
from authwizard.protocol.repair_scheme import read_words

_TOKEN_KINDS = frozenset({"bearer", "dpop"})
NAME_FAULTS = frozenset({"auth_header_name_wrong", "header_name_underscore"})
"""Faults whose repair is another header name, not another value."""


@probe("credential", purpose="Put the credential together", cost=Cost.C0)
async def credential(
    world: World, stored: StoredSecrets, minted: MintedForRun | None, certificate: ClientCertificate | None = None
) -> CredentialSeen | Absence:  # fmt: skip
    """Always evidence: where nothing can be sent, `missing` says why."""
    composed = composed_of(world.profile, stored, minted)
    if composed.field_value is None:
        return _nothing(world, composed, stored, minted, certificate)
    register(world.redactor, "credential", Secret(composed.field_value))
    for fault in faults_of(composed, world.profile.credential):
        # A server may echo the value as it cleaned it up itself.
        if fault.repaired is not None and fault.cause not in NAME_FAULTS:
            register(world.redactor, "credential", Secret(fault.repaired))
    return _seen(world, composed, stored, minted)


def composed_of(profile: Profile, stored: StoredSecrets, minted: MintedForRun | None = None) -> Composed:
    """Put the stored secrets (or the token fetched for this run) into the place the profile names."""
    values = {name: state.secret.reveal() for name, state in stored.fields.items() if state.secret is not None}
    if minted is not None and minted.answer.access_token is not None:
        values["access_token"] = minted.answer.access_token.reveal()
    return compose(profile.credential, values)


def carried_token(profile: Profile, token: Secret) -> Carried | None:
    """Return another access token in the profile's place and form; None where its kind carries none."""
    if profile.credential.kind not in _TOKEN_KINDS:
        return None
    composed = compose(profile.credential, {"access_token": token.reveal()})
    return Carried(composed.place, composed.name, Secret(composed.field_value)) if composed.field_value is not None else None


def value_in(composed: Composed, profile: Profile) -> str:
    """Return the field value without the scheme words in front of it."""
    value = composed.field_value or ""
    return read_words(value, profile.credential.scheme or "").rest if composed.place == "header" else value


def _seen(world: World, composed: Composed, stored: StoredSecrets, minted: MintedForRun | None) -> CredentialSeen:
    profile = world.profile
    assert composed.field_value is not None
    value = value_in(composed, profile)
    words = read_words(composed.field_value, profile.credential.scheme or "").words if composed.place == "header" else ()
    faults = tuple(TokenFault(f.cause, f.text, "value", f.position) for f in faults_of(composed, profile.credential))
    fetched = minted is not None and minted.answer.access_token is not None and not composed.whole
    prefix = prefix_of(value)
    return CredentialSeen(
        kind=profile.credential.kind,
        place=composed.place,
        name=composed.name,
        scheme=words[0].word if words else "",
        field_value=Secret(composed.field_value),
        token=_token(profile, value, faults),
        length=len(value),
        fingerprint=fingerprint(value, world.install_key),
        faults=faults,
        unsendable=(sendable(composed.field_value) or "") if composed.place != "query" else "",
        fetched=fetched,
        key_prefix=prefix.start if prefix is not None else "",
        checksum_ok=checksum_fits(value),
        source="fetched for this run" if fetched else _source(profile, stored, composed),
        parameters=public_parameters(composed.field_value) if composed.place == "header" else {},
        whole=composed.whole,
        missing=_no_key(profile, stored, composed),
    )


def _token(profile: Profile, value: str, faults: tuple[TokenFault, ...]) -> TokenSeen | None:
    """Read the value as a token where it should be one, or is one; what the field's faults tell is not told twice."""
    seen = inspect_token(value)
    if profile.credential.kind not in _TOKEN_KINDS and seen.kind not in ("jws", "jwe"):
        return None
    told = {fault.cause for fault in faults}
    return replace(seen, faults=tuple(f for f in seen.faults if f.cause not in told))


def _nothing(
    world: World, composed: Composed, stored: StoredSecrets, minted: MintedForRun | None, certificate: ClientCertificate | None
) -> CredentialSeen:  # fmt: skip
    profile, kind = world.profile, world.profile.credential.kind
    missing = _no_certificate(profile, certificate) if kind == "mtls" else _why(profile, composed, stored, minted)
    if world.options.without_credential:
        missing = "What was pasted has no credential."
    user = stored.get("username").secret
    # What Digest sends is made anew for every request; until then the user name stands for it.
    value = Secret(f'Digest username="{user.reveal()}"') if kind == "digest" and user is not None and not missing else None
    scheme = "Digest" if kind == "digest" else ""
    return CredentialSeen(kind, composed.place, composed.name, scheme, value, missing=missing, source=_source(profile, stored, composed))


def _no_key(profile: Profile, stored: StoredSecrets, composed: Composed) -> str:
    """A DPoP token is worth nothing without the key it is bound to (RFC 9449 7.1)."""
    state = stored.get("dpop_key")
    if profile.credential.kind != "dpop" or composed.whole or state.status == "present":
        return ""
    if state.status == "unavailable":
        return f"The DPoP key could not be read: {state.why or 'no reason given'}"
    return f"No DPoP key is stored for {profile.name}, so nothing can prove that the token is held by its owner."


def _no_certificate(profile: Profile, certificate: ClientCertificate | None) -> str:
    if certificate is None:
        return f"The credential is a client certificate, and none is named for {profile.name} (client_cert under network)."
    return certificate.problem


def _why(profile: Profile, composed: Composed, stored: StoredSecrets, minted: MintedForRun | None) -> str:
    """Say why there is nothing to send; "" for Digest with its user name and password."""
    for name in (*SECRET_OF_KIND[profile.credential.kind], "authorization"):
        state = stored.get(name)
        if state.status == "unavailable":
            return f"The {_words(name)} could not be read: {state.why or 'no reason given'}"
    if minted is not None:
        said = minted.answer.error or (str(minted.exchange.status) if minted.exchange.status else "no answer")
        return f"No access token is stored, and fetching one for this run failed ({said})."
    if composed.missing:
        name = composed.missing[0]
        why = stored.get(name).why
        if name in profile.secrets and why:
            return f"There is no {_words(name)} for {profile.name}: {why[:1].lower()}{why[1:]}"
        return f"No {_words(name)} is stored for {profile.name}." + (f" {why}" if why else "")
    return composed.why if profile.credential.kind != "digest" else ""


def _source(profile: Profile, stored: StoredSecrets, composed: Composed) -> str:
    names = ("authorization",) if composed.whole else SECRET_OF_KIND[profile.credential.kind]
    return next((stored.get(name).source for name in names if stored.get(name).source), "")


_WORDS: Mapping[str, str] = {"api_key": "API key", "dpop_key": "DPoP key", "username": "user name", "authorization": "authorization value"}


def _words(name: str) -> str:
    return _WORDS.get(name, name.replace("_", " "))
