"""Schemathesis over the whole API: no 5xx (AS29), and every answer is as the description says.

Each input is sent twice: as generated, and with the ids of things that exist. Each runs in a savepoint, so that one
may not prepare the next. `FUZZ=long` for a night.
"""

from __future__ import annotations

import os
from datetime import timedelta

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from oauth_provider.api import openapi
from oauth_provider.api.urls import urlpatterns
from oauth_provider.models import ClientSecret, Consent, Grant

pytestmark = [pytest.mark.fuzz, pytest.mark.slow, pytest.mark.django_db]

SCHEMA = schemathesis.openapi.from_dict(openapi.document(urlpatterns, mounted_at="/oauth/api"))
SCHEMA.app = get_wsgi_application()
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
    openapi_checks.negative_data_rejection,
    openapi_checks.unsupported_method,
]
LONG = os.environ.get("FUZZ") == "long"


@pytest.fixture
def caller(machine, web, alice, settings):
    """The headers of a caller who may do everything, and the ids of what there is."""
    settings.DEBUG_PROPAGATE_EXCEPTIONS = False
    consent = Consent.objects.create(client=web, user=alice, scopes=["read"])
    grant = Grant.objects.create(
        client=web, user=alice, consent=consent, subject="u_1", expires_at=timezone.now() + timedelta(days=1)
    )
    ids = {
        "client_id": web.client_id,
        "secret": str(ClientSecret.objects.get(client=web).pk),
        "consent": str(consent.pk),
        "grant": str(grant.pk),
    }
    headers = {"Authorization": f"Bearer {machine().token}"}
    # The test's transaction must not end with a request; Django's own test client sees to that for its requests.
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield headers, ids
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@SCHEMA.parametrize()
@settings(
    max_examples=2_000 if LONG else 12,
    deadline=None,
    database=None,
    phases=set(Phase) if LONG else {Phase.explicit, Phase.generate},
    suppress_health_check=list(HealthCheck),
)
def test_no_input_gives_a_5xx_and_answers_are_as_described_AS29(case, caller):
    headers, ids = caller
    generated, real = case.path_parameters, {name: ids[name] for name in case.path_parameters}
    for path_parameters in [generated, real] if real else [generated]:
        case.path_parameters = path_parameters
        with transaction.atomic():
            case.call_and_validate(headers=headers, checks=CHECKS)
            transaction.set_rollback(True)
