"""The OpenAPI description, and that it says what the gate does."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass, field
from io import StringIO
from itertools import chain
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client as Browser
from django.urls import include, path
from django.utils import timezone
from drf_spectacular.validation import validate_schema
from oauth2_provider.contrib.rest_framework import (
    IsAuthenticatedOrTokenHasScope,
    TokenHasScope,
    TokenMatchesOASRequirements,
)
from rest_framework.authentication import BasicAuthentication, SessionAuthentication
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny, BasePermission, IsAdminUser, IsAuthenticated, IsAuthenticatedOrReadOnly
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.serializers import CharField, Serializer
from rest_framework.throttling import AnonRateThrottle
from rest_framework.views import APIView
from rest_framework.viewsets import ViewSet

from oauth_provider.drf import (
    AllowAppsWithoutScope,
    HasAcr,
    HasAnyScope,
    HasAudience,
    HasFreshLogin,
    HasResourceScope,
    HasScope,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsSessionUser,
    IsUser,
    OAuth2Authentication,
)
from oauth_provider.drf.permissions import AppPermission, ScopePermission, access_of
from oauth_provider.resource_server.requirement import Requirement, all_of
from oauth_provider.testing import as_app
from oauth_provider.values import Profile
from tests.drf.conftest import SCOPES
from tests.settings import OAUTH_PROVIDER, REST_FRAMEWORK

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

COOKIE: dict[str, list[str]] = {"cookieAuth": []}
ANYBODY: dict[str, list[str]] = {}


def needs(*scopes: str) -> dict[str, list[str]]:
    return {"oauth2": list(scopes)}


class Thing(Serializer):
    name = CharField()


class Base(APIView):
    serializer_class = Thing
    authentication_classes = [OAuth2Authentication, SessionAuthentication]

    def get(self, request: Any) -> Response:
        return Response({})

    def post(self, request: Any) -> Response:
        return Response({})


class Things(ViewSet):
    serializer_class = Thing
    authentication_classes = [OAuth2Authentication, SessionAuthentication]
    permission_classes = [HasScope]
    required_scopes = {"list": ["notes:read"], "archive": ["a", "b"], "POST": ["notes:write"]}

    def list(self, request: Any) -> Response:
        return Response({})

    def create(self, request: Any) -> Response:
        return Response({})

    @action(detail=False, methods=["post"])
    def archive(self, request: Any) -> Response:
        return Response({})

    @action(detail=False)
    def unlisted(self, request: Any) -> Response:
        return Response({})


class OnASunday(ScopePermission):
    """A site's own, about scopes."""

    def requirement(self, request: Any, view: Any) -> Requirement:
        return all_of(["c"])


class HasFavour(AppPermission):
    """A site's own, about something else."""

    def __init__(self, favour: str) -> None:
        self.favour = favour

    def has_permission(self, request: Any, view: Any) -> bool:
        return access_of(request) is not None


class Sunny(BasePermission):
    def has_permission(self, request: Any, view: Any) -> bool:
        return True


@dataclass(frozen=True)
class Case:
    """Permissions, the whole `security` of GET and POST, and whose token it takes."""

    permissions: list[Any]
    get: list[Any]
    post: list[Any] | None = None
    attributes: dict[str, Any] = field(default_factory=dict)
    token: dict[str, Any] = field(default_factory=dict)
    user: str = "ada"


MACHINE = {"user": None, "profile": Profile.MACHINE}
CASES: dict[str, Case] = {
    "one": Case([HasScope("read")], [needs("read")]),
    "two-at-once": Case([HasScope("a", "b")], [needs("a", "b")]),
    "and": Case([HasScope("a") & HasScope("b")], [needs("a", "b")]),
    "listed": Case([HasScope("a"), HasScope("b")], [needs("a", "b")]),
    "or": Case([HasScope("a") | HasScope("b", "c")], [needs("a"), needs("b", "c")]),
    "any": Case([HasAnyScope("a", "b")], [needs("a"), needs("b")]),
    "any-and": Case([HasAnyScope("a", "b") & HasScope("c")], [needs("a", "c"), needs("b", "c")]),
    "or-and": Case([(HasScope("a") | HasScope("b")), HasScope("c")], [needs("a", "c"), needs("b", "c")]),
    "session": Case([HasScope("read") | IsSessionUser], [needs("read"), COOKIE]),
    "session-first": Case([IsSessionUser | HasScope("read")], [needs("read"), COOKIE]),
    "session-only": Case([IsSessionUser], [COOKIE]),
    "session-and-scope": Case([IsSessionUser & HasScope("read")], []),
    "resource": Case([HasResourceScope("notes")], [needs("notes:read")], [needs("notes:write")]),
    "map": Case(
        [HasScope],
        [needs("notes:read")],
        [needs("notes:write", "a")],
        attributes={"required_scopes": {"GET": ["notes:read"], "post": ["notes:write", "a"]}},
    ),
    "map-without-post": Case(
        [HasScope], [needs("notes:read")], [], attributes={"required_scopes": {"GET": ["notes:read"]}}
    ),
    "view": Case([HasScope], [needs("read", "write")], attributes={"required_scopes": ["read", "write"]}),
    "without": Case([AllowAppsWithoutScope], [needs()]),
    "without-or-session": Case([AllowAppsWithoutScope | IsSessionUser], [needs(), COOKIE]),
    "authenticated": Case([IsAuthenticated], [COOKIE]),
    "authenticated-or-scope": Case([IsAuthenticated | HasScope("x")], [needs("x"), COOKIE]),
    "read-only": Case([IsAuthenticatedOrReadOnly], [COOKIE, ANYBODY], [COOKIE]),
    "read-only-and-scope": Case([IsAuthenticatedOrReadOnly, HasScope("x")], [needs("x")]),
    "open": Case([AllowAny], [COOKIE, ANYBODY]),
    "open-and-scope": Case([AllowAny, HasScope("x")], [needs("x")]),
    "open-or-scope": Case([AllowAny | HasScope("x")], [needs("x"), COOKIE, ANYBODY]),
    "nothing": Case([], [COOKIE, ANYBODY]),
    "not": Case([~HasScope("x")], [COOKIE, ANYBODY]),
    "not-beside": Case([HasScope("a") & ~HasScope("x")], [needs("a")]),
    "neither": Case([HasScope("a") & ~(HasScope("b") | HasScope("x"))], [needs("a")]),
    "contradiction": Case([HasScope("a") & ~HasScope("a")], []),
    "user": Case([HasScope("read") & IsUser], [needs("read")]),
    "machine": Case([HasScope("read") & IsMachine], [needs("read")], token=MACHINE),
    "machine-user": Case([HasScope("read") & IsMachine & IsUser], []),
    "no-machine": Case([HasScope("read") & ~IsMachine], [needs("read")]),
    "first-party": Case([HasScope("read"), IsFirstParty], [needs("read")], token={"profile": Profile.FIRST_PARTY}),
    "audience": Case([HasScope("read"), HasAudience("https://provider.example")], [needs("read")]),
    "targets": Case(
        [HasScope("orgs") & HasTargets("organization")], [needs("orgs")], token={"targets": {"organization": "*"}}
    ),
    "acr": Case([HasScope("read"), HasAcr("urn:gold", "urn:silver")], [needs("read")], token={"acr": "urn:silver"}),
    "fresh": Case(
        [HasScope("read") & HasFreshLogin(max_age=86400)], [needs("read")], token={"auth_time": timezone.now()}
    ),
    "staff": Case([HasScope("staff_work"), IsAdminUser], [needs("staff_work")], user="boss"),
    "own": Case([OnASunday & HasFavour("rain")], [needs("c")]),
    "foreign": Case([HasScope("read"), Sunny], [needs("read")]),
    "dot": Case([TokenHasScope], [needs("a", "b")], attributes={"required_scopes": ["a", "b"]}),
    "dot-or-person": Case(
        [IsAuthenticatedOrTokenHasScope], [needs("a"), COOKIE], attributes={"required_scopes": ["a"]}
    ),
    "dot-alternatives": Case(
        [TokenMatchesOASRequirements],
        [needs("a"), needs("b", "c")],
        [],
        attributes={"required_alternate_scopes": {"GET": [["a"], ["b", "c"]]}},
    ),
    "favour-only": Case([HasFavour("rain")], []),
}

router = SimpleRouter()
router.register("things", Things, basename="thing")
urlpatterns: list[Any] = [
    *(
        path(name, type("View", (Base,), {"permission_classes": case.permissions, **case.attributes}).as_view())
        for name, case in CASES.items()
    ),
    path("basic", type("View", (Base,), {
        "permission_classes": [HasScope("read") | IsUser],
        "authentication_classes": [OAuth2Authentication, BasicAuthentication],
    }).as_view()),
    path("throttled", type("View", (Base,), {
        "permission_classes": [HasScope("read")], "throttle_classes": [AnonRateThrottle],
    }).as_view()),
    path("", include(router.urls)),
    path("", include("oauth_provider.urls")),
]  # fmt: skip
OPERATIONS = [
    *((f"/{name}", "get", case.get, case) for name, case in CASES.items()),
    *((f"/{name}", "post", case.get if case.post is None else case.post, case) for name, case in CASES.items()),
    ("/things/", "get", [needs("notes:read")], Case([], [])),
    ("/things/", "post", [needs("notes:write")], Case([], [])),
    ("/things/archive/", "post", [needs("a", "b")], Case([], [])),
    ("/things/unlisted/", "get", [], Case([], [])),
]


@pytest.fixture(autouse=True)
def _site(settings: Any) -> None:
    from oauth_provider.scopes import Scope

    settings.OAUTH_PROVIDER = OAUTH_PROVIDER | {
        "SCOPES": SCOPES
        | {
            "staff_work": Scope("staff_work", "Work", staff=True),
            "orgs": Scope("orgs", "Orgs", targets=("organization",)),
        }
    }
    settings.REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_SCHEMA_CLASS": "oauth_provider.drf.schema.OAuth2AutoSchema"}


def described(*options: str) -> dict[str, Any]:
    out = StringIO()
    call_command("spectacular", "--format", "openapi-json", "--urlconf", __name__, *options, stdout=out)
    found: dict[str, Any] = json.loads(out.getvalue())
    return found


def operation(route: str, method: str = "get") -> dict[str, Any]:
    found: dict[str, Any] = described()["paths"][route][method]
    return found


# ── the whole `security`, and the gate ──────────────────────────────────────────────────────────────────────


def test_description_is_valid_and_made_without_a_warning(settings: Any) -> None:
    validate_schema(described("--validate", "--fail-on-warn"))


def test_security_of_every_operation_is_what_its_permissions_ask_for() -> None:
    paths = described()["paths"]
    told = {(route, method): paths[route][method].get("security", []) for route, method, _, _ in OPERATIONS}
    assert told == {(route, method): security for route, method, security, _ in OPERATIONS}


@pytest.mark.parametrize("told", OPERATIONS, ids=lambda told: " ".join(told[1::-1]))
def test_gate_does_what_the_description_says(client: Any, django_user_model: Any, settings: Any, told: Any) -> None:
    route, method, security, case = told
    make = django_user_model.objects.create_superuser if case.user == "boss" else django_user_model.objects.create_user
    user = make(case.user)
    alternatives = [set(each["oauth2"]) for each in security if "oauth2" in each]

    def status(scopes: set[str]) -> int:
        app = as_app(client, **({"user": user, "scopes": scopes} | case.token))
        return getattr(app, method)(route).status_code

    for scopes in alternatives:
        assert status(scopes) == 200
        for left_out in scopes:
            if not any(other <= scopes - {left_out} for other in alternatives):
                assert status(scopes - {left_out}) == 403
    if not alternatives:
        assert status(set(settings.OAUTH_PROVIDER["SCOPES"])) == 403
        assert status(set()) == 403
    # The same without a token: by cookie, and not at all.
    browser = Browser()
    assert (getattr(browser, method)(route).status_code == 200) is (ANYBODY in security)
    browser.force_login(user)
    assert (getattr(browser, method)(route).status_code == 200) is (COOKIE in security)


def test_other_authentication_stands_beside_where_the_permissions_let_its_people_in() -> None:
    assert operation("/basic")["security"] == [needs("read"), {"basicAuth": []}]


def test_scheme_that_no_operation_takes_stands_nowhere() -> None:
    from drf_spectacular.generators import SchemaGenerator

    for permissions, names in [
        ([HasScope("a")], {"oauth2"}),
        ([HasScope("a") | IsSessionUser], {"oauth2", "cookieAuth"}),
    ]:
        closed = type("View", (Base,), {"permission_classes": [HasScope("a")]})
        last = type("View", (Base,), {"permission_classes": permissions})
        for views in ([closed, last], [last, closed]):
            patterns = [path(f"{number}", view.as_view()) for number, view in enumerate(views)]
            document = SchemaGenerator(patterns=patterns).get_schema(request=None, public=True)
            assert set(document["components"]["securitySchemes"]) == names


def test_authentications_that_subclass_ours_share_one_scheme(capsys: Any) -> None:
    own = type("Own", (OAuth2Authentication,), {"www_authenticate_realm": "own"})
    view = type("View", (Base,), {"permission_classes": [HasScope("a")], "authentication_classes": [own]})
    urlpatterns.append(path("own-realm", view.as_view()))
    try:
        document = described("--validate", "--fail-on-warn")
    finally:
        urlpatterns.pop()
    assert document["paths"]["/own-realm"]["get"]["security"] == [needs("a")]
    assert "oauth2" in document["components"]["securitySchemes"]


def test_authentication_that_the_site_leaves_out_of_the_description_stays_out() -> None:
    from drf_spectacular.settings import patched_settings

    with patched_settings({"AUTHENTICATION_WHITELIST": ["oauth_provider.drf.OAuth2Authentication"]}):
        document = described("--validate", "--fail-on-warn")
    assert set(document["components"]["securitySchemes"]) == {"oauth2"}
    assert document["paths"]["/session"]["get"]["security"] == [needs("read")]


def test_scopes_and_cookie_are_told_without_our_schema_class(settings: Any) -> None:
    settings.REST_FRAMEWORK = REST_FRAMEWORK | {"DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema"}
    assert operation("/session")["security"] == [needs("read"), COOKIE]
    assert operation("/one")["security"] == [needs("read")]


def test_view_of_others_is_left_as_it_is(settings: Any) -> None:
    others = type("View", (Base,), {"authentication_classes": [SessionAuthentication], "permission_classes": []})
    urlpatterns.append(path("others", others.as_view()))
    try:
        told = operation("/others")
    finally:
        urlpatterns.pop()
    assert (told["security"], set(told["responses"])) == ([COOKIE], {"200"})
    assert not [name for name in told if name.startswith("x-oauth")]


def test_requirement_that_is_empty_is_reported_and_opens_nothing(capsys: Any) -> None:
    empty = type("View", (Base,), {"permission_classes": [HasScope]})
    urlpatterns.append(path("empty", empty.as_view()))
    try:
        told = operation("/empty")
    finally:
        urlpatterns.pop()
    assert "A scope requirement is empty" in capsys.readouterr().err
    assert "security" not in told


# ── what is asked beside scopes ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("route", "conditions", "words"),
    [
        ("/user", [{"permission": "IsUser"}], "a person behind the token"),
        ("/machine", [{"permission": "IsMachine"}], "acts for itself"),
        ("/no-machine", [{"permission": "IsMachine", "negated": True}], "not: an app that acts for itself"),
        ("/first-party", [{"permission": "IsFirstParty"}], "an app of this site"),
        ("/audience", [{"permission": "HasAudience", "audiences": ["https://provider.example"]}],
         "a token for https://provider.example"),
        ("/targets", [{"permission": "HasTargets", "kind": "organization"}],
         "chosen objects of the kind 'organization'"),
        ("/acr", [{"permission": "HasAcr", "values": ["urn:gold", "urn:silver"]}],
         "a sign-in by urn:gold / urn:silver"),
        ("/fresh", [{"permission": "HasFreshLogin", "max_age": 86400}], "a sign-in of the last 86400 seconds"),
        ("/staff", [{"permission": "IsAdminUser"}], "staff"),
        ("/own", [{"permission": "HasFavour", "favour": "rain"}], "HasFavour"),
        ("/foreign", [{"permission": "Sunny"}], "what 'Sunny' asks"),
    ],
)  # fmt: skip
def test_condition_beside_the_scopes_is_told(route: str, conditions: list[Any], words: str) -> None:
    told = operation(route)
    assert told["x-oauth-alternatives"] == [{"scopes": told["security"][0]["oauth2"], "conditions": conditions}]
    assert words in told["description"]


def test_description_names_each_alternative_or_says_that_apps_may_not() -> None:
    assert operation("/and")["description"].endswith("An app needs `a` + `b`.")
    assert operation("/or")["description"].endswith("An app needs one of these:\n\n- `a`\n- `b` + `c`")
    assert operation("/session-only")["description"].endswith("Apps may not do this.")
    assert "whatever its permissions" in operation("/without")["description"]


# ── refusals ────────────────────────────────────────────────────────────────────────────────────────────────


def test_refusals_have_their_body_and_their_challenge(app: Any, client: Any) -> None:
    document = described()
    answers = document["paths"]["/and"]["get"]["responses"]
    assert set(answers) == {"200", "401", "403"}
    for status in ("401", "403"):
        assert answers[status]["content"]["application/json"]["schema"] == {"$ref": "#/components/schemas/OAuthRefusal"}
        assert set(answers[status]["headers"]) == {"WWW-Authenticate", "X-Request-Id"}
    told = document["components"]["schemas"]["OAuthRefusal"]["properties"]
    # Whatever a refusal says is told.
    bodies = [app("a").get("/and").json(), client.get("/and", headers={"Authorization": "Bearer x"}).json()]
    bodies.append(app("orgs").get("/targets").json())
    bodies += [app("read").get(path).json() for path in ("/acr", "/fresh", "/audience", "/machine")]
    assert set(chain.from_iterable(bodies)) <= set(told)
    assert bodies[0]["code"] == told["code"]["example"]


def test_throttled_operation_tells_429() -> None:
    answers = operation("/throttled")["responses"]
    assert set(answers) == {"200", "401", "403", "429"}
    assert set(answers["429"]["headers"]) == {"Retry-After"}


# ── schemes ─────────────────────────────────────────────────────────────────────────────────────────────────


def schemes() -> dict[str, Any]:
    found: dict[str, Any] = described()["components"]["securitySchemes"]
    return found


def test_scheme_has_our_flows_at_the_issuer_and_the_sentences_of_the_scopes() -> None:
    flows = schemes()["oauth2"]["flows"]
    assert set(flows) == {"authorizationCode", "clientCredentials"}
    code = flows["authorizationCode"]
    assert code["authorizationUrl"] == "https://provider.example/authorize"
    assert code["tokenUrl"] == code["refreshUrl"] == "https://provider.example/token"
    assert flows["clientCredentials"]["tokenUrl"] == "https://provider.example/token"
    assert code["scopes"]["staff_work"] == "Work"
    assert code["scopes"]["openid"] == "See an identifier for your account at this site."


def test_sentences_are_translated_when_the_description_is_made() -> None:
    assert described("--lang", "de")["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"][
        "openid"
    ].startswith("Eine Kennung")


def test_device_flow_is_told_by_the_version_of_openapi_that_has_it() -> None:
    from drf_spectacular.settings import patched_settings

    with patched_settings({"OAS_VERSION": "3.2.0"}):
        document = described("--validate", "--fail-on-warn")
    flow = document["components"]["securitySchemes"]["oauth2"]["flows"]["deviceAuthorization"]
    assert flow["deviceAuthorizationUrl"] == "https://provider.example/device_authorization"


def test_one_trusted_issuer_stands_beside_our_own(settings: Any) -> None:
    settings.OAUTH_PROVIDER["TRUSTED_ISSUERS"] = {"https://id.example/realms/main": {"preset": "keycloak"}}
    document = described("--validate", "--fail-on-warn")
    scheme = document["components"]["securitySchemes"]["openIdConnect"]
    assert scheme["openIdConnectUrl"] == "https://id.example/realms/main/.well-known/openid-configuration"
    assert document["paths"]["/one"]["get"]["security"] == [needs("read"), {"openIdConnect": ["read"]}]


def test_each_of_several_trusted_issuers_has_a_scheme_of_its_own(settings: Any) -> None:
    issuers = {"https://id.example/realms/main": {}, "https://login.example/": {}}
    settings.OAUTH_PROVIDER["TRUSTED_ISSUERS"] = issuers
    described("--validate", "--fail-on-warn")
    assert {"openIdConnect-id.example-realms-main", "openIdConnect-login.example"} <= set(schemes())


def test_resource_server_without_our_urls_names_the_issuer(settings: Any) -> None:
    settings.ROOT_URLCONF = "tests.people.urls_without_us"
    found = schemes()
    assert "oauth2" not in found
    assert found["openIdConnect"]["openIdConnectUrl"] == "https://provider.example/.well-known/openid-configuration"


# ── installed or not ────────────────────────────────────────────────────────────────────────────────────────

START = """
import sys, django
from django.conf import settings
settings.configure(
    SECRET_KEY="k" * 50,
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "rest_framework", "oauth2_provider",
                    "oauth_provider", *sys.argv[1:]],
    OAUTH_PROVIDER={"ISSUER": "https://provider.example"},
)
django.setup()
import oauth_provider.drf
print(*sorted({"drf_spectacular", "oauth_provider.drf.schema"} & set(sys.modules)))
"""


@pytest.mark.parametrize(
    ("apps", "imported"), [([], ""), (["drf_spectacular"], "drf_spectacular oauth_provider.drf.schema")]
)
def test_drf_spectacular_is_imported_where_the_site_installed_it_only(apps: list[str], imported: str) -> None:
    done = subprocess.run([sys.executable, "-c", START, *apps], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == imported
