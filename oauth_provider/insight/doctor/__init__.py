"""The doctor: looks at everything that goes wrong around a provider, and says the fix. Changes nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from django.core.checks import ERROR

from oauth_provider.insight.doctor import as_client, cache, chores, database, from_dot, keys, pieces, site_settings
from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning
from oauth_provider.insight.doctor.said import OURS, Said, as_diagnosis, listen

_SHOWN = 5


def _rest(said: Said) -> Iterator[Diagnosis]:
    """What checks say besides: ours and all errors one by one, warnings of others summed up."""
    if said.failed:
        sentence = f"The checks end with {said.failed}: some of what they tell is missing here."
        yield problem("check", sentence, "Mend what stands above, then run check --deploy --database default.")
    others = []
    for message in said.rest():
        if message.level >= ERROR or (message.id or "").startswith(OURS):
            yield as_diagnosis((message.id or "check").removeprefix(OURS), message)
        else:
            others.append(message.id or "one without an id")
    if others:
        ids = list(dict.fromkeys(others))
        more = f" and {len(ids) - _SHOWN} more" if len(ids) > _SHOWN else ""
        yield warning(
            "check",
            f"check --deploy has {len(others)} warnings of Django and other apps: {', '.join(ids[:_SHOWN])}{more}.",
            "Run check --deploy and read them.",
        )
    elif not said.failed:
        yield ok("check", "check --deploy has nothing else to say of Django and other apps.")


Group = tuple[str, Callable[[Said], Iterator[Diagnosis]]]

GROUPS: tuple[Group, ...] = (
    ("settings", site_settings.examine),
    ("pieces", pieces.examine),
    ("database", database.examine),
    ("keys", keys.examine),
    ("cache", cache.examine),
    ("chores", chores.examine),
)
FROM_DOT: Group = ("django-oauth-toolkit", from_dot.examine)
# Last: what the groups before have told is not said again.
REST: Group = ("checks", _rest)


def examine(*, dot: bool = False) -> Iterator[Diagnosis]:
    """Look at this site from inside; with `dot` as one that runs django-oauth-toolkit, too."""
    said = listen()
    for name, look in (*GROUPS, *((FROM_DOT,) if dot else ()), REST):
        yield from _watched(name, partial(look, said))


def examine_as_client(address: str) -> Iterator[Diagnosis]:
    """Look at the site at this address from outside."""
    site = as_client.site_at(address)
    for name, look in as_client.STEPS:
        yield from _watched(name, partial(look, site))


def _watched(group: str, look: Callable[[], Iterator[Diagnosis]]) -> Iterator[Diagnosis]:
    """A doctor who falls over says so and goes on: it is called when something is broken."""
    try:
        for diagnosis in look():
            yield replace(diagnosis, group=group)
    except Exception as error:  # noqa: BLE001  # whatever is broken about the site
        # Not the exception's words: they may quote a password.
        found = problem(
            "examined",
            f"This could not be looked at to the end: {type(error).__name__}.",
            "Mend what stands above, then ask again; `manage.py check` shows the exception.",
        )
        yield replace(found, group=group)
