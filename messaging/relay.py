"""The way out: the only thing that speaks events to the broker.

One relay is active in each service, by a lease in the store; therefore one for each aggregate. A
round takes the aggregates that have unsent events, has what is made of these beside them made
(``Aggregates.take_up``), publishes them with confirms (one that anyone subscribes to outstanding for
each aggregate, many aggregates in flight) while it writes them to the journal, and clears them only
when both are done. Killed anywhere, it leaves an event pending; the next relay sends it again under the same id,
and consumers know it. Woken by the one write, swept by a timer; with the broker away, events wait.
"""

import contextlib
import json
import logging
import time
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import eventlet
import mongoengine
from eventlet.event import Event
from nameko.extensions import DependencyProvider
from pymongo.errors import ConnectionFailure, DuplicateKeyError, PyMongoError

from contracts.envelope import CONTENT_TYPE
from contracts.subscriptions import is_heard
from messaging import topology
from messaging.context import now
from messaging.settings import Settings
from messaging.store import Aggregates, insert_new, journal, on_write
from messaging.wire import NotConfirmed, Outgoing, Publisher

log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5
LEASE_SECONDS = 6.0
RENEW_SECONDS = 2.0
SWEEP_SECONDS = 2.0
"""How often a relay looks without having been woken: for what another copy of the service wrote."""
GATHERS_SECONDS = 0.05
"""How long what is written may gather while more comes, before it is sent."""
ROUND = 200
"""Aggregates taken in one round."""
PER_AGGREGATE = 50
"""Events of one aggregate taken in one round."""
FORGOTTEN_TOGETHER = 500
"""Events forgotten in one update, at least: many aggregates with one each, or a few with a backlog. Its cost grows with their square."""


class Lease:
    """Which copy of a service may relay. A copy that stalls past its lease may overlap with its
    successor: then events are published twice under the same id, and nothing is lost."""

    def __init__(self, name: str, holder: str) -> None:
        self.name, self.holder = name, holder
        self._held_until = 0.0

    def hold(self) -> bool:
        """Take or renew the lease; whether it is ours. Asks the store every RENEW_SECONDS at most."""
        if time.monotonic() < self._held_until - LEASE_SECONDS + RENEW_SECONDS:
            return True
        asked, instant = time.monotonic(), now()
        leases = mongoengine.get_db()["leases"]
        try:
            leases.update_one(
                {"_id": self.name, "$or": [{"holder": self.holder}, {"until": {"$lt": instant}}]},
                {"$set": {"holder": self.holder, "until": instant + timedelta(seconds=LEASE_SECONDS)}},
                upsert=True,
            )
        except DuplicateKeyError:
            self._held_until = 0.0
            return False
        self._held_until = asked + LEASE_SECONDS
        return True

    def release(self) -> None:
        mongoengine.get_db()["leases"].delete_one({"_id": self.name, "holder": self.holder})


class Relay(DependencyProvider):
    """Runs beside the commands of a service; the service class names its ``aggregates``."""

    def setup(self) -> None:
        self.settings: Settings = self.container.config["settings"]
        self.stores: Iterable[Aggregates] = self.container.service_cls.aggregates
        self.lease = Lease(f"relay-{self.container.service_name}", self.settings.instance)
        self.publisher = Publisher(self.settings.amqp_uri, on_connect=topology.declare if self.settings.declares else None)
        self._wake = Event()
        self._written: set[Aggregates] = set()
        self._stopping = False
        on_write(self.wake)

    @property
    def rehearsal(self) -> bool:
        return self.settings.rehearsal

    @property
    def instance(self) -> str:
        return self.settings.instance

    def get_dependency(self, worker_ctx: Any) -> "Relay":
        return self

    def start(self) -> None:
        self._thread = self.container.spawn_managed_thread(self._run)

    def wake(self, written: Aggregates | None = None) -> None:
        """Look now at what was ``written``."""
        if written is not None:
            self._written.add(written)
        if not self._wake.ready():
            self._wake.send()

    def stop(self) -> None:
        self._stopping = True
        self.wake()
        self._thread.wait()
        with contextlib.suppress(PyMongoError):
            self.lease.release()
        self.publisher.close()

    def _run(self) -> None:
        idle, sweeps_at = 0.0, 0.0
        while not self._stopping:
            if idle:
                self._wake.wait(timeout=idle)
            if (instant := time.monotonic()) >= sweeps_at:
                self._written.update(self.stores)
                sweeps_at = instant + SWEEP_SECONDS
            self._let_gather(self._written)
            self._wake = Event()
            looked_at, self._written = self._written, set()
            idle = SWEEP_SECONDS
            try:
                if self.lease.hold() and self.round(looked_at):
                    idle = 0.0
            except (NotConfirmed, PyMongoError) as error:
                log.warning("relay waits: %s", error)
                idle, sweeps_at = RETRY_SECONDS, 0.0  # the connection may merely have died while idle

    def _let_gather(self, stores: Iterable[Aggregates]) -> None:
        """Wait a moment while more is being written in these: it is then sent with what there is, in one round."""
        until = time.monotonic() + GATHERS_SECONDS
        while any(store.is_changing for store in stores) and time.monotonic() < until and not self._stopping:
            eventlet.sleep(GATHERS_SECONDS / 8)

    def round(self, stores: Iterable[Aggregates]) -> int:
        """Send what waits in these; returns how many events were sent. Raises NotConfirmed or PyMongoError: nothing is cleared. Where there
        may be more than one round takes, it is looked at again in the next."""
        sent = 0
        for store in stores:
            unsent = {"pending": {"$slice": PER_AGGREGATE}, "state": 0, "causes": 0}
            batch = list(store.collection.find({"unsent": 1}, unsent).limit(ROUND))
            if len(batch) == ROUND or any(len(document["pending"]) == PER_AGGREGATE for document in batch):
                self._written.add(store)
            if ready := [document for document in batch if _taken_up(store, document)]:
                sent += self._send(store, ready)
        return sent

    def _send(self, store: Aggregates, batch: list[dict[str, Any]]) -> int:
        # The journal is on disk before anything is cleared; it need not hold up who waits for the event.
        journalled = eventlet.spawn(_write_journal, [event for document in batch for event in document["pending"]])
        confirmed: dict[str, list[str]] = {document["_id"]: [] for document in batch}
        waiting = {document["_id"]: list(document["pending"]) for document in batch}
        try:
            while waiting:
                heads = [(id, event) for id, events in waiting.items() for event in _front(events)]
                outcome = self.publisher.publish([_outgoing(event) for _, event in heads])
                for (id, event), arrived in zip(heads, outcome, strict=True):
                    if arrived:
                        confirmed[id].append(event["id"])
                    else:
                        log.error("event not taken by any queue, waits: %s", event["id"])
                        waiting[id] = []
                waiting = {id: events for id, events in waiting.items() if events}
        finally:
            journalled.wait()
            _clear(store, {id: events for id, events in confirmed.items() if events})
        return sum(map(len, confirmed.values()))


def _taken_up(store: Aggregates, document: dict[str, Any]) -> bool:
    """Whether what is made of an aggregate's unsent events beside it is made; if not, they wait. Raises ConnectionFailure."""
    try:
        store.take_up(document["pending"])
    except ConnectionFailure:
        raise
    except Exception:
        log.exception("%s: its events wait, since they cannot be taken up", store.subject(document["_id"]))
        return False
    return True


def _front(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What of an aggregate's events is sent next, taken off them: one that is subscribed to, and those before it that are not."""
    many = next((number for number, event in enumerate(events, 1) if is_heard(_key(event))), len(events))
    front, events[:many] = events[:many], []
    return front


def _key(event: dict[str, Any]) -> str:
    """The routing key of an event."""
    return event["type"].removeprefix("icat.")


def _write_journal(events: list[dict[str, Any]]) -> None:
    entries = [
        {
            "_id": event["id"],
            "subject": event["subject"],
            "sequence": event["sequence"],
            "cause": event["causationid"],
            "type": event["type"],
            "time": event["time"],
            "event": event,
        }
        for event in events
    ]
    insert_new(journal(), entries)  # one that was sent before, and not cleared, is there already, and is the same


def _clear(store: Aggregates, confirmed: dict[str, list[str]]) -> None:
    """Forget what was sent, of many aggregates in one update: one durable commit for each would cost more than all the rest. What was
    written meanwhile stays pending, and unsent. They are named by their ids alone, since a store that is asked for "these ids, and more"
    may go through all there are."""
    ids: list[str] = []
    sent: list[str] = []
    last = next(reversed(confirmed), None)
    for id, events in confirmed.items():
        ids.append(id)
        sent += events
        if id == last or len(sent) >= FORGOTTEN_TOGETHER:
            left = {"$filter": {"input": "$pending", "cond": {"$not": [{"$in": ["$$this.id", {"$literal": sent}]}]}}}
            unsent = {"$cond": [{"$eq": ["$pending", []]}, "$$REMOVE", 1]}
            store.collection.update_many({"_id": {"$in": ids}}, [{"$set": {"pending": left}}, {"$set": {"unsent": unsent}}])
            ids, sent = [], []


def _outgoing(event: dict[str, Any]) -> Outgoing:
    key = _key(event)
    return Outgoing(
        key=key,
        exchange=f"icat.{key.split('.', 1)[0]}",
        body=json.dumps(event, ensure_ascii=False).encode(),
        id=event["id"],
        content_type=CONTENT_TYPE,
        type=event["type"],
        headers={"traceparent": event["traceparent"]},
        mandatory=is_heard(key),
    )
