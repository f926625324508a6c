"""docs/connected-apps.md: its template renders, its rooms take what it says, its templates exist."""

from __future__ import annotations

import inspect
import re

import pytest
from django.template import Context, Template
from django.template.loader import get_template
from django.urls import reverse

from oauth_provider.consent import not_me, permissions
from oauth_provider.tokens import revoke
from tests.docs.markdown import ROOT, blocks

PAGE = ROOT / "docs" / "connected-apps.md"
TEXT = PAGE.read_text(encoding="utf-8")


@pytest.mark.django_db
def test_template_block_gives_two_links(alice):
    (block,) = [block for block in blocks(PAGE) if block.language == "html"]
    rendered = Template(block.code).render(Context({"user": alice}))
    address = reverse("oauth_provider:connected-apps")
    assert re.findall(r"<a [^>]*>[^<]*</a>", rendered) == [
        f'<a href="{address}">Connected apps</a>',
        f'<a href="{address}" class="menu-item">Your apps</a>',
    ]


def test_rooms_take_a_person_an_app_and_where_it_was_asked():
    assert {"user", "client", "scope", "source"} <= set(inspect.signature(permissions.leave_out).parameters)
    assert {"user", "client", "reason", "source"} <= set(inspect.signature(revoke.end_app).parameters)


def test_templates_it_names_exist():
    names = [f"connected_apps/{name}.html" for name in ("list", "detail", "end", "everywhere")]
    names += ["not_me/ask.html", "not_me/ended.html", "email/app_connected.txt", "email/app_connected.html"]
    for name in names:
        get_template(f"oauth_provider/{name}")


def test_days_it_says_are_the_links():
    assert f"It works for {not_me.LIFETIME.days} days" in TEXT


def test_names_the_mail_gets_are_all_said(flow, conf_client, django_capture_on_commit_callbacks, settings, tmp_path):
    said = re.search(r"The names they get are (.*?)\.\n", TEXT)[1]
    names = re.findall(r"`(\w+)`", said)
    folder = tmp_path / "oauth_provider" / "email"
    folder.mkdir(parents=True)
    probe = "\n".join(f"{name}={{% if {name} is None %}}missing{{% else %}}there{{% endif %}}" for name in names)
    (folder / "app_connected.txt").write_text(f"Subject\n{probe}")
    settings.TEMPLATES = [{**settings.TEMPLATES[0], "DIRS": [tmp_path]}]
    from django.core import mail

    with django_capture_on_commit_callbacks(execute=True):
        flow.tokens(conf_client)
    assert mail.outbox[0].subject == "Subject"
    assert "missing" not in mail.outbox[0].body
    assert mail.outbox[0].body.count("there") == len(names)
