from __future__ import annotations

import json
from io import StringIO

from django.core.management import call_command
from django.utils import translation
from drf_spectacular.validation import validate_schema

from oauth_provider.api import openapi, scopes
from oauth_provider.api.urls import urlpatterns
from tests.api.conftest import SCOPES


def test_description_is_valid_and_complete_without_a_warning(settings):
    out = StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    described = json.loads(out.getvalue())
    assert "/oauth/api/clients/{client_id}/secrets" in described["paths"]
    assert not [path for path in described["paths"] if path.endswith("/")]


def test_description_is_served_with_its_place_and_the_scopes(machine):
    described = machine().get("schema").json()
    validate_schema(described)
    assert described["servers"] == [{"url": "/oauth/api"}]
    assert "/clients" in described["paths"]
    scheme = described["components"]["securitySchemes"]["oauth2"]
    assert scheme["flows"]["clientCredentials"]["tokenUrl"] == "https://provider.example/token"
    assert set(scheme["flows"]["clientCredentials"]["scopes"]) == set(SCOPES)
    assert described["paths"]["/clients"]["post"]["security"] == [{"oauth2": [scopes.CLIENTS_WRITE.name]}]


def test_each_language_has_a_description_of_its_own():
    def sentence(language):
        with translation.override(language):
            document = openapi.document(urlpatterns, mounted_at="/")
        return document["components"]["securitySchemes"]["oauth2"]["flows"]["clientCredentials"]["scopes"][
            scopes.CLIENTS_READ.name
        ]

    assert sentence("de") != sentence("en")
    assert sentence("en") == sentence("en")


def test_every_refusal_is_described_as_a_problem(machine):
    for methods in machine().get("schema").json()["paths"].values():
        for operation in methods.values():
            for status, answer in operation["responses"].items():
                if status >= "400":
                    assert list(answer["content"]) == ["application/problem+json"]
            assert {"400", "401", "403", "406", "429"} <= operation["responses"].keys()
