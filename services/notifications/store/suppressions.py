"""Addresses that no longer take mail, and what was said of those that may come to it. A record of its own for each: it is known here
alone, and in no event."""

import contextlib
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mongoengine import DateTimeField, DictField, Document, ListField, StringField
from pymongo.errors import DuplicateKeyError

from services.kernel import Refusal
from services.notifications.rules import bounces

REPORTS_KEPT = 20
"""The newest reports of one address: more than any decision needs."""


class SuppressionDocument(Document):
    """One address, its ``id``. ``reports``: those of ``rules.bounces``, oldest first, with what was said (``told``); ``at`` and ``why``:
    since when and why no mail goes there, absent while it does; ``lifted``: what was so before, with who lifted it and when."""

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

    def must_take(self, address: str) -> None:
        """Raises Refusal(conflict), rule ``address-suppressed``, for an address that no longer takes mail."""
        found = self.collection.find_one({"_id": address, "at": {"$exists": True}}, {"why": 1})
        if found is not None:
            raise bounces.no_mail_to(found["why"])

    def report(self, address: str, report: bounces.Report, told: str = "") -> str | None:
        """Keep what was said of an address, once by its cause, and suppress it where the rules say so; why it is suppressed, None
        when it is not. ``told``: the words of a server, for the secretariat to read."""
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


def _report(kept: dict[str, Any]) -> bounces.Report:
    return bounces.Report(kept["cause"], kept["at"], kept["status"])
