"""DP5: one DPoP proof, sent to several workers at once, opens one door once."""

from __future__ import annotations

import pytest
from django.db import connections

from oauth_provider.models import UsedJti
from oauth_provider.testing import as_app
from tests.parallel.rig import at_once, browser, statuses

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.urls("tests.budgets.urls")]


@pytest.mark.parametrize("view", ["/plain", "/rest"])
@pytest.mark.parametrize("is_atomic", [False, True])
def test_DP5_of_four_requests_with_one_proof_one_passes(database, django_user_model, view, is_atomic, monkeypatch):
    """With ATOMIC_REQUESTS too: the row of the first is in its transaction, and the others wait for its end."""
    monkeypatch.setitem(connections.settings["default"], "ATOMIC_REQUESTS", is_atomic)
    user = django_user_model.objects.create_user("ada")
    app = as_app(browser(), user=user, scopes="read", dpop=True)
    proof = app.prover.proof("GET", f"http://testserver{view}", token=app.token)

    def send():
        return browser().get(view, headers={"Authorization": f"DPoP {app.token}", "DPoP": proof})

    answers = at_once([send] * 4)
    assert statuses(answers) == [200, 401, 401, 401]
    assert {answer.json()["reason"] for answer in answers if answer.status_code == 401} == {"repeated"}
    assert UsedJti.objects.count() == 1
