from __future__ import annotations

import threading
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone
from oauth2_provider.models import AccessToken as DotAccessToken

from oauth_provider.keys import rotation
from oauth_provider.keys.algorithms import ALGORITHMS
from oauth_provider.management import expired
from oauth_provider.models import (
    AccessToken,
    AuthorizationCode,
    Client,
    DeviceCode,
    Grant,
    LogoutDelivery,
    RefreshToken,
    RevokedToken,
    Session,
    SigningKey,
    StoredRequest,
    UsedJti,
    UserCodeAttempt,
)
from oauth_provider.values import KeyState

NOW = timezone.now()
PAST = NOW - timedelta(hours=1)
LONG_PAST = NOW - timedelta(days=10)
FUTURE = NOW + timedelta(days=1)


def clear(*arguments):
    out = StringIO()
    call_command("oauth_clear_expired", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def client_row(db):
    return Client.objects.register(name="Shop", redirect_uris=["https://shop.example/cb"])[0]


@pytest.fixture
def ada(db, django_user_model):
    return django_user_model.objects.create_user("ada")


@pytest.fixture
def grant(client_row, ada):
    return Grant.objects.create(client=client_row, user=ada, subject="u_1", expires_at=FUTURE)


def test_live_rows_stay_and_expired_ones_go(client_row, ada, grant):
    for at in (LONG_PAST, FUTURE):
        AccessToken.objects.create(digest=f"a{at}", grant=grant, client=client_row, expires_at=at)
        Session.objects.create(client=client_row, user=ada, sid=f"{at}"[:10], sub="u_1", expires_at=at)
        RefreshToken.objects.create(digest=f"r{at}", grant=grant, client=client_row, expires_at=at)
        AuthorizationCode.objects.create(digest=f"c{at}", grant=grant, client=client_row, expires_at=at)
        DeviceCode.objects.create(digest=f"d{at}", user_code_digest=f"d{at}", client=client_row, expires_at=at)
        StoredRequest.objects.create(digest=f"s{at}", client=client_row, expires_at=at)
        RevokedToken.objects.create(digest=f"x{at}", expires_at=at)
        UserCodeAttempt.objects.create(key="k", at=at)
        UsedJti.objects.create(digest=f"j{at}", expires_at=at)
        made = at if at > NOW else at - timedelta(days=30)
        LogoutDelivery.objects.create(client=client_row, sid="s", sub="u_1", created_at=made, state="dead")
    clear()
    for kind in expired.KINDS:
        assert kind.model._base_manager.count() == 1, kind.name
    assert Grant.objects.get() == grant


def test_rotated_refresh_token_stays_until_its_own_end(client_row, grant):
    """R2: presenting it again must end the family."""
    RefreshToken.objects.create(digest="a", grant=grant, client=client_row, expires_at=FUTURE, rotated_at=LONG_PAST)
    clear()
    assert RefreshToken.objects.count() == 1


def test_expired_refresh_token_goes_and_its_live_successor_stays(client_row, grant):
    old = RefreshToken.objects.create(digest="a", grant=grant, client=client_row, expires_at=PAST)
    new = RefreshToken.objects.create(digest="b", grant=grant, client=client_row, expires_at=FUTURE, predecessor=old)
    clear()
    assert [(row.pk, row.predecessor) for row in RefreshToken.objects.all()] == [(new.pk, None)]


def test_consumed_code_stays_while_a_token_it_gave_may_live(client_row, grant):
    """C22: presenting it again must end those tokens."""
    AuthorizationCode.objects.create(digest="a", grant=grant, client=client_row, expires_at=PAST, consumed_at=PAST)
    clear()
    assert AuthorizationCode.objects.count() == 1
    client_row.access_token_lifetime = 5 * 86400
    client_row.save()
    AuthorizationCode.objects.update(expires_at=NOW - timedelta(days=3))
    clear()
    assert AuthorizationCode.objects.count() == 1
    AuthorizationCode.objects.update(expires_at=NOW - timedelta(days=6))
    clear()
    assert AuthorizationCode.objects.count() == 0


@pytest.mark.parametrize("over", [{"expires_at": LONG_PAST}, {"revoked_at": LONG_PAST}])
def test_grant_goes_when_it_is_over_and_nothing_hangs_on_it(client_row, grant, over):
    Grant.objects.update(**over)
    row = RefreshToken.objects.create(digest="a", grant=grant, client=client_row, expires_at=FUTURE)
    clear()
    assert Grant.objects.count() == 1
    row.delete()
    clear()
    assert Grant.objects.count() == 0


def test_grant_that_has_just_ended_stays(grant):
    Grant.objects.update(revoked_at=PAST)
    clear()
    assert Grant.objects.count() == 1


def test_toolkit_tables_are_not_touched(client_row, ada):
    DotAccessToken.objects.create(token="a", user=ada, application=client_row.application, expires=LONG_PAST)
    clear()
    assert DotAccessToken.objects.count() == 1


def test_dry_run_deletes_nothing_and_counts(client_row, grant):
    AccessToken.objects.create(digest="a", grant=grant, client=client_row, expires_at=LONG_PAST)
    assert "access tokens: 1 would go" in clear("--dry-run")
    assert AccessToken.objects.count() == 1


def test_many_rows_go_in_statements_of_the_batch_size(client_row, grant, django_assert_num_queries):
    AccessToken.objects.bulk_create(
        AccessToken(digest=f"a{n}", grant=grant, client=client_row, expires_at=LONG_PAST) for n in range(25)
    )
    kind = expired.KINDS[0]
    with django_assert_num_queries(3 + 3 + 1):  # three batches: read and delete each; one read finds nothing
        assert list(expired.delete(kind, batch_size=10)) == [10, 10, 5]


def test_stopped_half_way_the_next_run_goes_on(client_row, grant):
    AccessToken.objects.bulk_create(
        AccessToken(digest=f"a{n}", grant=grant, client=client_row, expires_at=LONG_PAST) for n in range(25)
    )
    batches = expired.delete(expired.KINDS[0], batch_size=10)
    next(batches)
    batches.close()
    assert AccessToken.objects.count() == 15
    assert "access tokens: 15 deleted" in clear()


def test_ended_signing_key_is_marked(db):
    rotation.ensure()
    key = SigningKey.objects.filter(alg="ES256").get()
    rotation.rotate(now=True)
    SigningKey.objects.filter(pk=key.pk).update(retire_at=PAST)
    clear()
    key.refresh_from_db()
    assert key.state == KeyState.REVOKED
    assert SigningKey.objects.filter(state=KeyState.ACTIVE).count() == len(ALGORITHMS)


@pytest.mark.parametrize(
    "arguments",
    [["--batch-size", "0"], ["--batch-size", "5001"], ["--batch-size", "many"], ["--sleep", "-1"], ["--sleep", "nan"]],
)
def test_wrong_arguments_are_explained(db, arguments):
    with pytest.raises(CommandError, match="must be"):
        clear(*arguments)


@pytest.mark.django_db(transaction=True)
def test_two_at_once_share_the_work():
    if connection.vendor == "sqlite":
        pytest.skip("threads share no in-memory SQLite database; runs on PostgreSQL")
    client = Client.objects.register(name="Shop", redirect_uris=["https://shop.example/cb"])[0]
    AccessToken.objects.bulk_create(
        AccessToken(digest=f"a{n}", client=client, expires_at=LONG_PAST) for n in range(3000)
    )
    deleted, failed = [], []

    def run():
        try:
            deleted.append(sum(expired.delete(expired.KINDS[0], batch_size=50)))
        except Exception as error:  # noqa: BLE001  # the thread's failure is the test's
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert sum(deleted) == 3000
    assert AccessToken.objects.count() == 0
