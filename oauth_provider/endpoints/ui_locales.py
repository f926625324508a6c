"""`ui_locales`: the language a client asks our pages to speak, for this request only (OpenID Connect Core §3.1.2.1).

The reader's language at the site, in cookie, session or account, stays what it is.
"""

from __future__ import annotations

import functools
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Concatenate, ParamSpec, TypeVar
from urllib.parse import parse_qs, urlencode, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation

from oauth_provider import credentials
from oauth_provider.models import StoredRequest

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

P = ParamSpec("P")
Answer = TypeVar("Answer")

# The language the source is written in.
_OWN = "en"
# A client that lists more than these does not know what its reader wants.
_MOST_TAGS = 16
_MOST_CHARACTERS = 256


def supported() -> tuple[str, ...]:
    """The site's languages that our pages speak, for the metadata; empty for a site without translations."""
    if not settings.USE_I18N:
        return ()
    return _spoken(tuple(code for code, _ in settings.LANGUAGES), tuple(map(str, settings.LOCALE_PATHS)))


def find(tags: str | None) -> str | None:
    """The first of the tags that our pages speak; unknown and malformed ones are passed over."""
    spoken = set(supported())
    for tag in (tags or "")[:_MOST_CHARACTERS].split()[:_MOST_TAGS] if spoken else ():
        try:
            # A tag we do not have leads to the language it is a variant of: de-AT to de.
            code = translation.get_supported_language_variant(tag.lower())
        except LookupError:
            continue
        if code in spoken:
            return code
    return None


def speak(tags: str | None) -> None:
    """Speak the first of the tags that we can, until the view of `for_this_request` has answered."""
    code = find(tags)
    if code is not None:
        translation.activate(code)


def for_this_request(
    view: Callable[Concatenate[HttpRequest, P], Answer],
) -> Callable[Concatenate[HttpRequest, P], Answer]:
    """Make a view after which the language is what it was before: threads serve one request after another."""

    @functools.wraps(view)
    def page(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> Answer:
        with translation.override(translation.get_language()):
            return view(request, *args, **kwargs)

    return page


def of_address(url: str) -> str | None:
    """What an address of ours says of the language: in its query, or in the request that waits under its id."""
    parts = urlsplit(url)
    if parts.path not in {reverse("oauth_provider:authorize"), reverse("oauth_provider:device")}:
        return None
    query = {name: values[0] for name, values in parse_qs(parts.query).items()}
    request_id = query.get("request", "")
    if not credentials.is_kind(request_id, credentials.Kind.REQUEST):
        return query.get("ui_locales")
    row = StoredRequest.objects.find(credentials.digest(request_id))
    return None if row is None else row.parameters.get("ui_locales")


def keep(url: str, tags: str | None) -> str:
    """The address of a form that is answered in the language its page was shown in."""
    code = find(tags)
    return url if code is None else f"{url}?{urlencode({'ui_locales': code})}"


@functools.lru_cache(maxsize=8)
def _spoken(codes: tuple[str, ...], locale_paths: tuple[str, ...]) -> tuple[str, ...]:
    folders = [Path(str(resources.files("oauth_provider") / "locale")), *map(Path, locale_paths)]
    return tuple(code for code in codes if code.partition("-")[0] == _OWN or _has_catalogue(code, folders))


def _has_catalogue(code: str, folders: list[Path]) -> bool:
    """Whether gettext finds one: for the language itself, or for the one it is a variant of."""
    names = {translation.to_locale(code), code.partition("-")[0]}
    return any((folder / name / "LC_MESSAGES" / "django.mo").is_file() for folder in folders for name in names)
