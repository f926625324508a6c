"""What an operation asks of an app beside scopes: in a sentence for people, and in members for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import DjangoModelPermissions, IsAdminUser, IsAuthenticated, IsAuthenticatedOrReadOnly

from oauth_provider.drf.model_scopes import HasModelScope
from oauth_provider.drf.permissions import (
    AppPermission,
    HasAcr,
    HasAudience,
    HasFreshLogin,
    HasTargets,
    IsFirstParty,
    IsMachine,
    IsUser,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrPromise

    from oauth_provider.drf.entrances import Condition

_A_PERSON = _("a person behind the token (no machine)")
_SENTENCES: Mapping[type, _StrPromise] = {
    HasAcr: _("a sign-in by %(values)s"),
    HasFreshLogin: _("a sign-in of the last %(max_age)s seconds"),
    HasModelScope: _("the person's own right to do this"),
    HasAudience: _("a token for %(audiences)s"),
    HasTargets: _("chosen objects of the kind '%(kind)s'"),
    IsFirstParty: _("an app of this site"),
    IsMachine: _("an app that acts for itself (client credentials)"),
    IsUser: _A_PERSON,
    IsAuthenticated: _A_PERSON,
    IsAuthenticatedOrReadOnly: _A_PERSON,
    DjangoModelPermissions: _("the person's own right to do this"),
    IsAdminUser: _("a member of the staff behind the token, and a permission that is for staff"),
}


def sentence(condition: Condition) -> str:
    """The condition in words; of a permission that is not ours no more than that there is one."""
    permission = condition.permission
    told = next((_SENTENCES[kind] for kind in type(permission).__mro__ if kind in _SENTENCES), None)
    if told is not None:
        words = str(told) % {name: _joined(value) for name, value in members(condition).items()}
    elif isinstance(permission, AppPermission):
        words = str(getattr(permission, "message", None) or type(permission).__name__)
    else:
        words = gettext("what '%(name)s' asks") % {"name": type(permission).__name__}
    return gettext("not: %(condition)s") % {"condition": words} if condition.negated else words


def members(condition: Condition) -> dict[str, object]:
    """The condition for programs: the permission's name, and of our permissions what they were made with."""
    permission = condition.permission
    told: dict[str, object] = {"permission": type(permission).__name__}
    if condition.negated:
        told["negated"] = True
    if isinstance(permission, AppPermission):
        given = {name: _plain(value) for name, value in vars(permission).items() if not name.startswith("_")}
        told |= {name: value for name, value in given.items() if value is not None}
    return told


def _plain(value: object) -> object:
    """What JSON can carry; None for what it cannot, and for sentences, which are told elsewhere."""
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, set | frozenset):
        return sorted(map(str, value))
    return list(map(str, value)) if isinstance(value, list | tuple) else None


def _joined(value: object) -> str:
    return " / ".join(value) if isinstance(value, list) else str(value)
