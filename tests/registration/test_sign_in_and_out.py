"""What a client may say of signing in and out: the addresses of each kind, for each profile, and what is told of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from oauth2_provider.models import Application

from oauth_provider.clients import change, modern, sign_in_and_out
from oauth_provider.models import AuditEvent, Client
from oauth_provider.transfer import dot
from tests.admin.filled import base, form_of
from tests.register import MACHINE, post

pytestmark = pytest.mark.django_db

SAID = {
    "post_logout_redirect_uris": ["https://n.example/out"],
    "initiate_login_uri": "https://n.example/start",
    "backchannel_logout_uri": "https://n.example/logout",
    "backchannel_logout_session_required": True,
    "frontchannel_logout_uri": "https://n.example/frame",
    "frontchannel_logout_session_required": True,
    "default_acr_values": ["gold"],
}


def register(profile: str = "web", uris=("https://n.example/cb", "http://127.0.0.1:8000/cb"), **settings) -> Client:
    return Client.objects.register(name="Notes", profile=profile, redirect_uris=uris, settings=settings)[0]


@pytest.fixture
def web(alice) -> Client:
    client = register()
    change.change(client, owners=[alice])
    return client


NEVER = ("javascript:alert(1)", "data:text/html,x", "//n.example/x", "/x", "n.example", "https:///x", "ftp://n.example/",
         "https://a:b@n.example/", "https://n.example/#x", "https://*.n.example/", "http://n.example/", "https://[n",
         "https://n.example/\n", "https://n.example/ü", "https://n.example/" + "x" * 2000)  # fmt: skip
WRONG = [
    *((name, uri) for name in (*sign_in_and_out.URIS, "post_logout_redirect_uris") for uri in NEVER),
    # OpenID Connect Registration §2: https, whatever the profile.
    ("initiate_login_uri", "http://127.0.0.1:8000/start"),
    ("initiate_login_uri", "com.example.app:/start"),
    ("backchannel_logout_uri", "com.example.app:/logout"),
    # OpenID Connect Front-Channel Logout §2: scheme, host and port of a redirect URI.
    ("frontchannel_logout_uri", "https://other.example/frame"),
    ("frontchannel_logout_uri", "https://sub.n.example/frame"),
    ("frontchannel_logout_uri", "https://n.example:8443/frame"),
    ("frontchannel_logout_uri", "http://127.0.0.1:9000/frame"),
    ("post_logout_redirect_uris", "com.example.app:/out"),
]


@pytest.mark.parametrize(("name", "uri"), WRONG)
def test_AS2_AS3_address_that_may_not_be_registered_is_refused_and_nothing_is_written(web, name, uri):
    with pytest.raises(ValidationError) as refusal:
        change.change(web, **{name: [uri] if name == "post_logout_redirect_uris" else uri})
    assert set(refusal.value.message_dict) == {name}
    assert Client.objects.values().get() == {**Client.objects.values().get(), **dict.fromkeys(sign_in_and_out.URIS, "")}
    assert Client.objects.get().post_logout_redirect_uris == ()


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("initiate_login_uri", "https://elsewhere.example:8443/start?x=1"),
        ("backchannel_logout_uri", "https://elsewhere.example:8443/logout?x=1"),
        ("backchannel_logout_uri", "http://localhost:8000/logout"),
        ("frontchannel_logout_uri", "https://N.example:443/frame?x=1"),
        ("frontchannel_logout_uri", "http://127.0.0.1:8000/frame"),
    ],
)
def test_address_that_may_be_registered_is_kept_as_it_is(web, name, uri):
    assert change.change(web, **{name: uri}) == [name]
    assert getattr(Client.objects.get(), name) == uri


def test_native_app_may_be_gone_back_to_by_its_own_scheme():
    client = register("native", ["com.example.app:/cb"], post_logout_redirect_uris=["com.example.app:/out"])
    assert client.post_logout_redirect_uris == ("com.example.app:/out",)
    for name, uri in (
        ("backchannel_logout_uri", "com.example.app:/logout"),
        ("frontchannel_logout_uri", "com.example.app:/frame"),
        ("frontchannel_logout_uri", "https://n.example/frame"),
    ):
        with pytest.raises(ValidationError):
            change.change(client, **{name: uri})


def test_client_without_people_says_nothing_of_it(initial_access_token, token_registration):
    machine = Client.objects.register(name="Job", profile="machine")[0]
    for name, value in SAID.items():
        with pytest.raises(ValidationError) as refusal:
            change.change(machine, **{name: value})
        assert set(refusal.value.message_dict) == {name}
        answer = post({**MACHINE, name: value}, initial_access_token)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_client_metadata")
        assert name in answer.json()["error_description"]


def test_addresses_are_counted():
    many = [f"https://n.example/out{number}" for number in range(201)]
    assert len(register(post_logout_redirect_uris=many[:200]).post_logout_redirect_uris) == 200
    with pytest.raises(ValidationError, match="At most 200 addresses"):
        register(post_logout_redirect_uris=many)


@pytest.mark.parametrize("values", [["bronze"], ["gold", "bronze"], ["go ld"], [""], ["x" * 256], ["g\u200bold"]])
def test_ways_of_signing_in_are_those_of_the_site(web, settings, values):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ACR_VALUES": ["silver", "gold"]}
    with pytest.raises(ValidationError) as refusal:
        change.change(web, default_acr_values=values)
    assert set(refusal.value.message_dict) == {"default_acr_values"}
    assert change.change(web, default_acr_values=["gold", "silver"]) == ["default_acr_values"]
    # The best first: another order is another wish.
    assert change.change(web, default_acr_values=["silver", "gold"]) == ["default_acr_values"]


def test_event_names_the_addresses_people_are_sent_to_and_no_other_value(web, django_capture_on_commit_callbacks):
    change.change(web, post_logout_redirect_uris=["https://n.example/old", "https://n.example/stays"])
    with django_capture_on_commit_callbacks(execute=True):
        change.change(
            web, **{**SAID, "post_logout_redirect_uris": ["https://n.example/stays", "https://n.example/new"]}
        )
    detail = AuditEvent.objects.filter(event="client_changed").latest("pk").detail
    assert detail == {
        "fields": sorted(SAID),
        "post_logout_redirect_uris_added": ["https://n.example/new"],
        "post_logout_redirect_uris_removed": ["https://n.example/old"],
    }
    # A code goes only where a redirect URI is: that one is mailed about.
    assert mail.outbox == []
    assert change.change(web, **{**SAID, "post_logout_redirect_uris": web.post_logout_redirect_uris}) == []


def test_redirect_uri_that_a_frame_stands_on_is_not_taken_away_alone(web, settings, django_user_model):
    change.change(web, frontchannel_logout_uri="http://127.0.0.1:8000/frame")
    with pytest.raises(ValidationError, match="those of a redirect URI"):
        change.change(web, redirect_uris=["https://n.example/cb"])
    settings.ROOT_URLCONF = "tests.admin.urls"
    browser = Browser()
    browser.force_login(django_user_model.objects.create_superuser("root", password="pw"))
    form = form_of(browser, web, "redirect-uris/", redirect_uris="https://n.example/cb")
    page = browser.post(f"{base(web)}redirect-uris/", form).content.decode()
    assert "Settings: The address" in page
    assert change.change(web, redirect_uris=["https://n.example/cb"], frontchannel_logout_uri="")


def test_what_the_toolkit_had_stays_as_it_is_and_gets_nothing_like_it(db):
    old = "http://old.example/out custom:/out"
    Application.objects.create(
        name="Old", client_id="old", client_type="confidential", authorization_grant_type="authorization-code",
        redirect_uris="https://old.example/cb", post_logout_redirect_uris=old,
    )  # fmt: skip
    dot.adopt("old")
    client = Client.objects.get()
    assert client.post_logout_redirect_uris == tuple(old.split())
    change.change(client, name="Older")
    change.change(client, post_logout_redirect_uris=[*old.split(), "https://old.example/new"])
    assert Application.objects.get().post_logout_redirect_uris == f"{old} https://old.example/new"
    with pytest.raises(ValidationError):
        change.change(client, post_logout_redirect_uris=["http://old.example/cb", "http://old.example/other"])


def test_move_takes_away_what_the_new_profile_does_not_allow_and_says_so_first():
    client = register("legacy", ["https://n.example/cb", "com.example.app:/cb"], **SAID)
    client.set_post_logout_redirect_uris(["https://n.example/out", "com.example.app:/out"])
    client.change(profile="imported", backchannel_logout_uri="http://n.example/logout")
    said = [breaks.sentence for breaks in modern.what_breaks(client, "web")]
    assert sum("com.example.app:/out" in sentence for sentence in said) == 1
    assert sum("http://n.example/logout" in sentence for sentence in said) == 1
    modern.move(client, "web")
    moved = Client.objects.get()
    assert moved.post_logout_redirect_uris == ("https://n.example/out",)
    assert (moved.backchannel_logout_uri, moved.frontchannel_logout_uri) == ("", "https://n.example/frame")
    assert change.change(moved, name="Moved") == ["name"]


def test_machine_that_was_imported_says_nothing_of_it_any_more():
    Group.objects.create(name="nobody")
    client = register("legacy", **SAID)
    client.change(profile="imported", grant_types=["client_credentials"])
    modern.move(client, "machine")
    moved = Client.objects.get()
    left = {name: getattr(moved, name) for name in sign_in_and_out.NAMES}
    assert left == {**sign_in_and_out.empty(), "post_logout_redirect_uris": ()}
