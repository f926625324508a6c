"""Permissions about apps. Instances combine as classes do: `HasScope("read") | IsSessionUser`."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission, OperationHolderMixin
from rest_framework.request import ForcedAuthentication

from oauth_provider.resource_server import conditions, requirement, step_up
from oauth_provider.resource_server.access import Access
from oauth_provider.resource_server.lack import Condition
from oauth_provider.resource_server.requirement import SAFE_METHODS, Requirement

if TYPE_CHECKING:
    from typing import Self

    from oauth_provider.resource_server.challenges import Door
    from oauth_provider.resource_server.refusals import Refusal


def access_of(request: Any) -> Access | None:
    """The Access of a request that came with a token of ours."""
    return request.auth if isinstance(request.auth, Access) else None


class AppPermission(OperationHolderMixin, BasePermission):
    """A permission that may be used as a class or, with arguments, as an instance. Only tokens hold it.

    Of a token it asks what `conditions` says, and a refusal names what it lacks. A subclass that asks otherwise may
    define `refusal(access, door)`, which the gate answers with.
    """

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

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        """What is asked of a token, all of it; raises ImproperlyConfigured when the view has to say and does not."""
        return ()

    def refusal(self, access: Access, door: Door) -> Refusal | None:
        """The answer to a token that is refused, where `conditions` do not say it."""
        return None

    def has_permission(self, request: Any, view: Any) -> bool:
        wanted = self.conditions(request, view)
        access = access_of(request)
        return access is not None and all(condition.lack(access) is None for condition in wanted)

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

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return (conditions.Scopes(self.requirement(request, view)),)


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

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return (conditions.Targets(self.kind),)

    def has_object_permission(self, request: Any, view: Any, obj: Any) -> bool:
        access = access_of(request)
        if access is None or not access.has_targets(self.kind):
            return False
        same = type(obj)._base_manager.filter(pk=obj.pk)
        return bool(access.limit(same, self.through, kind=self.kind).exists())


class AllowAppsWithoutScope(AppPermission):
    """The named exception: any live token of this audience, whatever its scopes."""

    opens_the_gate = True


class HasAudience(AppPermission):
    """The token is for one of these audiences; no scope requirement by itself."""

    def __init__(self, *audiences: str) -> None:
        self.audiences = audiences
        self._conditions = (conditions.Audience(audiences),)

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return self._conditions


class HasAcr(AppPermission):
    """The person signed in by one of these authentication context classes, best first; no scope requirement.

    Otherwise 401 with `acr_values` in the challenge (RFC 9470 §3): the app has them sign in again, that way. A machine
    cannot: 403. Only tokens hold it; people come in by `| IsSessionUser`.
    """

    message = _("This needs another way of signing in.")

    def __init__(self, *values: str) -> None:
        self.values = values
        self._conditions = (step_up.Acr(values),)

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return self._conditions


class HasFreshLogin(AppPermission):
    """The person signed in at most `max_age` ago, seconds or a timedelta; no scope requirement by itself.

    Otherwise 401 with `max_age` in the challenge (RFC 9470 §3). A token that does not say when is not fresh; a machine
    signs in nowhere: 403. Only tokens hold it; people come in by `| IsSessionUser`.
    """

    message = _("This needs a fresh sign-in.")

    def __init__(self, *, max_age: float | timedelta) -> None:
        self.max_age = step_up.seconds(max_age)
        self._conditions = (step_up.FreshLogin(self.max_age),)

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return self._conditions


class IsUser(AppPermission):
    """There is a person: behind the token, or signed in without one. Refuses machines (RS10)."""

    message = _("This needs a person, not a machine.")

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return (conditions.User(),)

    def has_permission(self, request: Any, view: Any) -> bool:
        if access_of(request) is not None:
            return super().has_permission(request, view)
        return bool(request.user and request.user.is_authenticated)


class IsMachine(AppPermission):
    """The client acts for itself (client credentials)."""

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return (conditions.Machine(),)


class IsFirstParty(AppPermission):
    """The client belongs to this site."""

    def conditions(self, request: Any, view: Any) -> tuple[Condition, ...]:
        return (conditions.FirstParty(),)


class IsSessionUser(AppPermission):
    """A person signed in at this site itself, no app: `HasScope("read") | IsSessionUser`."""

    def has_permission(self, request: Any, view: Any) -> bool:
        # ForcedAuthentication is what the framework's test client signs in with.
        is_session = isinstance(request.successful_authenticator, SessionAuthentication | ForcedAuthentication)
        return is_session and request.auth is None and bool(request.user and request.user.is_authenticated)
