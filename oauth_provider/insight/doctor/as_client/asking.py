"""The site that is walked, what was answered so far, and how one asks it."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from oauth_provider.insight.doctor.diagnosis import Diagnosis, problem
from oauth_provider.outbound.refused import Refused
from oauth_provider.outbound.visit import Untrusted, Visited, visit

if TYPE_CHECKING:
    from collections.abc import Mapping

# RFC 6761 §6.4: nobody is there, and nobody can register it.
NOBODY = "https://doctor.invalid"
UNKNOWN_CLIENT = "oauth_doctor_no_such_client"
_SHOWN = 200


@dataclass(slots=True)
class Site:
    """`issuer` is the address as the operator named it; `document` its metadata once it is read."""

    issuer: str
    document: dict[str, Any] = field(default_factory=dict)
    visited: list[Visited] = field(default_factory=list)

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        parts = urlsplit(self.issuer)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def path(self) -> str:
        """The issuer's path, without a slash at the end."""
        return urlsplit(self.issuer).path.rstrip("/")

    @property
    def is_https(self) -> bool:
        """Whether the address begins so."""
        return urlsplit(self.issuer).scheme == "https"

    def endpoint(self, name: str, path: str) -> str:
        """The URL that the metadata names, or the one that would be usual."""
        given = self.document.get(name)
        return given if isinstance(given, str) else f"{self.issuer}{path}"

    def ask(
        self,
        name: str,
        url: str,
        *,
        method: str = "GET",
        headers: Mapping[str, str] | None = None,
        form: Mapping[str, str] | None = None,
    ) -> Visited | Diagnosis:
        """The answer, or what is said when there is none."""
        try:
            answer = visit(url, method=method, headers=headers, form=form)
        except Untrusted as refused:
            return problem(
                name,
                f"{url}: its certificate is refused: {refused.reason}.",
                "Serve the whole chain of a certificate that clients trust, for this host name.",
            )
        except Refused as refused:
            return problem(name, f"{url}: {refused.reason}.", "See that the site answers at this address.")
        self.visited.append(answer)
        return answer


def shown(value: object) -> str:
    """What somebody else's server said, short and in one line."""
    written = repr(value)
    return written if len(written) <= _SHOWN else f"{written[:_SHOWN]}…"


def json_object(answer: Visited) -> dict[str, Any] | None:
    """The body, if it is a JSON object and says so."""
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    # RFC 7517 §8.5: a key set is application/jwk-set+json where somebody says so.
    if kind != "application/json" and not kind.endswith("+json"):
        return None
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
