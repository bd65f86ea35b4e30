"""The platform's clock as far as it is known here: the furthest instant that a tick, or news of the Group, told of. In rehearsal it is
not the wall's."""

from datetime import datetime

from mongoengine import DateTimeField, Document, StringField


class ClockDocument(Document):
    """The one record, ``platform``."""

    id = StringField(primary_key=True)
    at = DateTimeField(required=True)

    meta = {"collection": "clock", "auto_create_index": False}


class Clock:
    """The furthest instant known."""

    @property
    def collection(self):
        return ClockDocument._get_collection()

    def advance(self, instant: datetime) -> None:
        """The platform has come to an instant; an earlier one changes nothing."""
        self.collection.update_one({"_id": "platform"}, {"$max": {"at": instant}}, upsert=True)

    def reached(self, at_least: datetime) -> datetime:
        """The furthest instant known, and no earlier than the one given."""
        found = self.collection.find_one({"_id": "platform"})
        return max(found["at"], at_least) if found else at_least


clock = Clock()
