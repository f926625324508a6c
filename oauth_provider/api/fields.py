"""Fields that take what they say and nothing like it: "1" is no number, 1 is no text, an unknown member is refused."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import ISO_8601, serializers

from oauth_provider.clients.validation import MOST_LINES, URI_LENGTH

if TYPE_CHECKING:
    AnySerializer = serializers.Serializer[Any]
    AnyField = serializers.Field[Any, Any, Any, Any]
else:
    AnySerializer = serializers.Serializer
    AnyField = serializers.Field

_NAME_LENGTH = 255
_SECRET_LIFETIME = timedelta(days=3660)


class Values(AnySerializer):
    """What an answer holds."""


class Arguments(AnySerializer):
    """What a body may hold, and nothing else."""

    refuses_unknown = True

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, Mapping):
            unknown = [name for name in data if name not in self.fields]
            if unknown:
                raise serializers.ValidationError({name: [_("There is no such member.")] for name in unknown})
        return super().to_internal_value(data)


class Nothing(Arguments):
    """An empty body, or an empty object."""


class Text(serializers.CharField):
    """A string, kept as it is."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", _NAME_LENGTH)
        super().__init__(trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        return super().to_internal_value(data)


class Choice(serializers.ChoiceField):
    """One of these words."""

    def to_internal_value(self, data: Any) -> Any:
        if not isinstance(data, str):
            self.fail("invalid_choice", input=type(data).__name__)
        return super().to_internal_value(data)


class Whole(serializers.IntegerField):
    """A whole number."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, bool) or not isinstance(data, int):
            self.fail("invalid")
        return data


class Flag(serializers.BooleanField):
    """true or false."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=type(data).__name__)
        return data


class Texts(serializers.ListField):
    """A list of strings, each once."""

    def __init__(self, *, longest: int = URI_LENGTH, **kwargs: Any) -> None:
        self.most = int(kwargs.setdefault("max_length", MOST_LINES))
        super().__init__(child=Text(max_length=longest), **kwargs)

    def to_internal_value(self, data: Any) -> list[Any]:
        if not isinstance(data, list):
            self.fail("not_a_list", input_type=type(data).__name__)
        if len(data) > self.most:
            self.fail("max_length", max_length=self.most)
        return list(dict.fromkeys(super().to_internal_value(data)))


class Moment(serializers.DateTimeField):
    """A time with its zone (RFC 3339), in answers in UTC, whatever format the site chose for its own API."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format=ISO_8601, input_formats=[ISO_8601], default_timezone=UTC, **kwargs)


class SoonMoment(Moment):
    """A time ahead, at most ten years."""

    default_error_messages = {"not_ahead": gettext_lazy("Give a time in the future, at most ten years ahead.")}

    def to_internal_value(self, value: Any) -> datetime:
        if not isinstance(value, str):
            self.fail("invalid", format="RFC 3339")
        given = super().to_internal_value(value)
        now = timezone.now()
        if not now < given <= now + _SECRET_LIFETIME:
            self.fail("not_ahead")
        return given.astimezone(UTC)


@extend_schema_field({"type": "array", "items": {"type": "string", "maxLength": 150}, "maxItems": MOST_LINES})
class GroupNames(AnyField):
    """Groups by name."""

    default_error_messages = {
        "invalid": gettext_lazy("Give a list of names."),
        "unknown": gettext_lazy("These do not exist: {names}."),
    }

    def to_internal_value(self, data: Any) -> list[Any]:
        names = self._names(data)
        return self._found(names, {group.name: group for group in Group.objects.filter(name__in=names)})

    def to_representation(self, value: Any) -> list[str]:
        return sorted(group.name for group in value)

    def _names(self, data: Any) -> list[str]:
        is_list = isinstance(data, list) and len(data) <= MOST_LINES
        if not is_list or not all(isinstance(name, str) and len(name) <= _NAME_LENGTH for name in data):
            self.fail("invalid")
        return list(dict.fromkeys(data))

    def _found(self, names: list[str], known: Mapping[str, Any]) -> list[Any]:
        unknown = [name for name in names if name not in known]
        if unknown:
            self.fail("unknown", names=", ".join(unknown)[:500])
        return [known[name] for name in names]


class UserNames(GroupNames):
    """Users by the name they sign in with."""

    def to_internal_value(self, data: Any) -> list[Any]:
        model = get_user_model()
        names = self._names(data)
        rows = model._default_manager.filter(**{f"{model.USERNAME_FIELD}__in": names})
        return self._found(names, {user.get_username(): user for user in rows})

    def to_representation(self, value: Any) -> list[str]:
        return sorted(user.get_username() for user in value)


class UserValues(Values):
    """A person: the key that does not change, and the name they sign in with."""

    id = serializers.CharField(source="pk")
    name = serializers.CharField(source="get_username")
