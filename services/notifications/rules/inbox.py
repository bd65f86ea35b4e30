"""What a subscriber fetches for itself: its inbox and its feeds are matters looked at through its subscriptions, never copies of them."""

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from services.kernel import Actor, Composition, Refusal
from services.notifications.rules.deliveries import Story, may_be_told, topics_ever, wanted
from services.notifications.rules.matters import OF_THE_GROUP, is_for
from services.notifications.rules.rights import RIGHTS, who
from services.notifications.rules.subscribers import CONFIRMED, INBOX, Subscriber, Subscription


@dataclass(frozen=True)
class Position:
    """How far one has come: the number reached in each topic, and the number of the last note. Written as
    ``briefings-3.publications-7.n-2``: by numbers, which have no hole, so that nothing that comes late is passed over."""

    numbers: Mapping[str, int] = field(default_factory=dict)
    note: int = 0

    @classmethod
    def read(cls, text: str, name: str) -> "Position":
        """The position that was written so. Refuses, at the field ``name``, what no position of ours looks like."""
        parts = [re.fullmatch(r"([a-z]+)-(0|[1-9][0-9]{0,15})", part) for part in text.split(".")] if text else []
        numbers = {part[1]: int(part[2]) for part in parts if part is not None}
        if len(numbers) != len(parts):
            raise Refusal.invalid(name, "This position was not given by us.", rule="position", accepted="the position of an answer")
        return cls({topic: number for topic, number in numbers.items() if topic != "n"}, numbers.get("n", 0))

    def __str__(self) -> str:
        return ".".join([*(f"{topic}-{number}" for topic, number in sorted(self.numbers.items())), f"n-{self.note}"])

    def number(self, topic: str) -> int:
        return self.numbers.get(topic, 0)

    def beyond(self, other: "Position") -> "Position":
        """The further of both, in each topic."""
        numbers = {topic: max(self.number(topic), other.number(topic)) for topic in {*self.numbers, *other.numbers}}
        return Position(numbers, max(self.note, other.note))

    def with_item(self, item: Mapping[str, Any]) -> "Position":
        """The position once an item (``topic`` and ``number``, or ``note_number``) was seen."""
        if item["topic"] is None:
            return Position(self.numbers, max(self.note, item["note_number"]))
        return Position({**self.numbers, item["topic"]: max(self.number(item["topic"]), item["number"])}, self.note)

    def holds(self, item: Mapping[str, Any]) -> bool:
        """Whether an item lies within what was reached."""
        if item["topic"] is None:
            return item["note_number"] <= self.note
        return item["number"] <= self.number(item["topic"])


@dataclass(frozen=True)
class Inbox:
    """What one subscriber's inbox shows as of ``at``. ``group``: what is known of the Group; None where nothing of its own is asked for."""

    owner: Subscriber
    at: datetime
    group: Composition | None = None

    @property
    def asked(self) -> list[Subscription]:
        return [s for s in self.owner.subscriptions if s.channel == INBOX and s.state == CONFIRMED]

    @property
    def topics(self) -> list[str]:
        """Those that its subscriptions ask for, or did before they were changed."""
        return sorted({topic for s in self.asked for topic in topics_ever(s)})

    @property
    def decided_by(self) -> tuple[Any, ...]:
        """All that decides what it shows, besides a matter and its story: while this is equal a matter is shown, or is not, as before."""
        return self.asked, self.owner.addressees, self.group, self.group and self.group.members(self.at)

    @property
    def silent(self) -> dict[str, datetime]:
        """The topics of its subscriptions that are silent now, with since when: resumed with catching up, they show what came since."""
        paused = sorted(((s.silent_since, s) for s in self.asked if s.silent_since is not None), key=lambda each: each[0], reverse=True)
        return {topic: since for since, s in paused for topic in topics_ever(s)}

    def shows(self, told: Mapping[str, Any], story: Callable[[str, Mapping[str, Any]], Story | None] = lambda *_: None) -> bool:
        """Whether a matter, with its ``topic`` and ``announced_at``, is there: wanted then, and for this subscriber, who belonged then
        and still does where it is the Group's own. ``story``: gives what went before a matter, where that counts."""
        topic, matter, announced_at = told["topic"], told["matter"], told["announced_at"]
        members: Collection[str] = ()
        if topic in OF_THE_GROUP and self.group is not None:
            members = set(self.group.members(announced_at)).intersection(self.group.members(self.at))
        if not may_be_told(self.owner, topic, matter, members):
            return False
        if any(subscription.wants(topic, matter, announced_at) for subscription in self.asked):
            return True
        before = story(topic, matter)
        return before is not None and any(wanted(self.owner, asked, topic, matter, announced_at, before) for asked in self.asked)


def must_be_own(owner: Subscriber, by: Actor) -> None:
    """Refuse anyone but a subscriber's own people to say what they have read."""
    RIGHTS.must("mark_read", who(by, owner))


def in_feed(
    reader: Subscriber,
    subscription: Subscription,
    told: Mapping[str, Any],
    story: Callable[[str, Mapping[str, Any]], Story | None] = lambda *_: None,
) -> bool:
    """Whether a matter stands in a feed: public, and asked for. A new feed shows what was announced before it too, as a calendar must show
    what is to come; what fell into a silence it does not. What it showed it changes and cancels too:
    ``story`` gives what went before."""
    topic, matter = told["topic"], told["matter"]
    if subscription.confirmed_at is None or not is_for(topic, matter, ()):
        return False
    at = max(told["announced_at"], subscription.confirmed_at)
    return subscription.wants(topic, matter, at) or wanted(reader, subscription, topic, matter, at, story(topic, matter))
