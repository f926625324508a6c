from __future__ import annotations

import json
import re
import shlex
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client as Browser
from django.test import override_settings

from oauth_provider.models import AuditEvent, Client, ClientSecret

pytestmark = pytest.mark.django_db


def create(*arguments):
    out = StringIO()
    call_command("oauth_create_client", *arguments, stdout=out)
    return out.getvalue()


def env(text):
    return dict(line.split("=", 1) for line in text.splitlines() if not line.startswith("#"))


def test_env_lines_and_nothing_else_on_stdout():
    text = create("Nightly report", "--profile", "machine", "--scopes", "read write")
    assert list(env(text)) == ["CLIENT_ID", "CLIENT_SECRET"]
    assert all(line.startswith(("CLIENT_ID=", "CLIENT_SECRET=", "# curl ")) for line in text.splitlines())


def test_printed_curl_of_a_machine_works():
    text = create("Nightly report", "--profile", "machine", "--scopes", "read write")
    values = env(text)
    curl = shlex.split(text.splitlines()[-1].removeprefix("# "))
    data = "&".join(curl[i + 1].replace(" ", "+") for i, word in enumerate(curl) if word.startswith(("-d", "--data")))
    assert curl[curl.index("-u") + 1] == "$CLIENT_ID:$CLIENT_SECRET"
    import base64

    basic = base64.b64encode(f"{values['CLIENT_ID']}:{values['CLIENT_SECRET']}".encode()).decode()
    response = Browser().post(
        curl[-1].removeprefix("https://provider.example"),
        data,
        content_type="application/x-www-form-urlencoded",
        headers={"authorization": f"Basic {basic}"},
        secure=True,
    )
    assert response.status_code == 200
    assert response.json()["scope"] == "read write"


def test_secret_is_stored_as_digest_only():
    secret = env(create("Nightly report", "--profile", "machine"))["CLIENT_SECRET"]
    row = ClientSecret.objects.get()
    assert secret not in json.dumps([row.digest, row.hint, list(AuditEvent.objects.values("detail", "actor"))])
    assert row.client.registration_source == "command"


def test_json_is_one_object():
    found = json.loads(create("Shop", "--redirect-uri", "https://shop.example/cb", "--scopes", "read", "--json"))
    assert found["redirect_uris"] == ["https://shop.example/cb"]
    assert found["scope"] == "read"
    assert found["client_secret"]


def test_addresses_of_a_sign_out_are_kept():
    found = json.loads(
        create("Shop", "--redirect-uri", "https://shop.example/cb", "--post-logout-redirect-uri",
               "https://shop.example/out", "--post-logout-redirect-uri", "https://shop.example/bye",
               "--backchannel-logout-uri", "https://shop.example/logout", "--json")
    )  # fmt: skip
    client = Client.objects.get()
    assert found["post_logout_redirect_uris"] == list(client.post_logout_redirect_uris)
    assert client.post_logout_redirect_uris == ("https://shop.example/out", "https://shop.example/bye")
    assert client.backchannel_logout_uri == "https://shop.example/logout"


def test_public_client_has_no_secret_and_a_pkce_link():
    text = create("App", "--profile", "spa", "--redirect-uri", "https://app.example/cb", "--scopes", "read")
    assert list(env(text)) == ["CLIENT_ID"]
    assert re.search(r"authorize\?response_type=code&.*code_challenge_method=S256", text)
    assert "code_verifier=" in text


def test_device_client_is_told_to_ask_for_a_code():
    assert "/device_authorization" in create("TV", "--profile", "device", "--scopes", "read")


def test_owner_and_introspected_audiences_are_kept(django_user_model):
    ada = django_user_model.objects.create_user("ada")
    create("API", "--profile", "machine", "--owner", "ada", "--resource-server-for", "https://provider.example")
    client = Client.objects.get()
    assert [owner.user for owner in client.owners.all()] == [ada]
    assert client.resource_server_for == ["https://provider.example"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["Shop"], "--redirect-uri: "),
        (["Shop", "--redirect-uri", "http://shop.example/cb"], "use https"),
        (["Shop", "--redirect-uri", "https://shop.example/cb", "--scopes", "nowhere"], "--scopes: "),
        (["Job", "--profile", "machine", "--default-scopes", "read"], "--default-scopes: "),
        (
            ["Job", "--profile", "machine", "--post-logout-redirect-uri", "https://a.example/"],
            "--post-logout-redirect-uri: A machine has no people",
        ),
        (
            ["Shop", "--redirect-uri", "https://shop.example/cb", "--backchannel-logout-uri", "http://shop.example/"],
            "--backchannel-logout-uri: ",
        ),
        (["Job", "--profile", "machine", "--owner", "nobody"], "no user 'nobody'"),
        (["Job", "--profile", "imported"], "invalid choice"),
        ([" ", "--profile", "machine"], "name: Give the client a name"),
    ],
)
def test_wrong_arguments_are_explained_and_make_nothing(arguments, said):
    with pytest.raises(CommandError, match=re.escape(said)):
        create(*arguments)
    assert Client.objects.count() == 0


@override_settings(OAUTH_PROVIDER={"ISSUER": "https://provider.example/o", "SCOPES": {"read": "Read"}})
def test_curl_uses_the_issuers_path():
    assert "https://provider.example/o/token" in create("Job", "--profile", "machine", "--scopes", "read")
