"""Reminders: before a deadline, whoever has yet to do their part is told so, once for each day set here."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from services.documents.rules.record import Record
from services.kernel import reminders_before, written


@dataclass(frozen=True)
class Reminder:
    """Something to be told at the instant ``falls`` to the ``entities`` whose part is still to be done. ``about``: ``comments``,
    ``position`` or ``timetable``; of a timetable the ``step``."""

    falls: datetime
    about: str
    deadline: datetime
    entities: list[str]
    step: str | None = None

    @property
    def key(self) -> str:
        """What it is remembered by. Another deadline has reminders of its own."""
        return f"{self.about} {self.step or '-'} {written(self.deadline)} {written(self.falls)}"


def ahead(about: str, deadline: datetime, entities: Iterable[str], *, since: datetime) -> Iterator[Reminder]:
    """The reminders of a deadline. Those that would have fallen before ``since``, when it was set, are not made up for; and where nobody
    is awaited there are none."""
    if awaited := list(entities):
        for falls in reminders_before(deadline, since=since):
            yield Reminder(falls, about, deadline, awaited)


class Reminding(Record):
    """What the clock reminds of. It is told no composition of the Group: each chapter knows who was asked."""

    def _reminders(self) -> Iterator[Reminder]:
        """All there may be of as things stand, told or not: each chapter adds its own."""
        return iter(())

    @property
    def _reminder(self) -> Reminder | None:
        """The one that falls next."""
        untold = (reminder for reminder in self._reminders() if reminder.key not in self.reminded)
        return min(untold, key=lambda reminder: reminder.falls, default=None)

    def _remind(self, reminder: Reminder) -> None:
        self.reminded.append(reminder.key)
        days = (reminder.deadline - reminder.falls).days
        facts = {"about": reminder.about, "step": reminder.step, "deadline": reminder.deadline, "days": days}
        self._say("reminded", reminder.falls, **facts, entities=reminder.entities)
