"""Is a credential there, and is it in the form the API reads? Step 1: its checks by what they look at, and their order."""

from __future__ import annotations

from authwizard.check import Check
from authwizard.steps.step1_arrival import cors_preflight, duplicates, header_reaches
from authwizard.steps.step1_basic import basic_payload
from authwizard.steps.step1_bound import sender_constrained
from authwizard.steps.step1_bytes import encoding, whitespace_and_invisibles, wrapper_artifacts
from authwizard.steps.step1_digest import digest_negotiate
from authwizard.steps.step1_jwe import encrypted
from authwizard.steps.step1_key_prefix import api_key_prefix
from authwizard.steps.step1_place import credential_location
from authwizard.steps.step1_presence import credential_present, header_name, header_sendable
from authwizard.steps.step1_request import hop_by_hop, http_version, size
from authwizard.steps.step1_scheme import scheme_asked_for, scheme_case, scheme_word
from authwizard.steps.step1_signed import signed_requests
from authwizard.steps.step1_structure import ends_complete, jws_structure, token_kind
from authwizard.steps.step1_token_class import access_not_id_or_refresh, jose_header
from authwizard.steps.step_text import StepText

CHECKS: tuple[Check, ...] = (
    credential_present, header_sendable, header_name, scheme_word, scheme_case, whitespace_and_invisibles, wrapper_artifacts, encoding,
    token_kind, jws_structure, ends_complete, jose_header, access_not_id_or_refresh, scheme_asked_for, credential_location, size,
    duplicates, basic_payload, api_key_prefix, encrypted, header_reaches, http_version, hop_by_hop, cors_preflight, digest_negotiate,
    signed_requests, sender_constrained,
)  # fmt: skip
STEP = StepText(
    number=1,
    id="token_format",
    title="Token format",
    question="Is a credential stored, and is it sent in the form the API reads?",
    why=(
        "Most refused credentials are right but arrive damaged: cut, quoted, with a line break, under another name or scheme. "
        "A server says the same 401 to all of these, so the bytes are looked at first."
    ),
)
