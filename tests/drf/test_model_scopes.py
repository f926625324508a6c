"""Scopes from Django's model permissions: what the token carries and what its person may do now, both."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission
from django.core.exceptions import ImproperlyConfigured
from django.urls import include, path
from django.utils import translation
from rest_framework import serializers, viewsets
from rest_framework.decorators import action
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.routers import SimpleRouter
from rest_framework.views import APIView

from oauth_provider.drf import HasModelScope, HasScope, IsSessionUser, ModelScopeMixin, ModelScopeRouter
from oauth_provider.scopes import Scope, model_scopes
from oauth_provider.testing import as_app
from tests.orgs.models import Org

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

ALL = "orgs.view_org orgs.add_org orgs.change_org orgs.delete_org"


class OrgSerializer(serializers.ModelSerializer):
    class Meta:
        model = Org
        fields = ("id", "name")


class Orgs(viewsets.ModelViewSet):
    queryset = Org.objects.order_by("pk")
    serializer_class = OrgSerializer

    @action(detail=False, methods=["get", "post"])
    def count(self, request: Any) -> Response:
        return Response({"count": self.get_queryset().count()})

    @action(detail=False, permission_classes=[HasScope("read")])
    def names(self, request: Any) -> Response:
        return Response({})


class ByMethod(viewsets.ReadOnlyModelViewSet):
    serializer_class = OrgSerializer

    def get_queryset(self) -> Any:
        return Org.objects.filter(members=self.request.user.pk)


class Own(Orgs):
    permission_classes = [HasScope("read")]


class OwnByMethod(Orgs):
    def get_permissions(self) -> Any:
        return [HasScope("write")]


class Inherits(Own):
    pass


class WithoutModel(viewsets.ViewSet):
    def list(self, request: Any) -> Response:
        return Response({})


class Machines(Orgs):
    permission_classes = [HasModelScope(users_only=False)]


class Shared(Orgs):
    permission_classes = [HasModelScope | IsSessionUser]


class Nowhere(APIView):
    permission_classes = [HasModelScope]

    def get(self, request: Any) -> Response:
        return Response({})


router = ModelScopeRouter()
for name, viewset in {
    "orgs": Orgs,
    "by-method": ByMethod,
    "own": Own,
    "own-by-method": OwnByMethod,
    "inherits": Inherits,
    "without-model": WithoutModel,
    "machines": Machines,
    "shared": Shared,
}.items():
    router.register(name, viewset, basename=name)


class PlainRouter(ModelScopeMixin, SimpleRouter):
    pass


plain = PlainRouter(trailing_slash=False)
plain.register("plain", Orgs)

urlpatterns = [path("", include(router.urls)), path("", include(plain.urls)), path("nowhere", Nowhere.as_view())]


@pytest.fixture(autouse=True)
def _model_scopes(settings: Any, _scopes: None) -> None:
    made = {scope.name: scope for scope in model_scopes("orgs.Org")}
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"SCOPES": settings.OAUTH_PROVIDER["SCOPES"] | made}


@pytest.fixture
def org() -> Org:
    return Org.objects.create(name="Acme")


def allow(user: Any, *verbs: str) -> None:
    user.user_permissions.add(*Permission.objects.filter(codename__in=[f"{verb}_org" for verb in verbs]))


def call(app: Any, method: str, org: Org) -> Any:
    address = "/orgs/" if method == "post" else f"/orgs/{org.pk}/"
    data = None if method in {"get", "head", "options", "delete"} else {"name": "Birch"}
    return getattr(app, method)(address, data, content_type="application/json")


VERBS = [
    ("get", "view", 200),
    ("head", "view", 200),
    ("options", "view", 200),
    ("post", "add", 201),
    ("put", "change", 200),
    ("patch", "change", 200),
    ("delete", "delete", 204),
]


@pytest.mark.parametrize("case", VERBS)
def test_method_needs_the_scope_and_the_permission_of_its_verb(
    app: Any, ada: Any, org: Org, case: tuple[str, str, int]
) -> None:
    method, verb, status = case
    others = {"view", "add", "change", "delete"} - {verb}
    allow(ada, *others)
    lacking_permission = call(app(ALL), method, org)
    assert lacking_permission.status_code == 403
    if method != "head":
        assert lacking_permission.json() == {
            "detail": f"The person behind the app may not do this: it needs 'orgs.{verb}_org'.",
            "code": "insufficient_permission",
            "required_permissions": [f"orgs.{verb}_org"],
        }
    allow(ada, verb)
    lacking_scope = call(app(" ".join(f"orgs.{other}_org" for other in others)), method, org)
    assert lacking_scope.status_code == 403
    assert f'scope="orgs.{verb}_org"' in lacking_scope.headers["WWW-Authenticate"]
    assert call(app(f"orgs.{verb}_org"), method, org).status_code == status


def test_permission_that_is_taken_away_is_missing_at_the_next_request(app: Any, ada: Any, org: Org) -> None:
    editors = Group.objects.create(name="Editors")
    editors.permissions.add(Permission.objects.get(codename="view_org"))
    ada.groups.add(editors)
    caller = app("orgs.view_org")
    assert caller.get("/orgs/").status_code == 200
    ada.groups.remove(editors)
    assert caller.get("/orgs/").status_code == 403


def test_no_token_is_told_the_scope(client: Any) -> None:
    response = client.post("/orgs/")
    assert response.status_code == 401
    assert response.headers["WWW-Authenticate"].startswith('Bearer realm="api", scope="orgs.add_org", DPoP ')


def test_superuser_counts_for_no_app_unless_the_scope_says_so(app: Any, boss: Any, settings: Any) -> None:
    assert app("orgs.view_org", user=boss).get("/orgs/").status_code == 403
    assert app("orgs.view_org staff_work", user=boss).get("/orgs/").status_code == 200
    allow(boss, "view")
    assert app("orgs.view_org", user=boss).get("/orgs/").status_code == 200


def test_RS10_machine_is_bounded_by_its_service_account(client: Any, ada: Any) -> None:
    machine = as_app(client, scopes="orgs.view_org read")
    refused = machine.get("/orgs/")
    assert (refused.status_code, refused.json()["code"]) == (403, "user_required")
    assert machine.get("/machines/").status_code == 200
    assert as_app(client, scopes="read").get("/machines/").status_code == 403
    machine.app.service_account = ada
    machine.app.save()
    assert machine.get("/orgs/").status_code == 403
    assert machine.get("/machines/").status_code == 403
    allow(ada, "view")
    assert machine.get("/orgs/").status_code == 200
    assert machine.get("/machines/").status_code == 200


def test_RS10_service_account_bounds_where_tokens_are_believed_until_they_expire(
    client: Any, ada: Any, settings: Any
) -> None:
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"JWT_STATE_CHECK": "never"}
    machine = as_app(client, scopes="orgs.view_org")
    assert machine.get("/machines/").status_code == 200
    machine.app.service_account = ada
    machine.app.save()
    assert machine.get("/machines/").status_code == 403


def test_extra_actions_need_what_their_method_needs_or_what_they_say(app: Any, ada: Any) -> None:
    allow(ada, "view", "add")
    reader = app("orgs.view_org")
    assert reader.get("/orgs/count/").status_code == 200
    assert reader.post("/orgs/count/").status_code == 403
    assert app("orgs.add_org").post("/orgs/count/").status_code == 200
    assert reader.get("/orgs/names/").status_code == 403
    assert app("read").get("/orgs/names/").status_code == 200


@pytest.mark.parametrize(
    ("address", "scopes"), [("/own/", "read"), ("/own-by-method/", "write"), ("/inherits/", "read")]
)
def test_viewset_that_says_what_it_needs_is_left_alone(app: Any, ada: Any, address: str, scopes: str) -> None:
    allow(ada, "view")
    assert app(scopes).get(address).status_code == 200
    assert app("orgs.view_org").get(address).status_code == 403


def test_viewset_with_get_queryset_alone_needs_the_scope_of_its_model(app: Any, ada: Any, org: Org) -> None:
    allow(ada, "view")
    org.members.add(ada)
    assert app("read").get("/by-method/").status_code == 403
    assert [row["name"] for row in app("orgs.view_org").get("/by-method/").json()] == ["Acme"]


def test_viewset_without_a_model_stays_closed_to_apps(app: Any) -> None:
    assert app(ALL).get("/without-model/").status_code == 403


def test_mixin_makes_any_router_do_so(app: Any, ada: Any) -> None:
    allow(ada, "view")
    assert app("read").get("/plain").status_code == 403
    assert app("orgs.view_org").get("/plain").status_code == 200


def test_people_come_in_where_the_view_says_so(app: Any, client: Any, ada: Any) -> None:
    assert app("orgs.view_org").get("/shared/").status_code == 403
    client.force_login(ada)
    assert client.get("/shared/").status_code == 200
    assert client.get("/orgs/").status_code == 403


def test_view_without_a_model_is_improperly_configured(app: Any) -> None:
    with pytest.raises(ImproperlyConfigured, match="queryset"):
        app("read").get("/nowhere")


def test_missing_scope_costs_no_look_at_permissions(
    app: Any, ada: Any, django_assert_num_queries: Any, settings: Any
) -> None:
    settings.OAUTH_PROVIDER = settings.OAUTH_PROVIDER | {"PROCESS_CACHE_SECONDS": 60}
    caller = app("read")
    caller.get("/orgs/")
    with django_assert_num_queries(1):
        assert caller.get("/orgs/").status_code == 403
    allow(ada, "view")
    reader = app("orgs.view_org")
    with django_assert_num_queries(4):  # the token, the person's permissions, their groups' permissions, the rows
        assert reader.get("/orgs/").status_code == 200


# ── the scopes themselves ───────────────────────────────────────────────────────────────────────────────────


def test_four_scopes_are_labelled_by_the_model() -> None:
    with translation.override("en"):
        told = [(scope.name, str(scope.label), str(scope.group), scope.sensitive) for scope in model_scopes("orgs.Org")]
    assert told == [
        ("orgs.view_org", "See: orgs", "Orgs", False),
        ("orgs.add_org", "Add: orgs", "Orgs", False),
        ("orgs.change_org", "Change: orgs", "Orgs", False),
        ("orgs.delete_org", "Delete: orgs", "Orgs", True),
    ]


def test_labels_are_read_when_somebody_reads_them() -> None:
    made = model_scopes("nowhere.Nothing")
    assert made[0].name == "nowhere.view_nothing"
    with pytest.raises(LookupError):
        str(made[0].label)


def test_model_class_will_do_and_what_is_sensitive_may_be_said() -> None:
    marked = [scope.name for scope in model_scopes(Org, sensitive=("change", "delete")) if scope.sensitive]
    assert marked == ["orgs.change_org", "orgs.delete_org"]


@pytest.mark.parametrize("model", ["", "Org", ".Org", "orgs."])
def test_what_is_no_model_is_improperly_configured(model: str) -> None:
    with pytest.raises(ImproperlyConfigured):
        model_scopes(model)


def test_scopes_module_may_hold_them_as_they_are() -> None:
    from oauth_provider.scopes import _scopes_in

    found = list(_scopes_in([model_scopes("orgs.Org"), Scope("read", "Read")]))
    assert len(found) == 5


def test_allow_any_default_of_the_site_opens_nothing(app: Any, settings: Any) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_PERMISSION_CLASSES": [AllowAny]}
    assert app("read").get("/orgs/").status_code == 403
