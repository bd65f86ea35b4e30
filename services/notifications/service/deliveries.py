"""What becomes of matters: orders and questions on deliveries, the matters themselves, and where they are fetched."""

import contextlib
from datetime import datetime
from typing import Any

from contracts import notifications as c
from messaging.context import Order, now
from messaging.service import command, query
from services.kernel import Refusal
from services.notifications import rules, store
from services.notifications.rules import matters
from services.notifications.rules.inbox import Inbox, in_feed, must_be_own
from services.notifications.rules.matters import OF_THE_GROUP
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.sending import wake
from services.notifications.service.asking import is_inside, visible
from services.notifications.store import board, composition, deliveries, inboxes, keys, newest_of, subscribers

IN_A_FEED = 100
"""Matters that a feed shows: more than a reader's program can miss between two looks."""


class Delivering:
    """What subscribers and the secretariat see of deliveries; with the clock, what was held is let go."""

    def run_due(self, instant: datetime) -> int:
        changed = super().run_due(instant)  # type: ignore[misc]  # the next class in line
        if released := deliveries.release(instant, now()):
            wake()
        return changed + released

    @command(c.SendAgain)
    def send_again(self, order: Order) -> rules.Delivery:
        delivery = store.send_again(order.delivery, order)
        wake()
        return delivery

    @command(c.Replay)
    def replay(self, order: Order) -> dict[str, Any]:
        last, id = store.matters.last([order.topic])[order.topic], order.new_id("replay")
        span = {"topic": order.topic, "since": order.since, "until": min(order.until or last, last)}
        told = {"id": id, "by": order.by, "at": order.at}
        saved = subscribers.change(order.subscriber, order, lambda s: rules.replay(s, order.subscription, **span, **told))
        (replayed,) = subscribers.told(saved, order)
        return {"replay": id, "matters": board.to_replay(saved.aggregate, replayed, now())}

    @command(c.MarkRead)
    def mark_read(self, order: Order) -> dict[str, Any]:
        inbox = inbox_of(order)
        must_be_own(inbox.owner, order.by)
        inboxes.mark_read(inbox, order.position)
        return inboxes.page(inbox, None, 50)

    @query(c.Deliveries)
    def deliveries(self, ask: Order) -> dict[str, Any]:
        wanted = {name: ask.data[name] for name in ("subscription", "purpose", "topic", "number", "state", "channel")}
        return deliveries.page({"subscriber": visible(ask), **wanted}, ask.limit, ask.after, inside=may_see_own(ask))

    @query(c.DeliverySummary)
    def delivery_summary(self, ask: Order) -> dict[str, Any]:
        subscriber = visible(ask)
        since = deliveries.counted_since(subscriber)
        return {**rules.summary(deliveries.tallies(subscriber, since)), "since": since}

    @query(c.DeliveryBoard)
    def delivery_board(self, ask: Order) -> dict[str, Any]:
        return board.page(visible(ask), ask.limit, ask.after, inside=may_see_own(ask))

    @query(c.Matters)
    def matters(self, ask: Order) -> dict[str, Any]:
        inside = ask.topic in OF_THE_GROUP and is_inside(ask)
        return matters.shown(ask.by, store.matters.since(ask.topic, ask.since, ask.limit), inside=inside)

    @query(c.Inbox)
    def inbox(self, ask: Order) -> dict[str, Any]:
        inbox = inbox_of(ask)
        return inboxes.after(inbox, ask.since, ask.limit) if ask.since is not None else inboxes.page(inbox, ask.before, ask.limit)

    @query(c.Feed)
    def feed(self, ask: Order) -> dict[str, Any]:
        code, id = keys.reading(ask.token)
        reader = subscribers.load(code).aggregate
        asked = reader.subscription(id)
        items = newest_of(rules.topics_ever(asked), lambda told, story: in_feed(reader, asked, told, story), IN_A_FEED, code)
        return feed_of(id, asked.topics, items, asked.language or reader.language, reader.name)

    @query(c.PublicFeed)
    def public_feed(self, ask: Order) -> dict[str, Any]:
        items = newest_of([ask.topic], lambda told, _: matters.is_for(ask.topic, told["matter"], ()), IN_A_FEED)
        return feed_of(ask.topic, [ask.topic], items, ask.language, None)


def may_see_own(ask: Order) -> bool:
    """Whether who asks is shown deliveries of what is the Group's own; nobody of an entity is while nothing is known of the Group."""
    with contextlib.suppress(Refusal):
        return is_inside(ask)
    return False


def inbox_of(ask: Order) -> Inbox:
    """The inbox that is asked for, as of now. Raises Refusal(not_found) for a stranger."""
    owner = subscribers.load(ask.subscriber).aggregate
    RIGHTS.must("inbox", who(ask.by, owner))
    inbox = Inbox(owner, ask.at)
    return Inbox(owner, ask.at, composition.value()) if OF_THE_GROUP.intersection(inbox.topics) else inbox


def feed_of(id: str, topics: list[str], items: list[dict[str, Any]], language: str, subscriber: str | None) -> dict[str, Any]:
    """A feed as it is answered."""
    updated = items[0]["announced_at"] if items else None
    return {"id": id, "subscriber": subscriber, "language": language, "topics": topics, "updated_at": updated, "items": items}
