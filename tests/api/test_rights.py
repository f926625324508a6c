"""Each operation × its scope × its permissions: whoever holds everything else is refused."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Permission
from django.test import Client as Browser
from django.utils import timezone
from oauth2_provider.models import get_access_token_model

from oauth_provider.api import openapi
from oauth_provider.api.urls import urlpatterns
from oauth_provider.models import AuditEvent, Client, ClientSecret, Consent, Grant
from oauth_provider.testing import as_app
from tests.api.conftest import SCOPES, Api, problem
from tests.flow import machine_token

READ, WRITE, SECRETS = "oauth:clients.read", "oauth:clients.write", "oauth:secrets.write"
GRANTS, END = "oauth:grants.read", "oauth:grants.write"
NEW = {"name": "New", "profile": "machine", "draft": True}
WHY = {"why": "so"}
READS = {"scopes": ["read"]}
URI = {"redirect_uri": "https://x.example/cb"}

# operation: method, address, body, scope, permissions, the state the client is in
OPERATIONS: dict[str, tuple[str, str, Any, str, tuple[str, ...], str]] = {
    "list_clients": ("GET", "clients", None, READ, ("view_client",), "active"),
    "register_client": ("POST", "clients", NEW, WRITE, ("add_client",), "active"),
    "get_client": ("GET", "clients/{client}", None, READ, ("view_client",), "active"),
    "change_client": ("PATCH", "clients/{client}", {"name": "N"}, WRITE, ("change_client",), "active"),
    "delete_client": ("DELETE", "clients/{client}", None, WRITE, ("delete_client",), "archived"),
    "explain_client_profile": ("GET", "clients/{client}/profile", None, READ, ("view_client",), "active"),
    "match_redirect_uri": ("POST", "clients/{client}/match-redirect-uri", URI, READ, ("view_client",), "active"),
    "suspend_client": ("POST", "clients/{client}/suspend", None, WRITE, ("suspend_client",), "active"),
    "reactivate_client": ("POST", "clients/{client}/reactivate", None, WRITE, ("suspend_client",), "suspended"),
    "archive_client": ("POST", "clients/{client}/archive", None, WRITE, ("suspend_client",), "active"),
    "restore_client": (
        "POST", "clients/{client}/restore", None, WRITE, ("suspend_client", "approve_client"), "archived",
    ),
    "revoke_client_access": ("POST", "clients/{client}/revoke-access", None, END, ("revoke_grant",), "active"),
    "submit_client": ("POST", "clients/{client}/submit", READS, WRITE, ("change_client",), "draft"),
    "approve_client": ("POST", "clients/{client}/approve", READS, WRITE, ("approve_client",), "submitted"),
    "send_back_client": ("POST", "clients/{client}/send-back", WHY, WRITE, ("approve_client",), "submitted"),
    "list_secrets": ("GET", "clients/{client}/secrets", None, READ, ("view_client",), "active"),
    "add_secret": ("POST", "clients/{client}/secrets", {}, SECRETS, ("rotate_secret",), "active"),
    "revoke_secret": (
        "POST", "clients/{client}/secrets/{secret}/revoke", {"even_if_last": True}, SECRETS, ("rotate_secret",),
        "active",
    ),
    "list_consents": ("GET", "consents", None, GRANTS, ("view_consent",), "active"),
    "withdraw_consent": ("POST", "consents/{consent}/withdraw", None, END, ("revoke_grant",), "active"),
    "list_grants": ("GET", "grants", None, GRANTS, ("view_grant",), "active"),
    "get_grant": ("GET", "grants/{grant}", None, GRANTS, ("view_grant",), "active"),
    "revoke_grant": ("POST", "grants/{grant}/revoke", None, END, ("revoke_grant",), "active"),
    "list_events": ("GET", "events", None, "oauth:events.read", ("view_event",), "active"),
    "get_stats": ("GET", "stats?period=24h", None, "oauth:stats.read", ("view_client", "view_event"), "active"),
}  # fmt: skip
OF_ANY_SCOPE = {"get_schema"}


@pytest.fixture
def run(web, bob):
    """`run(api, "suspend_client")`: the operation on a client that is in the state for it."""
    consent = Consent.objects.create(user=bob, client=web, scopes=["read"])
    grant = Grant.objects.create(
        client=web, user=bob, subject="u_1", scopes=["read"], expires_at=timezone.now() + timedelta(days=1)
    )
    secret = ClientSecret.objects.get(client=web)
    places = {"client": web.client_id, "secret": secret.pk, "consent": consent.pk, "grant": grant.pk}

    def call(api: Api, operation: str) -> Any:
        method, path, body, _scope, _permissions, state = OPERATIONS[operation]
        Client.objects.filter(pk=web.pk).update(status=state)
        return api(method, path.format(**places), body)

    return call


def test_every_operation_of_the_description_is_in_the_table():
    described = openapi.document(urlpatterns, mounted_at="/")
    operations = {
        operation["operationId"]: operation["security"]
        for methods in described["paths"].values()
        for operation in methods.values()
    }
    assert operations.keys() == OPERATIONS.keys() | OF_ANY_SCOPE
    for name, (_method, _path, _body, scope, _permissions, _state) in OPERATIONS.items():
        assert operations[name] == [{"oauth2": [scope]}]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_token_of_a_superuser_with_every_other_scope_is_refused(run, person, admin_user, operation):
    scope = OPERATIONS[operation][3]
    api = person(admin_user, *(name for name in SCOPES if name != scope))
    before = AuditEvent.objects.count()
    refused = run(api, operation)
    body = problem(refused, 403, "insufficient_scope")
    assert body["required"] == [scope]
    assert f'scope="{scope}"' in refused["WWW-Authenticate"]
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize(
    ("operation", "permission"),
    [(name, permission) for name, row in OPERATIONS.items() for permission in row[4]],
)
def test_person_with_every_other_permission_is_refused(run, person, staff, operation, permission):
    others = Permission.objects.filter(content_type__app_label="oauth_provider").exclude(codename=permission)
    api = person(staff(*others.values_list("codename", flat=True)))
    before = AuditEvent.objects.count()
    body = problem(run(api, operation), 403, "permission_denied")
    assert f"oauth_provider.{permission}" in body["detail"]
    assert AuditEvent.objects.count() == before


@pytest.mark.parametrize("operation", OPERATIONS)
def test_scope_and_permission_are_enough(run, person, staff, operation):
    _method, _path, _body, scope, permissions, _state = OPERATIONS[operation]
    response = run(person(staff(*permissions), scope), operation)
    assert response.status_code in {200, 201, 204}, response.content
    assert response["Cache-Control"] == "no-store"


@pytest.mark.parametrize("operation", OPERATIONS)
def test_machine_needs_the_scope_alone(run, machine, operation):
    assert run(machine(OPERATIONS[operation][3]), operation).status_code in {200, 201, 204}


@pytest.mark.parametrize("operation", OPERATIONS)
def test_machine_with_a_service_account_needs_its_permissions(run, machine, staff, operation):
    problem(run(machine(service_account=staff()), operation), 403, "permission_denied")
    response = run(machine(service_account=staff(*OPERATIONS[operation][4])), operation)
    assert response.status_code in {200, 201, 204}, response.content


@pytest.mark.parametrize("operation", OPERATIONS)
def test_nobody_enters_without_a_token_or_with_a_session(run, admin_user, operation):
    browser = Browser()
    browser.force_login(admin_user)
    method, path, *_rest = OPERATIONS[operation]
    for visitor in (Browser(), browser):
        address = path.format(client="c", secret=1, consent=1, grant=UUID(int=0))
        response = visitor.generic(method, f"/oauth/api/{address}")
        problem(response, 401, "not_authenticated")
        assert response["WWW-Authenticate"].startswith('Bearer realm="management"')


def test_superuser_holds_every_permission_while_they_are_one(run, person, admin_user):
    api = person(admin_user)
    assert run(api, "get_client").status_code == 200
    admin_user.is_superuser = False
    admin_user.save()
    problem(run(api, "get_client"), 403, "permission_denied")


def test_machine_that_is_not_approved_is_refused(run, machine):
    api = machine()
    for state in ("draft", "submitted"):
        Client.objects.filter(pk=api.row.pk).update(status=state)
        body = problem(run(api, "get_client"), 403, "permission_denied")
        assert "approved" in body["detail"]
    for state in ("suspended", "archived"):
        Client.objects.filter(pk=api.row.pk).update(status=state)
        problem(run(api, "get_client"), 401, "invalid_token")


def test_scope_taken_from_the_client_ends_its_power_at_once(run, machine):
    api = machine()
    Client.objects.filter(pk=api.row.pk).update(allowed_scopes=["oauth:clients.write"])
    body = problem(run(api, "get_client"), 403, "permission_denied")
    assert READ in body["detail"]


def test_client_that_may_ask_for_everything_was_never_given_this_api(run, machine):
    """What django-oauth-toolkit's Applications become: they may ask for whatever scopes there are (`*`)."""
    api = machine()
    Client.objects.filter(pk=api.row.pk).update(allowed_scopes=["*"])
    for operation in OPERATIONS:
        problem(run(api, operation), 403, "permission_denied")


def test_token_of_django_oauth_toolkit_opens_nothing(run, machine):
    api = machine()
    get_access_token_model().objects.create(
        token="dot" + "x" * 27,
        application=api.row.application,
        scope=" ".join(SCOPES),
        expires=timezone.now() + timedelta(hours=1),
    )
    Client.objects.filter(pk=api.row.pk).update(allowed_scopes=["*"])
    problem(run(Api("dot" + "x" * 27), "get_client"), 403)


@pytest.mark.parametrize("scope", SCOPES)
def test_description_is_for_whoever_holds_any_scope(machine, scope):
    assert machine(scope).get("schema").json()["openapi"].startswith("3.")


def test_description_is_for_nobody_else(machine_client, person, staff):
    problem(Api(machine_token(machine_client, scope="read").json()["access_token"]).get("schema"), 403)
    problem(person(staff()).get("schema"), 403, "permission_denied")
    assert Browser().get("/oauth/api/schema").status_code == 401


def test_with_several_resources_the_api_belongs_to_the_issuer(settings, machine, web):
    issuer, other = settings.OAUTH_PROVIDER["ISSUER"], "https://api.example"
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {other: "Notes", issuer: "Management"}}
    row = machine().row
    for audience, status in ((issuer, 200), (other, 401)):
        token = as_app(Browser(), scopes=SCOPES, app=row, resource=audience).token
        assert Api(token).get("clients").status_code == status


def test_state_is_looked_at_where_the_site_believes_its_jwts(run, machine, person, staff, settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never"}
    bounded, user = machine(service_account=staff()), staff("view_client")
    problem(run(bounded, "get_client"), 403, "permission_denied")
    free, app = machine(), person(user)
    for api in (free, app):
        assert run(api, "get_client").status_code == 200
    user.user_permissions.clear()
    problem(run(app, "get_client"), 403, "permission_denied")
    Client.objects.filter(pk=free.row.pk).update(status="suspended")
    problem(run(free, "get_client"), 403, "permission_denied")
