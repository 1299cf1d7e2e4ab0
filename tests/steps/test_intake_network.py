"""I-02, I-05, I-07: hosts, repeats, redirects."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import Discovery, FinalUrlCall, FreshToken, MintedForRun, RedirectChain, Repeats, SentRequest
from authwizard.model.exchange import Exchange
from authwizard.model.finding import Line, Status
from authwizard.model.oauth import TokenAnswer
from authwizard.model.options import RunOptions
from authwizard.steps.intake_network import NOT_REACHED, reachability, redirect_chain, stability

from .evidence_of_first_steps import anonymous, baseline, discovery, exchange, grades, granted, judge, jws, oauth, profile, spec

# ── I-02 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def token_fault(kind: Any, layer: Any) -> Any:
    return kind(exchange(fault=layer, url="https://auth.acme.io/token"), TokenAnswer(ok=False), "client_credentials", "none")


def no_metadata(layer: Any) -> Discovery:
    return Discovery("https://auth.acme.io", exchanges=(exchange(fault=layer, url="https://auth.acme.io/.well-known/x"),))


@pytest.mark.parametrize(
    ("layer", "cause"),
    [("dns", "dns_failure"), ("connect", "network_unreachable"), ("timeout", "network_unreachable"), ("tls", "tls_failure"),
     ("proxy", "network_unreachable"), ("protocol", "network_unreachable")],
)  # fmt: skip
def test_an_api_that_cannot_be_reached_names_the_layer(layer: Any, cause: str) -> None:
    finding = judge(reachability, baseline(fault=layer), anonymous(fault=layer))
    assert finding.status is Status.FAIL
    assert grades(finding)[cause] == "S"
    assert all(grades(finding)[c] == "XM" for c in NOT_REACHED)


@pytest.mark.parametrize(
    ("evidence", "status", "causes"),
    [
        ((baseline(401), anonymous(401), discovery(0)), "pass", {}),
        ((), "skip", {}),
        ((baseline(fault="refused_locally"),), "pass", {}),
        ((baseline(fault="timeout"), anonymous(401)), "warn", {"network_unreachable": "W"}),
        ((baseline(401), no_metadata("dns")), "fail", {"dns_failure": "W"}),
        ((anonymous(401), token_fault(MintedForRun, "connect")), "fail", {"network_unreachable": "S"}),
        ((anonymous(401), no_metadata("tls")), "fail", {"tls_failure": "M"}),
        ((baseline(401), token_fault(FreshToken, "connect")), "fail", {"network_unreachable": "W"}),
        ((anonymous(401), token_fault(MintedForRun, "connect"), granted(FreshToken, jws())), "pass", {}),
    ],
)
def test_hosts(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(reachability, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_an_issuer_out_of_reach_is_the_reason_where_a_token_had_to_be_fetched() -> None:
    needed = judge(reachability, profile(oauth=oauth(issuer="https://auth.acme.io", token_url="")), no_metadata("connect"))
    assert grades(needed) == {"network_unreachable": "S"}
    assert grades(judge(reachability, profile(oauth=oauth()), no_metadata("connect"))) == {"network_unreachable": "M"}


def test_a_proxy_that_wants_credentials_is_no_unreachable_network() -> None:
    finding = judge(reachability, baseline(fault="proxy", why="The proxy p answered 407 to CONNECT."))
    assert "network_unreachable" not in grades(finding)


def test_an_inspecting_proxy_is_told_by_its_certificate() -> None:
    finding = judge(reachability, baseline(401, tls={"issuer": "CN=Zscaler Intermediate Root CA"}))
    assert (finding.status, grades(finding)) == (Status.WARN, {"tls_interception": "M"})


def test_a_public_issuer_is_no_inspection() -> None:
    assert judge(reachability, baseline(401, tls={"issuer": "CN=R11, O=Let's Encrypt"})).status is Status.PASS


def test_two_hosts_with_an_unknown_issuer_look_like_inspection() -> None:
    why = "The certificate was not accepted: unable to get local issuer certificate."
    auth = Discovery("x", exchanges=(exchange(fault="tls", why=why, url="https://auth.acme.io/x"),))
    both = judge(reachability, baseline(fault="tls", why=why), auth)
    alone = judge(reachability, baseline(fault="tls", why=why))
    assert (grades(both).get("tls_interception"), grades(alone).get("tls_interception")) == ("M", None)


# ── I-05 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


def repeats(*statuses: int, **more: Any) -> Repeats:
    return Repeats(tuple(exchange(s, id=f"P0.{i}", **more) for i, s in enumerate(statuses, 2)))


@pytest.mark.parametrize(
    ("first", "again", "status", "causes"),
    [
        (401, (401, 401), "pass", {}),
        (200, (200, 200), "pass", {}),
        (401, (200, 401), "fail", {"replica_inconsistent": "S", "token_malformed": "XS", "authorization_stripped": "XM"}),
        (200, (200, 401), "fail", {"replica_inconsistent": "S", "token_malformed": "XS", "authorization_stripped": "XM"}),
        (401, (429,), "warn", {"rate_limited": "M"}),
        (401, (401, 401, 401, 200, 200), "fail",
         {"replica_inconsistent": "M", "authorizer_cache": "M", "token_malformed": "XS", "authorization_stripped": "XM"}),
        (401, (401, 200), "fail", {"replica_inconsistent": "S", "token_malformed": "XS", "authorization_stripped": "XM"}),
        (401, (403,), "warn", {}),
    ],
)  # fmt: skip
def test_repeats(first: int, again: tuple[int, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(stability, baseline(first), repeats(*again))
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert finding.facts.get("flapping", False) is ("replica_inconsistent" in causes)


def test_twenty_equal_successes_speak_against_one_server_of_several() -> None:
    assert grades(judge(stability, baseline(200), repeats(*[200] * 20))) == {"replica_inconsistent": "XM"}
    assert grades(judge(stability, baseline(200), repeats(200, 200))) == {}


def test_same_status_with_another_answer_is_a_hint_only() -> None:
    other = Repeats((exchange(401, body="another component speaks here"),))
    assert judge(stability, baseline(401, body="no"), other).status is Status.WARN


@pytest.mark.parametrize("kind", ["dpop", "digest"])
def test_single_use_proofs_are_not_repeated(kind: Any) -> None:
    finding = judge(stability, baseline(200), repeats(401), profile(credential=spec(kind=kind)))
    assert finding.status is Status.SKIP


def test_signed_requests_are_not_repeated() -> None:
    assert judge(stability, baseline(200), repeats(401), profile(credential=spec(scheme="AWS4-HMAC-SHA256"))).status is Status.SKIP


# ── I-07 ─────────────────────────────────────────────────────────────────────────────────────────────────────────────

LOGIN = exchange(
    200, url="https://sso.acme.io/login", body='<html><input type="password"></html>', headers=(("Content-Type", "text/html"),)
)
DRAWN = exchange(200, url="https://api.acme.io/login", body="<html><div id=app></div></html>", headers=(("Content-Type", "text/html"),))
"""A page that a program draws in the browser: nothing in it says that it asks for a password."""
MOVED = exchange(401, url="https://www.acme.io/v2/me")


def crossing(*hops: Exchange, final: str = "https://www.acme.io/v2/me") -> RedirectChain:
    return RedirectChain(hops, True, final, True)


def within(*hops: Exchange, final: str = "https://api.acme.io/v2/me/") -> RedirectChain:
    return RedirectChain(hops, False, final, False)


def straight(status: int) -> FinalUrlCall:
    return FinalUrlCall(exchange(status, id="S-final", url="https://www.acme.io/v2/me"))


UPGRADE = RedirectChain((exchange(401, url="https://api.acme.io/v2/me"),), True, "https://api.acme.io/v2/me", False)


@for_each(
    ("evidence", "status", "causes"),
    [
        ((within(),), "pass", {}),
        ((within(exchange(200, url="https://api.acme.io/v2/me/")), baseline(308)), "warn", {}),
        ((crossing(MOVED), baseline(301)), "fail", {"redirect_drops_authorization": "S"}),
        ((crossing(MOVED), baseline(301), straight(200)), "fail", {"redirect_drops_authorization": "P"}),
        (
            (crossing(exchange(200, url="https://www.acme.io/")), baseline(301), straight(200)),
            "fail",
            {"redirect_drops_authorization": "S"},
        ),
        ((crossing(MOVED), baseline(301), straight(401)), "fail", {"redirect_drops_authorization": "S"}),
        ((crossing(LOGIN, final="https://sso.acme.io/login"), baseline(302)), "fail", {"login_redirect": "M"}),
        ((within(LOGIN), baseline(302)), "fail", {"login_redirect": "M"}),
        ((within(DRAWN, final="https://api.acme.io/login?next=x"), baseline(302)), "fail", {"login_redirect": "M"}),
        ((within(DRAWN, final="https://api.acme.io/v2/me/"), baseline(308)), "warn", {}),
        ((within(exchange(302), final="https://api.acme.io/v2/me"), baseline(302)), "fail", {"wrong_base_url": "W"}),
        ((UPGRADE, baseline(301, url="http://api.acme.io/v2/me")), "warn", {"plaintext_http": "M"}),
        ((UPGRADE, baseline(301, url="http://api.acme.io/v2/me"), straight(200)), "warn", {"plaintext_http": "P"}),
    ],
)
def test_redirects(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(redirect_chain, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_a_circle_is_said_and_its_cookie_too() -> None:
    plain = judge(redirect_chain, within(exchange(302), final="https://api.acme.io/v2/me"), baseline(302))
    assert "in a circle" in plain.summary
    assert "cookie" not in plain.summary
    wanting = exchange(302, headers=(("Set-Cookie", "gate=1"),))
    assert "sets a cookie" in judge(redirect_chain, within(wanting, final="https://api.acme.io/v2/me"), baseline(302)).summary


def test_dotnet_loses_the_header_within_the_origin_too() -> None:
    hops, seen = within(exchange(200, url="https://api.acme.io/v2/me/")), baseline(308)
    quiet = judge(redirect_chain, hops, seen, profile(client="dotnet"))
    asked = judge(redirect_chain, hops, seen, profile(client="dotnet"), RunOptions(reported_401=True))
    assert grades(quiet) == grades(asked) == {"redirect_drops_authorization": "S"}
    assert (quiet.status, asked.status) == (Status.WARN, Status.FAIL)


@pytest.mark.parametrize(
    ("client", "hops", "causes"),
    [
        ("curl", crossing(MOVED), {"redirect_drops_authorization": "S"}),
        ("java", crossing(MOVED), {"redirect_drops_authorization": "M"}),
        ("go", crossing(exchange(401, url="https://eu.api.acme.io/v2/me"), final="https://eu.api.acme.io/v2/me"), {}),
        ("go", crossing(MOVED), {"redirect_drops_authorization": "S"}),
        ("postman", crossing(exchange(401, url="https://api.acme.io:8443/v2/me"), final="https://api.acme.io:8443/v2/me"), {}),
        ("requests", within(exchange(200, url="https://api.acme.io/v2/me/")), {}),
    ],
)
def test_a_redirect_costs_what_the_users_client_makes_of_it(client: Any, hops: RedirectChain, causes: dict[str, str]) -> None:
    finding = judge(redirect_chain, hops, baseline(301), profile(client=client))
    assert grades(finding) == causes
    assert any(isinstance(d, Line) and d.value.split()[0] in ("takes", "keeps") for d in finding.details)


def test_a_cookie_is_lost_on_every_redirect_of_requests() -> None:
    hops = within(exchange(401, url="https://api.acme.io/v2/me/"))
    by_cookie = profile(client="requests", credential=spec(kind="cookie", cookie="sid"))
    assert grades(judge(redirect_chain, hops, baseline(308), by_cookie)) == {"redirect_drops_authorization": "S"}
    by_key = profile(client="dotnet", credential=spec(kind="api_key", header="X-Api-Key"))
    assert grades(judge(redirect_chain, hops, baseline(308), by_key)) == {}


def test_the_client_that_sent_the_request_is_the_one_that_counts() -> None:
    sent = SentRequest(agent="Go-http-client/1.1")
    hops = crossing(exchange(401, url="https://eu.api.acme.io/v2/me"), final="https://eu.api.acme.io/v2/me")
    assert grades(judge(redirect_chain, hops, baseline(301), profile(client="curl"), sent)) == {}


@pytest.mark.parametrize(
    ("layer", "why"), [("protocol", "It closed the connection."), ("tls", "Alert."), ("connect", "The connection to it broke: reset.")]
)
def test_a_handshake_without_the_certificate_is_no_trouble_of_the_network(layer: Any, why: str) -> None:
    broken = anonymous(None, fault=layer, why=why)
    by_certificate = profile(credential=spec(kind="mtls"))
    assert judge(reachability, baseline(200), broken).status is Status.WARN
    fine = judge(reachability, by_certificate, baseline(200), broken)
    assert (fine.status, grades(fine)) == (Status.PASS, {})
    assert grades(judge(reachability, by_certificate, broken)) == {}


def test_a_host_that_is_not_there_is_trouble_whatever_the_credential() -> None:
    gone = anonymous(None, fault="connect", why="It cannot be reached: refused.")
    assert judge(reachability, profile(credential=spec(kind="mtls")), gone).status is Status.FAIL
