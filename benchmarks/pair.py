"""One pair of services, as small as services can be: *chairs* counts, *workplan* hears, and both note when.

Like any service it keeps its state by the one write and speaks by the relay; the names are borrowed from
the table of subscriptions. ``PAIR`` says which half a process is.
"""

import os
import time
from dataclasses import dataclass

from marshmallow import fields

from contracts.base import Answer, Contract, Event, Query
from contracts.base import Command as Order
from messaging.service import Commands, Subscriptions, command, query, subscribe
from messaging.store import AggregateDocument, Aggregates
from services.kernel import Aggregate
from services.kernel.rights import EVERYONES, Rights


class CountAnswer(Answer):
    committed = fields.Integer(metadata={"description": "Nanoseconds of the wall clock right after the one write"})


class HandledAnswer(Answer):
    count = fields.Integer()
    first = fields.Integer(allow_none=True)
    last = fields.Integer(allow_none=True)


class Count(Order):
    """Add one to a counter."""

    answer = CountAnswer
    counter = fields.String(required=True)


class Handled(Query):
    """How many events were handled since the process started, and when the first and the last."""

    answer = HandledAnswer


class TermStarted(Event):
    """A counter was added to."""

    counter = fields.String(required=True)


class ConsultationOpened(Event):
    """The other half took note."""

    counter = fields.String(required=True)


contract = Contract("chairs", __name__)
heard = Contract("workplan", __name__)
TermStarted.producer = Count.producer = "chairs"
ConsultationOpened.producer = Handled.producer = "workplan"


@dataclass
class Counter(Aggregate):
    """A sum."""

    total: int = 0

    def add(self, fact: str, counter: str, at) -> None:
        self.total += 1
        self.happen(fact, at, counter=counter)


class CounterDocument(AggregateDocument):
    meta = {"collection": "counters"}


class EchoDocument(AggregateDocument):
    meta = {"collection": "echoes"}


counters = Aggregates(CounterDocument, Counter, kind="counter", contract=contract, remember=512)
echoes = Aggregates(EchoDocument, Counter, kind="echo", contract=heard, remember=512)

handled: list[int] = []

if os.environ.get("PAIR") == "chairs":

    class Counters(Commands):
        name = "chairs"
        aggregates = (counters,)
        rights = Rights(count=EVERYONES)

        @command(Count)
        def count(self, order):
            counters.change(order.counter, order, lambda c: c.add("term_started", order.counter, order.at), new=Counter)
            return {"committed": time.time_ns()}


if os.environ.get("PAIR") == "workplan":

    class Echoes(Commands):
        name = "workplan"
        aggregates = (echoes,)
        rights = Rights(handled=EVERYONES)

        @query(Handled)
        def handled(self, order):
            return {"count": len(handled), "first": handled[0] if handled else None, "last": handled[-1] if handled else None}

    class EchoesEvents(Subscriptions):
        name = "workplan.events"

        @subscribe(TermStarted)
        def counted(self, event):
            echoes.change(event.counter, event, lambda e: e.add("consultation_opened", event.counter, event.at), new=Counter)
            handled.append(time.time_ns())
