"""Records of deliveries: technical work (``messaging.due``), claimed, tried, settled. A record's id says what it is about, so that a
fan-out that runs twice adds nothing."""

from collections.abc import Iterable
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from mongoengine import DateTimeField, DictField, Document, IntField, ListField, StringField
from pymongo.errors import BulkWriteError

from messaging import due
from messaging.context import now
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules import deliveries as delivery_rules
from services.notifications.store.subscribers import subscribers


class DeliveryDocument(Document):
    """One delivery record: the fields of ``rules.Delivery``, and those of ``messaging.due``."""

    id = StringField(primary_key=True)
    purpose = StringField(required=True)
    subscriber = StringField(required=True)
    subscription = StringField(required=True)
    channel = StringField(required=True)
    target = StringField(required=True)
    language = StringField(required=True)
    announced_at = DateTimeField(required=True)
    topic = StringField(null=True)
    number = IntField(null=True)
    title = StringField(null=True)
    state = StringField(required=True)
    priority = IntField(required=True)
    held_until = DateTimeField(null=True)
    digest = StringField(null=True)
    items = ListField(StringField())
    note = StringField(null=True)
    replay = StringField(null=True)
    attempts = IntField(required=True)
    sent_at = DateTimeField(null=True)
    why = StringField(null=True)
    again = ListField(DictField())
    due = DateTimeField()
    claim = StringField()
    claimed_until = DateTimeField()

    meta = {
        "collection": "deliveries",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["channel", "due"]},
            {"fields": ["subscription", "due"]},
            {"fields": ["-announced_at", "-id"]},
            {"fields": ["subscriber", "-announced_at", "-id"]},
        ],
    }


class Deliveries:
    """The records of all deliveries."""

    @property
    def collection(self):
        return DeliveryDocument._get_collection()

    def add(self, made: Iterable[rules.Delivery], batch: int = 500) -> int:
        """Add records, passing over those that exist; returns how many were new. Memory is bounded by the batch."""
        added, waiting = 0, []
        for delivery in made:
            waiting.append(_document(delivery))
            if len(waiting) == batch:
                added += self._insert(waiting)
                waiting = []
        return added + self._insert(waiting)

    def claim(self, channel: str, limit: int, seconds: float) -> list["Claimed"]:
        """Up to ``limit`` deliveries of a channel that are due and nobody else's for so many seconds."""
        return [Claimed(document) for document in due.claim(self.collection, {"channel": channel}, seconds=seconds, limit=limit)]

    def next_due(self, channel: str) -> datetime | None:
        """When the next delivery of a channel that nobody holds becomes due, if there is one."""
        free = {"channel": channel, "due": {"$exists": True}, "claim": {"$exists": False}}
        document = self.collection.find_one(free, {"due": 1}, sort=[("due", 1)])
        return document["due"] if document else None

    def settle(self, claimed: "Claimed", outcome: rules.Outcome) -> None:
        """Record what became of an attempt. Nothing is recorded when the claim ran out, or the subscription ended meanwhile."""
        due.settle(
            self.collection,
            claimed.document,
            set={"state": outcome.state, "sent_at": outcome.sent_at, "why": outcome.why, "attempts": claimed.delivery.attempts + 1},
            due=outcome.due,
        )

    def settle_sent(self, claimed: list["Claimed"], instant: datetime) -> None:
        """Record that all of these, of one claim, were sent: one write for many."""
        if claimed:
            self.collection.update_many(
                {"_id": {"$in": [c.delivery.id for c in claimed]}, "claim": claimed[0].document["claim"]},
                {
                    "$set": {"state": delivery_rules.SENT, "sent_at": instant, "why": None},
                    "$inc": {"attempts": 1},
                    "$unset": {"due": "", "claim": "", "claimed_until": ""},
                },
            )

    def withdraw(self, subscription: str, why: str) -> int:
        """Give up what waits for a subscription that ended, also what is being tried; returns how many there were."""
        result = self.collection.update_many(
            {"subscription": subscription, "due": {"$exists": True}},
            {"$set": {"state": delivery_rules.GIVEN_UP, "why": why}, "$unset": {"due": "", "claim": "", "claimed_until": ""}},
        )
        return result.modified_count

    def load(self, id: str) -> rules.Delivery:
        """Raises Refusal(not_found)."""
        document = self.collection.find_one({"_id": id})
        if document is None:
            raise delivery_rules.no_such_delivery()
        return Claimed(document).delivery

    def save_again(self, delivery: rules.Delivery, was: str) -> None:
        """Save a delivery that is to be sent again. Raises Refusal(conflict) when its state is no longer ``was``, or when it is
        being tried at this moment: that attempt may succeed, and none is sent twice."""
        document = _document(delivery)
        changed = {name: document[name] for name in ("state", "attempts", "due", "again")}
        idle = {"$or": [{"claim": {"$exists": False}}, {"claimed_until": {"$lte": now()}}]}
        update = {"$set": changed, "$unset": {"claim": "", "claimed_until": ""}}
        if self.collection.update_one({"_id": delivery.id, "state": was, **idle}, update).matched_count == 0:
            raise Refusal.conflict("This delivery is being tried just now; look at it again in a moment.", rule="contention")

    def page(self, filter: dict[str, Any], limit: int, after: str | None) -> dict[str, Any]:
        """Records that match, newest first, with the cursor of the next page."""
        query = {name: value for name, value in filter.items() if value is not None}
        if after:
            at, id = _cursor(after)
            query["$or"] = [{"announced_at": {"$lt": at}}, {"announced_at": at, "_id": {"$lt": id}}]
        found = list(self.collection.find(query).sort([("announced_at", -1), ("_id", -1)]).limit(limit + 1))
        items = [Claimed(document).delivery for document in found[:limit]]
        more = len(found) > limit
        return {"items": items, "next": f"{round(items[-1].announced_at.timestamp() * 1000)}~{items[-1].id}" if more else None}

    def tallies(self, subscriber: str | None) -> list[dict[str, Any]]:
        """How many deliveries of matters there are of each channel, subscriber and state."""
        match: dict[str, Any] = {"purpose": delivery_rules.MATTER}
        if subscriber is not None:
            match["subscriber"] = subscriber
        key = {"channel": "$channel", "subscriber": "$subscriber", "state": "$state"}
        counted = self.collection.aggregate([{"$match": match}, {"$group": {"_id": key, "count": {"$sum": 1}}}])
        return [{**row["_id"], "count": row["count"]} for row in counted]

    def waiting(self) -> int:
        return self.collection.count_documents({"due": {"$exists": True}})

    def _insert(self, documents: list[dict[str, Any]]) -> int:
        if not documents:
            return 0
        try:
            return len(self.collection.insert_many(documents, ordered=False).inserted_ids)
        except BulkWriteError as error:
            if any(failure["code"] != 11000 for failure in error.details["writeErrors"]):
                raise
            return error.details["nInserted"]


class Claimed:
    """A delivery's record as the store has it, and as the rules see it."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        known = {field.name for field in fields(rules.Delivery)}
        self.delivery = rules.Delivery(
            **{"id": document["_id"], "due": document.get("due"), **{name: value for name, value in document.items() if name in known}}
        )


deliveries = Deliveries()


def send_again(id: str, cause: Any) -> rules.Delivery:
    """Have one delivery tried anew, by the rules. ``cause``: the order."""
    delivery = deliveries.load(id)
    was, owner = delivery.state, subscribers.load(delivery.subscriber).aggregate
    delivery.send_again(by=cause.by, owner=owner, cause=cause.id, at=cause.at, now=now())
    if delivery.state != was:
        deliveries.save_again(delivery, was)
    return delivery


def _document(delivery: rules.Delivery) -> dict[str, Any]:
    document = asdict(delivery)
    return {"_id": document.pop("id"), **document}


def _cursor(text: str) -> tuple[datetime, str]:
    milliseconds, _, id = text.partition("~")
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), id
    except (ValueError, OverflowError, OSError) as error:
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page") from error
