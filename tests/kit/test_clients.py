"""`as_app` around each sort of test client, with each sort of token, in at most three statements."""

from __future__ import annotations

import unittest
from datetime import timedelta
from typing import Any

import django.test
import jwt
import pytest
from asgiref.sync import async_to_sync
from django.test import AsyncClient, Client, TestCase, override_settings
from django.utils import timezone
from ninja.testing import TestAsyncClient, TestClient
from rest_framework.test import APIClient, RequestsClient

from oauth_provider.keys import store
from oauth_provider.keys.algorithms import ACCESS_TOKEN_ALG
from oauth_provider.resource_server import own
from oauth_provider.testing import AppClient, Prover, as_app
from oauth_provider.testing.factories import ClientFactory, UserFactory
from tests.kit.ninja_api import router

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]

KINDS = pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "dpop"])


@pytest.fixture
def ada(django_user_model: Any) -> Any:
    return django_user_model.objects.create_user("ada", password="ada")


@KINDS
@pytest.mark.parametrize("kind", [Client, APIClient])
def test_django_and_rest_framework(kind: Any, ada: Any, dpop: bool) -> None:
    app = as_app(kind(), user=ada, dpop=dpop)
    for method in ("get", "post", "put", "head", "options"):
        assert getattr(app, method)("/notes").status_code == 200, method
    assert app.get("/notes", {"page": 2}).status_code == 200
    assert app.get("/notes?page=2").status_code == 200
    assert app.get("/notes", headers={"Accept": "application/json"}).status_code == 200
    assert app.get("/plain", secure=True).status_code == 200
    assert as_app(kind(), user=ada, scopes="write", dpop=dpop).get("/notes").status_code == 403


@KINDS
def test_other_server_name(ada: Any, dpop: bool, settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["provider.example"]
    assert as_app(Client(SERVER_NAME="provider.example"), user=ada, dpop=dpop).get("/notes").status_code == 200


@KINDS
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("address", ["/notes", "/plain", "/class-async"])
def test_async_client(ada: Any, address: str, dpop: bool) -> None:
    app = as_app(AsyncClient(), user=ada, dpop=dpop)

    async def call() -> Any:
        return await app.get(address)

    assert async_to_sync(call)().status_code == 200


@KINDS
def test_requests_client_of_rest_framework(ada: Any, dpop: bool) -> None:
    app = as_app(RequestsClient(), user=ada, dpop=dpop)
    assert app.get("http://testserver/notes").status_code == 200
    assert app.post("http://testserver/notes", json={"title": "x"}).json()["title"] == "x"


@KINDS
def test_ninja_client(ada: Any, dpop: bool) -> None:
    app = as_app(TestClient(router), user=ada, dpop=dpop)
    assert app.get("/notes").json()["subject"]
    assert app.post("/notes", json={"title": "x"}).status_code == 200


@pytest.mark.django_db(transaction=True)
def test_ninja_async_client_sends_it_too(ada: Any) -> None:
    sent: dict[str, Any] = {}

    class Client(TestAsyncClient):
        def _prepare_request(self, *args: Any, **kwargs: Any) -> Any:
            sent.update(kwargs["headers"])
            return super()._prepare_request(*args, **kwargs)

    app = as_app(Client(router), user=ada)

    async def call() -> Any:
        return await app.get("/notes")

    with pytest.raises(Exception):  # noqa: B017  # the view above is not async
        async_to_sync(call)()
    assert sent["AUTHORIZATION"] == f"Bearer {app.token}"


@pytest.fixture
def warm_keys(settings: Any, db: None) -> Any:
    """Keys are read once a second at most; here once a test."""
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "PROCESS_CACHE_SECONDS": 60}
    store.forget()
    store.active_key(ACCESS_TOKEN_ALG)
    store.usable_keys()
    yield
    store.forget()


@pytest.mark.usefixtures("warm_keys")
@pytest.mark.parametrize(
    "wanted",
    [{}, {"user": None}, {"acr": "mfa"}, {"dpop": True}, {"expired": True}, {"agent": True}, {"profile": "spa"}],
)
def test_it_costs_at_most_three_statements(ada: Any, wanted: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(3):
        as_app(Client(), **{"user": ada, **wanted})


@pytest.mark.usefixtures("warm_keys")
def test_app_that_is_there_costs_one(ada: Any, django_assert_max_num_queries: Any) -> None:
    app = as_app(Client(), user=ada).app
    with django_assert_max_num_queries(1):
        as_app(Client(), user=ada, app=app)


def test_how_and_when_people_signed_in(ada: Any) -> None:
    an_hour_ago = timezone.now() - timedelta(hours=1)
    access = own.verify(as_app(Client(), user=ada, acr="mfa", auth_time=an_hour_ago).token)
    assert access.acr == "mfa"
    assert access.auth_time is not None
    assert abs((access.auth_time - an_hour_ago).total_seconds()) <= 1
    just_now = own.verify(as_app(Client(), user=ada, acr="mfa").token).auth_time
    assert just_now is not None
    assert own.verify(as_app(Client(), user=ada).token).auth_time is None


def opaque(**wanted: Any) -> AppClient:
    app = as_app(Client(), **wanted).app
    app.token_format = "opaque"
    app.save()
    return as_app(Client(), app=app, **wanted)


def test_opaque_token_says_the_same(ada: Any) -> None:
    access = own.verify(opaque(user=ada, acr="mfa", agent=True).token)
    assert (access.kind, access.acr, access.acting) == ("opaque", "mfa", (access.client_id,))
    with pytest.raises(ValueError, match="opaque"):
        opaque(user=ada, dpop=True)


@pytest.mark.parametrize("make", [lambda **wanted: as_app(Client(), **wanted), opaque], ids=["jwt", "opaque"])
def test_expired_token_is_expired(ada: Any, make: Any) -> None:
    response = make(user=ada, expired=True).get("/notes")
    assert (response.status_code, response.json()["reason"]) == (401, "expired")


def test_machine_acts_as_its_service_account(ada: Any) -> None:
    app = as_app(Client(), service_account=ada)
    assert app.get("/notes").json()["person"] == "ada"
    assert app.get("/notes").json()["is_machine"] is True
    with pytest.raises(ValueError, match="service account"):
        as_app(Client(), user=ada, service_account=ada)


def test_agent_is_one(ada: Any) -> None:
    assert own.verify(as_app(Client(), user=ada, agent=True).token).acting
    assert own.verify(as_app(Client(), user=ada).token).acting == ()


@pytest.mark.parametrize("profile", ["web", "spa", "native", "device", "mcp", "first_party"])
def test_each_profile_has_its_token(ada: Any, profile: str) -> None:
    app = as_app(Client(), user=ada, profile=profile)
    assert app.app.profile == profile
    assert app.get("/notes").status_code == 200


def test_bound_token_is_bound_and_the_proof_is_fresh_each_time(ada: Any, client: Any) -> None:
    app = as_app(client, user=ada, dpop=True)
    assert isinstance(app.prover, Prover)
    assert jwt.decode(app.token, options={"verify_signature": False})["cnf"] == {"jkt": app.prover.thumbprint}
    assert [app.get("/notes").status_code for _ in range(3)] == [200, 200, 200]
    stolen = client.get("/notes", headers={"Authorization": f"Bearer {app.token}"})
    assert stolen.status_code == 401


def test_repr_shows_no_token(ada: Any) -> None:
    app = as_app(Client(), user=ada, dpop=True)
    assert app.token not in repr(app)
    with pytest.raises(AttributeError):
        app.delete_everything  # noqa: B018


@override_settings(ROOT_URLCONF="tests.resource_server.api")
class InUnittest(TestCase):
    def test_unittest_alone_is_enough(self) -> None:
        user = UserFactory()
        assert isinstance(self, unittest.TestCase)
        for dpop in (False, True):
            assert as_app(self.client, user=user, scopes="write", dpop=dpop).get("/notes").status_code == 403
            assert as_app(self.client, user=user, app=ClientFactory(), dpop=dpop).get("/notes").status_code == 200


def test_every_public_name_is_there() -> None:
    from oauth_provider import testing

    assert {name: getattr(testing, name) is not None for name in testing.__all__} == dict.fromkeys(
        testing.__all__, True
    )
    assert set(testing._FILE_OF) == set(testing.__all__)
    with pytest.raises(AttributeError, match="as_ap"):
        testing.as_ap  # noqa: B018
    assert django.test.Client is Client
