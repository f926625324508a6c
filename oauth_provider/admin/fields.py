"""Form fields for what a client lists: lines of addresses, ticked scopes and resources, a name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from oauth_provider import resources as known_resources
from oauth_provider import scopes as known_scopes
from oauth_provider.clients import redirect_uris as uris
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY = "*"
_MOST_LINES = 200
_ORIGIN_LENGTH = 255
# Signs that make a name read in another order than it is written (Unicode UAX #9): a mask for a false name.
_BIDI_CONTROLS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


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
            raise ValidationError(_("At most %(most)d lines."), params={"most": _MOST_LINES}, code="too_many")

    def run_validators(self, value: Any) -> None:
        for line in value:
            super().run_validators(line)

    def prepare_value(self, value: Any) -> Any:
        return value if value is None or isinstance(value, str) else "\n".join(value)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return bool(self.to_python(initial) != self.to_python(data))


class TickedField(forms.MultipleChoiceField):
    """Check boxes; the order ticked does not matter."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=forms.CheckboxSelectMultiple, **kwargs)


def clean_name(name: str) -> str:
    """The name, refused when it holds signs that turn the reading direction."""
    if _BIDI_CONTROLS & set(name):
        raise ValidationError(_("The name holds invisible signs that turn the reading direction."), code="bidi")
    return name


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
    known = dict(conf.RESOURCES)
    choices = [(uri, _titled(uri, str(known[uri]))) for uri in known_resources.registered()]
    if conf.ISSUER not in known:
        choices.append((conf.ISSUER, _titled(conf.ISSUER, str(_("this site")))))
    if with_every:
        choices.append((EVERY, str(_("* – every audience"))))
    names = {value for value, _label in choices}
    return [*choices, *((uri, uri) for uri in kept if uri not in names)]


def _titled(value: str, title: str) -> str:
    return f"{value} – {title}" if title else value


def validate_origin(value: str) -> None:
    """Refuse what a browser would never send as Origin, and http beyond one's own machine (RFC 6454 §6.2)."""
    try:
        is_origin = uris.origin_of(value) == value and len(value) <= _ORIGIN_LENGTH
    except ValueError:
        is_origin = False
    host = value.partition("://")[2]
    local = host.startswith(("localhost", "127.0.0.1", "[::1]")) and host.split("]")[-1].partition(":")[0] in {
        "localhost",
        "127.0.0.1",
        "",
    }
    if not is_origin or not (value.startswith("https://") or local):
        raise ValidationError(
            _("“%(value)s” is not an origin like https://app.example, or it is http and not local."),
            params={"value": value[:200]},
            code="origin",
        )


def validate_page(value: str) -> None:
    """Refuse every address but https ones: people click it on the consent page (C64)."""
    URLValidator(schemes=["https"], message=_("Give an address that starts with https://."))(value)
