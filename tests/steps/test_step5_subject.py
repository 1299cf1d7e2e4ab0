"""S5-05: a person's token where an application's is wanted, and the other way round."""

from __future__ import annotations

from typing import Any

from each_row import for_each

from authwizard.model.evidence import Introspection
from authwizard.model.finding import Group, Status
from authwizard.model.oauth import Introspected
from authwizard.model.profile import Profile
from authwizard.steps.step5_subject import right_subject, subject_of

from .made_evidence import about, baseline, credential, exchange, judge, opaque, profile, refusal, said, token

APP = {"sub": "client-1", "client_id": "client-1"}
DELEGATED_ONLY = "/me request is only valid with delegated authentication flow."


@for_each(
    ("claims", "subject"),
    [
        ({"idtyp": "app", "roles": ["x"]}, "application"), ({"idtyp": "user", "scp": "x"}, "person"), ({"gty": "client-credentials"}, "application"),
        ({"tid": "t", "scp": "User.Read"}, "person"), ({"tid": "t", "roles": ["User.Read.All"]}, "application"),
        ({"sub": "abc@clients", "azp": "abc"}, "application"), ({"sub": "c", "cid": "c", "scp": ["read"]}, "application"),
        ({"preferred_username": "service-account-sync", "azp": "sync", "sub": "1"}, "application"),
        ({"sub": "1", "azp": "web", "preferred_username": "eva"}, "person"), ({"sub": "1", "azp": "web", "auth_time": 1}, "person"),
        ({"sub": "1", "azp": "web"}, ""), ({}, ""), ({"roles": ["x"]}, ""), ({"scp": ["a"]}, ""),
    ],
)  # fmt: skip
def test_for_whom_a_token_speaks(claims: dict[str, Any], subject: str) -> None:
    assert subject_of(claims)[0] == subject


def test_the_server_asks_for_the_other_kind() -> None:
    finding = judge(right_subject, credential(token(APP)), refusal(DELEGATED_ONLY, 403))
    assert (finding.status, said(finding)) == (Status.FAIL, {("wrong_subject_type", "M")})
    assert about(finding, "wrong_subject_type").group is Group.SERVER_MESSAGE
    assert "a person's token" in finding.summary
    person = judge(right_subject, credential(token({"sid": "1"})), refusal("User tokens are not accepted", 403))
    assert "an application's own token" in person.summary
    unknown = judge(right_subject, credential(opaque()), refusal(DELEGATED_ONLY, 403))
    assert (unknown.status, said(unknown)) == (Status.FAIL, {("wrong_subject_type", "M")})


def test_a_path_of_ones_own_is_a_hint() -> None:
    own = {Profile: profile(request="GET /v1/me/messages?x=1")}
    finding = judge(right_subject, credential(token(APP)), baseline(403), given=own)
    assert (finding.status, said(finding)) == (Status.WARN, {("wrong_subject_type", "W")})
    # an API that answers an application under /me, a person's token, another path
    assert judge(right_subject, credential(token(APP)), baseline(200), given=own).status is Status.PASS
    assert said(judge(right_subject, credential(token({"sid": "1"})), baseline(403), given=own)) == set()
    assert said(judge(right_subject, credential(token(APP)), baseline(403), given={Profile: profile(request="GET /v1/menu")})) == set()


def test_nothing_to_say() -> None:
    assert judge(right_subject, credential(opaque()), baseline(403)).status is Status.SKIP
    assert judge(right_subject, credential(kind="basic", token=None), baseline(403)).status is Status.SKIP
    assert said(judge(right_subject, credential(token(APP)), refusal("jwt expired"))) == set()


def test_introspection_tells_of_an_opaque_token() -> None:
    told = Introspection(exchange(200), Introspected(True, {"sub": "c", "client_id": "c"}))
    finding = judge(right_subject, credential(opaque()), baseline(403), told)
    assert "an application" in str(finding.details)
