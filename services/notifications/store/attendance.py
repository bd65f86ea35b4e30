"""Who comes to each briefing, by the one write; and who is invited to it."""

from collections.abc import Callable, Iterator
from typing import Any

import contracts.notifications
from messaging.context import Cause
from messaging.store import AggregateDocument, Aggregates, Saved
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules.attendance import no_such_briefing
from services.notifications.rules.matters import BRIEFINGS
from services.notifications.rules.subscribers import CONFIRMED, SUSPENDED
from services.notifications.store.subscribers import subscribers


class AttendanceDocument(AggregateDocument):
    meta = {"collection": "attendances"}


class Attendances(Aggregates[rules.Attendance]):
    """The replies to each briefing. Where none are taken there is no such briefing, in the words that a stranger is told."""

    def load(self, id: str) -> Saved[rules.Attendance]:
        try:
            return super().load(id)
        except Refusal:
            raise no_such_briefing(id) from None

    def change(
        self, id: str, cause: Cause, decide: Callable[[rules.Attendance], Any], new: Callable[[], rules.Attendance] | None = None
    ) -> Saved[rules.Attendance]:
        def refuse() -> rules.Attendance:
            raise no_such_briefing(id)

        return super().change(id, cause, decide, new or refuse)

    def invited(self, attendance: rules.Attendance, batch: int = 500) -> Iterator[str]:
        """The codes of all who are invited as of now; a batch of subscribers in memory at a time."""
        asking = {"state.subscriptions": {"$elemMatch": {"state": {"$in": [CONFIRMED, SUSPENDED]}, "topics": BRIEFINGS}}}
        after = None
        while True:
            page = subscribers.find(asking, limit=batch, after=after)
            yield from (saved.id for saved in page.items if attendance.invites(saved.aggregate))
            if (after := page.next) is None:
                return


attendances = Attendances(AttendanceDocument, rules.Attendance, kind="attendance", contract=contracts.notifications.contract)


def guest(code: str | None) -> rules.Subscriber | None:
    """The subscriber of this code, if there is one: a stranger is not told which there are."""
    return next((saved.aggregate for saved in subscribers.find({"_id": code}, limit=1).items), None)
