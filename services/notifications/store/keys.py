"""What proves to a subscription's owner that we speak, and to us that its owner does. Secrets are apart from the subscribers, so that
they are in no event and no view."""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from typing import Any

from mongoengine import BinaryField, BooleanField, Document, ListField, StringField
from pymongo.errors import DuplicateKeyError

from services.kernel import Refusal

TOKENS_VALID = 10
"""How many of the newest tokens of one subscription open it: each attempt to send the mail makes one."""


class SecretDocument(Document):
    """What proves to a subscription's owner that we speak, and to us that its owner does; ``id`` is the subscription's.

    ``key`` makes the token of ``List-Unsubscribe`` and the name of a queue; ``webhook`` signs; ``digests`` are of the tokens in
    confirmation mails.
    """

    id = StringField(primary_key=True)
    subscriber = StringField(required=True)
    key = BinaryField(required=True)
    webhook = StringField(required=True)
    digests = ListField(StringField())
    ended = BooleanField()

    meta = {"collection": "secrets", "auto_create_index": False}


class Secrets:
    """Keys and tokens of subscriptions."""

    @property
    def collection(self):
        return SecretDocument._get_collection()

    def draw(self, subscription: str, subscriber: str, webhook: str | None) -> dict[str, Any]:
        """A subscription's secrets: those that are kept, else new ones, which nobody keeps yet. ``webhook``: the one that signs, if
        the owner brought it."""
        webhook = webhook or "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        drawn = {"_id": subscription, "subscriber": subscriber, "key": secrets.token_bytes(32), "webhook": webhook, "digests": []}
        return self.collection.find_one({"_id": subscription}) or drawn

    def keep(self, drawn: Mapping[str, Any]) -> None:
        """Keep a subscription's secrets, unless some of it are kept already."""
        with contextlib.suppress(DuplicateKeyError):
            self.collection.insert_one(dict(drawn))

    def forget(self, drawn: Mapping[str, Any]) -> None:
        """Forget these secrets, of a subscription that was not to be; another's drawing for the same order stays."""
        self.collection.delete_one({"_id": drawn["_id"], "key": drawn["key"]})

    def of(self, subscriptions: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The secrets of several subscriptions, by subscription."""
        return {document["_id"]: document for document in self.collection.find({"_id": {"$in": list(subscriptions)}})}

    def end(self, subscription: str) -> None:
        """Note that the subscription ended: nothing is signed with its secrets any more."""
        self.collection.update_one({"_id": subscription}, {"$set": {"ended": True}})

    def new_token(self, subscription: str) -> str:
        """A token that confirms the subscription. Only its digest is kept."""
        token = f"{subscription}.{secrets.token_urlsafe(32)}"
        self.collection.update_one({"_id": subscription}, {"$push": {"digests": {"$each": [_digest(token)], "$slice": -TOKENS_VALID}}})
        return token

    def confirming(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription that a token confirms. Raises Refusal(not_found)."""
        document = self._named_in(token)
        if document is None or not any(hmac.compare_digest(_digest(token), kept) for kept in document["digests"]):
            raise _unknown_token()
        return document["subscriber"], document["_id"]

    def unsubscribing(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription that a mail's token ends. Raises Refusal(not_found)."""
        document = self._named_in(token)
        if document is None or not hmac.compare_digest(unsubscribe_token(document), token):
            raise _unknown_token()
        return document["subscriber"], document["_id"]

    def returned(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription, or the invitation, of whose mail this token stood in the return address; the case of
        its letters may have got lost on the way. Raises Refusal(not_found)."""
        document = self._named_in(token.lower())
        if document is None or not hmac.compare_digest(bounce_token(document), token.lower()):
            raise _unknown_token()
        return document["subscriber"], document["_id"]

    def _named_in(self, token: str) -> dict[str, Any] | None:
        return self.collection.find_one({"_id": token.rpartition(".")[0]})


keys = Secrets()


def unsubscribe_token(secret: Mapping[str, Any]) -> str:
    """The token that ends a subscription: the same in each of its mails, and made of its key, so that it is kept nowhere."""
    proof = hmac.new(bytes(secret["key"]), b"unsubscribe", hashlib.sha256).digest()
    return f"{secret['_id']}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


def bounce_token(secret: Mapping[str, Any]) -> str:
    """The token in the address to which a subscription's mail comes back (VERP), made of its key and kept nowhere. Lower case, since mail
    servers may change the case of a local part, and short, since that part has 64 characters."""
    proof = hmac.new(bytes(secret["key"]), b"bounce", hashlib.sha256).digest()[:15]
    return f"{secret['_id']}.{base64.b32encode(proof).decode().lower()}"


def queue_part(secret: Mapping[str, Any]) -> str:
    """What makes the name of a subscription's queue one that nobody can guess: made of its key and its id, so that an order carried
    out again names the same queue. 32 hexadecimal digits. The id alone would not do: it follows from what the caller chose."""
    return hmac.new(bytes(secret["key"]), f"queue {secret['_id']}".encode(), hashlib.sha256).hexdigest()[:32]


def queue_password(secret: Mapping[str, Any], order: str) -> str:
    """The password of a queue's user as one order to fetch it makes it: the same when that order is carried out again, another with the
    next, and kept nowhere. Letters and digits."""
    return hmac.new(bytes(secret["key"]), f"queue password {order}".encode(), hashlib.sha256).hexdigest()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _unknown_token() -> Refusal:
    return Refusal.not_found("This link is not one of ours, or a newer mail replaced it.", rule="token")
