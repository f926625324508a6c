"""OpenID Connect Core 1.0 §3.1.2 and §5.5.1.1, the authentication request: who must sign in, when and in which way."""

from __future__ import annotations

import json
import time
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client as Browser
from django.utils import timezone

from oauth_provider.clients import change
from oauth_provider.keys import rotation, store
from oauth_provider.models import AuditEvent, Client, Grant, StoredRequest
from tests.flow import Flow, after_sign_in, post_form, query_of

pytestmark = pytest.mark.django_db

PASSWORD, SECOND_FACTOR = "urn:site:password", "urn:site:second-factor"


def reached(request, user):
    """How somebody signed in here: the tests write it into the session."""
    del user
    acr = request.session.get("reached", PASSWORD)
    return acr, ["pwd", "otp"] if acr == SECOND_FACTOR else ["pwd"]


@pytest.fixture
def contexts(settings):
    settings.OAUTH_PROVIDER = {
        **settings.OAUTH_PROVIDER,
        "AUTHENTICATION_CONTEXT": f"{__name__}.reached",
        "ACR_VALUES": [PASSWORD, SECOND_FACTOR],
    }


def change_settings(settings, **changes):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **changes}


def error_of(response) -> str:
    assert response.status_code == 303, response.content
    return query_of(response["Location"]).get("error", "")


def is_sent_to_sign_in(response) -> bool:
    return response.status_code == 303 and urlsplit(response["Location"]).path == "/login"


def sign_in(browser, page, name="alice"):
    """Through our own sign-in page, back to the request."""
    return after_sign_in(browser, browser.post(page["Location"], {"username": name, "password": f"{name}-password"}))


def id_token(tokens) -> dict:
    return jwt.decode(tokens["id_token"], options={"verify_signature": False})


def age(flow, seconds: int) -> None:
    """Let this session's sign-in be so old."""
    session = flow.browser.session
    session["oauth_provider_auth_time"] = int(time.time()) - seconds
    session.save()


def reach(flow, acr: str) -> None:
    session = flow.browser.session
    session["reached"] = acr
    session.save()


# prompt


def test_c15_prompt_none_signed_in_without_consent_is_consent_required(flow, conf_client):
    assert error_of(flow.authorize(conf_client, scope="openid", prompt="none")) == "consent_required"


@pytest.mark.parametrize("change", [{"scope": "openid read write"}, {"scope": "openid"}])
def test_c15_prompt_none_works_after_one_consent_to_as_much(flow, conf_client, change):
    flow.location(conf_client, scope="openid read")
    answer = flow.authorize(conf_client, prompt="none", **change)
    assert (error_of(answer) == "") == (change["scope"] == "openid")


@pytest.mark.parametrize("uri", ["http://127.0.0.1/cb", "com.example.app:/cb", "https://pub.example/cb"])
def test_c15_as23_prompt_none_of_a_client_that_is_not_assured_is_consent_required(flow, public_client, uri):
    """The client has a loopback and a private-use redirect: who answers there, nobody knows."""
    flow.location(public_client, scope="openid", redirect_uri=uri)
    assert (
        error_of(flow.authorize(public_client, scope="openid", redirect_uri=uri, prompt="none")) == "consent_required"
    )


def test_c15_as23_prompt_none_of_a_public_client_with_https_alone_is_silent(flow, public_client):
    public_client.row.set_redirect_uris(["https://pub.example/cb"])
    flow.location(public_client, scope="openid")
    assert "code" in query_of(flow.authorize(public_client, scope="openid", prompt="none")["Location"])


def test_as23_prompt_none_of_a_client_that_registered_itself_is_consent_required(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(registration_source="dynamic", auth_method="none")
    conf_client = type(conf_client)(Client.objects.get(pk=conf_client.row.pk), None)
    flow.location(conf_client, scope="openid")
    assert error_of(flow.authorize(conf_client, scope="openid", prompt="none")) == "consent_required"


@pytest.mark.parametrize("prompt", ["none login", "none consent", "none select_account", "surprise", "create", "LOGIN"])
def test_oidc_3_1_2_1_prompt_that_is_not_served_is_an_error(flow, conf_client, prompt):
    assert error_of(flow.authorize(conf_client, prompt=prompt)) == "invalid_request"


@pytest.mark.parametrize("prompt", ["login consent", "consent login", "select_account login", "login  consent"])
def test_oidc_3_1_2_1_prompt_login_with_another_signs_in_and_then_asks(flow, conf_client, prompt):
    flow.location(conf_client, scope="openid")
    first = flow.authorize(conf_client, scope="openid", prompt=prompt)
    assert is_sent_to_sign_in(first)
    assert sign_in(flow.browser, first).status_code == 200


def test_oidc_3_1_2_1_prompt_login_moves_auth_time(flow, conf_client):
    flow.location(conf_client, scope="openid")
    age(flow, 3600)
    old = Grant.objects.latest("created_at").auth_time
    sent = sign_in(flow.browser, flow.authorize(conf_client, scope="openid", prompt="login"))
    assert "code" in query_of(sent["Location"])
    new = Grant.objects.latest("created_at").auth_time
    assert timezone.now() - new < timedelta(seconds=10)
    assert new >= old


@pytest.mark.parametrize("change", [{"prompt": "login"}, {"max_age": "0"}, {"prompt": "login", "max_age": "0"}])
def test_oidc_3_1_2_1_who_was_not_signed_in_signs_in_once(alice, conf_client, change):
    flow = Flow()
    page = flow.authorize(conf_client, scope="openid", **change)
    assert is_sent_to_sign_in(page)
    assert sign_in(flow.browser, page).status_code == 200


def test_oidc_3_1_2_1_select_account_shows_who_is_signed_in_with_a_way_to_another(flow, conf_client):
    flow.location(conf_client)
    page = flow.authorize(conf_client, prompt="select_account")
    assert page.status_code == 200
    assert "alice" in page.content.decode()
    assert "/login?next=" in page.content.decode()


def test_oidc_3_1_2_1_post_with_prompt_login_signs_in_once_and_nobody_out(flow, conf_client):
    parameters = {"response_type": "code", "client_id": conf_client.client_id, "scope": "openid", "prompt": "login",
                  "code_challenge": "A" * 43, "code_challenge_method": "S256"}  # fmt: skip
    age(flow, 60)
    stored = flow.browser.get(post_form(flow.browser, "/authorize", parameters)["Location"])
    assert is_sent_to_sign_in(stored)
    assert "_auth_user_id" in flow.browser.session
    assert sign_in(flow.browser, stored).status_code == 200


def test_oidc_11_prompt_consent_with_offline_access_is_accepted(flow, conf_client):
    tokens = flow.tokens(conf_client, scope="openid offline_access", prompt="consent")
    assert tokens["refresh_token"]


class TestCreate:
    """Initiating User Registration via OpenID Connect 1.0."""

    @pytest.fixture(autouse=True)
    def _sign_up(self, settings):
        change_settings(settings, SIGN_UP_URL="/sign-up/")

    def test_create_leads_to_the_page_for_a_new_account_and_back_once(self, bob, conf_client):
        flow = Flow()
        page = flow.authorize(conf_client, scope="openid", prompt="create")
        target = urlsplit(page["Location"])
        assert target.path == "/sign-up/"
        flow.browser.force_login(bob)
        assert flow.browser.get(parse_qs(target.query)["next"][0]).status_code == 200

    def test_create_of_somebody_signed_in_makes_another_account(self, flow, conf_client):
        page = flow.authorize(conf_client, scope="openid", prompt="create")
        assert urlsplit(page["Location"]).path == "/sign-up/"

    def test_create_with_none_is_an_error(self, flow, conf_client):
        assert error_of(flow.authorize(conf_client, prompt="create none")) == "invalid_request"

    def test_create_is_among_the_values_of_the_metadata(self):
        assert "create" in Browser().get("/.well-known/openid-configuration").json()["prompt_values_supported"]


# max_age and auth_time


@pytest.mark.parametrize("max_age", ["-1", "9e99", "1.5", "abc", "9" * 12, "٣", " 1"])
def test_c16_max_age_that_is_no_number_of_seconds_is_an_error(flow, conf_client, max_age):
    assert error_of(flow.authorize(conf_client, max_age=max_age)) == "invalid_request"


def test_c16_max_age_0_signs_in_again(flow, conf_client):
    page = flow.authorize(conf_client, scope="openid", max_age="0")
    assert is_sent_to_sign_in(page)
    assert sign_in(flow.browser, page).status_code == 200


def test_c15_prompt_none_with_a_sign_in_older_than_max_age_is_login_required(flow, conf_client):
    flow.location(conf_client, scope="openid")
    age(flow, 100)
    assert error_of(flow.authorize(conf_client, scope="openid", prompt="none", max_age="60")) == "login_required"


def test_as28_auth_time_is_of_this_session_and_the_same_over_single_sign_on(flow, conf_client, public_client, alice):
    age(flow, 500)
    before = int(time.time()) - 500
    alice.last_login = timezone.now()
    alice.save()
    first = id_token(flow.tokens(conf_client, scope="openid", max_age="10000"))
    second = id_token(flow.tokens(public_client, scope="openid"))
    assert abs(first["auth_time"] - before) <= 2
    assert first["auth_time"] == second["auth_time"]


def test_as28_default_max_age_of_the_client_counts_unless_the_request_says_another(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(default_max_age=60)
    age(flow, 100)
    assert is_sent_to_sign_in(flow.authorize(conf_client, scope="openid"))
    assert flow.authorize(conf_client, scope="openid", max_age="1000").status_code == 200


@pytest.mark.parametrize("how", ["client", "claim"])
def test_as28_auth_time_that_is_required_and_not_known_signs_in_again(flow, conf_client, how):
    session = flow.browser.session
    del session["oauth_provider_auth_time"]
    session.save()
    change = {}
    if how == "client":
        Client.objects.filter(pk=conf_client.row.pk).update(require_auth_time=True)
    else:
        change = {"claims": json.dumps({"id_token": {"auth_time": {"essential": True}}})}
    assert flow.authorize(conf_client, scope="openid").status_code == (303 if how == "client" else 200)
    assert is_sent_to_sign_in(flow.authorize(conf_client, scope="openid", **change))


# login_hint


def test_login_hint_stands_in_our_sign_in_page(alice, conf_client):
    flow = Flow()
    page = flow.browser.get(flow.authorize(conf_client, login_hint='al"ice')["Location"])
    assert 'value="al&quot;ice"' in page.content.decode()


def test_login_hint_goes_along_to_the_sites_own_page(settings, conf_client):
    settings.LOGIN_URL = "https://accounts.example/in"
    query = parse_qs(urlsplit(Flow().authorize(conf_client, login_hint="alice@people.example")["Location"]).query)
    assert query["login_hint"] == ["alice@people.example"]


@pytest.mark.parametrize("hint", ["x" * 300, "a\nb", "a\u202eb"])
def test_login_hint_of_no_real_name_is_left_out(conf_client, hint):
    location = Flow().authorize(conf_client, login_hint=hint)["Location"]
    assert "login_hint" not in parse_qs(urlsplit(location).query)


def test_login_hint_of_a_posted_request_is_kept(alice, conf_client):
    flow = Flow()
    parameters = {"response_type": "code", "client_id": conf_client.client_id, "scope": "openid",
                  "login_hint": "alice", "code_challenge": "A" * 43, "code_challenge_method": "S256"}  # fmt: skip
    sent = flow.browser.get(post_form(flow.browser, "/authorize", parameters)["Location"])
    assert 'value="alice"' in flow.browser.get(sent["Location"]).content.decode()


# id_token_hint


@pytest.fixture
def hint(flow, conf_client) -> str:
    return flow.tokens(conf_client, scope="openid")["id_token"]


def expired(settings, flow, client) -> str:
    change_settings(settings, ID_TOKEN_LIFETIME=-3600)
    token = flow.tokens(client, scope="openid")["id_token"]
    change_settings(settings, ID_TOKEN_LIFETIME=3600)
    return token


def test_id_token_hint_of_who_is_signed_in_is_silent(flow, conf_client, hint):
    answer = flow.authorize(conf_client, scope="openid", prompt="none", id_token_hint=hint)
    assert "code" in query_of(answer["Location"])


def test_id_token_hint_that_has_expired_counts(flow, conf_client, settings):
    hint = expired(settings, flow, conf_client)
    answer = flow.authorize(conf_client, scope="openid", prompt="none", id_token_hint=hint)
    assert "code" in query_of(answer["Location"])


def test_id_token_hint_signed_by_a_retired_key_counts(flow, conf_client, hint):
    rotation.rotate(now=True)
    assert jwt.get_unverified_header(hint)["kid"] != store.active_key("RS256").kid
    answer = flow.authorize(conf_client, scope="openid", prompt="none", id_token_hint=hint)
    assert "code" in query_of(answer["Location"])


def test_id_token_hint_of_another_than_who_is_signed_in_is_login_required(flow, conf_client, hint, bob):
    other = Flow()
    other.browser.force_login(bob)
    other.location(conf_client, scope="openid")
    answer = other.authorize(conf_client, scope="openid", prompt="none", id_token_hint=hint)
    assert error_of(answer) == "login_required"


def test_id_token_hint_of_another_leads_to_the_sign_in_page_and_to_an_error_for_anybody_else(conf_client, hint, bob):
    other = Flow()
    other.browser.force_login(bob)
    page = other.authorize(conf_client, scope="openid", id_token_hint=hint)
    assert is_sent_to_sign_in(page)
    assert error_of(sign_in(other.browser, page, "bob")) == "login_required"


def test_id_token_hint_of_another_who_then_signs_in_is_answered(conf_client, hint, bob):
    other = Flow()
    other.browser.force_login(bob)
    page = other.authorize(conf_client, scope="openid", id_token_hint=hint)
    assert "code" in query_of(sign_in(other.browser, page, "alice")["Location"])


def foreign(payload: dict) -> dict[str, str]:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    ours = store.active_key("RS256").kid
    return {
        "not a JWT": "x",
        "none": jwt.encode(payload, "", algorithm="none", headers={"kid": ours}),
        "another's key": jwt.encode(payload, key, algorithm="RS256", headers={"kid": ours}),
        "our public key as a secret": jwt.encode(payload, "k" * 64, algorithm="HS256", headers={"kid": ours}),
    }


@pytest.mark.parametrize("which", ["not a JWT", "none", "another's key", "our public key as a secret"])
def test_id_token_hint_that_is_not_ours_is_an_error(flow, conf_client, hint, which):
    payload = jwt.decode(hint, options={"verify_signature": False})
    answer = flow.authorize(conf_client, scope="openid", id_token_hint=foreign(payload)[which])
    assert error_of(answer) == "invalid_request"


def test_id_token_hint_given_to_another_client_is_an_error(flow, public_client, hint):
    answer = flow.authorize(public_client, scope="openid", id_token_hint=hint)
    assert error_of(answer) == "invalid_request"


def test_access_token_is_no_id_token_hint(flow, conf_client):
    value = flow.tokens(conf_client, scope="openid")["access_token"]
    assert error_of(flow.authorize(conf_client, scope="openid", id_token_hint=value)) == "invalid_request"


def test_signed_userinfo_is_no_id_token_hint(flow, conf_client):
    Client.objects.filter(pk=conf_client.row.pk).update(userinfo_signed_response_alg="RS256")
    value = flow.tokens(conf_client, scope="openid")["access_token"]
    signed = Browser().get("/userinfo", HTTP_AUTHORIZATION=f"Bearer {value}").content.decode()
    assert error_of(flow.authorize(conf_client, scope="openid", id_token_hint=signed)) == "invalid_request"


def test_oidc_5_5_sub_asked_for_by_value_is_a_hint_too(flow, conf_client, hint, bob):
    sub = jwt.decode(hint, options={"verify_signature": False})["sub"]
    claims = json.dumps({"id_token": {"sub": {"value": sub}}})
    assert error_of(flow.authorize(conf_client, scope="openid", prompt="none", claims=claims)) == ""
    other = Flow()
    other.browser.force_login(bob)
    answer = other.authorize(conf_client, scope="openid", prompt="none", claims=claims)
    assert error_of(answer) == "login_required"


# acr


def test_acr_is_left_out_where_nobody_says_how_people_sign_in(flow, conf_client):
    claims = id_token(flow.tokens(conf_client, scope="openid", acr_values="1 2"))
    assert not {"acr", "amr"} & set(claims)


@pytest.mark.usefixtures("contexts")
class TestContexts:
    def test_what_the_site_says_stands_in_the_id_token_and_in_the_access_token(self, conf_client, alice):
        flow = Flow()
        sign_in(flow.browser, flow.authorize(conf_client, scope="openid"))
        tokens = flow.tokens(conf_client, scope="openid")
        for claims in (id_token(tokens), jwt.decode(tokens["access_token"], options={"verify_signature": False})):
            assert (claims["acr"], claims["amr"]) == (PASSWORD, ["pwd"])

    def test_refreshed_id_token_says_what_the_first_did(self, flow, conf_client):
        reach(flow, SECOND_FACTOR)
        tokens = flow.tokens(conf_client, scope="openid", acr_values=SECOND_FACTOR)
        answer = post_form(Browser(), "/token", {
            "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"],
            "client_id": conf_client.client_id, "client_secret": conf_client.secret,
        }).json()  # fmt: skip
        names = ("acr", "amr", "sid", "auth_time", "sub", "aud", "iss")
        before, after = id_token(tokens), id_token(answer)
        assert {name: before[name] for name in names} == {name: after[name] for name in names}
        assert "nonce" not in after

    @pytest.mark.parametrize(("acr", "values", "told"), [
        (PASSWORD, PASSWORD, PASSWORD),
        (SECOND_FACTOR, PASSWORD, PASSWORD),  # it meets the weaker one too
        (SECOND_FACTOR, f"{SECOND_FACTOR} {PASSWORD}", SECOND_FACTOR),
        (PASSWORD, f"{SECOND_FACTOR} {PASSWORD}", PASSWORD),
        (PASSWORD, "urn:unknown", PASSWORD),
    ])  # fmt: skip
    def test_value_asked_for_is_told_when_it_is_met(self, flow, conf_client, acr, values, told):
        reach(flow, acr)
        assert id_token(flow.tokens(conf_client, scope="openid", acr_values=values))["acr"] == told

    def test_value_not_reached_leads_to_another_sign_in_and_then_what_was_reached_is_told(self, flow, conf_client):
        flow.location(conf_client, scope="openid")
        page = flow.authorize(conf_client, scope="openid", acr_values=SECOND_FACTOR)
        assert is_sent_to_sign_in(page)
        answer = query_of(sign_in(flow.browser, page)["Location"])
        assert "code" in answer
        assert id_token(flow.redeem(conf_client, answer["code"]).json())["acr"] == PASSWORD

    def test_step_up_leads_to_the_page_of_the_site_and_once(self, flow, conf_client, settings):
        change_settings(settings, STEP_UP_URL="/second-factor/")
        flow.location(conf_client, scope="openid")
        page = flow.authorize(conf_client, scope="openid", acr_values=SECOND_FACTOR)
        target = urlsplit(page["Location"])
        assert target.path == "/second-factor/"
        back = parse_qs(target.query)["next"][0]
        # Not done: what was reached is told.
        assert "code" in query_of(flow.browser.get(back)["Location"])
        reach(flow, SECOND_FACTOR)
        answer = query_of(flow.browser.get(back)["Location"])
        assert id_token(flow.redeem(conf_client, answer["code"]).json())["acr"] == SECOND_FACTOR

    def test_sign_in_page_that_asks_nothing_ends_the_session_so_that_it_has_to(self, flow, conf_client):
        """Some send back at once whoever is signed in already."""
        age(flow, 60)
        page = flow.authorize(conf_client, scope="openid", acr_values=SECOND_FACTOR)
        again = flow.browser.get(parse_qs(urlsplit(page["Location"]).query)["next"][0])
        assert is_sent_to_sign_in(again)
        assert "_auth_user_id" not in flow.browser.session
        assert sign_in(flow.browser, again).status_code == 200

    def test_second_factor_after_the_sign_in_counts_and_auth_time_stays(self, flow, conf_client):
        age(flow, 300)
        reach(flow, SECOND_FACTOR)
        claims = id_token(flow.tokens(conf_client, scope="openid", acr_values=SECOND_FACTOR))
        assert (claims["acr"], claims["amr"]) == (SECOND_FACTOR, ["pwd", "otp"])
        assert abs(claims["auth_time"] - (time.time() - 300)) < 10

    def essential(self, *values: str) -> str:
        return json.dumps({"id_token": {"acr": {"essential": True, "values": list(values)}}})

    def test_essential_acr_that_is_not_reached_is_an_error(self, flow, conf_client):
        page = flow.authorize(conf_client, scope="openid", claims=self.essential(SECOND_FACTOR))
        assert is_sent_to_sign_in(page)
        assert error_of(sign_in(flow.browser, page)) == "unmet_authentication_requirements"

    def test_essential_acr_that_nobody_reaches_here_is_an_error_at_once(self, flow, conf_client):
        answer = flow.authorize(conf_client, scope="openid", claims=self.essential("urn:unknown"))
        assert error_of(answer) == "unmet_authentication_requirements"

    def test_essential_acr_that_is_reached_is_told(self, flow, conf_client):
        reach(flow, SECOND_FACTOR)
        tokens = flow.tokens(conf_client, scope="openid", claims=self.essential(SECOND_FACTOR))
        assert id_token(tokens)["acr"] == SECOND_FACTOR

    def test_c15_prompt_none_with_an_essential_acr_that_needs_the_person_is_interaction_required(
        self, flow, conf_client
    ):
        flow.location(conf_client, scope="openid")
        claims = self.essential(SECOND_FACTOR)
        answer = flow.authorize(conf_client, scope="openid", prompt="none", claims=claims)
        assert error_of(answer) == "interaction_required"

    def test_c15_prompt_none_with_acr_values_that_are_not_reached_is_answered(self, flow, conf_client):
        flow.location(conf_client, scope="openid")
        answer = flow.authorize(conf_client, scope="openid", prompt="none", acr_values=SECOND_FACTOR)
        assert "code" in query_of(answer["Location"])

    def test_registration_2_default_acr_values_count_where_the_request_names_none(self, flow, conf_client, settings):
        change.change(conf_client.row, default_acr_values=[SECOND_FACTOR, PASSWORD])
        change_settings(settings, STEP_UP_URL="/second-factor/")
        # The weaker one will do.
        assert id_token(flow.tokens(conf_client, scope="openid"))["acr"] == PASSWORD
        change.change(conf_client.row, default_acr_values=[SECOND_FACTOR])
        page = flow.authorize(conf_client, scope="openid")
        assert urlsplit(page["Location"]).path == "/second-factor/"
        reach(flow, SECOND_FACTOR)
        back = flow.browser.get(parse_qs(urlsplit(page["Location"]).query)["next"][0])
        claims = id_token(flow.redeem(conf_client, query_of(back["Location"])["code"]).json())
        assert (claims["acr"], claims["amr"]) == (SECOND_FACTOR, ["pwd", "otp"])

    def test_registration_2_default_acr_values_on_the_page_where_people_decide(self, flow, conf_client):
        change.change(conf_client.row, default_acr_values=[PASSWORD])
        reach(flow, SECOND_FACTOR)
        assert id_token(flow.tokens(conf_client, scope="openid read", prompt="consent"))["acr"] == PASSWORD

    def test_registration_2_what_the_request_says_overrides_default_acr_values(self, flow, conf_client):
        change.change(conf_client.row, default_acr_values=[SECOND_FACTOR])
        for asked in (
            {"acr_values": PASSWORD},
            {"claims": self.essential(PASSWORD)},
            {"claims": json.dumps({"id_token": {"acr": None}})},
        ):
            assert id_token(flow.tokens(conf_client, scope="openid", **asked))["acr"] == PASSWORD

    def test_registration_2_default_acr_values_are_voluntary(self, flow, conf_client):
        change.change(conf_client.row, default_acr_values=[SECOND_FACTOR])
        answer = sign_in(flow.browser, flow.authorize(conf_client, scope="openid"))
        assert answer.status_code == 200  # the consent page
        flow.decide(answer)
        silent = flow.authorize(conf_client, scope="openid", prompt="none")
        assert id_token(flow.redeem(conf_client, query_of(silent["Location"])["code"]).json())["acr"] == PASSWORD

    def test_values_are_in_the_metadata(self):
        document = Browser().get("/.well-known/openid-configuration").json()
        assert document["acr_values_supported"] == [PASSWORD, SECOND_FACTOR]


def test_client_cannot_pretend_that_the_person_was_sent_to_step_up(flow, conf_client, contexts, settings):
    change_settings(settings, STEP_UP_URL="/second-factor/")
    change = {"oauth_provider_sent_to": "step_up", "acr_values": SECOND_FACTOR}
    assert urlsplit(flow.authorize(conf_client, scope="openid", **change)["Location"]).path == "/second-factor/"
    parameters = {"response_type": "code", "client_id": conf_client.client_id, "scope": "openid", **change,
                  "code_challenge": "A" * 43, "code_challenge_method": "S256"}  # fmt: skip
    stored = flow.browser.get(post_form(flow.browser, "/authorize", parameters)["Location"])
    assert urlsplit(stored["Location"]).path == "/second-factor/"


def test_request_that_waits_for_a_sign_in_ends_with_its_time(alice, conf_client):
    flow = Flow()
    page = flow.authorize(conf_client, scope="openid", prompt="login")
    StoredRequest.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert sign_in(flow.browser, page).status_code == 400


def test_silent_checks_that_find_nobody_leave_no_row(flow, conf_client):
    AuditEvent.objects.all().delete()
    flow.authorize(conf_client, scope="openid", prompt="none")
    Flow().authorize(conf_client, scope="openid", prompt="none")
    assert not AuditEvent.objects.exists()
