"""Rows H and I: what became of the token, and what it is allowed to do."""

from __future__ import annotations

from collections.abc import Iterator

from e2e.rig.judge import PROBE
from e2e.rig.product import Seen
from e2e.rig.wire import Answer, as_json
from e2e.rig.world import Rig
from e2e.rows.table import Rows

from authwizard.model.errors import StoreError
from authwizard.model.secret import Secret
from authwizard.store.journal import KEY_FIELD
from authwizard.store.memory_store import MemoryStore
from authwizard.store.secrets import StorePlace

H = Rows()
I = Rows()  # noqa: E741 - the family's letter
JWT_STYLES = "express spring aspnet envoy awshttp drf companyx"


@H.row("H01", "token_revoked", 7, styles="express spring aspnet drf companyx", star=True)
def revoked(rig: Rig) -> None:
    """the token was revoked, and the API asks the authorization server"""
    rig.api.settings.introspects = True
    rig.auth.revoked.add(rig.secrets["access_token"])


def _refreshable(rig: Rig, state: str = "live") -> None:
    rig.profile["oauth"]["grant"] = "refresh_token"
    rig.secrets["access_token"] = rig.auth.token(10800)
    rig.secrets["refresh_token"] = rig.auth.refresh_token(state)


@H.row("H02", "token_expired", 2, options="--allow refresh", sure="confirmed")
def refresh_repairs(rig: Rig) -> None:
    """the access token expired, and the refresh token is good"""
    _refreshable(rig)


@H.row("H04", "refresh_token_expired", 4, options="--allow refresh")
def both_expired(rig: Rig) -> None:
    """access token and refresh token expired"""
    _refreshable(rig, "expired")


class BreakingStore(MemoryStore):
    """A store that works until a trial write has shown that it does."""

    title, durable = "a store that breaks", True

    def __init__(self) -> None:
        super().__init__()
        self.broken = False

    def describe(self) -> StorePlace:
        return StorePlace("keyring", self.title, durable=True, backend="rig.BreakingStore")

    def set(self, profile: str, field: str, secret: Secret) -> None:
        if self.broken:
            raise StoreError("The keyring does not take the value any more.")
        super().set(profile, field, secret)
        self.broken = field == KEY_FIELD  # the last thing that is written before the token is sent


@H.row("H06", "rotation_not_persisted", 4, options="--allow refresh")
def successor_lost(rig: Rig) -> None:
    """the refresh token was rotated, and the store broke after the trial write"""
    _refreshable(rig)
    rig.store = BreakingStore()
    for name, value in rig.secrets.items():
        rig.store.set("prod", name, Secret(value))


def _refresh_is_skipped(rig: Rig, seen: Seen) -> Iterator[str]:
    step = next(s for s in seen.document["steps"] if s["number"] == 4)
    if step["status"] != "skip":
        yield f"step 4 is {step['status']}"


@H.row("H07", "token_expired", 2, options="--allow refresh", also=_refresh_is_skipped)
def nothing_to_refresh(rig: Rig) -> None:
    """the token of a client without refresh token expired"""
    rig.secrets["access_token"] = rig.auth.token(10800)


def _stopped(rig: Rig, seen: Seen) -> Iterator[str]:
    """After the words of a lock-out nothing with a credential, real or made up, is sent."""
    log = sorted([*rig.api.server.log, *rig.token_requests], key=lambda a: a.at)
    told = next(i for i, a in enumerate(log) if a.header("authorization"))
    for later in log[told + 1 :]:
        if later.header("authorization") or later.method == "POST" or PROBE in later.text.lower():
            yield f"after the account was locked, {later.method} {later.target} was still sent"


@H.row("H08", "account_locked", 3, also=_stopped)
def locked(rig: Rig) -> None:
    """the account is locked"""
    rig.api.settings.override = as_json(401, {"error": "unauthorized", "message": "Account locked due to too many failed login attempts"})


@H.row("H09", "authorizer_cache", 8, sure="possible")
def decision_cached(rig: Rig) -> None:
    """the gateway has cached a denial of this token; the permission was given since"""
    rig.api.denied[rig.secrets["access_token"]] = 1000


def _needs_write(rig: Rig, request: str) -> None:
    rig.profile["request"] = request
    rig.profile["endpoints"] = [{"request": request, "scopes": ["write"]}]
    rig.api.settings.scopes = {request.partition(" ")[2]: "write"}


@I.row(
    "I01",
    "insufficient_scope",
    5,
    options="--allow write",
    styles="express spring aspnet envoy awshttp drf",
    sure="possible",
    tie="forbidden_by_policy",
)
def post_needs_write(rig: Rig) -> None:
    """the POST needs write, the token has read"""
    _needs_write(rig, "POST /v2/items")


@I.row("I02", "insufficient_scope", 5, options="--allow write", styles="companyx")
def post_needs_write_said_by_401(rig: Rig) -> None:
    """the same, and the API says it with a 401"""
    _needs_write(rig, "POST /v2/items")


@I.row("I04", "scope_separator_wrong", 5)
def comma_between_scopes(rig: Rig) -> None:
    """the profile's scopes are separated by a comma"""
    rig.without_token()
    rig.profile["oauth"]["scopes"] = ["read,write"]


@I.row("I05", "step_up_required", 5)
def stronger_login(rig: Rig) -> None:
    """the API wants a stronger or younger login (RFC 9470)"""
    said = 'Bearer error="insufficient_user_authentication", error_description="A different authentication level is required", acr_values="urn:example:mfa"'
    rig.api.settings.override = Answer(401, [("WWW-Authenticate", said)])


@I.row("I07", "insufficient_scope", 5, tie="authorization_stripped", sure="possible")
def masked_as_404(rig: Rig) -> None:
    """the API hides what a caller may not see behind 404, and the token lacks the scope"""
    _needs_write(rig, "GET /v2/devices")
    rig.api.settings.hides = True
