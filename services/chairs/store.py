"""What *chairs* remembers: one aggregate, the Group; and of the other services, what is open there (the dossier of a handover).

A matter is one small document, keyed ``activity/2014/paper-on-demand``. Its producer's events change it one by one, each fact by
the newest word, so that it does not matter in which order they come, or how often.
"""

from typing import Any

from mongoengine import BooleanField, DictField, Document, IntField, StringField
from pymongo.errors import DuplicateKeyError

from contracts.chairs import contract
from messaging.context import Arrived
from messaging.store import AggregateDocument, Aggregates, Saved
from services.chairs.rules import Group, dossier
from services.chairs.rules.dossier import Facts, Known

GROUP = "icat"


class GroupDocument(AggregateDocument):
    meta = {"collection": "groups"}


groups = Aggregates(GroupDocument, Group, kind="group", contract=contract, remember=1)


def the_group() -> Saved[Group]:
    """The Group as it stands; before anything is entered, an empty one at version 0."""
    found = groups.find({"_id": GROUP}).items
    return found[0] if found else Saved(GROUP, Group(), 0)


class MatterDocument(Document):
    """What is known of a matter. ``revision`` lets one of two events at once go first; ``stands``: it may be open."""

    id = StringField(primary_key=True)
    revision = IntField(required=True)
    known = DictField(required=True)
    stands = BooleanField(required=True)

    meta = {"collection": "matters", "auto_create_index": False}


class Matters:
    """What other services told of what is open."""

    def hear(self, event: Arrived) -> None:
        """Keep the newest word on each fact that an event tells."""
        name = ".".join(event.type.split(".")[1:3])
        for key, facts in dossier.facts(name, event.data).items():
            while not self._told(key, facts, event):
                continue  # another event told of the same matter meanwhile: look at it again

    def _told(self, key: str, facts: Facts, event: Arrived) -> bool:
        """One attempt; whether the facts are kept, or newer ones were already."""
        matters = MatterDocument._get_collection()
        kept: dict[str, Any] = matters.find_one({"_id": key}) or {"revision": 0, "known": {}}
        known = dossier.newest(kept["known"], facts, sequence=event.sequence, at=event.at)
        if known == kept["known"]:
            return True
        now = {"revision": kept["revision"] + 1, "known": known, "stands": dossier.may_stand(key, known)}
        if kept["revision"]:
            return matters.update_one({"_id": key, "revision": kept["revision"]}, {"$set": now}).matched_count == 1
        try:
            matters.insert_one({"_id": key, **now})
        except DuplicateKeyError:
            return False
        return True

    def known(self) -> dict[str, Known]:
        """All that may be open, by key."""
        return {matter["_id"]: matter["known"] for matter in MatterDocument._get_collection().find({"stands": True})}


matters = Matters()
