"""Which causes does a refusal without a word leave open? Pure.

A server that says no more than no may refuse for any of them (CHECKS 13.5). They are no evidence: the verdict names those that
nothing has ruled out, so that whoever can look into the server's log knows what to look for.
"""

from __future__ import annotations

from authwizard.model.evidence import CredentialSeen

OF_A_JWT = ("token_revoked", "audience_mismatch", "issuer_mismatch", "signing_key_unknown", "signature_invalid", "server_key_misconfigured")
"""The state of the token, then what a server compares: audience, issuer, key."""
OF_AN_UNREADABLE_TOKEN = ("token_expired", "token_revoked", "wrong_token_kind", "token_malformed", "environment_mismatch")
"""Nobody outside can read it: it may be past its end, withdrawn, of another kind, damaged, or of another environment."""
OF_A_403 = ("forbidden_by_policy", "ip_not_allowed")
"""A 403 to everybody, with a credential or without: a rule that looks at something else than the credential."""
TOKENS = frozenset({"bearer", "dpop"})
"""Kinds of credential that carry an access token."""


def left_open(credential: CredentialSeen, status: int | None) -> str:
    """Return the codes of the causes, the commonest first, separated by spaces; of a token none where the credential is no access token."""
    rules = OF_A_403 if status == 403 else ()
    if credential.kind not in TOKENS:
        return " ".join(rules)
    token = credential.token
    readable = token is not None and token.kind == "jws" and token.readable
    return " ".join((*rules, *(OF_A_JWT if readable else OF_AN_UNREADABLE_TOKEN)))
