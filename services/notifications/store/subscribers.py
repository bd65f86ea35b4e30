"""Subscribers by the one write, and what is known here of the Group."""

from collections.abc import Collection
from typing import Any

import contracts.notifications
from contracts.chairs import composition_from
from messaging.store import AggregateDocument, Aggregates, Projection
from services.notifications import rules
from services.notifications.rules.subscribers import CONFIRMED, ENDED


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
composition = Projection("composition", composition_from, comes="when the Group's first entity is registered")


def asking(topic: str, *, ever: bool = False, silent: bool = False) -> dict[str, Any]:
    """What finds the subscribers of whom a confirmed subscription asks for the topic; ``ever``: or did before it was changed; ``silent``:
    or one that is suspended does, or waits to be confirmed."""
    asks = {"$or": [{"topics": topic}, {"earlier.topics": topic}]} if ever else {"topics": topic}
    state = {"$ne": ENDED} if silent else CONFIRMED
    return {"state.subscriptions": {"$elemMatch": {"state": state, **asks}}}


def going(targets: Collection[str]) -> set[str]:
    """Those of these targets that a confirmed subscription has now."""
    wanted = {"state.subscriptions": {"$elemMatch": {"target": {"$in": list(targets)}, "state": CONFIRMED}}}
    found = subscribers.collection.find(wanted, {"state.subscriptions.target": 1, "state.subscriptions.state": 1})
    confirmed = {s["target"] for document in found for s in document["state"]["subscriptions"] if s["state"] == CONFIRMED}
    return confirmed.intersection(targets)
