"""What the orders and questions of this service share."""

import contextlib
import functools
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from messaging.context import Arrived, Order
from messaging.settings import setting
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.channels.management import QueueUsers, vhost_of, with_user
from services.notifications.channels.queue import declare, remove
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.rules.subscribers import AMQP, CONFIRMED
from services.notifications.store import askings, composition, keys, subscribers, suppressions, topics


def announce(matter: rules.Matter | None, event: Arrived) -> None:
    """Have the matter's topic number it, once for this event; nothing where there is nothing to tell."""
    if matter is None:
        return
    topics.change(matter.topic, event, lambda topic: topic.announce(matter, event.at), new=lambda: rules.Topic(matter.topic))


def chairs_at(at: datetime) -> list[str]:
    """Who chairs the Group as of an instant, by what is known here of the Group."""
    return composition.value().chairs(at)


def is_inside(ask: Order) -> bool:
    """Whether who asks belongs to the Group as of now. The secretariat does, whatever is known here of the others."""
    return ask.by.is_secretariat or ask.by.is_system or (ask.by.in_the_group and composition.value().is_inside(ask.by, ask.at))


def visible(ask: Order) -> str | None:
    """The code of the subscriber whose deliveries are asked for and may be seen; None, for all, to the secretariat."""
    code = rules.whose(ask.by, ask.subscriber)
    if code is not None:
        RIGHTS.must("deliveries", who(ask.by, subscribers.load(code).aggregate))
    return code


def ask_by_mail(id: str, address: str, at: datetime, field: str = "target") -> None:
    """Have one more mail ask an address, once by the ``id`` of the asking. Raises Refusal(conflict) for one that takes no mail, or was
    asked often enough."""
    suppressions.must_take(address, field)
    askings.note(id, address, at, field)


@contextlib.contextmanager
def nothing_kept_if_refused(secret: Mapping[str, Any]) -> Iterator[None]:
    """Forget the secrets of a subscription that was not to be, and that its owner would have been asked."""
    try:
        yield
    except Refusal:
        keys.forget(secret)
        askings.forget(secret["_id"])
        raise


def must_offer(channel: str) -> None:
    """Raises Refusal(unavailable) for a channel that this platform has not been set up for."""
    if channel == AMQP and (queue_users() is None or not setting("ICAT_MISSION_AMQP_URI")):
        raise Refusal(
            "unavailable",
            "This platform offers no queues: it has not been told where missions reach its broker (ICAT_MISSION_AMQP_URI), "
            "or may make no users there (ICAT_BROKER_MANAGEMENT_URL).",
            rule="no-queues",
            accepted="a subscription on another channel",
        )


@functools.cache
def queue_users() -> QueueUsers | None:
    """Who makes the users of subscribers' queues; None where the platform may make none."""
    url = setting("ICAT_BROKER_MANAGEMENT_URL")
    return QueueUsers(url, vhost_of(setting("AMQP_URI"))) if url else None


def open_queue(queue: str, password: str) -> dict[str, str]:
    """Let who has this password, and nobody who had an earlier one, read a queue that is there: its credentials, as its owner is told
    them (contracts.notifications.QueueCredentials). Raises Refusal(unavailable)."""
    must_offer(AMQP)
    declare(setting("AMQP_URI"), [queue])
    queue_users().grant(queue, password)  # type: ignore[union-attr]  # must_offer has seen it
    return {"uri": with_user(setting("ICAT_MISSION_AMQP_URI"), queue, password), "queue": queue}


def close_if_over(subscription: rules.Subscription, order: str) -> None:
    """Close the queue that was opened by an order, if its subscription, as it stands by now, is no longer to be read by that order's
    credentials: what ended it meanwhile may have come before there was anything to remove. Raises Refusal then."""
    try:
        subscription.must_be_told_to(order)
    except Refusal:
        remove_user(subscription.target) if subscription.state == CONFIRMED else close_queue(subscription.target)
        raise


def put_readers_out(subscription: rules.Subscription) -> None:
    """Where its secret is replaced, nobody reads a queue before its owner fetches the new credentials; what is in it stays. Where the
    broker puts nobody out, nothing is replaced, and one may order it anew. Raises Refusal(unavailable) then."""
    if subscription.channel == AMQP:
        remove_user(subscription.target)


def remove_user(queue: str) -> None:
    """Take away the user of a queue, where the platform makes any. Raises Refusal(unavailable)."""
    if (users := queue_users()) is not None:
        users.remove(queue)


def close_queue(queue: str) -> None:
    """Take away the queue of a subscription that ended, with what is unread in it, and its user; a second time changes nothing. Raises
    Refusal(unavailable)."""
    remove(setting("AMQP_URI"), queue)
    remove_user(queue)
