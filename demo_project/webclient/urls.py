"""Paths of the demo clients."""

from __future__ import annotations

from django.urls import path

from demo_project.webclient import tv, web

app_name = "webclient"
urlpatterns = [
    path("", web.start, name="start"),
    path("login", web.login, name="login"),
    path("callback", web.callback, name="callback"),
    path("refresh", web.refresh, name="refresh"),
    path("disconnect", web.disconnect, name="disconnect"),
    path("tv", tv.screen, name="tv"),
    path("tv/connect", tv.connect, name="tv-connect"),
    path("tv/forget", tv.forget, name="tv-forget"),
]
