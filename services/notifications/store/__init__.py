"""What notifications remembers: subscribers and topics by the one write; matters, deliveries and secrets as documents of their own."""

from pymongo.errors import PyMongoError

from services.notifications.store.deliveries import Claimed, DeliveryDocument, deliveries, send_again
from services.notifications.store.keys import SecretDocument, bounce_token, keys, queue_part, queue_password, unsubscribe_token
from services.notifications.store.matters import MatterDocument, matters, topics
from services.notifications.store.notes import NoteDocument, notes, tell
from services.notifications.store.subscribers import composition, subscribers, wanting
from services.notifications.store.suppressions import SuppressionDocument, suppressions

__all__ = [
    "Claimed",
    "StoreAway",
    "bounce_token",
    "composition",
    "deliveries",
    "ensure_indexes",
    "keys",
    "matters",
    "notes",
    "queue_part",
    "queue_password",
    "send_again",
    "subscribers",
    "suppressions",
    "tell",
    "topics",
    "unsubscribe_token",
    "wanting",
]

StoreAway = PyMongoError
"""What the store not answering looks like to those who may not know which store it is."""


def ensure_indexes() -> None:
    """Make the indexes of what is not an aggregate; once, at the start of a process."""
    for document in (MatterDocument, DeliveryDocument, SecretDocument, NoteDocument, SuppressionDocument):
        document.ensure_indexes()
