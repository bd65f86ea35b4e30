"""Consuming that comes back by itself: one connection of a nameko container, and the loop that serves it.

The loop never dies of the broker: away at boot, killed, or black-holed (heartbeats unanswered), the
connection is dropped, not closed politely, and opened anew. Acknowledgements come from worker
threads; writing is serialized, and one for a connection that is gone is passed over, since the
broker delivers that message again.
"""

import contextlib
import logging
import random
import socket
from collections.abc import Callable
from typing import Any

import amqp
import eventlet
from eventlet.semaphore import Semaphore
from nameko.extensions import SharedExtension

from messaging import topology
from messaging.settings import Settings
from messaging.wire import BROKER_ERRORS, DECLARE_SECONDS, HEARTBEAT_SECONDS, WRITE_SECONDS, connect, deadline, drop

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
"""The longest pause between two attempts to reach the broker, which chance may double. Nobody is served meanwhile, so it is short."""


class Listener(SharedExtension):
    """Serves one queue. Subclasses name it (``queue_name``) and take its messages (``on_message``,
    given a py-amqp message; it must return quickly, spawning a worker)."""

    def setup(self) -> None:
        self.settings: Settings = self.container.config["settings"]
        self.prefetch: int = self.container.max_workers
        self.connection: amqp.Connection | None = None
        self.channel: Any = None
        self._writing = Semaphore()
        self._stopping = False
        self._thread: Any = None

    @property
    def queue_name(self) -> str:
        raise NotImplementedError

    def on_message(self, message: Any) -> None:
        raise NotImplementedError

    def declare(self, connection: amqp.Connection) -> None:
        """Make sure that the queue is there; by default with the whole topology."""
        topology.declare(connection)

    @property
    def is_connected(self) -> bool:
        return self.channel is not None

    def start(self) -> None:
        if self._thread is None:
            self._thread = self.container.spawn_managed_thread(self._run)

    def quit(self) -> None:
        """Take no more messages; those being worked on can still be acknowledged."""
        self._stopping = True
        channel = self.channel
        if channel is not None:
            with contextlib.suppress(*BROKER_ERRORS), self._writing, deadline(WRITE_SECONDS):
                channel.basic_cancel(self.queue_name, nowait=True)

    def stop(self) -> None:
        self._stopping = True
        drop(self.connection)
        self.connection = self.channel = None

    def write(self, channel: Any, what: Callable[[], Any]) -> bool:
        """Do ``what`` (an answer, an acknowledgement) on the channel a message came by; False when it is
        gone. A write that failed may have left half a frame, so its connection is dropped."""
        if channel is not self.channel:
            return False
        try:
            with deadline(WRITE_SECONDS), self._writing:
                what()
        except BROKER_ERRORS as error:
            log.warning("%s: not acknowledged, will be delivered again: %s", self.queue_name, error)
            drop(self.connection)
            return False
        return True

    def ack(self, message: Any) -> bool:
        return self.write(message.channel, lambda: message.channel.basic_ack(message.delivery_tag))

    def reject(self, message: Any, *, requeue: bool) -> bool:
        return self.write(message.channel, lambda: message.channel.basic_reject(message.delivery_tag, requeue))

    def _run(self) -> None:
        pause = 0.2
        while not self._stopping:
            try:
                self._open()
                pause = 0.2
                while not self._stopping or self.container._worker_threads:
                    with contextlib.suppress(socket.timeout, TimeoutError):
                        self.connection.drain_events(timeout=1)  # type: ignore[union-attr]
                    with self._writing, deadline(WRITE_SECONDS):
                        self.connection.heartbeat_tick(rate=2)  # type: ignore[union-attr]
            except BROKER_ERRORS as error:
                if self._stopping:
                    return
                log.warning("%s: the broker is away, trying again: %s: %s", self.queue_name, type(error).__name__, error)
            drop(self.connection)
            self.connection = self.channel = None
            eventlet.sleep(pause + random.uniform(0, pause))
            pause = min(pause * 2, PAUSE_SECONDS)

    def _open(self) -> None:
        connection = connect(self.settings.amqp_uri, heartbeat=HEARTBEAT_SECONDS)
        self.connection = connection
        with deadline(DECLARE_SECONDS):
            if self.settings.declares:
                self.declare(connection)
            self.channel = channel = connection.channel()  # before consuming: messages may come with its answer
            channel.basic_qos(0, self.prefetch, False)
            channel.basic_consume(self.queue_name, consumer_tag=self.queue_name, no_ack=False, callback=self.on_message)
        log.info("%s: listening", self.queue_name)
