from __future__ import annotations

import pytest
from django.conf import settings
from django.test import override_settings

from oauth_provider import targets
from oauth_provider.scopes import Scope
from tests.checks.sites import AT_ROOT, found
from tests.orgs.models import Org


@pytest.fixture(autouse=True)
def _mounted():
    with override_settings(ROOT_URLCONF=AT_ROOT):
        yield


@pytest.mark.parametrize(("kind", "is_known"), [("organization", True), ("organisation", False)])
def test_E026_a_scope_names_a_kind_that_nobody_declares(kind, is_known):
    scopes = {"notes": Scope("notes", "Notes", targets=(kind,))}
    with override_settings(OAUTH_PROVIDER={**settings.OAUTH_PROVIDER, "SCOPES": scopes}):
        assert ("E026" in found()) is not is_known
        if not is_known:
            assert "'organisation'" in found()["E026"]
            assert "there are organization" in found()["E026"]


@pytest.mark.parametrize(
    ("given", "is_searchable"),
    [
        ({"label": "name"}, True),
        ({"label": lambda org: org.name, "search": ("name",)}, True),
        ({"label": lambda org: org.name}, False),
        ({"label": "pk"}, False),
        ({}, False),
    ],
)
def test_W021_a_kind_that_the_picker_cannot_search(monkeypatch, given, is_searchable):
    target = targets.GrantTarget("other", model=Org, queryset=lambda user: Org.objects.filter(members=user), **given)
    monkeypatch.setitem(targets._DISCOVERED, "other", target)
    assert ("W021" in found()) is not is_searchable
