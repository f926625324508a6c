"""ManagementView: what every address of the API has in common. Nothing of it is left to the site's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.translation import gettext_lazy
from django_filters.rest_framework import DjangoFilterBackend
from rest_framework.exceptions import MethodNotAllowed, NotFound
from rest_framework.generics import GenericAPIView
from rest_framework.permissions import BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from oauth_provider.api import authentication, problems
from oauth_provider.api.caller import Caller
from oauth_provider.api.openapi import ManagementSchema
from oauth_provider.api.reading import HeaderNegotiation, StrictJSONParser, check_query
from oauth_provider.api.rights import RIGHTS, Right
from oauth_provider.drf import HasAnyScope, HasScope
from oauth_provider.endpoints.error_reports import hides_values
from oauth_provider.resource_server.access import Access

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request
    from rest_framework.serializers import BaseSerializer

    AnyView = GenericAPIView[Any]
else:
    AnyView = GenericAPIView


class HoldsRight(BasePermission):
    """The scope of the token counts as far as the permissions that its person has now."""

    message: Any = gettext_lazy("This is not allowed.")
    code = "permission_denied"

    def has_permission(self, request: Request, view: Any) -> bool:
        if not isinstance(request.auth, Access):
            return False
        caller = Caller(request.auth, request._request)  # noqa: SLF001  # Django's request behind the framework's
        reasons = [caller.why_not(right) for right in view.rights_of(request.method)
                   if request.auth.has_scope(right.scope.name)]  # fmt: skip
        self.message = next((reason for reason in reasons if reason), self.message)
        return None in reasons


class ManagementView(AnyView):
    """Bearer token in, JSON out, never stored; refusals as problems. `rights` says what each method needs."""

    rights: ClassVar[Mapping[str, Right]] = {}
    tag: ClassVar[str] = ""
    # Parameters beside those of filters and pages.
    query_names: ClassVar[tuple[str, ...]] = ()

    authentication_classes = [authentication.ManagementAuthentication]
    permission_classes: Any = [HasScope, HoldsRight]
    renderer_classes = [JSONRenderer]
    parser_classes = [StrictJSONParser]
    content_negotiation_class = HeaderNegotiation
    filter_backends = [DjangoFilterBackend]
    pagination_class: Any = None
    versioning_class = None
    metadata_class = None
    http_method_names = ["get", "post", "patch", "delete", "head"]
    schema: Any = ManagementSchema()

    @classmethod
    def as_view(cls, **initkwargs: Any) -> Any:
        return hides_values(super().as_view(**initkwargs))

    @property
    def required_scopes(self) -> dict[str, list[str]]:
        """For `HasScope`: the scope of each method."""
        return {method: [right.scope.name] for method, right in self.rights.items()}

    @property
    def resource(self) -> str | None:
        """The audience that a token must have, for the authentication."""
        return authentication.resource()

    def rights_of(self, method: str | None) -> tuple[Right, ...]:
        """The rights of which one is needed."""
        return (self.rights["GET" if method == "HEAD" else str(method)],)

    @property
    def caller(self) -> Caller:
        """Who calls; the permissions have seen to it that there is somebody."""
        return Caller(self.request.auth, self.request._request)  # type: ignore[arg-type]  # noqa: SLF001

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if (request.method or "").lower() not in self.http_method_names or not hasattr(
            self, str(request.method).lower()
        ):
            # Asked for no token: what there is to do here is in the description.
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)
        check_query(request.query_params, known=self._query_names())

    def _query_names(self) -> set[str]:
        if self.request.method not in {"GET", "HEAD"}:
            return set()
        names = {*self.query_names, *getattr(self.pagination_class, "query_names", ())}
        return names | set(getattr(getattr(self, "filterset_class", None), "base_filters", ()))

    def get_exception_handler(self) -> Callable[..., Response | None]:
        return problems.answer

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        response.headers["Cache-Control"] = "no-store"
        return response

    def page(self, rows: Any, serializer: type[BaseSerializer[Any]]) -> Response:
        """One page of these rows, narrowed by the filters of the query."""
        found = self.paginate_queryset(self.filter_queryset(rows))
        return self.get_paginated_response(
            serializer(found or [], many=True, context=self.get_serializer_context()).data
        )

    def read(self, serializer: type[BaseSerializer[Any]], *, partial: bool = False) -> dict[str, Any]:
        """The members of the body by argument; raises ValidationError."""
        given = serializer(data=_plain(self.request.data), partial=partial, context=self.get_serializer_context())
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(given.validated_data)
        return values


class AnyOfOurs(ManagementView):
    """An address for whoever holds any scope of this API."""

    permission_classes = [HasAnyScope(*dict.fromkeys(right.scope.name for right in RIGHTS)), HoldsRight]

    def rights_of(self, method: str | None) -> tuple[Right, ...]:
        del method
        return RIGHTS


class NotServed(ManagementView):
    """Every other address below ours: a problem, not a page of the site."""

    authentication_classes = []
    permission_classes = []
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        raise NotFound


def _plain(data: Any) -> Any:
    # An empty body of a form arrives as a QueryDict, which serializers read by other rules.
    return dict(data) if isinstance(data, Mapping) else data
