"""URLs of an app that is an OpenID provider, too."""

from __future__ import annotations

from django.http import HttpResponse
from django.urls import path


def configuration(request):
    return HttpResponse("{}")


urlpatterns = [path(".well-known/openid-configuration", configuration)]
