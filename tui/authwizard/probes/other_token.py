"""Does the request succeed with the other stored token? Some platforms want the ID token where others want the access token (S1-13)."""

from __future__ import annotations

from authwizard.knowledge.responders import responder_of
from authwizard.model.evidence import Absence, Baseline, CredentialSeen, NotApplicable, OtherTokenCall, StoredSecrets, Unavailable
from authwizard.model.exchange import Exchange
from authwizard.model.options import Cost
from authwizard.probe import World, probe
from authwizard.probes.api_call import NOTHING_TO_COMPARE, Asked, send_as_user, users_request
from authwizard.probes.credential import carried_token
from authwizard.protocol.fingerprint import fingerprint

WANT_ID_TOKENS = frozenset({"api_gateway", "google"})
"""Responders whose authorizers take ID tokens in some settings: Cognito authorizers without scopes, Cloud Run and IAP."""


@probe("other_token_call", purpose="Send the stored ID token instead", cost=Cost.C2, when="asked")
async def other_token_call(
    world: World, baseline: Baseline, credential: CredentialSeen, stored: StoredSecrets
) -> OtherTokenCall | Absence:  # fmt: skip
    """P0 with the stored ID token, only where the component that refuses is one that may want it."""
    if baseline.exchange.ok:
        return NOTHING_TO_COMPARE
    other = stored.get("id_token").secret
    if other is None or credential.kind != "bearer" or credential.whole:
        return NotApplicable("No second token is stored that could be sent instead.")
    if fingerprint(other.reveal(), world.install_key) == credential.fingerprint:
        return NotApplicable("The ID token is what was sent.")
    if not _may_want_it(baseline.exchange):
        return NotApplicable("Nothing says that this API reads ID tokens.")
    asked, carries = users_request(world.profile, world.options), carried_token(world.profile, other)
    if not isinstance(asked, Asked) or carries is None:
        return asked if not isinstance(asked, Asked) else NotApplicable("The profile's place takes no token.")
    sent = await send_as_user(world, stored, asked, carries, id="S-id", purpose="The request with the stored ID token")
    return sent if isinstance(sent, Unavailable) else OtherTokenCall(sent)


def _may_want_it(answer: Exchange) -> bool:
    if answer.status not in (401, 403):
        return False
    by_iap = answer.header("x-goog-iap-generated-response") is not None
    return by_iap or responder_of(answer.response_headers, answer.body).name in WANT_ID_TOKENS
