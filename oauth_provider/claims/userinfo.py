"""Claims of the UserInfo response (OpenID Connect Core §5.3.2)."""

from __future__ import annotations


def claims_of(subject: str) -> dict[str, object]:
    """What the response says of this subject."""
    return {"sub": subject}
