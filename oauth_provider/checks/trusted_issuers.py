"""Other issuers: each mistake in TRUSTED_ISSUERS with what to set, and the weakenings a site chose by name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.core.checks import CheckMessage

from oauth_provider.checks.messages import message
from oauth_provider.checks.values import is_readable
from oauth_provider.conf import conf
from oauth_provider.resource_server.issuers import mistakes
from oauth_provider.resource_server.issuers.mistakes import Kind
from oauth_provider.resource_server.issuers.trusted import TrustedIssuer, trusted

_IDS = {
    Kind.UNKNOWN_NAME: "E060",
    Kind.WRONG_VALUE: "E061",
    Kind.NO_ISSUER: "E062",
    Kind.OWN_ISSUER: "E063",
    Kind.NO_AUDIENCE: "E064",
    Kind.ALGORITHM: "E065",
    Kind.TWO_FOR_OPAQUE: "E066",
    Kind.NO_RESOURCE: "E067",
}


def check_trusted_issuers(**_: Any) -> list[CheckMessage]:
    """E060 to E067."""
    return [
        message(_IDS[mistake.kind], issuer=mistake.issuer, wrong=mistake.wrong, fix=mistake.fix)
        for mistake in _mistakes()
    ]


def check_weakenings(**_: Any) -> list[CheckMessage]:
    """W060 to W063."""
    if not is_readable() or any(_mistakes()):
        return []  # said already
    return [found for issuer in trusted().values() for found in _weakenings(issuer)]


def _mistakes() -> list[mistakes.Mistake]:
    given = conf.TRUSTED_ISSUERS if is_readable() else None
    return list(mistakes.found(given, own=conf.ISSUER)) if given else []


def _weakenings(issuer: TrustedIssuer) -> Iterator[CheckMessage]:
    if issuer.private_network:
        yield message("W060", issuer=issuer.issuer)
    if issuer.preset.name == "openid" and set(issuer.typ) != {"at+jwt"}:
        yield message("W061", issuer=issuer.issuer, typ=", ".join(name or "none" for name in issuer.typ))
    if issuer.introspection is not None and not issuer.introspection.needs_token_type:
        yield message("W062", issuer=issuer.issuer)
    if issuer.preset.name == "keycloak" and any("account" in names for names in issuer.audience.values()):
        yield message("W063", issuer=issuer.issuer)


CHECKS = (check_trusted_issuers,)
DEPLOY_CHECKS = (check_weakenings,)
