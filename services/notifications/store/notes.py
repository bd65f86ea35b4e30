"""Notes: what concerns one subscriber alone, numbered for it without a hole, so that its inbox can resume."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mongoengine import DateTimeField, DictField, Document, IntField, StringField
from pymongo.errors import DuplicateKeyError

from services.notifications import rules
from services.notifications.store.deliveries import deliveries
from services.notifications.store.subscribers import subscribers


class NoteDocument(Document):
    """One note (contracts.notifications.Note); ``number``: its place among those to this subscriber, from 1."""

    id = StringField(primary_key=True)
    subscriber = StringField(required=True)
    number = IntField(required=True)
    at = DateTimeField(required=True)
    note = DictField(required=True)

    meta = {"collection": "notes", "auto_create_index": False, "indexes": [{"fields": ["subscriber", "number"], "unique": True}]}


class Notes:
    """The notes to all subscribers."""

    @property
    def collection(self):
        return NoteDocument._get_collection()

    def keep(self, id: str, subscriber: str, note: rules.Note) -> None:
        """Keep a note under the subscriber's next number; a second time changes nothing."""
        while self.collection.find_one({"_id": id}, {"_id": 1}) is None:
            document = {"_id": id, "subscriber": subscriber, "number": self.last(subscriber) + 1, "at": note.at, "note": vars(note)}
            try:
                self.collection.insert_one(document)
            except DuplicateKeyError:
                continue  # the number or the note itself was another's just now: looking again tells

    def last(self, subscriber: str) -> int:
        """The highest number given to this subscriber's notes."""
        found = self.collection.find_one({"subscriber": subscriber}, {"number": 1}, sort=[("number", -1)])
        return found["number"] if found else 0

    def note(self, id: str) -> dict[str, Any] | None:
        """One note as it is told; None when there is none."""
        found = self.collection.find_one({"_id": id}, {"note": 1})
        return found["note"] if found else None

    def after(self, subscriber: str, number: int, limit: int) -> list[dict[str, Any]]:
        """The notes to a subscriber after a number, in order: each with ``_id``, ``number``, ``at`` and ``note``."""
        return list(self.collection.find({"subscriber": subscriber, "number": {"$gt": number}}).sort("number", 1).limit(limit))

    def newest(self, subscriber: str, before: tuple[datetime, str] | None = None) -> Iterator[dict[str, Any]]:
        """The notes to a subscriber, the newest first; ``before``: the instant and the id of a thing, for those that come after it."""
        query: dict[str, Any] = {"subscriber": subscriber}
        if before is not None:
            at, id = before
            query["$or"] = [{"at": {"$lt": at}}, {"at": at, "_id": {"$lt": id}}]
        yield from self.collection.find(query).sort([("at", -1), ("_id", -1)]).batch_size(100)


notes = Notes()


def tell(subscriber: str, id: str, note: rules.Note, now: datetime, sparing: str | None = None) -> int:
    """Tell one subscriber something: the note stands in its inbox, and is due to its mail addresses, but for that of the subscription
    ``sparing``; returns how many mails are new. ``id``: the note's, the same when it is told again."""
    notes.keep(id, subscriber, note)
    return deliveries.add(rules.bring_note(subscribers.load(subscriber).aggregate, id, note, now, sparing))
