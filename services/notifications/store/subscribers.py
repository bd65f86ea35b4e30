"""Subscribers by the one write, and what is known here of the Group."""

from collections.abc import Iterator

import contracts.notifications
from contracts.chairs import composition_from
from messaging.store import AggregateDocument, Aggregates, Projection
from services.notifications import rules


class SubscriberDocument(AggregateDocument):
    meta = {
        "collection": "subscribers",
        "indexes": [
            {"fields": ["state.subscriptions.topics", "id"]},
            {"fields": ["state.subscriptions.target", "id"]},
            {"fields": ["state.kind", "id"]},
        ],
    }


subscribers = Aggregates(SubscriberDocument, rules.Subscriber, kind="subscriber", contract=contracts.notifications.contract)
composition = Projection("composition", composition_from)


def wanting(topic: str, batch: int = 500) -> Iterator[rules.Subscriber]:
    """Every subscriber with a confirmed subscription that asks for the topic now, a batch in memory at a time."""
    after = None
    while True:
        asking = {"state.subscriptions": {"$elemMatch": {"state": "confirmed", "topics": topic}}}
        page = subscribers.find(asking, limit=batch, after=after)
        yield from (saved.aggregate for saved in page.items)
        if (after := page.next) is None:
            return
