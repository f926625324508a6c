"""Every argument of a client, through every door there is and back: a new one is added to the tables here, or fails.

`VALUES` has one of each that is no default. What a door does not take stands in `NOT_AT`, with why.
"""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
import tomli_w
from django.contrib.auth.models import Group, Permission
from django.test import Client as Browser

from oauth_provider.clients import change, metadata, metadata_fields
from oauth_provider.models import Client, ClientOwner
from oauth_provider.transfer.declarative import entry, fields
from tests.admin.filled import base, form_of
from tests.api.conftest import SCOPES, Api
from tests.commands.clients_file import named, run
from tests.documents.published import URL, Ask, Published
from tests.flow import Registered, machine_token
from tests.internet import http
from tests.register import WEB, client_of, get, put, registered

pytestmark = pytest.mark.django_db

VALUES: dict[str, Any] = {
    "name": "Everything",
    "redirect_uris": ["https://app.example/cb", "https://app.example/cb?x=1"],
    "origins": ["https://app.example"],
    "scopes": ["openid", "read"],
    "default_scopes": ["read"],
    "optional_scopes": ["read"],
    "purposes": {"read": "To show your notes."},
    "resources": ["https://notes.example"],
    "resource_server_for": ["https://notes.example"],
    "auth_method": "client_secret_post",
    "grant_types": ["authorization_code"],
    "response_types": ["code", "id_token token"],
    "require_pkce": False,
    "token_format": "opaque",
    "is_agent": True,
    "access_token_lifetime": 60,
    "refresh_token_idle_lifetime": 3600,
    "refresh_token_absolute_lifetime": 7200,
    "refresh_token_leeway": 0,
    "id_token_signed_response_alg": "ES256",
    "userinfo_signed_response_alg": "RS256",
    "claims_in_id_token": True,
    "subject_type": "pairwise",
    "sector_identifier_uri": "https://sector.example/list.json",
    "told_groups": ["Editors"],
    "default_max_age": 0,
    "require_auth_time": True,
    "default_acr_values": ["gold", "silver"],
    "initiate_login_uri": "https://app.example/start?x=1",
    "post_logout_redirect_uris": ["https://app.example/out", "http://127.0.0.1:8000/out"],
    "backchannel_logout_uri": "https://app.example/logout",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://app.example/frame",
    "frontchannel_logout_session_required": True,
    "policy_uri": "https://app.example/privacy",
    "tos_uri": "https://app.example/terms",
    "client_uri": "https://app.example/",
    "logo_uri": "https://app.example/logo.png",
    "contacts": ["dev@app.example"],
    "software_id": "every-1",
    "software_version": "2.0",
    "allowed_users": "groups",
    "allowed_groups": ["Editors"],
    "allowed_permission": "auth.add_user",
    "allowed_function": "paying",
    "owners": ["alice"],
    "service_account": "alice",
}
# What nobody may say of themselves: what they may have, who they are, and how the site treats them.
_OURS = {
    *("optional_scopes", "purposes", "resources", "resource_server_for", "default_scopes", "require_pkce", "is_agent"),
    "response_types",
    *("token_format", "access_token_lifetime", "refresh_token_idle_lifetime", "refresh_token_absolute_lifetime"),
    *("refresh_token_leeway", "claims_in_id_token", "told_groups", "allowed_users", "allowed_groups"),
    *("allowed_permission", "allowed_function", "owners", "service_account", "origins"),
}
NOT_AT = {
    # Decided when the client is registered (AS25), and who could name an account would act as that person.
    "admin": {"auth_method", "grant_types", "service_account", "software_id", "software_version"},
    "api": {"service_account"},
    "registration": _OURS,
    # It has no secret; the rest is not served for clients that are known by an address.
    "document": _OURS
    | {"subject_type", "sector_identifier_uri"}
    | {"auth_method", "id_token_signed_response_alg", "userinfo_signed_response_alg", "default_max_age"}
    | {"require_auth_time"},
}


def expected(door: str = "") -> dict[str, Any]:
    return {name: value for name, value in VALUES.items() if name not in NOT_AT.get(door, ())}


@pytest.fixture(autouse=True)
def site(settings, alice, internet):
    internet.site("sector.example", http(json.dumps([*VALUES["redirect_uris"], "https://bare.example/cb"]).encode()))
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "RESOURCES": {"https://notes.example": "Notes"},
        "ACR_VALUES": ["silver", "gold"],
        "ALLOWED_USERS_FUNCTIONS": {"paying": "tests.commands.clients_file.named"},
        "CLIENT_ID_METADATA_HOSTS": ["app.example"],
        "REGISTRATION_SCOPES": ["openid", "read"],
        "DYNAMIC_REGISTRATION": "open",
        "DEFAULT_SCOPES": ["write"],
        "LEGACY_RESPONSE_TYPES": ["id_token token"],
    }
    return Group.objects.create(name="Editors")


def arguments(site: Group, alice: Any) -> dict[str, Any]:
    """The values as Python has them."""
    return {**VALUES, "allowed_groups": [site], "owners": [alice], "service_account": alice}


def plain(value: Any) -> Any:
    if isinstance(value, tuple | list):
        return [plain(one) for one in value]
    return value.name if isinstance(value, Group) else getattr(value, "username", value)


def what_it_has(client: Client) -> dict[str, Any]:
    """Every argument in plain words."""
    now = change.current(Client.objects.select_related("application").get(pk=client.pk))
    return {name: plain(value) for name, value in now.items()}


def bare(**wanted: Any) -> Client:
    """`legacy`, because it alone may be told to go without PKCE."""
    return Client.objects.register(
        **{"name": "Bare", "profile": "legacy", "redirect_uris": ["https://bare.example/cb"], **wanted}
    )[0]


def test_table_has_every_argument_and_none_of_it_is_a_default():
    assert set(VALUES) == change.NAMES
    standard = entry.defaults("", "legacy", {})
    assert not {name for name, value in VALUES.items() if plain(standard[name]) == value}


def test_code_registers_and_changes(site, alice):
    wanted = arguments(site, alice)
    by_name = {"name", "redirect_uris", "scopes", "default_scopes", "auth_method", "origins", "resources",
               "resource_server_for", "owners", "service_account", "is_agent"}  # fmt: skip
    made = bare(
        **{name: value for name, value in wanted.items() if name in by_name},
        settings={name: value for name, value in wanted.items() if name not in by_name},
    )
    assert what_it_has(made) == VALUES
    other = bare()
    assert change.change(other, **wanted) == sorted(VALUES)
    assert what_it_has(other) == VALUES


def test_admin_saves_and_shows(site, settings, django_user_model, alice):
    settings.ROOT_URLCONF = "tests.admin.urls"
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root", password="pw"))
    client, wanted = bare(scopes=["openid", "read", "write"]), expected("admin")
    sent = {
        **{name: "\n".join(value) if isinstance(value, list) else value for name, value in wanted.items()},
        "scopes": wanted["scopes"], "default_scopes": wanted["default_scopes"], "resources": wanted["resources"],
        "optional_scopes": wanted["optional_scopes"], "resource_server_for": wanted["resource_server_for"],
        "response_types": wanted["response_types"],
        "purposes": "\n".join(f"{scope} = {said}" for scope, said in wanted["purposes"].items()),
        "allowed_groups": [str(site.pk)], "owner_users": "alice", "require_pkce": None,
    }  # fmt: skip
    asked = set()
    for tab in ("scopes/", "redirect-uris/", "change/"):
        form = form_of(browser, client, tab)
        offered = browser.get(base(client) + tab).context["form"].fields
        asked |= set(offered)
        data = {**form, **{name: value for name, value in sent.items() if name in offered}}
        answer = browser.post(base(client) + tab, {name: value for name, value in data.items() if value is not None})
        assert answer.status_code == 302, answer.context["form"].errors
    assert asked - {"owner_users", "owner_groups", "orphaned_accounts"} == set(wanted) - {"owners"}
    found = what_it_has(client)
    assert {name: found[name] for name in wanted} == wanted
    staff = Browser()
    person = django_user_model.objects.create_user("looks", is_staff=True)
    person.user_permissions.add(Permission.objects.get(codename="view_client"))
    staff.force_login(person)
    page = staff.get(base(client) + "change/").content.decode()
    for shown in ("https://app.example/out", "https://app.example/logout", "https://app.example/start?x=1", "silver"):
        assert shown in page


def test_management_api_registers_reads_and_changes(site, settings):
    settings.ROOT_URLCONF = "tests.api.urls"
    row, secret = Client.objects.register(name="Deployment", profile="machine", scopes=SCOPES)
    token = machine_token(Registered(row, secret), scope=" ".join(SCOPES)).json()["access_token"]
    api, wanted = Api(token, row), expected("api")
    body = {**wanted, "owners": {"users": ["alice"]}}
    told = {**wanted, "owners": {"users": ["alice"], "groups": []}}
    made = api.post("clients", {**body, "profile": "legacy"})
    assert made.status_code == 201, made.content
    assert {name: made.json()[name] for name in told} == told
    other = bare()
    changed = api.patch(f"clients/{other.client_id}", body)
    assert changed.status_code == 200, changed.content
    read = api.get(f"clients/{other.client_id}").json()
    assert {name: read[name] for name in told} == told
    schemas = api.get("schema").json()["components"]["schemas"]
    for name in ("ClientValues", "PatchedClientArguments", "RegistrationArguments"):
        assert set(wanted) <= set(schemas[name]["properties"])


def test_clients_toml_applies_and_exports(tmp_path):
    file, again = tmp_path / "clients.toml", tmp_path / "again.toml"
    file.write_text(tomli_w.dumps({"clients": {"every": {"profile": "legacy", **VALUES}}}), encoding="utf-8")
    run("apply", file)
    assert what_it_has(named("every")) == VALUES
    assert run("plan", file)[1] == 0
    run("export", again, "--overwrite")
    assert run("plan", again)[1] == 0
    assert set(VALUES) <= set(fields.FIELDS)
    assert set(VALUES) <= set(tomllib.loads(again.read_text(encoding="utf-8"))["clients"]["every"])
    Client.objects.get().application.delete()
    run("apply", again)
    assert what_it_has(named("every")) == VALUES


def test_dynamic_registration_keeps_answers_and_takes_back(site):
    wanted = expected("registration")
    on_the_wire = {metadata._ON_THE_WIRE.get(name, name): value for name, value in wanted.items()}
    document = {**on_the_wire, "scope": " ".join(wanted["scopes"])}
    assert set(document) <= set(metadata_fields.FIELDS)
    answer = registered(document)
    found = what_it_has(client_of(answer).row)
    assert {name: found[name] for name in wanted} == wanted
    read = get(answer).json()
    assert {name: read[name] for name in document} == document
    # RFC 7592 §2.2: what is left out is deleted.
    less = put(answer, {"client_id": answer["client_id"], **WEB})
    assert less.status_code == 200, less.content
    gone = set(wanted) - {"name", "redirect_uris", "scopes", "auth_method", "grant_types"}
    standard = entry.defaults("", "web", {})
    left = what_it_has(client_of(answer).row)
    assert {name: left[name] for name in gone} == {name: plain(standard[name]) for name in gone}


def test_client_id_metadata_document_says_and_says_no_longer(internet, flow):
    wanted = expected("document")
    on_the_wire = {metadata._ON_THE_WIRE.get(name, name): value for name, value in wanted.items()}
    published = Published(URL, {**on_the_wire, "scope": " ".join(wanted["scopes"])})
    internet.site("app.example", published.answer)
    assert flow.authorize(Ask()).status_code == 303  # to sign in the way the document wants
    found = what_it_has(published.row)
    assert {name: found[name] for name in wanted} == wanted
    published.changes = {}
    Client.objects.update(document_fresh_until="2020-01-01T00:00:00Z")
    flow.authorize(Ask())
    left, standard = what_it_has(published.row), entry.defaults("", "mcp", {})
    gone = set(wanted) - {"name", "redirect_uris", "scopes", "grant_types", "client_uri", "policy_uri"}
    assert {name: left[name] for name in gone} == {name: plain(standard[name]) for name in gone}
    assert not ClientOwner.objects.exists()
