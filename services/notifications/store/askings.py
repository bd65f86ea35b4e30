"""How often an address was asked to confirm or to accept, by whichever subscriber: kept here only to count."""

import hashlib
from datetime import datetime

from mongoengine import DateTimeField, Document, StringField

from services.notifications.rules.addresses import mailbox
from services.notifications.rules.subscribers import A_DAY, MOST_ASKED, asked_often


class AskingDocument(Document):
    """One mail that asks: its ``id`` says of what subscription, and which time. ``address``: the digest of the mailbox."""

    id = StringField(primary_key=True)
    address = StringField(required=True)
    at = DateTimeField(required=True)

    meta = {"collection": "askings", "auto_create_index": False, "indexes": [{"fields": ["address", "at"]}]}


class Askings:
    """The mails that ask, by mailbox."""

    @property
    def collection(self):
        return AskingDocument._get_collection()

    def note(self, id: str, address: str, at: datetime, field: str = "target") -> None:
        """Count one mail more, once by its id. Raises Refusal(conflict), rule ``address-asked-often``, and counts nothing, when there are
        too many within a day. ``field``: where the address stands."""
        mailbox = _mailbox(address)
        # Counted after it is written: of two at once both see both, so that the limit holds; at worst both are refused.
        self.collection.update_one({"_id": id}, {"$set": {"address": mailbox, "at": at}}, upsert=True)
        if self.collection.count_documents({"address": mailbox, "at": {"$gt": at - A_DAY, "$lte": at}}) > MOST_ASKED:
            self.forget(id)
            raise asked_often(field)
        self.collection.delete_many({"address": mailbox, "at": {"$lte": at - A_DAY}})

    def forget(self, id: str) -> None:
        """What was counted is not to be."""
        self.collection.delete_one({"_id": id})


askings = Askings()


def _mailbox(address: str) -> str:
    """One mailbox has many spellings: in capitals, and with a detail after a plus sign, which most servers pass over."""
    local, _, domain = mailbox(address).rpartition("@")
    return hashlib.sha256(f"{local.partition('+')[0]}@{domain}".encode()).hexdigest()
