"""Paths of the four apps."""

from __future__ import annotations

from django.urls import include, path

from demo_project.clients import browser, machine, pages, tv, web

clients = [
    path("", pages.index, name="index"),
    path("web/", web.start, name="web"),
    path("web/login", web.login, name="web-login"),
    path("web/callback", web.callback, name="web-callback"),
    path("web/refresh", web.refresh, name="web-refresh"),
    path("web/add", web.add, name="web-add"),
    path("web/disconnect", web.disconnect, name="web-disconnect"),
    path("browser/", browser.page, name="browser"),
    path("tv/", tv.screen, name="tv"),
    path("tv/connect", tv.connect, name="tv-connect"),
    path("tv/forget", tv.forget, name="tv-forget"),
    path("machine/", machine.start, name="machine"),
    path("machine/run", machine.run, name="machine-run"),
]
urlpatterns = [path("", include((clients, "clients")))]
