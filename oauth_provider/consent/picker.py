"""The picker: on which of their objects a person lets an app act. Works by forms alone, for three and for thousands.

Few objects are checkboxes of the form that decides. Many are searched, by a form of their own that only reads: what
was chosen so far goes along in its address. Nothing outside `queryset(user)` is shown.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import Q
from django.utils.translation import gettext as _

from oauth_provider import targets
from oauth_provider.consent import chosen_objects

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from oauth_provider.clients.authorization_details import Details
    from oauth_provider.targets import GrantTarget, Keys

# As many as are checkboxes; of more, as many are shown at a time.
FEW = 20
# All checkboxes of a page together: a form has a bounded number of fields.
_MOST_BOXES = 60


@dataclass(frozen=True, slots=True)
class Option:
    """One object as a person reads it."""

    key: str
    label: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """One kind of object on the page. `options` are checkboxes, or what the search found."""

    kind: str
    things: str
    offers_all: bool
    all_chosen: bool
    options: list[Option]
    chosen: list[Option] = field(default_factory=list)
    kept: str = ""
    find: str = ""
    has_more: bool = False
    is_full: bool = False
    mistake: str = ""


@dataclass(frozen=True, slots=True)
class Picker:
    """What the template shows; `searches` where there are too many objects for checkboxes."""

    choices: list[Choice]
    searches: bool

    @property
    def has_mistakes(self) -> bool:
        """Whether the person must look again."""
        return any(kind.mistake for kind in self.choices)


def show(
    user: Any, *, scopes: Iterable[str], details: Details, before: Mapping[str, Any], sent: Mapping[str, str]
) -> Picker | None:
    """The picker for these scopes, or None where none is needed; at most three statements for each kind.

    `details` is what the app asks for and no more can be chosen than; `before` what was chosen the last time.
    """
    found = [
        (target, chosen_objects.base_of(target, user, details), chosen_objects.sent_for(target.name, sent))
        for target in chosen_objects.needed(scopes)
    ]
    if not found:
        return None
    firsts = [list(_sorted(target, base)[: FEW + 1]) for target, base, _sent in found]
    searches = any(len(first) > FEW for first in firsts) or sum(map(len, firsts)) > _MOST_BOXES
    chosen_before = targets.load(before)
    return Picker(
        [
            _choice(target, base, read, first=first, details=details, before=chosen_before, searches=searches)
            for (target, base, read), first in zip(found, firsts, strict=True)
        ],
        searches,
    )


def _sorted(target: GrantTarget, queryset: QuerySet[Any]) -> QuerySet[Any]:
    return queryset.order_by(*target.lookups[:1], "pk")


def _choice(
    target: GrantTarget,
    base: QuerySet[Any],
    said: chosen_objects.Sent,
    *,
    first: Sequence[Any],
    details: Details,
    before: Mapping[str, Keys],
    searches: bool,
) -> Choice:
    bound = chosen_objects.bound_of(details, target.name)
    offers_all = targets.ALL in bound and bool(first)
    keys, all_chosen = said.keys, said.mode == chosen_objects.EVERYTHING
    if said.is_empty:
        keys = _suggested(target, first, details=details, before=before)
        all_chosen = offers_all and targets.ALL in keys
    pks = [pk for pk in map(target.key, chosen_objects.fitting(keys)) if pk is not None]
    things = str(target.model._meta.verbose_name_plural)
    mistake = _sentence(said.again, things=things)
    if not searches:
        options = [_option(target, row, chosen=str(row.pk) in keys) for row in first]
        return Choice(target.name, things, offers_all, all_chosen and offers_all, options, mistake=mistake)
    chosen = [_option(target, row, chosen=True) for row in _sorted(target, base.filter(pk__in=pks))] if pks else []
    matches = list(_matching(target, base, said.find)[: FEW + 1]) if said.find else list(first)
    taken = {option.key for option in chosen}
    kept = tuple(option.key for option in chosen)
    return Choice(
        kind=target.name,
        things=things,
        offers_all=offers_all,
        all_chosen=all_chosen and offers_all,
        options=[_option(target, row) for row in matches[:FEW] if str(row.pk) not in taken],
        chosen=chosen,
        kept=chosen_objects.pack(kept),
        find=said.find,
        has_more=len(matches) > FEW,
        is_full=bool(set(keys) - set(chosen_objects.fitting(keys))),
        mistake=mistake,
    )


def _suggested(target: GrantTarget, first: Sequence[Any], *, details: Details, before: Mapping[str, Keys]) -> Keys:
    """What is chosen when the page opens: what the app asks for, what was chosen before, or the only one there is."""
    asked = details.get(target.name)
    if asked:
        return asked
    if before.get(target.name):
        return before[target.name]
    return (str(first[0].pk),) if len(first) == 1 else ()


def _matching(target: GrantTarget, base: QuerySet[Any], text: str) -> QuerySet[Any]:
    """Each word is found by one of the lookups."""
    for word in text.split():
        wanted = Q()
        for lookup in target.lookups:
            wanted |= Q(**{f"{lookup}__icontains": word})
        base = base.filter(wanted)
    return _sorted(target, base)


def _option(target: GrantTarget, row: Any, *, chosen: bool = False) -> Option:
    return Option(str(row.pk), target.label_of(row), chosen)


def _sentence(why: str, *, things: str) -> str:
    sentences = {
        "none": _("Choose at least one of your %(things)s, or press Deny."),
        "foreign": _("Something you chose is not among your %(things)s any more. Look at your choice again."),
        "both": _("You ticked single %(things)s and chose all of them. All are chosen now: look at it again."),
        "many": _("That is more than can be chosen one by one. Choose fewer of your %(things)s, or all of them."),
    }
    return sentences[why] % {"things": things} if why in sentences else ""
