"""Reading what was sent: one JSON object of decent size, one accepted type, no name twice."""

from __future__ import annotations

import json
import re
from types import SimpleNamespace
from typing import IO, TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError, ValidationError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import JSONParser

from oauth_provider.api.problems import TooLarge

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from django.http import QueryDict

# 200 redirect URIs of 2,000 characters fit.
MAX_BYTES = 512 * 1024
# What PostgreSQL cannot store in a text, and what is no character at all: half of one.
_NO_TEXT = re.compile("[\x00\ud800-\udfff]")


class StrictJSONParser(JSONParser):
    """UTF-8, no name twice in an object, nothing that a database cannot store; ParseError (400) or TooLarge (413)."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        body = stream.read(MAX_BYTES + 1)
        if len(body) > MAX_BYTES:
            raise TooLarge
        try:
            return json.loads(
                body.decode("utf-8"), object_pairs_hook=_object, parse_constant=_refuse, parse_float=_number
            )
        except RecursionError as error:
            raise ParseError(_("The body is nested too deeply.")) from error
        except ValueError as error:
            raise ParseError(_("The body is not JSON: %s.") % error) from error


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(_("a name stands twice in an object"))
        found[_text(name)] = _value(value)
    return found


def _value(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, list):
        # Objects in it have been through `_object`.
        return [_value(inner) for inner in value]
    return value


def _text(value: str) -> str:
    if _NO_TEXT.search(value):
        raise ValueError(_("a text holds NUL, or half a character"))
    return value


def _number(digits: str) -> float:
    value = float(digits)
    if value in {float("inf"), float("-inf")}:
        raise ValueError(_("a number is too large"))
    return value


def _refuse(name: str) -> Any:
    raise ValueError(_("%s is no number of JSON") % name)


class HeaderNegotiation(DefaultContentNegotiation):
    """The Accept header decides; `?format=` is a parameter like any other, here an unknown one."""

    settings: Any = SimpleNamespace(URL_FORMAT_OVERRIDE=None)


def check_query(query: QueryDict, *, known: Collection[str]) -> None:
    """Raise ValidationError for a parameter that means nothing here: a misspelt filter must not show everything."""
    found: dict[str, list[str]] = {}
    for name, values in query.lists():
        if name not in known:
            found[name] = [_("There is no such parameter.")]
        elif len(values) > 1:
            found[name] = [_("Send it once.")]
        elif not values[0]:
            # A filter without a value would filter nothing.
            found[name] = [_("Give a value, or leave it out.")]
    if found:
        raise ValidationError({_NO_TEXT.sub("?", name): told for name, told in found.items()})
