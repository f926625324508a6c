"""Consent: when it must be asked, and what is kept of the answer."""
