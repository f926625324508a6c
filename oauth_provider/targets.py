"""Kinds of the site's objects that a grant can be limited to, and the limit itself.

A kind comes from `targets.py` of an installed app, found at start; a scope names it (`Scope.targets`). What was chosen
is kept as `{"organization": ["3", "17"]}`, keys as text, or `{"organization": "*"}` for all that the person has and
will have. In code a choice is a tuple of keys, `EVERY` for the latter. A kind that is not there means none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist, ImproperlyConfigured, ValidationError
from django.db import models
from django.utils.module_loading import module_has_submodule

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet

Keys = tuple[str, ...]
ALL = "*"
EVERY: Keys = (ALL,)

# One choice goes into an access token and into addresses: so many objects, so many characters of all their keys.
MOST_CHOSEN = 200
MOST_CHARACTERS = 2000
LONGEST_KEY = 200
# How far `limit` looks for the one way from a model to a target's; further ways are written as `through`.
_FAR = 4
_NAME = re.compile(r"[a-z][a-z0-9_-]{0,62}", re.ASCII)


@dataclass(frozen=True, slots=True)
class GrantTarget:
    """One kind of object of the site, by its name on the wire (`type`, RFC 9396 §2).

    `queryset(user)` gives the objects this person may let an app act on **now**; it is asked again at each use.
    `label` is an attribute, or a function of one object; `search` are the lookups that the picker searches by, the
    label's own field unless they are given.
    """

    name: str
    model: type[Model]
    queryset: Callable[[Any], QuerySet[Any]]
    label: Callable[[Any], object] | str = str
    search: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            raise ImproperlyConfigured(f"{self.name!r} is no name of a grant target: small letters, digits, _ and -.")

    def label_of(self, instance: Any) -> str:
        """What people read for one object."""
        return str(getattr(instance, self.label) if isinstance(self.label, str) else self.label(instance))

    @property
    def lookups(self) -> tuple[str, ...]:
        """What the picker searches by; empty when nothing says what."""
        if self.search or not isinstance(self.label, str):
            return self.search
        try:
            field = self.model._meta.get_field(self.label)
        except FieldDoesNotExist:
            return ()
        return (self.label,) if isinstance(field, models.CharField | models.TextField) else ()

    def key(self, text: str) -> Any:
        """The primary key that this text is, or None; no text makes the database complain."""
        field: Any = self.model._meta.pk
        while field.remote_field is not None:
            field = field.target_field
        if not text or len(text) > LONGEST_KEY or "\x00" in text:
            return None
        try:
            value = field.to_python(text)
            field.run_validators(value)
        except (ValidationError, ValueError, TypeError, OverflowError):
            return None
        # One key, one text: else the same object could be chosen twice, and compared wrongly.
        return value if str(value) == text else None

    def of(self, user: Any, keys: Keys = EVERY) -> QuerySet[Any]:
        """Those of these objects that the person has now, as a queryset that may be filtered; none for nobody."""
        found: QuerySet[Any] = self.model._base_manager.all()
        if user is None or not keys:
            return found.none()
        if ALL not in keys:
            found = found.filter(pk__in=[key for key in map(self.key, keys) if key is not None])
        return found.filter(pk__in=self.queryset(user).values("pk"))


_DISCOVERED: dict[str, GrantTarget] = {}


def autodiscover() -> None:
    """Read `targets.py` of every installed app: its module-level `GrantTarget` values and lists of them."""
    _DISCOVERED.clear()
    for config in apps.get_app_configs():
        if config.name == "oauth_provider" or config.module is None:
            continue
        if module_has_submodule(config.module, "targets"):
            for target in _targets_in(vars(import_module(f"{config.name}.targets")).values()):
                _DISCOVERED[target.name] = target


def _targets_in(values: Iterable[object]) -> Iterable[GrantTarget]:
    for value in list(values):
        if isinstance(value, GrantTarget):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, GrantTarget))


def registered() -> Mapping[str, GrantTarget]:
    """Every kind there is, by name."""
    return _DISCOVERED


def load(stored: object) -> dict[str, Keys]:
    """A choice as it is kept; whatever is not of that form means none."""
    if not isinstance(stored, Mapping):
        return {}
    chosen = {}
    for kind, keys in stored.items():
        if keys == ALL:
            chosen[str(kind)] = EVERY
        elif isinstance(keys, list | tuple):
            chosen[str(kind)] = tuple(key for key in keys if isinstance(key, str) and key != ALL)
    return chosen


def dump(chosen: Mapping[str, Keys]) -> dict[str, list[str] | str]:
    """A choice as it is kept."""
    return {kind: ALL if ALL in keys else list(keys) for kind, keys in chosen.items()}


def only(chosen: Mapping[str, Keys], kinds: Iterable[str]) -> dict[str, Keys]:
    """What of a choice concerns these kinds."""
    return {kind: chosen[kind] for kind in kinds if chosen.get(kind)}


def both(first: Keys, second: Keys) -> Keys:
    """What is in either of two choices of one kind."""
    if ALL in first:
        return second
    return first if ALL in second else tuple(key for key in first if key in second)


def meet(first: Mapping[str, Keys], second: Mapping[str, Keys]) -> dict[str, Keys]:
    """What two choices allow both; a kind that one of them lacks is allowed by neither."""
    return only({kind: both(first[kind], second[kind]) for kind in first if kind in second}, first)


def to_details(chosen: Mapping[str, Keys]) -> list[dict[str, object]]:
    """A choice as `authorization_details` (RFC 9396 §7, §9); `["*"]`, which is no object's key, stands for all."""
    return [{"type": kind, "identifiers": list(keys)} for kind, keys in sorted(chosen.items()) if keys]


def from_details(details: object) -> dict[str, Keys]:
    """The choice in `authorization_details` that we wrote; whatever is not of that form means none."""
    if not isinstance(details, list):
        return {}
    entries = [entry for entry in details if isinstance(entry, dict) and isinstance(entry.get("type"), str)]
    return load(
        {entry["type"]: ALL if entry.get("identifiers") == [ALL] else entry.get("identifiers") for entry in entries}
    )


def limit(
    queryset: QuerySet[Any],
    *,
    chosen: Mapping[str, Keys],
    user: Any,
    through: str | None = None,
    kind: str | None = None,
) -> QuerySet[Any]:
    """Those rows that belong to an object that was chosen **and** that the person has now; no statement by itself.

    The queryset is of a kind's model, or of a model with one way of foreign keys to one; `through` names the way, or
    `kind` what is meant, where there are several. Raises ImproperlyConfigured where that is not clear.
    """
    path, target = _way(queryset.model, through, kind)
    keys = chosen.get(target.name, ())
    if user is None or not keys:
        return queryset.none()
    mine = target.of(user, keys).values("pk")
    if not path:
        return queryset.filter(pk__in=mine)
    if _is_many(queryset.model, path):
        # By key, not by a join that would give a row several times.
        return queryset.filter(pk__in=queryset.model._base_manager.filter(**{f"{path}__pk__in": mine}).values("pk"))
    return queryset.filter(**{f"{path}__pk__in": mine})


def named(kind: str) -> GrantTarget:
    """The kind of this name; raises ImproperlyConfigured."""
    try:
        return registered()[kind]
    except KeyError as error:
        raise ImproperlyConfigured(
            f"{kind!r} is no grant target: targets.py of the installed apps declare {sorted(registered())}."
        ) from error


def _way(model: type[Model], through: str | None, kind: str | None) -> tuple[str, GrantTarget]:
    """The lookup that leads from this model to the one kind of object that is meant."""
    meant = list(registered().values()) if kind is None else [named(kind)]
    goals = frozenset(target.model._meta.concrete_model for target in meant)
    if through is not None:
        path, goal = through, _follow(model, through)
    elif model._meta.concrete_model in goals:
        path, goal = "", model._meta.concrete_model
    else:
        ways = _ways(model, goals)
        if len(ways) != 1:
            told = ", ".join(sorted(way for way, _ in ways)) or "none"
            raise ImproperlyConfigured(
                f"{model._meta.label} needs `through`: the ways from it to an object that grants are limited to are"
                f" {told}."
            )
        path, goal = ways[0]
    kinds = [target for target in meant if target.model._meta.concrete_model is goal]
    if len(kinds) != 1:
        raise ImproperlyConfigured(
            f"{goal._meta.label} is the model of {len(kinds)} grant targets that may be meant: name one as `kind`."
        )
    return path, kinds[0]


def _follow(model: type[Model], path: str) -> Any:
    reached: Any = model
    for name in path.split("__") if path else ():
        try:
            reached = reached._meta.get_field(name).related_model
        except FieldDoesNotExist:
            reached = None
        if reached is None:
            raise ImproperlyConfigured(f"{path!r} leads from {model._meta.label} to no other model.")
    return reached._meta.concrete_model


def _is_many(model: type[Model], path: str) -> bool:
    reached: Any = model
    for name in path.split("__"):
        field = reached._meta.get_field(name)
        if field.one_to_many or field.many_to_many:
            return True
        reached = field.related_model
    return False


@lru_cache(maxsize=256)
def _ways(model: type[Model], goals: frozenset[Any], far: int = _FAR) -> list[tuple[str, Any]]:
    """Every way of foreign keys from this model to one of those, as lookups."""
    found: list[tuple[str, Any]] = []
    if not far:
        return found
    for field in model._meta.concrete_fields:
        related: Any = field.related_model
        if related is None or not (field.many_to_one or field.one_to_one):
            continue
        if related._meta.concrete_model in goals:
            found.append((field.name, related._meta.concrete_model))
        found.extend((f"{field.name}__{rest}", goal) for rest, goal in _ways(related, goals, far - 1))
    return found
