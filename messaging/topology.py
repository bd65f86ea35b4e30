"""Every exchange and queue of the platform, from the one table of subscriptions.

| name | kind | for |
|---|---|---|
| ``icat.<producer>`` | topic exchange | its events, by routing key |
| ``<service>.events`` | quorum queue | what the service subscribes to |
| ``<service>.events.retry.<seconds>`` | quorum queue with time to live | a failed event waits here, then comes back |
| ``<service>.events.dead`` | queue | dead letters: what no retry could help |
| ``<service>.events.dropped`` | queue | dead letters a person dropped, with the reason; kept |
| ``rpc-<service>`` | queue on exchange ``nameko-rpc`` | commands and queries |
| ``ear.<id>`` | exclusive queue, gone with its connection | what a process overhears while it runs (``hearing``) |

Declared whole by every process before it publishes: an event sent before its consumer's queue
exists would be lost. ``python -m messaging.topology`` prints it as RabbitMQ definitions, for brokers
where services may not configure.
"""

import contextlib
import json
import sys
import uuid
from collections.abc import Iterator
from typing import Any

import amqp
from kombu import Exchange, Queue, binding

from contracts.subscriptions import FORMER, PRODUCERS, SUBSCRIPTIONS

DELIVERY_LIMIT = 20
"""Deliveries before the broker itself dead-letters: a consumer's crashes count as deliveries, so never low."""

RETRY_SECONDS = (1, 5, 30, 120, 600)
"""Growing delays between attempts; the last one repeats."""

ATTEMPTS = 10
"""Attempts of one event before it becomes a dead letter: about 45 minutes in all."""

DIRECT_REPLY = "amq.rabbitmq.reply-to"
"""RabbitMQ's pseudo-queue by which an answer goes straight to who asked."""

EARS = r"ear\..*"
"""Names of the queues that ears make for themselves, as a pattern of rights."""

RPC = Exchange("nameko-rpc", type="topic", durable=True)


def exchange(producer: str) -> Exchange:
    return Exchange(f"icat.{producer}", type="topic", durable=True)


def events_queue(service: str) -> str:
    return f"{service}.events"


def retry_queue(service: str, attempt: int) -> str:
    """Where an event waits after its n-th failed attempt (from 1)."""
    return f"{events_queue(service)}.retry.{RETRY_SECONDS[min(attempt, len(RETRY_SECONDS)) - 1]}"


def dead_queue(service: str) -> str:
    return f"{events_queue(service)}.dead"


def dropped_queue(service: str) -> str:
    return f"{events_queue(service)}.dropped"


def rpc_queue(service: str) -> str:
    return f"rpc-{service}"


def _safe(to: str, **more) -> dict:
    """Arguments of a quorum queue that never loses: what leaves it goes to another queue, at least once."""
    return {
        "x-queue-type": "quorum",
        "x-dead-letter-exchange": "",
        "x-dead-letter-routing-key": to,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
        **more,
    }


def ear_queue() -> str:
    """A new name for a queue that one process hears from while it runs."""
    return f"ear.{uuid.uuid4().hex}"


def queues() -> list[Queue]:
    """Every queue, with its bindings."""
    made = []
    for service, keys in SUBSCRIPTIONS.items():
        main, dead = events_queue(service), dead_queue(service)
        made.append(Queue(dead, durable=True))
        made.append(Queue(dropped_queue(service), durable=True))
        made.extend(
            Queue(f"{main}.retry.{seconds}", durable=True, queue_arguments=_safe(main, **{"x-message-ttl": seconds * 1000}))
            for seconds in RETRY_SECONDS
        )
        made.append(
            Queue(
                main,
                durable=True,
                queue_arguments=_safe(dead, **{"x-delivery-limit": DELIVERY_LIMIT}),
                bindings=[_binding(key) for key in keys],
            )
        )
        made.append(_commands_queue(service))
    return made


def _binding(key: str) -> binding:
    return binding(exchange(key.split(".", 1)[0]), routing_key=key)


def _commands_queue(service: str) -> Queue:
    return Queue(rpc_queue(service), RPC, routing_key=f"{service}.*", durable=True)


@contextlib.contextmanager
def _channel(connection: amqp.Connection) -> Iterator[Any]:
    """A channel that is closed when all went well. When it did not, the broker may never answer to its closing either, and whoever
    cannot declare drops the connection with everything in it."""
    channel = connection.channel()
    yield channel
    channel.close()


def declare_commands(connection: amqp.Connection, service: str) -> None:
    """Declare what a service needs to be asked, and nothing else: a queue of events that the broker has lost
    (RabbitMQ forgets a quorum queue that is killed within a second of its making) must not silence commands."""
    with _channel(connection) as channel:
        _commands_queue(service)(channel).declare()


def declare(connection: amqp.Connection) -> None:
    """Declare everything, and take back what is heard no more, idempotently. Raises amqp errors when the broker refuses."""
    with _channel(connection) as channel:
        for producer in PRODUCERS:
            exchange(producer)(channel).declare()
        for queue in queues():
            queue(channel).declare()
        for service, keys in FORMER.items():
            for key in keys:
                channel.queue_unbind(events_queue(service), exchange(key.split(".", 1)[0]).name, key)


def _arguments(queue: Queue) -> dict:
    return getattr(queue, "queue_arguments", None) or {}


def definitions() -> dict:
    """The topology as RabbitMQ definitions (for ``rabbitmqctl import_definitions``), vhost ``/``."""
    bindings: list[dict] = []
    for queue in queues():
        pairs = [(b.exchange.name, b.routing_key) for b in queue.bindings]
        if queue.exchange and queue.exchange.name:
            pairs.append((queue.exchange.name, queue.routing_key))
        bindings.extend(
            {
                "source": source,
                "vhost": "/",
                "destination": queue.name,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for source, key in pairs
        )
    return {
        "exchanges": [
            {"name": e.name, "vhost": "/", "type": e.type, "durable": True, "auto_delete": False, "internal": False, "arguments": {}}
            for e in [RPC, *(exchange(p) for p in PRODUCERS)]
        ],
        "queues": [{"name": q.name, "vhost": "/", "durable": True, "auto_delete": False, "arguments": _arguments(q)} for q in queues()],
        "bindings": bindings,
    }


if __name__ == "__main__":
    json.dump(definitions(), sys.stdout, indent=2)
    print()
