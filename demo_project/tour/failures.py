"""What stops a step."""

from __future__ import annotations


class StepFailed(Exception):
    """Something was not as the guide says; the message says what."""
