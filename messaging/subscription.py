"""The way in: ``@subscribe`` on a service's own quorum queue.

A handler makes one change of one aggregate with the event as its cause; the message is acknowledged
after the write, never before. A handler that fails sees the event again after a growing delay, and
after the last attempt it lies in the dead-letter queue with its error, to be seen and sent again
(``icat letters``). So does a body that cannot be read, or a version nobody here knows.
"""

import json
import logging
import traceback
from functools import partial
from typing import Any

from eventlet.semaphore import Semaphore
from nameko.exceptions import ContainerBeingKilled
from nameko.extensions import Entrypoint, ProviderCollector

from contracts.base import Event
from contracts.envelope import is_genuine, open_envelope
from messaging import topology
from messaging.context import Arrived, arrived_from
from messaging.listening import Listener
from messaging.wire import NotConfirmed, Outgoing, Publisher
from services.kernel.refusal import Refusal

log = logging.getLogger(__name__)

ATTEMPT = "x-icat-attempt"
ERROR = "x-icat-error"
TRACE = "x-icat-traceback"


class Unreadable(Exception):
    """A message that no attempt will make readable."""


class EventListener(Listener, ProviderCollector):
    """The service's events queue, shared by all its subscriptions."""

    def setup(self) -> None:
        super().setup()
        self.publisher = Publisher(self.settings.amqp_uri)
        self._publishing = Semaphore()

    @property
    def service(self) -> str:
        return self.container.service_name.removesuffix(".events")

    @property
    def queue_name(self) -> str:
        return topology.events_queue(self.service)

    def stop(self) -> None:
        super().stop()
        self.publisher.close()

    def on_message(self, message: Any) -> None:
        try:
            provider, event = self._read(message)
        except Unreadable as error:
            self._lay_aside(message, error, final=True)
            return
        try:
            self.container.spawn_worker(provider, (event,), {}, handle_result=partial(self._handled, message))
        except ContainerBeingKilled:
            self.reject(message, requeue=True)

    def _read(self, message: Any) -> tuple["Subscription", Arrived]:
        try:
            body = message.body
            raw = json.loads(body if isinstance(body, str) else bytes(body).decode("utf-8"))
            envelope = open_envelope(raw)
        except Exception as error:  # whatever it is, it may not take the consumer down with it
            raise Unreadable(f"not a CloudEvent of ours: {error}") from error
        if not is_genuine(raw):
            raise Unreadable("its digest does not fit its content")
        for provider in self._providers:
            if provider.event.type() == envelope["type"]:
                try:
                    return provider, arrived_from(envelope, provider.event.read(envelope["data"]))
                except Exception as error:
                    raise Unreadable(f"breaks the contract of {envelope['type']}: {error}") from error
        raise Unreadable(f"{envelope['type']} is of a type or version unknown here")

    def _handled(self, message: Any, worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
        if exc_info is None:
            self.ack(message)
        else:
            self._lay_aside(message, exc_info[1], final=False)
        return result, exc_info

    def _lay_aside(self, message: Any, error: BaseException, *, final: bool) -> None:
        """Send a copy to wait, or to the dead letters; only then acknowledge the original."""
        headers = dict(message.headers or {})
        attempt = int(headers.get(ATTEMPT) or 0) + 1
        dead = final or attempt >= topology.ATTEMPTS
        queue = topology.dead_queue(self.service) if dead else topology.retry_queue(self.service, attempt)
        headers |= {
            ATTEMPT: attempt,
            ERROR: f"{type(error).__name__}: {error}"[:1000],
            TRACE: "".join(traceback.format_exception(error))[-4000:],
        }
        log.log(
            logging.ERROR if dead else logging.WARNING,
            "%s: %s after attempt %s: %s",
            message.properties.get("message_id"),
            "dead letter" if dead else "to be tried again",
            attempt,
            headers[ERROR],
        )
        body = message.body
        copy = Outgoing(
            key=queue,
            body=body.encode() if isinstance(body, str) else bytes(body),
            id=message.properties.get("message_id", ""),
            content_type=message.properties.get("content_type", "application/octet-stream"),
            type=message.properties.get("type", ""),
            headers=headers,
        )
        try:
            with self._publishing:
                (safe,) = self.publisher.publish([copy])
        except NotConfirmed:
            safe = False
        if safe:
            self.ack(message)
        else:
            # The copy may or may not be there; the original stays, and handlers bear seeing both.
            self.reject(message, requeue=True)


class Subscription(Entrypoint):
    """``@subscribe(contracts.documents.Published)``: the method is called with the event that arrived."""

    listener = EventListener()

    def __init__(self, event: type[Event], **kwargs: Any) -> None:
        self.event = event
        super().__init__(expected_exceptions=(Refusal,), **kwargs)

    def setup(self) -> None:
        self.listener.register_provider(self)

    def stop(self) -> None:
        self.listener.quit()


subscribe = Subscription.decorator
