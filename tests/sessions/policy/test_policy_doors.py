"""Whichever page of the site it is: signing out, a new password, deactivating and groups end the same."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from django.contrib.auth.models import Group
from django.test import Client as Browser

from oauth_provider.consent import not_me
from oauth_provider.models import Consent, Grant, LogoutDelivery
from tests.flow import post_form, query_of
from tests.sessions.policy.conftest import ALIVE, OVER

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.sessions.policy.urls")]


@pytest.fixture
def admin(django_user_model) -> Browser:
    """The browser of somebody who may do everything in the admin."""
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root", "root@people.example", "root-password"))
    return browser


@pytest.mark.parametrize("path", ["/accounts/logout/", "/admin/logout/", "/signed-out"])
def test_every_page_that_signs_out(flow, sign_in, path, alice):
    type(alice).objects.filter(pk=alice.pk).update(is_staff=True)
    signed_in = sign_in()
    assert flow.browser.post(path).status_code in {200, 302, 303}
    assert "_auth_user_id" not in flow.browser.session
    assert signed_in.now == OVER


def test_new_password_on_the_page_of_django_keeps_the_browser_signed_in(flow, sign_in):
    signed_in = sign_in()
    new = "a-new-Pass-1"
    form = {"old_password": "alice-password", "new_password1": new, "new_password2": new}
    assert flow.browser.post("/accounts/password_change/", form).status_code == 302
    assert signed_in.now == OVER
    assert flow.browser.get("/connected-apps/").status_code == 200


def test_who_signs_in_to_the_app_again_is_told_of_the_next_sign_out_too(flow, sign_in):
    """The browser stayed signed in, so its session is the same one."""
    first = sign_in()
    new = "a-new-Pass-1"
    flow.browser.post(
        "/accounts/password_change/", {"old_password": "alice-password", "new_password1": new, "new_password2": new}
    )
    again = sign_in()
    assert again.sid == first.sid
    flow.browser.post("/accounts/logout/")
    assert LogoutDelivery.objects.filter(sid=again.sid).count() == 2


def test_password_reset_by_mail(flow, sign_in, alice, mailoutbox):
    signed_in = sign_in()
    lost = Browser()
    lost.post("/accounts/password_reset/", {"email": alice.email})
    link = next(word for word in mailoutbox[-1].body.split() if "/reset/" in word)
    page = lost.get("/" + link.split("/", 3)[3])
    new = "a-new-Pass-1"
    assert lost.post(page["Location"], {"new_password1": new, "new_password2": new}).status_code == 302
    assert signed_in.now == OVER


def test_new_password_that_an_admin_sets(admin, alice, sign_in):
    signed_in = sign_in()
    form = {"password1": "a-new-Pass-1", "password2": "a-new-Pass-1", "usable_password": "true"}
    assert admin.post(f"/admin/auth/user/{alice.pk}/password/", form).status_code == 302
    assert signed_in.now == OVER


def _change(admin, alice, **values):
    form = {
        "username": "alice",
        "email": alice.email,
        "is_active": "on",
        "date_joined_0": "2026-01-01",
        "date_joined_1": "00:00:00",
        **values,
    }
    form = {name: value for name, value in form.items() if value is not None}
    answer = admin.post(f"/admin/auth/user/{alice.pk}/change/", form)
    assert answer.status_code == 302, answer.content


def test_person_an_admin_deactivates(admin, alice, sign_in):
    signed_in = sign_in()
    _change(admin, alice, is_active=None)
    type(alice).objects.filter(pk=alice.pk).update(is_active=True)
    assert signed_in.now == OVER


def test_group_an_admin_takes_away(admin, alice, sign_in, told_client):
    group = Group.objects.create(name="Editors")
    alice.groups.add(group)
    told_client.row.change(allowed_users="groups")
    told_client.row.allow_groups([group])
    signed_in = sign_in()
    _change(admin, alice, groups=[str(group.pk)])
    assert signed_in.now == ALIVE
    _change(admin, alice)
    assert signed_in.now == OVER


def test_person_an_admin_deletes(admin, alice, sign_in):
    signed_in = sign_in()
    assert admin.post(f"/admin/auth/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 302
    assert LogoutDelivery.objects.get().sid == signed_in.sid


def test_same_person_who_signs_in_again_goes_on_in_the_same_session(flow, sign_in):
    signed_in = sign_in()
    form = {"username": "alice", "password": "alice-password"}
    # The admin's page signs in over who is signed in, with Django's own view.
    assert post_form(flow.browser, "/admin/login/?next=/", form).status_code == 200
    assert post_form(flow.browser, "/login?next=/connected-apps/", form).status_code in {302, 303}
    assert signed_in.now == ALIVE
    assert sign_in().sid == signed_in.sid


@pytest.mark.urls("tests.urls")
def test_another_person_who_signs_in_on_our_page_ends_the_session_of_the_one_before(flow, sign_in, bob):
    signed_in = sign_in()
    answer = post_form(flow.browser, "/login?next=/", {"username": "bob", "password": "bob-password"})
    assert answer.status_code == 303
    assert flow.browser.session["_auth_user_id"] == str(bob.pk)
    assert signed_in.now == OVER


def test_who_was_deactivated_past_save_and_signs_out_ends_the_session(flow, sign_in, alice):
    signed_in = sign_in()
    type(alice).objects.filter(pk=alice.pk).update(is_active=False)
    flow.browser.post("/accounts/logout/")
    type(alice).objects.filter(pk=alice.pk).update(is_active=True)
    assert signed_in.now == OVER


@pytest.mark.urls("tests.urls")
@pytest.mark.parametrize("how", ["page", "place", "not_me", "admin"])
def test_app_that_loses_its_access_is_told(flow, sign_in, admin, how):
    signed_in = sign_in(scope="openid read offline_access")
    client = signed_in.client.row
    if how == "page":
        post_form(flow.browser, f"/connected-apps/{client.pk}/end", {})
    elif how == "place":
        post_form(flow.browser, f"/connected-apps/{client.pk}/", {"place": str(Grant.objects.get().pk)})
    elif how == "not_me":
        post_form(Browser(), urlsplit(not_me.link(Consent.objects.get())).path, {})
    else:
        chosen = {"action": "revoke_selected", "_selected_action": str(Consent.objects.get().pk)}
        admin.post("/admin/oauth_provider/consent/", {**chosen, "confirmed": "yes"})
    assert signed_in.now == OVER


@pytest.mark.urls("tests.urls")
def test_one_of_two_grants_of_a_sign_in_ends_and_the_app_stays_signed_in(flow, sign_in):
    first, again = sign_in(), sign_in()
    grants = Grant.objects.order_by("created_at")
    address = f"/connected-apps/{first.client.row.pk}/"
    post_form(flow.browser, address, {"place": str(grants[0].pk)})
    assert again.now == ALIVE
    post_form(flow.browser, address, {"place": str(grants[1].pk)})
    assert again.now == OVER


@pytest.mark.urls("tests.urls")
def test_signing_out_everywhere_tells_every_app_and_this_browser_begins_another_session(flow, sign_in):
    signed_in = sign_in()
    answer = post_form(flow.browser, "/connected-apps/sign-out-everywhere", {"password": "alice-password"})
    assert query_of(answer["Location"])["done"] == "everywhere"
    assert signed_in.now == OVER
    assert flow.browser.get("/connected-apps/").status_code == 200
    # A message about the old one that comes late must not end the new sign-in.
    assert sign_in().sid != signed_in.sid
