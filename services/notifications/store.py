"""What notifications remembers: subscribers and topics by the one write; matters, deliveries and secrets as documents of their own.

A delivery's record is technical work (``messaging.due``): claimed, tried, settled. Its id says what it is about, so that a
fan-out that runs twice adds nothing. Secrets are apart from the subscribers, so that they are in no event and no view.
"""

import base64
import contextlib
import functools
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, fields
from datetime import UTC, datetime
from typing import Any

from mongoengine import BinaryField, BooleanField, DateTimeField, DictField, Document, IntField, ListField, StringField
from pymongo.errors import BulkWriteError, DuplicateKeyError, PyMongoError

import contracts.notifications
from contracts.chairs import composition_from
from messaging import due
from messaging.context import now
from messaging.store import AggregateDocument, Aggregates, Projection
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules import deliveries as delivery_rules

StoreAway = PyMongoError
"""What the store not answering looks like to those who may not know which store it is."""

MATTERS_KEPT = 64
"""Matters that a process keeps at hand while it sends; they never change."""

TOKENS_VALID = 10
"""How many of the newest tokens of one subscription open it: each attempt to send the mail makes one."""


class SubscriberDocument(AggregateDocument):
    meta = {"collection": "subscribers", "indexes": [{"fields": ["state.subscriptions.topics", "id"]}, {"fields": ["state.kind", "id"]}]}


class TopicDocument(AggregateDocument):
    meta = {"collection": "topics"}


class MatterDocument(Document):
    """One numbered matter, as announced; ``id`` is ``<topic>_<number>``."""

    id = StringField(primary_key=True)
    topic = StringField(required=True)
    number = IntField(required=True)
    matter = DictField(required=True)

    meta = {"collection": "matters", "auto_create_index": False, "indexes": [{"fields": ["topic", "number"], "unique": True}]}


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


class SecretDocument(Document):
    """What proves to a subscription's owner that we speak, and to us that its owner does; ``id`` is the subscription's.

    ``key`` makes the token of ``List-Unsubscribe`` and the name of a queue; ``webhook`` signs; ``digests`` are of the tokens in
    confirmation mails.
    """

    id = StringField(primary_key=True)
    subscriber = StringField(required=True)
    key = BinaryField(required=True)
    webhook = StringField(required=True)
    digests = ListField(StringField())
    ended = BooleanField()

    meta = {"collection": "secrets", "auto_create_index": False}


subscribers = Aggregates(SubscriberDocument, rules.Subscriber, kind="subscriber", contract=contracts.notifications.contract)
composition = Projection("composition", composition_from)
topics = Aggregates(TopicDocument, rules.Topic, kind="topic", contract=contracts.notifications.contract, remember=8)


def ensure_indexes() -> None:
    """Make the indexes of what is not an aggregate; once, at the start of a process."""
    for document in (MatterDocument, DeliveryDocument, SecretDocument):
        document.ensure_indexes()


def wanting(topic: str, batch: int = 500) -> Iterator[rules.Subscriber]:
    """Every subscriber with a confirmed subscription to the topic, a batch in memory at a time."""
    after = None
    while True:
        page = subscribers.find(
            {"state.subscriptions": {"$elemMatch": {"state": "confirmed", "topics": topic}}},
            limit=batch,
            after=after,
        )
        yield from (saved.aggregate for saved in page.items)
        if (after := page.next) is None:
            return


class Matters:
    """The matters of all topics, by number."""

    @property
    def collection(self):
        return MatterDocument._get_collection()

    def keep(self, topic: str, number: int, matter: dict[str, Any]) -> None:
        """Keep an announced matter; a second time changes nothing."""
        with contextlib.suppress(DuplicateKeyError):
            self.collection.insert_one({"_id": f"{topic}_{number}", "topic": topic, "number": number, "matter": matter})

    @staticmethod
    @functools.lru_cache(maxsize=MATTERS_KEPT)
    def numbered(topic: str, number: int) -> dict[str, Any]:
        """One matter with its topic and number. Raises Refusal(not_found)."""
        document = MatterDocument._get_collection().find_one({"_id": f"{topic}_{number}"}, {"_id": 0})
        if document is None:
            raise Refusal.not_found(f"There is no matter {number} of {topic}.")
        return document

    def since(self, topic: str, number: int, limit: int) -> dict[str, Any]:
        """The matters after a number, in order and without a hole: announcements are kept by several hands, and one that is
        a moment late must not be skipped by who resumes. ``last``: the highest number given; ``next``: ask after it for more."""
        found = self.collection.find({"topic": topic, "number": {"$gt": number}}, {"_id": 0}).sort("number", 1).limit(limit)
        items = [item for expected, item in enumerate(found, number + 1) if item["number"] == expected]
        given = topics.collection.find_one({"_id": topic}, {"state.last": 1})
        last = given["state"]["last"] if given else 0
        reached = items[-1]["number"] if items else number
        return {"topic": topic, "last": last, "items": items, "next": reached if items and reached < last else None}


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


class Secrets:
    """Keys and tokens of subscriptions."""

    @property
    def collection(self):
        return SecretDocument._get_collection()

    def draw(self, subscription: str, subscriber: str, webhook: str | None) -> dict[str, Any]:
        """A subscription's secrets: those that are kept, else new ones, which nobody keeps yet. ``webhook``: the one that signs, if
        the owner brought it."""
        webhook = webhook or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        drawn = {"_id": subscription, "subscriber": subscriber, "key": secrets.token_bytes(32), "webhook": webhook, "digests": []}
        return self.collection.find_one({"_id": subscription}) or drawn

    def keep(self, drawn: Mapping[str, Any]) -> None:
        """Keep a subscription's secrets, unless some of it are kept already."""
        with contextlib.suppress(DuplicateKeyError):
            self.collection.insert_one(dict(drawn))

    def forget(self, drawn: Mapping[str, Any]) -> None:
        """Forget these secrets, of a subscription that was not to be; another's drawing for the same order stays."""
        self.collection.delete_one({"_id": drawn["_id"], "key": drawn["key"]})

    def of(self, subscriptions: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The secrets of several subscriptions, by subscription."""
        return {document["_id"]: document for document in self.collection.find({"_id": {"$in": list(subscriptions)}})}

    def end(self, subscription: str) -> None:
        """Note that the subscription ended: nothing is signed with its secrets any more."""
        self.collection.update_one({"_id": subscription}, {"$set": {"ended": True}})

    def new_token(self, subscription: str) -> str:
        """A token that confirms the subscription. Only its digest is kept."""
        token = f"{subscription}.{secrets.token_urlsafe(32)}"
        self.collection.update_one({"_id": subscription}, {"$push": {"digests": {"$each": [_digest(token)], "$slice": -TOKENS_VALID}}})
        return token

    def confirming(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription that a token confirms. Raises Refusal(not_found)."""
        document = self._named_in(token)
        if document is None or not any(hmac.compare_digest(_digest(token), kept) for kept in document["digests"]):
            raise _unknown_token()
        return document["subscriber"], document["_id"]

    def unsubscribing(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription that a mail's token ends. Raises Refusal(not_found)."""
        document = self._named_in(token)
        if document is None or not hmac.compare_digest(unsubscribe_token(document), token):
            raise _unknown_token()
        return document["subscriber"], document["_id"]

    def _named_in(self, token: str) -> dict[str, Any] | None:
        return self.collection.find_one({"_id": token.rpartition(".")[0]})


def unsubscribe_token(secret: Mapping[str, Any]) -> str:
    """The token that ends a subscription: the same in each of its mails, and made of its key, so that it is kept nowhere."""
    proof = hmac.new(bytes(secret["key"]), b"unsubscribe", hashlib.sha256).digest()
    return f"{secret['_id']}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


def queue_part(secret: Mapping[str, Any]) -> str:
    """What makes the name of a subscription's queue one that nobody can guess: made of its key and its id, so that an order carried
    out again names the same queue. 32 hexadecimal digits. The id alone would not do: it follows from what the caller chose."""
    return hmac.new(bytes(secret["key"]), f"queue {secret['_id']}".encode(), hashlib.sha256).hexdigest()[:32]


matters = Matters()
deliveries = Deliveries()
keys = Secrets()


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


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _unknown_token() -> Refusal:
    return Refusal.not_found("This link is not one of ours, or a newer mail replaced it.", rule="token")
