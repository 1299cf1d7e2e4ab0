"""Where does the server's owner find the reason? For each kind of responder the log and what to look for in it.

The two texts complete the sentence "Please look in WHERE for WHAT." Presence of a credential is logged, never its value.
"""

from __future__ import annotations

import re

SEARCH_KEYS = (
    "the request id",
    "the trace id",
    "the time, two seconds either way, with path and client address",
    "the token's jti and kid",
)
"""What to search a log by, the most exact first."""

GENERIC = (
    "the log of the component that checks credentials, at its most detailed level",
    "the line of this request that names the reason of the refusal, and whether the credential arrived there at all",
)

WHERE_TO_LOOK: dict[str, tuple[str, str]] = {
    "spring": (
        "the application's log with logging.level.org.springframework.security=TRACE",
        "lines of BearerTokenAuthenticationFilter and JwtAuthenticationProvider, which end in the exception's reason",
    ),
    "aspnet": (
        "the application's log with the category Microsoft.AspNetCore.Authentication at Debug",
        "a code of the form IDX10xxx and the sentence after it, which names the expected and the received value",
    ),
    "envoy": (
        "the proxy's access log with %RESPONSE_CODE_DETAILS%, and its jwt and rbac loggers at debug",
        "jwt_authn_access_denied with the reason in braces, or an rbac line with the name of the policy",
    ),
    "nginx": (
        "nginx's error log at debug level, and an access log that records with a map whether $http_authorization is empty",
        "whether the header arrived, and which auth_request, auth_basic or auth_jwt directive answered",
    ),
    "apache": (
        "Apache's error log with LogLevel authz_core:trace3 auth_basic:debug",
        "lines of authz_core that name the failing Require directive, and whether the header reaches the program behind",
    ),
    "api_gateway": (
        "the stage's access log with $context.authorizer.error, $context.error.message and $context.identity, and the execution or authorizer log",
        "the authorizer's error for this request id, and what the authorizer's test function says about the same token",
    ),
    "apim": (
        "a request trace of API Management, made in the test console or with debug credentials for this API",
        "the inbound section: which validate-jwt or subscription check ended the request, and its reason",
    ),
    "kong": (
        "Kong's error log at debug level, filtered by X-Kong-Request-Id",
        "the authentication plugin that answered, and the consumer or credential it could not find",
    ),
    "cloudfront": (
        "the CloudFront log and the AWS WAF log, filtered by X-Amz-Cf-Id",
        "the rule that matched, and whether the behaviour's cache or origin request policy forwards Authorization",
    ),
    "cloudflare": (
        "the security events of the zone, filtered by the Ray ID",
        "the rule or the Access policy that acted on the request",
    ),
    "azure_front_door": (
        "Front Door's access log and web application firewall log, filtered by the X-Azure-Ref value",
        "the rule that matched, the origin that was asked, and the status that the origin itself gave",
    ),
    "apisix": (
        "APISIX's error log at debug level, and an access log that records the plugin that ended the request",
        "the authentication plugin that answered, and the consumer it could not find",
    ),
    "entra": (
        "the sign-in logs of Microsoft Entra, filtered by correlation id or trace id",
        "the AADSTS code, its failure reason, and the Conditional Access policies that applied",
    ),
    "auth0": (
        "the tenant's logs, filtered by client_id and time",
        "a failed exchange (feccft, fertft, ferrt) or login, and its description",
    ),
    "okta": (
        "the System Log, filtered by client id and time",
        "app.oauth2 token events with outcome FAILURE, and their reason",
    ),
    "keycloak": (
        "the realm's events, or the server log of org.keycloak.events at debug, filtered by clientId and time",
        "CLIENT_LOGIN_ERROR, CODE_TO_TOKEN_ERROR, REFRESH_TOKEN_ERROR or INTROSPECT_TOKEN_ERROR, and the error in its details",
    ),
    "kubernetes": (
        "the API server's log and its audit log",
        "the line that begins Unable to authenticate the request; the error text after it names the reason",
    ),
    "express": (
        "the log of the Node.js application, where an error handler records err.name, err.code and err.message",
        "the code of the UnauthorizedError, such as invalid_token or credentials_required, and the message with it",
    ),
    "google": (
        "Cloud Logging for the service, filtered by the trace id of x-cloud-trace-context",
        "the status details with an ErrorInfo reason, and whether the platform replaced the Authorization header",
    ),
    "django": (
        "the application's log, with an exception handler that records the detail of AuthenticationFailed",
        "which authentication class answered, and its detail and code",
    ),
    "python": (
        "the log of the Python application behind the server, with the authentication code at debug",
        "the exception that led to the 401, and whether HTTP_AUTHORIZATION was set",
    ),
}
"""By responder: where the log is, and what to look for."""

_ALSO = {
    "istio": "envoy", "jwt_authn": "envoy", "openresty": "nginx", "ingress_nginx": "nginx", "httpd": "apache", "cognito": "api_gateway",
    "aws": "api_gateway", "lambda": "api_gateway", "aws_waf": "cloudfront", "azure_api_management": "apim", "aspnetcore": "aspnet",
    "asp_net": "aspnet", "kestrel": "aspnet", "iis": "aspnet", "entra_id": "entra", "azure_ad": "entra", "microsoft_graph": "entra",
    "fastify": "express", "koa": "express", "passport": "express", "node": "express", "hono": "express", "esp": "google",
    "espv2": "google", "gcp": "google", "cloud_run": "google", "drf": "django", "simplejwt": "django", "fastapi": "python",
    "flask": "python", "gunicorn": "python", "uvicorn": "python", "werkzeug": "python", "uwsgi": "python", "k8s": "kubernetes",
    "kube_apiserver": "kubernetes",
}  # fmt: skip


def where_to_look(responder: str | None) -> tuple[str, str]:
    """Return (where, what) for a responder's name in any spelling; the general answer for None or a name that is not known."""
    words = "_" + re.sub(r"[^a-z0-9]+", "_", (responder or "").lower()) + "_"
    names = [*((name, name) for name in WHERE_TO_LOOK), *_ALSO.items()]
    found = max((pair for pair in names if f"_{pair[0]}_" in words), key=lambda pair: len(pair[0]), default=None)
    return GENERIC if found is None else WHERE_TO_LOOK[found[1]]
