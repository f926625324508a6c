"""A site whose own pages carry their language in the address; the provider's do not."""

from __future__ import annotations

from django.conf.urls.i18n import i18n_patterns
from django.http import HttpResponse
from django.urls import include, path

urlpatterns = [
    path("", include("oauth_provider.urls")),
    *i18n_patterns(
        path("accounts/", include("django.contrib.auth.urls")),
        path("shop/", lambda _: HttpResponse("The shop")),
    ),
]
