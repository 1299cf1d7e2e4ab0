"""The request of the user's program beside this profile's, field by field (S8-06, capture)."""

from __future__ import annotations

from collections.abc import Sequence

from authwizard.model.evidence import SentRequest
from authwizard.model.finding import Table
from authwizard.steps.sent_request import INCIDENTAL, Here, path_of


def table(sent: SentRequest, here: Here) -> Table:
    """Return both requests side by side: what differs first, then the rest; fields that say nothing at the end."""
    rows = [("method", sent.method or "not shown", here.method), ("address", sent.url, here.url)]
    names = list(dict.fromkeys(name.lower() for name, _ in (*_first(sent.fields, here), *here.fields, *sent.fields)))
    rows += [(_name(n, sent, here), _value_of(n, sent.fields, _unseen(n, sent)), _value_of(n, here.fields, "not sent")) for n in names]
    marked = [(name, theirs, own, _mark(name, theirs, own, sent)) for name, theirs, own in rows]
    if not here.same_address and path_of(sent.url) == path_of(here.url):
        marked[1] = (*rows[1], "")
    order = {"differs": 0, "": 1, "same": 2}
    return Table(
        ("", "your program", "authwizard", ""), tuple(sorted(marked, key=lambda r: order.get(r[3], 1))), "Side by side", compared=(1, 2)
    )


def _first(fields: Sequence[tuple[str, str]], here: Here) -> list[tuple[str, str]]:
    return [f for f in fields if f[0].lower() in ("authorization", here.credential.name.lower())]


def _name(lower: str, sent: SentRequest, here: Here) -> str:
    return next(name for name, _ in (*here.fields, *sent.fields) if name.lower() == lower)


def _value_of(lower: str, fields: Sequence[tuple[str, str]], absent: str) -> str:
    return " | ".join(value for name, value in fields if name.lower() == lower) or absent


def _unseen(lower: str, sent: SentRequest) -> str:
    return "not shown by the text" if sent.silent and (not sent.fields_known or lower in ("authorization", "cookie")) else "not sent"


def _mark(name: str, theirs: str, own: str, sent: SentRequest) -> str:
    if name.lower() in INCIDENTAL or theirs.startswith("not shown") or name in sent.masked_names:
        return ""
    return "same" if theirs == own else "differs"
