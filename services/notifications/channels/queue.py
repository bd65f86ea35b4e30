"""A subscriber's own queue on the broker: durable, bounded, and not replicated.

A full queue refuses, so that nothing unread is dropped to make room: the delivery waits for its next attempt, and the
board says why. It ends with its subscription; what was unread in it is to be had by number.

It is a classic queue and no quorum queue. Measured on one node of RabbitMQ 3.10 (two busy cores): 10,000 classic queues were declared at 88
a second, took 300 MB (470 more with three messages of 2 kB in each), and a message to each was taken at 380 to 730 a second; of quorum
queues, each a group of processes with a log, the same node stopped making any after 3,140, in two minutes. What replication would buy is
little here: every matter is kept in the store and to be had by number, so a queue may be lost with its node, comes back with the next
notice, and its reader resumes. Reckon with 80 kB of the broker's memory for each.
"""

from collections.abc import Callable, Collection, Iterable

from messaging.wire import BROKER_ERRORS, NotConfirmed, Outgoing, Publisher, connect, drop
from services.kernel import Refusal
from services.notifications.channels import Parcel, Undelivered, body_of
from services.notifications.rules import reasons
from services.notifications.rules.queues import LONGEST
from services.notifications.rules.reasons import Why

ARGUMENTS = {"x-queue-type": "classic", "x-max-length": LONGEST, "x-overflow": "reject-publish"}

PATIENCE_SECONDS = 10.0

NOT_FOUND = 404
"""What a broker answers who is asked for a queue that is not there."""


def declare(uri: str, queues: list[str]) -> None:
    """Make subscribers' queues on the broker where they are not there. Raises Refusal(unavailable) when the broker is away, or
    does not let us make one of them; the others are made all the same."""
    connection, failed = None, 0
    try:
        connection = connect(uri)
        for queue in queues:
            try:
                with connection.channel() as channel:
                    channel.queue_declare(queue, durable=True, auto_delete=False, arguments=ARGUMENTS)
            except BROKER_ERRORS:
                failed += 1
    except BROKER_ERRORS:
        failed = len(queues)
    finally:
        drop(connection)
    if failed:
        raise Refusal("unavailable", "The broker did not make the queue; try again in a moment.", rule="broker")


def depths(uri: str, queues: Iterable[str]) -> dict[str, tuple[int, int]]:
    """How many messages wait in each of these queues, and how many readers it has; of those alone that are there. Raises
    Refusal(unavailable) when the broker is away."""
    connection, found = None, {}
    try:
        connection = connect(uri)
        for queue in queues:
            try:
                with connection.channel() as channel:  # one each: asking for a queue that is missing ends it
                    said = channel.queue_declare(queue, passive=True)
                    found[queue] = (said.message_count, said.consumer_count)
            except BROKER_ERRORS as error:
                if getattr(error, "code", None) != NOT_FOUND:
                    raise
    except BROKER_ERRORS as error:
        raise Refusal("unavailable", "The broker did not say how much is in the queues.", rule="broker") from error
    finally:
        drop(connection)
    return found


def remove(uri: str, queue: str) -> None:
    """Take away the queue of a subscription that ended, with what is unread in it; a second time changes nothing. Raises
    Refusal(unavailable) when the broker is away or does not let us."""
    connection = None
    try:
        connection = connect(uri)
        connection.channel().queue_delete(queue)
    except BROKER_ERRORS as error:
        raise Refusal("unavailable", "The broker did not remove the queue; try again in a moment.", rule="broker") from error
    finally:
        drop(connection)


class QueueChannel:
    """Sends many at once, pipelined under publisher confirms, over a connection for each green thread that sends. ``going``: which of
    these queues belong to a subscription that goes on, asked when one may have to be made again."""

    def __init__(self, uri: str, going: Callable[[Collection[str]], Collection[str]]) -> None:
        self.uri = uri
        self._going = going
        self._idle: list[Publisher] = []

    def send(self, parcels: list[Parcel]) -> list[Undelivered | None]:
        """Publish all, each under its delivery's id; for each None, or why not."""
        publisher = self._idle.pop() if self._idle else Publisher(self.uri)
        try:
            outcome = publisher.publish([_outgoing(parcel) for parcel in parcels], timeout=PATIENCE_SECONDS)
        except NotConfirmed as error:
            return [Undelivered(Why(reasons.NOT_CONFIRMED, quoted=str(error)))] * len(parcels)
        finally:
            self._idle.append(publisher)
        refused = [parcel.target for parcel, safe in zip(parcels, outcome, strict=True) if not safe]
        why_not = self._make_again(refused) if refused else None
        return [None if safe else why_not for safe in outcome]

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()

    def _make_again(self, queues: list[str]) -> Undelivered:
        """A queue that refused is full, or someone removed it: then it is there again for the next attempt. That of a subscription which
        ended since its messages were read is not: it is asked after once more, since its end may have come before the queue did."""
        try:
            if made := list(self._going(queues)):
                declare(self.uri, made)
                for queue in set(made).difference(self._going(made)):
                    remove(self.uri, queue)
        except Refusal:
            return Undelivered(Why(reasons.NO_QUEUE))
        return Undelivered(Why(reasons.QUEUE_REFUSED, {"longest": LONGEST}))


def _outgoing(parcel: Parcel) -> Outgoing:
    assert parcel.told is not None  # a queue is confirmed by being fetched, never by a message
    type, body = body_of(parcel.told)
    return Outgoing(key=parcel.target, body=body, id=parcel.id, type=type)
