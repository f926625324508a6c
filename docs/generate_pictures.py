"""Copy the documentation's pictures from those of the tests: `python -m pytest tests/browser`, then this."""  # noqa: INP001

from __future__ import annotations

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
TAKEN = HERE.parent / "artifacts" / "screenshots"
# Name in the documentation → as the tests name it.
PICTURES = {
    "consent": "consent-choices.desk.light",
    "consent-phone-dark": "consent-nothing-chosen.phone.dark",
    "consent-again": "consent-again.desk.light",
    "consent-sign-in": "consent-sign-in.desk.light",
    "picker": "picker-alice.desk.light",
    "device": "device-confirm.phone.light",
    "device-done": "device-done.phone.dark",
    "connected-apps": "connected-apps.desk.light",
    "connected-app": "connected-app.phone.dark",
    "not-me": "not-me.desk.light",
    "german": "consent.phone.de",
    "right-to-left": "consent.phone.ar",
}


def main() -> None:
    """Copy each; one that was not taken is an error."""
    (HERE / "pictures").mkdir(exist_ok=True)
    for name, taken in PICTURES.items():
        shutil.copyfile(TAKEN / f"{taken}.png", HERE / "pictures" / f"{name}.png")


if __name__ == "__main__":
    main()
