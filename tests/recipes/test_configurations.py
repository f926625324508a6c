"""What each recipe registers, and that its configuration is read by what reads it: ini, Ruby, a shell, YAML, Django."""

from __future__ import annotations

import configparser
import shlex
import subprocess
from urllib.parse import parse_qsl, urlsplit

import pytest
import yaml
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError
from django.test import Client as Browser

from oauth_provider import credentials
from oauth_provider.clients import recipes
from oauth_provider.clients.recipes import RECIPES, base_url
from oauth_provider.models import AuditEvent, Client, ClientSecret

pytestmark = pytest.mark.django_db

ISSUER = "https://provider.example"
BASE = "https://app.example"


def make(recipe: str, address: str = BASE, **wanted) -> recipes.Made:
    return recipes.register(recipes.named(recipe), address=address, **wanted)


def query_of(address: str) -> tuple[str, dict[str, str]]:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}{parts.path}", dict(parse_qsl(parts.query))


@pytest.mark.parametrize(
    ("name", "redirects", "post_logout", "backchannel"),
    [
        ("grafana", ["/login/generic_oauth"], ["/login"], ""),
        ("gitlab", ["/users/auth/openid_connect/callback"], [], ""),
        (
            "nextcloud",
            ["/apps/user_oidc/code", "/index.php/apps/user_oidc/code"],
            ["/"],
            "/index.php/apps/user_oidc/backchannel-logout/provider.example",
        ),
        ("argocd", ["/auth/callback"], ["/"], ""),
        ("django", ["/oidc/callback/"], ["/"], "/oidc/backchannel-logout/"),
    ],
)
@pytest.mark.parametrize("base", [BASE, f"{BASE}/sub", "http://localhost:8080"])
def test_client_has_the_addresses_of_the_product_and_what_it_needs(name, redirects, post_logout, backchannel, base):
    made = make(name, f"{base}/")
    client = Client.objects.select_related("application").get(pk=made.client.pk)
    assert list(client.redirect_uris) == [base + path for path in redirects]
    assert list(client.post_logout_redirect_uris) == [base + path for path in post_logout]
    assert client.backchannel_logout_uri == (base + backchannel if backchannel else "")
    assert client.backchannel_logout_session_required is bool(backchannel)
    assert (client.profile, client.require_pkce, client.id_token_signed_response_alg) == ("web", True, "RS256")
    assert {"openid", "profile", "email"} <= set(client.allowed_scopes)
    assert client.claims_in_id_token is (name in {"nextcloud", "argocd"})
    assert credentials.is_kind(made.secret, credentials.Kind.CLIENT_SECRET)
    assert ClientSecret.objects.get(client=client).digest == credentials.digest(made.secret)


@pytest.mark.parametrize("name", RECIPES)
def test_configuration_names_the_endpoints_that_the_metadata_names(name):
    """And none else: each address of the issuer in it is one that is served, or where people sign out."""
    metadata = Browser().get("/.well-known/openid-configuration").json()
    served = {value for value in metadata.values() if isinstance(value, str)}
    served |= {f"{ISSUER}/.well-known/openid-configuration", f"{ISSUER}/end_session"}
    text = "\n".join(part.text for part in make(name).parts)
    named = {word.partition("?")[0] for word in text.replace('"', " ").replace("'", " ").split() if ISSUER in word}
    named = {address[address.index("https://") :].rstrip(",") for address in named}
    assert named
    assert named <= served


@pytest.mark.parametrize("name", RECIPES)
def test_secret_stands_in_the_configuration_once_and_in_no_repr(name):
    made = make(name)
    assert "".join(part.text for part in made.parts).count(made.secret) == 1
    assert made.secret not in repr(made)


def test_grafana_reads_its_section():
    made = make("grafana")
    parser = configparser.ConfigParser(interpolation=None)
    parser.read_string(made.parts[0].text)
    section = parser["auth.generic_oauth"]
    assert (section["client_id"], section["client_secret"]) == (made.client.client_id, made.secret)
    assert (section["auth_url"], section["token_url"], section["api_url"]) == tuple(
        f"{ISSUER}/{path}" for path in ("authorize", "token", "userinfo")
    )
    assert section.getboolean("use_pkce")
    assert section.getboolean("use_refresh_token")
    assert section["scopes"] == "openid profile email groups"
    # No fallback: Grafana asks the ID token first, and only a missing role leads it on to userinfo.
    assert section["role_attribute_path"] == (
        "contains(groups[*], 'grafana-admins') && 'Admin' || contains(groups[*], 'grafana-editors') && 'Editor'"
    )
    assert query_of(section["signout_redirect_url"]) == (
        f"{ISSUER}/end_session",
        {"post_logout_redirect_uri": f"{BASE}/login"},
    )


def test_gitlab_has_its_lines():
    made = make("gitlab")
    lines = [line.strip() for line in made.parts[0].text.splitlines()]
    assert lines == [
        "gitlab_rails['omniauth_allow_single_sign_on'] = ['openid_connect']",
        "gitlab_rails['omniauth_providers'] = [",
        "{",
        'name: "openid_connect",',
        'label: "provider.example",',
        "args: {",
        'name: "openid_connect",',
        'scope: ["openid", "profile", "email", "groups"],',
        'response_type: "code",',
        'issuer: "https://provider.example",',
        "discovery: true,",
        'client_auth_method: "basic",',
        "pkce: true,",
        "client_options: {",
        "# Premium and Ultimate give rights by group:",
        '# gitlab: { groups_attribute: "groups", admin_groups: ["gitlab-admins"] },',
        f'identifier: "{made.client.client_id}",',
        f'secret: "{made.secret}",',
        'redirect_uri: "https://app.example/users/auth/openid_connect/callback"',
        *("}", "}", "}", "]"),
    ]


def test_nextcloud_gets_a_command_that_a_shell_reads():
    made = make("nextcloud")
    subprocess.run(["sh", "-n"], input=made.parts[0].text, text=True, check=True)
    words = shlex.split(made.parts[0].text.replace("\\\n", ""))
    assert words[:4] == ["php", "occ", "user_oidc:provider", "provider.example"]
    options = dict(word.removeprefix("--").split("=", 1) for word in words[4:])
    assert options == {
        "clientid": made.client.client_id,
        "clientsecret": made.secret,
        "discoveryuri": f"{ISSUER}/.well-known/openid-configuration",
        "postlogouturi": f"{BASE}/",
        "scope": "openid profile email groups",
        "send-id-token-hint": "1",
        "group-provisioning": "1",
        "mapping-groups": "groups",
    }


def test_argo_cd_gets_patches_and_a_client_without_secret_for_its_command_line():
    made = make("argocd")
    command_line = Client.objects.exclude(pk=made.client.pk).get()
    assert (command_line.name, command_line.profile, command_line.is_public) == ("Argo CD CLI", "native", True)
    assert command_line.redirect_uris == ("http://localhost:8085/auth/callback",)
    assert command_line.claims_in_id_token
    secret, config, policy = (part.text for part in made.parts)
    assert yaml.safe_load(secret) == {"stringData": {"oidc.clientSecret": made.secret}}
    data = yaml.safe_load(config)["data"]
    assert data["url"] == BASE
    oidc = yaml.safe_load(data["oidc.config"])
    logout, query = query_of(oidc.pop("logoutURL"))
    assert (logout, query) == (
        f"{ISSUER}/end_session",
        {"id_token_hint": "{{token}}", "post_logout_redirect_uri": f"{BASE}/"},
    )
    assert oidc == {
        "name": "provider.example",
        "issuer": ISSUER,
        "clientID": made.client.client_id,
        "clientSecret": "$oidc.clientSecret",
        "cliClientID": command_line.client_id,
        "enablePKCEAuthentication": True,
        "requestedScopes": ["openid", "profile", "email", "groups"],
    }
    assert policy == "g, argocd-admins, role:admin\n"


def test_django_settings_execute_and_the_other_texts_compile():
    """That they work is seen on a site that was made of them (tests/clients)."""
    made = make("django")
    settings, module, urls = (part.text for part in made.parts)
    found = {"INSTALLED_APPS": ["django.contrib.auth"]}
    exec(settings, found)  # noqa: S102  what the recipe says
    assert found["INSTALLED_APPS"] == ["django.contrib.auth", "mozilla_django_oidc"]
    assert found["OIDC_RP_CLIENT_ID"] == made.client.client_id
    assert found["OIDC_RP_CLIENT_SECRET"] == made.secret
    assert found["OIDC_USE_PKCE"] is True
    compile(module, "oidc_sign_out.py", "exec")
    compile(urls, "urls.py", "exec")


def test_client_is_told_of_the_groups_that_exist_and_the_others_are_named():
    Group.objects.create(name="grafana-editors")
    Group.objects.create(name="lay-offs")
    made = make("grafana")
    assert made.client.told_groups == ["grafana-editors"]
    assert made.missing_groups == ("grafana-admins",)
    assert "grafana-admins" in recipes.in_words(made.missing_groups)


def test_name_of_ones_own_stands_before_the_companion_too():
    make("argocd", name="Staging")
    assert sorted(client.name for client in Client.objects.select_related("application")) == ["Staging", "Staging CLI"]


def test_each_client_is_one_event_and_no_secret_is_in_it():
    made = make("argocd", actor="root")
    events = list(AuditEvent.objects.filter(event="client_registered"))
    assert len(events) == 2
    assert {event.actor for event in events} == {"root"}
    assert made.secret not in repr([event.detail for event in events])


def test_companion_that_is_refused_leaves_nothing():
    """The two are made together: its name is too long with the suffix."""
    with pytest.raises(ValidationError):
        make("argocd", name="x" * 253)
    assert not Client.objects.exists()


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://app.example", "https://app.example"),
        (" https://app.example/// ", "https://app.example"),
        ("https://app.example/sub/path/", "https://app.example/sub/path"),
        ("HTTPS://App.Example/Sub", "https://app.example/Sub"),
        ("https://app.example:443/", "https://app.example"),
        ("https://app.example:8443", "https://app.example:8443"),
        ("http://localhost:3000/", "http://localhost:3000"),
        ("http://127.0.0.1/", "http://127.0.0.1"),
        ("http://[::1]:80/x", "http://[::1]/x"),
    ],
)
def test_address_is_read_as_it_is_meant(given, address):
    assert base_url.read(given) == address


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("", "Give the address"),
        ("app.example", "https://"),
        ("ftp://app.example", "https://"),
        ("https://", "https://"),
        ("http://app.example", "use https"),
        ("http://localhost.evil.example", "use https"),
        ("https://user:pw@app.example", "user name"),
        ("https://app.example/?x=1", "?query"),
        ("https://app.example/#x", "#fragment"),
        ("https://app.example:99999", "port"),
        ("https://app.example/a//b", "plain address"),
        ("https://app.example/../x", "plain address"),
        ("https://app.example/$(id)", "plain address"),
        ("https://app.example/'x", "plain address"),
        ('https://app.example/"x', "plain address"),
        ("https://app.example/#{x}", "#fragment"),
        ("https://app.example/x\ny", "plain address"),
        ("https://ünï.example", "plain address"),
        ("https://app.example/%0a", "plain address"),
        ("https://" + "a" * 600, "plain address"),
    ],
)
def test_address_that_a_configuration_could_not_hold_is_refused(given, why):
    with pytest.raises(ValidationError) as refusal:
        make("grafana", given)
    assert list(refusal.value.error_dict) == ["base_url"]
    assert why in refusal.value.messages[0]
    assert not Client.objects.exists()
