"""S1-25: Digest and Negotiate."""

from __future__ import annotations

from typing import Any

import pytest
from each_row import for_each

from authwizard.model.evidence import Baseline, FreshNonceCall
from authwizard.model.finding import Skip, Status
from authwizard.steps.step1_digest import digest_negotiate

from .evidence_of_first_steps import anonymous, baseline, credential, exchange, grades, judge, jws, profile, spec

SENT = credential(None, kind="digest", scheme="Digest")
NTLM = (("WWW-Authenticate", "Negotiate"), ("WWW-Authenticate", "NTLM"))


def whole(uri: str = "/v2/me") -> Any:
    return credential(None, scheme="Digest", whole=True, parameters={"username": "3", "uri": uri, "response": "32"})


def asks(*parameters: str) -> tuple[tuple[str, str], ...]:
    return tuple(("WWW-Authenticate", f'Digest realm="r", nonce="n", {p}'.rstrip(", ")) for p in parameters or ("",))


def again(status: int) -> FreshNonceCall:
    return FreshNonceCall(exchange(status, id="S-nonce"))


def p0(*parameters: str, status: int = 401) -> Baseline:
    return baseline(status, headers=asks(*parameters))


@for_each(
    ("evidence", "status", "causes"),
    [
        ((SENT, p0()), "pass", {}),
        ((SENT, p0('algorithm=SHA-256, qop="auth"')), "pass", {}),
        # the nonce
        ((SENT, p0("stale=true")), "fail", {"digest_stale_nonce": "S"}),
        ((SENT, p0("stale=true"), again(200)), "fail", {"digest_stale_nonce": "P"}),
        ((SENT, p0("stale=true"), again(401)), "fail", {"digest_stale_nonce": "S"}),
        ((SENT, p0("stale=false")), "pass", {}),
        ((whole(), p0()), "warn", {"digest_stale_nonce": "M"}),
        # a first challenge may say stale of somebody else's nonce: only the answer to a login counts
        ((SENT, p0(), anonymous(401, headers=asks("stale=true"))), "pass", {}),
        # the algorithm
        ((SENT, p0("algorithm=SHA3-256")), "fail", {"digest_algorithm_unsupported": "S"}),
        ((SENT, p0('qop="auth-int"')), "fail", {"digest_algorithm_unsupported": "S"}),
        ((SENT, p0("algorithm=SHA3-256", "algorithm=MD5")), "pass", {}),
        # the path
        ((SENT, baseline(400), anonymous(401, headers=asks())), "warn", {"digest_uri_rewritten": "M"}),
        ((SENT, baseline(403), anonymous(401, headers=asks())), "pass", {}),
        ((whole("/v1/me"), p0()), "fail", {"digest_uri_rewritten": "S", "digest_stale_nonce": "M"}),
        # Windows logins
        ((credential(jws()), baseline(401, headers=NTLM)), "warn", {"negotiate_required": "M"}),
        ((SENT, baseline(401, headers=NTLM)), "warn", {"negotiate_required": "M"}),
        ((credential(jws()), baseline(401, headers=(*NTLM, ("WWW-Authenticate", "Bearer")))), "pass", {}),
        ((credential(None, scheme="NTLM"), baseline(401, headers=NTLM)), "pass", {}),
        ((credential(jws()), baseline(200), anonymous(401, headers=NTLM)), "pass", {}),
        # accepted, whatever the challenge says
        ((SENT, baseline(200), anonymous(401, headers=asks("algorithm=SHA3-256"))), "pass", {}),
    ],
)
def test_challenges(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(digest_negotiate, *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


@pytest.mark.parametrize(
    ("client", "algorithm", "causes"),
    [
        ("requests", "algorithm=SHA-512-256", {"digest_algorithm_unsupported": "M"}),
        ("go", "algorithm=MD5", {"digest_algorithm_unsupported": "M"}),
        ("requests", "algorithm=SHA-256", {}),
        ("curl", "algorithm=SHA-512-256", {}),
    ],
)
def test_what_works_here_may_be_too_much_for_the_users_client(client: str, algorithm: str, causes: dict[str, str]) -> None:
    given = profile(client=client, credential=spec(kind="digest"))
    finding = judge(digest_negotiate, SENT, given, baseline(200), anonymous(401, headers=asks(algorithm)))
    assert (finding.status, grades(finding)) == (Status.WARN if causes else Status.PASS, causes)


def test_a_server_that_speaks_of_neither_is_not_judged() -> None:
    assert judge(digest_negotiate, credential(jws()), baseline(401, headers=(("WWW-Authenticate", "Bearer"),))).skip is Skip.NOT_APPLICABLE
