"""Inboxes: matters and notes, merged as one subscriber reads them, and how far it has read."""

import functools
import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from mongoengine import DictField, Document, IntField, StringField

from services.kernel import Refusal
from services.notifications import rules
from services.notifications.rules.inbox import Inbox, Position
from services.notifications.store.attendance import attendances
from services.notifications.store.matters import Page, matters
from services.notifications.store.notes import notes

LOOKED_AT = 2_000
"""Matters that are looked at for one page; a page of what is rarely asked for ends there, and the next one goes on."""

MOST_UNREAD = 1_000
"""Above this many, so many are said to be unread."""

LOOKED_UP, COUNTED = 100, 1_000
"""Matters whose stories are looked up together: of those to be shown, and of those to be counted, of which little is read."""

REMEMBERED = 1_000
"""Inboxes of which a process remembers what was counted."""

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


class Stories:
    """What went before matters, as one reader's question needs it: for many matters at a time, and once for each briefing."""

    def __init__(self, reader: str) -> None:
        self._reader = reader
        self._versions: dict[str, list[dict[str, Any]]] = {}

    def learned(self, those: Iterable[Item], together: int = LOOKED_UP) -> Iterator[Item]:
        """These, each with its ``topic`` and ``matter``, of which the stories are known when they come."""
        coming = iter(those)
        while some := list(itertools.islice(coming, together)):
            moving = (one["matter"]["data"]["briefing"] for one in some if one["matter"] and rules.has_story(one["topic"], one["matter"]))
            if unknown := set(moving) - self._versions.keys():
                self._versions |= {briefing: [] for briefing in unknown}
                for told in matters.versions(unknown):
                    self._versions[told["matter"]["data"]["briefing"]].append(told)
            yield from some

    def of(self, topic: str, matter: Mapping[str, Any]) -> rules.Story | None:
        """The story of a matter among those learned, with the reader for its only guest; None where it has none that counts."""
        if not rules.has_story(topic, matter):
            return None
        briefing, revision = matter["data"]["briefing"], matter["data"]["revision"]
        before = (told for told in self._versions[briefing] if told["matter"]["data"]["revision"] < revision)
        earlier = [(told["matter"], told["announced_at"]) for told in before]
        return rules.Story(earlier, {self._reader} if briefing in self.replied else ())

    @functools.cached_property
    def replied(self) -> frozenset[str]:
        """The briefings whose guest the reader is."""
        return frozenset(attendances.replied(self._reader))


@dataclass(frozen=True)
class Counted:
    """How many matters were ``unread`` up to a number of each topic. ``by``: all that decided it but the matters, which never change."""

    by: tuple[Any, ...]
    numbers: Mapping[str, int]
    unread: int = 0


class Inboxes:
    """The inboxes of all subscribers. What was counted is remembered here, so that only what came since is looked at: a stream asks
    again and again, and mostly nothing has come."""

    def __init__(self) -> None:
        self._counted: dict[str, Counted] = {}

    @property
    def collection(self):
        return ReadDocument._get_collection()

    def page(self, inbox: Inbox, before: str | None, limit: int) -> dict[str, Any]:
        """The newest items, or those before a page's ``next``."""
        beyond, page, stories = _read_cursor(before) if before else None, Page(limit), Stories(inbox.owner.code)
        last: Item | None = None
        for looked, item in enumerate(stories.learned(self._newest(inbox, beyond))):
            if page.is_full or looked == LOOKED_AT or (_is_shown(inbox, item, stories) and not page.takes(item)):
                break
            last = item
        else:
            last = None  # there is no more
        return self._answer(inbox, page.items, self.position(inbox), next=_write_cursor(last) if last else None)

    def after(self, inbox: Inbox, since: str, limit: int) -> dict[str, Any]:
        """What came after a position, oldest first, each with the position that it reaches; and the one that all of it reaches."""
        position, page, stories = Position.read(since, "since"), Page(limit), Stories(inbox.owner.code)
        last = matters.last(inbox.topics)
        behind = [topic for topic in inbox.topics if last[topic] > position.number(topic)]
        ends = self._ends(inbox)
        ordered = {topic: self._in_order(topic, position.number(topic)) for topic in behind}
        streams = [map(_of_matter, _up_to(ends.get(topic), told)) for topic, told in ordered.items()]
        streams.append(map(_of_note, notes.after(inbox.owner.code, position.note, limit + 1)))  # one more tells that there are more
        more = False
        for looked, item in enumerate(stories.learned(heapq.merge(*streams, key=lambda item: item["key"]))):
            reached = position.with_item(item)
            shown = {**item, "position": str(reached)}
            if page.is_full or looked == LOOKED_AT or (_is_shown(inbox, item, stories) and not page.takes(shown)):
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
            "unread": min(self._unread(inbox, read) + notes.last(inbox.owner.code) - read.note, MOST_UNREAD),
            "next": next,
        }

    def _unread(self, inbox: Inbox, read: Position) -> int:
        """How many matters are unread, ``MOST_UNREAD`` at most."""
        code, reached, stories = inbox.owner.code, matters.reached(inbox.topics), Stories(inbox.owner.code)
        by = (read.numbers, stories.replied, *inbox.decided_by)
        known = self._counted.get(code)
        if known is None or known.by != by:
            known = Counted(by, read.numbers)
        spans = [(topic, after, end) for topic, end in reached.items() if end > (after := known.numbers.get(topic, 0))]
        if spans and known.unread < MOST_UNREAD:
            came = itertools.chain.from_iterable(matters.between(*span) for span in spans)
            shown = (told for told in stories.learned(came, COUNTED) if inbox.shows(told, stories.of))
            more = sum(1 for _ in itertools.islice(shown, MOST_UNREAD - known.unread))
            while len(self._counted) >= REMEMBERED:
                self._counted.pop(next(iter(self._counted)))
            known = self._counted[code] = Counted(by, {**known.numbers, **reached}, known.unread + more)
        return known.unread

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


def newest_of(topics: Iterable[str], shows: Callable[..., bool], limit: int, reader: str = "") -> list[dict[str, Any]]:
    """The newest matters of these topics that ``shows`` lets through, at most ``limit``, and no more than one answer holds. ``shows``: is
    given a matter, and what gives its story to the ``reader``."""
    page, stories = Page(limit, FEED_BYTES), Stories(reader)
    for told in stories.learned(itertools.islice(matters.newest(list(topics)), LOOKED_AT)):
        if shows(told, stories.of) and (not page.takes(told) or page.is_full):
            break
    return page.items


inboxes = Inboxes()


def _is_shown(inbox: Inbox, item: Item, stories: Stories) -> bool:
    return item["topic"] is None or inbox.shows({**item, "announced_at": item["at"]}, stories.of)


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
