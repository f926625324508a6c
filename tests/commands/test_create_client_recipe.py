from __future__ import annotations

import json
import re

import pytest
from django.core.management import CommandError

from oauth_provider.clients.recipes import RECIPES
from oauth_provider.models import Client, ClientSecret
from tests.commands.test_create_client import create

pytestmark = pytest.mark.django_db

AT = ("--base-url", "https://app.example/")


def test_recipe_prints_the_other_sides_configuration_under_remarks():
    text = create("--recipe", "grafana", *AT)
    client = Client.objects.get()
    assert (client.name, client.registration_source) == ("Grafana", "command")
    assert text.startswith("# Grafana 12\n")
    assert "grafana-admins, grafana-editors. Make them" in text
    assert f"\n[auth.generic_oauth]\nenabled = true\nname = provider.example\nclient_id = {client.client_id}\n" in text


@pytest.mark.parametrize("name", RECIPES)
def test_secret_is_printed_once_and_stored_as_a_digest(name):
    text = create("--recipe", name, *AT)
    assert len(re.findall(r"op_cs_\w+", text)) == 1
    assert ClientSecret.objects.count() == 1


def test_name_and_owner_are_ones_own(django_user_model):
    ada = django_user_model.objects.create_user("ada")
    create("Graphs", "--recipe", "grafana", *AT, "--owner", "ada")
    client = Client.objects.get()
    assert client.name == "Graphs"
    assert [owner.user for owner in client.owners.all()] == [ada]


def test_json_holds_the_configuration_too():
    found = json.loads(create("--recipe", "argocd", *AT, "--json"))
    assert found["redirect_uris"] == ["https://app.example/auth/callback"]
    assert len(found["configuration"]) == 3
    assert found["client_secret"] in found["configuration"][0]["text"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--recipe", "grafan", *AT], "--recipe: There is no recipe “grafan”. Did you mean “grafana”?"),
        (["--recipe", "GitLab", *AT], "Did you mean “gitlab”?"),
        (["--recipe", "zzz", *AT], "There are: grafana, gitlab, nextcloud, argocd, django."),
        (["--recipe", "grafana"], "--base-url: Give the address"),
        (
            ["--recipe", "grafana", "--base-url", "http://app.example"],
            "--base-url: “http://app.example” cannot be used",
        ),
        (["Shop", *AT], "--base-url: it belongs to a --recipe."),
        (["--recipe", "grafana", *AT, "--scopes", "read"], "--scopes: a recipe sets that"),
        (["--recipe", "grafana", *AT, "--profile", "spa"], "--profile: a recipe sets that"),
        (["--profile", "machine"], "name: Give the client a name"),
    ],
)
def test_wrong_arguments_are_explained_and_make_nothing(arguments, said):
    with pytest.raises(CommandError, match=re.escape(said)):
        create(*arguments)
    assert Client.objects.count() == 0
