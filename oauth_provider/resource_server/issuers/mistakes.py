"""What is wrong with `TRUSTED_ISSUERS`, and what to set: told by `check`, and refused when a token comes all the same.

A value is never quoted: one of them is a secret.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any

from oauth_provider import resources
from oauth_provider.keys.foreign import ALGORITHMS
from oauth_provider.resource_server.issuers.forms import INTROSPECTION, RULES, Rule, is_audience, is_names, is_url
from oauth_provider.resource_server.issuers.presets import PRESETS, Preset


class Kind(Enum):
    """What sort of mistake; each has a check of its own."""

    UNKNOWN_NAME = auto()
    WRONG_VALUE = auto()
    NO_ISSUER = auto()
    OWN_ISSUER = auto()
    NO_AUDIENCE = auto()
    ALGORITHM = auto()
    TWO_FOR_OPAQUE = auto()
    NO_RESOURCE = auto()


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing that is wrong: of which sort, where, what, and what to do."""

    kind: Kind
    issuer: str
    wrong: str
    fix: str

    @property
    def sentence(self) -> str:
        """Both in one line."""
        return f'OAUTH_PROVIDER["TRUSTED_ISSUERS"][{self.issuer!r}]: {self.wrong}. {self.fix}'


def found(given: Any, *, own: str) -> Iterator[Mistake]:
    """Everything that is wrong; `own` is the site's ISSUER."""
    if not isinstance(given, Mapping):
        yield Mistake(Kind.WRONG_VALUE, "", "it must be a dict of issuers", "See docs/other-issuers.md.")
        return
    for issuer, entry in given.items():
        if not isinstance(issuer, str) or not isinstance(entry, Mapping):
            yield Mistake(Kind.WRONG_VALUE, str(issuer), "it must be a dict of settings", "See docs/other-issuers.md.")
            continue
        about = _Entry(issuer, entry)
        yield from about.mistakes(own=own)
    asking = [issuer for issuer, entry in given.items() if _is_asked_about_opaque(entry)]
    for issuer in asking[1:]:
        yield Mistake(
            Kind.TWO_FOR_OPAQUE,
            issuer,
            f"opaque tokens name no issuer, and {asking[0]} is asked about them already",
            'Leave "introspection" out of one of them, or give it "for": "always" and JWTs only.',
        )


def _is_asked_about_opaque(entry: object) -> bool:
    asked = entry.get("introspection") if isinstance(entry, Mapping) else None
    return isinstance(asked, Mapping) and asked.get("for", "opaque") == "opaque"


@dataclass(frozen=True, slots=True)
class _Entry:
    issuer: str
    given: Mapping[str, Any]

    def _mistake(self, kind: Kind, wrong: str, fix: str) -> Mistake:
        return Mistake(kind, self.issuer, wrong, fix)

    def mistakes(self, *, own: str) -> Iterator[Mistake]:
        names = (*RULES, "introspection")
        yield from self._unknown(self.given, names, where="")
        preset = self.given.get("preset")
        if not isinstance(preset, str) or preset not in PRESETS:
            known = ", ".join(PRESETS)
            yield self._mistake(Kind.WRONG_VALUE, f"its preset must be one of {known}", 'Set "preset".')
            return
        yield from self._wrong_values(self.given, RULES)
        yield from self._wrong_issuer(PRESETS[preset], own=own)
        yield from self._wrong_algorithms()
        yield from self._wrong_introspection()
        yield from self._wrong_audience(PRESETS[preset])

    def _unknown(self, given: Mapping[str, Any], known: tuple[str, ...], *, where: str) -> Iterator[Mistake]:
        for name in given:
            if name not in known:
                near = difflib.get_close_matches(str(name).lower(), known, n=1)
                fix = f"Did you mean {near[0]!r}?" if near else f"There are: {', '.join(known)}."
                yield self._mistake(Kind.UNKNOWN_NAME, f"there is no setting {where}{name!r}", fix)

    def _wrong_values(self, given: Mapping[str, Any], rules: Mapping[str, Rule], where: str = "") -> Iterator[Mistake]:
        for name, (is_right, wanted) in rules.items():
            if name in given and not is_right(given[name]):
                yield self._mistake(
                    Kind.WRONG_VALUE, f"{where}{name!r} must be {wanted}", "Correct it or leave it out."
                )

    def _wrong_issuer(self, preset: Preset, *, own: str) -> Iterator[Mistake]:
        if self.issuer == own:
            yield self._mistake(
                Kind.OWN_ISSUER, "it is this site's own ISSUER", "Take it out: own tokens are accepted anyway."
            )
        is_private = self.given.get("private_network") is True
        if not is_url(self.issuer, is_private=is_private):
            yield self._mistake(
                Kind.NO_ISSUER,
                "it is no https URL without query and fragment",
                "Copy the issuer from the metadata of the authorization server, letter by letter.",
            )
        # A server of one's own for tests has an address of its own, too.
        elif not is_private and (wrong := preset.object_to_issuer(self.issuer)):
            yield self._mistake(Kind.NO_ISSUER, wrong, "Copy the issuer from there, letter by letter.")

    def _wrong_algorithms(self) -> Iterator[Mistake]:
        algorithms = self.given.get("algorithms", ())
        if not is_names(algorithms):
            return  # said already
        for name in algorithms:
            if name not in ALGORITHMS:
                yield self._mistake(
                    Kind.ALGORITHM,
                    f"the algorithm {str(name)[:20]!r} is not asymmetric",
                    f"Use what the issuer signs with: {', '.join(ALGORITHMS)}.",
                )

    def _wrong_introspection(self) -> Iterator[Mistake]:
        asked = self.given.get("introspection")
        if asked is None:
            return
        if not isinstance(asked, Mapping):
            yield self._mistake(
                Kind.WRONG_VALUE, "'introspection' must be a dict", "Give it client_id and client_secret."
            )
            return
        yield from self._unknown(asked, tuple(INTROSPECTION), where="introspection: ")
        yield from self._wrong_values(asked, INTROSPECTION, where="introspection: ")
        yield from (
            self._mistake(Kind.WRONG_VALUE, f"'introspection' needs {name!r}", "Register this API as a client there.")
            for name in ("client_id", "client_secret")
            if name not in asked
        )

    def _wrong_audience(self, preset: Preset) -> Iterator[Mistake]:
        audience, client_ids = self.given.get("audience"), self.given.get("client_id")
        if audience is not None and not is_audience(audience):
            return  # said already
        may_go_without = client_ids and (not preset.has_audience or "introspection" in self.given)
        if not audience and not may_go_without:
            wrong = preset.no_audience if not preset.has_audience else "it has no audience"
            fix = (
                'Set "client_id".'
                if not preset.has_audience
                else 'Set "audience" to what stands in `aud` of tokens for this API.'
            )
            yield self._mistake(Kind.NO_AUDIENCE, wrong, fix)
        declared = set(resources.registered())
        if isinstance(audience, Mapping):
            unknown = [str(name) for name in audience if name not in declared]
            if unknown:
                yield self._mistake(
                    Kind.NO_RESOURCE,
                    f"its audience is about {unknown[0]!r}, which RESOURCES does not declare",
                    "Correct the name, or write the audience alone where the site declares no resources.",
                )
        elif len(declared) > 1 and declared.isdisjoint([audience] if isinstance(audience, str) else audience or ()):
            yield self._mistake(
                Kind.NO_RESOURCE,
                "the site declares several resources, and this issuer's tokens are for none of them",
                'Write "audience" as a dict: a resource of RESOURCES to what stands in `aud` of its tokens.',
            )
