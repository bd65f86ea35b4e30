"""Subscribers by the one write, and what is known here of the Group."""

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
