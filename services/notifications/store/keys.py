"""What proves to a subscription's owner that we speak, and to us that its owner does. Secrets are apart from the subscribers, so that
they are in no event, no view and no log.

A secret is made of a key of its own and of the order that asked: the order carried out again tells the same one, and an order that was
replaced since tells and restores none. A webhook's is told in the answer that made it, unless its owner brought it; replaced, both sign for
a day of real time. A feed's path is told in the answer that made it, and its digest alone kept; replaced, the earlier address is not found.
A queue's credentials are told once, to its own people; replaced, its user of the broker is gone at once and made anew with the next fetch.
"""

import base64
import contextlib
import hashlib
import hmac
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from mongoengine import BinaryField, BooleanField, DateTimeField, Document, ListField, StringField
from pymongo.errors import DuplicateKeyError

from services.kernel import Refusal

TOKENS_VALID = 10
"""How many of the newest tokens of one subscription open it: each attempt to send the mail makes one."""


class SecretDocument(Document):
    """What proves to a subscription's owner that we speak, and to us that its owner does; ``id`` is the subscription's, or that of an
    invitation, which its subscription takes over.

    ``key`` makes the token of ``List-Unsubscribe``, the name and the password of a queue, and the address of a feed; ``webhook`` signs,
    and until ``webhook_before_until``, on the wall clock, ``webhook_before`` does as well. ``digests`` are of the tokens in mails that
    ask to confirm or to accept, ``feed`` is that of the feed's address. ``address``: where an invitation went.
    """

    id = StringField(primary_key=True)
    subscriber = StringField(required=True)
    key = BinaryField(required=True)
    webhook = StringField(required=True)
    webhook_before = StringField()
    webhook_before_until = DateTimeField()
    feed = StringField()
    address = StringField()
    digests = ListField(StringField())
    ended = BooleanField()

    meta = {"collection": "secrets", "auto_create_index": False}


class Secrets:
    """Keys and tokens of subscriptions."""

    @property
    def collection(self):
        return SecretDocument._get_collection()

    def draw(self, subscription: str, subscriber: str, order: str, **known: str | None) -> dict[str, Any]:
        """A subscription's secrets: those that are kept, else new ones by this order, which nobody keeps yet. ``known``: what is not ours
        to make, as the ``webhook`` that the owner brought, or the ``address`` of an invitation."""
        drawn: dict[str, Any] = {"_id": subscription, "subscriber": subscriber, "key": secrets.token_bytes(32), "digests": []}
        drawn |= {"webhook": webhook_secret(drawn, order)} | {name: value for name, value in known.items() if value is not None}
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

    def forget_tokens(self, subscription: str) -> None:
        """No mail that went out before confirms the subscription any more."""
        self.collection.update_one({"_id": subscription}, {"$set": {"digests": []}})

    def confirming(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription that a token confirms. Raises Refusal(not_found)."""
        document = self._opened_by(token)
        return document["subscriber"], document["_id"]

    def inviting(self, token: str) -> tuple[str, str, str]:
        """The subscriber, the invitation that a token accepts, and the address it went to. Raises Refusal(not_found)."""
        document = self._opened_by(token)
        if "address" not in document:
            raise _unknown_token()
        return document["subscriber"], document["_id"], document["address"]

    def reading(self, token: str) -> tuple[str, str]:
        """The subscriber and the subscription of the feed whose address holds this token. Raises Refusal(not_found), as of a feed that
        ended, or whose address was replaced."""
        document = self.collection.find_one({"_id": token.removeprefix("fe_").rpartition(".")[0]})
        if document is None or document.get("ended") or not hmac.compare_digest(_digest(token), document.get("feed", "")):
            raise Refusal.not_found("There is no feed at this address.", rule="feed")
        return document["subscriber"], document["_id"]

    def renew_webhook(self, subscription: str, webhook: str, until: datetime) -> None:
        """Sign with another secret from now on, and until an instant on the wall clock with the present one too; one from before ends
        now. A second time changes nothing."""
        present = self.collection.find_one({"_id": subscription})["webhook"]
        if present != webhook:
            renewed = {"webhook": webhook, "webhook_before": present, "webhook_before_until": until}
            self.collection.update_one({"_id": subscription, "webhook": present}, {"$set": renewed})

    def renew_feed(self, subscription: str, token: str) -> None:
        """The feed is at the address with this token, and nowhere else."""
        self.collection.update_one({"_id": subscription}, {"$set": {"feed": _digest(token)}})

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

    def replying(self, token: str, briefing: str) -> tuple[str, str]:
        """The subscriber and the subscription whose mail's token lets one reply to this briefing; none of an ended subscription does.
        Raises Refusal(not_found)."""
        document = self._named_in(token)
        if document is None or document.get("ended") or not hmac.compare_digest(reply_token(document, briefing), token):
            raise _unknown_token()
        return document["subscriber"], document["_id"]

    def _opened_by(self, token: str) -> dict[str, Any]:
        document = self._named_in(token)
        if document is None or not any(hmac.compare_digest(_digest(token), kept) for kept in document["digests"]):
            raise _unknown_token()
        return document

    def _named_in(self, token: str) -> dict[str, Any] | None:
        return self.collection.find_one({"_id": token.rpartition(".")[0]})


keys = Secrets()


def unsubscribe_token(secret: Mapping[str, Any]) -> str:
    """The token that ends a subscription: the same in each of its mails, and made of its key, so that it is kept nowhere."""
    proof = hmac.new(bytes(secret["key"]), b"unsubscribe", hashlib.sha256).digest()
    return f"{secret['_id']}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


def reply_token(secret: Mapping[str, Any], briefing: str) -> str:
    """The token with which the reader of a subscription's mail replies to one briefing: made of its key, and kept nowhere."""
    proof = hmac.new(bytes(secret["key"]), f"reply {briefing}".encode(), hashlib.sha256).digest()
    return f"{secret['_id']}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


def feed_token(secret: Mapping[str, Any], order: str) -> str:
    """The token in a feed's address as the order that made it is answered: the same when that order is carried out again. What is kept
    is its digest."""
    proof = hmac.new(bytes(secret["key"]), f"feed {order}".encode(), hashlib.sha256).digest()
    return f"fe_{secret['_id']}.{base64.urlsafe_b64encode(proof).decode().rstrip('=')}"


def webhook_secret(secret: Mapping[str, Any], order: str) -> str:
    """What an order has a webhook signed with, where its owner brings nothing: the same when the order is carried out again."""
    proof = hmac.new(bytes(secret["key"]), f"webhook {order}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(proof).decode()


def earlier_webhook(secret: Mapping[str, Any], now: datetime) -> str:
    """The secret from before that signs a webhook beside the present one at ``now``; empty when there is none."""
    until = secret.get("webhook_before_until")
    return secret["webhook_before"] if until is not None and now < until else ""


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
