"""Look-ups that decide read the database that is written to, whatever a site's router says of reading."""

from __future__ import annotations

import pytest
from django.test import Client as Browser

from oauth_provider.models import AuditEvent, Consent, Grant
from tests.flow import userinfo

pytestmark = pytest.mark.django_db


class Replica:
    """A site that reads from a replica which here does not even exist: whoever reads there fails."""

    def db_for_read(self, model, **hints):
        return "replica" if model._meta.app_label == "oauth_provider" else None

    def db_for_write(self, model, **hints):
        return "default"


def test_whole_flow_never_reads_from_the_replica(settings, flow, conf_client):
    settings.DATABASE_ROUTERS = [Replica()]
    tokens = flow.tokens(conf_client, scope="openid read")
    assert userinfo(tokens["access_token"]).status_code == 200
    assert Browser().get("/jwks").status_code == 200
    assert (Grant.objects.count(), Consent.objects.count()) == (1, 1)
    assert Grant.objects.db == "default"
    assert AuditEvent.objects.db == "replica"
