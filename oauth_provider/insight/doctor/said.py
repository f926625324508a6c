"""What `check --deploy --database …` says, by id: the doctor repeats no rule that a check has."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from django.core.checks import ERROR, WARNING, CheckMessage, run_checks
from django.db import connections

from oauth_provider.insight.doctor.diagnosis import Diagnosis, ok, problem, warning

OURS = "oauth_provider."


@dataclass(slots=True)
class Said:
    """The messages; those that a group of diagnoses has told are taken out of the rest."""

    messages: tuple[CheckMessage, ...]
    told: set[str] = field(default_factory=set)
    # The exception that ended some of the checks; then nothing is known to be well.
    failed: str = ""

    def of(self, *ids: str) -> list[CheckMessage]:
        """The messages with these ids of ours, told from now on."""
        wanted = {f"{OURS}{id_}" for id_ in ids}
        self.told |= wanted
        return [message for message in self.messages if message.id in wanted]

    def rest(self) -> list[CheckMessage]:
        """What nobody has told."""
        return [message for message in self.messages if message.id not in self.told and not message.is_silenced()]


def listen() -> Said:
    """Run the checks, with those of the tables on every database that answers, or without where they raise."""
    failed = ""
    for databases in ([alias for alias in connections if _answers(alias)], None):
        try:
            return Said(tuple(run_checks(include_deployment_checks=True, databases=databases)), failed=failed)
        except Exception as error:  # noqa: BLE001  # a check of the site may raise whatever it likes
            failed = type(error).__name__
    return Said((), failed=failed)


def _answers(alias: str) -> bool:
    try:
        connections[alias].ensure_connection()
    except Exception:  # noqa: BLE001  # a driver that is not installed among them; the group about it says so
        return False
    return True


def about(said: Said, name: str, ids: Iterable[str], fine: Callable[[], str]) -> Iterator[Diagnosis]:
    """A diagnosis for each message with one of these ids, or that all is well."""
    messages = [message for message in said.of(*ids) if not message.is_silenced()]
    if not messages and not said.failed:
        yield ok(name, fine())
    for message in messages:
        yield as_diagnosis(name, message)


def as_diagnosis(name: str, message: CheckMessage) -> Diagnosis:
    """A check's message."""
    sentence, fix = message.msg, message.hint or ""
    if message.level >= ERROR:
        return problem(name, sentence, fix)
    return warning(name, sentence, fix) if message.level >= WARNING else ok(name, sentence)
