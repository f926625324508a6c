"""System checks: each missing or dangerous piece with an id, a sentence and a fix (`docs/checks.md`).

Static checks read settings and the URLs only; what needs the database is tagged for it and runs with
`check --database default` and before `migrate`; what is fine on a developer's machine runs with `--deploy`, and what
is both with both.
"""

from __future__ import annotations

from django.core import checks

from oauth_provider.checks import audit, database, deploy, dot, issuer, keys, openid, pieces, targets, values

TAG = "oauth_provider"


def register() -> None:
    """Hand every check to Django; runs once, at start."""
    for check in (*values.CHECKS, *issuer.CHECKS, *pieces.CHECKS, *targets.CHECKS, *openid.CHECKS, *dot.CHECKS):
        checks.register(check, TAG)
    for check in deploy.CHECKS:
        checks.register(check, TAG, checks.Tags.security, deploy=True)
    for check in (*keys.CHECKS, *database.CHECKS):
        # Without TAG: `check --tag oauth_provider` must ask no database, and Django 6.1 runs all that have the tag.
        checks.register(check, checks.Tags.database)
    for check in audit.DEPLOY_CHECKS:
        checks.register(check, checks.Tags.database, deploy=True)
