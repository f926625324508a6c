from __future__ import annotations

from oauth_provider.models import AuditEvent, Consent, Grant
from tests.api.conftest import problem
from tests.flow import refresh, userinfo


def test_revoked_grant_ends_its_tokens(machine, conf_client, flow, alice):
    tokens = flow.tokens(conf_client, scope="openid read")
    api = machine()
    grant = Grant.objects.get(user=alice)
    told = api.get(f"grants/{grant.pk}").json()
    assert (told["client_id"], told["user"]["name"]) == (conf_client.client_id, "alice")
    assert told["revoked_at"] is None
    assert not {"nonce", "sid"} & told.keys()

    ended = api.post(f"grants/{grant.pk}/revoke").json()
    assert ended["revoked_at"] is not None
    assert ended["revoked_reason"] == "revoked_by_api"
    assert userinfo(tokens["access_token"]).status_code == 401
    assert refresh(conf_client, tokens["refresh_token"]).status_code == 400
    (event,) = AuditEvent.objects.filter(event="grant_revoked")
    assert (event.actor, event.grant_id) == (f"client:{api.row.client_id}", str(grant.pk))

    assert api.post(f"grants/{grant.pk}/revoke").json() == ended
    assert AuditEvent.objects.filter(event="grant_revoked").count() == 1


def test_withdrawn_consent_ends_every_grant_between_the_two(machine, conf_client, flow, alice):
    tokens = flow.tokens(conf_client, scope="openid read")
    api = machine()
    consent = Consent.objects.get(user=alice)
    answer = api.post(f"consents/{consent.pk}/withdraw")
    assert answer.status_code == 200, answer.content
    assert answer.json()["revoked_at"] is not None
    assert userinfo(tokens["access_token"]).status_code == 401
    assert api.post(f"consents/{consent.pk}/withdraw").status_code == 200
    (event,) = AuditEvent.objects.filter(event="consent_withdrawn")
    assert event.detail == {"reason": "withdrawn_by_api", "grants": 1}


def test_what_is_not_there_is_told_so(machine):
    api = machine()
    nobody = "00000000-0000-0000-0000-000000000000"
    for path in (f"grants/{nobody}", "clients/c_nobody", "clients/c_nobody/secrets", "clients/c_nobody/profile"):
        problem(api.get(path), 404, "not_found")
    for path in (
        f"grants/{nobody}/revoke", "consents/1/withdraw", "consents/999999999999999999/withdraw",
        "clients/c_nobody/suspend", "clients/c_nobody/secrets/1/revoke",
    ):  # fmt: skip
        problem(api.post(path), 404, "not_found")


def test_chosen_objects_and_what_was_left_out_are_told(machine, conf_client, flow, alice):
    flow.tokens(conf_client)
    Grant.objects.update(targets={"organization": ["3", "7"]})
    Consent.objects.update(targets={"organization": "*"}, declined_scopes=["write"])
    api = machine()
    assert api.get(f"grants/{Grant.objects.get().pk}").json()["targets"] == {"organization": ["3", "7"]}
    (consent,) = api.get("consents").json()["results"]
    assert (consent["targets"], consent["declined_scopes"]) == ({"organization": "*"}, ["write"])
