"""The board of deliveries: how those of each matter stand. What no longer changes is counted once."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from messaging.context import Arrived
from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules.deliveries import GIVEN_UP, SENT
from services.notifications.rules.matters import OF_THE_GROUP, PUBLIC
from services.notifications.store.attendance import overtaken
from services.notifications.store.deliveries import deliveries
from services.notifications.store.fanouts import fanouts
from services.notifications.store.matters import matters
from services.notifications.store.subscribers import composition

ALL_TOPICS = (*PUBLIC, *sorted(OF_THE_GROUP))
LOOKED_AT = 500


def page(subscriber: str | None, limit: int, after: str | None, *, inside: bool = True) -> dict[str, Any]:
    """The newest matters with their deliveries, over all, or those of which one subscriber has deliveries, with its own. ``inside``:
    whether who asks belongs to the Group; to others there is nothing of its own."""
    before, rows, looked = _read_cursor(after) if after else None, [], 0
    chunk: list[dict[str, Any]] = []
    found = matters.newest(ALL_TOPICS if inside else PUBLIC, before)
    while len(rows) < limit and looked < LOOKED_AT:
        chunk = [told for told, _ in zip(found, range(limit - len(rows)), strict=False)]
        if not chunk:
            return {"items": rows, "next": None}
        looked += len(chunk)
        counted = _counted(chunk, subscriber)
        rows += [_row(told, *counted[told["_id"]]) for told in chunk if subscriber is None or counted[told["_id"]][0]]
    last = chunk[-1]
    return {"items": rows, "next": f"{round(last['announced_at'].timestamp() * 1000)}~{last['_id']}"}


def to_replay(subscriber: rules.Subscriber, replayed: Arrived, now: datetime) -> int:
    """How many matters a replay that was ordered brings."""
    subscription, reached, count = subscriber.subscription(replayed.subscription), replayed.since, 0
    group = composition.value() if replayed.topic in OF_THE_GROUP else None
    while reached < replayed.until and (found := matters.after(replayed.topic, reached, min(100, replayed.until - reached))):
        gone = overtaken({str(told["number"]): told["matter"] for told in found})
        for told in (told for told in found if str(told["number"]) not in gone):
            at = told["announced_at"]
            members = set(group.members(at)).intersection(group.members(replayed.at)) if group is not None else ()
            what = (told["topic"], told["number"], told["matter"])
            late = {"hour": replayed.at, "members": members, "replay": replayed.replay}
            count += rules.bring_late(subscriber, subscription, *what, at, now, **late) is not None
        reached = found[-1]["number"]
    return count


def _counted(chunk: list[dict[str, Any]], subscriber: str | None) -> dict[str, tuple[list[dict[str, Any]], bool]]:
    """Of each matter, by its id: its deliveries by channel and state, and whether all that will be are recorded."""
    standing = fanouts.standing([told["_id"] for told in chunk])
    done = {told["_id"]: standing.get(told["_id"], {}).get("done", True) for told in chunk}
    kept = {id: known["tally"] for id, known in standing.items() if known["tally"] is not None and subscriber is None}
    by_topic: dict[str, list[int]] = defaultdict(list)
    for told in chunk:
        if told["_id"] not in kept:
            by_topic[told["topic"]].append(told["number"])
    fresh: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for topic, numbers in by_topic.items():
        for row in deliveries.tallies_of(topic, numbers, subscriber):
            fresh[f"{topic}_{row.pop('number')}"].append(row)
    if subscriber is None:
        for topic, numbers in by_topic.items():
            for id in (f"{topic}_{number}" for number in numbers):
                if done[id] and id in standing and _is_settled(fresh[id]):
                    fanouts.keep_tally(id, fresh[id])
    return {told["_id"]: (kept.get(told["_id"], fresh[told["_id"]]), done[told["_id"]]) for told in chunk}


def _is_settled(rows: Iterable[dict[str, Any]]) -> bool:
    return all(row["state"] in (SENT, GIVEN_UP) for row in rows)


def _row(told: dict[str, Any], rows: list[dict[str, Any]], done: bool) -> dict[str, Any]:
    what = {"topic": told["topic"], "number": told["number"], "title": told["matter"]["title"], "announced_at": told["announced_at"]}
    return {**what, "fan_out": "complete" if done else "running", **rules.tally(rows)}


def _read_cursor(text: str) -> tuple[datetime, str]:
    milliseconds, _, id = text.partition("~")
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), id
    except (ValueError, OverflowError, OSError) as error:
        raise Refusal.invalid("after", "This cursor was not given by us.", rule="cursor", accepted="the next of a page") from error
