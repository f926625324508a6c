"""HasModelScope: scopes from Django's model permissions, and those permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ImproperlyConfigured

from oauth_provider.drf.permissions import ScopePermission
from oauth_provider.resource_server import conditions
from oauth_provider.resource_server.lack import Condition
from oauth_provider.resource_server.requirement import Requirement
from oauth_provider.scopes import model_scope

if TYPE_CHECKING:
    from django.db.models import Model

_VERBS = {
    "GET": "view",
    "HEAD": "view",
    "OPTIONS": "view",
    "POST": "add",
    "PUT": "change",
    "PATCH": "change",
    "DELETE": "delete",
}


class HasModelScope(ScopePermission):
    """The scope `notes.change_note` of the token, **and** the permission of that name that its person has now.

    GET, HEAD and OPTIONS need `view`, POST `add`, PUT and PATCH `change`, DELETE `delete`, extra actions what their
    method needs; the model is that of the view's queryset. `is_superuser` counts for no app unless a scope says
    `staff=True`. A machine is bounded by its service account; without one it is refused, or with `users_only=False`
    bounded by its scopes alone. Costs the statements of `has_perm`.
    """

    def __init__(self, *, users_only: bool = True) -> None:
        self.users_only = users_only

    def requirement(self, request: Any, view: Any) -> Requirement:
        verb = _VERBS.get(request.method)
        return Requirement(() if verb is None else ((model_scope(_model_of(view), verb),),))

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        wanted = self.requirement(request, view)
        return (
            conditions.Scopes(wanted),
            *(conditions.DjangoPermission(name, users_only=self.users_only) for name in wanted.only),
        )


def _model_of(view: Any) -> type[Model]:
    queryset = getattr(view, "queryset", None)
    if queryset is None and hasattr(view, "get_queryset"):
        queryset = view.get_queryset()
    model: type[Model] | None = getattr(queryset, "model", None)
    if model is None:
        raise ImproperlyConfigured(f"HasModelScope needs a model: set `queryset` on {type(view).__name__}.")
    return model
