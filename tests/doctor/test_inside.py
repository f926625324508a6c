"""Each diagnosis from inside, well and not well, by changed settings."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.core.cache import cache as django_cache
from django.core.checks import register
from django.core.checks.registry import registry
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import ConnectionHandler
from django.http import HttpResponse
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone

from oauth_provider.insight import doctor
from oauth_provider.insight.doctor import database
from oauth_provider.keys import rotation, store
from oauth_provider.models import SigningKey, StoredRequest
from oauth_provider.testing import as_app
from tests.checks.sites import AT_ROOT, BESIDE_DOT, NOTHING, UNDER_PREFIX, UNDER_PREFIX_WITH_WELL_KNOWN
from tests.doctor.told import state, told

pytestmark = pytest.mark.django_db

CORS = "corsheaders.middleware.CorsMiddleware"
REDIS = "django.core.cache.backends.redis.RedisCache"


def ours(settings, **values):
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | values


@pytest.mark.parametrize(
    ("name", "value", "diagnosis", "expected"),
    [
        ("DEBUG", False, "debug", "ok"),
        ("DEBUG", True, "debug", "warning"),
        ("SECRET_KEY", "short", "secret-key", "warning"),
        ("SECRET_KEY", "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", "secret-key", "ok"),
        ("SESSION_COOKIE_SECURE", False, "session-cookie", "warning"),
        ("SESSION_COOKIE_SECURE", True, "session-cookie", "ok"),
        ("CSRF_COOKIE_SECURE", False, "csrf-cookie", "warning"),
        ("CSRF_COOKIE_SECURE", True, "csrf-cookie", "ok"),
        ("SECURE_HSTS_SECONDS", 0, "hsts", "warning"),
        ("SECURE_HSTS_SECONDS", 31536000, "hsts", "ok"),
        ("ALLOWED_HOSTS", ["*"], "hosts", "warning"),
        ("ALLOWED_HOSTS", ["provider.example"], "hosts", "ok"),
        ("SESSION_COOKIE_SAMESITE", "Lax", "same-site", "ok"),
        ("SESSION_COOKIE_SAMESITE", "Strict", "same-site", "warning"),
        ("SESSION_COOKIE_SAMESITE", "None", "same-site", "problem"),
        ("SESSION_COOKIE_SAMESITE", False, "same-site", "warning"),
        ("LOGIN_URL", "/nowhere", "login-url", "ok"),
        ("USE_X_FORWARDED_HOST", True, "forwarded-host", "warning"),
        ("USE_X_FORWARDED_HOST", False, "forwarded-host", "ok"),
    ],
)
def test_one_setting(settings, name, value, diagnosis, expected):
    setattr(settings, name, value)
    assert state(diagnosis) == expected


def test_same_site_none_over_https_is_a_warning(settings):
    settings.SESSION_COOKIE_SAMESITE, settings.SESSION_COOKIE_SECURE = "None", True
    assert state("same-site") == "warning"


@pytest.mark.parametrize(
    ("issuer", "urls", "expected"),
    [
        ("https://provider.example", AT_ROOT, "ok"),
        ("https://provider.example/", AT_ROOT, "problem"),
        ("http://provider.example", AT_ROOT, "problem"),
        ("", AT_ROOT, "problem"),
        ("https://provider.example/o", UNDER_PREFIX_WITH_WELL_KNOWN, "ok"),
        ("https://provider.example", UNDER_PREFIX_WITH_WELL_KNOWN, "problem"),
    ],
)
def test_the_issuer_is_where_the_urls_are(settings, issuer, urls, expected):
    ours(settings, ISSUER=issuer)
    settings.ROOT_URLCONF = urls
    assert state("issuer") == expected


def test_both_issuers_are_named(settings):
    ours(settings, ISSUER="https://provider.example/other")
    (found,) = told("issuer")
    assert "'https://provider.example/other'" in found.sentence
    assert "'https://provider.example'" in found.fix


def test_urls_that_are_not_included_are_a_warning(settings):
    settings.ROOT_URLCONF = NOTHING
    assert state("mount") == "warning"


@pytest.mark.parametrize(
    ("urls", "issuer", "expected"),
    [
        (AT_ROOT, "https://provider.example", "ok"),
        (UNDER_PREFIX_WITH_WELL_KNOWN, "https://provider.example/o", "ok"),
        (UNDER_PREFIX, "https://provider.example/o", "problem"),
        (
            (path(".well-known/openid-configuration", lambda _: HttpResponse()), *AT_ROOT),
            "https://provider.example",
            "problem",
        ),
    ],
)
def test_well_known(settings, urls, issuer, expected):
    ours(settings, ISSUER=issuer)
    settings.ROOT_URLCONF = urls
    assert state("well-known") == expected


def test_another_provider_at_the_well_known_address_is_named(settings):
    import tests.doctor.other_provider as other

    settings.ROOT_URLCONF = (path("", include(other)), *AT_ROOT)
    problem = next(found for found in told("well-known") if found.state == "problem")
    assert "tests.doctor.other_provider.configuration" in problem.sentence
    assert "oauth_provider.endpoints.metadata" in problem.sentence


def test_cors_middleware(settings):
    assert state("cors") == "ok"
    rest = [name for name in settings.MIDDLEWARE if name != CORS]
    settings.MIDDLEWARE = [*rest, CORS]
    assert state("cors") == "warning"
    settings.MIDDLEWARE = rest
    assert state("cors") == "problem"


def test_cors_that_is_open_to_everybody_with_cookies(settings):
    settings.CORS_ALLOW_ALL_ORIGINS = settings.CORS_ALLOW_CREDENTIALS = True
    assert state("cors") == "problem"


def test_apps_and_order_of_authentication(settings):
    assert state("apps") == state("authentication-order") == "ok"
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "csrf" not in name]
    settings.REST_FRAMEWORK = {
        "DEFAULT_AUTHENTICATION_CLASSES": settings.REST_FRAMEWORK["DEFAULT_AUTHENTICATION_CLASSES"][::-1]
    }
    assert state("apps") == "problem"
    assert state("authentication-order") == "warning"


def test_another_openid_provider(monkeypatch, settings):
    assert state("allauth-idp") == "ok"
    # Not through override_settings: its models would stay registered for the tests after this one.
    monkeypatch.setattr(django_settings, "INSTALLED_APPS", [*settings.INSTALLED_APPS, "allauth.idp.oidc"])
    assert state("allauth-idp") == "warning"


def test_another_package_of_our_name(monkeypatch):
    from importlib import metadata

    assert state("import-name") == "ok"
    find = metadata.distribution
    monkeypatch.setattr(metadata, "distribution", lambda name: find("django" if "oauth-plus" in name else name))
    assert state("import-name") == "problem"


def test_pages_of_dot(settings):
    assert state("dot-pages") == "ok"
    settings.ROOT_URLCONF = BESIDE_DOT
    assert state("dot-pages") == "warning"


@pytest.mark.parametrize(
    ("header", "proxies", "redirects", "expected"),
    [
        (None, 0, False, "ok"),
        (("HTTP_X_FORWARDED_PROTO", "https"), 1, True, "ok"),
        (("HTTP_X_FORWARDED_PROTO", "https"), 0, False, "warning"),
        (None, 1, False, "warning"),
        (None, 1, True, "problem"),
    ],
)
def test_proxies(settings, header, proxies, redirects, expected):
    ours(settings, TRUSTED_PROXIES=proxies)
    settings.SECURE_PROXY_SSL_HEADER, settings.SECURE_SSL_REDIRECT = header, redirects
    assert state("proxy") == expected


def test_keys():
    assert state("keys-active") == "warning"
    assert SigningKey.objects.count() == 0
    rotation.ensure()
    assert state("keys-active") == state("keys-open") == state("keys-age") == "ok"
    SigningKey.objects.update(activated_at=timezone.now() - timedelta(days=100))
    old = [found for found in told("keys-age") if found.state == "warning"]
    assert len(old) == SigningKey.objects.count()
    assert "has signed for 100 days" in old[0].sentence


def test_keys_that_the_secret_key_does_not_open(settings):
    rotation.ensure()
    store.forget()
    settings.SECRET_KEY = "another-" + "q" * 50
    assert state("keys-open") == "problem"
    assert "SECRET_KEY_FALLBACKS" in told("keys-open")[0].fix


@pytest.mark.parametrize(
    ("backend", "location", "keeps", "shared"),
    [
        ("django.core.cache.backends.locmem.LocMemCache", "", "ok", "warning"),
        ("django.core.cache.backends.dummy.DummyCache", "", "problem", None),
        ("django.core.cache.backends.db.DatabaseCache", "no_such_table", "problem", None),
        (REDIS, "redis://:hidden-password@127.0.0.1:9/0", "problem", None),
    ],
)
def test_cache(settings, backend, location, keeps, shared):
    settings.CACHES = {"default": {"BACKEND": backend, "LOCATION": location}}
    found = [one for one in doctor.examine() if one.group == "cache"]
    states = {one.name: one.state.value for one in found}
    assert states == {"cache": keeps} | ({"cache-shared": shared} if shared else {})
    assert "hidden-password" not in str(found)


def test_a_cache_that_all_share(settings, tmp_path):
    settings.CACHES = {
        "default": {"BACKEND": "tests.doctor.caches.Shared", "LOCATION": "doctor"},
    }
    assert state("cache") == state("cache-shared") == "ok"
    assert django_cache.get("anything") is None


@pytest.mark.skipif(connection.vendor != "sqlite", reason="SQLite's own options")
def test_sqlite(settings):
    assert state("sqlite") == state("journal") == "ok"
    options = settings.DATABASES["default"]["OPTIONS"]
    mode = options.pop("transaction_mode")
    try:
        assert state("sqlite") == "warning"
    finally:
        options["transaction_mode"] = mode


@pytest.mark.parametrize(("seconds", "expected"), [(0, "ok"), (5, "warning"), (-3600, "problem")])
def test_the_clock_of_the_database(tmp_path, seconds, expected):
    def shifted(_format: str, _time: str) -> str:
        return (timezone.now() + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.%f")

    assert state("clock") == "ok"
    # SQLite lets its own functions be replaced, on this one connection.
    other = ConnectionHandler({"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": tmp_path / "other"}})[
        "default"
    ]
    other.ensure_connection()
    other.connection.create_function("strftime", 2, shifted)
    found = database.clock(other)
    other.close()
    assert found.state == expected
    assert not seconds or str(abs(seconds))[:2] in found.sentence or "4.9" in found.sentence


def test_migrations():
    assert state("migrations") == "ok"
    ((_app, newest),) = MigrationLoader(connection).graph.leaf_nodes("oauth_provider")
    MigrationRecorder(connection).record_unapplied("oauth_provider", newest)
    (found,) = told("migrations")
    assert found.state == "problem"
    assert f"oauth_provider.{newest}" in found.sentence


def test_replica(settings):
    assert state("replica") == "ok"
    settings.DATABASE_ROUTERS = ["tests.doctor.routers.ReadsElsewhere"]
    assert any("nowhere" in found.sentence for found in doctor.examine() if found.state == "problem")


def test_clean_up(ada_request):
    assert state("clean-up") == "ok"
    StoredRequest.objects.update(expires_at=timezone.now() - timedelta(days=4))
    assert state("clean-up") == "warning"
    call_command("oauth_clear_expired", verbosity=0)
    assert state("clean-up") == "ok"


@pytest.fixture
def ada_request(flow, conf_client):
    """A request that waits for an answer."""
    flow.browser.get(
        "/authorize",
        {
            "response_type": "code",
            "client_id": conf_client.client_id,
            "redirect_uri": "https://c.example/cb",
            "scope": "read",
            "code_challenge": "x" * 43,
            "code_challenge_method": "S256",
        },
    )
    assert StoredRequest.objects.exists()


def test_mails(settings):
    # The test runner lets mails go nowhere.
    assert state("mails") == "warning"
    ours(settings, CONSENT_MAILS=False)
    assert state("mails") == "ok"


@pytest.mark.parametrize(
    ("backend", "expected"),
    [
        ("django.tasks.backends.immediate.ImmediateBackend", "ok"),
        ("django.tasks.backends.dummy.DummyBackend", "warning"),
    ],
)
def test_tasks(settings, backend, expected):
    settings.TASKS = {"default": {"BACKEND": backend}}
    assert state("tasks") == expected


def test_what_checks_say_besides(settings):
    assert state("check") == "warning"
    settings.SILENCED_SYSTEM_CHECKS = (
        [f"security.W{number:03}" for number in range(1, 30)]
        + [f"oauth2_provider.W{number:03}" for number in range(1, 10)]
        + [f"drf_spectacular.W{number:03}" for number in range(1, 10)]
    )
    assert state("check") == "ok"
    ours(settings, JWT_STATE_CHECK="never")
    assert state("W108") == "warning"


def test_a_doctor_who_falls_over_says_so_and_goes_on(settings):
    settings.TASKS = 7
    found = list(doctor.examine())
    (fallen,) = [one for one in found if one.name == "examined"]
    assert (fallen.group, fallen.state) == ("chores", "problem")
    assert "AttributeError" in fallen.sentence
    assert found[-1].group == "checks"


def test_settings_that_are_no_dict_end_nothing(settings):
    settings.OAUTH_PROVIDER = ["hidden"]
    found = list(doctor.examine(dot=True))
    assert found[-1].group == "checks"
    assert next(one for one in found if one.name == "settings").state == "problem"


def test_a_check_that_raises_leaves_nothing_said_to_be_well(settings):
    def fails(**_):
        raise LookupError("hidden-password")

    register(fails)
    try:
        found = {one.name: one for one in doctor.examine()}
    finally:
        registry.registered_checks.remove(fails)
    assert found["check"].state == "problem"
    assert "LookupError" in found["check"].sentence
    assert not {"debug", "keys-open", "import-name"} & set(found)
    assert "hidden-password" not in str(found)


def test_looking_changes_nothing(client, alice):
    as_app(client, user=alice)
    with CaptureQueriesContext(connection) as asked:
        list(doctor.examine(dot=True))
    words = ("INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "DROP")
    assert [query["sql"] for query in asked if query["sql"].startswith(words)] == []
