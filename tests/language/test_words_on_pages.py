"""Every word of ours on every page is in the reader's language: in German, and in a pseudo-locale that tells."""

from __future__ import annotations

import re
from pathlib import Path

import django
import polib
import pytest

from tests.language import catalogues, pseudo, words

pytestmark = pytest.mark.django_db

_BETWEEN = re.compile(r"%\(\w+\)[a-z]|%[sd]|\{\w*\}|<[^>]+>")
_LATIN = re.compile(r"[A-Za-z]{2,}")
_SHORTEST = 12
_ENGLISH = "locale/en/LC_MESSAGES/django.po"
# The client's name, the site, and the scopes as the settings name them.
_KNOWN_ON_PAGES = re.compile("Notes for (Web|Desktop|TV)|provider.example|(Read|Change) your notes")
# Names, ids and what a scope, a claim or an algorithm is called; the keys of an audit event's detail; what Django says
# in English there.
_KNOWN_IN_THE_ADMIN = re.compile(
    r"Notes|root|alice|OAuth support|Read your notes|Change your notes|Ask about tokens|JWT|\.?codename"
    r"|https?:[\w/.]*|oauth:\w+\.\w+|openid|introspection|read|write|app_label|authorization_code|refresh_token|code"
    r"|c_\w{24}|…\w{4}|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|/CB/|/cb|\b(hint|profile|source|status):?|active|web"
    r"|at_hash|auth_time|exp|grant_id|iat|jti|\bsid\b|^\w{4}$|^(email|address|phone|groups)(?= – )|^([ERP]S256|EdDSA)$"
    r"|Grafana|GitLab|Nextcloud|Argo CD"
)


def english_only() -> dict[str, str]:
    """Fragments of our English sentences, as they would stand on a page, that no German sentence of ours contains."""
    po = polib.pofile(str(catalogues.po_of("de")))
    german = "\n".join(text for entry in po for _source, text in catalogues.pairs_of(entry))
    fragments = {}
    for entry in po:
        for source in filter(None, (entry.msgid, entry.msgid_plural)):
            for piece in _BETWEEN.split(source):
                text = " ".join(piece.split()).strip(" .,:;")
                if len(text) >= _SHORTEST and " " in text and text not in german:
                    fragments[text] = entry.msgid
    return fragments


def assert_german(pages: dict[str, str]) -> None:
    english = english_only()
    left = [
        (name, text)
        for name, page in pages.items()
        for text in words.read(page)
        if any(fragment in text for fragment in english)
    ]
    assert left == []


def test_pages_of_people_are_in_german(speak, people_pages):
    speak("de")
    pages = people_pages()
    assert_german(pages)
    for name, page in pages.items():
        assert '<html lang="de" dir="ltr">' in page, name


def test_pages_of_the_admin_are_in_german(speak, admin_pages):
    speak("de")
    assert_german(admin_pages())


def of_django() -> re.Pattern[str]:
    """What Django's admin says itself: some of it is in no language but English yet."""
    templates = [Path(django.__file__).parent / part / _ENGLISH for part in ("contrib/admin", "conf")]
    template = [entry for path in templates for entry in polib.pofile(str(path))]
    sentences = {entry.msgid for entry in template} | {entry.msgid_plural for entry in template} - {""}
    # One that is little more than a placeholder would be every text there is.
    telling = [one for one in sentences if "%" not in one or len(_BETWEEN.sub("", one).strip()) >= len("Search")]
    return re.compile("|".join(".+".join(map(re.escape, _BETWEEN.split(one))) for one in telling))


def unmarked(pages: dict[str, str], known: re.Pattern[str]) -> list[tuple[str, str]]:
    """Texts with Latin letters in them that are neither data nor Django's."""
    django_says = of_django()
    return [
        (name, text)
        for name, page in pages.items()
        for text in words.read(page)
        if _LATIN.search(known.sub("", text)) and not django_says.fullmatch(text)
    ]


def test_a_sentence_nobody_marked_is_found():
    page = "<h1>ابجد</h1><p>Nobody marked this, <bdi>Ada</bdi>.</p><p lang='en'>wire</p><a title='Nor this'>ابجد</a>"
    found = [text for _name, text in unmarked({"page": page}, _KNOWN_IN_THE_ADMIN)]
    assert found == ["Nobody marked this,", "Nor this"]


def test_pages_of_people_have_no_word_that_was_not_marked(speak, people_pages):
    speak(pseudo.LANGUAGE)
    pages = people_pages()
    for name, page in pages.items():
        assert '<html lang="ar" dir="rtl">' in page, name
    assert unmarked(pages, _KNOWN_ON_PAGES) == []


def test_pages_of_the_admin_have_no_word_that_was_not_marked(speak, admin_pages):
    speak(pseudo.LANGUAGE)
    pages = admin_pages()
    assert unmarked(pages, _KNOWN_IN_THE_ADMIN) == []
