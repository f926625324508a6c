"""A site's test that allows no statement, in a process in which another has left a stamp."""

from __future__ import annotations

import time

from django.conf import settings
from django.test import SimpleTestCase, override_settings

from oauth_provider.clients import usage
from oauth_provider.models import Client


class StampsOfOtherTests(SimpleTestCase):
    def test_request_is_answered_and_the_stamp_lost(self):
        usage.note(Client(pk=1), None)
        usage._waiting_since = time.monotonic() - 120
        with override_settings(OAUTH_PROVIDER={**settings.OAUTH_PROVIDER, "LAST_USED_SECONDS": 60}):
            assert self.client.get("/.well-known/oauth-authorization-server").status_code == 200
        assert not usage._clients
