"""What the protected API refuses: a request id on each answer, and an explanation where the token is one of ours."""

from __future__ import annotations

import pytest
from django.core.cache.backends.locmem import LocMemCache
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from oauth_provider import rules
from oauth_provider.models import AuditEvent, Grant
from oauth_provider.resource_server import kept
from oauth_provider.testing import as_app
from oauth_provider.tokens import issue
from oauth_provider.values import Authorized
from tests.flow import machine_token, userinfo
from tests.insight.conftest import text_of
from tests.insight.scan import everything_kept
from tests.insight.test_explain import page_of

pytestmark = pytest.mark.django_db

VIEWS = pytest.mark.parametrize("view", ["/plain", "/rest"])
FORMATS = pytest.mark.parametrize("token_format", ["jwt", "opaque"])


def ask(view: str, value: str):
    return Browser().get(view, HTTP_AUTHORIZATION=f"Bearer {value}")


@pytest.fixture
def web(conf_client, token_format):
    conf_client.row.change(token_format=token_format)
    return conf_client


@VIEWS
@FORMATS
def test_missing_scope_is_explained(flow, web, admin, view):
    refused = ask(view, flow.tokens(web)["access_token"])
    assert refused.status_code == 403
    text = text_of(page_of(admin, refused))
    assert str(rules.RULES["scope_missing"].sentence) in text
    assert "Required write Granted read" in text
    assert f"Notes for Web {web.client_id}" in text
    assert "Person alice" in text


@VIEWS
@FORMATS
def test_revoked_token_is_explained_with_its_grant(flow, web, admin, view):
    value = flow.tokens(web)["access_token"]
    grant = Grant.objects.get()
    grant.revoke(reason="withdrawn_by_user")
    refused = ask(view, value)
    assert refused.status_code == 401
    text = text_of(page_of(admin, refused))
    assert str(rules.RULES["token_revoked"].sentence) in text
    assert "withdrawn_by_user" in text
    assert str(grant.pk) in text
    assert "Person alice" in text


@VIEWS
@FORMATS
def test_expired_token_is_explained(web, admin, view):
    authorized = Authorized(
        client=web.row, scopes=("read",), audience=("https://provider.example",), subject=web.client_id
    )
    value = issue._FORMATS[web.row.token_format](authorized, lifetime=-3600)
    text = text_of(page_of(admin, ask(view, value)))
    assert str(rules.RULES["token_expired"].sentence) in text
    assert web.client_id in text


@VIEWS
def test_token_of_another_audience_is_explained(machine_client, admin, settings, view):
    value = machine_token(machine_client, scope="write").json()["access_token"]
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "RESOURCES": {"https://api.example": "API"}}
    refused = ask(view, value)
    assert refused.status_code == 401
    text = text_of(page_of(admin, refused))
    assert "Sent https:// provider .example Expected https:// api .example" in text
    assert str(rules.RULES["token_of_another_audience"].sentence) in text
    assert "Nightly report" in text


@VIEWS
@pytest.mark.parametrize(
    ("address", "rule"),
    [("https://testserver", "proof_wrong"), (None, "token_of_a_key")],
)
def test_refusal_of_a_bound_token_is_explained(alice, admin, view, address, rule):
    app = as_app(Browser(), user=alice, scopes="read", dpop=True)
    if address is None:
        refused = ask(view, app.token)
    else:
        headers = {"Authorization": f"DPoP {app.token}",
                   "DPoP": app.prover.proof("GET", f"{address}{view}?x=1", token=app.token)}  # fmt: skip
        refused = Browser().get(view, headers=headers)
    assert refused.status_code == 401
    text = text_of(page_of(admin, refused))
    assert str(rules.RULES[rule].sentence) in text
    assert ("SECURE_PROXY_SSL_HEADER" in text) is (address is not None)


def test_refusal_by_another_permission_of_ours_is_explained(flow, conf_client, admin):
    refused = ask("/machines", flow.tokens(conf_client)["access_token"])
    assert refused.status_code == 403
    text = text_of(page_of(admin, refused))
    assert str(rules.RULES["permission_refused"].sentence) in text
    assert "Permission IsMachine" in text


def test_userinfo_is_explained_too(flow, conf_client, admin):
    refused = userinfo(flow.tokens(conf_client, scope="read")["access_token"])
    assert refused.status_code == 403
    assert "Required openid" in text_of(page_of(admin, refused))


@VIEWS
@pytest.mark.parametrize("value", ["junk", "op_at_" + "A" * 49, "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2ln", None])
def test_no_token_and_junk_have_a_request_id_and_nothing_kept(admin, view, value):
    refused = Browser().get(view) if value is None else ask(view, value)
    assert refused.status_code == 401
    assert "Nothing is kept under this id." in text_of(page_of(admin, refused))


@VIEWS
def test_request_id_of_a_bad_token_stands_in_the_log(view, caplog):
    caplog.set_level("INFO")
    assert ask(view, "junk")["X-Request-Id"] in caplog.text


@VIEWS
@FORMATS
def test_refusals_cost_no_statement_more_than_the_look_and_leave_no_row(flow, web, warm, view):
    value = flow.tokens(web)["access_token"]
    warm()
    events = AuditEvent.objects.count()
    with CaptureQueriesContext(connection) as statements:
        assert ask(view, value).status_code == 403
        Grant.objects.update(revoked_at=timezone.now())
        assert ask(view, value).status_code == 401
    assert len(statements) == 3
    assert AuditEvent.objects.count() == events


def test_with_jwt_state_check_never_a_missing_scope_costs_no_statement(flow, conf_client, settings, admin, warm):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "JWT_STATE_CHECK": "never"}
    value = flow.tokens(conf_client)["access_token"]
    warm()
    with CaptureQueriesContext(connection) as statements:
        refused = ask("/plain", value)
    assert len(statements) == 0
    assert f"Notes for Web {conf_client.client_id}" in text_of(page_of(admin, refused))


@VIEWS
def test_success_keeps_nothing_and_has_no_request_id(flow, conf_client, view):
    value = flow.tokens(conf_client, scope="write")["access_token"]
    response = ask(view, value)
    assert response.status_code == 200
    assert "X-Request-Id" not in response


def test_one_client_fills_no_cache(flow, conf_client, machine_client, admin):
    value = flow.tokens(conf_client)["access_token"]
    answers = [ask("/plain", value) for _ in range(kept.MOST_PER_CLIENT + 5)]
    found = [kept.find(answer["X-Request-Id"]) is not None for answer in answers]
    assert found == [True] * kept.MOST_PER_CLIENT + [False] * 5
    # Another one is explained all the same.
    refused = ask("/plain", machine_token(machine_client, scope="read").json()["access_token"])
    assert kept.find(refused["X-Request-Id"]) is not None


class Down(LocMemCache):
    """A cache that cannot be reached."""

    def set(self, *args, **kwargs):
        raise ConnectionError

    def get(self, *args, **kwargs):
        raise ConnectionError


def test_a_cache_that_is_down_changes_no_answer(flow, conf_client, admin, settings):
    value = flow.tokens(conf_client)["access_token"]
    settings.CACHES = {"default": {"BACKEND": f"{__name__}.Down"}}
    refused = ask("/plain", value)
    assert refused.status_code == 403
    assert "Nothing is kept under this id." in text_of(page_of(admin, refused))


def test_C65_the_token_is_not_in_what_is_kept(flow, conf_client):
    value = flow.tokens(conf_client)["access_token"]
    refused = ask("/plain", value)
    assert kept.find(refused["X-Request-Id"]) is not None
    stored = everything_kept()
    assert value not in stored
    assert value.rpartition(".")[2] not in stored
