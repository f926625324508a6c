"""docs/look-and-language.md, followed: its template, its stylesheet and its settings make the pages it promises."""

from __future__ import annotations

import re

import pytest

from oauth_provider.conf import NAMES
from tests.docs.markdown import ROOT, blocks, section
from tests.language import words

PAGE = ROOT / "docs" / "look-and-language.md"
BRANDED = ROOT / "tests" / "site" / "branded"
STYLES = (ROOT / "oauth_provider" / "static" / "oauth_provider" / "provider.css").read_text(encoding="utf-8")


def code(title: str, language: str) -> str:
    (found,) = (block.code for block in blocks(PAGE, text=section(PAGE, title)) if block.language == language)
    return found


def settings_of(text: str) -> dict[str, object]:
    values: dict[str, object] = {}
    exec(text, values)  # noqa: S102  the documentation's own settings
    return values["OAUTH_PROVIDER"]


def test_template_and_stylesheet_are_those_the_browser_tests_look_at():
    """tests/browser/test_own_look.py opens the site whose files these are."""
    template = BRANDED / "templates" / "oauth_provider" / "base.html"
    assert code("Inside your own page", "html") == template.read_text(encoding="utf-8")
    stylesheet = BRANDED / "static" / "acme" / "provider.css"
    assert code("Colours, corners, type", "css") == stylesheet.read_text(encoding="utf-8")


def test_every_property_it_names_is_one():
    named = set(re.findall(r"--op-[a-z-]+", PAGE.read_text(encoding="utf-8")))
    assert named <= set(re.findall(r"(--op-[a-z-]+):", STYLES))


@pytest.mark.django_db
def test_pages_csp_as_written_adds_its_sources(settings, flow, conf_client):
    wanted = settings_of(code("Pictures, fonts and styles from elsewhere", "python"))
    assert set(wanted) <= set(NAMES)
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **wanted}
    policy = flow.authorize(conf_client)["Content-Security-Policy"]
    assert "style-src 'self' https://static.acme.example" in policy
    assert "font-src https://static.acme.example" in policy
    assert "form-action 'self'" in policy


@pytest.mark.django_db
def test_scopes_as_written_are_read_on_the_page(settings, flow, conf_client):
    wanted = settings_of(code("Languages", "python"))
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **wanted}
    conf_client.row.allowed_scopes = ["notes:read", "notes:write"]
    conf_client.row.default_scopes = []
    conf_client.row.save()
    page = words.read(flow.authorize(conf_client, scope="notes:read notes:write").content.decode())
    assert {"Read your notes", "Change your notes", "Add, change and delete notes."} <= set(page)
