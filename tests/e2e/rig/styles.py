"""How real stacks refuse: order of their checks, status, challenge and words of each (CHECKS 1.1, 1.8 to 1.10, 14)."""

from __future__ import annotations

import datetime as dt
import enum
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from e2e.rig.wire import Answer, Fields, as_json


class Why(enum.Enum):
    """Why an API refuses a request."""

    ABSENT = enum.auto()
    SCHEME = enum.auto()
    """Another scheme word, or a value that does not have the shape `scheme token`."""
    SEVERAL = enum.auto()
    MALFORMED = enum.auto()
    ALG = enum.auto()
    KEY = enum.auto()
    KEYS_UNREACHABLE = enum.auto()
    SIGNATURE = enum.auto()
    EXPIRED = enum.auto()
    NOT_YET = enum.auto()
    ISSUER = enum.auto()
    AUDIENCE = enum.auto()
    REVOKED = enum.auto()
    SCOPE = enum.auto()
    HIDDEN = enum.auto()


@dataclass(frozen=True)
class Case:
    """One refusal and what the words may need."""

    why: Why
    path: str = "/"
    host: str = "127.0.0.1"
    when: float = 0.0
    audience: str = ""
    issuer: str = ""
    scope: str = ""


Render = Callable[[Case], Answer]
USUAL = (Why.ALG, Why.KEY, Why.SIGNATURE, Why.NOT_YET, Why.EXPIRED, Why.AUDIENCE, Why.ISSUER)
"""jsonwebtoken, Spring, ASP.NET and most others: the signature first, then what the token claims."""


@dataclass(frozen=True)
class Style:
    """A stack: how it words a refusal, in which order it looks, and what it takes for its scheme."""

    render: Render
    order: tuple[Why, ...] = USUAL
    any_case: bool = True
    other_scheme: Why = Why.ABSENT
    leeway: float = 60.0
    product: str = ""


# ── Node: express-jwt 8, jsonwebtoken 9, jwks-rsa, express-jwt-authz ─────────────────────────────────────────────────────


def express(case: Case) -> Answer:
    words = {
        Why.ABSENT: ("credentials_required", "No authorization token was found"),
        Why.SCHEME: ("credentials_bad_scheme", "Format is Authorization: Bearer [token]"),
        Why.MALFORMED: ("invalid_token", "jwt malformed"),
        Why.ALG: ("invalid_token", "jwt signature is required"),
        Why.KEY: ("invalid_token", "error in secret or public key callback: Unable to find a signing key that matches the key id"),
        Why.KEYS_UNREACHABLE: ("invalid_token", "error in secret or public key callback: connect ECONNREFUSED"),
        Why.SIGNATURE: ("invalid_token", "invalid signature"),
        Why.EXPIRED: ("invalid_token", "jwt expired"),
        Why.NOT_YET: ("invalid_token", "jwt not active"),
        Why.AUDIENCE: ("invalid_token", f"jwt audience invalid. expected: {case.audience}"),
        Why.ISSUER: ("invalid_token", f"jwt issuer invalid. expected: {case.issuer}"),
        Why.REVOKED: ("revoked_token", "The token has been revoked."),
        Why.SEVERAL: ("invalid_request", "More than one credential was sent"),
        Why.HIDDEN: ("unauthorized", "Unauthorized"),
    }
    powered = ("X-Powered-By", "Express")
    if case.why is Why.SCOPE:
        challenge = ("WWW-Authenticate", f'Bearer scope="{case.scope}", error="Insufficient scope"')
        return as_json(403, {"statusCode": 403, "error": "Forbidden", "message": "Insufficient scope"}, challenge, powered)
    code, message = words[case.why]
    return as_json(400 if case.why is Why.SEVERAL else 401, {"code": code, "message": message}, powered)


# ── Java: Spring Security resource server (BearerTokenAuthenticationEntryPoint) ───────────────────────────────────────────


def spring(case: Case) -> Answer:
    reference = "https://tools.ietf.org/html/rfc6750#section-3.1"
    front = "An error occurred while attempting to decode the Jwt: "
    when = dt.datetime.fromtimestamp(case.when, dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    words = {
        Why.MALFORMED: "Bearer token is malformed" if not case.when else f"{front}Malformed token",
        Why.ALG: f"{front}Unsupported algorithm of none",
        Why.KEY: f"{front}Signed JWT rejected: Another algorithm expected, or no matching key(s) found",
        Why.KEYS_UNREACHABLE: f"{front}Couldn't retrieve remote JWK set: Connection refused",
        Why.SIGNATURE: f"{front}Signed JWT rejected: Invalid signature",
        Why.EXPIRED: f"{front}Jwt expired at {when}",
        Why.NOT_YET: f"{front}Jwt used before {when}",
        Why.AUDIENCE: f"{front}The aud claim is not valid",
        Why.ISSUER: f"{front}The iss claim is not valid",
        Why.REVOKED: "Provided token isn't active",
        Why.HIDDEN: "Invalid token",
    }
    if case.why in (Why.ABSENT, Why.SCHEME):
        return Answer(401, [("WWW-Authenticate", "Bearer")])
    if case.why is Why.SEVERAL:
        text = f'Bearer error="invalid_request", error_description="Found multiple bearer tokens in the request", error_uri="{reference}"'
        return Answer(400, [("WWW-Authenticate", text)])
    if case.why is Why.SCOPE:
        why = "The request requires higher privileges than provided by the access token."
        text = f'Bearer error="insufficient_scope", error_description="{why}", error_uri="{reference}"'
        return Answer(403, [("WWW-Authenticate", text)])
    text = f'Bearer error="invalid_token", error_description="{words[case.why]}", error_uri="{reference}"'
    return Answer(401, [("WWW-Authenticate", text)])


# ── .NET: Microsoft.AspNetCore.Authentication.JwtBearer ──────────────────────────────────────────────────────────────────


def aspnet(case: Case) -> Answer:
    when = dt.datetime.fromtimestamp(case.when, dt.UTC).strftime("%m/%d/%Y %H:%M:%S")
    words = {
        Why.KEY: "The signature key was not found",
        Why.SIGNATURE: "The signature is invalid",
        Why.EXPIRED: f"The token expired at '{when}'",
        Why.NOT_YET: f"The token is not valid before '{when}'",
        Why.AUDIENCE: f"The audience '{case.audience}' is invalid",
        Why.ISSUER: f"The issuer '{case.issuer}' is invalid",
    }
    if case.why in (Why.ABSENT, Why.SCHEME):
        return Answer(401, [("WWW-Authenticate", "Bearer")])
    if case.why is Why.SCOPE:
        return Answer(403)
    description = f', error_description="{words[case.why]}"' if case.why in words else ""
    return Answer(401, [("WWW-Authenticate", f'Bearer error="invalid_token"{description}')])


# ── Envoy and Istio: jwt_authn, rbac, ext_authz ──────────────────────────────────────────────────────────────────────────


def envoy(case: Case) -> Answer:
    words = {
        Why.ABSENT: "Jwt is missing",
        Why.SCHEME: "Jwt is missing",
        Why.MALFORMED: "Jwt is not in the form of Header.Payload.Signature with two dots and 3 sections",
        Why.ALG: "Jwt header [alg] is not supported",
        Why.KEY: "Jwks doesn't have key to match kid or alg from Jwt",
        Why.KEYS_UNREACHABLE: "Jwks remote fetch is failed",
        Why.SIGNATURE: "Jwt verification fails",
        Why.EXPIRED: "Jwt is expired",
        Why.NOT_YET: "Jwt not yet valid",
        Why.ISSUER: "Jwt issuer is not configured",
        Why.AUDIENCE: "Audiences in Jwt are not allowed",
        Why.SCOPE: "RBAC: access denied",
        Why.HIDDEN: "RBAC: access denied",
        Why.REVOKED: "",
        Why.SEVERAL: "Jwt is missing",
    }
    plain = ("Content-Type", "text/plain")
    if case.why in (Why.AUDIENCE, Why.SCOPE, Why.HIDDEN):
        return Answer(403, [plain], words[case.why].encode())
    error = "" if case.why in (Why.ABSENT, Why.SCHEME, Why.SEVERAL) else ', error="invalid_token"'
    challenge = ("WWW-Authenticate", f'Bearer realm="http://{case.host}{case.path}"{error}')
    return Answer(401, [plain, challenge], words[case.why].encode())


# ── AWS API Gateway, HTTP API with a JWT authorizer ──────────────────────────────────────────────────────────────────────


def awshttp(case: Case) -> Answer:
    words = {Why.AUDIENCE: "the token does not have a valid audience", Why.EXPIRED: "the token has expired"}
    ids = ("apigw-requestid", "Mc7UVioPPHcEKPA=")
    if case.why in (Why.ABSENT, Why.SEVERAL):
        return as_json(401, {"message": "Unauthorized"}, ("www-authenticate", "Bearer"), ids)
    if case.why is Why.SCOPE:
        challenge = (
            f'Bearer scope="{case.scope}" error="insufficient_scope" error_description="the token does not have any of the required scopes"'
        )
        return as_json(403, {"message": "Forbidden"}, ("www-authenticate", challenge), ids)
    said = f' error_description="{words[case.why]}"' if case.why in words else ""
    return as_json(401, {"message": "Unauthorized"}, ("www-authenticate", f'Bearer scope="" error="invalid_token"{said}'), ids)


# ── Django REST framework with simplejwt ─────────────────────────────────────────────────────────────────────────────────


def drf(case: Case) -> Answer:
    challenge = ("WWW-Authenticate", 'Bearer realm="api"')
    if case.why in (Why.ABSENT, Why.SEVERAL):
        return as_json(401, {"detail": "Authentication credentials were not provided."}, challenge)
    if case.why is Why.SCHEME:
        document: dict[str, Any] = {
            "detail": "Authorization header must contain two space-delimited values", "code": "bad_authorization_header",
        }  # fmt: skip
        return as_json(401, document, challenge)
    if case.why in (Why.SCOPE, Why.HIDDEN):
        return as_json(403, {"detail": "You do not have permission to perform this action."})
    message = {"token_class": "AccessToken", "token_type": "access", "message": "Token is invalid or expired"}
    document = {"detail": "Given token not valid for any token type", "code": "token_not_valid", "messages": [message]}
    return as_json(401, document, challenge)


# ── the seed's company, and a server that says nothing ───────────────────────────────────────────────────────────────────


def companyx(case: Case) -> Answer:
    challenge = ("WWW-Authenticate", 'Bearer realm="Company X API"')
    if case.why is Why.SCOPE:
        document = {"error": "insufficient_scope", "error_description": f"Token lacks required scope: {case.scope}"}
        return as_json(
            401, document, ("WWW-Authenticate", f'Bearer realm="Company X API", error="insufficient_scope", scope="{case.scope}"')
        )
    description = "Authentication is required" if case.why is Why.ABSENT else "The access token is invalid or has expired"
    return as_json(401, {"error": "unauthorized", "error_description": description, "error_code": "E-AUTH-001"}, challenge)


def bland(case: Case) -> Answer:
    del case
    return Answer(401, [("Content-Type", "application/json")], json.dumps({"message": "Unauthorized"}).encode())


STYLES = {
    "express": Style(express, other_scheme=Why.SCHEME),
    "spring": Style(spring),
    "aspnet": Style(aspnet, product="Kestrel"),
    "envoy": Style(
        envoy, (Why.ALG, Why.ISSUER, Why.EXPIRED, Why.NOT_YET, Why.AUDIENCE, Why.KEY, Why.SIGNATURE), any_case=False, product="envoy"
    ),
    "awshttp": Style(
        awshttp, (Why.ALG, Why.KEY, Why.SIGNATURE, Why.ISSUER, Why.AUDIENCE, Why.EXPIRED, Why.NOT_YET), other_scheme=Why.MALFORMED
    ),
    "drf": Style(drf, any_case=False, leeway=0.0, product="gunicorn"),
    "companyx": Style(companyx),
    "bland": Style(bland),
}
LOGIN: Fields = [("WWW-Authenticate", 'Basic realm="api", charset="UTF-8"')]
