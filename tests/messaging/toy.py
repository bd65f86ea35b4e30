"""A small service to try the messaging on: counters that *chairs* keeps and *workplan* hears of.

It borrows the names of two real services, because queues exist for names in the table of
subscriptions only; run as a service process, which half is told by ``TOY``.
"""

import os
from dataclasses import dataclass, field

from marshmallow import fields

from contracts.base import Command as Order
from contracts.base import Contract, Event, Query, VersionedAnswer
from messaging import listening, topology, wire
from messaging.rpc import LARGEST_ANSWER
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.store import AggregateDocument, Aggregates
from services.kernel import Aggregate, Refusal
from services.kernel.rights import EVERYONES, Rights

# Short, so that a test sees in seconds what takes three quarters of an hour in earnest.
topology.RETRY_SECONDS = (1,)
topology.ATTEMPTS = 3
topology.DELIVERY_LIMIT = 3
if patience := os.environ.get("TOY_PATIENCE"):
    wire.DECLARE_SECONDS = listening.DECLARE_SECONDS = int(patience)


class CounterAnswer(VersionedAnswer):
    id = fields.String()
    total = fields.Integer()


class Count(Order):
    """Add ``by`` to the counter ``counter``."""

    answer = CounterAnswer
    counter = fields.String(required=True)
    by = fields.Integer(required=True, strict=True)


class GetBulk(Query):
    """An answer too large to send."""

    answer = CounterAnswer


class GetCounter(Query):
    """A counter as it stands."""

    answer = CounterAnswer
    counter = fields.String(required=True)


class TermStarted(Event):
    """A counter was added to (under a name the table of subscriptions knows)."""

    counter = fields.String(required=True)
    by = fields.Integer(required=True)


class ConsultationOpened(Event):
    """Workplan took note (an event nobody listens to)."""

    counter = fields.String(required=True)


contract = Contract("chairs", __name__)
heard = Contract("workplan", __name__)
for _cls in (TermStarted, Count, GetCounter, GetBulk):
    _cls.producer = "chairs"
ConsultationOpened.producer = "workplan"


@dataclass
class Counter(Aggregate):
    """A sum that refuses 13 and dies of 666."""

    id: str = ""
    total: int = 0
    seen: list[str] = field(default_factory=list)

    def view(self, by, at):
        return {"id": self.id, "total": self.total}

    def count(self, id, by, at):
        if by == 13:
            raise Refusal.invalid("by", "Not thirteen.", rule="no-thirteen")
        self.id = id
        self.total += by
        self.happen("term_started", at, counter=id, by=by)

    def note(self, id, event):
        if event.data["by"] == 666:
            raise ValueError("a poisonous event")
        self.id = id
        self.total += event.data["by"]
        self.seen.append(event.id)
        self.happen("consultation_opened", event.at, counter=id)


class CounterDocument(AggregateDocument):
    meta = {"collection": "counters"}


class EchoDocument(AggregateDocument):
    meta = {"collection": "echoes"}


counters = Aggregates(CounterDocument, Counter, kind="counter", contract=contract)
echoes = Aggregates(EchoDocument, Counter, kind="echo", contract=heard)

if os.environ.get("TOY", "both") in ("both", "chairs"):

    class Counters(Commands):
        name = "chairs"
        aggregates = (counters,)
        rights = Rights(count=EVERYONES, get_counter=EVERYONES, get_bulk=EVERYONES)

        @command(Count)
        def count(self, order):
            return counters.change(order.counter, order, lambda c: c.count(order.counter, order.data["by"], order.at), new=Counter)

        @query(GetCounter)
        def get_counter(self, order):
            return counters.load(order.counter)

        @query(GetBulk)
        def get_bulk(self, order):
            return {"id": "x" * LARGEST_ANSWER}


if os.environ.get("TOY", "both") in ("both", "workplan"):

    class Echoes(Commands):
        name = "workplan"
        aggregates = (echoes,)
        rights = Rights(get_counter=EVERYONES)

        @query(GetCounter)
        def get_counter(self, order):
            return echoes.load(order.counter)

    class EchoesEvents(Subscriptions):
        name = "workplan.events"

        @subscribe(TermStarted)
        def counted(self, event):
            if event.data["by"] == 777:
                os._exit(1)
            echoes.change(event.counter, event, lambda e: e.note(event.counter, event), new=Counter)
