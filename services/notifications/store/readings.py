"""How subscribers read their queues: what was seen of each when it was last looked at, and where the looking around stands."""

import contextlib
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from typing import Any

from mongoengine import BooleanField, DateTimeField, Document, IntField, StringField
from pymongo.errors import DuplicateKeyError

from messaging import due
from services.notifications import rules
from services.notifications.rules.deliveries import SENT
from services.notifications.rules.subscribers import AMQP, CONFIRMED
from services.notifications.store.deliveries import deliveries
from services.notifications.store.subscribers import subscribers

AT_ONE_LOOK = 20
"""Queues that are looked at in one step, so that a step is short however many there are."""

BETWEEN_ROUNDS = timedelta(hours=1)
"""How long after all were looked at the next round begins."""

CLAIM_SECONDS = 60

ROUND = "round"


class ReadingDocument(Document):
    """What was seen of one queue (``rules.Reading``); ``id`` is its subscription's. One more, ``round``, is the work itself: ``after`` is
    how far it has come among the subscribers, and ``due`` when it goes on, by the platform's clock."""

    id = StringField(primary_key=True)
    read_at = DateTimeField()
    unread = IntField()
    sent = IntField()
    told = BooleanField()
    after = StringField()
    due = DateTimeField()
    claim = StringField()
    claimed_until = DateTimeField()

    meta = {"collection": "readings", "auto_create_index": False}


class Readings:
    """What is known of all queues."""

    @property
    def collection(self):
        return ReadingDocument._get_collection()

    def claim(self, instant: datetime) -> dict[str, Any] | None:
        """The work of looking around, if it is due by an instant of the platform's clock and nobody else's."""
        with contextlib.suppress(DuplicateKeyError):
            if self.collection.find_one({"_id": ROUND}, {"_id": 1}) is None:
                self.collection.insert_one({"_id": ROUND, "due": datetime(1970, 1, 1, tzinfo=UTC), "after": None})
        claimed = due.claim(self.collection, {"_id": ROUND}, seconds=CLAIM_SECONDS, instant=instant)
        return claimed[0] if claimed else None

    def settle(self, work: dict[str, Any], after: str | None, instant: datetime) -> None:
        """This far, and on at once; or round, and again after a while."""
        due.settle(self.collection, work, set={"after": after}, due=instant if after else instant + BETWEEN_ROUNDS)

    def next(self, work: dict[str, Any]) -> tuple[list[tuple[str, rules.Subscription]], str | None]:
        """The subscribers' codes and subscriptions with the next few queues, and how far that is; None at the end."""
        with_queue = {"state.subscriptions": {"$elemMatch": {"channel": AMQP, "state": CONFIRMED}}}
        page = subscribers.find(with_queue, limit=AT_ONE_LOOK, after=work["after"])
        found = [(saved.aggregate.code, subscription) for saved in page.items for subscription in saved.aggregate.subscriptions]
        living = [(code, s) for code, s in found if s.channel == AMQP and s.state == CONFIRMED]
        return living, page.next

    def of(self, subscription: str, at: datetime) -> rules.Reading:
        """What was last seen of a queue; as one that is read ``at`` that instant, where it was never looked at."""
        found = self.collection.find_one({"_id": subscription})
        return rules.Reading(found["read_at"], found["unread"], found["sent"], found["told"]) if found else rules.Reading(at)

    def keep(self, subscription: str, reading: rules.Reading) -> None:
        self.collection.replace_one({"_id": subscription}, asdict(reading), upsert=True)

    def forget(self, subscription: str) -> None:
        self.collection.delete_one({"_id": subscription})

    @staticmethod
    def sent(subscription: str) -> int:
        """How many messages are on record as gone into its queue."""
        return deliveries.collection.count_documents({"subscription": subscription, "state": SENT})


readings = Readings()
