"""The logo of an app: kept here, shown from here, and nothing but a picture."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser

from oauth_provider.clients import logo
from oauth_provider.models import AuditEvent, Client, ClientLogo
from tests.flow import Flow, Registered

pytestmark = pytest.mark.django_db

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 40
JPEG = b"\xff\xd8\xff\xe0" + b"\x00" * 40
WEBP = b"RIFF\x20\x00\x00\x00WEBPVP8 " + b"\x00" * 20
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture
def admin(django_user_model: Any) -> Browser:
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root"))
    return browser


def upload(admin: Browser, client: Client, content: bytes, name: str = "logo.png") -> Any:
    picture = SimpleUploadedFile(name, content, content_type="image/png")
    return admin.post(f"/admin/oauth_provider/client/{client.pk}/logo/", {"picture": picture}, follow=True)


def address_on(page: Any) -> str:
    return str(page.content.decode().split('src="/app-logo/', 1)[1].split('"', 1)[0])


@pytest.mark.parametrize(("content", "media_type"), [(PNG, "image/png"), (JPEG, "image/jpeg"), (WEBP, "image/webp")])
def test_picture_given_in_the_admin_stands_on_the_consent_page(
    admin: Browser, flow: Flow, notes: Registered, content: bytes, media_type: str
) -> None:
    assert "The logo is replaced." in upload(admin, notes.row, content).content.decode()
    page = flow.authorize(notes)
    picture = Browser().get(f"/app-logo/{address_on(page)}")
    assert (picture.status_code, picture.content) == (200, content)
    assert picture["Content-Type"] == media_type
    assert "immutable" in picture["Cache-Control"]
    assert picture["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in picture["Content-Security-Policy"]
    assert "Set-Cookie" not in picture
    event = AuditEvent.objects.get(event="client_changed", detail__fields=["logo"])
    assert event.actor == "root"


@pytest.mark.parametrize(
    "content",
    [SVG, b"GIF89a", b"", b"<html>", PNG + b"x" * logo.MOST_BYTES],
    ids=["svg", "gif", "empty", "html", "big"],
)
def test_c64_what_is_no_small_picture_is_refused_and_the_old_one_stays(
    admin: Browser, notes: Registered, content: bytes
) -> None:
    upload(admin, notes.row, PNG)
    page = upload(admin, notes.row, content)
    assert page.status_code == 200
    assert "replaced" not in page.content.decode().split("messagelist", 1)[1].split("</ul>", 1)[0]
    assert bytes(ClientLogo.objects.get().content) == PNG


def test_old_address_is_gone_with_the_picture(admin: Browser, flow: Flow, notes: Registered) -> None:
    upload(admin, notes.row, PNG)
    before = address_on(flow.authorize(notes))
    upload(admin, notes.row, JPEG)
    assert Browser().get(f"/app-logo/{before}").status_code == 404
    answer = admin.post(f"/admin/oauth_provider/client/{notes.row.pk}/logo/", {"remove": "yes"}, follow=True)
    assert "The logo is removed." in answer.content.decode()
    assert not ClientLogo.objects.exists()
    assert "/app-logo/" not in flow.authorize(notes).content.decode()


@pytest.mark.parametrize("address", ["x/0123456789abcdef", "c_1/0123", "c_1/0123456789abcdeg", "../0123456789abcdef"])
def test_address_that_never_was_is_not_found(db: None, address: str) -> None:
    assert Browser().get(f"/app-logo/{address}").status_code == 404


def test_who_may_not_change_clients_changes_no_logo(notes: Registered, django_user_model: Any) -> None:
    browser = Browser()
    browser.force_login(django_user_model.objects.create_user("clerk", is_staff=True))
    assert upload(browser, notes.row, PNG).status_code == 403
    assert not ClientLogo.objects.exists()
