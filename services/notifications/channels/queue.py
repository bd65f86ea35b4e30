"""A subscriber's own queue on the broker: durable, replicated, bounded.

A full queue refuses, so that nothing unread is dropped to make room: the delivery waits for its next attempt, and the
board says why.
"""

import json

from messaging.wire import BROKER_ERRORS, NotConfirmed, Outgoing, Publisher, connect, drop
from services.kernel import Refusal
from services.notifications.channels import Parcel, Undelivered, notice

LONGEST = 10_000
"""Unread messages a subscriber's queue holds before it refuses more."""

ARGUMENTS = {"x-queue-type": "quorum", "x-max-length": LONGEST, "x-overflow": "reject-publish"}

PATIENCE_SECONDS = 10.0


def declare(uri: str, queue: str) -> None:
    """Make a subscriber's queue on the broker, if it is not there. Raises Refusal(unavailable) when the broker does not let us."""
    connection = None
    try:
        connection = connect(uri)
        connection.default_channel.queue_declare(queue, durable=True, auto_delete=False, arguments=ARGUMENTS)
    except BROKER_ERRORS as error:
        raise Refusal("unavailable", "The broker did not make the queue; try again in a moment.", rule="broker") from error
    finally:
        drop(connection)


class QueueChannel:
    """Sends many at once, pipelined under publisher confirms, over one connection. Not for several threads."""

    def __init__(self, uri: str) -> None:
        self.uri = uri
        self._publisher = Publisher(uri)

    def send(self, parcels: list[Parcel]) -> list[Undelivered | None]:
        """Publish all, each under its delivery's id; for each None, or why not."""
        try:
            outcome = self._publisher.publish([_outgoing(parcel) for parcel in parcels], timeout=PATIENCE_SECONDS)
        except NotConfirmed as error:
            return [Undelivered(f"The broker did not confirm: {error}")] * len(parcels)
        return [None if safe else self._refused(parcel.target) for parcel, safe in zip(parcels, outcome, strict=True)]

    def close(self) -> None:
        self._publisher.close()

    def _refused(self, queue: str) -> Undelivered:
        """The queue is full, or someone removed it: then it is made again, for the next attempt."""
        try:
            declare(self.uri, queue)
        except Refusal as refusal:
            return Undelivered(refusal.detail)
        return Undelivered(f"The queue took no more: it holds {LONGEST} unread messages, or was missing.")


def _outgoing(parcel: Parcel) -> Outgoing:
    assert parcel.told is not None  # a queue is confirmed by being fetched, never by a message
    body = notice(parcel.told)
    return Outgoing(key=parcel.target, body=json.dumps(body, ensure_ascii=False).encode(), id=parcel.id, type=body["type"])
