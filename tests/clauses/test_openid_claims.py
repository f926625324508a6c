"""OpenID Connect Core 1.0 §5: which claims there are, which scope gives each, and where they stand."""

from __future__ import annotations

import json
import re

import jwt
import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.test import Client as Browser

from oauth_provider.claims import claim, registry, standard
from oauth_provider.clients import change
from oauth_provider.models import Client, Consent, Grant
from tests.flow import field_of, machine_token, post_form, query_of, refresh, userinfo

pytestmark = pytest.mark.django_db

EVERYTHING = "openid profile email address phone"
PERSON = {
    "middle_name": "Augusta", "nickname": "Countess", "profile": "https://ada.example/", "gender": "female",
    "picture": "https://ada.example/ada.png", "website": "https://ada.example/engine", "birthdate": "1815-12-10",
    "zoneinfo": "Europe/London", "locale": "en-GB", "updated_at": 1700000000, "email_verified": True,
    "phone_number": "+44 20 7946 0000", "phone_number_verified": False,
    "address": {"street_address": "12 St James’s Square", "locality": "London", "country": "UK", "region": ""},
}  # fmt: skip


@pytest.fixture
def functions(monkeypatch):
    """A site whose functions know everything; gone after the test."""
    monkeypatch.setattr(registry, "_FOUND", {})
    for name, value in PERSON.items():
        claim(name)(lambda _user, value=value: value)
    claim("employee_number", scope="read")(lambda _user: 7)


@pytest.fixture
def whole(conf_client, alice):
    alice.first_name, alice.last_name = "Ada", "Lovelace"
    alice.save()
    conf_client.row.change(allowed_scopes=["openid", "profile", "email", "address", "phone", "read"])
    return conf_client


def id_token(tokens) -> dict:
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})


def told(tokens) -> dict:
    response = userinfo(tokens["access_token"])
    assert response.status_code == 200
    return response.json()


def claims(**places) -> str:
    return json.dumps(places)


# Scopes


@pytest.mark.parametrize(
    ("scope", "names"),
    [
        ("openid", set()),
        ("openid profile", {"name", "given_name", "family_name", "preferred_username"}),
        ("openid email", {"email"}),
        ("openid address", set()),
        ("openid phone", set()),
    ],
)
def test_oidc_5_4_scope_gives_what_the_user_model_has(flow, whole, scope, names):
    assert set(told(flow.tokens(whole, scope=scope))) == {"sub", *names}


@pytest.mark.usefixtures("functions")
def test_oidc_5_1_all_standard_claims_in_their_forms(flow, whole):
    answer = told(flow.tokens(whole, scope=EVERYTHING))
    assert set(answer) == {"sub", *standard.SCOPES}
    assert isinstance(answer["updated_at"], int)
    assert isinstance(answer["email_verified"], bool)
    assert answer["phone_number_verified"] is False
    assert answer["address"] == {"street_address": "12 St James’s Square", "locality": "London", "country": "UK"}
    assert (answer["name"], answer["given_name"], answer["family_name"]) == ("Ada Lovelace", "Ada", "Lovelace")
    assert (answer["preferred_username"], answer["email"]) == ("alice", "alice@people.example")


@pytest.mark.parametrize("empty", [None, "", [], {}, {"locality": ""}])
def test_oidc_5_3_2_nothing_empty_is_told(flow, whole, monkeypatch, empty):
    monkeypatch.setattr(registry, "_FOUND", {})
    claim("address")(lambda _user: empty)
    claim("nickname")(lambda _user: empty)
    assert not {"address", "nickname"} & set(told(flow.tokens(whole, scope=EVERYTHING)))


def test_oidc_5_3_2_person_without_name_and_address_has_none(flow, conf_client, alice):
    alice.email = ""
    alice.save()
    conf_client.row.change(allowed_scopes=["*"])
    assert set(told(flow.tokens(conf_client, scope="openid profile email"))) == {"sub", "preferred_username"}


def test_oidc_5_1_verified_is_never_guessed(flow, whole):
    assert "email_verified" not in told(flow.tokens(whole, scope=EVERYTHING))


@pytest.mark.usefixtures("functions")
def test_claim_of_the_site_needs_its_scope(flow, whole):
    assert told(flow.tokens(whole, scope="openid read"))["employee_number"] == 7
    assert "employee_number" not in told(flow.tokens(whole, scope="openid", prompt="consent"))


@pytest.mark.parametrize("name", ["sub", "iss", "aud", "acr", "auth_time", "at_hash", "sid"])
def test_claims_of_the_protocol_are_no_functions(name):
    with pytest.raises(ImproperlyConfigured):
        claim(name, scope="read")


def test_claim_of_its_own_says_which_scope_gives_it():
    with pytest.raises(ImproperlyConfigured):
        claim("employee_number")


def test_permission_taken_away_is_a_claim_less(flow, whole, alice):
    tokens = flow.tokens(whole, scope="openid profile email")
    assert "email" in told(tokens)
    page = flow.browser.get("/connected-apps/")
    assert page.status_code == 200
    Grant.objects.leave_out(alice.pk, whole.row, frozenset({"email"}))
    assert "email" not in told(tokens)
    assert "name" in told(tokens)


# ID token


@pytest.mark.usefixtures("functions")
def test_oidc_5_4_scopes_put_nothing_into_the_id_token(flow, whole):
    names = set(id_token(flow.tokens(whole, scope=EVERYTHING)))
    assert names == {"iss", "sub", "aud", "exp", "iat", "auth_time", "at_hash", "sid"}


@pytest.mark.usefixtures("functions")
def test_client_that_is_set_so_finds_its_claims_in_the_id_token(flow, whole):
    Client.objects.filter(pk=whole.row.pk).update(claims_in_id_token=True)
    tokens = flow.tokens(whole, scope="openid email")
    assert id_token(tokens)["email"] == "alice@people.example"
    assert "name" not in id_token(tokens)
    assert id_token(refresh(whole, tokens["refresh_token"]).json())["email"] == "alice@people.example"


def test_function_cannot_overwrite_the_subject(flow, whole, monkeypatch):
    monkeypatch.setattr(registry, "_FOUND", {"sub": registry.Claim("sub", "openid", lambda _user: "other")})
    Client.objects.filter(pk=whole.row.pk).update(claims_in_id_token=True)
    tokens = flow.tokens(whole, scope="openid")
    assert id_token(tokens)["sub"] == told(tokens)["sub"] != "other"


# The claims parameter


def test_oidc_5_5_claim_asked_for_is_in_userinfo_and_not_in_the_id_token(flow, whole):
    tokens = flow.tokens(whole, scope="openid", claims=claims(userinfo={"name": {"essential": True}}))
    assert told(tokens) == {"sub": id_token(tokens)["sub"], "name": "Ada Lovelace"}
    assert "name" not in id_token(tokens)
    assert tokens["scope"] == "openid"


def test_oidc_5_5_claim_asked_for_in_the_id_token_is_there_and_stays_at_refresh(flow, whole):
    tokens = flow.tokens(whole, scope="openid", claims=claims(id_token={"email": None}))
    assert id_token(tokens)["email"] == "alice@people.example"
    assert set(told(tokens)) == {"sub"}
    assert id_token(refresh(whole, tokens["refresh_token"]).json())["email"] == "alice@people.example"


@pytest.mark.parametrize(
    ("how", "is_told"),
    [
        ({"value": "alice@people.example"}, True),
        ({"values": ["x", "alice@people.example"]}, True),
        ({"value": "bob@people.example", "essential": True}, False),
        ({"values": [1, True, None]}, False),
    ],
)
def test_oidc_5_5_1_value_that_is_not_the_persons_is_not_told(flow, whole, how, is_told):
    tokens = flow.tokens(whole, scope="openid", claims=claims(userinfo={"email": how}))
    assert ("email" in told(tokens)) == is_told


def test_oidc_5_5_value_that_is_asked_for_narrows_what_a_scope_gives(flow, whole):
    tokens = flow.tokens(whole, scope="openid email", claims=claims(userinfo={"email": {"value": "x"}}))
    assert "email" not in told(tokens)


@pytest.mark.parametrize("asked", [
    '{"userinfo": {"surprise": null, "name#ja-Kana-JP": null}, "surprise": [1]}', "{}", '{"userinfo": null}',
    '{"id_token": {"acr": {"essential": true}}}',
])  # fmt: skip
def test_oidc_5_5_what_nobody_knows_is_no_error(flow, whole, asked):
    assert set(told(flow.tokens(whole, scope="openid", claims=asked))) == {"sub"}


@pytest.mark.parametrize("asked", [
    "[]", "x", '"x"', "1", '{"userinfo": []}', '{"userinfo": {"name": 1}}', '{"userinfo": {"name": {"essential": 1}}}',
    '{"userinfo": {"name": {"values": "x"}}}', '{"userinfo": {"name": null, "name": null}}', '{"a": NaN}', "{" * 4000,
    "[" * 4000, '{"userinfo": {"name": {"value": ' + "[" * 1900 + "]" * 1900 + "}}}",
    '{"userinfo": {"\\u0000": null}}', '{"userinfo": {"\\ud800": null}}',
    json.dumps({"userinfo": {f"c{number}": None for number in range(101)}}),
    json.dumps({"userinfo": {"name": {"values": list(range(21))}}}),
])  # fmt: skip
def test_c21_claims_of_another_form_are_an_error(flow, whole, asked):
    assert query_of(flow.authorize(whole, scope="openid", claims=asked)["Location"])["error"] == "invalid_request"


@pytest.mark.parametrize("asked", ["{" * 100_000, "x" * 1_000_000, "[" * 50_000])
def test_c21_claims_of_any_length_are_refused_before_they_are_read(flow, whole, asked):
    response = flow.authorize(whole, scope="openid", claims=asked)
    assert response.status_code in {400, 413}
    form = {"response_type": "code", "client_id": whole.client_id, "claims": asked}
    assert post_form(Browser(), "/authorize", form).status_code in {400, 413}


@pytest.mark.parametrize("asked", [claims(userinfo={"email": None}), "{{"])
def test_without_openid_the_parameter_means_nothing(flow, whole, asked):
    flow.tokens(whole, scope="read", claims=asked)
    assert Grant.objects.get().claims == {}


def test_claim_is_not_given_to_a_client_that_may_not_have_its_scope(flow, conf_client):
    """`claims` is no way around the scopes of a client."""
    asked = claims(userinfo={"email": {"essential": True}}, id_token={"email": None})
    tokens = flow.tokens(conf_client, scope="openid", claims=asked)
    assert set(told(tokens)) == {"sub"}
    assert "email" not in id_token(tokens)


def test_person_is_asked_about_what_is_asked_for_claim_by_claim(flow, whole):
    """Consent to `openid` is none to the address."""
    flow.location(whole, scope="openid")
    asked = {"scope": "openid", "claims": claims(userinfo={"email": None})}
    silent = flow.authorize(whole, prompt="none", **asked)
    assert query_of(silent["Location"])["error"] == "consent_required"
    page = flow.authorize(whole, **asked)
    assert page.status_code == 200
    assert "e-mail address" in page.content.decode()
    flow.decide(page)
    answer = query_of(flow.authorize(whole, prompt="none", **asked)["Location"])
    tokens = flow.redeem(whole, answer["code"]).json()
    assert told(tokens)["email"] == "alice@people.example"
    assert tokens["scope"] == "openid"


def test_claim_whose_permission_was_left_out_is_not_told(flow, whole):
    whole.row.change(optional_scopes=["email"])
    page = flow.authorize(whole, scope="openid read", claims=claims(userinfo={"email": None}))
    form = {"request": field_of(page, "request"), "decision": "allow"}
    post_form(flow.browser, "/authorize/decision", form)
    grant = Grant.objects.latest("created_at")
    assert (grant.scopes, grant.claims) == (["openid", "read"], {"userinfo": {}} if grant.claims else {})


def test_claim_goes_with_the_permission_that_is_taken_away(flow, whole, alice):
    asked = claims(userinfo={"email": None, "name": None}, id_token={"email": None})
    tokens = flow.tokens(whole, scope="openid", claims=asked)
    assert set(Consent.objects.get().scopes) == {"openid", "email", "profile"}
    page = flow.browser.get("/connected-apps/").content.decode()
    assert "Notes for Web" in page
    Grant.objects.leave_out(alice.pk, whole.row, frozenset({"email"}))
    assert set(told(tokens)) == {"sub", "name"}
    assert "email" not in id_token(refresh(whole, tokens["refresh_token"]).json())


# Userinfo


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_oidc_5_3_2_signed_userinfo_is_a_jwt_for_this_client(flow, whole, token_format):
    Client.objects.filter(pk=whole.row.pk).update(userinfo_signed_response_alg="ES256", token_format=token_format)
    tokens = flow.tokens(whole, scope="openid email")
    response = userinfo(tokens["access_token"])
    assert (response["Content-Type"], response["Cache-Control"]) == ("application/jwt", "no-store")
    keys = {key["kid"]: key for key in Browser().get("/jwks").json()["keys"]}
    value = response.content.decode()
    header = jwt.get_unverified_header(value)
    answer = jwt.decode(value, jwt.PyJWK(keys[header["kid"]]), algorithms=["ES256"], audience=whole.client_id)
    assert (answer["iss"], answer["sub"]) == ("https://provider.example", id_token(tokens)["sub"])
    assert answer["email"] == "alice@people.example"
    assert not {"nonce", "exp"} & set(answer)


@pytest.mark.parametrize("token_format", ["jwt", "opaque"])
def test_claims_asked_for_one_by_one_work_in_each_token_format(flow, whole, token_format):
    Client.objects.filter(pk=whole.row.pk).update(token_format=token_format)
    tokens = flow.tokens(whole, scope="openid", claims=claims(userinfo={"email": None}))
    assert told(tokens)["email"] == "alice@people.example"


def test_staff_member_is_told_of_as_themselves(flow, whole, alice):
    alice.is_staff = alice.is_superuser = True
    alice.save()
    assert told(flow.tokens(whole, scope="openid profile"))["name"] == "Ada Lovelace"


def test_columns_of_a_user_model_are_found_by_their_names():
    names = {column.name for column in get_user_model()._meta.concrete_fields}
    assert {"given_name", "family_name", "email", "name", "preferred_username"} == set(standard.sources())
    assert {"first_name", "last_name", "email"} <= names


# What people read


@pytest.mark.usefixtures("functions")
@pytest.mark.parametrize(
    ("scope", "words"),
    [
        ("openid profile", "name, first name, middle name, last name, nickname, user name, date of birth, gender"),
        ("openid email", "e-mail address"),
        ("openid phone", "phone number"),
        ("openid address", "postal address"),
    ],
)
def test_consent_page_says_what_a_scope_tells(flow, whole, scope, words):
    text = " ".join(re.sub(r"<[^>]*>", "", flow.authorize(whole, scope=scope).content.decode()).split())
    assert f"This tells it: {words}" in text


def test_consent_page_says_the_label_of_a_claim_of_the_site(flow, whole, monkeypatch):
    monkeypatch.setattr(registry, "_FOUND", {})
    claim("employee_number", scope="read", label="employee number")(lambda _user: 7)
    text = re.sub(r"<[^>]*>", "", flow.authorize(whole, scope="openid read").content.decode())
    assert "This tells it: employee number" in " ".join(text.split())


def test_client_credentials_tell_of_nobody(machine_client):
    machine_client.row.change(allowed_scopes=["*"])
    value = machine_token(machine_client, scope="profile read").json()["access_token"]
    assert userinfo(value).status_code == 403


# Groups


@pytest.fixture
def in_groups(alice, whole):
    for name in ("Editors", "Reviewers", "Lay-offs"):
        alice.groups.add(Group.objects.create(name=name))
    Group.objects.create(name="Others")
    whole.row.change(allowed_scopes=["openid", "groups"], default_scopes=[])
    return whole


@pytest.mark.parametrize(
    ("listed", "is_told"),
    [
        ([], None),
        (["Editors", "Others"], ["Editors"]),
        (["Others"], None),
        (["*"], ["Editors", "Lay-offs", "Reviewers"]),
    ],
)
def test_groups_are_those_the_client_may_know(flow, in_groups, listed, is_told):
    change.change(in_groups.row, told_groups=listed)
    tokens = flow.tokens(in_groups, scope="openid groups")
    assert told(tokens).get("groups") == is_told
    assert "groups" not in id_token(tokens)


def test_groups_that_do_not_exist_cannot_be_listed(in_groups):
    with pytest.raises(ValidationError):
        change.change(in_groups.row, told_groups=["Nobody"])


def test_groups_stand_in_the_id_token_while_they_fit(flow, in_groups, alice):
    change.change(in_groups.row, told_groups=["*"], claims_in_id_token=True)
    assert id_token(flow.tokens(in_groups, scope="openid groups"))["groups"] == ["Editors", "Lay-offs", "Reviewers"]
    for number in range(60):
        alice.groups.add(Group.objects.create(name=f"{number:03}" + "x" * 60))
    tokens = flow.tokens(in_groups, scope="openid groups")
    assert "groups" not in id_token(tokens)
    assert len(told(tokens)["groups"]) == 63


def test_groups_need_their_scope(flow, in_groups):
    change.change(in_groups.row, told_groups=["*"])
    assert "groups" not in told(flow.tokens(in_groups, scope="openid"))
