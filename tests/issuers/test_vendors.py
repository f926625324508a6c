"""Each vendor's documented access token through each door, and what its claims become."""

from __future__ import annotations

import pytest

from tests.issuers.conftest import PRESETS

# No `django_db`: a statement of ours would fail these tests.
DOORS = pytest.mark.parametrize("door", ["/notes", "/plain", "/plain-async", "/middleware", "/anything"])


@DOORS
@pytest.mark.parametrize("preset", PRESETS)
def test_token_of_a_person_enters_without_a_statement(issuer, trust, call, door):
    trust(issuer)
    answer = call(issuer.token(sub="u-7", scope="read write"), door)
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert (said["client"], said["subject"], said["issuer"]) == ("fake-app", "u-7", issuer.issuer)
    assert {"read", "write"} <= set(said["scopes"])
    assert (said["is_machine"], said["user"], said["first_party"], said["kind"]) == (False, None, False, "jwt")


@pytest.mark.parametrize("preset", PRESETS)
def test_token_of_a_machine_is_one_RS10(issuer, trust, call):
    trust(issuer)
    value = issuer.token(machine=True)
    assert call(value, "/machine").json()["is_machine"] is True
    assert call(value, "/person").status_code == 403
    assert call(issuer.token(), "/machine").status_code == 403


@pytest.mark.parametrize("preset", PRESETS)
def test_person_nobody_knows_here_is_no_user(issuer, trust, call):
    trust(issuer)
    assert call(issuer.token()).json()["request_user"] == "AnonymousUser"
    assert call(issuer.token(), "/person").status_code == 403


@pytest.mark.parametrize("preset", PRESETS)
def test_token_without_the_scope_is_refused_and_told_which(issuer, trust, call):
    trust(issuer)
    answer = call(issuer.token(scope="write"))
    assert (answer.status_code, answer.json()["required"]) == (403, ["read"])


@pytest.mark.parametrize("preset", ["keycloak"])
def test_keycloak_roles_are_no_scopes_until_the_site_says_so(issuer, trust, call):
    trust(issuer)
    assert call(issuer.token(scope="openid")).status_code == 403
    trust(issuer, role_scopes={"editor": ["read", "write"], "billing:clerk": "invoices"})
    said = call(issuer.token(scope="openid")).json()
    assert {"read", "write", "invoices"} <= set(said["scopes"])
    assert set(said["roles"]) == {"editor", "offline_access", "billing:clerk", "account:view-profile"}


@pytest.mark.parametrize("preset", ["keycloak"])
def test_keycloak_token_for_account_alone_is_refused_and_the_operator_told_of_the_mapper(issuer, trust, call, told):
    trust(issuer)
    assert call(issuer.token(aud="account")).json()["reason"] == "wrong_audience"
    assert "audience mapper" in told()


@pytest.mark.parametrize("preset", ["keycloak"])
@pytest.mark.parametrize("kind", ["ID", "Refresh", "Offline", "Logout"])
def test_RS3_keycloak_token_of_another_kind_is_refused(issuer, trust, call, kind):
    trust(issuer)
    assert call(issuer.token(typ=kind)).status_code == 401


@pytest.mark.parametrize("preset", ["keycloak"])
def test_keycloak_user_who_calls_herself_a_service_account_is_none(issuer, trust, call):
    trust(issuer)
    value = issuer.token(preferred_username="service-account-other-app")
    assert call(value).json()["is_machine"] is False


@pytest.mark.parametrize("preset", ["auth0"])
def test_auth0_permissions_count_as_scopes_unless_the_site_says_no(issuer, trust, call):
    value = issuer.token(scope="openid", permissions=["read"])
    trust(issuer)
    assert call(value).json()["scopes"] == ["openid", "read"]
    trust(issuer, permissions=False)
    assert call(value).status_code == 403


@pytest.mark.parametrize("preset", ["auth0"])
def test_auth0_namespaced_roles_are_read_from_the_named_claim(issuer, trust, call):
    trust(issuer, roles_from="https://example.com/roles", role_scopes={"editor": "write"})
    said = call(issuer.token(**{"https://example.com/roles": ["editor", "author"]})).json()
    assert (said["roles"], said["scopes"]) == (["author", "editor"], ["read", "write"])


@pytest.mark.parametrize("preset", ["auth0"])
def test_auth0_profile_of_rfc_9068_enters_too(issuer, trust, call):
    trust(issuer)
    value = issuer.token(header={"typ": "at+jwt"}, azp=None, extra={"client_id": "rfc-app"})
    assert call(value).json()["client"] == "rfc-app"


ENCRYPTED = "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..aXY.Y2lwaGVy.dGFn"


@pytest.mark.parametrize("preset", ["auth0"])
@pytest.mark.parametrize("case", [("https://provider.example", ENCRYPTED), ("", ENCRYPTED), ("", "opaque")])
def test_auth0_token_nobody_can_read_tells_the_operator_of_the_missing_audience(issuer, trust, call, told, case):
    trust(issuer, site={"ISSUER": case[0]})
    assert call(case[1]).json()["reason"] == "unknown"
    assert "an app asks without `audience`" in told()


@pytest.mark.parametrize("preset", ["okta"])
def test_okta_token_without_cid_is_taken_for_an_id_token(issuer, trust, call, told):
    trust(issuer)
    assert call(issuer.token(cid=None)).status_code == 401
    assert "ID token" in told()


@pytest.mark.parametrize("preset", ["okta"])
def test_okta_token_of_the_org_server_is_refused(issuer, trust, call):
    trust(issuer)
    assert call(issuer.token(header={"typ": "application/okta-internal-at+jwt"})).status_code == 401


@pytest.mark.parametrize("preset", ["cognito"])
def test_cognito_token_of_another_app_client_is_refused(issuer, trust, call):
    trust(issuer)
    assert call(issuer.token(client_id="another")).json()["reason"] == "wrong_audience"


@pytest.mark.parametrize("preset", ["cognito"])
def test_cognito_scopes_lose_the_name_of_the_resource_server_and_others_are_left_out(issuer, trust, call):
    trust(issuer, scope_prefix="notes-api/")
    value = issuer.token(scope="notes-api/read other-api/write openid write")
    said = call(value).json()
    assert (said["scopes"], said["roles"]) == (["read"], ["editors"])


@pytest.mark.parametrize("preset", ["cognito"])
@pytest.mark.parametrize("aud", ["https://other.example", [], 5])
def test_RS2_cognito_token_that_says_whom_it_is_for_is_held_to_it(issuer, trust, call, told, aud):
    trust(issuer)
    assert call(issuer.token(aud=aud)).json()["reason"] == "wrong_audience"
    assert "set `audience` if that is this API" in told()


@pytest.mark.parametrize("preset", ["cognito"])
def test_RS2_cognito_with_an_audience_asks_for_it(issuer, trust, call, told):
    trust(issuer, audience="https://api.example")
    assert call(issuer.token()).json()["reason"] == "wrong_audience"
    assert "no `aud`; set `client_id`" in told()
    assert call(issuer.token(aud="https://api.example")).status_code == 200
    assert call(issuer.token(aud="https://other.example")).json()["reason"] == "wrong_audience"


@pytest.mark.parametrize("preset", ["openid"])
def test_how_somebody_signed_in_and_who_acts_is_read(issuer, trust, call):
    trust(issuer)
    said = call(issuer.token(act={"sub": "agent-1"})).json()
    assert (said["acr"], said["amr"]) == ("urn:example:gold", ["pwd", "otp"])
    assert (said["auth_time"], said["actor"]) == (1_700_000_000, {"sub": "agent-1"})


@pytest.mark.parametrize("alg", ["RS256", "RS512", "PS256", "ES256", "ES384", "EdDSA"])
def test_each_asymmetric_algorithm_the_site_names_works(trust, call, alg):
    from oauth_provider.testing import FakeIssuer

    with FakeIssuer(alg=alg) as issuer:
        trust(issuer)
        assert call(issuer.token()).status_code == 200
