"""Overhearing: what a process is told of a producer's events while it runs, and no longer.

A subscription (``subscription``) loses nothing; an ear may. It hears from a queue of its own, which goes with its connection, so
whoever uses one has another way to learn of what it missed: it is told when hearing begins anew. For real threads.
"""

import json
import logging
import random
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from messaging import topology
from messaging.wire import BROKER_ERRORS, HEARTBEAT_SECONDS, connect, drop

log = logging.getLogger(__name__)

MOST_WAITING = 1_000
"""Events that wait unheard at most; more push out the oldest."""

LONGEST_PAUSE_SECONDS = 30.0


class Ear:
    """Calls ``heard`` with the data of each event of ``producer``, from a thread of its own; and with nothing each time that hearing
    begins, since something may have been missed before."""

    def __init__(self, uri: str, producer: str, heard: Callable[[Mapping[str, Any]], None]) -> None:
        self.uri = uri
        self.producer = producer
        self.heard = heard
        self.hears = False
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        """Begin to hear; once is enough."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name=f"ear-{self.producer}", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Hear no more; returns at once."""
        self._stopped.set()

    def _run(self) -> None:
        pause = 0.2
        while not self._stopped.is_set():
            connection = None
            try:
                connection = connect(self.uri, heartbeat=HEARTBEAT_SECONDS)
                self._listen(connection)
                pause = 0.2
                while not self._stopped.is_set():
                    with suppress(TimeoutError):
                        connection.drain_events(timeout=1)
                    connection.heartbeat_tick(rate=2)
            except BROKER_ERRORS as error:
                log.warning("the events of %s are not heard now, trying again: %s: %s", self.producer, type(error).__name__, error)
            finally:
                self.hears = False
                drop(connection)
            self._stopped.wait(pause + random.uniform(0, pause))
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _listen(self, connection: Any) -> None:
        channel, queue = connection.channel(), topology.ear_queue()
        channel.queue_declare(queue, exclusive=True, auto_delete=True, arguments={"x-max-length": MOST_WAITING})
        channel.queue_bind(queue, topology.exchange(self.producer).name, "#")
        channel.basic_consume(queue, no_ack=True, callback=self._take)
        self.hears = True
        log.info("the events of %s are heard", self.producer)
        self.heard({})

    def _take(self, message: Any) -> None:
        try:
            data = json.loads(message.body)["data"]
        except (ValueError, KeyError, TypeError):
            data = {}
        self.heard(data if isinstance(data, dict) else {})
