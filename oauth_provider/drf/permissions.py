"""Permissions about apps. Instances combine as classes do: `HasScope("read") | IsSessionUser`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission, OperationHolderMixin
from rest_framework.request import ForcedAuthentication

from oauth_provider.resource_server import refusals, requirement
from oauth_provider.resource_server.access import Access
from oauth_provider.resource_server.requirement import SAFE_METHODS, Requirement

if TYPE_CHECKING:
    from typing import Self

    from oauth_provider.resource_server.challenges import Door
    from oauth_provider.resource_server.refusals import Refusal


def access_of(request: Any) -> Access | None:
    """The Access of a request that came with a token of ours."""
    return request.auth if isinstance(request.auth, Access) else None


class AppPermission(OperationHolderMixin, BasePermission):
    """A permission that may be used as a class or, with arguments, as an instance."""

    # Whether holding it is enough for a token to enter (see `gate`).
    opens_the_gate: ClassVar[bool] = False

    def __call__(self) -> Self:
        """The framework calls what stands in `permission_classes`."""
        return self

    if TYPE_CHECKING:
        # The framework's stubs know these for classes only.
        def __and__(self, other: Any) -> Any: ...
        def __or__(self, other: Any) -> Any: ...
        def __rand__(self, other: Any) -> Any: ...
        def __ror__(self, other: Any) -> Any: ...
        def __invert__(self) -> Any: ...

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        # As for the view; the framework's plain True would make `~IsMachine` refuse everybody.
        return self.has_permission(request, view)


class ScopePermission(AppPermission):
    """A permission about scopes; only tokens hold it."""

    opens_the_gate = True
    message = _("This needs an app with an access token.")
    code = "access_token_required"

    def requirement(self, request: Any, view: Any) -> Requirement:
        """What is asked of the token; raises ImproperlyConfigured when that is nothing."""
        raise NotImplementedError

    def has_permission(self, request: Any, view: Any) -> bool:
        wanted = self.requirement(request, view)
        access = access_of(request)
        return access is not None and wanted.is_held_by(access)


class HasScope(ScopePermission):
    """The token carries each of these scopes; without arguments those of the view's `required_scopes`."""

    def __init__(self, *scopes: str) -> None:
        self.wanted = requirement.all_of(scopes) if scopes else None

    def requirement(self, request: Any, view: Any) -> Requirement:
        if self.wanted is not None:
            return self.wanted
        return requirement.of_view(
            getattr(view, "required_scopes", None),
            method=request.method,
            action=getattr(view, "action", None),
        )


class HasAnyScope(ScopePermission):
    """The token carries at least one of these scopes."""

    def __init__(self, *scopes: str) -> None:
        self.wanted = requirement.any_of(scopes)

    def requirement(self, request: Any, view: Any) -> Requirement:
        return self.wanted


class HasResourceScope(ScopePermission):
    """`notes:read` for GET, HEAD and OPTIONS, `notes:write` for everything else."""

    def __init__(self, *names: str) -> None:
        self.read = requirement.all_of([f"{name}:read" for name in names])
        self.write = requirement.all_of([f"{name}:write" for name in names])

    def requirement(self, request: Any, view: Any) -> Requirement:
        return self.read if request.method in SAFE_METHODS else self.write


class HasTargets(AppPermission):
    """The token may act on objects of this kind; for an object, on this one (`through`: the way from it to the kind).

    No scope requirement by itself: `HasScope("notes") & HasTargets("organization")`. Only tokens hold it; people
    come in by `| IsSessionUser`.
    """

    code = "insufficient_targets"

    def __init__(self, kind: str, *, through: str | None = None) -> None:
        self.kind = kind
        self.through = through
        self.message = format_lazy(_("This app may not act on this '{kind}'."), kind=kind)

    def has_permission(self, request: Any, view: Any) -> bool:
        access = access_of(request)
        return access is not None and access.has_targets(self.kind)

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        access = access_of(request)
        if access is None or not access.has_targets(self.kind):
            return False
        same = type(obj)._base_manager.filter(pk=obj.pk)
        return bool(access.limit(same, self.through, kind=self.kind).exists())

    def refusal(self, access: Access, door: Door) -> Refusal:
        """The answer to a token that may act on none."""
        return refusals.insufficient_targets(self.kind, door, access=access)


class AllowAppsWithoutScope(AppPermission):
    """The named exception: any live token of this audience, whatever its scopes."""

    opens_the_gate = True

    def has_permission(self, request: Any, view: Any) -> bool:
        return access_of(request) is not None


class HasAudience(AppPermission):
    """The token is for one of these audiences; no scope requirement by itself."""

    def __init__(self, *audiences: str) -> None:
        if not audiences:
            raise ImproperlyConfigured("HasAudience needs at least one audience.")
        self.audiences = frozenset(audiences)

    def has_permission(self, request: Any, view: Any) -> bool:
        access = access_of(request)
        return access is not None and not self.audiences.isdisjoint(access.audience)


class IsUser(AppPermission):
    """There is a person: behind the token, or signed in without one. Refuses machines (RS10)."""

    message = _("This needs a person, not a machine.")

    def has_permission(self, request: Any, view: Any) -> bool:
        access = access_of(request)
        if access is not None and access.is_machine:
            return False
        return bool(request.user and request.user.is_authenticated)


class IsMachine(AppPermission):
    """The client acts for itself (client credentials)."""

    def has_permission(self, request: Any, view: Any) -> bool:
        access = access_of(request)
        return access is not None and access.is_machine


class IsFirstParty(AppPermission):
    """The client belongs to this site."""

    def has_permission(self, request: Any, view: Any) -> bool:
        access = access_of(request)
        return access is not None and access.client.first_party


class IsSessionUser(AppPermission):
    """A person signed in at this site itself, no app: `HasScope("read") | IsSessionUser`."""

    def has_permission(self, request: Any, view: Any) -> bool:
        # ForcedAuthentication is what the framework's test client signs in with.
        is_session = isinstance(request.successful_authenticator, SessionAuthentication | ForcedAuthentication)
        return is_session and request.auth is None and bool(request.user and request.user.is_authenticated)
