"""S1-18: what stands behind Basic."""

from __future__ import annotations

import base64
from typing import Any

from each_row import for_each

from authwizard.model.evidence import CredentialSeen
from authwizard.model.finding import Skip, Status
from authwizard.model.secret import Secret
from authwizard.model.token import TokenFault
from authwizard.protocol.repair_basic import payload_faults
from authwizard.steps.step1_basic import basic_payload

from .evidence_of_first_steps import anonymous, baseline, credential, grades, judge, jws, profile, spec

UTF8 = (("WWW-Authenticate", 'Basic realm="api", charset="UTF-8"'),)
PLAIN = (("WWW-Authenticate", 'Basic realm="api"'),)


def sent(payload: str | bytes, *, colon: bool = False, encode: bool = True, **more: Any) -> CredentialSeen:
    data = payload.encode() if isinstance(payload, str) else payload
    text = base64.b64encode(data).decode() if encode else data.decode()
    faults = tuple(TokenFault(cause, words, "value") for cause, _, words in payload_faults(text, colon))
    return credential(None, kind="basic", scheme="Basic", field_value=Secret(f"Basic {text}"), faults=faults, **more)


@for_each(
    ("evidence", "status", "causes"),
    [
        ((sent("ann:pass"),), "pass", {}),
        ((sent("not base64!", encode=False),), "fail", {"basic_malformed": "S"}),
        ((sent("annpass"),), "fail", {"basic_malformed": "S"}),
        ((sent(base64.b64encode(b"ann:pass")),), "fail", {"basic_malformed": "S"}),
        ((sent("ann:pass\n"),), "fail", {"whitespace_in_credential": "S"}),
        ((sent("a:b:pass", colon=True),), "fail", {"basic_malformed": "S"}),
        # legitimate: a key as user name with no password, blanks inside a password
        ((sent("key-as-user:"),), "warn", {"basic_malformed": "W"}),
        ((sent("ann: pass word "),), "pass", {}),
        # charsets
        ((sent("ann:p\u00e4ss".encode("latin-1")), baseline(401, headers=UTF8)), "fail", {"basic_charset": "S"}),
        ((sent("ann:p\u00e4ss".encode("latin-1")), baseline(401), anonymous(401, headers=UTF8)), "fail", {"basic_charset": "S"}),
        ((sent("ann:p\u00e4ss".encode("latin-1")), baseline(401, headers=PLAIN)), "warn", {"basic_charset": "M"}),
        ((sent("ann:p\u00e4ss"), baseline(401, headers=PLAIN)), "warn", {"basic_charset": "M"}),
        ((sent("ann:p\u00e4ss"), baseline(401, headers=UTF8)), "pass", {}),
        # what the API accepts is right
        ((sent("ann:p\u00e4ss"), baseline(200)), "pass", {}),
        ((sent("key-as-user:"), baseline(200)), "pass", {}),
    ],
)
def test_payloads(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(basic_payload, profile(credential=spec(kind="basic")), *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)
    assert "pass word" not in repr(finding)


def test_what_is_no_login_is_no_business_of_this_check() -> None:
    assert judge(basic_payload, credential(jws())).skip is Skip.NOT_APPLICABLE
    assert judge(basic_payload, credential(jws(), scheme="Basic")).skip is Skip.NOT_APPLICABLE
    assert judge(basic_payload, credential(None, kind="basic", scheme="Basic", field_value=None)).skip is Skip.NOT_APPLICABLE
