"""The scope registry: what exists, what it means in a person's words, and what it implies.

Scopes come from `OAUTH_PROVIDER["SCOPES"]` and from `scopes.py` modules of the installed apps, found at start.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import lazy
from django.utils.module_loading import module_has_submodule
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from oauth_provider import mcp
from oauth_provider.conf import conf

if TYPE_CHECKING:
    from django.db.models import Model
    from django.utils.functional import _StrPromise

OPENID = "openid"
OFFLINE_ACCESS = "offline_access"
# What a request asks for that wants to know who somebody is, and nothing of theirs.
SIGN_IN = frozenset({OPENID, "profile", "email"})
# What is about the person, and opens no API (OpenID Connect Core §5.4).
ABOUT_PERSON = SIGN_IN | {"address", "phone", "groups"}


@dataclass(frozen=True, slots=True)
class Scope:
    """One permission an app may ask for.

    `label` and `description` are what people read, under the heading `group`; `implies` names narrower scopes it
    contains; `sensitive` marks it on the consent page, and makes it ask twice for a client nobody checked; `staff`
    lets `is_staff` and `is_superuser` count for tokens that carry it. `targets` names kinds of objects (see
    `targets.py`): the permission is about those that the person chooses, and no others.
    """

    name: str
    label: str | _StrPromise = ""
    description: str | _StrPromise = ""
    implies: tuple[str, ...] = ()
    sensitive: bool = False
    staff: bool = False
    group: str | _StrPromise = ""
    targets: tuple[str, ...] = ()


_BUILT_IN = (
    Scope(OPENID, _("Know who you are"), _("See an identifier for your account at this site.")),
    Scope("profile", _("See your profile"), _("What your account at this site says of you.")),
    Scope("email", _("See your e-mail address"), _("And whether it was verified.")),
    Scope("address", _("See your postal address")),
    Scope("phone", _("See your phone number"), _("And whether it was verified.")),
    Scope("groups", _("See your groups"), _("Those that this site tells the app of.")),
)
_DISCOVERED: dict[str, Scope] = {}


def autodiscover() -> None:
    """Read `scopes.py` of every installed app: its module-level `Scope` values and lists of them."""
    _DISCOVERED.clear()
    for config in apps.get_app_configs():
        if config.name == "oauth_provider" or config.module is None:
            continue
        if module_has_submodule(config.module, "scopes"):
            module = import_module(f"{config.name}.scopes")
            for scope in _scopes_in(vars(module).values()):
                _DISCOVERED[scope.name] = scope


def _scopes_in(values: Iterable[object]) -> Iterable[Scope]:
    for value in list(values):
        if isinstance(value, Scope):
            yield value
        elif isinstance(value, list | tuple):
            yield from (item for item in value if isinstance(item, Scope))


def registered() -> Mapping[str, Scope]:
    """Every scope there is, by name; the settings win over an app's module."""
    scopes = {scope.name: scope for scope in _BUILT_IN}
    scopes.update(_DISCOVERED)
    for name, given in conf.SCOPES.items():
        scopes[name] = given if isinstance(given, Scope) else Scope(name, given)
    return scopes


def of_mcp() -> tuple[str, ...]:
    """The scopes of the MCP resource: those in the setting, else all that neither sign in nor give power of staff."""
    known, setting = registered(), mcp.setting()
    if setting is not None and setting.scopes is not None:
        return tuple(name for name in dict.fromkeys(setting.scopes) if name in known)
    staff = {name for name, scope in known.items() if scope.staff}
    not_of_an_api = ABOUT_PERSON | {OFFLINE_ACCESS}
    return tuple(name for name in known if name not in not_of_an_api and not staff & expand([name]))


def split(value: str | None) -> tuple[str, ...]:
    """The scopes of a `scope` parameter in the order given, without doubles (RFC 6749 §3.3)."""
    return tuple(dict.fromkeys((value or "").split()))


def join(scopes: Iterable[str]) -> str:
    """The `scope` parameter for these scopes."""
    return " ".join(scopes)


def expand(scopes: Iterable[str]) -> frozenset[str]:
    """These scopes and every narrower one they imply, however deep."""
    known = registered()
    found: set[str] = set()
    todo = list(scopes)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            scope = known.get(name)
            if scope is not None:
                todo.extend(scope.implies)
    return frozenset(found)


def sensitive(names: Iterable[str]) -> list[str]:
    """Those of these scopes that are sensitive, or imply one that is; in their order."""
    known = registered()
    marked = {name for name, scope in known.items() if scope.sensitive}
    return [name for name in names if marked & expand([name])]


def targets_of(scopes: Iterable[str]) -> tuple[str, ...]:
    """The kinds of objects that a person must choose for these scopes, those they imply included; sorted."""
    known = registered()
    return tuple(sorted({kind for name in expand(scopes) if name in known for kind in known[name].targets}))


def describe(names: Iterable[str]) -> list[Scope]:
    """The registered scopes of these names, for a page; one no longer registered shows its name."""
    known = registered()
    return [known.get(name) or Scope(name, name) for name in names]


# The verbs of Django's default model permissions, and what they are in a person's words.
_VERBS: Mapping[str, _StrPromise] = {
    "view": _("See: %(models)s"),
    "add": _("Add: %(models)s"),
    "change": _("Change: %(models)s"),
    "delete": _("Delete: %(models)s"),
}


def model_scope(model: type[Model] | str, verb: str) -> str:
    """The scope named as Django's permission to do this: `notes.change_note` for `notes.Note` and `change`."""
    label = model if isinstance(model, str) else model._meta.label
    app_label, separator, name = label.partition(".")
    if not (app_label and separator and name):
        raise ImproperlyConfigured(f"{label!r} is no model: write 'notes.Note'.")
    return f"{app_label}.{verb}_{name.lower()}"


def model_scopes(model: type[Model] | str, *, sensitive: Iterable[str] = ("delete",)) -> tuple[Scope, ...]:
    """Four scopes for a model, by its Django permissions: for `scopes.py` and `HasModelScope`.

    They are labelled by the model's own name in the language of the reader; `sensitive` names the verbs that are.
    """
    marked = frozenset(sensitive)
    return tuple(
        Scope(
            model_scope(model, verb),
            label=_of_model(label, model),
            group=_of_model("%(models)s", model, capital=True),
            sensitive=verb in marked,
        )
        for verb, label in _VERBS.items()
    )


def _model_text(text: str | _StrPromise, model: type[Model] | str, *, capital: bool = False) -> str:
    # Looked up when read: `scopes.py` may be imported before the models are.
    found = apps.get_model(model) if isinstance(model, str) else model
    told = str(text) % {"models": found._meta.verbose_name_plural}
    return capfirst(told) if capital else told


_of_model: Any = lazy(_model_text, str)
