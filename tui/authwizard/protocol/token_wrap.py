"""What was stored around a token, or done to its text, and what is the token inside? (S1-02, S1-06 to S1-08)

Layers are taken off one by one, each a fault with its cause. For tokens only (JWT or opaque bearer): other kinds of secrets may
hold quotes and blanks rightfully and are never cleaned.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import field, replace

from authwizard.model.frozen import dataclass
from authwizard.protocol.jose_kind import is_cookie, is_saml
from authwizard.protocol.scheme import without_scheme
from authwizard.protocol.token_letters import count_words, first_words, letters_of
from authwizard.protocol.token_package import unwrapped
from authwizard.protocol.token_spelling import concatenated, decoded_twice, first_escape, is_folded, percent_decoded, url_safe

MAX_LAYERS = 12


@dataclass(frozen=True)
class Layer:
    """One fault of a stored text. `inner` is the text without it, None where it cannot be mended."""

    cause: str
    factor: str
    text: str
    position: int | None = None
    """0-based index in the text this layer was found in."""
    inner: str | None = field(default=None, repr=False)


def peel(text: str) -> tuple[Layer, ...]:
    """Return the layers around a token, outermost first; the last one's `inner` is the token, where it can be mended.

    A scheme word in front is passed over: whether it belongs there is judged with the header. Assertions, cookies and the
    JSON form of JWS are no tokens of one word and have no layers.
    """
    layers: list[Layer] = []
    current = without_scheme(text)
    offset = len(text) - len(current)
    while current.strip() and len(layers) < MAX_LAYERS:
        layer = _package(current)
        if layer is None and not _is_other_kind(current):
            layer = next((found for rule in _RULES if (found := rule(current)) is not None), None)
        if layer is None:
            break
        # a scheme word inside goes with the layer: joined to the token it could not be told from it
        inner = None if layer.inner is None else without_scheme(layer.inner)
        layers.append(replace(layer, inner=inner, position=layer.position + offset if layer.position is not None else None))
        if inner is None or inner == current:
            break
        current, offset = inner, 0
    return tuple(layers)


def bare_token(text: str) -> str:
    """Return the token inside a stored text, as far as it can be mended; the text itself where nothing is around it."""
    for layer in peel(text):
        if layer.inner is None:
            break
        text = layer.inner
    return text


def _is_other_kind(text: str) -> bool:
    value = text.strip()
    return value.startswith("{") or is_saml(value) or is_cookie(value)


def _package(text: str) -> Layer | None:
    found = unwrapped(text)
    return Layer(found.cause, "wrapper", found.text, found.position, found.inner) if found else None


def _ends(text: str) -> Layer | None:
    inner = text.strip(" \t\r\n\v\f")
    if inner == text or not inner or "\n" in inner or "\r" in inner:
        return None
    lead = len(text) - len(text.lstrip(" \t\r\n\v\f"))
    where = "in front of" if lead and lead + len(inner) == len(text) else "around" if lead else "behind"
    kind = "A line feed stands" if "".join(text.split(inner, 1)) in ("\n", "\r\n") else "White space stands"
    return Layer("whitespace_in_credential", "white space", f"{kind} {where} the value.", 0 if lead else len(inner), inner)


def _lines(text: str) -> Layer | None:
    breaks = [m.start() for m in re.finditer(r"[\r\n]+", text.strip())]
    if not breaks:
        return None
    lead = len(text) - len(text.lstrip())
    more = f", and {len(breaks) - 1} more" if len(breaks) > 1 else ""
    wrapped = " The text was wrapped." if breaks[0] in (64, 76, 80) else ""
    words = f"A line break stands behind character {lead + breaks[0]}{more}.{wrapped}"
    return Layer("line_break_in_token", "line breaks", words, lead + breaks[0], "".join(text.split()))


def _blanks(text: str) -> Layer | None:
    match = re.search(r"[ \t\v\f]+", text)
    if not match:
        return None
    words = f"A blank stands inside the value, behind character {match.start()}."
    return Layer("whitespace_in_credential", "white space", words, match.start(), "".join(text.split(" ")).replace("\t", ""))


def _quotes(text: str) -> Layer | None:
    match = re.fullmatch(r"""(\\?["'`<]?)(.+?)(\\?["'`>]?)""", text, re.DOTALL)
    if not match or not (match[1].strip("\\") or match[3].strip("\\")):
        return None
    both = "Quotes stand around the value" if match[1] and match[3] else "A quote stands at one end of the value"
    words = f"{both}; they were taken as part of it."
    return Layer("quotes_in_token", "quotes", words, 0 if match[1] else len(text) - len(match[3]), match[2])


def _tail(text: str) -> Layer | None:
    inner = text.rstrip(";,&\\")
    if inner == text or not inner:
        return None
    words = f"The value ends in “{text[len(inner)]}”, which belongs to the line it was copied from."
    return Layer("wrapper_in_token", "wrapper", words, len(inner), inner)


def _invisible(text: str) -> Layer | None:
    found = letters_of(text)
    if not found.invisible:
        return None
    return Layer(
        "invisible_characters", "invisible characters", first_words(text, found.invisible), found.invisible[0], found.without_invisible
    )


def _foreign(text: str) -> Layer | None:
    found = letters_of(text)
    if not found.foreign:
        return None
    words = first_words(text, found.foreign) + " Only ASCII letters, digits and a few signs can stand in a token."
    return Layer("non_ascii_in_token", "non-ASCII characters", words, found.foreign[0], found.in_ascii)


def _percent(text: str) -> Layer | None:
    inner = percent_decoded(text)
    if inner is None:
        return None
    position, escape = first_escape(text)
    words = f"The value is URL- or HTML-encoded: “{escape}” stands behind character {position}."
    return Layer("url_encoded_token", "URL encoding", words, position, inner)


def _twice(text: str) -> Layer | None:
    inner = decoded_twice(text)
    if inner is None:
        return None
    return Layer("double_encoded_token", "base64", "The value is the base64 of a token, not the token.", 0, inner)


def _standard(text: str) -> Layer | None:
    inner = url_safe(text)
    if inner is None:
        return None
    position = next(i for i, c in enumerate(text) if c in "+/=")
    number = count_words(sum(c in "+/=" for c in text), "character")
    words = f"The token is written in standard base64: {number} of “+ / =”, the first behind character {position}; a JWT uses base64url."
    return Layer("standard_base64_token", "base64 alphabet", words, position, inner)


def _folded(text: str) -> Layer | None:
    if not is_folded(text):
        return None
    words = "Capital and small letters were levelled; a token cannot be read without them. Copy it again from its source."
    return Layer("token_case_folded", "letter case", words, 0, None)


def _joined(text: str) -> Layer | None:
    found = concatenated(text)
    if found is None:
        return None
    words = "The same token stands here twice" if found.same else "Two tokens stand one behind the other"
    return Layer(
        "token_concatenated", "two tokens", f"{words}; the second begins behind character {found.position}.", found.position, found.inner
    )


_RULES: tuple[Callable[[str], Layer | None], ...] = (
    _ends, _quotes, _percent, _joined, _lines, _tail, _blanks, _invisible, _foreign, _twice, _standard, _folded,
)  # fmt: skip
"""Outermost first, after what the token was stored in: what stands around it, then what happened to its characters."""
