from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client as Browser

from oauth_provider.models import Client, ClientSecret
from tests.admin.test_client_registration import ADD, FORM

pytestmark = pytest.mark.postgres


@pytest.fixture(autouse=True)
def _real_threads() -> None:
    if "postgresql" not in settings.DATABASES["default"]["ENGINE"]:
        pytest.skip("DATABASE_URL names no PostgreSQL server")


def at_once(number: int, post: Callable[[Browser], int]) -> list[int]:
    """The answers to that many clicks of one person at the same moment."""
    root = get_user_model().objects.create_superuser("root", password="pw")
    start, answers = threading.Barrier(number), []

    def click() -> None:
        browser = Browser(raise_request_exception=False)
        browser.force_login(root)
        start.wait()
        try:
            answers.append(post(browser))
        finally:
            connection.close()

    threads = [threading.Thread(target=click) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sorted(answers)


@pytest.mark.django_db(transaction=True)
def test_R19_one_form_clicked_eight_times_at_once_makes_one_client() -> None:
    answers = at_once(8, lambda browser: browser.post(ADD, {**FORM, "once": "ab" * 16}).status_code)
    assert answers == [200, *[409] * 7]
    assert Client.objects.count() == ClientSecret.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_R19_one_add_secret_button_clicked_eight_times_at_once_adds_one() -> None:
    client, _secret = Client.objects.register(name="M", profile="machine")
    newest = ClientSecret.objects.get().pk
    address = f"/admin/oauth_provider/client/{client.pk}/secrets/add/"
    answers = at_once(8, lambda browser: browser.post(address, {"newest": newest}).status_code)
    assert answers == [200, *[409] * 7]
    assert ClientSecret.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_live_secrets_revoked_at_once_never_both_without_the_name() -> None:
    client, _secret = Client.objects.register(name="M", profile="machine")
    ClientSecret.objects.add(client)
    pks = list(ClientSecret.objects.values_list("pk", flat=True))

    def revoke(browser: Browser) -> int:
        pk = pks.pop()
        address = f"/admin/oauth_provider/client/{client.pk}/secrets/{pk}/revoke/"
        return browser.post(address, {"confirmed": "yes"}).status_code

    assert at_once(2, revoke) == [302, 400]
    assert ClientSecret.objects.live(client).count() == 1
