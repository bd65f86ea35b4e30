"""Fan-outs: work on record, done a turn at a time. Whoever does a turn saves how far it came, so that a restart goes on from there."""

import contextlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from mongoengine import DateTimeField, DictField, Document, IntField, ListField, StringField
from pymongo.errors import DuplicateKeyError

from messaging.context import now
from services.notifications.rules.deliveries import REPEATED

CLAIM_SECONDS = 30
"""How long a claim holds: longer than a turn lasts, whatever the broker does meanwhile."""


class FanoutDocument(Document):
    """One fan-out, which stays when it is done. Of a matter (``<topic>_<number>``): ``after`` is the code of the last subscriber it was
    recorded for. To one subscription (``replay-…``, ``resumed-…``): ``ranges``, each a ``topic`` with its numbers ``after`` and ``until``,
    and ``since`` the instant from which on they were announced.

    ``at``: the instant of the announcement or of the order, the platform's; ``due``: absent when it is done; ``claim`` and
    ``claimed_until`` as in ``messaging.due``; ``tally``: how its deliveries stand, once none waits any more."""

    id = StringField(primary_key=True)
    topic = StringField()
    number = IntField()
    at = DateTimeField(required=True)
    priority = IntField(required=True)
    after = StringField(null=True)
    subscriber = StringField()
    subscription = StringField()
    ranges = ListField(DictField())
    since = DateTimeField(null=True)
    replay = StringField(null=True)
    due = DateTimeField()
    claim = StringField()
    claimed_until = DateTimeField()
    tally = ListField(DictField())

    meta = {"collection": "fanouts", "auto_create_index": False, "indexes": [{"fields": ["due"], "sparse": True}]}


@dataclass(frozen=True)
class Fanout:
    """One fan-out, claimed. ``again``: another turn of it was begun and not saved, so that some of it may be on record."""

    id: str
    at: datetime
    priority: int
    topic: str = ""
    number: int = 0
    after: str | None = None
    subscriber: str = ""
    subscription: str = ""
    ranges: list[dict[str, Any]] = field(default_factory=list)
    since: datetime | None = None
    replay: str | None = None
    claim: str = ""
    again: bool = False


class Fanouts:
    """The fan-outs there are and were."""

    @property
    def collection(self):
        return FanoutDocument._get_collection()

    def of_matter(self, topic: str, number: int, at: datetime, priority: int) -> None:
        """Have a matter brought to all who asked for it; a second time changes nothing."""
        self._add({"_id": f"{topic}_{number}", "topic": topic, "number": number, "at": at, "priority": priority, "after": None})

    def to_subscription(
        self,
        id: str,
        subscriber: str,
        subscription: str,
        ranges: list[dict[str, Any]],
        at: datetime,
        *,
        since: datetime | None = None,
        replay: str | None = None,
    ) -> None:
        """Have the matters of these numbers brought to one subscription; a second time changes nothing. ``ranges``: each with its
        ``topic``, and the numbers ``after`` which and ``until`` which; ``since``: only what was announced from this instant on."""
        whom = {"subscriber": subscriber, "subscription": subscription, "ranges": ranges}
        self._add({"_id": id, **whom, "at": at, "since": since, "replay": replay, "priority": REPEATED})

    def claim(self) -> Fanout | None:
        """The most urgent of those that are due, and of these the one that waits longest; nobody else's for ``CLAIM_SECONDS``."""
        instant, mine = now(), uuid.uuid4().hex
        free = {"due": {"$lte": instant}, "$or": [{"claimed_until": {"$exists": False}}, {"claimed_until": {"$lte": instant}}]}
        held = {"claim": mine, "claimed_until": instant + timedelta(seconds=CLAIM_SECONDS)}
        found = self.collection.find_one_and_update(free, {"$set": held}, sort=[("priority", 1), ("due", 1)])
        if found is None:
            return None
        again = "claim" in found  # which who saves lets go
        known = {name: found[name] for name in Fanout.__dataclass_fields__ if name in found}
        return Fanout(**{**known, "id": found["_id"], "claim": mine, "again": again})

    def save(self, fanout: Fanout, progress: Mapping[str, Any], *, done: bool, later: timedelta = timedelta(0)) -> None:
        """Put on record how far a claimed fan-out came, and let it go: to the end of those of its priority, so that all of them get on."""
        update: dict[str, Any] = {"$set": dict(progress), "$unset": {"claim": "", "claimed_until": ""}}
        if done:
            update["$unset"]["due"] = ""
        else:
            update["$set"]["due"] = now() + later
        self.collection.update_one({"_id": fanout.id, "claim": fanout.claim}, update)

    def in_hand(self, ids: Iterable[str]) -> bool:
        """Whether a turn of any of these is being done."""
        return self.collection.find_one({"_id": {"$in": list(ids)}, "claimed_until": {"$gt": now()}}, {"_id": 1}) is not None

    def next_due(self) -> datetime | None:
        """When the next one becomes due, or another's claim of it runs out."""
        waiting = self.collection.find({"due": {"$exists": True}}, {"due": 1, "claimed_until": 1})
        return min((max(d["due"], d.get("claimed_until", d["due"])) for d in waiting), default=None)

    def waiting(self) -> int:
        """How many are not done."""
        return self.collection.count_documents({"due": {"$exists": True}})

    def standing(self, ids: list[str]) -> dict[str, dict[str, Any]]:
        """Of these: whether each is ``done``, and its ``tally`` where none of its deliveries waits."""
        found = self.collection.find({"_id": {"$in": ids}}, {"due": 1, "tally": 1})
        return {d["_id"]: {"done": "due" not in d, "tally": d.get("tally")} for d in found}

    def keep_tally(self, id: str, tally: list[dict[str, Any]] | None) -> None:
        """Keep how the deliveries of a matter stand, which no longer changes; None forgets it, since one of them is sent again."""
        self.collection.update_one({"_id": id}, {"$set": {"tally": tally}} if tally is not None else {"$unset": {"tally": ""}})

    def _add(self, document: dict[str, Any]) -> None:
        with contextlib.suppress(DuplicateKeyError):
            self.collection.insert_one(document | {"due": now()})


fanouts = Fanouts()
