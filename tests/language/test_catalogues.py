"""The catalogues: complete, with the same placeholders and tags, compiled, and of the words the source has now."""

from __future__ import annotations

import shutil
from pathlib import Path

import django
import polib
import pytest

from tests.language import catalogues

everywhere = pytest.mark.parametrize("language", catalogues.COMPLETE)


@everywhere
def test_every_message_is_translated_and_none_is_a_guess(language):
    po = polib.pofile(str(catalogues.po_of(language)))
    assert [entry.msgid for entry in po.untranslated_entries()] == []
    assert [entry.msgid for entry in po.fuzzy_entries()] == []
    assert [entry.msgid for entry in po.obsolete_entries()] == []
    assert po.metadata["Language"] == language
    assert not po.metadata_is_fuzzy


@everywhere
def test_placeholders_and_tags_are_those_of_the_source(language):
    """A lost placeholder says less, an invented one raises where the page is made, a lost tag breaks the page."""
    wrong = [
        (source, text)
        for entry in polib.pofile(str(catalogues.po_of(language)))
        for source, text in catalogues.pairs_of(entry)
        if catalogues.placeholders(source) != catalogues.placeholders(text)
        or catalogues.tags(source) != catalogues.tags(text)
    ]
    assert wrong == []


@everywhere
def test_catalogue_has_the_words_of_the_template(language):
    ours = {catalogues.key_of(entry) for entry in polib.pofile(str(catalogues.po_of(language)))}
    assert ours == {catalogues.key_of(entry) for entry in polib.pofile(str(catalogues.TEMPLATE))}


@everywhere
def test_compiled_catalogue_is_what_the_text_says(language):
    path = catalogues.po_of(language)
    written = {(*catalogues.key_of(e), e.msgstr, *sorted(e.msgstr_plural.items())) for e in polib.pofile(str(path))}
    compiled = polib.mofile(str(path.with_suffix(".mo")))
    assert {(*catalogues.key_of(e), e.msgstr, *sorted(e.msgstr_plural.items())) for e in compiled} == written


def test_template_holds_no_words_of_its_own():
    template = polib.pofile(str(catalogues.TEMPLATE))
    assert template.translated_entries() == []
    assert template.fuzzy_entries() == []


@pytest.mark.skipif(shutil.which("xgettext") is None, reason="gettext is not installed")
def test_template_has_the_words_the_source_has_now(tmp_path):
    """`make messages` was run since the last sentence changed."""
    now = {catalogues.key_of(entry) for entry in catalogues.extract(tmp_path)}
    assert now == {catalogues.key_of(entry) for entry in polib.pofile(str(catalogues.TEMPLATE))}


@everywhere
def test_words_that_django_has_too_are_translated_as_django_does(language):
    """An app's catalogue wins over Django's for the whole site: the site's own admin must not change its words."""
    ours = {catalogues.key_of(entry)[:2]: entry for entry in polib.pofile(str(catalogues.po_of(language)))}
    different = [
        (entry.msgid, entry.msgstr, ours[key].msgstr)
        for path in Path(django.__file__).parent.glob(f"**/locale/{language}/LC_MESSAGES/django.po")
        for entry in polib.pofile(str(path)).translated_entries()
        if (key := catalogues.key_of(entry)[:2]) in ours
        and catalogues.pairs_of(entry) != catalogues.pairs_of(ours[key])
    ]
    assert different == []
