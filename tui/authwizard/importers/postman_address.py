"""Where does a request of a Postman collection go, as far as its variables have values?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote

from authwizard.importers.postman import PostmanRequest
from authwizard.importers.unfilled import CLOSES, NOWHERE, OPENS, filled, named
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern

_SCHEME = late_pattern(rf"([A-Za-z][A-Za-z0-9+.-]*|{OPENS}[^{CLOSES}]*{CLOSES})://")
_WHOLE_BASE = late_pattern(rf"{OPENS}[^{CLOSES}]*{CLOSES}(?=[^.:{OPENS}])")
_PATH_VARIABLE = late_pattern(r"(?<=/):([A-Za-z_][\w.-]*)")


@dataclass(frozen=True)
class Address:
    """The address of a request, `url` with the origin `unfilled.NOWHERE` where its host is not known; `notes` say why."""

    url: str
    notes: tuple[str, ...] = ()


def address_of(request: PostmanRequest, given: Mapping[str, str]) -> Address | None:
    """Return where a request goes; None where it has no address at all."""
    text = (request.url or request.parts).strip()
    if not text:
        return None
    text = filled(_with_path_variables(text, request.path_variables), given).strip()
    scheme = _SCHEME.match(text)
    if scheme is not None and named(scheme[1]):
        text = f"https://{text[scheme.end() :]}"
    elif scheme is None:
        text = f"http://{text}"  # as Postman sends it
    front, _, rest = text.partition("://")
    authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    path = rest[len(authority) :]
    base = _WHOLE_BASE.match(authority)
    if base is not None:  # the variable ends with the slash that is missing behind it
        authority, path = authority[: base.end()], "/" + authority[base.end() :] + path
    login, at, host = authority.rpartition("@")
    if host and not named(host):
        unknown = named(scheme[1]) if scheme is not None else ()
        notes = tuple(f"The variable {name} has no value here; https was taken." for name in unknown)
        return Address(f"{front}://{authority}{_encoded(path)}", notes)
    known = ", ".join(named(host))
    why = (
        f"the variable {known} has no value here. Give the environment that has one"
        if known
        else "the collection names no host. Write it there"
    )
    rest = _encoded(f"/{path.lstrip('/')}" if path else "")
    nowhere = NOWHERE.replace("://", f"://{login}{at}", 1)
    return Address(nowhere + rest, (f"The API's address is not told: {why}, or the address as base_url.",))


def _with_path_variables(text: str, values: Mapping[str, str]) -> str:
    """Fill `:name` in; one without a value, or with the name of its type (`<string>`), becomes a variable without one."""

    def value(found: re.Match[str]) -> str:
        said = values.get(found[1], "")
        return f"{{{{{found[1]}}}}}" if not said or re.fullmatch(r"<[^<>]*>", said) else said.strip("/")

    head, question, query = text.partition("?")
    return _PATH_VARIABLE.sub(value, head) + question + query


def _encoded(path: str) -> str:
    """Blanks and line ends, which no request line holds, as Postman sends them."""
    return re.sub(r"[\s\x00-\x1f]", lambda found: quote(found[0]), path if path.startswith("/") or not path else f"/{path}")
