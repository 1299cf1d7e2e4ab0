"""Where does a credential of the request go, once another one is the profile's? Beside it, as the second one."""

from __future__ import annotations

from dataclasses import replace

from authwizard.importers.imported import Imported
from authwizard.importers.literals_apart import PLACE, SECOND
from authwizard.model.profile import CredentialSpec
from authwizard.protocol.clean import safe_line


def beside(made: Imported) -> Imported:
    """Write the credential that was found in a header or the query back there, so that it goes out beside another one."""
    spec, profile, secrets = made.profile.credential, made.profile, dict(made.secrets)
    field = {"api_key": "api_key", "bearer": "access_token", "cookie": "session_cookie"}.get(spec.kind, "")
    if field not in secrets or not (spec.header or spec.query or spec.kind == "cookie"):
        return made
    profile = replace(profile, credential=CredentialSpec())
    if spec.kind == "cookie":
        return replace(made, profile=replace(profile, headers={**profile.headers, "Cookie": "{secret:session_cookie}"}))
    secret = secrets.pop(field)
    if SECOND in secrets:
        where = safe_line(spec.header or spec.query, 60)
        note = f"{where} was left out: it is a third credential, and a profile has room for two."
        return replace(made, profile=profile, secrets=secrets, notes=(*made.notes, note))
    secrets[SECOND] = secret
    if spec.query:
        joined = "&" if "?" in profile.request else "?"
        profile = replace(profile, request=f"{profile.request}{joined}{spec.query}={PLACE}")
    else:
        profile = replace(profile, headers={**profile.headers, spec.header: f"{spec.scheme} {PLACE}" if spec.scheme else PLACE})
    return replace(made, profile=profile, secrets=secrets)
