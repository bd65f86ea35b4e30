"""Streams of events (``text/event-stream``, WHATWG HTML) that cost no request its place.

A stream begins as any request: authenticated, authorized, answered by its service. What is left to do, to wait and now and then to
write a line, needs no thread: ``gateway.worker`` gives the connection out of gunicorn's hands, ``wire`` writes to all of them from
one thread, and ``watch`` asks, for each, what came since, when it has overheard that something did.
"""

from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response

from gateway.asking import Asks
from gateway.live.events import told
from gateway.live.watch import Watch
from gateway.live.wire import EventStream, Wire
from messaging.context import Order
from messaging.hearing import Ear
from services.kernel.refusal import Refusal

MOST_STREAMS = 400
"""Open at once in one process: each holds a file descriptor, and with each the asking after an event takes longer."""

MOST_OF_ONE = 12
"""Open at once of one person, in one process: pages in tabs, and a forgotten program."""

COME_BACK_SECONDS = 3
"""After how long a browser whose stream ended asks for the next."""


class Live:
    """Opens streams, and closes them all. ``services`` are asked, ``amqp_uri`` is where their events are overheard."""

    def __init__(self, services: Asks, amqp_uri: str) -> None:
        self.wire = Wire()
        self.watch = Watch(services)
        self.ear = Ear(amqp_uri, "notifications", self.watch.heard)
        self.watch.ear = self.ear

    def install(self, app: Flask) -> None:
        """Have the worker that serves the application know what to close when it stops."""
        app.extensions["live"] = self

    def open(
        self,
        question: tuple[str, str],
        payload: Mapping[str, Any],
        answer: Mapping[str, Any],
        order: Order,
        stand: Callable[[], None],
        *,
        named: bool,
    ) -> Response:
        """The beginning of a stream: what the question was answered just now, when ``since`` was asked, and from there on what it is
        answered later. ``stand``: refuses once who asks may no longer, which ends it. ``named``: the caller named the instant, as of which
        it is asked from then on too. Raises Refusal."""
        person = order.by.person
        if self.watch.count() >= MOST_STREAMS or self.watch.count(person) >= MOST_OF_ONE:
            raise Refusal("too_many", "Too many streams are open.", rule="streams", extra={"retry_after": 10 * COME_BACK_SECONDS})
        opening = f"retry: {COME_BACK_SECONDS * 1000}\n\n".encode()
        opening += told(answer) if payload["since"] is not None else told({**answer, "items": []})
        more = payload["since"] is not None and answer["next"] is not None

        def take(socket: Any, head: bytes) -> None:
            self.ear.start()
            stream = self.wire.open(socket, head + opening)
            self.watch.follow(stream, question, payload, order, answer["position"], stand, named=named, more=more)

        return EventStream(opening, take)

    def close(self) -> None:
        """End every stream; the browsers come back, to whoever serves then."""
        self.ear.stop()
        self.watch.stop()
        self.wire.stop()
