"""Who comes to each briefing, by the one write; and who is invited to it."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any

import contracts.notifications
from messaging.context import Cause
from messaging.store import AggregateDocument, Aggregates, Saved
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules.attendance import no_such_briefing
from services.notifications.rules.matters import BRIEFINGS
from services.notifications.rules.subscribers import CONFIRMED, SUSPENDED
from services.notifications.store.matters import matters
from services.notifications.store.readers import readers
from services.notifications.store.subscribers import subscribers


class AttendanceDocument(AggregateDocument):
    meta = {"collection": "attendances", "indexes": [{"fields": ["state.replies.subscriber"]}]}


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

    def guests(self, briefing: str) -> frozenset[str]:
        """The codes of those who replied."""
        found = self.collection.find_one({"_id": briefing}, {"state.replies.subscriber": 1})
        return frozenset(reply["subscriber"] for reply in found.get("state", {}).get("replies", [])) if found else frozenset()

    def revisions(self, briefings: Collection[str]) -> dict[str, int]:
        """The newest revision of each of these briefings that was heard of."""
        found = self.collection.find({"_id": {"$in": list(briefings)}}, {"state.revision": 1})
        return {document["_id"]: document["state"]["revision"] for document in found}

    def attending(self, briefing: str, subscriber: str) -> str:
        """A subscriber's latest word on a briefing; empty where it gave none."""
        found = self.collection.find_one({"_id": briefing}, {"state.replies": {"$elemMatch": {"subscriber": subscriber}}})
        replies = found.get("state", {}).get("replies", []) if found else []
        return next((reply["attending"] for reply in replies), "")

    def replied(self, subscriber: str) -> list[str]:
        """The briefings to which a subscriber replied."""
        return [document["_id"] for document in self.collection.find({"state.replies.subscriber": subscriber}, {"_id": 1})]

    def invited(self, attendance: rules.Attendance) -> Iterator[str]:
        """The codes of all who are invited as of now; a batch of subscribers in memory at a time."""
        asking = {"state.subscriptions": {"$elemMatch": {"state": {"$in": [CONFIRMED, SUSPENDED]}, "topics": BRIEFINGS}}}
        return (subscriber.code for subscriber in readers.matching(asking) if attendance.invites(subscriber))


attendances = Attendances(AttendanceDocument, rules.Attendance, kind="attendance", contract=contracts.notifications.contract)


def guest(code: str | None) -> rules.Subscriber | None:
    """The subscriber of this code, if there is one: a stranger is not told which there are."""
    return next((saved.aggregate for saved in subscribers.find({"_id": code}, limit=1).items), None)


def story_of(topic: str, matter: Mapping[str, Any]) -> rules.Story | None:
    """What went before a matter, where it counts for who is told; None where it does not."""
    if not rules.has_story(topic, matter):
        return None
    briefing = matter["data"]["briefing"]
    earlier = [(told["matter"], told["announced_at"]) for told in matters.told_before(matter)]
    return rules.Story(earlier, attendances.guests(briefing))


def overtaken(told: Mapping[str, Mapping[str, Any]]) -> set[str]:
    """Of these matters, by what they are called here, those of which a newer version was heard of."""
    heard = attendances.revisions({matter["data"]["briefing"] for matter in told.values() if "briefing" in matter["data"]})
    return {name for name, matter in told.items() if rules.is_overtaken(matter, heard)} if heard else set()
