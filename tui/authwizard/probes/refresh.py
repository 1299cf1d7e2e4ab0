"""What does the refresh bring, and is it kept before anything else happens (CHECKS S4-02 to S4-04, RFC 6749 6)?"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from authwizard.model.errors import StoreError
from authwizard.model.evidence import (
    Absence,
    Baseline,
    KeySet,
    NotApplicable,
    NotTried,
    RefreshedToken,
    StoredSecrets,
    TokenEndpoint,
    Unavailable,
)
from authwizard.model.oauth import TokenAnswer
from authwizard.model.options import Cost
from authwizard.model.secret import Secret
from authwizard.probe import Halted, Request, World, probe
from authwizard.probes.dpop import token_proof
from authwizard.probes.token_request import Client, client_of, grant_request, read, register_tokens, same, signature_of, token_seen
from authwizard.protocol.clean import safe_line
from authwizard.protocol.oauth import read_token_answer

GRANT = "refresh_token"


@dataclass
class Keeping:
    """What became of the tokens of one refresh, filled in while the answer is still in hand."""

    answer: TokenAnswer = field(default_factory=lambda: read_token_answer(None, (), ""))
    rotated: bool = False
    places: list[str] = field(default_factory=list)
    problem: str = ""


@probe("refreshed_token", purpose="Spend the refresh token", cost=Cost.C5, when="asked", finish=True)
async def refreshed_token(
    world: World, stored: StoredSecrets, endpoint: TokenEndpoint, baseline: Baseline | None, keys: KeySet | None
) -> RefreshedToken | Absence:
    """S4-03: one POST, never repeated. A new refresh token is kept first, then the access token, then all else follows."""
    absence = _stands_against(world, stored, endpoint, baseline)
    if absence is not None:
        return absence
    client = client_of(world)
    old = stored.get("refresh_token").secret
    if isinstance(client, NotApplicable) or old is None:
        return NotApplicable("There is no client or no refresh token to renew with.")
    request = grant_request(client, stored, endpoint.url, GRANT, old.reveal())
    if isinstance(request, Unavailable):
        return request
    cannot = await world.vault.preflight(GRANT)
    if cannot is not None:
        return _not_kept(cannot)
    unknown = True
    try:
        now = (await world.vault.read(GRANT)).secret
        if now is None:
            return NotTried(
                "The refresh token is not in its place any more: it was removed or moved meanwhile. None was spent. A new run uses what is there."
            )
        if not same(now, old):
            return NotTried(
                "Another authwizard has replaced the refresh token meanwhile, so none was spent. A new run uses the new tokens."
            )
        seen = await _spent(world, endpoint.url, client, (*request.headers, *token_proof(world, stored, endpoint.url)), request.body, old)
        unknown = seen.unknown_outcome
    except Halted:
        unknown = False  # nothing was sent
        raise
    finally:
        note = await world.vault.settle(GRANT, unknown=unknown)
    return replace(seen, signature=signature_of(seen.answer, keys), keep_note=safe_line(note))


async def _spent(
    world: World, url: str, client: Client, headers: tuple[tuple[str, str | Secret], ...], body: Secret | bytes | None, old: Secret
) -> RefreshedToken:
    """Send the refresh token; what comes back is kept before anything else happens with it."""
    kept = Keeping()

    async def at_once(status: int, fields: tuple[tuple[str, str], ...], body: bytes) -> None:
        kept.answer = read(status, fields, body)
        await keep(world, kept, old)
        kept.answer = register_tokens(world, kept.answer)

    sent = await world.sender.send(
        Request("refresh", "Spend the refresh token once", Cost.C5, "token", "POST", url, headers, body,
                new_connection=True, at_once=at_once)
    )  # fmt: skip
    return RefreshedToken(
        exchange=sent.exchange,
        answer=kept.answer,
        grant=GRANT,
        client_auth=client.way,
        token=token_seen(kept.answer),
        rotated=kept.rotated,
        kept_in=", ".join(dict.fromkeys(kept.places)),
        keep_problem=kept.problem,
        unknown_outcome=_unknown(sent.sent, sent.exchange.status, sent.exchange.body_cut, kept.answer),
    )


async def keep(world: World, kept: Keeping, old: Secret) -> None:
    """Write the new refresh token, then the new access token. An answer without a refresh token leaves the old one (RFC 6749 6)."""
    new, access = kept.answer.refresh_token, kept.answer.access_token
    if new is not None and not same(new, old):
        kept.rotated = True
        problem = await _keep_one(world, kept, GRANT, new)
        kept.problem = problem
    if access is not None:
        problem = world.vault.can_keep("access_token") or await _keep_one(world, kept, "access_token", access, kept.answer.expires_in)
        # The loss of a refresh token is what counts: an access token can be fetched again with it.
        kept.problem = kept.problem or ("" if kept.rotated else problem)


async def _keep_one(world: World, kept: Keeping, field: str, value: Secret, expires_in: int | None = None) -> str:
    try:
        kept.places.append(safe_line(await world.vault.keep(field, value, expires_in)))
    except StoreError as error:
        return safe_line(str(error))
    except Exception as error:  # noqa: BLE001 - whatever broke: the old token is spent, and that its successor is lost must be told
        return f"It could not be kept: authwizard failed here itself ({type(error).__name__})."
    return ""


def _stands_against(world: World, stored: StoredSecrets, endpoint: TokenEndpoint, baseline: Baseline | None) -> Absence | None:
    """Why the refresh token is not spent, None where it may be (DESIGN 3, Refresh)."""
    state = stored.get("refresh_token")
    if state.status == "unavailable":
        return Unavailable(f"The refresh token could not be read: {state.why or 'no reason given'}", cause="keyring_unavailable")
    if state.status == "absent" or world.profile.oauth is None:
        return NotApplicable("No refresh token is stored.")
    if not world.options.allow_refresh:
        return NotTried("Spending the refresh token was not agreed to (--allow refresh).")
    if not endpoint.url:
        return Unavailable("No token endpoint is known.", "Name token_url in the profile.")
    if not _needed(stored, baseline):
        return NotTried("The request was not refused, so the refresh token is not spent.")
    cannot = world.vault.can_keep(GRANT)
    return _not_kept(cannot) if cannot is not None else None


def _not_kept(why: str) -> Unavailable:
    return Unavailable(f"The refresh token is not spent, because its successor could not be kept: {safe_line(why)}")


def _needed(stored: StoredSecrets, baseline: Baseline | None) -> bool:
    """P0 was refused, or there is no access token to send it with."""
    if baseline is None:
        return stored.get("access_token").status == "absent" and stored.get("authorization").status == "absent"
    status = baseline.exchange.status
    return status is not None and 400 <= status < 500


def _unknown(sent: bool, status: int | None, cut: str, answer: TokenAnswer) -> bool:
    """Whether the token may have been spent without its successor having arrived: no answer, or one that broke off."""
    if not sent:
        return False
    return status is None or (200 <= status < 300 and bool(cut) and not answer.ok)
