"""Asking: a pool of clients for commands and queries, usable from real threads.

Asks over direct reply-to: no reply queue to declare, and a third of the time of nameko's own proxy
(benchmarks/). Requests expire with the caller's patience. A command that is lost, or whose answer
is, may be asked again: its cause makes it happen once.
"""

import json
import queue
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from contracts.problems import refusal_of
from messaging import topology
from messaging.context import HEADER, Cause, dump_context
from messaging.wire import BROKER_ERRORS, Outgoing, connect, deadline, drop, send
from services.kernel.refusal import Refusal

IDLE_SECONDS = 1.0
"""After which a connection is looked at before it is used: it may have died meanwhile."""


class Client:
    """One connection that asks one thing at a time."""

    def __init__(self, uri: str) -> None:
        self.connection = connect(uri)
        channel: Any = self.connection.channel()
        self.channel = channel
        self._replies: dict[str, bytes] = {}
        self._unroutable: set[str] = set()
        self._used_at = time.monotonic()
        channel.basic_consume(topology.DIRECT_REPLY, consumer_tag="", no_ack=True, callback=self._replied)
        channel.events["basic_return"].add(lambda _e, _x, _k, m: self._unroutable.add(m.properties.get("correlation_id")))

    def _replied(self, message: Any) -> None:
        self._replies[message.properties.get("correlation_id")] = message.body

    def ask(self, service: str, name: str, payload: dict[str, Any], context: str, until: float) -> dict[str, Any]:
        """The decoded reply. Raises Refusal(unavailable) when nobody serves, TimeoutError, or one of BROKER_ERRORS."""
        if time.monotonic() - self._used_at > IDLE_SECONDS:
            with suppress(socket.timeout, TimeoutError):
                self.connection.drain_events(timeout=0.0001)
        correlation = uuid.uuid4().hex
        patience = until - time.monotonic()
        if patience <= 0:
            raise TimeoutError
        request = Outgoing(
            f"{service}.{name}",
            json.dumps({"args": [], "kwargs": payload}, ensure_ascii=False).encode(),
            exchange=topology.RPC.name,
            headers={HEADER: context},
            passing=True,
            correlation=correlation,
            reply_to=topology.DIRECT_REPLY,
            expiration=str(max(int(patience * 1000), 1)),
        )
        with deadline(patience):
            send(self.channel, request)
        while correlation not in self._replies:
            if correlation in self._unroutable:
                self._unroutable.clear()
                raise Refusal("unavailable", f"The {service} service is not there.", rule="service-away")
            left = until - time.monotonic()
            if left <= 0:
                raise TimeoutError
            self.connection.drain_events(timeout=left)
        self._used_at = time.monotonic()
        return json.loads(self._replies.pop(correlation))

    def close(self) -> None:
        drop(self.connection)


class Pool:
    """Clients for many threads: checked out exclusively, made when needed, kept after a refusal,
    thrown away after anything else (a failed one leaves a late reply behind)."""

    def __init__(self, uri: str, size: int = 16, timeout: float = 10.0) -> None:
        self.uri, self.size, self.timeout = uri, size, timeout
        self._idle: queue.LifoQueue[Client] = queue.LifoQueue()
        self._places = queue.Queue[None](size)
        for _ in range(size):
            self._places.put(None)

    def call(self, service: str, name: str, payload: dict[str, Any], cause: Cause, timeout: float | None = None) -> Any:
        """Ask, and return the answer as JSON.

        Raises Refusal: the service's own; ``unavailable`` when nobody serves or the broker is away;
        ``timed_out`` when no answer came in time: the command may still be carried out, and asking again
        with the same cause is safe.
        """
        until = time.monotonic() + (timeout or self.timeout)
        context = dump_context(cause)
        lost = False
        while True:
            try:
                with self._client(until) as client:
                    reply = client.ask(service, name, payload, context, until)
                break
            except TimeoutError:
                raise Refusal("timed_out", f"The {service} service did not answer in time.", rule="answer-in-time") from None
            except BROKER_ERRORS as error:
                # Asked again once, on a fresh connection: the cause makes a second asking harmless. What killed
                # one connection has most likely killed the idle ones too.
                self._drop_idle()
                if lost:
                    raise Refusal("unavailable", "The message broker is away; try again in a moment.", rule="broker") from error
                lost = True
        if reply["error"] is not None:
            document = reply["error"].get("problem")
            raise refusal_of(document) if document else Refusal("internal", "Something failed on our side.", rule="internal")
        return reply["result"]

    @contextmanager
    def _client(self, until: float) -> Iterator[Client]:
        try:
            self._places.get(timeout=max(until - time.monotonic(), 0.001))
        except queue.Empty:
            raise Refusal("unavailable", "Too many requests wait already.", rule="pool") from None
        client = None
        try:
            try:
                client = self._idle.get_nowait()
            except queue.Empty:
                client = Client(self.uri)
            yield client
        except Refusal:
            self._idle.put(client)  # type: ignore[arg-type]
            raise
        except BaseException:
            if client is not None:
                client.close()
            raise
        else:
            self._idle.put(client)
        finally:
            self._places.put(None)

    def close(self) -> None:
        self._drop_idle()

    def _drop_idle(self) -> None:
        with suppress(queue.Empty):
            while True:
                self._idle.get_nowait().close()
