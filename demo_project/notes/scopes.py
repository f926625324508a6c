"""The permissions of the notes API, in the words people read when they are asked."""

from __future__ import annotations

from oauth_provider.scopes import Scope

READ = Scope("read", "Read your notes", "See your notes and the name of your account.")
WRITE = Scope("write", "Change your notes", "Add notes in your name.", sensitive=True)
REPORT = Scope("report", "Count notes", "See how many notes there are, but none of them.")
