"""How endpoints of webhooks fare, and the two lanes of their deliveries: those of an endpoint in trouble wait in the slow one, so that
however many there are, who looks for a healthy endpoint's need not step over them."""

from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from typing import Any

from mongoengine import DateTimeField, Document, IntField, StringField

from messaging import due
from messaging.context import now
from services.notifications import rules
from services.notifications.rules.deliveries import QUEUED
from services.notifications.store.deliveries import Claimed, deliveries

LOOKED_AT = 200
"""Deliveries among which a round looks for some to start: of one endpoint only as many are taken as it may have in flight."""


class HealthDocument(Document):
    """One endpoint in trouble; ``id`` is its subscription's. There is none of an endpoint that is well."""

    id = StringField(primary_key=True)
    failing_since = DateTimeField(required=True)
    failures = IntField(required=True)
    retry_at = DateTimeField(required=True)

    meta = {"collection": "health", "auto_create_index": False}


class Endpoints:
    """The endpoints of all webhooks, by subscription."""

    @property
    def collection(self):
        return HealthDocument._get_collection()

    def claim(self, slow: bool, free: int, busy: Collection[str], bears: Callable[[str], int], seconds: float) -> list[Claimed]:
        """Up to ``free`` deliveries that are due in a lane, the most urgent first, now claimed for so many seconds. None of the ``busy``
        subscriptions, and of any one at most as many as it ``bears``. In passing, those of an endpoint in trouble leave the fast lane."""
        lane = {"channel": "webhook", "slow": True if slow else {"$exists": False}}
        instant = now()
        query = {**lane, "subscription": {"$nin": list(busy)}, "due": {"$lte": instant}}
        query["$or"] = [{"claimed_until": {"$exists": False}}, {"claimed_until": {"$lte": instant}}]
        order = [("priority", 1), ("due", 1)]
        found = list(deliveries.collection.find(query, {"subscription": 1}).sort(order).limit(LOOKED_AT))
        troubled = {} if slow else self.of({document["subscription"] for document in found})
        for subscription, health in troubled.items():
            self._step_aside(subscription, health.retry_at or instant)
        chosen: list[str] = []
        taken: dict[str, int] = {}
        for document in found:
            subscription = document["subscription"]
            if subscription not in troubled and taken.get(subscription, 0) < bears(subscription) and len(chosen) < free:
                taken[subscription] = taken.get(subscription, 0) + 1
                chosen.append(document["_id"])
        if not chosen:
            return []
        filter = {**lane, "_id": {"$in": chosen}}
        claimed = due.claim(deliveries.collection, filter, seconds=seconds, limit=len(chosen), instant=instant)
        return deliveries.leaving([Claimed(document) for document in claimed])

    def of(self, subscriptions: Collection[str]) -> dict[str, rules.Health]:
        """Those of these subscriptions that are in trouble."""
        found = self.collection.find({"_id": {"$in": list(subscriptions)}}) if subscriptions else ()
        return {d["_id"]: rules.Health(d["failing_since"], d["failures"], d["retry_at"]) for d in found}

    def failed(self, subscription: str, instant: datetime, jitter: float, asked: timedelta | None) -> rules.Health:
        """An attempt failed: the endpoint waits as a whole. What several copies see at once may count as one failure."""
        known = self.of({subscription}).get(subscription, rules.Health())
        # Attempts that were in flight together when it broke are one failure, and do not make it wait the longer.
        health = known if known.retry_at and known.retry_at > instant and not asked else known.after_failure(instant, jitter, asked)
        self.collection.replace_one({"_id": subscription}, vars(health), upsert=True)
        self._step_aside(subscription, health.retry_at or instant)
        return health

    def succeeded(self, subscription: str) -> None:
        """An endpoint that was in trouble took a delivery: whatever was not tried yet may go at once, what failed at its own time."""
        self.collection.delete_one({"_id": subscription})
        waiting = {"subscription": subscription, "slow": True, "due": {"$exists": True}}
        deliveries.collection.update_many({**waiting, "state": QUEUED}, {"$set": {"due": now()}})
        deliveries.collection.update_many(waiting, {"$unset": {"slow": ""}})

    def forget(self, subscription: str) -> None:
        """Begin anew with an endpoint: its subscription ended, or was suspended."""
        self.collection.delete_one({"_id": subscription})

    def _step_aside(self, subscription: str, until: datetime) -> None:
        waiting: dict[str, Any] = {"subscription": subscription, "due": {"$exists": True}}
        deliveries.collection.update_many(waiting, {"$set": {"slow": True}, "$max": {"due": until}})


endpoints = Endpoints()
