"""Subscribers as a fan-out or a count reads them: many, and structured no further than to be told something. Their documents are read
whole: there is little beside the state in them, and leaving that out costs the store more than it saves."""

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import eventlet
from eventlet.greenthread import GreenThread
from pymongo.errors import CursorNotFound, OperationFailure

from services.notifications import rules
from services.notifications.rules.schedules import Schedule
from services.notifications.rules.subscribers import EarlierChoice, Silence
from services.notifications.store.subscribers import asking, subscribers

WALKS = 8
"""Walks of one process that are kept open between parts and turns."""


class Readers:
    """Subscribers, to be told something. What is given out is for reading."""

    def __init__(self) -> None:
        self._walks: dict[str, Walk] = {}

    def named(self, codes: Iterable[str]) -> dict[str, rules.Subscriber]:
        """Those of these codes, by code."""
        wanted = list(codes)
        found = subscribers.collection.find({"_id": {"$in": wanted}}) if wanted else ()
        return {document["_id"]: _lean(document) for document in found}

    def wanting(self, topic: str, *, ever: bool = False) -> Iterator[rules.Subscriber]:
        """Every subscriber of whom a confirmed subscription asks for the topic now, or ``ever`` did; a batch in memory at a time."""
        return self.matching(asking(topic, ever=ever))

    def matching(self, query: Mapping[str, Any]) -> Iterator[rules.Subscriber]:
        """Those that a query of the store finds; a batch in memory at a time."""
        return map(_lean, subscribers.collection.find(query).batch_size(500))

    def of_each(self, deliveries: Iterable[rules.Delivery]) -> list[tuple[rules.Delivery, rules.Subscriber]]:
        """Each delivery with the subscriber it is for."""
        each = list(deliveries)
        owners = self.named({delivery.subscriber for delivery in each})
        return [(delivery, owners[delivery.subscriber]) for delivery in each]

    def asking_for(self, topic: str, work: str, after: str | None, limit: int, *, ever: bool = False) -> list[rules.Subscriber]:
        """The next subscribers, by code, of whom a confirmed subscription asks for the topic, or ``ever`` did; ``after``: the last one of
        the batch before.

        ``work`` names what they are read for: its walk stays open from one batch to the next, so that the store puts all of them into
        order once. One that is not where ``after`` says, since another copy went on, begins anew from there."""
        walk = self._walks.pop(work, None)
        if walk is None or walk.reached != after:
            walk = Walk(topic, after, ever=ever)
        try:
            batch = walk.next(limit)
        except (CursorNotFound, OperationFailure):  # the store forgot it, or is another one since
            walk = Walk(topic, after, ever=ever)
            batch = walk.next(limit)
        if len(batch) == limit:
            self._walks[work] = walk
            while len(self._walks) > WALKS:
                self._walks.pop(next(iter(self._walks))).close()
        else:
            walk.close()
        return batch


class Walk:
    """One way through all that ask for a topic. ``reached``: the code of the last one it gave."""

    def __init__(self, topic: str, after: str | None, *, ever: bool) -> None:
        query = asking(topic, ever=ever, silent=True)
        if after is not None:
            query["_id"] = {"$gt": after}
        self.reached = after
        self._cursor = subscribers.collection.find(query).sort("_id", 1).batch_size(500)
        self._ahead: GreenThread | None = None

    def next(self, limit: int) -> list[rules.Subscriber]:
        """The next so many, fewer at the end. Those after them are fetched while these are being told."""
        batch = self._ahead.wait() if self._ahead is not None else self._fetch(limit)
        self._ahead = eventlet.spawn(self._fetch, limit) if len(batch) == limit else None
        self.reached = batch[-1].code if batch else self.reached
        return batch

    def close(self) -> None:
        if self._ahead is not None:
            self._ahead.kill()
        self._cursor.close()

    def _fetch(self, limit: int) -> list[rules.Subscriber]:
        return [_lean(document) for document in itertools.islice(self._cursor, limit)]


readers = Readers()


def _lean(document: Mapping[str, Any]) -> rules.Subscriber:
    """A subscriber of its raw document. Structuring whole aggregates, each with its types, takes ten times as long."""
    state = dict(document["state"])
    state["subscriptions"] = [_subscription(raw) for raw in state["subscriptions"]]
    return rules.Subscriber(**{"name": "", **state})


def _subscription(raw: Mapping[str, Any]) -> rules.Subscription:
    parts = dict(raw)
    parts["schedule"] = Schedule(**parts.get("schedule", {}))
    parts["earlier"] = [EarlierChoice(**{**each, "schedule": Schedule(**each["schedule"])}) for each in parts.get("earlier", ())]
    parts["silences"] = [Silence(**each) for each in parts.get("silences", ())]
    return rules.Subscription(**parts)
