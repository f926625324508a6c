"""What the doctor says of the site as it is set up at the moment."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from django.core.management import call_command

from oauth_provider.insight import doctor

if TYPE_CHECKING:
    from oauth_provider.insight.doctor.diagnosis import Diagnosis


def told(name: str, *, dot: bool = False) -> list[Diagnosis]:
    """The diagnoses of this name."""
    found = [diagnosis for diagnosis in doctor.examine(dot=dot) if diagnosis.name == name]
    assert found, f"nothing is said about {name}"
    return found


def state(name: str, *, dot: bool = False) -> str:
    """The worst of them."""
    order = ["problem", "warning", "ok"]
    return min((diagnosis.state.value for diagnosis in told(name, dot=dot)), key=order.index)


def run(*arguments: str) -> tuple[int, str]:
    """Exit status and output of the command."""
    out = StringIO()
    status = 0
    try:
        call_command("oauth_doctor", *arguments, stdout=out)
    except SystemExit as ended:
        status = int(str(ended.code))
    return status, out.getvalue()
