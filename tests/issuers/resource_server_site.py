"""A whole site that issues nothing, in a process of its own: never migrated, any statement ends it.

Reads settings and tokens as JSON, prints what its answers were and which modules of ours it has loaded.
"""

from __future__ import annotations

import json
import sys

import django
from django.conf import settings
from django.http import JsonResponse
from django.urls import include, path


def refuse(execute, sql, params, many, context):
    raise AssertionError(f"a statement: {sql}")


def urlpatterns() -> list:
    from rest_framework.response import Response
    from rest_framework.views import APIView

    from oauth_provider.drf import HasScope
    from oauth_provider.resource_server.decorators import scope_required

    class Notes(APIView):
        permission_classes = [HasScope("read")]

        def get(self, request):
            return Response({"app": request.auth.client.client_id, "user": str(request.user)})

    @scope_required("read")
    def plain(request):
        return JsonResponse({"app": request.access.client.client_id})

    return [
        path("notes", Notes.as_view()),
        path("plain", plain),
        path("", include("oauth_provider.resource_server.urls")),
    ]


def main() -> None:
    given = json.load(sys.stdin)
    settings.configure(
        SECRET_KEY="k" * 60,
        DEBUG=given["debug"],
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}},
        INSTALLED_APPS=[
            "django.contrib.admin",
            "django.contrib.auth",
            "django.contrib.contenttypes",
            "rest_framework",
            "oauth2_provider",
            "oauth_provider",
        ],
        SILENCED_SYSTEM_CHECKS=["admin.E403", "admin.E404", "admin.E406", "admin.E408", "admin.E409", "admin.E410"],
        MIDDLEWARE=["oauth_provider.middleware.AccessMiddleware"],
        REST_FRAMEWORK={
            "DEFAULT_AUTHENTICATION_CLASSES": ["oauth_provider.drf.OAuth2Authentication"],
            "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
        },
        OAUTH_PROVIDER=given["settings"],
    )
    django.setup()
    sys.modules[__name__].urlpatterns = urlpatterns()
    from django.core.checks import run_checks
    from django.db import connection
    from django.test import Client

    def get(url: str, token: str = "") -> list:
        answer = Client().get(url, headers={"Authorization": f"Bearer {token}"} if token else {})
        return [answer.status_code, answer.json(), answer.headers.get("WWW-Authenticate", "")]

    # Django's own checks may ask a database what it can.
    checks = [message.id for message in run_checks()]
    with connection.execute_wrapper(refuse):
        said = {
            "checks": checks,
            "notes": get("/notes", given["jwt"]),
            "plain": get("/plain", given["jwt"]),
            "opaque": get("/notes", given["opaque"]),
            "none": get("/plain"),
            "ours": get("/plain", "op_at_" + "A" * 49),
            "unknown": get("/plain", "some-token"),
            "metadata": get("/.well-known/oauth-protected-resource"),
        }
    said["loaded"] = sorted(name for name in sys.modules if name.startswith("oauth_provider."))
    print(json.dumps(said))


if __name__ == "__main__":
    main()
