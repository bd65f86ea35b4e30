"""Addresses that no longer take mail, and what was said of those that may come to it. A record of its own for each: it is known here
alone, and in no event."""

import contextlib
import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mongoengine import DateTimeField, DictField, Document, ListField, StringField
from pymongo.errors import DuplicateKeyError

from messaging.context import Cause
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules import bounces
from services.notifications.rules.addresses import mailbox
from services.notifications.rules.subscribers import ENDED, MAIL
from services.notifications.store.deliveries import deliveries
from services.notifications.store.keys import keys
from services.notifications.store.subscribers import subscribers

REPORTS_KEPT = 20
"""The newest reports of one address: more than any decision needs."""


class SuppressionDocument(Document):
    """One address, its ``id`` as it is compared (``rules.addresses.mailbox``). ``reports``: those of ``rules.bounces``, oldest first, with
    what was said (``told``); ``at`` and ``why``: since when and why no mail goes there, absent while it does; ``lifted``: what was so
    before, with who lifted it and when."""

    id = StringField(primary_key=True)
    reports = ListField(DictField())
    at = DateTimeField()
    why = StringField()
    lifted = ListField(DictField())

    meta = {"collection": "suppressions", "auto_create_index": False, "indexes": [{"fields": ["-at", "id"], "sparse": True}]}


class Suppressions:
    """The addresses of which something was said."""

    @property
    def collection(self):
        return SuppressionDocument._get_collection()

    def must_take(self, address: str, field: str = "target") -> None:
        """Raises Refusal(conflict), rule ``address-suppressed``, for an address that no longer takes mail. ``field``: where it stands."""
        found = self.collection.find_one({"_id": mailbox(address), "at": {"$exists": True}}, {"why": 1})
        if found is not None:
            raise bounces.no_mail_to(found["why"], field)

    def report(self, address: str, report: bounces.Report, told: str = "") -> str | None:
        """Keep what was said of an address, once by its cause, and suppress it where the rules say so; why it is suppressed, None
        when it is not. ``told``: the words of a server, for the secretariat to read."""
        address = mailbox(address)
        unheard = {"_id": address, "reports.cause": {"$ne": report.cause}, "lifted.reports.cause": {"$ne": report.cause}}
        said = {"$push": {"reports": {"$each": [asdict(report) | {"told": told}], "$slice": -REPORTS_KEPT}}}
        with contextlib.suppress(DuplicateKeyError):  # heard already, before or at this moment
            self.collection.update_one(unheard, said, upsert=True)
        document = self.collection.find_one({"_id": address})
        if document.get("why"):
            return document["why"]
        reports = sorted((_report(each) for each in document["reports"]), key=lambda each: each.at)
        because = bounces.suppressed_because(reports)
        if because is not None:
            self.collection.update_one({"_id": address, "at": {"$exists": False}}, {"$set": {"at": report.at, "why": because}})
        return because

    def lift(self, address: str, by: str, at: datetime) -> None:
        """Mail may go to the address again, and what was said of it counts no more; the record keeps both. A second time changes
        nothing. Raises Refusal(not_found) when nothing was ever wrong with it."""
        address = mailbox(address)
        document = self.collection.find_one({"_id": address})
        if document is None:
            raise Refusal.not_found("This address is not suppressed.", rule="suppression")
        if document.get("at") is None:
            return
        before = {name: document[name] for name in ("at", "why", "reports")} | {"lifted_by": by, "lifted_at": at}
        self.collection.update_one(
            {"_id": address, "at": document["at"]},
            {"$unset": {"at": "", "why": ""}, "$set": {"reports": []}, "$push": {"lifted": before}},
        )

    def page(self, limit: int, after: str | None) -> dict[str, Any]:
        """Suppressed addresses in the order of the alphabet, each with what was last said; ``next``: the cursor of the next page."""
        query = {"at": {"$exists": True}} | ({"_id": {"$gt": after}} if after else {})
        found = list(self.collection.find(query).sort("_id", 1).limit(limit + 1))
        items = [
            {"address": document["_id"], "at": document["at"], "why": " ".join([document["why"], document["reports"][-1]["told"]]).strip()}
            for document in found[:limit]
        ]
        return {"items": items, "next": items[-1]["address"] if len(found) > limit else None}


suppressions = Suppressions()


def came_back(subscriber: str, subscription: str, status: str, told: str, cause: Cause) -> None:
    """A mail of this subscription, or of this invitation, came back or was refused: its address is suppressed where the rules say so, and
    then every subscription to it suspended. ``cause``: by which it is known, dated when; carried out again it changes nothing."""
    address = _address_of(subscriber, subscription)
    because = suppressions.report(address, bounces.Report(cause.id, cause.at, status), told)
    if because is None:
        return

    def stop(reader: rules.Subscriber) -> None:
        for each in reader.subscriptions:
            if each.channel == MAIL and mailbox(each.target) == mailbox(address):
                reader.suspend(each.id, because, cause.at)

    for code in list(_mailed_at(address)):
        subscribers.change(code, cause.derived(f"suspend {code}"), stop)


def last_told(subscription: str) -> datetime | None:
    """The instant of the newest thing that was sent to a subscription, or is to be."""
    found = deliveries.collection.find_one({"subscription": subscription}, {"announced_at": 1}, sort=[("announced_at", -1)])
    return found["announced_at"] if found else None


def _address_of(subscriber: str, subscription: str) -> str:
    """Where a subscription's mail goes, or an invitation's went: that has no subscription before it is accepted."""
    kept = keys.of({subscription})[subscription]
    return kept.get("address") or subscribers.load(subscriber).aggregate.subscription(subscription).target


def _mailed_at(address: str) -> Iterator[str]:
    """The codes of all subscribers with a living subscription by mail to an address, in whatever case it is written."""
    in_any_case = {"$regex": f"^{re.escape(address)}$", "$options": "i"}
    living = {"channel": MAIL, "target": in_any_case, "state": {"$ne": ENDED}}
    after = None
    while True:
        page = subscribers.find({"state.subscriptions": {"$elemMatch": living}}, limit=200, after=after)
        yield from (saved.id for saved in page.items)
        if (after := page.next) is None:
            return


def _report(kept: dict[str, Any]) -> bounces.Report:
    return bounces.Report(kept["cause"], kept["at"], kept["status"])
