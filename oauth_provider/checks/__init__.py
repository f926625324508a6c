"""System checks: each missing or dangerous piece with an id, a sentence and a fix (`docs/checks.md`).

Static checks read settings and the URLs only; what needs the database is tagged for it and runs with
`check --database default` and before `migrate`; what is fine on a developer's machine runs with `--deploy`, and what
is both with both.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from django.core import checks
from django.core.checks import CheckMessage

from oauth_provider import features
from oauth_provider.checks import (
    audit,
    database,
    deploy,
    dot,
    issuer,
    keys,
    mcp,
    openid,
    pieces,
    targets,
    trusted_issuers,
    values,
)

TAG = "oauth_provider"


def register() -> None:
    """Hand every check to Django; runs once, at start."""
    for check in (
        *values.CHECKS,
        *issuer.CHECKS,
        *pieces.CHECKS,
        *targets.CHECKS,
        *dot.CHECKS,
        *map(_of_issuers, (*mcp.CHECKS, *openid.CHECKS)),
        *trusted_issuers.CHECKS,
        *map(_of_issuers, pieces.ISSUER_CHECKS),
    ):
        checks.register(check, TAG)
    for check in (
        *deploy.CHECKS,
        *trusted_issuers.DEPLOY_CHECKS,
        *map(_of_issuers, (*deploy.ISSUER_CHECKS, *mcp.DEPLOY_CHECKS, *keys.DEPLOY_CHECKS)),
    ):
        checks.register(check, TAG, checks.Tags.security, deploy=True)
    for check in map(_of_issuers, (*keys.CHECKS, *database.CHECKS)):
        # Without TAG: `check --tag oauth_provider` must ask no database, and Django 6.1 runs all that have the tag.
        checks.register(check, checks.Tags.database)
    for check in map(_of_issuers, audit.DEPLOY_CHECKS):
        checks.register(check, checks.Tags.database, deploy=True)


# The same function for the same check: Django keeps each only once, however often it is handed over.
@cache
def _of_issuers(check: Callable[..., list[CheckMessage]]) -> Callable[..., list[CheckMessage]]:
    """The check, silent on a site that only protects an API."""

    def asked(**wanted: Any) -> list[CheckMessage]:
        return check(**wanted) if features.issues_tokens() else []

    # Not functools.wraps: Django would look for **kwargs in the wrapped function.
    asked.__name__, asked.__doc__, asked.__module__ = check.__name__, check.__doc__, check.__module__
    return asked
