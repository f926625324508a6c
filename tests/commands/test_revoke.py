from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from oauth2_provider.models import AccessToken as DotAccessToken
from oauth2_provider.models import RefreshToken as DotRefreshToken

from oauth_provider import credentials
from oauth_provider.models import AccessToken, AuditEvent, Client, Grant, RefreshToken
from oauth_provider.tokens import lookup
from oauth_provider.values import Event

pytestmark = pytest.mark.django_db

FUTURE = timezone.now() + timedelta(days=1)


def revoke(*arguments, stdin=""):
    out = StringIO()
    call_command("oauth_revoke", *arguments, stdout=out, stdin=StringIO(stdin))
    return out.getvalue()


@pytest.fixture
def ada(django_user_model):
    return django_user_model.objects.create_user("ada")


@pytest.fixture
def shop():
    return Client.objects.register(name="Shop", redirect_uris=["https://shop.example/cb"])[0]


@pytest.fixture
def grant(shop, ada):
    return Grant.objects.create(client=shop, user=ada, subject="u_1", expires_at=FUTURE)


@pytest.fixture
def access_token(shop, grant):
    value = credentials.make(credentials.Kind.ACCESS_TOKEN)
    AccessToken.objects.create(digest=credentials.digest(value), grant=grant, client=shop, expires_at=FUTURE)
    return value


def is_live(value):
    try:
        lookup.find_access_token(value)
    except lookup.TokenNotLive:
        return False
    return True


def test_user_ends_every_grant_and_the_toolkits_tokens(ada, shop, access_token):
    old = DotAccessToken.objects.create(token="o", user=ada, application=shop.application, expires=FUTURE)
    DotRefreshToken.objects.create(token="r", user=ada, application=shop.application, access_token=old)
    assert "1 grants of ada ended" in revoke("--user", "ada")
    assert not is_live(access_token)
    assert not is_live("o")
    assert DotRefreshToken.objects.get().revoked is not None


def test_client_ends_its_tokens(shop, access_token):
    revoke("--client", shop.client_id)
    assert not is_live(access_token)


def test_grant_ends_its_family(grant, access_token):
    assert revoke("--grant", str(grant.pk)) == f"{grant.pk} ended\n"
    assert not is_live(access_token)
    assert "had ended before" in revoke("--grant", str(grant.pk))
    assert AuditEvent.objects.get(event=Event.GRANT_REVOKED).actor == "oauth_revoke"


def test_access_token_from_standard_input_ends_alone(grant, access_token):
    revoke("--token", "-", stdin=f"{access_token}\n")
    assert not is_live(access_token)
    grant.refresh_from_db()
    assert grant.revoked_at is None


def test_refresh_token_from_standard_input_ends_the_family(shop, grant, access_token):
    value = RefreshToken.objects.start(grant, shop, expires_at=FUTURE)
    revoke("--token", "-", stdin=value)
    assert not is_live(access_token)


def test_toolkits_refresh_token_ends(ada, shop):
    DotRefreshToken.objects.create(token="r", user=ada, application=shop.application)
    revoke("--token", "-", stdin="r")
    assert DotRefreshToken.objects.get().revoked is not None


@pytest.mark.parametrize(
    ("arguments", "stdin", "said"),
    [
        (["--user", "nobody"], "", "no user 'nobody'"),
        (["--client", "nothing"], "", "no client with the client_id 'nothing'"),
        (["--grant", "nothing"], "", "not a grant id"),
        (["--grant", "00000000-0000-4000-8000-000000000000"], "", "There is no grant"),
        (["--token", "op_at_x"], "", "readable for others"),
        (["--token", "-"], "", "Nothing came on standard input"),
        (["--token", "-"], "nothing", "not live"),
        ([], "", "required"),
    ],
)
def test_wrong_input_is_explained(arguments, stdin, said):
    with pytest.raises(CommandError, match=said):
        revoke(*arguments, stdin=stdin)


def test_token_is_not_repeated_in_the_error():
    with pytest.raises(CommandError) as caught:
        revoke("--token", "-", stdin="sekrit-value")
    assert "sekrit-value" not in str(caught.value)


@pytest.mark.parametrize(
    "arguments",
    [["oauth_revoke", "--grant", "x"], ["oauth_clear_expired", "--batch-size", "x"], ["oauth_create_client"]],
)
def test_wrong_input_ends_with_a_code_and_no_traceback(arguments):
    run = subprocess.run(
        [sys.executable, "-m", "django", *arguments, "--settings", "tests.settings"],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert run.returncode in {1, 2}
    assert "Traceback" not in run.stderr
