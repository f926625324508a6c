"""A replaced SECRET_KEY: random credentials do not depend on it; what is derived does and is refused cleanly."""

from __future__ import annotations

import pytest

from oauth_provider.keys import rotation, store
from tests.flow import refresh, userinfo

pytestmark = pytest.mark.django_db


@pytest.fixture
def replace_secret_key(settings):
    def replace() -> None:
        settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "replaced-" + "r" * 50, []
        store._private.clear()
        # The operator follows the line in the log: the old keys stay published, new ones sign.
        rotation.rotate(now=True)

    yield replace
    store.forget()
    store._private.clear()


def test_tokens_and_sessions_of_apps_survive_a_replaced_secret_key(flow, app, replace_secret_key):
    tokens = flow.tokens(app, scope="openid read")
    replace_secret_key()
    assert userinfo(tokens["access_token"]).status_code == 200
    fresh = refresh(app, tokens["refresh_token"])
    assert fresh.status_code == 200
    assert refresh(app, fresh.json()["refresh_token"]).status_code == 200


def test_lost_answer_across_a_replaced_secret_key_is_refused_and_no_error(flow, app, replace_secret_key):
    tokens = flow.tokens(app, scope="openid read")
    refresh(app, tokens["refresh_token"])
    replace_secret_key()
    response = refresh(app, tokens["refresh_token"])
    assert (response.status_code, response.json()["error"]) == (400, "invalid_grant")
