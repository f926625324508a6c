"""The permissions of the notes API, in the words people read when they are asked."""

from __future__ import annotations

from oauth_provider.scopes import Scope

READ = Scope(
    "read",
    "Read your notes",
    "See the notes of your organizations and the name of your account.",
    targets=("organization",),
)
WRITE = Scope(
    "write",
    "Change your notes",
    "Add, change and delete notes in your name.",
    sensitive=True,
    targets=("organization",),
)
REPORT = Scope("report", "Count notes", "See how many notes there are, but none of them.")
