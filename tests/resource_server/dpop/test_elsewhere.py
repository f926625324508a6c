"""DP3, C53: /userinfo, and the places where no proof can be given."""

from __future__ import annotations

from typing import Any

import pytest

from oauth_provider.testing import as_app
from tests.resource_server.dpop.sending import (
    HERE,
    assert_refused,
    send,
    setting,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.resource_server.api")]


@pytest.fixture
def _provider(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.urls"


@pytest.mark.usefixtures("_provider")
def test_DP3_C53_userinfo_asks_for_the_proof(client: Any, ada: Any, settings: Any) -> None:
    app = as_app(client, user=ada, scopes="openid", dpop=True)
    made = app.prover.proof("GET", f"{HERE}/userinfo", token=app.token)
    assert_refused(send(client, "/userinfo", token=app.token, proof=made, scheme="Bearer"), "bound", "invalid_token")
    assert_refused(send(client, "/userinfo", token=app.token, proof=None), "no_proof")
    assert set(send(client, "/userinfo", token=app.token, proof=made).json()) == {"sub"}
    assert_refused(send(client, "/userinfo", token=app.token, proof=made), "repeated")
    assert app.post("/userinfo").status_code == 200
    setting(settings, DPOP_NONCE=True)
    asked = app.get("/userinfo")
    assert_refused(asked, "nonce_needed", "use_dpop_nonce")
    app.nonce = asked.headers["DPoP-Nonce"]
    assert app.get("/userinfo").status_code == 200


@pytest.mark.usefixtures("_provider")
def test_introspection_says_which_key_the_token_is_bound_to(client: Any, ada: Any, resource_server: Any) -> None:
    app = as_app(client, user=ada, scopes="read", dpop=True)
    from tests.flow import post_form

    answer = post_form(client, "/introspect", {"token": app.token}, HTTP_AUTHORIZATION=resource_server.basic).json()
    assert answer["active"] is True
    assert answer["cnf"] == {"jkt": app.prover.thumbprint}
    assert answer["token_type"] == "DPoP"


def test_DP3_django_oauth_toolkits_classes_take_no_bound_token(bound: Any, client: Any, ada: Any) -> None:
    from oauth_provider.server.validator import Validator

    class Request:
        pass

    assert Validator().validate_bearer_token(as_app(client, user=ada).token, ["read"], Request()) is True
    assert Validator().validate_bearer_token(bound.token, ["read"], Request()) is False
