"""How does a profile become the texts of the form, and the texts a profile?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import cast

from authwizard.model.late_pattern import late_pattern
from authwizard.model.profile import (
    Client,
    ClientAuth,
    CredentialKind,
    CredentialSpec,
    Endpoint,
    Environment,
    Expect,
    Grant,
    Network,
    OAuth,
    Profile,
    Reference,
)
from authwizard.ui.profile_fields import ENDPOINT

_SCHEME = late_pattern(r"\s*(?:authorization:\s*)?(?P<scheme>bearer|dpop|token|basic)\s+(?P<value>\S+)\s*\Z", re.IGNORECASE)


def values_of(profile: Profile | None) -> dict[str, str]:
    """Return the texts of all fields for a profile, or for a new one."""
    p = profile or Profile("", "", "GET /")
    o = p.oauth or OAuth()
    c = p.credential
    values = {
        "template": "bearer", "name": p.name, "environment": p.environment, "base_url": p.base_url, "request": p.request if profile else "", "probe": p.probe,
        "whoami": p.whoami, "headers": "; ".join(f"{n}: {v}" for n, v in p.headers.items()), "origin_url": p.origin_url,
        "browser_origin": p.browser_origin, "client": p.client, "known_good": p.known_good, "kind": c.kind, "place": c.place,
        "place_name": c.query or c.cookie or c.header, "scheme": "none" if c.scheme == "" else c.scheme or "", "charset": c.charset,
        "issuer": o.issuer, "token_url": o.token_url, "client_id": o.client_id, "client_auth": o.client_auth, "grant": o.grant,
        "scopes": " ".join(o.scopes), "audience": o.audience, "resource": o.resource, "jwks_url": o.jwks_url,
        "introspection_url": o.introspection_url, "revocation_url": o.revocation_url, "key_id": o.key_id, "assertion_alg": o.assertion_alg,
        "assertion_audience": o.assertion_audience, "expect_issuer": p.expect.issuer, "expect_audience": " ".join(p.expect.audience),
        "expect_type": p.expect.type, "leeway_seconds": str(p.expect.leeway_seconds), "timeout_seconds": f"{p.network.timeout_seconds:g}",
        "ca_bundle": p.network.ca_bundle, "client_cert": p.network.client_cert, "proxy": p.network.proxy,
        "ntp_server": p.network.ntp_server, "request_ids": "yes" if p.network.request_ids else "no",
        "endpoints": "\n".join(_endpoint_text(e) for e in p.endpoints),
    }  # fmt: skip
    values |= {f"ref_{field}": reference.ref for field, reference in p.secrets.items() if reference.ref}
    return values


def _endpoint_text(endpoint: Endpoint) -> str:
    needs = " or ".join(" and ".join(s.split()) for s in endpoint.scopes)
    return endpoint.request + (f" needs {needs}" if needs else "") + (f" expects {endpoint.expect}" if endpoint.expect != 200 else "")


def profile_of(values: Mapping[str, str], before: Profile | None) -> Profile:
    """Build the profile from values that have no problems; what the form does not show is kept from `before`."""
    v = {key: value.strip() for key, value in values.items()}
    base = before or Profile(v["name"], v["base_url"], v["request"])
    return replace(
        base, name=v["name"], environment=cast("Environment", v["environment"]), base_url=v["base_url"], request=v["request"], probe=v["probe"],
        whoami=v["whoami"], headers=_headers(v["headers"]), origin_url=v["origin_url"], browser_origin=v["browser_origin"],
        client=cast("Client", v["client"]), known_good=v["known_good"], credential=_credential(v), oauth=_oauth(v),
        expect=Expect(v["expect_issuer"], tuple(v["expect_audience"].split()), v["expect_type"], int(float(v["leeway_seconds"]))),
        network=Network(
            float(v["timeout_seconds"]), v["ca_bundle"], v["client_cert"], v["proxy"] or "env", v["ntp_server"] or "none", v["request_ids"] == "yes"
        ),
        secrets=_references(v, base), endpoints=_endpoints(v["endpoints"]),
    )  # fmt: skip


def _headers(value: str) -> dict[str, str]:
    pairs = (part.partition(":") for part in value.split(";") if part.strip())
    return {name.strip(): rest.strip() for name, _, rest in pairs}


def _credential(v: Mapping[str, str]) -> CredentialSpec:
    name = v["place_name"]
    return CredentialSpec(
        cast("CredentialKind", v["kind"]),
        header=name if v["place"] == "header" else "", query=(name or "access_token") if v["place"] == "query" else "",
        cookie=name if v["place"] == "cookie" else "",
        scheme=None if not v["scheme"] else "" if v["scheme"] == "none" else v["scheme"],
        charset="latin-1" if v["charset"] == "latin-1" else "utf-8",
    )  # fmt: skip


def _oauth(v: Mapping[str, str]) -> OAuth | None:
    oauth = OAuth(
        v["issuer"], v["token_url"], v["jwks_url"], v["introspection_url"], v["revocation_url"], v["client_id"],
        cast("ClientAuth", v["client_auth"]), v["key_id"], v["assertion_alg"] or "RS256", v["assertion_audience"], cast("Grant", v["grant"]),
        tuple(v["scopes"].split()), v["audience"], v["resource"],
    )  # fmt: skip
    return oauth if oauth != OAuth() else None


def _references(v: Mapping[str, str], before: Profile) -> dict[str, Reference]:
    # A reference the form does not show (a command, dates) stays as it is.
    kept = {field: r for field, r in before.secrets.items() if r.cmd or f"ref_{field}" not in v}
    for key, value in v.items():
        if key.startswith("ref_") and value:
            field = key[4:]
            kept[field] = replace(before.secrets.get(field, Reference()), ref=value)
    return kept


def _endpoints(value: str) -> tuple[Endpoint, ...]:
    found = (ENDPOINT.match(line.strip()) for line in value.splitlines() if line.strip())
    return tuple(
        Endpoint(
            m["request"],
            tuple(" ".join(s.split(" and ")) for s in m["scopes"].split(" or ")) if m["scopes"] else (),
            int(m["status"] or 200),
        )
        for m in found
        if m
    )


def split_scheme(value: str) -> tuple[str, str]:
    """Split a pasted `Bearer eyJ...` into its scheme word and the value; ("", value) where there is no scheme."""
    found = _SCHEME.match(value)
    return (found["scheme"], found["value"]) if found else ("", value)
