"""A choice of objects: as forms and addresses carry it, checked against what the person has now, and remembered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from oauth_provider import scopes as known_scopes
from oauth_provider import targets
from oauth_provider.models import Consent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import QuerySet

    from oauth_provider.clients.authorization_details import Details
    from oauth_provider.models import Client
    from oauth_provider.targets import GrantTarget, Keys

_LONGEST_SEARCH = 80

# Names of fields: what it is, the kind, and for a checkbox the key. They are the picker's own; no kind has a dot.
_MODE, _KEPT, _PICK, _FIND, _ADD, _DROP, _AGAIN = "mode.", "kept.", "pick.", "find.", "add.", "drop.", "again."
_PREFIXES = (_MODE, _KEPT, _PICK, _FIND, _ADD, _DROP, _AGAIN)
EVERYTHING, _SINGLE = "all", "chosen"


@dataclass(frozen=True, slots=True)
class Mistake:
    """A choice that cannot be taken: nothing is decided, and the person is asked again. Kind → which mistake."""

    kinds: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Sent:
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
        said = sent_for(kind, sent)
        keys = () if mistakes.get(kind) == "both" else said.keys
        told |= {_MODE + kind: said.mode or _SINGLE, _KEPT + kind: pack(fitting(keys))}
    return {name: value for name, value in told.items() if value}


def read(user: Any, *, scopes: Iterable[str], details: Details, sent: Mapping[str, str]) -> dict[str, Keys] | Mistake:
    """The choice a decision carries, checked against what the person has now; one or two statements for each kind."""
    chosen: dict[str, Keys] = {}
    mistakes: dict[str, str] = {}
    for target in needed(scopes):
        said = sent_for(target.name, sent)
        keys = _read_one(target, said, user=user, details=details)
        if isinstance(keys, str):
            mistakes[target.name] = keys
        else:
            chosen[target.name] = keys
    together = tuple(key for keys in chosen.values() for key in keys)
    if fitting(together) != together:
        mistakes |= dict.fromkeys(chosen, "many")
    return Mistake(mistakes) if mistakes else chosen


def remembered(
    user: Any, consent: Consent | None, *, scopes: Iterable[str], details: Details
) -> dict[str, Keys] | None:
    """What was chosen before and is still the person's, or None where they must be asked; a statement a kind."""
    before = targets.load({} if consent is None else consent.targets)
    chosen: dict[str, Keys] = {}
    for kind in known_scopes.targets_of(scopes):
        target, keys, bound = targets.registered().get(kind), before.get(kind, ()), bound_of(details, kind)
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
    bounded = {kind for kind in chosen if targets.ALL not in bound_of(details, kind)}
    consent = Consent.objects.of(user, client) if bounded else None
    before = targets.load({} if consent is None else consent.targets)
    kept = dict(chosen)
    for kind in bounded & set(before):
        others = tuple(key for key in before[kind] if key not in bound_of(details, kind))
        kept[kind] = targets.EVERY if targets.ALL in others else (*others, *chosen[kind])
    return targets.dump(kept)


def needed(scopes: Iterable[str]) -> list[GrantTarget]:
    """A kind that nobody declares cannot be chosen, and so means none (check E026)."""
    known = targets.registered()
    return [known[kind] for kind in known_scopes.targets_of(scopes) if kind in known]


def bound_of(details: Details, kind: str) -> Keys:
    """What the app asks for, which no choice may be more than."""
    return details.get(kind) or targets.EVERY


def base_of(target: GrantTarget, user: Any, details: Details) -> QuerySet[Any]:
    """What the person can choose from."""
    return target.of(user, bound_of(details, target.name))


def _held(target: GrantTarget, user: Any, keys: Keys) -> Keys:
    """Those of these keys that are the person's now, in this order; one statement."""
    held = {str(key) for key in target.of(user, keys).values_list("pk", flat=True)}
    return tuple(key for key in keys if key in held)


def fitting(keys: Iterable[str]) -> Keys:
    """As many of these keys as a choice may have."""
    fitting: list[str] = []
    characters = 0
    for key in keys:
        characters += len(key) + 1
        if len(fitting) >= targets.MOST_CHOSEN or characters > targets.MOST_CHARACTERS:
            break
        fitting.append(key)
    return tuple(fitting)


def pack(keys: Iterable[str]) -> str:
    """Keys as one field carries them."""
    return " ".join(quote(key, safe=":@") for key in keys)


def sent_for(kind: str, sent: Mapping[str, str]) -> Sent:
    """What these parameters say of one kind; nothing of it is checked yet."""
    picked = f"{_PICK}{kind}."
    boxes = tuple(name.removeprefix(picked) for name in sent if name.startswith(picked))
    kept = tuple(map(unquote, sent.get(_KEPT + kind, "").split()))
    added = (sent[_ADD + kind],) if sent.get(_ADD + kind) else ()
    keys = tuple(key for key in dict.fromkeys((*kept, *boxes, *added)) if key != sent.get(_DROP + kind))
    is_searched = any(prefix + kind in sent for prefix in (_FIND, _ADD, _DROP))
    return Sent(
        mode=_SINGLE if is_searched else sent.get(_MODE + kind, ""),
        keys=keys,
        boxes=boxes,
        find=sent.get(_FIND + kind, "").strip()[:_LONGEST_SEARCH],
        is_searched=is_searched,
        again=sent.get(_AGAIN + kind, ""),
    )


def _read_one(target: GrantTarget, said: Sent, *, user: Any, details: Details) -> Keys | str:
    """The keys, or which mistake it is."""
    bound = bound_of(details, target.name)
    if said.mode == EVERYTHING:
        # Boxes are ticked besides: nobody can say which was meant, and one of the two is more.
        if said.boxes:
            return "both"
        return targets.EVERY if targets.ALL in bound else "foreign"
    if said.mode not in {"", _SINGLE} or targets.ALL in said.keys:
        return "foreign"
    if not said.keys:
        return "none" if base_of(target, user, details).exists() else ()
    if fitting(said.keys) != said.keys:
        return "many"
    keys = said.keys
    return keys if targets.both(keys, bound) == keys and _held(target, user, keys) == keys else "foreign"
