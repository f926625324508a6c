from __future__ import annotations

import importlib
import sys

import pytest
from django.conf import settings
from django.test import modify_settings, override_settings
from django.urls import include, path

from tests.checks.sites import AT_ROOT, BESIDE_DOT, NOTHING, ONLY_DOT, found

CORS = "corsheaders.middleware.CorsMiddleware"
SESSION = "rest_framework.authentication.SessionAuthentication"
OURS = "oauth_provider.drf.OAuth2Authentication"


@pytest.fixture(autouse=True)
def _mounted():
    with override_settings(ROOT_URLCONF=AT_ROOT):
        yield


def without_middleware(path):
    return override_settings(MIDDLEWARE=[own for own in settings.MIDDLEWARE if own != path])


def test_E020_cors_middleware_is_missing():
    with without_middleware(CORS):
        assert CORS in found()["E020"]
        with override_settings(ROOT_URLCONF=NOTHING):
            assert found() == {}


@modify_settings(INSTALLED_APPS={"remove": ["corsheaders"]})
def test_E021_cors_app_is_missing():
    assert "E021" in found()


@pytest.mark.parametrize(
    "path",
    [
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.csrf.CsrfViewMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
    ],
)
def test_E022_middleware_is_missing(path):
    with without_middleware(path):
        assert path in found()["E022"]


def test_a_subclass_of_the_middleware_is_as_good(monkeypatch):
    module = type(sys)("site_middleware")
    from corsheaders.middleware import CorsMiddleware

    module.OurCors = type("OurCors", (CorsMiddleware,), {})
    monkeypatch.setitem(sys.modules, "site_middleware", module)
    with override_settings(MIDDLEWARE=["site_middleware.OurCors", *settings.MIDDLEWARE[1:]]):
        assert found() == {}


def test_E024_django_oauth_plus_is_installed(tmp_path, monkeypatch):
    info = tmp_path / "django_oauth_plus-2.2.9.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: django-oauth-plus\nVersion: 2.2.9\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    assert "E024" in found()


@pytest.mark.parametrize("login_url", ["/nowhere/", "no_such_name"])
def test_I001_login_url_that_nobody_serves(login_url):
    with override_settings(LOGIN_URL=login_url):
        assert login_url in found()["I001"]


@pytest.mark.parametrize("login_url", ["/accounts/login/", "login", "https://login.example/", "/accounts/login/?a=b"])
def test_login_url_that_somebody_serves_is_silent(login_url):
    with override_settings(LOGIN_URL=login_url):
        assert found() == {}


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, ["W010"]), ({"transaction_mode": "IMMEDIATE"}, []), ({"transaction_mode": "immediate"}, [])],
)
def test_W010_sqlite_that_does_not_begin_with_the_write_lock(options, expected):
    from oauth_provider.checks.pieces import check_sqlite

    databases = {"default": {"ENGINE": "django.db.backends.sqlite3", "OPTIONS": options}}
    with pytest.warns(UserWarning, match="DATABASES"), override_settings(DATABASES=databases):
        assert [message.id[-4:] for message in check_sqlite()] == expected


def test_W020_session_authentication_before_ours():
    with override_settings(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [SESSION, OURS]}):
        assert SESSION in found()["W020"]
    with override_settings(REST_FRAMEWORK={"DEFAULT_AUTHENTICATION_CLASSES": [SESSION]}):
        assert found() == {}


def test_W030_the_toolkits_pages_beside_ours():
    with override_settings(ROOT_URLCONF=BESIDE_DOT):
        assert "/dot/authorize" in found()["W030"]
    with override_settings(ROOT_URLCONF=ONLY_DOT):
        assert found() == {}


def test_W031_the_toolkits_middleware_and_backend_beside_ours():
    middleware = [*settings.MIDDLEWARE, "oauth2_provider.middleware.OAuth2TokenMiddleware"]
    with override_settings(MIDDLEWARE=middleware):
        assert "AccessMiddleware" in found()["W031"]
    with override_settings(AUTHENTICATION_BACKENDS=["oauth2_provider.backends.OAuth2Backend"]):
        assert "OAuth2Backend" in found()["W031"]


def test_static_checks_ask_no_database(django_db_blocker):
    # pytest-django raises on any statement of a test without the django_db mark
    assert isinstance(found(deploy=True), dict)


@modify_settings(INSTALLED_APPS={"remove": ["django.contrib.sessions"]})
def test_E023_app_of_signing_in_is_missing():
    assert "django.contrib.sessions" in found()["E023"]


WITH_API = (path("oauth/api/", include("oauth_provider.api.urls")), *AT_ROOT)


def resources(*uris):
    return override_settings(
        ROOT_URLCONF=WITH_API,
        OAUTH_PROVIDER={**settings.OAUTH_PROVIDER, "RESOURCES": dict.fromkeys(uris, "API")},
    )


def test_E025_several_resources_and_none_is_the_management_api():
    with resources("https://a.example", "https://b.example"):
        assert settings.OAUTH_PROVIDER["ISSUER"] in found()["E025"]
        with override_settings(ROOT_URLCONF=AT_ROOT):
            assert "E025" not in found()
    with resources("https://a.example"):
        assert "E025" not in found()
    with resources("https://a.example", settings.OAUTH_PROVIDER["ISSUER"]):
        assert "E025" not in found()


def test_W055_nonces_that_no_page_can_read():
    asking = {**settings.OAUTH_PROVIDER, "DPOP_NONCE": True}
    with override_settings(OAUTH_PROVIDER=asking):
        assert "lacks DPoP, CORS_EXPOSE_HEADERS lacks DPoP-Nonce" in found()["W055"]
        with override_settings(CORS_ALLOW_HEADERS=["DPoP"], CORS_EXPOSE_HEADERS=["dpop-nonce"]):
            assert "W055" not in found()
    assert "W055" not in found()


def _answered_by_allauth(request):
    """What django-allauth's provider has at the same address."""


_answered_by_allauth.__module__ = "allauth.idp.oidc.views"
theirs = [path(".well-known/openid-configuration", _answered_by_allauth)]


def test_W032_provider_of_django_allauth_beside_ours(monkeypatch):
    # The setting alone: the app itself needs packages of its own.
    monkeypatch.setattr(settings, "INSTALLED_APPS", [*settings.INSTALLED_APPS, "allauth.idp.oidc"])
    assert "this one answers" in found()["W032"]
    urls = type(sys)("tests.checks.urls_allauth_first")
    urls.urlpatterns = [*theirs, path("", include("oauth_provider.urls"))]
    monkeypatch.setitem(sys.modules, urls.__name__, urls)
    with override_settings(ROOT_URLCONF=urls.__name__):
        assert "it answers, not this one" in found()["W032"]
