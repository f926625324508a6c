"""Connected apps as a person uses them: what a page offers is what may be sent."""

from __future__ import annotations

import re
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import connection
from django.http import JsonResponse
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import include, path

from oauth_provider.resource_server.decorators import scope_required
from tests.flow import post_form

if TYPE_CHECKING:
    from collections.abc import Iterator

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0"


@scope_required("read")
def read(request):
    return JsonResponse({"sub": request.access.subject})


@scope_required("write")
def write(request):
    return JsonResponse({"sub": request.access.subject})


urlpatterns = [
    path("", include("oauth_provider.urls")),
    path("api/read", read),
    path("api/write", write),
]


def call(path: str, tokens: dict) -> int:
    """The status of an API call with this access token."""
    return Browser().get(path, HTTP_AUTHORIZATION=f"Bearer {tokens['access_token']}").status_code


def app_url(client) -> str:
    return f"/connected-apps/{client.row.pk}"


def press(browser: Browser, path: str, **button: str):
    """Press a button of a page: a form post from the same site."""
    return post_form(browser, path, button)


def words_of(response) -> str:
    """What is read on a page, without its markup."""
    body = re.search(r"<main.*</main>", response.content.decode(), re.DOTALL)[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).strip()


@contextmanager
def statements() -> Iterator[list[str]]:
    """The statements of a block, without what opens and closes transactions."""
    found: list[str] = []
    with CaptureQueriesContext(connection) as captured:
        yield found
    frame = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
    found.extend(query["sql"] for query in captured.captured_queries if not query["sql"].upper().startswith(frame))
