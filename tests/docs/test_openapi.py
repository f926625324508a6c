"""docs/openapi.md: the view it shows is described as it says."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.urls import path
from drf_spectacular.generators import SchemaGenerator

from oauth_provider.models import Client
from tests.docs.markdown import ROOT, blocks

PAGE = ROOT / "docs" / "openapi.md"
BLOCKS = list(blocks(PAGE))


def block(words: str) -> str:
    (found,) = [each.code for each in BLOCKS if words in each.code]
    return found


def test_view_is_described_as_the_page_says(settings):
    told: dict[str, Any] = {"REST_FRAMEWORK": dict(settings.REST_FRAMEWORK), "INSTALLED_APPS": []}
    exec(block('["DEFAULT_SCHEMA_CLASS"]'), told)  # noqa: S102  a block of ours
    settings.REST_FRAMEWORK = told["REST_FRAMEWORK"]
    exec(block("class NotesView"), told)  # noqa: S102
    patterns = [path("notes", told["NotesView"].as_view())]
    document = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)
    said = json.loads(block('"x-oauth-alternatives"'))
    assert {name: document["paths"]["/notes"]["get"][name] for name in said} == said


@pytest.mark.django_db
def test_client_of_swagger_ui_is_public():
    exec(block("Client.objects.register"), {})  # noqa: S102
    client = Client.objects.get()
    assert (client.auth_method, client.profile) == ("none", "spa")
