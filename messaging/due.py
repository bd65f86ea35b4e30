"""Technical work that is due: claimed in the store, so that of many copies one does it.

For work outside the one write (a mail to send, a webhook to call). A document of such work has
``due`` (an instant of real time, absent when there is nothing more to do) and takes ``claim`` and
``claimed_until``. Who claims and dies lets the claim run out; the work is then done by another,
under the same stable identifier.
"""

import contextlib
import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from pymongo.collection import Collection
from pymongo.errors import AutoReconnect

from messaging.context import now


def claim(
    collection: Collection,
    filter: Mapping[str, Any],
    *,
    seconds: float,
    limit: int = 1,
    instant: datetime | None = None,
    sort: list[tuple[str, int]] | None = None,
) -> list[dict[str, Any]]:
    """Up to ``limit`` documents that match, are due and are nobody's, now claimed for ``seconds``.

    Each carries its ``claim``; ``settle`` needs it. Oldest due first unless ``sort`` says otherwise.
    """
    instant = instant or now()
    mine = uuid.uuid4().hex
    free = {
        **filter,
        "due": {"$lte": instant},
        "$or": [{"claimed_until": {"$exists": False}}, {"claimed_until": {"$lte": instant}}],
    }
    ids = [d["_id"] for d in collection.find(free, {"_id": 1}).sort(sort or [("due", 1)]).limit(limit)]
    if not ids:
        return []
    claimed = {"$set": {"claim": mine, "claimed_until": instant + timedelta(seconds=seconds)}}
    collection.update_many({**free, "_id": {"$in": ids}}, claimed)
    return list(collection.find({"_id": {"$in": ids}, "claim": mine}))


def settle(collection: Collection, document: Mapping[str, Any], *, set: Mapping[str, Any], due: datetime | None = None) -> bool:
    """Record what became of claimed work, and free it: ``due`` says when to look again, None that it
    is done. False when the claim had run out and is another's now: then nothing is recorded."""
    update: dict[str, Any] = {"$set": dict(set), "$unset": {"claim": "", "claimed_until": ""}}
    if due is None:
        update["$unset"]["due"] = ""
    else:
        update["$set"]["due"] = due
    ours = {"_id": document["_id"], "claim": document["claim"]}
    with contextlib.suppress(AutoReconnect):  # not every store's connection tries a lost write again, and what was done should be known
        return collection.update_one(ours, update).matched_count == 1
    return collection.update_one(ours, update).matched_count == 1
