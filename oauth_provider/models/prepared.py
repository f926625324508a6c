"""The statements of every request, compiled once per connection.

Django writes the SQL of a queryset anew at each use. For a token with its grant, user, client and Application, some
hundred columns, that takes several times as long as the database takes to answer. Here the queryset is still written
as a queryset, for any database, swapped Application and user model, and read into instances by `Model.from_db`; only
its SQL and its columns are kept.

The values of a use stand in the statement as examples while it is compiled: a text, a UUID, a number that no row and
no constant of the statement has, each another.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from weakref import WeakKeyDictionary

from django.db import connections, models, transaction
from django.db.models.sql import UpdateQuery

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

_M = TypeVar("_M", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Part:
    """One model of the row: which columns are its own, and the models that hang on it."""

    model: type[models.Model]
    names: dict[str, None]
    start: int
    end: int
    pk: int
    related: list[tuple[Any, _Part]]


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is kept: SQL, where its parameters come from, how columns become values, and values instances."""

    sql: str
    parameters: list[Any]
    converters: list[tuple[int, Sequence[Callable[..., Any]], Any]]
    part: _Part
    annotations: list[str]


@dataclass(frozen=True, slots=True)
class _Named:
    name: str


@dataclass(frozen=True, eq=False)
class Prepared(Generic[_M]):
    """A queryset with `select_related`, `defer` and annotations that finds at most one row, by values of each use."""

    build: Callable[..., models.QuerySet[_M]]
    examples: Mapping[str, Any]
    # By connection, not by alias: converters belong to a connection. Each thread has its own.
    _plans: WeakKeyDictionary[BaseDatabaseWrapper, _Plan] = field(default_factory=WeakKeyDictionary, repr=False)

    def first(self, using: str, **values: Any) -> _M | None:
        """The instance with everything that is selected along, or None; one statement."""
        connection = connections[using]
        plan = self._plans.get(connection)
        if plan is None:
            plan = self._plans[connection] = _compile(self.build(**self.examples), self.examples, connection)
        with connection.cursor() as cursor:
            cursor.execute(plan.sql, _fill(plan.parameters, values, connection))
            found = cursor.fetchone()
        if found is None:
            return None
        row = list(found)
        for position, converters, expression in plan.converters:
            for convert in converters:
                row[position] = convert(row[position], expression, connection)
        instance: Any = _make(plan.part, row, using)
        for name, value in zip(plan.annotations, row[len(row) - len(plan.annotations) :], strict=True):
            setattr(instance, name, value)
        return instance  # type: ignore[no-any-return]


@dataclass(frozen=True, eq=False)
class PreparedUpdate:
    """An `update` of a queryset, by values given at each use; `changes` are what `QuerySet.update` takes."""

    build: Callable[..., models.QuerySet[Any]]
    changes: Mapping[str, Any]
    examples: Mapping[str, Any]
    _plans: WeakKeyDictionary[BaseDatabaseWrapper, tuple[str, list[Any]]] = field(
        default_factory=WeakKeyDictionary, repr=False
    )

    def run(self, using: str, **values: Any) -> int:
        """How many rows were changed; one statement."""
        connection = connections[using]
        plan = self._plans.get(connection)
        if plan is None:
            query: Any = self.build(**self.examples).query.chain(UpdateQuery)
            query.add_update_values(self.changes)
            sql, parameters = query.get_compiler(connection=connection).as_sql()
            plan = self._plans[connection] = sql, _name(parameters, self.examples, connection)
        # As QuerySet.update does: an error within a transaction of the caller spoils it.
        with transaction.mark_for_rollback_on_error(using), connection.cursor() as cursor:
            cursor.execute(plan[0], _fill(plan[1], values, connection))
            return int(cursor.rowcount)


def _compile(queryset: Any, examples: Mapping[str, Any], connection: BaseDatabaseWrapper) -> _Plan:
    columns: list[str] = []
    deferred, _is_defer = queryset.query.deferred_loading
    part = _split(queryset.model, queryset.query.select_related or {}, columns, deferred=deferred)
    annotations = list(queryset.query.annotation_select)
    compiler = queryset.values_list(*columns, *annotations).query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    converters = compiler.get_converters([expression for expression, *_ in compiler.select])
    return _Plan(
        sql=sql,
        parameters=_name(parameters, examples, connection),
        converters=[(position, *rest) for position, rest in converters.items()],
        part=part,
        annotations=annotations,
    )


def _split(
    model: Any, select_related: Mapping[str, Any], columns: list[str], prefix: str = "", *, deferred: Collection[str]
) -> _Part:
    """Write down the model's columns but the deferred ones, then those of what is selected along."""
    names = [column.attname for column in model._meta.concrete_fields if prefix + column.name not in deferred]
    start = len(columns)
    columns.extend(prefix + name for name in names)
    return _Part(
        model=model,
        # In order, and quick to look a name up in, which `from_db` does for every column.
        names=dict.fromkeys(names),
        start=start,
        end=len(columns),
        pk=start + names.index(model._meta.pk.attname),
        related=[
            (relation, _split(relation.related_model, below, columns, f"{prefix}{name}__", deferred=deferred))
            for name, below in select_related.items()
            for relation in [model._meta.get_field(name)]
        ],
    )


def _make(part: _Part, row: list[Any], using: str) -> models.Model:
    instance = part.model.from_db(using, part.names, row[part.start : part.end])
    for relation, below in part.related:
        related = None if row[below.pk] is None else _make(below, row, using)
        relation.set_cached_value(instance, related)
        if related is not None and relation.one_to_one:
            relation.remote_field.set_cached_value(related, instance)
    return instance


def _name(parameters: Iterable[Any], examples: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
    """The parameters of a compiled statement, each example replaced by the name of the value it stands for."""
    names = {_as_parameter(example, connection): _Named(name) for name, example in examples.items()}
    return [names.get(parameter, parameter) for parameter in parameters]


def _fill(parameters: list[Any], values: Mapping[str, Any], connection: BaseDatabaseWrapper) -> list[Any]:
    return [
        _as_parameter(values[given.name], connection) if isinstance(given, _Named) else given for given in parameters
    ]


def _as_parameter(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """As UUIDField writes it; texts and numbers are the same everywhere."""
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    return value
