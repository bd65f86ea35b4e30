"""Topics, which number matters by the one write; and the matters themselves, which never change."""

import contextlib
import functools
from typing import Any

from mongoengine import DictField, Document, IntField, StringField
from pymongo.errors import DuplicateKeyError

import contracts.notifications
from messaging.store import AggregateDocument, Aggregates
from services.kernel import Refusal
from services.notifications import rules

MATTERS_KEPT = 64
"""Matters that a process keeps at hand while it sends; they never change."""


class TopicDocument(AggregateDocument):
    meta = {"collection": "topics"}


class MatterDocument(Document):
    """One numbered matter, as announced; ``id`` is ``<topic>_<number>``."""

    id = StringField(primary_key=True)
    topic = StringField(required=True)
    number = IntField(required=True)
    matter = DictField(required=True)

    meta = {"collection": "matters", "auto_create_index": False, "indexes": [{"fields": ["topic", "number"], "unique": True}]}


topics = Aggregates(TopicDocument, rules.Topic, kind="topic", contract=contracts.notifications.contract, remember=8)


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


matters = Matters()
