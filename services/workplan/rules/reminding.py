"""Reminders of a clearance: before its deadline the entities that have yet to speak are told so, once for each instant set here."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from services.kernel import Clearance, reminders_before, written


@dataclass(frozen=True)
class Reminder:
    """What falls at the instant ``falls`` before the ``deadline``. ``amendment``: whose clearance it is, None for the plan's own."""

    falls: datetime
    deadline: datetime
    amendment: str | None
    clearance: Clearance

    @property
    def key(self) -> str:
        """What it is remembered by. Another run, or another deadline, has reminders of its own."""
        return f"{self.amendment or '-'} {written(self.clearance.opened_at)} {written(self.falls)}"


def ahead(amendment: str | None, clearance: Clearance) -> Iterator[Reminder]:
    """The reminders of an open clearance. Those that would have fallen before its deadline was set are not made up for; and where nobody
    is awaited there are none."""
    if clearance.deadline is None or not clearance.awaiting():
        return
    since = clearance.extended_at or clearance.opened_at
    for falls in reminders_before(clearance.deadline, since=since):
        yield Reminder(falls, clearance.deadline, amendment, clearance)
