"""Topics, which number matters by the one write; and the matters themselves, which never change."""

import contextlib
import functools
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

import bson
from mongoengine import DateTimeField, DictField, Document, IntField, StringField
from pymongo.errors import DuplicateKeyError

import contracts.notifications
from messaging.store import AggregateDocument, Aggregates
from services.kernel import Refusal
from services.notifications import rules

MATTERS_KEPT = 64
"""Matters that a process keeps at hand while it sends; they never change."""

PAGE_BYTES = 256 * 1024
"""Of what is on one page, as it is kept; a matter may be larger, and is on a page alone. So no answer, and no stream, carries much more."""

JUDGED_BY = {name: 1 for name in ("topic", "number", "announced_at", "matter.kind", "matter.audience", "matter.pillars")} | {
    f"matter.data.{name}": 1 for name in ("kind", "place", "where", "briefing", "revision")
}
"""Of a matter, what decides whom it is told: little of it, where many are looked at."""


class TopicDocument(AggregateDocument):
    meta = {"collection": "topics"}


class MatterDocument(Document):
    """One numbered matter, as announced; ``id`` is ``<topic>_<number>``. ``announced_at``: the instant of its announcement, which is not
    that of what it tells."""

    id = StringField(primary_key=True)
    topic = StringField(required=True)
    number = IntField(required=True)
    announced_at = DateTimeField(required=True)
    matter = DictField(required=True)

    meta = {
        "collection": "matters",
        "auto_create_index": False,
        "indexes": [
            {"fields": ["topic", "number"], "unique": True},
            {"fields": ["-announced_at", "-id"]},
            {"fields": ["matter.data.briefing"], "sparse": True},
        ],
    }


class Page:
    """One as it is filled, with so many things and ``most`` bytes; there is room for one thing whatever its size."""

    def __init__(self, limit: int, most: int = PAGE_BYTES) -> None:
        self.items: list[dict[str, Any]] = []
        self._limit, self._most, self._bytes = limit, most, 0

    @property
    def is_full(self) -> bool:
        return len(self.items) == self._limit

    def takes(self, item: dict[str, Any]) -> bool:
        """Put one more on it; false, and nothing, where there is no room for it."""
        size = len(bson.encode(item))
        if self.is_full or (self.items and self._bytes + size > self._most):
            return False
        self.items.append(item)
        self._bytes += size
        return True


topics = Aggregates(TopicDocument, rules.Topic, kind="topic", contract=contracts.notifications.contract, remember=8)


class Matters:
    """The matters of all topics, by number."""

    @property
    def collection(self):
        return MatterDocument._get_collection()

    def keep(self, topic: str, number: int, matter: dict[str, Any], announced_at: datetime) -> None:
        """Keep an announced matter; a second time changes nothing."""
        kept = {"_id": f"{topic}_{number}", "topic": topic, "number": number, "announced_at": announced_at, "matter": matter}
        with contextlib.suppress(DuplicateKeyError):
            self.collection.insert_one(kept)

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
        items, last = self.after(topic, number, limit), self.last([topic])[topic]
        reached = items[-1]["number"] if items else number
        return {"topic": topic, "last": last, "items": items, "next": reached if items and reached < last else None}

    def after(self, topic: str, number: int, limit: int) -> list[dict[str, Any]]:
        """At most ``limit`` matters after a number and no more than a page, in order and up to the first hole: one at least, if the
        next is kept."""
        # Between two numbers, since a store that is asked for the first of all may read all there are before it leaves any out.
        among = {"topic": topic, "number": {"$gt": number, "$lte": number + limit}}
        found, page = self.collection.find(among, {"_id": 0}).sort("number", 1), Page(limit)
        for expected, item in enumerate(found, number + 1):
            if item["number"] != expected or not page.takes(item):
                break
        return page.items

    def told_before(self, matter: Mapping[str, Any]) -> list[dict[str, Any]]:
        """What told of a briefing as it was before the revision that a matter tells of: each with its ``_id``."""
        older = {"$lt": matter["data"]["revision"]}
        return list(self.collection.find({"matter.data.briefing": matter["data"]["briefing"], "matter.data.revision": older}))

    def versions(self, briefings: Collection[str]) -> Iterator[dict[str, Any]]:
        """What decides about all matters that told of these briefings, at any revision."""
        yield from self.collection.find(
            {"matter.data.briefing": {"$in": list(briefings)}, "matter.data.revision": {"$exists": True}}, JUDGED_BY
        )

    def between(self, topic: str, after: int, until: int) -> Iterator[dict[str, Any]]:
        """What decides about the matters of a topic after one number and up to another, a few in memory at a time."""
        yield from self.collection.find({"topic": topic, "number": {"$gt": after, "$lte": until}}, JUDGED_BY).batch_size(1_000)

    def last(self, topics_asked: Collection[str]) -> dict[str, int]:
        """The highest number that each of these topics gave."""
        given = topics.collection.find({"_id": {"$in": list(topics_asked)}}, {"state.last": 1})
        return dict.fromkeys(topics_asked, 0) | {document["_id"]: document["state"]["last"] for document in given}

    def reached(self, topics_asked: Collection[str]) -> dict[str, int]:
        """The number of each of these topics up to which all matters are kept here."""
        last = self.last(topics_asked)
        return {topic: self._first_hole(topic, number) - 1 for topic, number in last.items()}

    def newest(self, topics_asked: Collection[str], before: tuple[datetime, str] | None = None) -> Iterator[dict[str, Any]]:
        """The matters of these topics, the newest announcement first, a few in memory at a time: each with its ``_id``. ``before``:
        the instant and the id of one, for those that come after it."""
        query: dict[str, Any] = {"topic": {"$in": list(topics_asked)}}
        if before is not None:
            at, id = before
            query["$or"] = [{"announced_at": {"$lt": at}}, {"announced_at": at, "_id": {"$lt": id}}]
        yield from self.collection.find(query).sort([("announced_at", -1), ("_id", -1)]).batch_size(100)

    def announced_since(self, topic: str, since: datetime) -> dict[str, Any]:
        """The numbers of a topic among which are all that were announced from an instant on, those on their way here too: ``after``
        which, and ``until`` which."""
        found = self.collection.find({"topic": topic, "announced_at": {"$gte": since}}, {"number": 1})
        last = self.last([topic])[topic]
        first = min((document["number"] for document in found), default=last + 1)
        return {"topic": topic, "after": min(first, self._first_hole(topic, last)) - 1, "until": last}

    def _first_hole(self, topic: str, last: int) -> int:
        """The lowest number that is not kept: one beyond the last unless the news of one is still on its way."""
        if self.collection.count_documents({"topic": topic, "number": {"$lte": last}}) == last:
            return last + 1
        expected = 1
        for document in self.collection.find({"topic": topic}, {"number": 1}).sort("number", 1):
            if document["number"] != expected:
                break
            expected += 1
        return expected


matters = Matters()
