"""The steps in their order."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from demo_project.tour import (
    access,
    authorization,
    device,
    discovery,
    introspection,
    machine,
    other_port,
    refresh,
    refusals,
    registration,
    revocation,
    token,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo_project.tour.journey import Journey


class Step(NamedTuple):
    """A title and what happens."""

    title: str
    run: Callable[[Journey], None]


STEPS = (
    Step("Discovery: what the server says about itself", discovery.run),
    Step("Registration: an administrator registers an app", registration.run),
    Step("Authorization: a person signs in and allows", authorization.run),
    Step("Token: the app exchanges the code", token.run),
    Step("The API: with a token, without, and without the permission", access.run),
    Step("Refresh: a new pair, a lost answer, a stolen token", refresh.run),
    Step("Client credentials: a machine, no person", machine.run),
    Step("Device: a code on a TV, approved in the browser", device.run),
    Step("Introspection: an API asks about a token", introspection.run),
    Step("Revocation: the API refuses at once", revocation.run),
    Step("Refusals: what must not work", refusals.run),
    Step("The other port: apps that know the provider by its address", other_port.run),
)
