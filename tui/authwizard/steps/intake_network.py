"""Can the hosts be reached, is their answer the same every time, and where do redirects lead? I-02, I-05, I-07."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from authwizard.check import check, failed, not_applicable, not_tried, passed, warned, with_facts
from authwizard.knowledge.clients import HttpClient
from authwizard.knowledge.signature import same
from authwizard.model.evidence import (
    Anonymous,
    Baseline,
    Discovery,
    FinalUrlCall,
    FreshCallAgain,
    FreshToken,
    KeySet,
    MintedForRun,
    RedirectChain,
    Repeats,
    Reported,
    SentRequest,
)
from authwizard.model.exchange import Exchange, Layer
from authwizard.model.finding import Argument, Detail, Grade, Group, Line, Outcome, Status, Table
from authwizard.model.frozen import dataclass
from authwizard.model.late_pattern import late_pattern
from authwizard.model.options import RunOptions
from authwizard.model.profile import Profile, is_loopback, origin_of
from authwizard.steps.answers import ends_at_login, names_login, status_text
from authwizard.steps.differential import accepts, refuses
from authwizard.steps.swaps import swap_line
from authwizard.steps.token_answers import issuer_unanswered
from authwizard.steps.users_client import libraries, named

CAUSE_OF_LAYER: dict[Layer, str] = {
    "dns": "dns_failure", "connect": "network_unreachable", "timeout": "network_unreachable", "proxy": "network_unreachable",
    "protocol": "network_unreachable", "tls": "tls_failure",
}  # fmt: skip
"""Which cause a transport fault points to; a value that cannot be sent and a huge answer are no trouble of the network."""
NOT_REACHED = ("token_expired", "token_revoked", "token_malformed", "signature_invalid", "audience_mismatch", "issuer_mismatch")
"""Token causes an unreachable API speaks against: it never judged a token."""
INSPECTORS = late_pattern(
    r"zscaler|netskope|forti(?:net|gate)|palo ?alto|blue ?coat|umbrella|sophos|mcafee|trellix|check ?point|kaspersky|eset\b|avast|bitdefender"
    r"|mitmproxy|charles proxy|fiddler|portswigger|untangle|barracuda|websense|forcepoint",
    re.IGNORECASE,
)
"""Makers of programs that open TLS connections to look inside, as they name themselves in the certificates they issue."""
MANY = 20
"""Equal answers that speak against one server among several being different."""
UNKNOWN_ISSUER = late_pattern(r"self[- ]signed certificate in certificate chain|unable to get (?:local )?issuer certificate", re.IGNORECASE)


@dataclass(frozen=True)
class Reached:
    """One host and what became of the requests to it."""

    host: str
    answered: Exchange | None
    faulty: Exchange | None
    role: str


@check(
    "I-02", step=0, title="All hosts can be reached",
    looks_for="Name resolution, connection, TLS and an answer, for the API and the authorization server; the layer that fails is named.",
    causes=("network_unreachable", "dns_failure", "tls_failure", "tls_interception", *NOT_REACHED), sources=("RFC 9110 4.3.4",),
)  # fmt: skip
def reachability(
    profile: Profile, baseline: Baseline | None, anonymous: Anonymous | None, discovery: Discovery | None, keys: KeySet | None,
    minted: MintedForRun | None, fresh: FreshToken | None,
) -> Outcome:  # fmt: skip
    """Judge what every request to every host met."""
    # Where the certificate is the credential, a server breaks the handshake without it off: that is no trouble of the network.
    without = None if profile.credential.kind == "mtls" and anonymous is not None and _broken_off(anonymous.exchange) else anonymous
    api = [seen.exchange for seen in (baseline, without) if seen is not None]
    token = [seen.exchange for seen in (minted, fresh) if seen is not None]
    metadata = [*(discovery.exchanges if discovery is not None else ()), *((keys.exchange,) if keys is not None and keys.exchange else ())]
    reached = [*_by_host(api, "API"), *_by_host([*token, *metadata], "authorization server")]
    if not reached:
        return not_tried(f"Nothing was sent, so whether {profile.name}'s hosts answer is not known.")
    lines = tuple(_host_line(r) for r in reached)
    p0_answered = baseline is not None and baseline.exchange.status is not None
    needed = baseline is None and issuer_unanswered(profile, discovery)
    arguments = [
        *_api_arguments(api),
        *_server_arguments(token, metadata, p0_answered=p0_answered, needed=bool(token) or needed),
        *_interception(reached),
    ]
    troubled = [r for r in reached if r.answered is None and r.faulty is not None]
    if not troubled:
        if arguments:
            return warned(arguments[0].text, *lines, arguments=tuple(arguments))
        return passed("Every host that was asked answers.", *lines)
    fault = troubled[0].faulty.fault if troubled[0].faulty is not None else None
    text = f"The {troubled[0].role} cannot be reached. {fault.text if fault is not None else ''}".strip()
    return failed(text, *lines, arguments=tuple(arguments))


def _broken_off(exchange: Exchange) -> bool:
    """Whether the host was reached, and ended the connection without an answer."""
    fault = exchange.fault
    return fault is not None and (fault.layer in ("tls", "protocol") or (fault.layer == "connect" and " broke" in fault.text))


def _by_host(exchanges: list[Exchange], role: str) -> Iterator[Reached]:
    for host in dict.fromkeys(_host(e) for e in exchanges):
        own = [e for e in exchanges if _host(e) == host]
        answered = next((e for e in own if e.status is not None), None)
        yield Reached(host, answered, next((e for e in own if _network_fault(e)), None), role)


def _host(exchange: Exchange) -> str:
    try:
        return urlsplit(exchange.url).netloc.rpartition("@")[2]
    except ValueError:
        return exchange.url


def _network_fault(exchange: Exchange) -> bool:
    return exchange.status is None and exchange.fault is not None and exchange.fault.layer in CAUSE_OF_LAYER


def _host_line(reached: Reached) -> Line:
    label = f"{reached.role} {reached.host}"
    if reached.answered is not None:
        tls = reached.answered.tls
        shown = ", ".join(t for t in (tls.get("version", ""), f"certificate by {tls['issuer']}" if tls.get("issuer") else "") if t)
        where = f" at {reached.answered.peer}" if reached.answered.peer else ""
        return Line(label, f"answers ({status_text(reached.answered.status)}){where}", Status.PASS, shown)
    fault = reached.faulty.fault if reached.faulty is not None else None
    return Line(
        label,
        fault.text if fault is not None else "nothing that could be read came back",
        Status.FAIL if fault else None,
        fault.layer if fault else "",
    )


def _argument(exchange: Exchange, grade: Grade) -> Argument:
    assert exchange.fault is not None
    return Argument(CAUSE_OF_LAYER[exchange.fault.layer], grade, Group.RESPONSE_CLASS, exchange.fault.text)


def _is_407(exchange: Exchange) -> bool:
    return exchange.fault is not None and exchange.fault.layer == "proxy" and bool(re.search(r"\b407\b", exchange.fault.text))


def _api_arguments(api: list[Exchange]) -> list[Argument]:
    faulty = [e for e in api if _network_fault(e) and not _is_407(e)]
    if not faulty:
        return []
    if any(e.status is not None for e in api):
        return [_argument(faulty[0], Grade.W)]
    text = "The API could not be reached, so it judged no token."
    return [_argument(faulty[0], Grade.S), *(Argument(c, Grade.XM, Group.RESPONSE_CLASS, text) for c in NOT_REACHED)]


def _server_arguments(token: list[Exchange], metadata: list[Exchange], *, p0_answered: bool, needed: bool) -> list[Argument]:
    """An authorization server that cannot be reached explains a missing token, never a refused one."""
    asked = token or metadata
    faulty = next((e for e in asked if _network_fault(e)), None)
    if faulty is None or any(e.status is not None for e in asked):
        return []
    return [_argument(faulty, Grade.W if p0_answered else Grade.S if needed else Grade.M)]


def _interception(reached: list[Reached]) -> list[Argument]:
    for each in reached:
        issuer = each.answered.tls.get("issuer", "") if each.answered is not None else ""
        if INSPECTORS.search(issuer):
            text = f"The certificate of {each.host} was issued by {issuer}: something on the way opens the encrypted connection, and can alter headers."
            return [Argument("tls_interception", Grade.M, Group.ENVIRONMENT, text)]
    unknown = [r for r in reached if r.answered is None and r.faulty is not None and _unknown_issuer(r.faulty)]
    if len({r.host for r in unknown}) >= 2:
        hosts = f"{unknown[0].host} and {unknown[1].host}"
        text = f"The certificates of {hosts} both come from an issuer this machine does not know, as when a proxy opens connections."
        return [Argument("tls_interception", Grade.M, Group.ENVIRONMENT, text)]
    return []


def _unknown_issuer(exchange: Exchange) -> bool:
    return exchange.fault is not None and exchange.fault.layer == "tls" and bool(UNKNOWN_ISSUER.search(exchange.fault.text))


# ── I-05 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "I-05", step=0, title="The same request gets the same answer every time",
    looks_for="The request sent again on new connections: a mixture of success and 401 means that one of several servers differs.",
    causes=("replica_inconsistent", "rate_limited", "authorizer_cache", "authorization_stripped", "token_malformed"),
    sources=("RFC 9110 15.5.2",),
)  # fmt: skip
def stability(repeats: Repeats, baseline: Baseline, profile: Profile, second: FreshCallAgain | None) -> Outcome:
    """Compare the answers of identical requests."""
    single_use = profile.credential.kind in ("dpop", "digest") or profile.credential.scheme_word.upper().startswith("AWS4-")
    if single_use:
        return not_applicable("Each of these requests may be sent only once (a proof or nonce of its own), so repeats fail by design.")
    answers = [e for e in (baseline.exchange, *repeats.exchanges) if e.status is not None]
    if len(answers) < 2:
        return not_tried("The request was not repeated.")
    table = Table(("try", "status", "server", "address", "Date"), tuple(_try_row(i, e) for i, e in enumerate(answers, 1)), "Repeats")
    good, refused = [e for e in answers if accepts(e)], [e for e in answers if refuses(e)]
    limited = any(e.status == 429 for e in answers)
    if good and refused and second is not None and turned_for_good(answers):
        return warned("Only the first request, sent at once with a token fetched for this run, was refused: see S7-02.", table)
    if good and refused:
        return with_facts(_mixture(answers, len(good), table, limited=limited), flapping=True)
    if limited:
        text = "One of the repeated requests was answered 429: the API counts requests, and more of them make it worse."
        return warned(text, table, arguments=(Argument("rate_limited", Grade.M, Group.RESPONSE_CLASS, text),))
    if all(same(answers[0], other) for other in answers[1:]):
        text = f"{len(answers)} identical requests got the same answer ({status_text(answers[0].status)})."
        # A failure of one answer in five stays unseen in twenty samples in one case of a hundred (CHECKS 13.1).
        steady = (Argument("replica_inconsistent", Grade.XM, Group.RESPONSE_CLASS, text),) if len(answers) >= MANY and good else ()
        return passed(text, table, arguments=steady, facts={"steady": len(answers)} if steady else None)
    return warned("The status is the same every time, but the answers differ otherwise: more than one server may answer.", table)


def _mixture(answers: list[Exchange], good: int, table: Table, *, limited: bool) -> Outcome:
    text = f"{good} of {len(answers)} attempts succeed with the same credential: one of the servers behind this address differs from the others."
    turned = len(answers) >= 6 and _turned_once(answers)
    arguments = [
        Argument("replica_inconsistent", Grade.M if turned else Grade.S, Group.RESPONSE_CLASS, text),
        Argument("token_malformed", Grade.XS, Group.RESPONSE_CLASS, "The same token was accepted at least once."),
        Argument("authorization_stripped", Grade.XM, Group.RESPONSE_CLASS, "The header did arrive at least once."),
    ]
    if turned:
        late = "The refusals stopped at one moment and did not come back, as when a gateway forgets a decision it kept."
        arguments.append(Argument("authorizer_cache", Grade.M, Group.RESPONSE_CLASS, late))
    if limited:
        arguments.append(Argument("rate_limited", Grade.M, Group.RESPONSE_CLASS, "One of the repeated requests was answered 429."))
    return failed(text, table, arguments=tuple(arguments))


def turned_for_good(answers: list[Exchange]) -> bool:
    """Whether only the first request was refused."""
    return not accepts(answers[0]) and all(accepts(e) for e in answers[1:])


def _turned_once(answers: list[Exchange]) -> bool:
    """Whether all refusals came first and all successes after."""
    good = [accepts(e) for e in answers]
    return not good[0] and good == sorted(good)


def _try_row(index: int, exchange: Exchange) -> tuple[str, ...]:
    named = ("x-served-by", "x-backend-server", "x-pod", "x-pod-name", "x-instance-id", "x-replica", "server")
    server = next((value for name in named if (value := exchange.header(name))), "")
    return (str(index), status_text(exchange.status), server, exchange.peer, exchange.header("date") or "")


# ── I-07 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@check(
    "I-07", step=0, title="The address answers itself, without a redirect",
    looks_for="Where redirects lead, and whether a client that follows them loses the Authorization header on the way.",
    causes=("redirect_drops_authorization", "login_redirect", "plaintext_http", "wrong_base_url"), sources=("RFC 9110 15.4", "RFC 9110 4.3.3"),
)  # fmt: skip
def redirect_chain(
    chain: RedirectChain, profile: Profile, options: RunOptions, baseline: Baseline | None, final: FinalUrlCall | None,
    reported: Reported | None, sent: SentRequest | None,
) -> Outcome:  # fmt: skip
    """Judge the hops after a 3xx, by what the user's client does on the way."""
    if not chain.hops:
        return passed("The address answers itself, without a redirect.")
    details: list[Detail] = [_hop_table(chain, baseline)]
    last = chain.hops[-1]
    elsewhere = chain.crosses_origin and names_login(chain.final_url) and not names_login(profile.url)
    if elsewhere or ends_at_login(profile.url, chain.final_url, last):
        text = f"The redirects end at a page to sign in ({chain.final_url}): the API takes the request for a browser's."
        return failed(text, *details, arguments=(Argument("login_redirect", Grade.M, Group.SERVER_MESSAGE, text),))
    if circle := _circle(chain, baseline):
        return failed(circle, *details, arguments=(Argument("wrong_base_url", Grade.W, Group.RESPONSE_CLASS, circle),))
    clients = libraries(profile, sent)
    details += [Line(c.library, *_habit(c, chain, baseline, profile)) for c in clients]
    argument = _dropped(chain, profile, last, clients, baseline)
    if argument is None:
        return _harmless(chain, baseline, final, details)
    if final is not None:
        details.append(swap_line(final, "address"))
    arguments = (argument, *_proof(final, baseline, last))
    matters = chain.drops_authorization or options.reported_401 or reported is not None
    return (failed if matters else warned)(arguments[0].text, *details, arguments=arguments)


def _circle(chain: RedirectChain, baseline: Baseline | None) -> str:
    """What is to be said of redirects within one origin that lead back to an address that already redirected; "" of all others."""
    seen = [*([baseline.exchange] if baseline is not None else []), *chain.hops]
    if chain.crosses_origin or chain.final_url not in [e.url for e in seen] or not 300 <= (seen[-1].status or 0) < 400:
        return ""
    text = f"The API redirects in a circle: the way leads back to {chain.final_url}, and nothing that checks a credential answers."
    if any(e.header("set-cookie") for e in seen):
        text += " It sets a cookie on the way: what keeps cookies, as a browser does, may get further than an API client."
    return text


def _header_of(profile: Profile) -> str:
    """The header that carries the credential, "" where it is in the address."""
    return {"header": profile.credential.name, "cookie": "Cookie"}.get(profile.credential.place, "")


def _loses(client: HttpClient, chain: RedirectChain, baseline: Baseline | None, profile: Profile) -> bool | None:
    """Whether a client takes the credential's header away somewhere on the way; None = its versions differ."""
    header = _header_of(profile)
    urls = [*([baseline.exchange.url] if baseline is not None else []), *(hop.url for hop in chain.hops), chain.final_url]
    fates = [client.loses(header, a, b) for a, b in itertools.pairwise(dict.fromkeys(urls))] if header else [False]
    return True if True in fates else None if None in fates else False


def _habit(client: HttpClient, chain: RedirectChain, baseline: Baseline | None, profile: Profile) -> tuple[str, Status | None, str]:
    header = _header_of(profile) or "the credential"
    fate = _loses(client, chain, baseline, profile)
    told = "follows redirects only where the program says so" if client.follows == "told" else ""
    words = {
        True: f"takes {header} away on this way",
        False: f"keeps {header} on this way",
        None: f"keeps or loses {header}, by its version",
    }
    return words[fate], Status.PASS if fate is False else Status.WARN, told


def _dropped(
    chain: RedirectChain, profile: Profile, last: Exchange, clients: tuple[HttpClient, ...], baseline: Baseline | None
) -> Argument | None:  # fmt: skip
    """What of the user's client loses the credential on the way; without a known client what most do."""
    refused = " The request that arrives there is refused." if last.status in (401, 403) else ""
    where = f"{chain.final_url}, another host or port" if chain.crosses_origin else chain.final_url
    if not clients:
        text = f"The API redirects to {where}: clients that follow remove the Authorization header.{refused}"
        return _drop(Grade.S, text, profile) if chain.drops_authorization else None
    fates = {client: _loses(client, chain, baseline, profile) for client in clients}
    losing = tuple(client for client, fate in fates.items() if fate)
    if losing and all(fate is not False for fate in fates.values()):
        every = ", as it does on every redirect that it follows" if not chain.crosses_origin else ""
        grade = Grade.S if len(losing) == len(clients) else Grade.M
        return _drop(
            grade, f"The API redirects to {where}: {named(losing)} removes the {_header_of(profile)} header{every}.{refused}", profile
        )
    unsure = tuple(client for client, fate in fates.items() if fate is not False)
    if not unsure:
        return None
    text = f"The API redirects to {where}: depending on library and version ({named(unsure)}), the {_header_of(profile)} header is removed.{refused}"
    return _drop(Grade.M, text, profile)


def _drop(grade: Grade, text: str, profile: Profile) -> Argument:
    return Argument("redirect_drops_authorization", grade, Group.RESPONSE_CLASS, text, provenance=profile.client)


def _proof(final: FinalUrlCall | None, baseline: Baseline | None, last: Exchange) -> tuple[Argument, ...]:
    """A success straight at the last address, while a client that follows arrives there and is refused, is proof."""
    if final is None or not accepts(final.exchange) or baseline is None or accepts(baseline.exchange):
        return ()
    followed = last.status in (401, 403)
    text = f"Sent straight to the last address the request succeeds ({status_text(final.exchange.status)})."
    grade = Grade.P if followed else Grade.S
    return (Argument("redirect_drops_authorization", grade, Group.SWAP, text, factor="address"),)


def _harmless(chain: RedirectChain, baseline: Baseline | None, final: FinalUrlCall | None, details: list[Detail]) -> Outcome:
    first = baseline.exchange.url if baseline is not None else chain.hops[0].url
    upgraded = first.startswith("http://") and chain.final_url.startswith("https://")
    downgraded = chain.final_url.startswith("http://") and not is_loopback(chain.final_url)
    if upgraded or downgraded:
        way = "from http to https" if upgraded else "to plain http"
        text = f"The API redirects {way}: the credential travels readable for one request. Write the https address into the profile."
        arguments = [Argument("plaintext_http", Grade.M, Group.RESPONSE_CLASS, text)]
        if upgraded and final is not None and accepts(final.exchange):
            works = f"Sent straight to the https address the request succeeds ({status_text(final.exchange.status)})."
            arguments.append(Argument("plaintext_http", Grade.P, Group.SWAP, works, factor="address"))
        return warned(text, *details, arguments=tuple(arguments))
    return warned(f"The API redirects within the same origin, to {chain.final_url}; use that address directly to save a request.", *details)


def _hop_table(chain: RedirectChain, baseline: Baseline | None) -> Table:
    rows, before = [], baseline.exchange.url if baseline is not None else ""
    for number, hop in enumerate(chain.hops, 1):
        keeps = "same origin" if not before or origin_of(before) == origin_of(hop.url) else "other origin"
        rows.append((str(number), hop.method, hop.url, status_text(hop.status), keeps))
        before = hop.url
    return Table(("hop", "method", "address", "answer", "origin"), tuple(rows), "Redirects")
