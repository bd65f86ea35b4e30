"""A room: one service of the house, for a test that plays the gateway and the other services."""

import contextlib
import itertools
import json
import os
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any, Self

import pika
import pymongo
import pytest

from contracts import chairs
from contracts.base import Event
from contracts.envelope import CONTENT_TYPE, seal
from launcher.home import ROOT
from launcher.platform import Platform
from messaging import topology
from messaging.client import Pool
from messaging.context import Cause, Order, written
from messaging.wire import Outgoing, Publisher
from services.kernel import Actor, Composition, Refusal
from services.kernel.actor import SYSTEM_ACTOR

SECRETARIAT = Actor("sec", "UNODC", frozenset({"secretariat"}))
MISSION = Actor("desk", "BRAZIL", frozenset({"mission"}))


def focal(entity: str) -> Actor:
    """The focal point of an entity."""
    return Actor(f"{entity.lower()}.person", entity, frozenset({"focal_point"}))


def refusal(do: Callable[[], Any]) -> Refusal:
    """The Refusal that ``do()`` ends in; the test fails when it ends in anything else."""
    with pytest.raises(Refusal) as caught:
        do()
    return caught.value


class Room:
    """One service as its callers see it, and its record.

        room("open_plan", focal("IOM"), at=utc(2014), year=2015)

    Whom a test does not name is the secretariat, and when, the room's own instant ``at``.
    """

    def __init__(self, house: Platform, eventually: Callable[..., Any], service: str, *, at: datetime) -> None:
        self.house, self.eventually, self.service, self.at = house, eventually, service, at
        self.pool = Pool(house.amqp_uri, timeout=20)
        self.publisher = Publisher(house.amqp_uri, on_connect=topology.declare)
        self.client: pymongo.MongoClient = pymongo.MongoClient(house.mongo_uri(service), tz_aware=True)
        self.database = self.client.get_default_database()
        self.sequence = itertools.count(1)
        self.group = Composition()

    # Asking

    def __call__(
        self,
        what: str,
        by: Actor = SECRETARIAT,
        /,
        *,
        at: datetime | None = None,
        id: str = "",
        expected: int | None = None,
        timeout: float | None = None,
        **payload: Any,
    ) -> Any:
        """The answer to a command or question, or a Refusal. A command with the ``id`` of an earlier one is that one again."""
        order = Order(id=id or uuid.uuid4().hex, by=by, at=at or self.at, expected=expected)
        return self.pool.call(self.service, what, payload, order, timeout)

    # Telling

    def happen(
        self,
        event: type[Event],
        data: dict[str, Any],
        *,
        at: datetime | None = None,
        times: int = 1,
        sequence: int | None = None,
        subject: str = "",
    ) -> str:
        """Another service's event arrives, as often as the broker pleases; its id. The ``sequence`` of an earlier one: that one again."""
        sequence, subject = sequence or next(self.sequence), subject or f"{event.producer}/1"
        cause = Cause(id=f"test-{subject}-{sequence}", by=SYSTEM_ACTOR, at=at or self.at, correlation="test")
        envelope = seal(event, data, subject=subject, sequence=sequence, time=written(cause.at), cause=cause, previous=None)
        self.tell(envelope, times)
        return envelope["id"]

    def tell(self, envelope: dict[str, Any], times: int = 1) -> None:
        """A sealed event arrives."""
        key = envelope["type"].removeprefix("icat.")
        exchange, body = f"icat.{key.split('.')[0]}", json.dumps(envelope).encode()
        message = Outgoing(key, body, id=envelope["id"], exchange=exchange, content_type=CONTENT_TYPE)
        assert self.publisher.publish([message] * times) == [True] * times

    def seat(self, group: Composition) -> None:
        """Chairs tells who belongs, sits and chairs, and the service has heard it."""
        self.group, sequence = group, next(self.sequence)
        self.happen(chairs.CompositionChanged, asdict(group), sequence=sequence)
        self.eventually(lambda: self.database.projections.find_one({"_id": "composition", "sequence": {"$gte": sequence}}))

    def quiet(self) -> None:
        """Wait until the service has taken up every event sent so far: it has handled a last one, and none waits in its queue."""
        self.seat(self.group)
        self.eventually(lambda: self.queue(f"{self.service}.events").message_count == 0)

    def queue(self, name: str) -> Any:
        """What the broker knows of a queue: ``message_count`` (those nobody has taken up) and ``consumer_count``."""
        with pika.BlockingConnection(pika.URLParameters(self.house.amqp_uri)) as connection:
            return connection.channel().queue_declare(name, passive=True).method

    # The record

    def history(self, subject: str) -> list[dict[str, Any]]:
        """The events of one aggregate, oldest first, once all there are have been sent."""
        self.eventually(lambda: self("status")["pending"] == 0)
        return [entry["event"] for entry in self.database.journal.find({"subject": subject}).sort("sequence", 1)]

    def names(self, subject: str) -> list[str]:
        """What has happened to one aggregate, in a word each, oldest first."""
        return [event["type"].split(".")[2] for event in self.history(subject)]

    # Its processes

    @contextlib.contextmanager
    def alone(self) -> Iterator[Self]:
        """The service without the others, empty and ready. Closes the room at the end."""
        self.house.empty()
        self._start()
        yield self
        self.house.stop(self.service)
        self.close()

    @contextlib.contextmanager
    def stopped(self) -> Iterator[None]:
        """The service is down meanwhile, and ready again at the end."""
        self.house.stop(self.service)
        try:
            yield
        finally:
            self._start()

    @contextlib.contextmanager
    def second_copy(self, **environment: str) -> Iterator[subprocess.Popen]:
        """Another process of the service on the same store and broker, with the real clock unless told otherwise. Not awaited; stopped
        at the end."""
        own = {"AMQP_URI": self.house.amqp_uri, "MONGO_URI": self.house.mongo_uri(self.service), "PYTHONPATH": str(ROOT)}
        own["ICAT_PUBLIC_URL"] = self.house.url
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("ICAT_")}
        command = [sys.executable, "-m", "messaging.runtime", f"services.{self.service}.service"]
        with self.house.home.log(self.service).open("ab") as log:
            process = subprocess.Popen(command, env=inherited | own | environment, stdout=log, stderr=log)
        try:
            yield process
        finally:
            process.terminate()
            process.wait(30)

    def copies(self) -> int:
        """How many processes of the service answer."""
        return self.queue(topology.rpc_queue(self.service)).consumer_count

    def kill(self) -> None:
        """No farewell; the supervisor starts it again."""
        self.house.kill(self.service)
        self.house.wait_ready(self.service)

    def log(self) -> str:
        """What every process of the service has logged."""
        return self.house.home.log(self.service).read_text()

    def close(self) -> None:
        self.pool.close()
        self.publisher.close()
        self.client.close()

    def _start(self) -> None:
        self.house.start(self.service)
        self.house.wait_ready(self.service)
