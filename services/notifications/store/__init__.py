"""What notifications remembers: subscribers and topics by the one write; matters, deliveries and secrets as documents of their own."""

from pymongo.errors import PyMongoError

from services.notifications.store import board
from services.notifications.store.askings import AskingDocument, askings
from services.notifications.store.attendance import attendances, guest, overtaken, story_of
from services.notifications.store.clock import clock
from services.notifications.store.deliveries import Claimed, DeliveryDocument, deliveries, send_again
from services.notifications.store.fanouts import Fanout, FanoutDocument, fanouts
from services.notifications.store.health import HealthDocument, endpoints
from services.notifications.store.inboxes import inboxes, newest_of
from services.notifications.store.keys import (
    SecretDocument,
    bounce_token,
    earlier_webhook,
    feed_token,
    keys,
    queue_part,
    queue_password,
    reply_token,
    unsubscribe_token,
    webhook_secret,
)
from services.notifications.store.matters import MatterDocument, Matters, matters, topics
from services.notifications.store.notes import NoteDocument, notes, tell
from services.notifications.store.readers import readers
from services.notifications.store.readings import readings
from services.notifications.store.subscribers import composition, going, subscribers
from services.notifications.store.suppressions import SuppressionDocument, suppressions

__all__ = [
    "Claimed",
    "Fanout",
    "Matters",
    "StoreAway",
    "askings",
    "attendances",
    "board",
    "bounce_token",
    "clock",
    "composition",
    "deliveries",
    "earlier_webhook",
    "endpoints",
    "ensure_indexes",
    "fanouts",
    "feed_token",
    "going",
    "guest",
    "inboxes",
    "keys",
    "matters",
    "newest_of",
    "notes",
    "overtaken",
    "queue_part",
    "queue_password",
    "readers",
    "readings",
    "reply_token",
    "send_again",
    "story_of",
    "subscribers",
    "suppressions",
    "tell",
    "topics",
    "unsubscribe_token",
    "webhook_secret",
]

StoreAway = PyMongoError
"""What the store not answering looks like to those who may not know which store it is."""


def ensure_indexes() -> None:
    """Make the indexes of what is not an aggregate; once, at the start of a process."""
    for document in (
        MatterDocument,
        DeliveryDocument,
        FanoutDocument,
        SecretDocument,
        NoteDocument,
        SuppressionDocument,
        HealthDocument,
        AskingDocument,
    ):
        document.ensure_indexes()
