"""Does a text that is written in the open look like a secret?

Asked about configuration only, where a false alarm costs the user a line in the store and a miss costs a secret in a shared file.
"""

from __future__ import annotations

import itertools
import re

from authwizard.model.late_pattern import late_pattern

_SHAPES = late_pattern(
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}"  # JWT, JWE (RFC 7515 3.1: base64url of '{"')
    r"|-----BEGIN [A-Z0-9 ]*PRIVATE KEY"  # PEM (RFC 7468)
    r"|\b(?:sk|rk)_(?:live|test)_[A-Za-z0-9]{8,}"  # Stripe
    r"|\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}"  # GitHub
    r"|\bglpat-[A-Za-z0-9_-]{16,}"  # GitLab
    r"|\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}"  # Slack
    r"|\bAIza[A-Za-z0-9_-]{35}|\bya29\.[A-Za-z0-9_-]{16,}|\b1//0[A-Za-z0-9_-]{16,}"  # Google
    r"|\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}"  # SendGrid
    r"|\bsk-[A-Za-z0-9_-]{20,}"  # OpenAI, Anthropic
    r"|\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{40,}"  # package registries
    r"|\bdop_v1_[a-f0-9]{40,}|\bshp(?:at|ca|pa|ss)_[a-fA-F0-9]{24,}"  # DigitalOcean, Shopify
    r"|\bhv[sb]\.[A-Za-z0-9_-]{20,}"  # HashiCorp Vault
    r"|AccountKey=[A-Za-z0-9+/=]{20,}"  # Azure Storage
)
_RUN = late_pattern(r"[A-Za-z0-9_+/=~-]{24,}")
_UUID = late_pattern(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def looks_like_secret(text: str) -> bool:
    """Tell whether a text holds a token, a private key or an API key of a known form."""
    return bool(_SHAPES.search(text))


def looks_random(text: str, *, at_least: int = 24) -> bool:
    """Tell whether a text holds a run of letters and digits that nobody would have typed as a name.

    Random text changes between small letters, capitals and digits at nearly every second character; names do so at word ends.
    """
    runs = (found for found in _RUN.findall(text) if len(found) >= at_least and not _UUID.fullmatch(found))
    return any(_mixed(found) for found in runs)


def _mixed(run: str) -> bool:
    kinds = ["a" if char.islower() else "A" if char.isupper() else "0" if char.isdigit() else "-" for char in run]
    share = sum(one != other for one, other in itertools.pairwise(kinds)) / len(run)
    if {"a", "A", "0"} <= set(kinds):
        return share >= 0.42 and len(re.findall(r"[0-9]+", run)) > 1
    one_case = set(kinds) in ({"a", "0"}, {"A", "0"})
    return one_case and len(run) >= 32 and kinds.count("0") >= len(run) / 8 and share >= 0.25
