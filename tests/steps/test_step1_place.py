"""S1-15: another place, and a second credential."""

from __future__ import annotations

from typing import Any

from each_row import for_each

from authwizard.model.evidence import OtherSchemeCall, ResourceMetadataSeen, SecondCredentialCall, SecretState, StoredSecrets
from authwizard.model.finding import Skip, Status
from authwizard.model.oauth import ResourceMetadata
from authwizard.steps.step1_place import credential_location

from .evidence_of_first_steps import BEARER, anonymous, baseline, credential, exchange, grades, judge, jws, opaque

KEY = credential(opaque("api_key"))
TOKEN = credential(jws())
IN_QUERY = credential(None, kind="api_key", place="query", name="key", scheme="")
APIM = "Access denied due to missing subscription key. Make sure to include subscription key when making requests to an API."
KONG = '{"message":"No API key found in request"}'


def moved(status: int = 200, **more: Any) -> OtherSchemeCall:
    return OtherSchemeCall(exchange(status, id="S-scheme", **more), "credential_location_wrong", "place of the credential")


def second(status: int = 200) -> SecondCredentialCall:
    return SecondCredentialCall(exchange(status, id="S-second"), "apikey")


def published(*methods: str) -> ResourceMetadataSeen:
    return ResourceMetadataSeen(ResourceMetadata("https://api.acme.io", bearer_methods_supported=methods))


@for_each(
    ("evidence", "status", "causes"),
    [
        # words
        ((KEY, baseline(401, body=KONG)), "fail", {"credential_location_wrong": "S"}),
        ((IN_QUERY, baseline(401, body=KONG)), "fail", {"credential_location_wrong": "S"}),
        ((TOKEN, baseline(401, body=KONG)), "warn", {"second_credential_missing": "M"}),
        ((TOKEN, baseline(401, body=APIM)), "fail", {"second_credential_missing": "S"}),
        ((KEY, baseline(401, body=APIM)), "warn", {"credential_location_wrong": "M"}),
        ((KEY, baseline(401, body='{"error":"put the key into X-Api-Key"}')), "warn", {"credential_location_wrong": "M"}),
        # a challenge that also takes what is sent only offers another way
        ((TOKEN, baseline(401, headers=(*BEARER, ("WWW-Authenticate", 'ApiKey in="header", name="X-Api-Key"')))), "pass", {}),
        ((KEY, baseline(401, headers=(("WWW-Authenticate", 'ApiKey in="header", name="X-Api-Key"'),))), "warn",
         {"credential_location_wrong": "M"}),
        ((TOKEN, baseline(401, body='{"hint":"Send X-Api-Key, or Authorization: Bearer <token>."}')), "pass", {}),
        # words about the value are not about the place, whatever they name
        ((KEY, baseline(401, body='{"message":"Invalid API key in X-Api-Key"}')), "pass", {}),
        ((TOKEN, baseline(401, headers=BEARER)), "pass", {}),
        ((TOKEN, baseline(401, body="jwt expired")), "pass", {}),
        ((KEY, baseline(200, body=KONG)), "pass", {}),
        # the swap decides
        ((KEY, baseline(401, body=KONG), moved(200)), "fail", {"credential_location_wrong": "P"}),
        ((KEY, baseline(401), moved(401)), "pass", {"credential_location_wrong": "XM"}),
        ((TOKEN, baseline(401, body=KONG), second(200)), "fail", {"second_credential_missing": "P"}),
        ((TOKEN, baseline(401), second(401)), "pass", {"second_credential_missing": "XM"}),
        ((TOKEN, baseline(401, body=APIM), moved(401, body="Access denied due to invalid subscription key.")), "fail",
         {"second_credential_missing": "S"}),
        # the API's own metadata
        ((credential(jws(), place="query", name="access_token"), baseline(401), published("header")), "fail", {"credential_location_wrong": "S"}),
        ((TOKEN, baseline(401), published("header", "body")), "pass", {}),
        ((IN_QUERY, baseline(401), published("header")), "pass", {}),
    ],
)  # fmt: skip
def test_places(evidence: tuple[Any, ...], status: str, causes: dict[str, str]) -> None:
    finding = judge(credential_location, anonymous(401, headers=BEARER), *evidence)
    assert (finding.status, grades(finding)) == (Status(status), causes)


def test_the_sentence_names_the_header_and_what_is_stored() -> None:
    held = StoredSecrets({"second_credential": SecretState("second_credential", "present")})
    finding = judge(credential_location, TOKEN, baseline(401, body=APIM), held)
    assert "Ocp-Apim-Subscription-Key" in finding.summary
    assert "stored as second_credential" in finding.summary
    assert "None is stored" in judge(credential_location, TOKEN, baseline(401, body=APIM), StoredSecrets()).summary


def test_nothing_sent_or_nothing_answered_is_no_judgement() -> None:
    assert judge(credential_location, credential(None, kind="mtls", field_value=None), baseline(401)).skip is Skip.NOT_APPLICABLE
    assert judge(credential_location, TOKEN, baseline(None, fault="timeout")).skip is Skip.NOT_TRIED
