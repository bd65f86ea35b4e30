"""Who did what, when: the service's journal, read backwards. What happened is told, and not what was said with it."""

import re
from datetime import datetime
from typing import Any

import pymongo

from contracts import platform
from messaging.store import journal
from services.kernel.refusal import Refusal

_SHOWN = ("actor", "actorentity", "causationid", "correlationid")


def page(
    *,
    subject: str | None = None,
    person: str | None = None,
    entity: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    after: str | None = None,
    limit: int = 50,
) -> dict[str, Any]:
    """Some of the events that were sent, the newest first, as ``contracts.platform.TrailPage`` has them.

    ``since`` and ``until`` (exclusive) hold to the second: an instant stands in the journal as it is written in its event, where one
    without a fraction is written without. Raises Refusal(invalid) for a cursor that is none of ours.
    """
    wanted = {"subject": subject, "event.actor": person, "event.actorentity": entity}
    parts: list[dict[str, Any]] = [{name: value for name, value in wanted.items() if value is not None}]
    if since is not None:
        parts.append({"time": {"$gte": _second(since)}})
    if until is not None:
        parts.append({"time": {"$lt": _second(until)}})
    if after is not None:
        parts.append(_beyond(after))
    order = [(name, pymongo.DESCENDING) for name in ("time", "sequence", "_id")]
    fields = {"subject": 1, "sequence": 1, "type": 1, "time": 1} | {f"event.{name}": 1 for name in _SHOWN}
    found = [_item(entry) for entry in journal().find({"$and": parts}, fields).sort(order).limit(limit + 1)]
    more = len(found) > limit
    return {"items": found[:limit], "next": platform.position(found[limit - 1]) if more else None}


def _second(instant: datetime) -> str:
    return f"{instant:%Y-%m-%dT%H:%M:%S}"


def _beyond(position: str) -> dict[str, Any]:
    """What comes after a position of ``contracts.platform.position``."""
    read = re.fullmatch(r"(\d{4}-\d\d-\d\dT[0-9:.]{8,15}Z) ([0-9]{1,15}) (\S{1,300})", position)
    if read is None or not position.isprintable():
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page")
    time, sequence, id = read[1], int(read[2]), read[3]
    return {
        "time": {"$lte": time},
        "$or": [
            {"time": {"$lt": time}},
            {"time": time, "sequence": {"$lt": sequence}},
            {"time": time, "sequence": sequence, "_id": {"$lt": id}},
        ],
    }


def _item(entry: dict[str, Any]) -> dict[str, Any]:
    event = entry["event"]
    return {
        "id": entry["_id"],
        "type": entry["type"],
        "subject": entry["subject"],
        "sequence": entry["sequence"],
        "at": entry["time"],
        "person": event["actor"],
        "entity": event.get("actorentity"),
        "cause": event["causationid"],
        "correlation": event["correlationid"],
    }
