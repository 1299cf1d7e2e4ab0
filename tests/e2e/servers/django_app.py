"""django-oauth-toolkit and djangorestframework-simplejwt in one Django project.

Argument: JSON {issuer, audience, jwk, folder}; first line of output: JSON {url, tokens}: access and refresh tokens of
django-oauth-toolkit, made in the database as its own views would, by state.
"""

import json
import sys
from datetime import timedelta

import django
import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.urls import include, path

given = json.loads(sys.argv[1])
public = jwt.PyJWK(given["jwk"]).key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
settings.configure(
    SECRET_KEY="plainly-fake-django-key-" + "0" * 40,
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": f"{given['folder']}/db.sqlite3", "OPTIONS": {"timeout": 20}}},
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "oauth2_provider", "rest_framework"],
    # Tables without migrations and a cheap hash of the client secrets: the servers answer alike and start in a third of the time.
    MIGRATION_MODULES={"auth": None, "contenttypes": None, "oauth2_provider": None},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    OAUTH2_PROVIDER={
        "SCOPES": {"read": "Read", "write": "Write", "admin": "Administer", "introspection": "Introspect"},
        "DEFAULT_SCOPES": ["read", "write"],
        "PKCE_REQUIRED": False,
    },
    SIMPLE_JWT={
        "ALGORITHM": "RS256",
        "SIGNING_KEY": "",
        "VERIFYING_KEY": public,
        "AUDIENCE": given["audience"],
        "ISSUER": given["issuer"],
        "USER_ID_CLAIM": "sub",
    },
)
django.setup()

from django.core.management import call_command  # noqa: E402
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.utils import timezone  # noqa: E402
from oauth2_provider.contrib.rest_framework import OAuth2Authentication, TokenHasScope  # noqa: E402
from oauth2_provider.models import AccessToken, Application, RefreshToken  # noqa: E402
from rest_framework.permissions import BasePermission, IsAuthenticated  # noqa: E402
from rest_framework.response import Response  # noqa: E402
from rest_framework.views import APIView  # noqa: E402
from rest_framework_simplejwt.authentication import JWTStatelessUserAuthentication  # noqa: E402
from rest_framework_simplejwt.exceptions import InvalidToken  # noqa: E402


class Me(APIView):
    authentication_classes = [OAuth2Authentication]
    permission_classes = [TokenHasScope]
    required_scopes = ["read"]

    def get(self, request):
        return Response({"client": request.auth.application.client_id})


class Admin(Me):
    required_scopes = ["admin"]


class Authentication(JWTStatelessUserAuthentication):
    """simplejwt, with a list of revoked tokens as its blacklist app would keep one."""

    def get_validated_token(self, raw_token):
        token = super().get_validated_token(raw_token)
        if str(token.get("jti", "")).startswith("revoked-"):
            raise InvalidToken({"detail": "Token is blacklisted"})
        return token


class IsAdmin(BasePermission):
    def has_permission(self, request, view):
        return "admin" in request.auth.get("scope", "").split()


class JwtMe(APIView):
    authentication_classes = [Authentication]
    permission_classes = [IsAuthenticated]

    def get(self, request):
        return Response({"subject": request.user.id})


class JwtAdmin(JwtMe):
    permission_classes = [IsAuthenticated, IsAdmin]


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("v2/me", Me.as_view()),
    path("v2/admin", Admin.as_view()),
    path("jwt/v2/me", JwtMe.as_view()),
    path("jwt/v2/admin", JwtAdmin.as_view()),
]


def seeded():
    """Make the clients, and one token of each state."""
    from django.contrib.auth.models import User

    user = User.objects.create_user("e2e-user")
    secret = "plainly-fake-e2e-secret-000000000000"
    common = {"client_type": "confidential", "client_secret": secret, "user": user}
    machine = Application.objects.create(client_id="e2e-client", authorization_grant_type="client-credentials", **common)
    person = Application.objects.create(
        client_id="e2e-person", authorization_grant_type="authorization-code", redirect_uris="https://app.example.test/back", **common
    )
    now = timezone.now()
    tokens = {}
    for state, ends in (("living", 600), ("expired", -7200)):
        value = tokens[state] = f"plainly-fake-django-{state}-{'0' * 12}"
        AccessToken.objects.create(token=value, application=machine, expires=now + timedelta(seconds=ends), scope="read write")
    for state in ("refresh", "refresh-revoked"):
        value = tokens[state] = f"plainly-fake-django-{state}-{'0' * 12}"
        access = AccessToken.objects.create(
            token=f"{value}-access", user=user, application=person, expires=now - timedelta(seconds=60), scope="read write"
        )
        RefreshToken.objects.create(
            token=value, user=user, application=person, access_token=access, revoked=now if state.endswith("revoked") else None
        )
    return tokens


call_command("migrate", verbosity=0, run_syncdb=True)
tokens = seeded()
server = ThreadedWSGIServer(("127.0.0.1", 0), WSGIRequestHandler)
server.set_app(get_wsgi_application())
print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}", "tokens": tokens}), flush=True)
server.serve_forever()
