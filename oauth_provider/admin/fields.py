"""Form fields for what a client lists: lines of addresses, ticked scopes and resources, a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from oauth_provider import resources as known_resources
from oauth_provider import scopes as known_scopes
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY = "*"
_MOST_LINES = 200


class LinesField(forms.CharField):
    """A text area, one value per line; blank lines and doubles are dropped."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4, "cols": 80, "spellcheck": "false"}))
        super().__init__(required=False, **kwargs)

    def to_python(self, value: Any) -> Any:
        lines = value.splitlines() if isinstance(value, str) else (value or ())
        return list(dict.fromkeys(line.strip() for line in lines if line.strip()))

    def validate(self, value: Any) -> None:
        if len(value) > _MOST_LINES:
            raise ValidationError(
                ngettext("At most %(most)d line.", "At most %(most)d lines.", _MOST_LINES),
                params={"most": _MOST_LINES},
                code="too_many",
            )

    def run_validators(self, value: Any) -> None:
        for line in value:
            super().run_validators(line)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class PurposesField(LinesField):
    """Lines of `scope = sentence`, as a mapping."""

    def to_python(self, value: Any) -> Any:
        if not isinstance(value, str):
            return dict(value or {})
        lines = [line.partition("=") for line in super().to_python(value)]
        if unreadable := [scope for scope, sign, _said in lines if not sign]:
            raise ValidationError(
                _("Write a scope, an equals sign and a sentence; this is none: %(line)s"),
                params={"line": unreadable[0][:100]}, code="unreadable",
            )  # fmt: skip
        return {scope.strip(): said.strip() for scope, _sign, said in lines}

    def prepare_value(self, value: Any) -> Any:
        # By name: PostgreSQL keeps no order of the members of a JSON object.
        lines = sorted(f"{scope} = {said}" for scope, said in value.items()) if isinstance(value, dict) else None
        return value if lines is None else "\n".join(lines)


class TickedField(forms.MultipleChoiceField):
    """Check boxes; the order ticked does not matter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


def scope_choices(kept: Iterable[str] = ()) -> list[tuple[str, str]]:
    """Every registered scope with its sentence; those a client has beside them, named as what they are."""
    choices = [(scope.name, _titled(scope.name, str(scope.label))) for scope in known_scopes.registered().values()]
    for name in kept:
        if name == EVERY:
            choices.insert(0, (EVERY, str(_("* – every registered scope"))))
        elif name not in known_scopes.registered():
            choices.append((name, _titled(name, str(_("no longer registered: remove it")))))
    return choices


def resource_choices(kept: Iterable[str] = (), *, with_every: bool = False) -> list[tuple[str, str]]:
    """The declared resources and the issuer itself; those a client has beside them."""
    known = known_resources.titles()
    choices = [(uri, _titled(uri, title)) for uri, title in known.items()]
    if conf.ISSUER not in known:
        choices.append((conf.ISSUER, _titled(conf.ISSUER, str(_("this site")))))
    if with_every:
        choices.append((EVERY, str(_("* – every audience"))))
    names = {value for value, _label in choices}
    return [*choices, *((uri, uri) for uri in kept if uri not in names)]


def _titled(value: str, title: str) -> str:
    return f"{value} – {title}" if title else value
