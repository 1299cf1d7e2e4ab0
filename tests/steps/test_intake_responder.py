"""I-04: who wrote the answer."""

from __future__ import annotations

from typing import Any

import pytest

from authwizard.model.evidence import Neighbours, Reported
from authwizard.model.finding import Status
from authwizard.steps.intake_responder import responder

from .evidence_of_first_steps import anonymous, baseline, credential, exchange, grades, judge, jws

BASIC = (("WWW-Authenticate", 'Basic realm="Restricted"'),)
API_BASIC = (("WWW-Authenticate", 'Basic realm="api"'),)
NGINX_PAGE = "<html><head><title>401 Authorization Required</title></head><center>nginx</center></html>"


@pytest.mark.parametrize(
    ("status", "more", "judged", "causes"),
    [
        (401, {"headers": BASIC, "body": NGINX_PAGE}, "fail", {"edge_auth_required": "S"}),
        (401, {"headers": BASIC}, "fail", {"edge_auth_required": "S"}),
        (401, {"headers": BASIC, "body": '{"error":"unauthorized"}'}, "pass", {}),
        (401, {"headers": API_BASIC, "body": "no"}, "pass", {}),
        (401, {"headers": (*BASIC, ("WWW-Authenticate", "Bearer"))}, "pass", {}),
        (401, {"headers": (("x-vercel-id", "fra1::x"), ("Content-Type", "text/html")), "body": "<h1>Authentication Required</h1>"}, "fail",
         {"edge_auth_required": "S"}),
        (302, {"headers": (("Location", "https://acme.cloudflareaccess.com/cdn-cgi/access/login/x"),)}, "fail", {"edge_auth_required": "S"}),
        (403, {"headers": (("cf-mitigated", "challenge"), ("cf-ray", "x"))}, "fail", {"waf_blocked": "S"}),
        (401, {"headers": (("Server", "envoy"),)}, "warn", {"gateway_rejected": "M"}),
        (200, {"headers": (("Server", "envoy"),)}, "pass", {}),
        (401, {}, "pass", {}),
    ],
)  # fmt: skip
def test_responders(status: int, more: dict[str, Any], judged: str, causes: dict[str, str]) -> None:
    finding = judge(responder, baseline(status, **more), credential(jws()))
    assert (finding.status, grades(finding)) == (Status(judged), causes)
    assert finding.facts.get("realm_is_api", True) is ("edge_auth_required" not in causes)


def test_an_api_that_was_sent_basic_may_ask_for_basic() -> None:
    finding = judge(responder, baseline(401, headers=BASIC), credential(None, kind="basic", scheme="Basic"))
    assert grades(finding) == {}


def test_the_responder_is_a_fact_for_the_verdict() -> None:
    finding = judge(responder, baseline(401, headers=(("Server", "envoy"),)))
    assert (finding.facts["responder"], finding.facts["responder_confidence"]) == ("envoy", "likely")


def test_any_answer_names_one_and_none_is_not_tried() -> None:
    assert judge(responder, anonymous(401, headers=(("Server", "envoy"),))).facts["responder"] == "envoy"
    assert judge(responder, Reported(answer=exchange(401, headers=(("Server", "envoy"),)))).facts["responder"] == "envoy"
    assert judge(responder).status is Status.SKIP


def elsewhere(*answers: tuple[int, tuple[tuple[str, str], ...]]) -> Neighbours:
    return Neighbours(tuple(exchange(status, id=f"I4-{n}", headers=headers) for n, (status, headers) in enumerate(answers)))


PASSED_ON = (("Server", "envoy"), ("x-envoy-upstream-service-time", "3"))
APP = (("Server", "gunicorn"), ("X-Powered-By", "acme"))


@pytest.mark.parametrize(
    ("own", "others", "status", "causes"),
    [
        ((("Server", "envoy"),), elsewhere((200, PASSED_ON), (404, PASSED_ON)), "warn", {"gateway_rejected": "M"}),
        (PASSED_ON, elsewhere((200, PASSED_ON), (404, PASSED_ON)), "pass", {}),
        ((("Server", "nginx/1.25"),), elsewhere((200, APP), (302, APP)), "warn", {"gateway_rejected": "M"}),
        (APP, elsewhere((200, (("Server", "gunicorn/21"),)), (404, APP)), "pass", {}),
        # what refuses everywhere, limits or fails tells nothing
        ((("Server", "envoy"),), elsewhere((401, PASSED_ON), (429, APP), (503, APP)), "warn", {"gateway_rejected": "M"}),
        ((), elsewhere((401, APP)), "pass", {}),
        ((), elsewhere(), "pass", {}),
    ],
)
def test_the_refusal_beside_other_addresses(
    own: tuple[tuple[str, str], ...], others: Neighbours, status: str, causes: dict[str, str]
) -> None:
    finding = judge(responder, baseline(401, headers=own), credential(jws()), others)
    assert (finding.status, grades(finding)) == (Status(status), causes)
