"""The picker: on which of their objects a person lets an app act. Works by forms alone, for three and for thousands.

Few objects are checkboxes of the form that decides. Many are searched, by a form of their own that only reads: what
was chosen so far goes along in its address. Nothing outside `queryset(user)` is shown or taken, whatever is sent.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from django.db.models import Q
from django.utils.translation import gettext as _

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.models import Consent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from django.db.models import QuerySet

    from oauth_provider.clients.authorization_details import Details
    from oauth_provider.models import Client
    from oauth_provider.targets import GrantTarget, Keys

# As many as are checkboxes; of more, as many are shown at a time.
FEW = 20
# All checkboxes of a page together: a form has a bounded number of fields.
_MOST_BOXES = 60
_LONGEST_SEARCH = 80

# Names of fields: what it is, the kind, and for a checkbox the key. They are the picker's own; no kind has a dot.
_MODE, _KEPT, _PICK, _FIND, _ADD, _DROP, _AGAIN = "mode.", "kept.", "pick.", "find.", "add.", "drop.", "again."
_PREFIXES = (_MODE, _KEPT, _PICK, _FIND, _ADD, _DROP, _AGAIN)
_EVERYTHING, _SINGLE = "all", "chosen"


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
        return any(choice.mistake for choice in self.choices)


@dataclass(frozen=True, slots=True)
class Mistake:
    """A choice that cannot be taken: nothing is decided, and the person is asked again. Kind → which mistake."""

    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Sent:
    """What a form or an address says of one kind."""

    mode: str
    keys: Keys
    boxes: Keys
    find: str
    is_searched: bool
    again: str

    @property
    def is_empty(self) -> bool:
        return not (self.mode or self.keys or self.is_searched or self.again)


def is_used(sent: Iterable[str]) -> bool:
    """Whether parameters of a picker are among these names."""
    return any(name.startswith(_PREFIXES) for name in sent)


def fields(sent: Mapping[str, str]) -> list[tuple[str, str]]:
    """The choice among these parameters, for a page in between to carry as hidden fields."""
    return [(name, value) for name, value in sent.items() if name.startswith((_MODE, _KEPT, _PICK))]


def again(sent: Mapping[str, str], mistake: Mistake | None = None) -> dict[str, str]:
    """The parameters of a page that shows the choice again, and why it must be made again."""
    mistakes = {} if mistake is None else mistake.kinds
    told = {_AGAIN + kind: why for kind, why in mistakes.items()}
    for kind in dict.fromkeys(name.split(".")[1] for name, _value in fields(sent)):
        said = _read_sent(kind, sent)
        keys = () if mistakes.get(kind) == "both" else said.keys
        told |= {_MODE + kind: said.mode or _SINGLE, _KEPT + kind: _pack(_fitting(keys))}
    return {name: value for name, value in told.items() if value}


def show(
    user: Any, *, scopes: Iterable[str], details: Details, before: Mapping[str, Any], sent: Mapping[str, str]
) -> Picker | None:
    """The picker for these scopes, or None where none is needed; at most three statements for each kind.

    `details` is what the app asks for and no more can be chosen than; `before` what was chosen the last time.
    """
    found = [(target, _base(target, user, details), _read_sent(target.name, sent)) for target in _needed(scopes)]
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


def read(user: Any, *, scopes: Iterable[str], details: Details, sent: Mapping[str, str]) -> dict[str, Keys] | Mistake:
    """The choice a decision carries, checked against what the person has now; one or two statements for each kind."""
    chosen: dict[str, Keys] = {}
    mistakes: dict[str, str] = {}
    for target in _needed(scopes):
        said = _read_sent(target.name, sent)
        keys = _read_one(target, said, user=user, details=details)
        if isinstance(keys, str):
            mistakes[target.name] = keys
        else:
            chosen[target.name] = keys
    together = tuple(key for keys in chosen.values() for key in keys)
    if _fitting(together) != together:
        mistakes |= dict.fromkeys(chosen, "many")
    return Mistake(mistakes) if mistakes else chosen


def remembered(
    user: Any, consent: Consent | None, *, scopes: Iterable[str], details: Details
) -> dict[str, Keys] | None:
    """What was chosen before and is still the person's, or None where they must be asked; a statement a kind."""
    before = targets.load({} if consent is None else consent.targets)
    chosen: dict[str, Keys] = {}
    for kind in known_scopes.targets_of(scopes):
        target, keys, bound = targets.registered().get(kind), before.get(kind, ()), _bound(details, kind)
        if target is None or (targets.both(bound, keys) != bound and targets.ALL not in bound):
            return None
        keys = targets.both(keys, bound)
        chosen[kind] = keys if targets.ALL in keys else _held(target, user, keys)
        if not chosen[kind]:
            return None
    return chosen


def to_remember(
    user: Any, client: Client, chosen: Mapping[str, Keys], *, details: Details
) -> dict[str, list[str] | str]:
    """What the consent keeps: the choice, and what was chosen before of objects that were not to be chosen now."""
    bounded = {kind for kind in chosen if targets.ALL not in _bound(details, kind)}
    consent = Consent.objects.of(user, client) if bounded else None
    before = targets.load({} if consent is None else consent.targets)
    kept = dict(chosen)
    for kind in bounded & set(before):
        others = tuple(key for key in before[kind] if key not in _bound(details, kind))
        kept[kind] = targets.EVERY if targets.ALL in others else (*others, *chosen[kind])
    return targets.dump(kept)


def _needed(scopes: Iterable[str]) -> list[GrantTarget]:
    """A kind that nobody declares cannot be chosen, and so means none (check E026)."""
    known = targets.registered()
    return [known[kind] for kind in known_scopes.targets_of(scopes) if kind in known]


def _bound(details: Details, kind: str) -> Keys:
    return details.get(kind) or targets.EVERY


def _base(target: GrantTarget, user: Any, details: Details) -> QuerySet[Any]:
    return target.of(user, _bound(details, target.name))


def _sorted(target: GrantTarget, queryset: QuerySet[Any]) -> QuerySet[Any]:
    return queryset.order_by(*target.lookups[:1], "pk")


def _held(target: GrantTarget, user: Any, keys: Keys) -> Keys:
    """Those of these keys that are the person's now, in this order; one statement."""
    held = {str(key) for key in target.of(user, keys).values_list("pk", flat=True)}
    return tuple(key for key in keys if key in held)


def _fitting(keys: Iterable[str]) -> Keys:
    """As many of these keys as a choice may have."""
    fitting: list[str] = []
    characters = 0
    for key in keys:
        characters += len(key) + 1
        if len(fitting) >= targets.MOST_CHOSEN or characters > targets.MOST_CHARACTERS:
            break
        fitting.append(key)
    return tuple(fitting)


def _pack(keys: Iterable[str]) -> str:
    return " ".join(quote(key, safe=":@") for key in keys)


def _read_sent(kind: str, sent: Mapping[str, str]) -> _Sent:
    picked = f"{_PICK}{kind}."
    boxes = tuple(name.removeprefix(picked) for name in sent if name.startswith(picked))
    kept = tuple(map(unquote, sent.get(_KEPT + kind, "").split()))
    added = (sent[_ADD + kind],) if sent.get(_ADD + kind) else ()
    keys = tuple(key for key in dict.fromkeys((*kept, *boxes, *added)) if key != sent.get(_DROP + kind))
    is_searched = any(prefix + kind in sent for prefix in (_FIND, _ADD, _DROP))
    return _Sent(
        mode=_SINGLE if is_searched else sent.get(_MODE + kind, ""),
        keys=keys,
        boxes=boxes,
        find=sent.get(_FIND + kind, "").strip()[:_LONGEST_SEARCH],
        is_searched=is_searched,
        again=sent.get(_AGAIN + kind, ""),
    )


def _read_one(target: GrantTarget, said: _Sent, *, user: Any, details: Details) -> Keys | str:
    """The keys, or which mistake it is."""
    bound = _bound(details, target.name)
    if said.mode == _EVERYTHING:
        # Boxes are ticked besides: nobody can say which was meant, and one of the two is more.
        if said.boxes:
            return "both"
        return targets.EVERY if targets.ALL in bound else "foreign"
    if said.mode not in {"", _SINGLE} or targets.ALL in said.keys:
        return "foreign"
    if not said.keys:
        return "none" if _base(target, user, details).exists() else ()
    if _fitting(said.keys) != said.keys:
        return "many"
    keys = said.keys
    return keys if targets.both(keys, bound) == keys and _held(target, user, keys) == keys else "foreign"


def _choice(
    target: GrantTarget,
    base: QuerySet[Any],
    said: _Sent,
    *,
    first: Sequence[Any],
    details: Details,
    before: Mapping[str, Keys],
    searches: bool,
) -> Choice:
    bound = _bound(details, target.name)
    offers_all = targets.ALL in bound and bool(first)
    keys, all_chosen = said.keys, said.mode == _EVERYTHING
    if said.is_empty:
        keys = _suggested(target, first, details=details, before=before)
        all_chosen = offers_all and targets.ALL in keys
    pks = [pk for pk in map(target.key, _fitting(keys)) if pk is not None]
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
        kept=_pack(kept),
        find=said.find,
        has_more=len(matches) > FEW,
        is_full=bool(set(keys) - set(_fitting(keys))),
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
