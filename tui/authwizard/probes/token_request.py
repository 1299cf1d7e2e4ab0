"""How is one token request sent, and its answer read? Shared by the probes that ask the token endpoint."""

from __future__ import annotations

import hmac
from dataclasses import replace

from authwizard.model.evidence import KeySet, NotApplicable, PastedCode, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.frozen import dataclass
from authwizard.model.oauth import TokenAnswer
from authwizard.model.options import Cost
from authwizard.model.profile import OAuth
from authwizard.model.secret import Secret
from authwizard.model.token import SignatureSeen, TokenSeen
from authwizard.probe import Request, World
from authwizard.probes.limits import decode_body
from authwizard.probes.masking import register
from authwizard.protocol.jose import inspect_token, verify_signature
from authwizard.protocol.oauth import TokenRequest, authenticated, read_token_answer, token_request

SECRET_OF_METHOD = {"client_secret_basic": "client_secret", "client_secret_post": "client_secret", "private_key_jwt": "private_key"}
"""Which stored field a way of client authentication needs."""
_REFERENCES = ("env:", "file:", "keyring:", "op:", "vault:", "cmd:")


@dataclass(frozen=True)
class Client:
    """The client of a profile and its way to identify itself: "" and True = as the profile and RFC 6749 2.3.1 say."""

    oauth: OAuth
    method: str = ""
    form_encoded: bool = True

    @property
    def way(self) -> str:
        """The method that is used."""
        return self.method or self.oauth.client_auth


@dataclass(frozen=True)
class Asked:
    """One token request that was sent: its record, its answer, and whether it may have left this machine."""

    exchange: Exchange
    answer: TokenAnswer
    sent: bool


def client_of(world: World) -> Client | NotApplicable:
    """Return the profile's client, or say that it has none."""
    oauth = world.profile.oauth
    if oauth is None or not oauth.client_id:
        return NotApplicable("The profile names no client of an authorization server.")
    return Client(oauth)


def grant_request(client: Client, stored: StoredSecrets, url: str, grant: str, refresh_token: str = "") -> TokenRequest | Unavailable:
    """Write a token request; Unavailable where a secret it needs is absent or of no use."""
    missing = _missing(client, stored)
    if missing is not None:
        return missing
    try:
        return token_request(
            client.oauth, grant=grant, token_url=url, client_secret=_text(stored, "client_secret"), private_key=_text(stored, "private_key"),
            refresh_token=refresh_token, client_auth=client.way, form_encoded=client.form_encoded,
        )  # fmt: skip
    except UnicodeError:
        # Before ValueError, of which it is one: its text would quote the secret.
        return Unavailable("The client's id or secret holds bytes that cannot be written into a form.")
    except ValueError as error:
        return Unavailable(str(error), cause="client_assertion_invalid" if client.way == "private_key_jwt" else "")


def code_request(client: Client, stored: StoredSecrets, url: str, code: PastedCode) -> TokenRequest | Unavailable:
    """Write the request that redeems a code, as it was pasted."""
    missing = _missing(client, stored)
    if missing is not None:
        return missing
    form = {"grant_type": code.grant, **dict(code.members), **{name: secret.reveal() for name, secret in code.secrets.items()}}
    wanted = (("scope", " ".join(client.oauth.scopes)), ("audience", client.oauth.audience), ("resource", client.oauth.resource))
    form |= {name: value for name, value in wanted if value}
    try:
        return authenticated(client.oauth, form, token_url=url, client_secret=_text(stored, "client_secret"))
    except UnicodeError:
        return Unavailable("The code or the client's secret holds bytes that cannot be written into a form.")


def introspection_request(client: Client, stored: StoredSecrets, url: str, token: str) -> TokenRequest | Unavailable:
    """Write an introspection request (RFC 7662 2.1), authenticated as the profile's client."""
    missing = _missing(client, stored)
    if missing is not None:
        return missing
    form = {"token": token, "token_type_hint": "access_token"}
    try:
        return authenticated(
            client.oauth, form, token_url=url, client_secret=_text(stored, "client_secret"), private_key=_text(stored, "private_key"),
            client_auth=client.way, form_encoded=client.form_encoded,
        )  # fmt: skip
    except UnicodeError:
        return Unavailable("The token or the client's secret holds bytes that cannot be written into a form.")
    except ValueError as error:
        return Unavailable(str(error))


async def ask_for_token(world: World, url: str, request: TokenRequest, *, id: str, purpose: str, cost: Cost = Cost.C4) -> Asked:
    """Send a token request; the tokens of the answer are known to the redactor before it is recorded."""
    held: list[TokenAnswer] = []

    async def at_once(status: int, fields: tuple[tuple[str, str], ...], body: bytes) -> None:
        held.append(register_tokens(world, read(status, fields, body)))

    sent = await world.sender.send(Request(id, purpose, cost, "token", "POST", url, request.headers, request.body, at_once=at_once))
    return Asked(sent.exchange, held[0] if held else read_token_answer(None, (), ""), sent.sent)


def read(status: int, fields: tuple[tuple[str, str], ...], body: bytes) -> TokenAnswer:
    """Read the raw answer of a token endpoint."""
    content_type = next((v for n, v in fields if n.lower() == "content-type"), "")
    return read_token_answer(status, fields, decode_body(body, content_type))


def register_tokens(world: World, answer: TokenAnswer) -> TokenAnswer:
    """Have the tokens of an answer masked from now on; return it with every secret masked that its own texts repeat."""
    for label, secret in (("access_token", answer.access_token), ("refresh_token", answer.refresh_token), ("id_token", answer.id_token)):
        if secret is not None:
            register(world.redactor, label, secret)
    redact = world.redactor.redact
    return replace(
        answer,
        content_type=redact(answer.content_type),
        token_type=redact(answer.token_type),
        scope=redact(answer.scope) if answer.scope is not None else None,
        error=redact(answer.error),
        error_description=redact(answer.error_description),
        error_uri=world.redactor.redact_url(answer.error_uri),
        suberror=redact(answer.suberror),
    )


def token_seen(answer: TokenAnswer) -> TokenSeen | None:
    """Read the new access token as a token."""
    return inspect_token(answer.access_token.reveal()) if answer.access_token is not None else None


def signature_of(answer: TokenAnswer, keys: KeySet | None) -> SignatureSeen | None:
    """Verify the new access token where the issuer's keys were read and it is a signed JWT."""
    seen = token_seen(answer)
    if answer.access_token is None or seen is None or seen.kind != "jws" or keys is None or not keys.document:
        return None
    return verify_signature(answer.access_token.reveal(), keys.document)


def same(one: Secret | None, other: Secret | None) -> bool:
    """Tell whether two secrets are the same text, white space at the ends apart."""
    if one is None or other is None:
        return False
    texts = (s.reveal().strip().encode("utf-8", "surrogatepass") for s in (one, other))
    return hmac.compare_digest(*texts)


def _missing(client: Client, stored: StoredSecrets) -> Unavailable | None:
    field = SECRET_OF_METHOD.get(client.way)
    state = stored.get(field) if field else None
    if state is None or state.status == "present":
        return None
    words = (field or "").replace("_", " ")
    if state.status == "unavailable":
        return Unavailable(f"The {words} could not be read: {state.why or 'no reason given'}", cause="keyring_unavailable")
    why = f" {state.why}" if state.why else ""
    how = f"Store it (field {field})." if not state.source.startswith(_REFERENCES) else f"The profile takes it from {state.source}."
    return Unavailable(f"No {words} is stored, so the client cannot identify itself.{why}", how, "client_credentials_missing")


def _text(stored: StoredSecrets, field: str) -> str:
    secret = stored.get(field).secret
    return secret.reveal() if secret is not None else ""
