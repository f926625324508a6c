"""Walks the steps and says how it went."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from demo_project.tour.client_app import ClientApp
from demo_project.tour.console import Console
from demo_project.tour.failures import StepFailed
from demo_project.tour.journey import Credentials, Journey
from demo_project.tour.steps import STEPS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo_project.models import Registration


def walk(origin: str, *, apps_origin: str, clients: Mapping[str, Registration]) -> bool:
    """Walk every step against the two sites, up to the first that fails; whether none did."""
    console, begin = Console(), time.monotonic()
    with ClientApp() as client_app:
        journey = Journey(
            origin=origin,
            apps_origin=apps_origin,
            console=console,
            client_app=client_app,
            machine=_credentials(clients["machine"]),
            tv=_credentials(clients["tv"]),
            api=_credentials(clients["api"]),
        )
        for number, step in enumerate(STEPS, start=1):
            console.step(number, step.title)
            try:
                step.run(journey)
            # Whatever goes wrong, a missing member included, is told as the step's failure.
            except (StepFailed, OSError, LookupError, TypeError, ValueError) as error:
                console.say(f"✗ Step {number} failed: {error if isinstance(error, StepFailed) else repr(error)}")
                return False
    seconds = round(time.monotonic() - begin)
    console.say(f"All {len(STEPS)} steps happened; {console.checked} things checked in {seconds} seconds.")
    return True


def _credentials(registration: Registration) -> Credentials:
    return Credentials(registration.client_id, registration.client_secret)
