"""Forms of our pages: unreadable ones get a page, stale ones the form again."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

pytestmark = pytest.mark.django_db

PAGES = ["/login", "/device", "/signed-out"]
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("checks", [False, True])
@pytest.mark.parametrize("path", PAGES)
def test_AS29_unreadable_form_gets_an_error_page(alice, path, checks):
    browser = Browser(enforce_csrf_checks=checks)
    browser.force_login(alice)
    for headers in ({"CONTENT_LENGTH": "abc"}, {"CONTENT_LENGTH": str(10**9)}):
        answer = browser.post(path, "user_code=x", content_type=FORM, **headers)
        assert answer.status_code in {400, 413}
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
    assert browser.post(path, "user_code=%zz", content_type=FORM).status_code == 400


@pytest.mark.parametrize("path", PAGES)
def test_stale_csrf_token_shows_the_page_again(alice, path):
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(alice)
    answer = browser.post(path + "?next=%2Fhere", "csrfmiddlewaretoken=stale", content_type=FORM)
    assert (answer.status_code, answer["Location"]) == (303, path + "?next=%2Fhere")
    assert "_auth_user_id" in browser.session
