"""The admin alone: these screens work whether or not the provider is mounted."""

from __future__ import annotations

from django.contrib import admin
from django.urls import path

urlpatterns = [path("admin/", admin.site.urls)]
