"""Inboxes: matters and notes, merged as one subscriber reads them, and how far it has read."""

import heapq
import itertools
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from mongoengine import DictField, Document, IntField, StringField

from services.kernel import Refusal
from services.notifications.rules.inbox import Inbox, Position
from services.notifications.store.attendance import story_of
from services.notifications.store.matters import Page, matters
from services.notifications.store.notes import notes

LOOKED_AT = 2_000
"""Matters that are looked at for one page; a page of what is rarely asked for ends there, and the next one goes on."""

MOST_UNREAD = 1_000
"""Above this many, so many are said to be unread."""

FEED_BYTES = 4 * 1024 * 1024
"""Of what a feed shows, as it is kept: it has no next page, and is one answer however much more room it takes when it is written."""

Item = dict[str, Any]
"""One thing in an inbox: ``id``, ``at``, ``topic``, ``number``, ``matter``, ``note``, ``note_number``, and ``position``, which one that
resumes reaches by it; ``key`` orders it."""


class ReadDocument(Document):
    """How far a subscriber, by its code, has read."""

    id = StringField(primary_key=True)
    numbers = DictField()
    note = IntField(required=True)

    meta = {"collection": "read", "auto_create_index": False}


class Inboxes:
    """The inboxes of all subscribers."""

    @property
    def collection(self):
        return ReadDocument._get_collection()

    def page(self, inbox: Inbox, before: str | None, limit: int) -> dict[str, Any]:
        """The newest items, or those before a page's ``next``."""
        beyond, page = _read_cursor(before) if before else None, Page(limit)
        last: Item | None = None
        for looked, item in enumerate(self._newest(inbox, beyond)):
            if page.is_full or looked == LOOKED_AT or (self._is_shown(inbox, item) and not page.takes(item)):
                break
            last = item
        else:
            last = None  # there is no more
        return self._answer(inbox, page.items, self.position(inbox), next=_write_cursor(last) if last else None)

    def after(self, inbox: Inbox, since: str, limit: int) -> dict[str, Any]:
        """What came after a position, oldest first, each with the position that it reaches; and the one that all of it reaches."""
        position, page = Position.read(since, "since"), Page(limit)
        last = matters.last(inbox.topics)
        behind = [topic for topic in inbox.topics if last[topic] > position.number(topic)]
        ends = self._ends(inbox)
        ordered = {topic: self._in_order(topic, position.number(topic)) for topic in behind}
        streams = [map(_of_matter, _up_to(ends.get(topic), told)) for topic, told in ordered.items()]
        streams.append(map(_of_note, notes.after(inbox.owner.code, position.note, limit)))
        more = False
        for looked, item in enumerate(heapq.merge(*streams, key=lambda item: item["key"])):
            reached = position.with_item(item)
            shown = {**item, "position": str(reached)}
            if page.is_full or looked == LOOKED_AT or (self._is_shown(inbox, item) and not page.takes(shown)):
                more = True
                break
            position = reached
        return self._answer(inbox, page.items, position, next=str(position) if more else None)

    def position(self, inbox: Inbox) -> Position:
        """How far one has come who has seen all there is now."""
        reached = matters.reached(inbox.topics)
        held = {topic: min(reached[topic], end) for topic, end in self._ends(inbox).items()}
        return Position(reached | held, notes.last(inbox.owner.code))

    @staticmethod
    def _ends(inbox: Inbox) -> dict[str, int]:
        """The number of each silent topic at which a position stays: what came in the silence may be shown when it is over."""
        return {topic: matters.announced_since(topic, since)["after"] for topic, since in inbox.silent.items()}

    def mark_read(self, inbox: Inbox, position: str) -> None:
        """Remember that what lies within a position was read, and no less than before; beyond what there is nothing was."""
        asked, there = Position.read(position, "position"), self.position(inbox)
        numbers = {topic: min(number, there.number(topic)) for topic, number in asked.numbers.items() if topic in there.numbers}
        raised = {f"numbers.{topic}": number for topic, number in numbers.items()} | {"note": min(asked.note, there.note)}
        self.collection.update_one({"_id": inbox.owner.code}, {"$max": raised}, upsert=True)

    def _read(self, inbox: Inbox) -> Position:
        found = self.collection.find_one({"_id": inbox.owner.code})
        return Position(found.get("numbers", {}), found["note"]) if found else Position()

    def _answer(self, inbox: Inbox, items: list[Item], position: Position, next: str | None) -> dict[str, Any]:
        read = self._read(inbox)
        shown = [{**item, "read": read.holds(item)} for item in items]
        return {
            "subscriber": inbox.owner.code,
            "items": shown,
            "position": str(position),
            "unread": self._unread(inbox, read),
            "next": next,
        }

    def _unread(self, inbox: Inbox, read: Position) -> int:
        own = notes.last(inbox.owner.code) - read.note
        last = matters.last(inbox.topics)
        behind = (self._in_order(topic, read.number(topic)) for topic in inbox.topics if last[topic] > read.number(topic))
        unread = sum(1 for told in itertools.islice(itertools.chain.from_iterable(behind), LOOKED_AT) if inbox.shows(told, story_of))
        return min(unread + own, MOST_UNREAD)

    @staticmethod
    def _in_order(topic: str, after: int) -> Iterator[dict[str, Any]]:
        """The matters of a topic after a number, in order and up to the first hole, a few in memory at a time."""
        while found := matters.after(topic, after, 100):
            yield from found
            after = found[-1]["number"]

    @staticmethod
    def _newest(inbox: Inbox, before: tuple[datetime, str] | None) -> Iterator[Item]:
        told = map(_of_matter, matters.newest(inbox.topics, before)) if inbox.topics else iter(())
        own = map(_of_note, notes.newest(inbox.owner.code, before))
        yield from heapq.merge(told, own, key=lambda item: item["key"], reverse=True)

    @staticmethod
    def _is_shown(inbox: Inbox, item: Item) -> bool:
        return item["topic"] is None or inbox.shows({**item, "announced_at": item["at"]}, story_of)


def newest_of(topics: Iterable[str], shows: Any, limit: int) -> list[dict[str, Any]]:
    """The newest matters of these topics that ``shows`` lets through, at most ``limit``, and no more than one answer holds."""
    page = Page(limit, FEED_BYTES)
    for told in filter(shows, itertools.islice(matters.newest(list(topics)), LOOKED_AT)):
        if not page.takes(told) or page.is_full:
            break
    return page.items


inboxes = Inboxes()


def _of_matter(told: Mapping[str, Any]) -> Item:
    topic, number, at = told["topic"], told["number"], told["announced_at"]
    known = {"id": f"{topic}.{number}", "at": at, "key": (at, f"{topic}_{number}"), "position": None}
    return {**known, "topic": topic, "number": number, "matter": told["matter"], "note": None}


def _of_note(kept: Mapping[str, Any]) -> Item:
    known = {"id": kept["_id"], "at": kept["at"], "key": (kept["at"], kept["_id"]), "position": None}
    return {**known, "topic": None, "number": None, "matter": None, "note": kept["note"], "note_number": kept["number"]}


def _up_to(end: int | None, told: Iterator[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    return told if end is None else itertools.takewhile(lambda each: each["number"] <= end, told)


def _write_cursor(item: Item) -> str:
    at, id = item["key"]
    return f"{round(at.timestamp() * 1000)}~{id}"


def _read_cursor(text: str) -> tuple[datetime, str]:
    milliseconds, _, id = text.partition("~")
    try:
        return datetime.fromtimestamp(int(milliseconds) / 1000, UTC), id
    except (ValueError, OverflowError, OSError) as error:
        raise Refusal.invalid("before", "This cursor was not given by us.", rule="cursor", accepted="the next of a page") from error
