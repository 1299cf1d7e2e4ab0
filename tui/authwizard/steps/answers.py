"""What does an answer say by itself? Small questions that several checks ask of an exchange."""

from __future__ import annotations

import http
import re
from functools import lru_cache

from authwizard.knowledge import Explanation, explain
from authwizard.model.exchange import Exchange
from authwizard.model.late_pattern import late_pattern
from authwizard.steps.clock_model import age_of

_LOGIN_PLACE = late_pattern(r"(?:^|[/._?&=-])(?:log-?in|sign-?in|sso|saml2?|oauth2?|authorize|auth)(?:[/._?&=-]|$)", re.IGNORECASE)
_PASSWORD_FIELD = late_pattern(r"<input[^>]{0,300}type\s*=\s*[\"']?password", re.IGNORECASE)
_LOGIN_TITLE = late_pattern(r"<title[^>]*>[^<]{0,80}\b(?:log[ -]?in|sign[ -]?in|single sign-on)\b", re.IGNORECASE)


def explained(exchange: Exchange) -> Explanation:
    """Return what the knowledge of real servers makes of an answer."""
    return _explained(exchange.status or 0, exchange.response_headers, exchange.body)


@lru_cache(maxsize=64)
def _explained(status: int, headers: tuple[tuple[str, str], ...], body: str) -> Explanation:
    """Many checks ask about the same few answers of a run."""
    return explain(status, headers, body)


def status_text(status: int | None) -> str:
    """Return a status with its name, e.g. "401 Unauthorized"; "no answer" for None."""
    if status is None:
        return "no answer"
    try:
        return f"{status} {http.HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)


def served_from_cache(exchange: Exchange) -> bool:
    """Whether an answer came out of a cache (RFC 9111 5.1 `Age`, or a cache's own mark)."""
    marks = " ".join(exchange.header(name) or "" for name in ("x-cache", "cf-cache-status", "x-cache-status")).lower()
    return age_of(exchange) > 0 or bool(re.search(r"\bhit\b", marks))


def is_html(exchange: Exchange) -> bool:
    """Whether an answer is a web page."""
    kind = (exchange.header("content-type") or "").lower()
    return "html" in kind or exchange.body.lstrip()[:15].lower().startswith(("<!doctype html", "<html"))


def is_login_page(exchange: Exchange) -> bool:
    """Whether an answer is a page to sign in at: HTML with a password field or a title that says so."""
    return is_html(exchange) and bool(_PASSWORD_FIELD.search(exchange.body) or _LOGIN_TITLE.search(exchange.body))


def names_login(address: str) -> bool:
    """Whether an address (a `Location`) looks like that of a login page."""
    return bool(_LOGIN_PLACE.search(address))


def ends_at_login(asked: str, final_url: str, last: Exchange) -> bool:
    """Whether redirects led from an address to a page to sign in at: by its fields and title, or a web page whose address says so.

    A page that a program draws in the browser has no password field to be seen.
    """
    return is_login_page(last) or (is_html(last) and names_login(final_url) and not names_login(asked))
