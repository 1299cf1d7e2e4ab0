"""Rows Q: the same faults behind servers whose answers are odd. The cause stays right, and where nobody can tell nothing is named."""

from __future__ import annotations

from collections.abc import Callable

from e2e.rig.quirks import QUIRKS, Quirk, empty, install, one_field_two_challenges, problem_details, several_challenges, soft
from e2e.rig.world import Rig
from e2e.rows.outside import hidden_rule
from e2e.rows.state import revoked
from e2e.rows.surroundings import edge_strips
from e2e.rows.table import Rows, Setup
from e2e.rows.tokens import expired, other_audience

Q = Rows()
SAYS_NOTHING = "bland"


def _behind(setup: Setup, quirk: Quirk) -> Callable[[Rig], None]:
    def behind(rig: Rig) -> None:
        setup(rig)
        install(rig, quirk)

    behind.__doc__ = f"{(setup.__doc__ or '').strip()}; {(quirk.__doc__ or '').strip()}"
    return behind


# A challenge that names no error, said to everybody, is what a lost header looks like (RFC 6750 3.1): it may be named, as no more than possible.
LOOKS_LOST = (several_challenges, one_field_two_challenges)
# Without the words that no token was seen, a lost header looks like any other refusal.
WORDLESS = (empty, problem_details, soft)

for place, quirk in enumerate(QUIRKS):
    name = quirk.__name__
    Q.row(f"Q-expired-{name}", "token_expired", 2, sure="possible")(_behind(expired, quirk))
    if quirk not in LOOKS_LOST:
        Q.row(f"Q-hidden-{name}", None, None, kind="cannot_tell", styles=SAYS_NOTHING)(_behind(hidden_rule, quirk))
    else:
        Q.row(f"Q-hidden-{name}", "authorization_stripped", 1, sure="possible", styles=SAYS_NOTHING)(_behind(hidden_rule, quirk))
    if place % 3 == 0:
        Q.row(f"Q-audience-{name}", "audience_mismatch", 3, sure="possible")(_behind(other_audience, quirk))
    elif place % 3 == 1:
        Q.row(f"Q-revoked-{name}", "token_revoked", 7, sure="possible")(_behind(revoked, quirk))
    elif quirk in WORDLESS:
        Q.row(f"Q-stripped-{name}", None, None, kind="cannot_tell")(_behind(edge_strips, quirk))
    else:
        Q.row(f"Q-stripped-{name}", "authorization_stripped", 1, sure="possible")(_behind(edge_strips, quirk))
