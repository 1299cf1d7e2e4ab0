"""Rows N: what cannot be told, what is not broken here, and several faults at once."""

from __future__ import annotations

from collections.abc import Iterator

from e2e.rig.product import Seen
from e2e.rig.world import Rig
from e2e.rows.state import _needs_write
from e2e.rows.surroundings import _netrc
from e2e.rows.table import Rows
from e2e.rows.tokens import expired, other_audience

N = Rows()
JWT_STYLES = "express spring aspnet envoy awshttp drf companyx"


def _asks_the_owner(rig: Rig, seen: Seen) -> Iterator[str]:
    if not seen.verdict["server_log_request"]:
        yield "no text for the server's owner"


@N.row("N01", None, 8, kind="cannot_tell", styles="bland", also=_asks_the_owner)
def hidden_rule(rig: Rig) -> None:
    """everything is right, and a rule nobody can see denies"""
    rig.api.settings.rule = lambda claims: False


@N.row("N03", None, 1, kind="not_reproduced", first="netrc_override", options="--reported-401", process=True)
def works_here(rig: Rig) -> None:
    """the user's program (requests) gets a 401 because of netrc; the same request works from here"""
    _netrc(rig)


@N.row("N04", "token_expired", 2, styles=JWT_STYLES, next=("insufficient_scope",))
def two_faults(rig: Rig) -> None:
    """the token expired and lacks the scope"""
    _needs_write(rig, "GET /v2/devices")
    expired(rig)


@N.row("N06", "endpoint_not_protected", 8)
def anything_goes(rig: Rig) -> None:
    """the API takes tokens whose signature is wrong"""
    rig.api.settings.open_to_all = True


@N.row("N07-expired", "token_expired", 2)
def volatile_bodies(rig: Rig) -> None:
    """request ids and times in every body, and an expired token"""
    rig.api.settings.volatile = True
    expired(rig)


@N.row("N07-audience", "audience_mismatch", 3)
def volatile_bodies_and_audience(rig: Rig) -> None:
    """request ids and times in every body, and another audience"""
    rig.api.settings.volatile = True
    other_audience(rig)


@N.row("N07-stripped", "authorization_stripped", 1, sure="possible")
def volatile_bodies_and_edge(rig: Rig) -> None:
    """request ids and times in every body, and a proxy that strips"""
    rig.api.settings.volatile = True
    rig.behind_reverse_proxy()
    rig.reverse.settings.strip = ("authorization",)


@N.row("N07-hidden", None, 8, kind="cannot_tell", styles="bland", also=_asks_the_owner)
def volatile_bodies_and_rule(rig: Rig) -> None:
    """request ids and times in every body, and a rule nobody can see"""
    rig.api.settings.volatile = True
    hidden_rule(rig)
