"""The OpenAPI description: the scopes of each operation, the answers that all have in common, nothing of the site."""

from __future__ import annotations

from copy import deepcopy
from threading import Lock
from typing import TYPE_CHECKING, Any, TypeVar

from django.utils.translation import get_language
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.utils import OpenApiParameter, extend_schema

from oauth_provider import __version__
from oauth_provider.api.problems import MEDIA_TYPE, Problem
from oauth_provider.api.rights import RIGHTS
from oauth_provider.drf import schema as _schemes  # noqa: F401  # the security schemes of our authentication

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

_F = TypeVar("_F", bound="Callable[..., Any]")
TITLE = "OAuth provider: management API"
# Any operation may answer so; 400 because every one reads a query and a header.
_ALWAYS = {
    "400": "The request cannot be understood; `errors` says why, by argument.",
    "401": "There is no token, or one that is not valid here.",
    "403": "The token lacks a scope, or its person a permission.",
    "406": "The answer is JSON only.",
    "429": "Too many requests, where the site sets a limit.",
}
_WITH_PLACE = {"404": "There is no such thing, or no such page."}
_WITH_BODY = {"413": "The body is too large.", "415": "The body is not `application/json`."}
_CONFLICT = {"409": "It is not in a state in which this can be done."}
_lock = Lock()
_documents: dict[str | None, dict[str, Any]] = {}


class ManagementSchema(AutoSchema):
    """Adds the problems (RFC 9457) to each operation, and says that unknown members are refused."""

    def get_tags(self) -> list[str]:
        return [str(getattr(self.view, "tag", "")) or "management"]

    def get_operation(self, *args: Any, **kwargs: Any) -> dict[str, Any] | None:
        operation: dict[str, Any] | None = super().get_operation(*args, **kwargs)
        if operation is not None:
            operation["responses"] = {**operation["responses"], **self._problems(operation)}
        return operation

    def _problems(self, operation: Mapping[str, Any]) -> dict[str, Any]:
        told = dict(_ALWAYS)
        if any(told_of["in"] == "path" or told_of["name"] == "page" for told_of in operation.get("parameters", ())):
            told |= _WITH_PLACE
        if self.method in {"POST", "PATCH", "DELETE"}:
            told |= _CONFLICT
        if self.method in {"POST", "PATCH"}:
            told |= _WITH_BODY
        problem = self.resolve_serializer(Problem, "response").ref
        return {
            status: {"description": sentence, "content": {MEDIA_TYPE: {"schema": problem}}}
            for status, sentence in told.items()
        }

    def _map_basic_serializer(self, serializer: Any, direction: Any) -> dict[str, Any]:
        schema: dict[str, Any] = super()._map_basic_serializer(serializer, direction)  # type: ignore[no-untyped-call]
        if getattr(serializer, "refuses_unknown", False):
            schema["additionalProperties"] = False
        return schema


def described(**told: Any) -> Callable[[_F], _F]:
    """drf-spectacular's `extend_schema`, on our schema class whatever DEFAULT_SCHEMA_CLASS the site has."""

    def decorate(method: _F) -> _F:
        method.schema = ManagementSchema  # type: ignore[attr-defined]  # where `extend_schema` looks first
        return extend_schema(**told)(method)

    return decorate


IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    OpenApiParameter.HEADER,
    description="The same key of the same caller makes one client: a repeat is answered 409 and names it.",
)


def document(patterns: Iterable[Any], *, mounted_at: str) -> dict[str, Any]:
    """The description of these URLs, below where they are mounted; made once per process and language."""
    language = get_language()
    with _lock:
        if language not in _documents:
            generator = SchemaGenerator(patterns=list(patterns), api_version=__version__)
            made: dict[str, Any] = generator.get_schema(request=None, public=True)
            made["info"] = {"title": TITLE, "version": __version__}
            _leave_out_scopes_of_the_site(made)
            _documents[language] = made
        return {**deepcopy(_documents[language]), "servers": [{"url": mounted_at.rstrip("/") or "/"}]}


def _leave_out_scopes_of_the_site(described: Mapping[str, Any]) -> None:
    """The schemes are those of the whole site; of its scopes these addresses ask for few."""
    own = {right.scope.name for right in RIGHTS}
    for scheme in described["components"]["securitySchemes"].values():
        for flow in scheme.get("flows", {}).values():
            flow["scopes"] = {name: told for name, told in flow["scopes"].items() if name in own}
