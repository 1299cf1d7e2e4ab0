"""Does one credential arrive, and only one? Duplicates, the effect of the header, browsers: S1-17, S1-21, S1-24."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned
from authwizard.model.evidence import (
    Anonymous,
    AnonymousAgain,
    Baseline,
    CredentialSeen,
    ExchangeSeen,
    Garbage,
    LeanerCall,
    OddScheme,
    Preflight,
    Reported,
)
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Argument, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.profile import Profile
from authwizard.steps.answers import status_text
from authwizard.steps.differential import Comparison, accepts, comparison
from authwizard.steps.step1_session import SESSION_COOKIE
from authwizard.steps.swaps import swap_argument, swap_line, swaps_about

DUPLICATE_CAUSES = ("duplicate_credentials", "cookie_overrides_token")
SIMPLE_METHODS = frozenset({"GET", "HEAD", "POST"})
"""Methods a preflight need not list (Fetch, "CORS-safelisted method")."""


@check(
    "S1-17", step=1, title="The request carries one credential",
    looks_for="A second Authorization header, an access_token in the address, a session cookie beside the token.",
    causes=DUPLICATE_CAUSES, sources=("RFC 6750 2", "RFC 6750 3.1", "RFC 9110 5.3"),
)  # fmt: skip
def duplicates(
    profile: Profile, credential: CredentialSeen | None, baseline: Baseline | None, reported: Reported | None, leaner: LeanerCall | None
) -> Outcome:  # fmt: skip
    """Count the places of the request that hold a credential; the request without the surplus one decides."""
    bearer_places = list(dict.fromkeys(_token_places(profile, credential, baseline, reported)))
    swaps = swaps_about(DUPLICATE_CAUSES, leaner)
    tried = tuple(a for call in swaps if (a := swap_argument(call, baseline)) is not None)
    cookies = _cookies(profile, reported)
    lines = (*(Line("Credential", place) for place in bearer_places), *(Line("Cookie", c, Status.WARN) for c in cookies),
             *(swap_line(c, c.factor) for c in swaps))  # fmt: skip
    if len(bearer_places) > 1:
        text = f"The request carries {len(bearer_places)} credentials: {', '.join(bearer_places)}. A client must use one place only."
        if baseline is not None and accepts(baseline.exchange):
            return warned(f"{text} This server takes it.", *lines)
        return failed(text, *lines, arguments=(Argument("duplicate_credentials", Grade.S, Group.LOCAL_BYTES, text), *tried))
    proven = next((a for a in tried if a.grade in (Grade.P, Grade.S)), None)
    if proven is not None:
        return failed(proven.text, *lines, arguments=tried)
    if cookies and bearer_places:
        text = f"The request carries a session cookie ({', '.join(cookies)}) beside the token: some servers look at the cookie first."
        # Where the request succeeds with that cookie in it, this server does not mind.
        taken = baseline is not None and accepts(baseline.exchange) and any(name.lower() == "cookie" for name in profile.headers)
        minds = () if taken else (Argument("cookie_overrides_token", Grade.W, Group.LOCAL_BYTES, text),)
        return warned(text, *lines, arguments=(*minds, *tried))
    return passed(
        "The request carries one credential." if bearer_places else "The request carries no second credential.", *lines, arguments=tried
    )


def _token_places(
    profile: Profile, credential: CredentialSeen | None, baseline: Baseline | None, reported: Reported | None
) -> Iterator[str]:  # fmt: skip
    """Yield each place that carries a credential, by name, once per occurrence."""
    spec = profile.credential
    if credential is None or credential.field_value is not None:
        yield f"{spec.place} {spec.name}"
    query = [name for name, _ in parse_qsl(_query(profile.url), keep_blank_values=True)]
    yield from (f"query {name}" for name in query if name.lower() == "access_token")
    own = spec.name.lower() if spec.place == "header" else ""
    yield from (f"header {name} (from headers)" for name in profile.headers if name.lower() == "authorization" or name.lower() == own)
    for label, headers in (("sent", _sent_names(baseline)), ("your program", reported.header_names if reported is not None else ())):
        extra = sum(name.lower() == "authorization" for name in headers) - 1
        yield from (f"header Authorization again ({label}, {n + 2})" for n in range(extra))


def _query(url: str) -> str:
    try:
        return urlsplit(url).query
    except ValueError:
        return ""


def _sent_names(baseline: Baseline | None) -> tuple[str, ...]:
    return tuple(name for name, _ in baseline.exchange.request_headers) if baseline is not None else ()


def _cookies(profile: Profile, reported: Reported | None) -> list[str]:
    """Return the names of session cookies that go along with a token."""
    if profile.credential.kind == "cookie" or profile.credential.place == "cookie":
        return []
    named = [
        pair.partition("=")[0].strip() for name, value in profile.headers.items() if name.lower() == "cookie" for pair in value.split(";")
    ]
    found = [name for name in named if SESSION_COOKIE.search(name)]
    if not found and reported is not None and any(name.lower() == "cookie" for name in reported.header_names):
        found = ["sent by your program"]
    return found


@check(
    "S1-21", step=1, title="The credential's header reaches what checks it",
    looks_for="Whether any Authorization value changes the answer: none at all, a meaningless one, an unknown scheme, the real one.",
    causes=("authorization_stripped",), sources=("RFC 6750 3.1",),
)  # fmt: skip
def header_reaches(
    baseline: Baseline, anonymous: Anonymous, again: AnonymousAgain | None, garbage: Garbage | None, odd: OddScheme | None
) -> Outcome:  # fmt: skip
    """Judge only whether a value changes the answer; what that means is the decision table's business (step 8)."""
    if baseline.exchange.status is None or anonymous.exchange.status is None:
        return not_tried("Without both answers, with and without the credential, nothing can be compared.")
    compare = comparison(anonymous, again)
    probes = [("real credential", baseline), ("meaningless token", garbage), ("unknown scheme", odd)]
    seen = [(label, probe) for label, probe in probes if probe is not None and probe.exchange.status is not None]
    rows = [("no credential", status_text(anonymous.exchange.status), "the base")]
    rows += [(name, status_text(p.exchange.status), _against_none(compare, p, anonymous)) for name, p in seen]
    table = Table(("sent", "answer", "against none"), tuple(rows), "Effect of the header")
    different = [label for label, probe in seen if compare.differ(probe, anonymous)]
    if accepts(baseline.exchange) and accepts(anonymous.exchange):
        return warned("The address answers with a success even without a credential, so a success here proves nothing.", table)
    if different:
        text = f"The header arrives: the answer to {_words(different)} differs from the answer without one."
        strong = [label for label in different if label != "unknown scheme"]
        against = (Argument("authorization_stripped", compare.grade(Grade.XS), Group.RESPONSE_CLASS, text),) if strong else ()
        return passed(text, table, arguments=against)
    like_none = {"like_none": not accepts(baseline.exchange)}
    if garbage is None and odd is None:
        return warned("With and without the credential the answer is the same; no other value has been tried yet.", table, facts=like_none)
    text = "Whatever is sent, the answer stays the same: either the header does not arrive, or the server gives one answer to all."
    return warned(text, table, facts=like_none)


def _against_none(compare: Comparison, probe: ExchangeSeen, anonymous: Anonymous) -> str:
    if compare.differ(probe, anonymous):
        return "differs"
    return "same" if compare.same(probe, anonymous) else "differs in its text, which may vary by itself"


def _words(labels: list[str]) -> str:
    return " and ".join(
        f"the {label}" if label == "real credential" else f"a {label}" if label[0] != "u" else f"an {label}" for label in labels
    )


@check(
    "S1-24", step=1, title="A browser may send the request",
    looks_for="The preflight (OPTIONS) a browser sends first, and whether the API's answers carry the CORS headers it needs.",
    causes=("cors_preflight_rejected", "cors_headers_missing_on_401"), sources=("Fetch standard, CORS protocol",),
)  # fmt: skip
def cors_preflight(preflight: Preflight, profile: Profile) -> Outcome:
    """Judge the preflight; it never explains a 401 that a program outside a browser sees."""
    if not profile.browser_origin:
        return not_applicable("No browser_origin is set, so no browser is asked about.")
    answer = preflight.preflight
    if answer is None or answer.status is None:
        return not_tried("The preflight got no answer.")
    lines = _cors_lines(answer)
    problem = _preflight_problem(answer, profile)
    if problem:
        text = f"A browser would not send the request: {problem}"
        return failed(text, *lines, arguments=(Argument("cors_preflight_rejected", Grade.S, Group.RESPONSE_CLASS, text),))
    simple = preflight.simple
    if simple is not None and simple.status is not None and not simple.ok and not _origin_allowed(simple, profile):
        text = f"The API's refusal ({status_text(simple.status)}) lacks Access-Control-Allow-Origin: a browser shows a CORS error and hides the real answer."
        return warned(text, *lines, arguments=(Argument("cors_headers_missing_on_401", Grade.M, Group.RESPONSE_CLASS, text),))
    return passed(f"A browser at {profile.browser_origin} may send the request.", *lines)


def _cors_lines(answer: Exchange) -> tuple[Line, ...]:
    names = (
        "access-control-allow-origin",
        "access-control-allow-methods",
        "access-control-allow-headers",
        "access-control-allow-credentials",
    )
    first = Line("OPTIONS", status_text(answer.status), Status.PASS if answer.ok else Status.FAIL)
    return (first, *(Line(name, ", ".join(answer.header_all(name)) or "absent") for name in names))


def _preflight_problem(answer: Exchange, profile: Profile) -> str:
    if not answer.ok:
        extra = " It seems to be checked for a credential, which a preflight never carries." if answer.status in (401, 403) else ""
        return f"the preflight was answered {status_text(answer.status)}.{extra}"
    origins = answer.header_all("access-control-allow-origin")
    if len(origins) > 1 or (origins and "," in origins[0]):
        return "Access-Control-Allow-Origin is sent more than once, as when both a gateway and the API add it."
    with_cookie = profile.credential.place == "cookie"
    if not _origin_allowed(answer, profile):
        return f"the preflight does not allow the origin {profile.browser_origin}."
    if with_cookie and (answer.header("access-control-allow-credentials") or "").strip() != "true":
        return "the preflight does not allow credentials (Access-Control-Allow-Credentials: true), which a cookie needs."
    methods = _listed(answer, "access-control-allow-methods")
    if profile.method not in SIMPLE_METHODS and profile.method.lower() not in methods and ("*" not in methods or with_cookie):
        return f"the preflight does not allow the method {profile.method}."
    return _header_problem(answer, profile, with_cookie=with_cookie)


def _header_problem(answer: Exchange, profile: Profile, *, with_cookie: bool) -> str:
    allowed = _listed(answer, "access-control-allow-headers")
    asked = next((v for n, v in answer.request_headers if n.lower() == "access-control-request-headers"), "")
    needed = {name.strip().lower() for name in asked.split(",") if name.strip()}
    if profile.credential.place == "header":
        needed.add(profile.credential.name.lower())
    for name in sorted(needed):
        covered = "*" in allowed and name != "authorization" and not with_cookie
        if name not in allowed and not covered:
            star = " The * there does not cover it." if "*" in allowed else ""
            return f"the preflight does not allow the header {name} (Access-Control-Allow-Headers).{star}"
    return ""


def _listed(answer: Exchange, name: str) -> frozenset[str]:
    return frozenset(item.strip().lower() for value in answer.header_all(name) for item in value.split(",") if item.strip())


def _origin_allowed(answer: Exchange, profile: Profile) -> bool:
    allowed = (answer.header("access-control-allow-origin") or "").strip()
    return allowed == profile.browser_origin.rstrip("/") or (allowed == "*" and profile.credential.place != "cookie")
