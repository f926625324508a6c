from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.checks import run_checks
from django.test import override_settings
from django.utils import timezone

from oauth_provider.keys import rotation
from oauth_provider.models import SigningKey
from oauth_provider.values import KeyState
from tests.checks.sites import by_id, found_in_database
from tests.keys import kek, outside

pytestmark = pytest.mark.django_db

OLD = "only-for-tests-" + "k" * 50


@pytest.fixture(autouse=True)
def keys():
    rotation.ensure()


@pytest.fixture
def module():
    made = outside.MODULES["RS256"] = outside.Module("RS256")
    made.make("hsm-1")
    made.use("hsm-1")
    return made


def deployed(settings, **ours) -> dict[str, str]:
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, **ours}
    return by_id(run_checks(tags=["oauth_provider"], include_deployment_checks=True))


def test_fresh_keys_are_silent():
    assert found_in_database() == {}


def test_W090_key_that_cron_forgot():
    row = SigningKey.objects.get(alg="ES256")
    SigningKey.objects.filter(pk=row.pk).update(activated_at=timezone.now() - timedelta(days=96))
    assert found_in_database() == {}
    SigningKey.objects.filter(pk=row.pk).update(activated_at=timezone.now() - timedelta(days=98))
    found = found_in_database()["W090"]
    assert row.kid in found
    assert "98 days" in found
    assert "after 90" in found


def test_W091_retired_key_past_its_time():
    rotation.rotate(now=True)
    assert found_in_database() == {}
    SigningKey.objects.filter(state=KeyState.RETIRED).update(retire_at=timezone.now() - timedelta(days=3))
    assert "4 retired keys" in found_in_database()["W091"]


def test_W092_sealed_under_a_fallback_only():
    with override_settings(SECRET_KEY="another" * 10, SECRET_KEY_FALLBACKS=[OLD]):
        found = found_in_database()
    assert set(found) == {"W092"}
    assert "--reseal" in found["W092"]


def test_W092_sealed_under_secret_key_while_there_is_a_vault(settings):
    kek.VAULT.__init__()
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "KEY_ENCRYPTION": kek.FIRST}
    assert set(found_in_database()) == {"W092"}


def test_E201_is_said_instead_of_W092_where_nothing_opens_the_key():
    with override_settings(SECRET_KEY="another" * 10):
        assert set(found_in_database()) == {"E201"}


def test_W095_key_of_an_algorithm_that_is_offered_no_more(settings):
    settings.OAUTH_PROVIDER = {**settings.OAUTH_PROVIDER, "ID_TOKEN_SIGNING_ALGS": ["RS256", "ES256", "PS256"]}
    row = SigningKey.objects.get(alg="EdDSA")
    assert row.kid in found_in_database()["W095"]
    rotation.rotate(if_due=True)
    assert found_in_database() == {}


def test_signer_that_answers_is_silent_in_every_check(settings, module):
    found = deployed(settings, SIGNERS={"RS256": outside.PATHS["RS256"]})
    assert not {"E090", "E002", "W094"} & set(found)
    rotation.rotate(if_due=True)
    assert found_in_database() == {}


def test_E090_signer_out_of_reach_or_of_no_use(settings, module):
    module.is_down = True
    found = deployed(settings, SIGNERS={"RS256": outside.PATHS["RS256"]})
    assert "The signer of RS256 does not answer: Down" in found["E090"]
    module.is_down = False
    module.sign = lambda *_: b"x"
    assert "does not verify" in deployed(settings)["E090"]
    module.listed = []
    assert "not among the public keys it lists" in deployed(settings)["E090"]


def test_E091_vault_out_of_reach(settings):
    kek.VAULT.__init__()
    assert "E091" not in deployed(settings, KEY_ENCRYPTION=kek.FIRST)
    kek.VAULT.is_down = True
    assert "ConnectionError" in deployed(settings)["E091"]
    kek.VAULT.is_down = False


def test_W093_new_keys_sign_before_clients_that_keep_them_for_an_hour_have_read_them(settings):
    assert "W093" not in deployed(settings, KEY_PUBLISH_LIFETIME=3600)
    assert "600 seconds" in deployed(settings, KEY_PUBLISH_LIFETIME=600)["W093"]


def test_W094_signer_of_an_algorithm_that_is_not_offered(settings):
    found = deployed(settings, ID_TOKEN_SIGNING_ALGS=["RS256"], SIGNERS={"EdDSA": outside.PATHS["EdDSA"]})
    assert "EdDSA" in found["W094"]


@pytest.mark.parametrize(
    ("name", "value", "why"),
    [
        ("ID_TOKEN_SIGNING_ALGS", ["ES256"], "RS256 must be among them"),
        ("ID_TOKEN_SIGNING_ALGS", ["RS256", "HS256"], "'HS256': there are"),
        ("ID_TOKEN_SIGNING_ALGS", "RS256", "it must be a list"),
        ("SIGNERS", {"HS256": "tests.keys.outside.rs256"}, "'HS256' is none of our algorithms"),
        ("SIGNERS", {"RS256": "tests.keys.outside.nobody"}, "cannot be imported"),
        ("SIGNERS", ["RS256"], "it must be a dict"),
        ("KEY_ENCRYPTION", "tests.keys.kek.nobody", "cannot be imported"),
        ("KEY_ENCRYPTION", 7, "must be a dotted path"),
        ("KEY_ENCRYPTION_FALLBACKS", "tests.keys.kek.first", "it must be a list"),
    ],
)
def test_E002_settings_of_keys(settings, name, value, why):
    assert why in deployed(settings, **{name: value})["E002"]
