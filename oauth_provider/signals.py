"""Signals a site may listen to: sent on commit, keyword arguments `client, user, grant, request`, never a token."""

from __future__ import annotations

from django.dispatch import Signal

client_registered = Signal()
client_suspended = Signal()
secret_rotated = Signal()
consent_granted = Signal()
consent_withdrawn = Signal()
token_issued = Signal()
token_refused = Signal()
grant_revoked = Signal()
reuse_detected = Signal()
key_rotated = Signal()

# For ourselves: sent on commit with `deliveries`, rows of `LogoutDelivery` that are due.
logouts_due = Signal()
