"""How is a secret kept out of everything that is shown or written? By value, in every usual spelling, leaving the clue."""

from __future__ import annotations

import bisect
import string
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.secret import Secret
from authwizard.protocol.fingerprint import fingerprint
from authwizard.protocol.redaction_forms import Needle, needles_of, needles_of_pair
from authwizard.protocol.redaction_http import MASK, hide_header, hide_url
from authwizard.protocol.redaction_shapes import TOKEN_LIKE, TOKEN_LIKE_TEXT, shapes_of
from authwizard.protocol.redaction_views import View, views_of

_WORDS = {
    "access_token": "token", "id_token": "token", "api_key": "API key", "username": "user name", "session_cookie": "cookie",
    "dpop_key": "DPoP key", "authorization": "credential",
}  # fmt: skip
_MASK = late_pattern(MASK)
_PASSES = 3
"""A mask ends words: what stood inside a longer one before may stand alone after, so a changed text is read again."""
_RUN_CHARACTERS = frozenset(string.ascii_letters + string.digits + "+/_-")
_RUN = late_pattern(r"[A-Za-z0-9+/_=-]*")


@dataclass(frozen=True)
class _Entry:
    label: str
    mask: str
    needles: tuple[Needle, ...]


@dataclass(frozen=True)
class _Span:
    start: int
    end: int
    label: str
    mask: str


class Redactor:
    """The secrets of this run and how they may be spelled; finds and masks them in any text.

    Adding is safe from several threads; a text that is being redacted sees the secrets registered when it began.
    """

    def __init__(self, install_key: bytes | None = None) -> None:
        self._key = install_key
        self._lock = threading.Lock()
        self._entries: tuple[_Entry, ...] = ()

    def __repr__(self) -> str:
        return f"<Redactor of {len(self._entries)} secrets>"

    def add(self, label: str, secret: Secret) -> None:
        """Register a secret under its field's name (`client_secret`); one that is empty or known already adds nothing."""
        self._register(label, self.mask(label, secret), needles_of(secret.reveal()))

    def add_pair(self, user: Secret | str, password: Secret, label: str = "password") -> None:
        """Register the base64 of `user:password`, or of `client_id:client_secret`, as Basic sends it."""
        name = user.reveal() if isinstance(user, Secret) else user
        self._register(label, self.mask(label, password), needles_of_pair(name, password.reveal()))

    def mask(self, label: str, secret: Secret) -> str:
        """Return what is shown in a secret's place, e.g. `<token 842 bytes #9f3c1a2b>`."""
        text = secret.reveal()
        return _mask(_WORDS.get(label, label.replace("_", " ")), text, fingerprint(text, self._key))

    def redact(self, text: str) -> str:
        """Mask every registered secret in every spelling, and whatever looks like a token or is named like a secret."""
        for _ in range(_PASSES):
            views = views_of(text)
            masked = _masked(text, [*self._registered(views), *self._unregistered(views)])
            if masked == text:
                break
            text = masked
        return text

    def find(self, text: str, own_words: Callable[[], str] | None = None) -> tuple[str, ...]:
        """Return the labels of the secrets a text holds, each once; "token-like text" where an unknown token stands in it.

        Args:
            text: What is about to leave the program.
            own_words: Asked, where something is found, for what such a text says whatever the secrets are (the program's words, the
                profile's hosts and names): the scan is not to take those for a secret, a password "token" is not given away by the
                word "token". Spellings of less than four characters are passed over then, as they stand in every text by chance.
        """
        views = views_of(text)
        spans = tuple(_spans(self._entries, views))
        if spans and own_words is not None:
            spans = tuple(_spans(tuple(_unlike(self._entries, View(own_words()))), views))
        labels = dict.fromkeys(span.label for span in spans)
        if any(TOKEN_LIKE_TEXT.search(view.text) for view in views if not view.folded):
            labels[TOKEN_LIKE] = None
        return tuple(labels)

    def redact_headers(self, headers: Iterable[tuple[str, str]], request: bool) -> tuple[tuple[str, str], ...]:
        """Redact header fields: by value everywhere, and whole values where the name says that they are credentials.

        Args:
            headers: Names and values in order.
            request: Whether they were sent; of an answer `Set-Cookie` and the like are masked, challenges stay.
        """
        return tuple((name, self.redact(hide_header(name, self._known(value), request, self._shown))) for name, value in headers)

    def redact_url(self, url: str) -> str:
        """Redact a URL: the password of its userinfo and values of secret-looking names in query and fragment."""
        return self.redact(hide_url(self._known(url), self._shown))

    def _shown(self, word: str, value: str) -> str:
        return value if _MASK.fullmatch(value) or not value else _mask(word, value, fingerprint(value, self._key))

    def _known(self, text: str) -> str:
        return _masked(text, list(self._registered(views_of(text))))

    def _register(self, label: str, mask: str, needles: tuple[Needle, ...]) -> None:
        with self._lock:
            entry = _Entry(label, mask, needles)
            if needles and entry not in self._entries:
                self._entries = (*self._entries, entry)

    def _registered(self, views: Sequence[View]) -> Iterator[_Span]:
        return _spans(self._entries, views)

    def _unregistered(self, views: Sequence[View]) -> Iterator[_Span]:
        text = views[0].text
        for shape in shapes_of(text):
            yield self._token_like(shape.word, text[shape.start : shape.end], shape.start, shape.end)
        for view in views[1:]:
            # folded, a token runs into the words around it
            for match in TOKEN_LIKE_TEXT.finditer("" if view.folded else view.text):
                yield self._token_like("token", match.group(), *view.span(*match.span()))

    def _token_like(self, word: str, value: str, start: int, end: int) -> _Span:
        return _Span(start, end, TOKEN_LIKE, _mask(word, value, fingerprint(value, self._key)))


def _spans(entries: Sequence[_Entry], views: Sequence[View]) -> Iterator[_Span]:
    for view in views if entries else ():
        masks = [match.span() for match in _MASK.finditer(view.text)]
        for entry in entries:
            for needle in entry.needles:
                mask = f"<part of {entry.mask[1:]}" if needle.part else entry.mask
                for start, end in _places(needle, view):
                    if not _inside(start, end, masks):
                        yield _Span(*view.span(start, end), entry.label, mask)


def _unlike(entries: Sequence[_Entry], own: View) -> Iterator[_Entry]:
    """The entries without the spellings that say nothing: too short ones, and those that stand in the own words."""
    for entry in entries:
        telling = tuple(n for n in entry.needles if n.reach != "value" and next(_places(n, own), None) is None)
        if telling:
            yield replace(entry, needles=telling)


def redact_headers(headers: Iterable[tuple[str, str]], request: bool) -> tuple[tuple[str, str], ...]:
    """Redact header fields where no secret is registered; see `Redactor.redact_headers`."""
    return Redactor().redact_headers(headers, request)


def redact_url(url: str) -> str:
    """Redact a URL where no secret is registered; see `Redactor.redact_url`."""
    return Redactor().redact_url(url)


def _mask(word: str, text: str, digits: str) -> str:
    size = len(text.encode("utf-8", "surrogatepass"))
    return f"<{word} {size} byte{'' if size == 1 else 's'}{' ' if digits else ''}{digits}>"


def _masked(text: str, spans: Sequence[_Span]) -> str:
    """Replace clusters of overlapping spans by the mask of the longest of them; a registered one wins a tie."""
    out: list[str] = []
    done = 0
    for start, end, mask in _clusters(spans):
        out += (text[done:start], mask)
        done = end
    return "".join((*out, text[done:])) if out else text


def _inside(start: int, end: int, masks: Sequence[tuple[int, int]]) -> bool:
    """Whether a place lies in what is a mask already: its words and digits hold no secret."""
    index = bisect.bisect_right(masks, (start, len(masks) and masks[-1][1])) - 1
    return index >= 0 and masks[index][0] <= start and end <= masks[index][1]


def _places(needle: Needle, view: View) -> Iterator[tuple[int, int]]:
    if view.folded and not needle.foldable:
        return
    text, wanted = view.text, needle.text
    done = 0
    start = text.find(wanted)
    while start >= 0:
        end = start + len(wanted)
        if needle.reach == "anywhere" or _stands_alone(text, start, end, needle.reach == "value"):
            if needle.encoded and not view.folded:
                start, end = _whole_run(text, start, end, done)
            yield start, end
        done = end
        start = text.find(wanted, end)


def _stands_alone(text: str, start: int, end: int, as_value: bool) -> bool:
    before, after = text[start - 1 : start], text[end : end + 1]
    if not as_value:
        return not any(c.isalnum() or c in "_-" for c in before + after)
    if text.strip() == text[start:end]:
        return True
    closed = not after or after in "\"'&;,}])<\r\n"
    return closed and (before in ("=", '"', "'", ">") or text[max(0, start - 2) : start] == ": ")


def _whole_run(text: str, start: int, end: int, floor: int) -> tuple[int, int]:
    while start > floor and text[start - 1] in _RUN_CHARACTERS:
        start -= 1
    match = _RUN.match(text, end)
    return start, match.end() if match else end


def _clusters(spans: Sequence[_Span]) -> Iterator[tuple[int, int, str]]:
    start = end = longest = -1
    mask = ""
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if span.start >= end:
            if end > 0:
                yield start, end, mask
            start, end, longest, mask = span.start, span.end, span.end - span.start, span.mask
            continue
        end = max(end, span.end)
        if span.end - span.start > longest:
            longest, mask = span.end - span.start, span.mask
    if end > 0:
        yield start, end, mask
