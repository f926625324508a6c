"""For the tests of a site: call your own API as an app, with a real token through the real authentication."""

from __future__ import annotations

from oauth_provider.testing.app_client import AppClient, as_app
from oauth_provider.testing.fake_issuer import FakeIssuer

__all__ = ["AppClient", "FakeIssuer", "as_app"]
