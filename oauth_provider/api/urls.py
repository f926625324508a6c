"""The URLs: `path("oauth/api/", include("oauth_provider.api.urls"))`. With and without trailing slash, no redirect."""

from __future__ import annotations

from typing import Any

from django.urls import URLPattern, re_path

from oauth_provider.api.client_status import (
    Approve,
    Archive,
    Reactivate,
    Restore,
    RevokeAccess,
    SendBack,
    Submit,
    Suspend,
)
from oauth_provider.api.clients import ClientProfile, Clients, MatchRedirectUri, OneClient
from oauth_provider.api.consents import Consents, WithdrawConsent
from oauth_provider.api.events import Events
from oauth_provider.api.grants import Grants, OneGrant, RevokeGrant
from oauth_provider.api.schema import Schema
from oauth_provider.api.secrets import RevokeSecret, Secrets
from oauth_provider.api.stats import Stats
from oauth_provider.api.view import NotServed

app_name = "oauth_provider_api"

_CLIENT = r"clients/(?P<client_id>[^/]+)"
# As many digits as a key of the database may have, whatever stands behind them is found by nobody.
_KEY = r"[0-9]{1,18}"
_UUID = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"


def _at(route: str, view: Any, name: str) -> list[URLPattern]:
    # The one with a slash is no other address: the description leaves it out.
    return [re_path(rf"^{route}$", view.as_view(), name=name), re_path(rf"^{route}/$", view.as_view(schema=None))]


urlpatterns = [
    *_at("clients", Clients, "clients"),
    *_at(_CLIENT, OneClient, "client"),
    *_at(f"{_CLIENT}/profile", ClientProfile, "client-profile"),
    *_at(f"{_CLIENT}/match-redirect-uri", MatchRedirectUri, "match-redirect-uri"),
    *_at(f"{_CLIENT}/suspend", Suspend, "suspend"),
    *_at(f"{_CLIENT}/reactivate", Reactivate, "reactivate"),
    *_at(f"{_CLIENT}/archive", Archive, "archive"),
    *_at(f"{_CLIENT}/restore", Restore, "restore"),
    *_at(f"{_CLIENT}/revoke-access", RevokeAccess, "revoke-access"),
    *_at(f"{_CLIENT}/submit", Submit, "submit"),
    *_at(f"{_CLIENT}/approve", Approve, "approve"),
    *_at(f"{_CLIENT}/send-back", SendBack, "send-back"),
    *_at(f"{_CLIENT}/secrets", Secrets, "secrets"),
    *_at(rf"{_CLIENT}/secrets/(?P<secret>{_KEY})/revoke", RevokeSecret, "revoke-secret"),
    *_at("consents", Consents, "consents"),
    *_at(rf"consents/(?P<consent>{_KEY})/withdraw", WithdrawConsent, "withdraw-consent"),
    *_at("grants", Grants, "grants"),
    *_at(rf"grants/(?P<grant>{_UUID})", OneGrant, "grant"),
    *_at(rf"grants/(?P<grant>{_UUID})/revoke", RevokeGrant, "revoke-grant"),
    *_at("events", Events, "events"),
    *_at("stats", Stats, "stats"),
    *_at("schema", Schema, "schema"),
    re_path(r"", NotServed.as_view(), name="not-served"),
]
